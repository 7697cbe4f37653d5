// Verification (RFC 8017 §8.1.2, §8.2.2). All of it is public.
#include "crypto/rsa/impl.h"
#include "crypto/rsa/rsa.h"

#include <algorithm>
#include <bit>

namespace bulla::crypto {
namespace rsa {

using bignum::limbs_for;
using bignum::SecretLimbs;

const char* public_key_defect(Bytes modulus, Bytes exponent) noexcept {
  if (modulus.empty() || modulus[0] == 0) return "the modulus is empty or has leading zeros";
  if (modulus.size() < min_modulus_bits / 8 || (modulus.size() == min_modulus_bits / 8 && modulus[0] < 0x80))
    return "the modulus has less than 1024 bits";
  if (modulus.size() > max_modulus_bytes) return "the modulus has more than 8192 bits";
  if ((modulus.back() & 1) == 0) return "the modulus is even";
  if (exponent.empty() || exponent[0] == 0) return "the public exponent is empty or has leading zeros";
  if (exponent.size() > max_exponent_bytes) return "the public exponent has more than 256 bits";
  if ((exponent.back() & 1) == 0) return "the public exponent is even";
  if (exponent.size() == 1 && exponent[0] == 1) return "the public exponent is 1";
  return nullptr;
}

bool public_operation_vartime(Bytes modulus, Bytes exponent, Bytes signature, MutBytes encoded,
                              const bignum::Montgomery& kernel) {
  if (signature.size() != modulus.size() || encoded.size() != modulus.size()) return false;
  SecretLimbs m(limbs_for(modulus.size())), s(m.size());
  bignum::load(m, modulus);
  bignum::load(s, signature);
  if (bignum::is_less(s, m).bit() == 0) return false;
  const bignum::Modulus n(m, kernel);
  SecretLimbs base(m.size());
  n.to_montgomery(base, s);
  n.power_vartime(s, base, exponent);
  n.from_montgomery(s, s);
  bignum::store(encoded, s);
  return true;
}

bool verify_digest_vartime(const PublicKeyView& key, SignatureAlgorithm algorithm, Bytes digest,
                           Bytes signature, const bignum::Montgomery& kernel) {
  const HashAlgorithm& hash = hash_of(algorithm);
  if (public_key_defect(key.modulus, key.exponent) || digest.size() != hash.digest_size) return false;
  const size_t size = key.modulus.size();
  std::array<uint8_t, max_modulus_bytes> room;
  const MutBytes encoded = MutBytes(room).first(size);
  if (!public_operation_vartime(key.modulus, key.exponent, signature, encoded, kernel)) return false;
  if (!is_pss(algorithm)) {
    // RFC 8017 §8.2.2 steps 3 and 4: encodes the digest and compares; nothing of the padding is parsed.
    std::array<uint8_t, max_modulus_bytes> expected;
    return pkcs1_encode(hash.id, digest, MutBytes(expected).first(size)) &&
           std::equal(encoded.begin(), encoded.end(), expected.begin());
  }
  const size_t bits = 8 * size - static_cast<size_t>(std::countl_zero(key.modulus[0]));
  // §8.1.2 step 2c: where the encoding is a byte shorter than the modulus, that byte is zero.
  if (pss_size(bits) < size && encoded[0] != 0) return false;
  return pss_verify_vartime(hash, digest, bits, encoded.last(pss_size(bits)));
}

bool verify_vartime(const PublicKeyView& key, SignatureAlgorithm algorithm, Bytes message, Bytes signature,
                    const bignum::Montgomery& kernel) {
  // Before the message is hashed, which may be long.
  if (public_key_defect(key.modulus, key.exponent) || signature.size() != key.modulus.size()) return false;
  return verify_digest_vartime(key, algorithm, digest_of(algorithm, message).view(), signature, kernel);
}

}  // namespace rsa

bool verify_rsa_vartime(const PublicKeyView& key, SignatureAlgorithm algorithm, Bytes message,
                        Bytes signature) {
  return rsa::verify_vartime(key, algorithm, message, signature);
}

}  // namespace bulla::crypto
