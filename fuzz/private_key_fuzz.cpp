// Any bytes as a private key. Encrypted ones are opened as well, as far as the derivation is cheap: a
// passphrase that is wrong, unless the input is of ours, which the seeds are.
#include "asn1/pem.h"
#include "base/assert.h"
#include "work_meter.h"
#include "x509/private_key.h"

#include <bulla/pki.h>

using namespace bulla;

namespace {

/// A millisecond at most.
constexpr x509::KeyFileLimits cheap = {
    .pbkdf2_iterations = 1000, .scrypt_memory = uint64_t{1} << 18, .scrypt_work = 1024};

void open_encrypted(Bytes der) {
  const auto plain = x509::decrypt_pkcs8(der, "correct-horse", default_provider(), cheap);
  if (plain)
    BULLA_ASSERT(plain->size() < der.size(), "what is inside is smaller");
  else
    BULLA_ASSERT(plain.error().code != ErrorCode::internal, "no input is a fault of ours");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes input(data, size);
  open_encrypted(input);
  if (const auto blocks = asn1::decode_pem(input))
    for (const asn1::PemBlock& block : *blocks) open_encrypted(block.content.reveal());

  const auto pair = fuzz::within(fuzz::opening_budget, size, [&] { return pki::KeyPair::load(input); });
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
