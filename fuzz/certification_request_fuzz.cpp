// Any bytes as a certification request. Signatures always verify here, so that what follows them is reached.
#include "work_meter.h"

#include <bulla/pki.h>

#include <cstdlib>

namespace {

const bulla::Provider& credulous_provider() {
  static const bulla::Provider provider = [] {
    bulla::Provider out = bulla::default_provider();
    out.signing.verify = [](std::span<bulla::VerifyJob> jobs) noexcept {
      for (bulla::VerifyJob& job : jobs) job.ok = true;
    };
    return out;
  }();
  return provider;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto request = bulla::fuzz::within(bulla::fuzz::parser_budget, size, [&] {
    return bulla::pki::CertificationRequest::from_pem_or_der({data, size}, credulous_provider());
  });
  if (!request) return 0;
  (void)request->subject();
  // What was accepted as a name is one: it goes into certificates as it is.
  for (const bulla::pki::AltName& name : request->names())
    if (const auto again = bulla::pki::AltName::parse(name.text()); !again || *again != name) std::abort();
  return 0;
}
