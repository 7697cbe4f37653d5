// Any bytes as a private key. Encrypted ones are looked at as far as the passphrase: what the key derivation
// costs is bounded elsewhere, and is not what a fuzzer should spend its time on.
#include "base/assert.h"

#include <bulla/pki.h>

using namespace bulla;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto pair = pki::KeyPair::load({data, size});
  if (!pair) {
    BULLA_ASSERT(pair.error().code != ErrorCode::internal, "no input is a fault of ours");
    return 0;
  }
  const SecretBytes written = pair->to_pkcs8();
  const auto again = pki::KeyPair::load(written.reveal());
  BULLA_ASSERT(again.ok() && equal_vartime(again->to_pkcs8().reveal(), written.reveal()),
               "what we write we read");
  BULLA_ASSERT(pki::encode_public_key(again->public_key()) == pki::encode_public_key(pair->public_key()),
               "with the same public key");
  return 0;
}
