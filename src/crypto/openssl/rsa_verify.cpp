// RSA verification (RFC 8017 §8.1.2, §8.2.2) from a public key's two numbers.
#include "crypto/openssl/rsa.h"

#include <openssl/obj_mac.h>

namespace bulla::openssl {

const char* public_key_defect(Bytes modulus, Bytes exponent) noexcept {
  if (modulus.empty() || modulus[0] == 0) return "the modulus is empty or has leading zeros";
  if (modulus.size() < min_rsa_bits / 8 || (modulus.size() == min_rsa_bits / 8 && modulus[0] < 0x80))
    return "the modulus has less than 1024 bits";
  if (modulus.size() > max_rsa_bytes) return "the modulus has more than 8192 bits";
  if ((modulus.back() & 1) == 0) return "the modulus is even";
  if (exponent.empty() || exponent[0] == 0) return "the public exponent is empty or has leading zeros";
  if (exponent.size() > max_exponent_bytes) return "the public exponent has more than 256 bits";
  if ((exponent.back() & 1) == 0) return "the public exponent is even";
  if (exponent.size() == 1 && exponent[0] == 1) return "the public exponent is 1";
  return nullptr;
}

const EVP_MD* md_of(SignatureAlgorithm algorithm) noexcept {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA2-256", nullptr);
  static const EVP_MD* const sha384 = EVP_MD_fetch(nullptr, "SHA2-384", nullptr);
  static const EVP_MD* const sha512 = EVP_MD_fetch(nullptr, "SHA2-512", nullptr);
  switch (hash_of(algorithm).id) {
    case HashId::sha384: return sha384;
    case HashId::sha512: return sha512;
    default: return sha256;
  }
}

int nid_of(SignatureAlgorithm algorithm) noexcept {
  switch (hash_of(algorithm).id) {
    case HashId::sha384: return NID_sha384;
    case HashId::sha512: return NID_sha512;
    default: return NID_sha256;
  }
}

bool is_pss(SignatureAlgorithm algorithm) noexcept {
  return algorithm == SignatureAlgorithm::rsa_pss_sha256 || algorithm == SignatureAlgorithm::rsa_pss_sha384 ||
         algorithm == SignatureAlgorithm::rsa_pss_sha512;
}

namespace {

Rsa public_rsa(const PublicKeyView& key) noexcept {
  if (public_key_defect(key.modulus, key.exponent)) return nullptr;
  Rsa rsa(RSA_new());
  Bignum modulus = to_bignum(key.modulus);
  Bignum exponent = to_bignum(key.exponent);
  if (!rsa || !modulus || !exponent || !RSA_set0_key(rsa.get(), modulus.get(), exponent.get(), nullptr))
    return nullptr;
  // set0 took them over.
  static_cast<void>(modulus.release());
  static_cast<void>(exponent.release());
  return rsa;
}

}  // namespace

bool verify_rsa(const VerifyJob& job) noexcept {
  // RFC 8017 §8.1.2 step 1, §8.2.2 step 1: libcrypto would take a shorter one as a number for PSS.
  if (job.signature.size() != job.key->modulus.size()) return false;
  const Rsa rsa = public_rsa(*job.key);
  if (!rsa) return false;
  const Digest digest = digest_of(job.algorithm, job.message);
  const auto size = static_cast<int>(job.signature.size());
  if (!is_pss(job.algorithm)) {
    // Encodes the digest and compares; nothing of the padding is parsed.
    return RSA_verify(nid_of(job.algorithm), digest.bytes.data(), static_cast<unsigned>(digest.size),
                      job.signature.data(), static_cast<unsigned>(size), rsa.get()) == 1;
  }
  std::array<uint8_t, max_rsa_bytes> encoded;
  const EVP_MD* md = md_of(job.algorithm);
  return md &&
         RSA_public_decrypt(size, job.signature.data(), encoded.data(), rsa.get(), RSA_NO_PADDING) == size &&
         RSA_verify_PKCS1_PSS_mgf1(rsa.get(), digest.bytes.data(), md, md, encoded.data(),
                                   static_cast<int>(digest.size)) == 1;
}

}  // namespace bulla::openssl
