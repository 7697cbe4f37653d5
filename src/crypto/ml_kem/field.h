// Arithmetic modulo q = 3329 (FIPS 203 §2.4), without division: how long a division takes tells its operands
// on many machines (Bernstein et al., "KyberSlash", 2024).
//
// A coefficient is a signed number of 16 bits, in a range that each function states. R = 2^16 is Montgomery's
// radix: a product by montgomery_product() loses a factor R, which constants that are stored times R bring
// back.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulla::crypto::ml_kem {

inline constexpr int32_t q = 3329;
/// R^2 modulo q, R^2 / 128 modulo q: what makes up for the factors that products lose.
inline constexpr int16_t r_squared = 1353, r_squared_by_128 = 1441;

/// a / R modulo q, between -q and q (exclusive), for -2^15 q < a < 2^15 q. (Montgomery 1985, signed as by
/// Seiler, "Faster AVX2 optimized NTT multiplication for Ring-LWE", 2018.)
///
/// t = a / q modulo R lies in [-2^15, 2^15). a - t q is a multiple of R, and its size is below 2^16 q.
constexpr int16_t montgomery_reduce(int32_t a) noexcept {
  constexpr uint32_t q_inverse = 62209;  // modulo R
  const auto t = static_cast<int16_t>(static_cast<uint32_t>(a) * q_inverse);
  return static_cast<int16_t>((a - t * q) >> 16);
}

/// a b / R modulo q, between -q and q, if |a b| < 2^15 q: any a, and |b| < q.
constexpr int16_t montgomery_product(int16_t a, int16_t b) noexcept {
  return montgomery_reduce(int32_t{a} * b);
}

/// a modulo q, between -(q - 1) / 2 and (q - 1) / 2, for any a (Barrett 1986): a / q is a times 20159 / 2^26
/// to the nearest integer.
constexpr int16_t barrett_reduce(int16_t a) noexcept {
  const int32_t quotient = (20159 * a + (1 << 25)) >> 26;
  return static_cast<int16_t>(a - quotient * q);
}

/// The representative in [0, q) of a number between -q and q.
constexpr uint16_t to_unsigned(int16_t a) noexcept {
  return static_cast<uint16_t>(a + (q & (a >> 15)));
}

/// The representative in [0, q) of a number of 12 bits.
constexpr int16_t reduce_12_bits(uint16_t a) noexcept {
  return static_cast<int16_t>(to_unsigned(static_cast<int16_t>(a - q)));
}

/// FIPS 203 §4.2.1: x 2^d / q to the nearest integer, modulo 2^d, for x in [0, q) and d <= 11.
///
/// There are no ties, so that is n / q rounded down with n = 2^d x + (q - 1) / 2 < 2^23. With m = 2^36 / q
/// rounded up, m q - 2^36 < q < 2^12, so n m / 2^36 exceeds n / q by less than n 2^12 / (2^36 q) < 1 / q: not
/// enough to reach the next integer.
template <unsigned d>
constexpr uint16_t compress(uint16_t x) noexcept {
  static_assert(d <= 11);
  constexpr uint64_t m = 20642679;
  const uint64_t n = (uint64_t{x} << d) + (q - 1) / 2;
  return static_cast<uint16_t>((n * m >> 36) & ((1u << d) - 1));
}

/// FIPS 203 §4.2.1: y q / 2^d to the nearest integer, for y < 2^d.
template <unsigned d>
constexpr int16_t decompress(uint16_t y) noexcept {
  static_assert(d <= 11);
  return static_cast<int16_t>((uint32_t{y} * q + (1u << (d - 1))) >> d);
}

}  // namespace bulla::crypto::ml_kem
