// What the RSA files share.
#pragma once

#include "crypto/openssl/signature.h"

#include <openssl/rsa.h>

namespace bulla::openssl {

using Rsa = std::unique_ptr<RSA, Freer<RSA_free>>;

/// Moduli outside are refused: below they are broken, above they are work that a stranger makes us do.
inline constexpr size_t min_rsa_bits = 1024;
inline constexpr size_t max_rsa_bits = 8192;
inline constexpr size_t max_rsa_bytes = max_rsa_bits / 8;
/// FIPS 186-5 §A.1.1: e < 2^256.
inline constexpr size_t max_exponent_bytes = 32;

/// What is wrong with a public key, or nullptr: size of the modulus, odd modulus, odd exponent above 1.
const char* public_key_defect(Bytes modulus, Bytes exponent) noexcept;

/// libcrypto's name of a hash, fetched once; nullptr where its configuration has no provider of it.
const EVP_MD* md_of(SignatureAlgorithm algorithm) noexcept;
int nid_of(SignatureAlgorithm algorithm) noexcept;
bool is_pss(SignatureAlgorithm algorithm) noexcept;

/// EMSA-PSS-ENCODE (RFC 8017 §9.1.1) with MGF1 over the same hash and a salt as long as the hash. `out` has
/// ceil((modulus bits - 1) / 8) bytes. False if the modulus is too short for the hash. Ours, because
/// libcrypto's takes the salt from its own generator.
bool pss_encode(const HashAlgorithm& hash, Bytes digest, Bytes salt, size_t modulus_bits,
                MutBytes out) noexcept;

}  // namespace bulla::openssl
