// RSA keys from their primes, for tests.
#pragma once

#include "crypto/bignum/gcd.h"
#include "crypto/one_shot.h"
#include "crypto/rsa/impl.h"
#include "crypto/simple_number.h"
#include "support/witness.h"

#include <map>
#include <random>

namespace bulla::test {

/// A copy; the secrets inside are cloned.
inline PrivateKeyMaterial copy_of(const PrivateKeyMaterial& m) {
  return {.type = m.type,
          .modulus = m.modulus,
          .exponent = m.exponent,
          .private_exponent = m.private_exponent.clone(),
          .prime1 = m.prime1.clone(),
          .prime2 = m.prime2.clone(),
          .exponent1 = m.exponent1.clone(),
          .exponent2 = m.exponent2.clone(),
          .coefficient = m.coefficient.clone(),
          .pss_hash = m.pss_hash,
          .scalar = m.scalar.clone(),
          .point = m.point};
}

/// 1/a mod n.
inline SimpleNumber simple_inverse(const SimpleNumber& a, const SimpleNumber& n) {
  crypto::bignum::SecretLimbs out(n.limb_count());
  EXPECT_EQ(crypto::bignum::inverse(out, (a % n).limbs(out.size()), n.limbs(out.size())).bit(), 1u);
  return SimpleNumber::of(out);
}

/// All eight numbers; `d` is taken as it is, or 1/e mod (p - 1)(q - 1) where it is 0.
inline PrivateKeyMaterial material_of(const SimpleNumber& p, const SimpleNumber& q, const SimpleNumber& e,
                                      SimpleNumber d = {}) {
  const SimpleNumber p1 = p - 1, q1 = q - 1;
  if (d.is_zero()) d = simple_inverse(e, p1 * q1);
  PrivateKeyMaterial m{.type = KeyType::rsa};
  m.modulus = (p * q).bytes();
  m.exponent = e.bytes();
  m.private_exponent = SecretBytes(d.bytes());
  m.prime1 = SecretBytes(p.bytes());
  m.prime2 = SecretBytes(q.bytes());
  m.exponent1 = SecretBytes((d % p1).bytes());
  m.exponent2 = SecretBytes((d % q1).bytes());
  m.coefficient = SecretBytes(p == q ? ByteVector{1} : simple_inverse(q, p).bytes());
  return m;
}

inline SimpleNumber number_of(const SecretBytes& secret) {
  return SimpleNumber::of_bytes(secret.reveal());
}

/// RSASP1 on an encoding of any shape; empty if it is refused.
inline ByteVector raw_signature(const crypto::rsa::PrivateKey& key, Bytes encoded) {
  ByteVector out(encoded.size());
  if (!crypto::rsa::private_operation(key, *builtin_provider().random, encoded, out)) return {};
  return out;
}

inline bool verify_with(const Provider& provider, const PublicKeyView& key, SignatureAlgorithm algorithm,
                        Bytes message, Bytes signature) {
  VerifyJob job{.key = &key, .algorithm = algorithm, .message = message, .signature = signature};
  provider.signing.verify({&job, 1});
  return job.ok;
}

/// What the builtin provider says; the witness must say the same.
inline bool verified_by_all(const PublicKeyView& key, SignatureAlgorithm algorithm, Bytes message,
                            Bytes signature) {
  const bool ok = verify_with(builtin_provider(), key, algorithm, message, signature);
  if (witness()) {
    EXPECT_EQ(verify_with(*witness(), key, algorithm, message, signature), ok);
  }
  return ok;
}

inline constexpr SignatureAlgorithm rsa_algorithms[] = {
    SignatureAlgorithm::rsa_pkcs1_sha256, SignatureAlgorithm::rsa_pkcs1_sha384,
    SignatureAlgorithm::rsa_pkcs1_sha512, SignatureAlgorithm::rsa_pss_sha256,
    SignatureAlgorithm::rsa_pss_sha384,   SignatureAlgorithm::rsa_pss_sha512};

/// The same bytes for the same seed.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : source_(seed) {}
  void fill(MutBytes out) noexcept override {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(source_());
  }

 private:
  std::mt19937_64 source_;
};

/// A fresh key; made once.
inline const PrivateKeyMaterial& key_of_bits(unsigned bits) {
  static std::map<unsigned, PrivateKeyMaterial> keys;
  const auto found = keys.find(bits);
  if (found != keys.end()) return found->second;
  auto made = builtin_provider().signing.generate(KeyType::rsa, bits, *builtin_provider().random);
  return keys.emplace(bits, *std::move(made)).first->second;
}

}  // namespace bulla::test
