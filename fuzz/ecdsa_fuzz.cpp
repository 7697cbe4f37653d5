// Any bytes as a point, a private scalar, a signature of ECDSA, and signatures that are right before a bit of
// them is altered: our curves and libcrypto's give the same answer, kernels the same numbers, and a signature
// that is read is written in the same way.
#include "crypto/ecdsa/curve.h"
#include "crypto/ecdsa/der.h"
#include "crypto/ecdsa/ecdsa.h"
#include "kernels.h"

#include <bulla/openssl_provider.h>

using namespace bulla;
using namespace bulla::fuzz;

namespace {

bool verdict(const PublicKeyView& key, SignatureAlgorithm algorithm, Bytes message, Bytes signature) {
  VerifyJob job{.key = &key, .algorithm = algorithm, .message = message, .signature = signature};
  openssl_provider().signing.verify({&job, 1});
  BULLA_ASSERT(crypto::verify_ecdsa_vartime(key, algorithm, message, signature) == job.ok,
               "both providers agree about a signature");
  return job.ok;
}

/// Signs, alters a bit of point, message or signature as `how` says, and verifies before and after.
void sign_and_alter(const SigningKey& key, SignatureAlgorithm algorithm, Bytes message, size_t how) {
  Source additional(message);
  SignJob job{.algorithm = algorithm, .message = message};
  key.sign(additional, {&job, 1});
  BULLA_ASSERT(job.ok && verdict(key.public_key(), algorithm, message, job.signature), "a key signs");
  ByteVector point = to_vector(key.public_key().point), text = to_vector(message);
  switch (how % 3) {
    case 0: flip(point, how / 3); break;
    case 1: flip(text, how / 3); break;
    default: flip(job.signature, how / 3);
  }
  verdict({.type = key.type(), .point = point}, algorithm, text, job.signature);
}

/// The public key, r and s for a nonce, and what verification says to them.
ByteVector numbers_of(const crypto::EcdsaCurve& curve, Bytes d, Bytes k, Bytes digest) {
  ByteVector point(1 + 2 * curve.size), e(curve.size), r(curve.size), s(curve.size);
  curve.digest_number(digest, e);
  ByteVector out = {curve.public_point(d, point), curve.sign_one(d, k, e, r, s),
                    curve.verify_vartime(point, e, r, s), curve.verify_vartime(point, e, s, r)};
  BULLA_ASSERT(out[1] == 0 || out[2] == 1, "what is signed verifies");
  for (const ByteVector& number : {point, e, r, s}) out.insert(out.end(), number.begin(), number.end());
  return out;
}

/// r and s of several nonces in one call; every third nonce is none.
ByteVector signed_together(const crypto::EcdsaCurve& curve, Bytes d, Bytes k, size_t count) {
  std::vector<ByteVector> nonces(count, to_vector(k)), numbers(2 * count, ByteVector(curve.size));
  std::vector<crypto::EcdsaJob> jobs(count);
  for (size_t i = 0; i < count; ++i) {
    nonces[i].back() ^= static_cast<uint8_t>(i);
    if (i % 3 == 2) nonces[i].assign(curve.size, 0);
    jobs[i] = {.k = nonces[i], .e = k, .r = numbers[2 * i], .s = numbers[2 * i + 1]};
  }
  curve.sign(d, jobs);
  ByteVector out;
  for (const crypto::EcdsaJob& job : jobs) out.push_back(job.ok);
  for (const ByteVector& number : numbers) out.insert(out.end(), number.begin(), number.end());
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Reader input({data, size});
  constexpr KeyType types[] = {KeyType::ec_p256, KeyType::ec_p384, KeyType::ec_p521};
  constexpr SignatureAlgorithm algorithms[] = {
      SignatureAlgorithm::ecdsa_sha256, SignatureAlgorithm::ecdsa_sha384, SignatureAlgorithm::ecdsa_sha512};
  const std::array tables = {crypto::p256_ecdsa_kernels(), crypto::p384_ecdsa_kernels(),
                             crypto::p521_ecdsa_kernels()};
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
  verdict(key, algorithms[choice / 3 % 3], message, signature);

  PrivateKeyMaterial material{.type = type};
  material.scalar = SecretBytes(scalar);
  const auto ours = crypto::load_ecdsa(material), theirs = openssl_provider().signing.load(material);
  BULLA_ASSERT(ours.ok() == theirs.ok(), "both providers agree about a private key");
  if (ours.ok()) {
    BULLA_ASSERT(equal_vartime((*ours)->public_key().point, (*theirs)->public_key().point),
                 "both providers compute the same public key");
    sign_and_alter(**ours, algorithms[choice / 3 % 3], message, size_t{scalar.back()} * 256 + choice);
  }
  const auto table = tables[choice % 3];
  const ByteVector d = stretched(scalar, table.back().algorithm->size), k = stretched(point, d.size());
  same_of_all(table, [&](const crypto::EcdsaCurve& curve) { return numbers_of(curve, d, k, message); });
  const size_t count = table.front().algorithm->lanes > 1 ? 1 + choice % 17 : 2;
  same_of_all(table, [&](const crypto::EcdsaCurve& curve) { return signed_together(curve, d, k, count); });
  return 0;
}
