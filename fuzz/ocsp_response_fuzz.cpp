// Any bytes as an OCSP response, stapled to a path.
#include "status_world.h"
#include "work_meter.h"

using namespace bulla;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes input = {data, size};
  const fuzz::StatusWorld& world = fuzz::StatusWorld::the();
  const auto result = world.verify(RevocationPolicy::if_known, {}, input);
  if (!result) {
    BULLA_ASSERT(!result.error().detail.empty(), "a refusal has its evidence");
    fuzz::check_printable(result.error().detail);
  }
  const auto response =
      fuzz::within(fuzz::parser_budget, size, [&] { return OcspResponse::from_der(input); });
  BULLA_ASSERT(response.ok() || input.empty() || !result.ok(), "a staple that cannot be parsed is bad");
  if (!response) return 0;
  fuzz::check_printable((*response)->responder());
  BULLA_ASSERT((*response)->nonce().size() <= 128, "a nonce has at most 128 bytes");
  for (size_t i = 0; i < (*response)->size() && i < 64; ++i) (void)(*response)->answer(i);
  const auto status =
      (*response)->verify(*world.leaf, world.authority.certificate(), fuzz::now, test::credulous_provider());
  const bool good = status.ok() && status->status == RevocationStatus::good;
  BULLA_ASSERT(good == result.ok(), "stapled or asked for, a response says the same");
  BULLA_ASSERT(!status.ok() || status->serial == world.leaf->serial(), "an answer is for the certificate");
  return 0;
}
