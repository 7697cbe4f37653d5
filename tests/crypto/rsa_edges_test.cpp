// Public keys and encodings at which just one check stands between a signature and its acceptance: the
// equation holds for all that is refused here.
#include "crypto/rsa_material.h"

namespace bulla::test {
namespace {

using crypto::rsa::load_private_key;
using crypto::rsa::PrivateKey;
using enum SignatureAlgorithm;

/// A key whose primes are known without searching: 2^521 - 1 and 2^607 - 1, both 3 mod 4.
struct MersenneKey {
  SimpleNumber p = SimpleNumber::power_of_two(521) - 1, q = SimpleNumber::power_of_two(607) - 1, n = p * q;
  ByteVector modulus = n.bytes();

  /// PKCS#1's encoding of a message.
  ByteVector encoding(Bytes message) const {
    ByteVector out(modulus.size());
    EXPECT_TRUE(crypto::rsa::pkcs1_encode(HashId::sha256,
                                          crypto::rsa::digest_of(rsa_pkcs1_sha256, message).view(), out));
    return out;
  }
  /// The square root modulo one prime, if there is one: x^((p + 1)/4), and p + 1 is a power of two.
  static std::optional<SimpleNumber> root(const SimpleNumber& x, const SimpleNumber& prime, size_t log) {
    SimpleNumber out = x % prime;
    for (size_t i = 0; i < log - 2; ++i) out = out * out % prime;
    if (!(out * out % prime == x % prime)) return std::nullopt;
    return out;
  }
  /// The square root modulo n.
  std::optional<SimpleNumber> root(const SimpleNumber& x) const {
    const auto mod_p = root(x, p, 521), mod_q = root(x, q, 607);
    if (!mod_p || !mod_q) return std::nullopt;
    const SimpleNumber h = (*mod_p + p - *mod_q % p) * simple_inverse(q, p) % p;
    return *mod_q + q * h;
  }
  /// Whether a signature verifies under an exponent; both providers must agree.
  bool verifies(const ByteVector& exponent, Bytes message, const SimpleNumber& signature) const {
    const PublicKeyView key{.type = KeyType::rsa, .modulus = modulus, .exponent = exponent};
    const ByteVector bytes = to_size(signature.bytes(), modulus.size());
    return verified_by_all(key, rsa_pkcs1_sha256, message, bytes);
  }
};

// With e = 2 a signature is a square root; the equation holds for it, so that only the exponent can be
// refused.
TEST(RsaExponents, even_ones_verify_nothing) {
  const MersenneKey key;
  size_t roots = 0;
  for (uint8_t i = 0; i < 40 && roots < 1; ++i) {
    const ByteVector message = {i};
    const SimpleNumber encoded = SimpleNumber::of_bytes(key.encoding(message));
    const auto signature = key.root(encoded);
    if (!signature) continue;
    ASSERT_EQ(*signature * *signature % key.n, encoded);
    EXPECT_FALSE(key.verifies({2}, message, *signature));
    ++roots;
  }
  EXPECT_EQ(roots, 1u);
}

// e and e + lcm(p - 1, q - 1) are the same to the equation; FIPS 186-5 §A.1.1 ends at 256 bits.
TEST(RsaExponents, long_ones_verify_nothing) {
  const MersenneKey key;
  const SimpleNumber p1 = key.p - 1, q1 = key.q - 1, order = p1 * q1 / simple_gcd(p1, q1), e = 65537;
  const ByteVector message = {1};
  const PrivateKey loaded = load_private_key(material_of(key.p, key.q, e)).value();
  const SimpleNumber signature = SimpleNumber::of_bytes(raw_signature(loaded, key.encoding(message)));
  EXPECT_TRUE(key.verifies(e.bytes(), message, signature));
  EXPECT_FALSE(key.verifies((e + order).bytes(), message, signature));
  // One of 256 bits is not too long.
  const SimpleNumber longest = SimpleNumber::power_of_two(256) - 189;
  const PrivateKey other = load_private_key(material_of(key.p, key.q, longest)).value();
  EXPECT_TRUE(key.verifies(longest.bytes(), message,
                           SimpleNumber::of_bytes(raw_signature(other, key.encoding(message)))));
}

// RFC 8017 §8.1.2 step 2c: a modulus of 8k + 1 bits leaves an encoding a byte shorter, and that byte is zero.
TEST(RsaPss, a_byte_in_front_of_the_encoding_is_refused) {
  const SimpleNumber p = number_of(key_of_bits(2048).prime1), q = SimpleNumber::power_of_two(521) - 1;
  const PrivateKeyMaterial material = material_of(p, q, 65537);
  const PrivateKey key = load_private_key(material).value();
  ASSERT_EQ(key.n.bits(), 1545u);
  const PublicKeyView view{.type = KeyType::rsa, .modulus = material.modulus, .exponent = material.exponent};
  const crypto::rsa::Digest digest = crypto::rsa::digest_of(rsa_pss_sha256, {});
  size_t tried = 0;
  for (uint8_t i = 0; i < 100 && tried < 3; ++i) {
    ByteVector encoded(material.modulus.size());
    ASSERT_TRUE(crypto::rsa::pss_encode(crypto::rsa::hash_of(rsa_pss_sha256), digest.view(),
                                        ByteVector(32, i), 1545, MutBytes(encoded).subspan(1)));
    for (const uint8_t front : {uint8_t{0}, uint8_t{1}}) {
      encoded[0] = front;
      const ByteVector signature = raw_signature(key, encoded);
      if (signature.empty()) continue;  // not below the modulus
      EXPECT_EQ(verified_by_all(view, rsa_pss_sha256, {}, signature), front == 0);
      tried += front;
    }
  }
  EXPECT_EQ(tried, 3u);
}

}  // namespace
}  // namespace bulla::test
