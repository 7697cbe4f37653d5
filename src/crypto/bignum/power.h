// Powers by fixed windows, and what kernels that have no better way make of their products.
#pragma once

#include "crypto/bignum/montgomery.h"

namespace bulla::crypto::bignum {

/// Bits of an exponent that are taken at a time (HAC 14.82): five squarings and one product with a table
/// entry, whichever it is.
inline constexpr size_t window_bits = 5;
inline constexpr size_t window_entries = size_t{1} << window_bits;

/// How many windows an exponent of so many limbs has.
constexpr size_t window_count(size_t limbs) noexcept {
  return (limbs * limb_bits + window_bits - 1) / window_bits;
}

/// Window `i` of an exponent, the lowest being 0.
inline Limb window_at(Limbs exponent, size_t i) noexcept {
  const size_t bit = i * window_bits, limb = bit / limb_bits, shift = bit % limb_bits;
  Limb bits = exponent[limb] >> shift;
  if (shift > limb_bits - window_bits && limb + 1 < exponent.size())
    bits |= exponent[limb + 1] << (limb_bits - shift);
  return bits & (window_entries - 1);
}

/// Calls `square()` and `multiply()` in the order in which a number is raised to `exponent` (big-endian)
/// from its highest one on: the first multiply() stands for taking the base.
template <class Square, class Multiply>
void raise_vartime(Bytes exponent, const Square& square, const Multiply& multiply) {
  bool started = false;  // the squarings of 1 are left out
  for (const uint8_t byte : exponent) {
    for (int bit = 7; bit >= 0; --bit) {
      if (started) square();
      if ((byte >> bit & 1) == 0) continue;
      multiply(!started);
      started = true;
    }
  }
}

/// By the kernel's products, one power after the other.
void powers_by_products(std::span<const Power> jobs);
void power_by_products_vartime(const Modulus& modulus, MutLimbs out, Limbs base, Bytes exponent);
constexpr size_t one_lane(size_t) noexcept {
  return 1;
}
/// They need nothing aside.
constexpr size_t nothing_aside(size_t) noexcept {
  return 0;
}
inline void make_nothing(MutLimbs, const Modulus&) noexcept {}

}  // namespace bulla::crypto::bignum
