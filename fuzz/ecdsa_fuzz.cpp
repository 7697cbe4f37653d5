// Any bytes as a point, a private scalar, a signature: our curves and libcrypto's give the same answer, and a
// signature that is read is written in the same way.
#include "base/assert.h"
#include "base/reader.h"
#include "crypto/ecdsa/der.h"
#include "crypto/ecdsa/ecdsa.h"
#include "crypto/p256/p256.h"
#include "crypto/p384/p384.h"

#include <bulla/openssl_provider.h>

using namespace bulla;

namespace {

void check_exchange(const GroupAlgorithm& group, const SecretBytes& d, Bytes share) {
  const GroupAlgorithm& other = *openssl_provider().group(group.id);
  DecapsulateJob ours{.private_key = &d, .peer_share = share}, theirs{.private_key = &d, .peer_share = share};
  group.decapsulate({&ours, 1});
  other.decapsulate({&theirs, 1});
  BULLA_ASSERT(ours.ok == theirs.ok && equal_vartime(ours.secret.reveal(), theirs.secret.reveal()),
               "both providers agree about a share");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Reader input({data, size});
  constexpr KeyType types[] = {KeyType::ec_p256, KeyType::ec_p384, KeyType::ec_p521};
  constexpr SignatureAlgorithm algorithms[] = {
      SignatureAlgorithm::ecdsa_sha256, SignatureAlgorithm::ecdsa_sha384, SignatureAlgorithm::ecdsa_sha512};
  const uint8_t choice = input.u8();
  const KeyType type = types[choice % 3];
  const Bytes point = input.u8_bytes(), scalar = input.u8_bytes(), message = input.u8_bytes();
  const Bytes signature = input.rest();

  const auto numbers = crypto::ecdsa::read_signature(signature);
  if (!numbers.r.empty()) {
    const auto again = crypto::ecdsa::write_signature(numbers.r, numbers.s);
    BULLA_ASSERT(equal_vartime(again, signature), "a signature has one form");
  }
  const PublicKeyView key{.type = type, .point = point};
  VerifyJob job{
      .key = &key, .algorithm = algorithms[choice / 3 % 3], .message = message, .signature = signature};
  openssl_provider().signing.verify({&job, 1});
  BULLA_ASSERT(crypto::verify_ecdsa_vartime(key, job.algorithm, message, signature) == job.ok,
               "both providers agree about a signature");

  PrivateKeyMaterial material{.type = type};
  material.scalar = SecretBytes(scalar);
  const auto ours = crypto::load_ecdsa(material), theirs = openssl_provider().signing.load(material);
  BULLA_ASSERT(ours.ok() == theirs.ok(), "both providers agree about a private key");
  if (ours.ok())
    BULLA_ASSERT(equal_vartime((*ours)->public_key().point, (*theirs)->public_key().point),
                 "both providers compute the same public key");
  if (type == KeyType::ec_p256)
    check_exchange(*crypto::p256_kernels().back().algorithm, material.scalar, point);
  if (type == KeyType::ec_p384)
    check_exchange(*crypto::p384_kernels().back().algorithm, material.scalar, point);
  return 0;
}
