// Any bytes as a certification request. Signatures always verify here, so that what follows them is reached.
#include "support/credulous_provider.h"
#include "work_meter.h"

#include <bulla/pki.h>

#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto request = bulla::fuzz::within(bulla::fuzz::parser_budget, size, [&] {
    return bulla::pki::CertificationRequest::from_pem_or_der({data, size}, bulla::test::credulous_provider());
  });
  if (!request) return 0;
  (void)request->subject();
  // What was accepted as a name is one: it goes into certificates as it is.
  for (const bulla::pki::AltName& name : request->names())
    if (const auto again = bulla::pki::AltName::parse(name.text()); !again || *again != name) std::abort();
  return 0;
}
