// ML-DSA (FIPS 204): signatures from lattices, which a quantum computer is not known to forge.
#pragma once

#include <bulla/bytes.h>
#include <bulla/secret.h>

#include <bit>
#include <optional>
#include <string_view>
#include <vector>

namespace bulla::crypto::ml_dsa {

/// FIPS 204 §4, table 1; by the names used there.
struct Parameters {
  std::string_view name;  ///< "ML-DSA-65"
  size_t k, l;            ///< rows and columns of the matrix A
  int32_t eta;            ///< the coefficients of the private key lie in -eta..eta
  size_t tau;             ///< how many coefficients of the challenge are not zero
  size_t lambda;          ///< collision strength of the challenge, in bits
  int32_t gamma1;         ///< a power of two: bounds the mask y
  int32_t gamma2;         ///< half of the width of a low-order rounding range
  size_t omega;           ///< how many hints there may be

  constexpr int32_t beta() const noexcept { return static_cast<int32_t>(tau) * eta; }
  /// Bits of one coefficient of s1 and s2, of z, of w1 (FIPS 204 §7.2).
  constexpr unsigned eta_bits() const noexcept { return eta == 2 ? 3 : 4; }
  constexpr unsigned z_bits() const noexcept {
    return static_cast<unsigned>(std::bit_width(static_cast<uint32_t>(gamma1)));
  }
  constexpr unsigned w1_bits() const noexcept { return gamma2 == (8380417 - 1) / 88 ? 6 : 4; }
  constexpr size_t challenge_size() const noexcept { return lambda / 4; }
  /// Bytes (FIPS 204 §4, table 2).
  constexpr size_t public_key_size() const noexcept { return 32 + 320 * k; }
  constexpr size_t private_key_size() const noexcept { return 128 + 32 * (eta_bits() * (k + l) + 13 * k); }
  constexpr size_t signature_size() const noexcept {
    return challenge_size() + l * 32 * z_bits() + omega + k;
  }
};

extern const Parameters ml_dsa_44, ml_dsa_65, ml_dsa_87;

inline constexpr size_t seed_size = 32;  ///< bytes of the seed that a private key can be kept as
inline constexpr size_t rnd_size = 32;   ///< bytes of randomness of a hedged signature
inline constexpr size_t mu_size = 64;    ///< bytes of a message's representative

/// A pair of keys, both in the encoding of FIPS 204 §7.2.
struct KeyPair {
  SecretBytes private_key;          ///< private_key_size() bytes
  std::vector<uint8_t> public_key;  ///< public_key_size() bytes
};

/// FIPS 204 §6.1, ML-DSA.KeyGen_internal: the keys of a seed (seed_size random bytes).
KeyPair generate(const Parameters& with, Bytes seed);

/// The public key that belongs to a private key: t is computed anew from s1 and s2 (FIPS 204 §6.1). Nothing
/// where the bytes are no private key of this set, or contradict themselves: another size, numbers out of
/// range, a t0 that is not that of t, a hash that is not the public key's. K belongs to any of them.
std::optional<std::vector<uint8_t>> public_key_of(const Parameters& with, Bytes private_key);

/// FIPS 204 §6.2 with §5.2: the representative of a message under the public key's hash `tr` and a context
/// of at most 255 bytes; nothing for a longer one.
std::optional<std::vector<uint8_t>> representative(Bytes tr, Bytes context, Bytes message);
/// tr: 64 bytes, the hash of a public key.
std::vector<uint8_t> public_key_hash(Bytes public_key);

/// FIPS 204 §5.2: a signature of signature_size() bytes. `rnd`: rnd_size random bytes, or zeros for a
/// deterministic signature. Nothing where the context is too long, or the private key is none of this set: of
/// another size, with numbers out of range, or one with which no try succeeds (Appendix C).
std::optional<std::vector<uint8_t>> sign(const Parameters& with, Bytes private_key, Bytes context,
                                         Bytes message, Bytes rnd);
/// The same for a message whose representative is known (FIPS 204 §6.2, "external mu").
std::optional<std::vector<uint8_t>> sign_mu(const Parameters& with, Bytes private_key, Bytes mu, Bytes rnd);

/// FIPS 204 §5.3. All is public.
bool verify_vartime(const Parameters& with, Bytes public_key, Bytes context, Bytes message, Bytes signature);
/// The same for a message whose representative is known.
bool verify_mu_vartime(const Parameters& with, Bytes public_key, Bytes mu, Bytes signature);

}  // namespace bulla::crypto::ml_dsa
