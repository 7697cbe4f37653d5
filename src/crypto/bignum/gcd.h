// Greatest common divisors and inverses of secret numbers.
#pragma once

#include "crypto/bignum/limbs.h"

namespace bulla::crypto::bignum {

/// gcd(a, b), where gcd(a, 0) = a. All three have the same length.
void gcd(MutLimbs out, Limbs a, Limbs b);

/// The x < n with a·x = 1 mod n, for a < n of which one is odd at least. True where it exists;
/// where not, `out` holds nothing of use. All three have the same length.
LimbMask inverse(MutLimbs out, Limbs a, Limbs n);

}  // namespace bulla::crypto::bignum
