// Any bytes as an OCSP request: what is accepted is answered, and the answer is for what was asked.
#include "status_world.h"
#include "work_meter.h"

using namespace bulla;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto request =
      fuzz::within(fuzz::parser_budget, size, [&] { return OcspRequest::from_der({data, size}); });
  if (!request) return 0;
  BULLA_ASSERT(request->size() >= 1 && request->size() <= 256, "as many certificates as may be asked about");
  BULLA_ASSERT(request->nonce().size() <= 128, "a nonce has at most 128 bytes");
  const fuzz::StatusWorld& world = fuzz::StatusWorld::the();
  test::SeededRandom random(2);
  const auto response = world.authority.ocsp_response(
      *request,
      {.status_of = [](std::string_view) { return pki::OcspAnswer{.status = RevocationStatus::good}; },
       .this_update = fuzz::now,
       .next_update = fuzz::now + std::chrono::hours(1)},
      {.now = fuzz::now, .random = &random, .provider = &builtin_provider()});
  BULLA_ASSERT(response.ok(), "every request is answered");
  if ((*response)->status() != OcspResponseStatus::successful) return 0;
  BULLA_ASSERT((*response)->size() == request->size(), "an answer for each");
  BULLA_ASSERT(equal_vartime((*response)->nonce(), request->nonce()), "the nonce comes back");
  for (size_t i = 0; i < request->size(); ++i) {
    const OcspStatus answer = (*response)->answer(i);
    const bool ours = request->is_issued_by(i, world.authority.certificate(), builtin_provider());
    BULLA_ASSERT(answer.serial == request->serial(i), "in the order of the request");
    BULLA_ASSERT((answer.status == RevocationStatus::good) == ours, "of other CAs nothing is known");
  }
  return 0;
}
