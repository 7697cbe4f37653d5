// Any bytes as a certificate, a revocation list or a certification request, ours beside libcrypto's: both
// accept or both refuse, or tests/pki/libcrypto_parse.h explains why not. The first byte chooses.
#include <openssl/x509.h>

#include "base/assert.h"
#include "pki/libcrypto_parse.h"

#include "asn1/pem.h"

#include <cstdio>

using namespace bulla;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const Bytes input(data + 1, size - 1);
  if (asn1::looks_like_pem(input)) return 0;  // a request is looked for in it
  const test::Judged judged = test::judge(static_cast<test::Kind>(data[0] % 3), input);
  if (!judged.differ() || test::is_explained(judged)) return 0;
  std::fprintf(stderr, "only %s accepts: %s\n", judged.ours ? "ours" : "libcrypto", judged.why.c_str());
  BULLA_ASSERT(false, "a difference that nobody has explained");
  return 0;
}
