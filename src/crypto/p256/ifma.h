// The kernel "ifma": sums of points in eight lanes, for one product of the generator or for eight products.
#pragma once

#if defined(__x86_64__)

#include "crypto/p256/adx.h"

#include <span>

namespace bulla::crypto {

namespace p256 {

using Number = ec::Limbs<4>;
using Product = ec::AffinePoint<P256Adx>;
inline constexpr size_t lanes = 8;

/// k·G for a secret k, 0 < k < n.
void multiply_generator(const Number& k, Product& out) noexcept;
/// The same for up to eight.
void multiply_generator(std::span<const Number> k, std::span<Product> out) noexcept;
/// Of up to eight points P, k·P; 0 < k < n is secret, P is not.
void multiply(std::span<const Number> k, std::span<Product> points) noexcept;

}  // namespace p256

/// Needs AVX-512 F, VL, BW, DQ and IFMA, and what "adx" needs.
extern const GroupAlgorithm p256_ifma;
/// Likewise.
extern const EcdsaCurve p256_ecdsa_ifma;

}  // namespace bulla::crypto

#endif
