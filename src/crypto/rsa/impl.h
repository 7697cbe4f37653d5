// What the files of RSA share, and tests look into.
#pragma once

#include "crypto/bignum/modulus.h"

#include <bulla/provider.h>

#include <array>
#include <vector>

namespace bulla::crypto::rsa {

/// Moduli outside are refused: below they are broken, above they are work that a stranger makes us do.
inline constexpr size_t min_modulus_bits = 1024;
inline constexpr size_t max_modulus_bits = 8192;
inline constexpr size_t max_modulus_bytes = max_modulus_bits / 8;
/// FIPS 186-5 §A.1.1: e < 2^256.
inline constexpr size_t max_exponent_bytes = 32;

/// Primes shorter than a quarter of the modulus, in bits, are refused: what keeps a key safe is the shorter
/// one, which may be searched for; and by a tiny one many a blinding factor is divisible, and then there is
/// no signature.
constexpr bool primes_are_long_enough(size_t modulus_bits, size_t p_bits, size_t q_bits) noexcept {
  return 4 * p_bits >= modulus_bits && 4 * q_bits >= modulus_bits;
}

/// More than the frames of a private operation take, whose numbers are on the heap.
inline constexpr size_t stack_depth = 16384;

/// What is wrong with a public key, or nullptr: size of the modulus, odd modulus, odd exponent above 1.
const char* public_key_defect(Bytes modulus, Bytes exponent) noexcept;

// ---------------------------------------------------------------------------------- encodings (encoding.cpp)

const HashAlgorithm& hash_of(SignatureAlgorithm algorithm) noexcept;
bool is_pss(SignatureAlgorithm algorithm) noexcept;

/// The digest of a message under the hash of a signature algorithm.
struct Digest {
  std::array<uint8_t, max_digest_size> bytes;
  size_t size;
  Bytes view() const noexcept { return {bytes.data(), size}; }
};
Digest digest_of(SignatureAlgorithm algorithm, Bytes message) noexcept;

/// XORs MGF1(seed) onto `out`, of at most 256 digests (RFC 8017 §B.2.1).
void mgf1_xor(const HashAlgorithm& hash, Bytes seed, MutBytes out) noexcept;

/// EMSA-PKCS1-v1_5-ENCODE (RFC 8017 §9.2) into all of `out`. False if it is too short.
bool pkcs1_encode(HashId hash, Bytes digest, MutBytes out) noexcept;

/// How many bytes a PSS encoding has: one less than the modulus if that has 8k + 1 bits (RFC 8017 §8.1.1).
constexpr size_t pss_size(size_t modulus_bits) noexcept {
  return (modulus_bits + 6) / 8;
}
/// EMSA-PSS-ENCODE (RFC 8017 §9.1.1) with MGF1 over the same hash into `out` of pss_size. False if the
/// modulus is too short for hash and salt.
bool pss_encode(const HashAlgorithm& hash, Bytes digest, Bytes salt, size_t modulus_bits,
                MutBytes out) noexcept;
/// EMSA-PSS-VERIFY (RFC 8017 §9.1.2) with a salt as long as the hash. `encoded`, of pss_size, is unmasked in
/// place.
bool pss_verify_vartime(const HashAlgorithm& hash, Bytes digest, size_t modulus_bits,
                        MutBytes encoded) noexcept;

// -------------------------------------------------------------------------------- operations
// (public_key.cpp)

/// RSAVP1 (RFC 8017 §5.2.2) with a key that has no defect: false if the signature is not as long as the
/// modulus or not below it. `encoded` is as long as the modulus.
bool public_operation_vartime(Bytes modulus, Bytes exponent, Bytes signature, MutBytes encoded,
                              const bignum::Montgomery& kernel = bignum::montgomery());
/// What verify_rsa_vartime does once the message is hashed. False if the digest is not one of the algorithm's
/// hash.
bool verify_digest_vartime(const PublicKeyView& key, SignatureAlgorithm algorithm, Bytes digest,
                           Bytes signature, const bignum::Montgomery& kernel = bignum::montgomery());
/// The whole of verify_rsa_vartime by a given kernel.
bool verify_vartime(const PublicKeyView& key, SignatureAlgorithm algorithm, Bytes message, Bytes signature,
                    const bignum::Montgomery& kernel = bignum::montgomery());

// ------------------------------------------------------------------------------- operations
// (private_key.cpp)

/// What a private key knows about one of its primes.
struct Half {
  bignum::Modulus prime;
  bignum::SecretLimbs exponent;  ///< d mod (prime - 1), minus 1
};

/// A private key ready to use. Its numbers agree with each other.
struct PrivateKey {
  bignum::Modulus n;
  std::vector<uint8_t> e;
  std::vector<uint8_t> e_minus_1;
  Half p, q;
  bignum::SecretLimbs coefficient;  ///< 1/q mod p
  SecretBytes blinding_key;         ///< what blinding factors are derived from, beside randomness
};

/// Checks the numbers and takes them over; errors as those of SignatureFunctions::load.
Result<PrivateKey> load_private_key(const PrivateKeyMaterial& material,
                                    const bignum::Montgomery& kernel = bignum::montgomery());
/// The whole of load_rsa by a given kernel.
Result<SigningKeyPtr> load(const PrivateKeyMaterial& material, const bignum::Montgomery& kernel);

/// An encoding to sign; both are as long as the modulus.
struct PrivateJob {
  Bytes encoded;
  MutBytes signature;
  bool ok = false;  ///< out
};

/// How many a kernel may take at a time: more in one call gain nothing.
inline constexpr size_t most_jobs = 8;

/// RSASP1 (RFC 8017 §5.2.1) by the primes, blinded, and checked with the public exponent: not ok, and zeros
/// in `signature`, where it does not stand the check or `encoded` is not below the modulus. One bad job does
/// not touch the others. At most most_jobs.
void private_operations(const PrivateKey& key, Random& random, std::span<PrivateJob> jobs);
/// The same for one.
bool private_operation(const PrivateKey& key, Random& random, Bytes encoded, MutBytes signature);

}  // namespace bulla::crypto::rsa
