// How ML-DSA draws polynomials from seeds (FIPS 204 §7.3).
#pragma once

#include "crypto/ml_dsa/ml_dsa.h"
#include "crypto/ml_dsa/ring.h"

namespace bulla::crypto::ml_dsa {

/// FIPS 204 §3.7: H(parts, |out|), SHAKE256.
void hash(std::initializer_list<Bytes> parts, MutBytes out) noexcept;

/// FIPS 204 §7.3, ExpandA: the public matrix, k rows of l entries in NTT form; 0 <= c < q.
void expand_a(std::span<Poly> out, const Parameters& with, Bytes rho) noexcept;

/// FIPS 204 §7.3, one polynomial of ExpandS: coefficients in -eta..eta.
void expand_s(Poly& out, const Parameters& with, Bytes rho_prime, size_t index) noexcept;

/// FIPS 204 §7.3, ExpandMask: coefficients in -gamma1 + 1..gamma1. The first polynomial is that of `index`.
void expand_mask(std::span<Poly> out, const Parameters& with, Bytes rho_second, size_t index) noexcept;

/// FIPS 204 §7.3, SampleInBall: tau coefficients are 1 or -1.
Poly sample_in_ball(const Parameters& with, Bytes challenge) noexcept;

}  // namespace bulla::crypto::ml_dsa
