// Tables of multiples of B, and the digits of scalars that they are looked up by. Every table is computed
// while this is compiled, from what RFC 8032 §5.1 says of d and B.
#pragma once

#include "crypto/curve25519/edwards.h"

namespace bulla::crypto::curve25519 {

/// Brings `n` points to Z = 1 and prepares them, with one inversion for all (Montgomery's trick): prefix[i]
/// is the product of the Z before i.
template <size_t n>
constexpr std::array<Prepared<1>, n> prepare_all(const std::array<Extended, n>& points) noexcept {
  std::array<Prepared<1>, n> out{};
  std::array<Element, n> prefix{};
  Element product = one;
  for (size_t i = 0; i < n; ++i) {
    prefix[i] = product;
    product = product * points[i].z;
  }
  Element inverse = invert(product);
  for (size_t i = n; i-- > 0;) {
    const Element reciprocal = inverse * prefix[i];
    inverse = inverse * points[i].z;
    const Element x = points[i].x * reciprocal, y = points[i].y * reciprocal;
    out[i] = {tighten(y + x), tighten(y - x), x * y * d2};
  }
  return out;
}

// ------------------------------------------------------------------------------------------ a fixed base
// s = Σ e(i)·16^i with 64 digits from -8 to 8. Of the digits every fourth shares a row of the table: row r
// holds 1 to 8 times 16^(4r)·B, and s·B = Σ over j from 0 to 3 of 16^j·(Σ over r of e(4r + j)·16^(4r)·B).

inline constexpr size_t row_count = 16, row_size = 8;

constexpr std::array<Prepared<1>, row_count * row_size> make_base_table() noexcept {
  std::array<Extended, row_count * row_size> points{};
  Extended base = make_base_point();
  for (size_t r = 0; r < row_count; ++r) {
    const PreparedExtended step = prepare(base);
    points[r * row_size] = base;
    for (size_t j = 1; j < row_size; ++j)
      points[r * row_size + j] = add<Extended>(points[r * row_size + j - 1], step);
    base = points[r * row_size + row_size - 1];
    for (size_t i = 0; i < 13; ++i) base = twice<Extended>(base);  // 8·2^13 = 16^4
  }
  return prepare_all(points);
}
inline constexpr auto base_table = make_base_table();

/// The digits: a nibble above 7 is written as itself less 16, and one more of the next. s < 2^255 leaves 8 at
/// most for the last.
inline void to_digits(std::span<const uint8_t, 32> s, std::array<int8_t, 64>& digits) noexcept {
  for (size_t i = 0; i < 32; ++i) {
    digits[2 * i] = static_cast<int8_t>(s[i] & 15);
    digits[2 * i + 1] = static_cast<int8_t>(s[i] >> 4);
  }
  int carry = 0;
  for (size_t i = 0; i < 63; ++i) {
    const int digit = digits[i] + carry;
    carry = (digit + 8) >> 4;
    digits[i] = static_cast<int8_t>(digit - carry * 16);
  }
  digits[63] = static_cast<int8_t>(digits[63] + carry);
}

// ------------------------------------------------------------------------------------- two public scalars
// Straus' trick: one chain of doublings for both. Digits are odd or zero, in windows that slide over zeros,
// so that only odd multiples are needed.

constexpr std::array<Prepared<1>, 32> make_odd_multiples() noexcept {
  std::array<Extended, 32> points{};
  points[0] = make_base_point();
  const PreparedExtended step = prepare(twice<Extended>(points[0]));
  for (size_t i = 1; i < points.size(); ++i) points[i] = add<Extended>(points[i - 1], step);
  return prepare_all(points);
}
/// B, 3·B, ..., 63·B.
inline constexpr auto odd_multiples = make_odd_multiples();

inline constexpr size_t slide_size = 256;

/// s = Σ digits[i]·2^i, where digits are zero or odd and below 2^(width - 1) in size (the non-adjacent form
/// of that width); s < 2^253.
inline void slide_vartime(std::span<const uint8_t, 32> s, unsigned width,
                          std::array<int8_t, slide_size>& digits) {
  const auto bits = [&](size_t at) {  // `width` bits from bit `at` on
    unsigned value = 0;
    for (unsigned i = 0; i < width && at + i < 256; ++i)
      value |= (static_cast<unsigned>(s[(at + i) / 8]) >> ((at + i) % 8) & 1) << i;
    return value;
  };
  digits.fill(0);
  unsigned carry = 0;
  for (size_t at = 0; at < slide_size;) {
    const unsigned window = bits(at) + carry;
    if (window % 2 == 0) {
      ++at;
      continue;
    }
    carry = window >> (width - 1);
    digits[at] = static_cast<int8_t>(static_cast<int>(window) - static_cast<int>(carry << width));
    at += width;
  }
}

}  // namespace bulla::crypto::curve25519
