// Primality (FIPS 186-5 §B.3).
#pragma once

#include "crypto/bignum/modulus.h"

#include <bulla/provider.h>

namespace bulla::crypto::bignum {

/// The Miller-Rabin test of one number, which may be secret: time depends on its length in bits only.
class MillerRabin {
 public:
  /// `w` is odd, at least 3, without leading zero limbs.
  explicit MillerRabin(Limbs w, const Montgomery& kernel = montgomery());

  /// Whether `base`, from 1 to w - 1, proves that w is composite (FIPS 186-5 §B.3.1 steps 4.3 to 4.6).
  LimbMask is_witness(Limbs base) const;

 private:
  Modulus w_;
  SecretLimbs m_, minus_one_;  ///< w - 1 = 2^a·m; -1 in Montgomery form
  Limb a_;
  size_t squarings_;
};

/// What a test of random bases says.
enum class Primality : uint8_t { composite, probably_prime, random_failed };

/// FIPS 186-5 §B.3.1: `rounds` random bases, the first of which that is a witness ends it: that a number is
/// composite is public. `w` is odd, at least 5, without leading zero limbs. random_failed: the source gave no
/// base in range.
Primality miller_rabin(Limbs w, unsigned rounds, Random& random, const Montgomery& kernel = montgomery());

/// a mod divisor, for an odd divisor below 2^20 that everybody knows. No division is done on `a`.
Limb remainder_small(Limbs a, Limb divisor) noexcept;

/// Whether an odd prime below 4096 divides `a`; which one is found first may show.
bool has_small_factor(Limbs a) noexcept;

}  // namespace bulla::crypto::bignum
