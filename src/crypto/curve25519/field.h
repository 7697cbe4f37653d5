// Arithmetic modulo p = 2^255 - 19 (RFC 7748 §4.1), in constant time.
//
// An element is x0 + x1·2^51 + x2·2^102 + x3·2^153 + x4·2^204. Limbs may exceed 51 bits for a while, which
// saves carrying after every addition; by how much is part of the type: Fe<k> has limbs of at most
// k·(2^51 + 2^13). A sum adds the bounds, a product needs bounds that its accumulators can hold, and brings
// them back to 1. So the compiler refuses a formula that could overflow, and what remains to be shown is the
// few functions of this file, which tools/prove_curve25519.py reads from here and proves.
#pragma once

#include "base/ct.h"

#include <bulla/bytes.h>

#include <array>
#include <type_traits>

namespace bulla::crypto::curve25519 {

using Wide = unsigned __int128;

inline constexpr uint64_t mask51 = 0x7ffffffffffff;

/// Five limbs of 51 bits and more, the lowest first.
struct Limbs {
  uint64_t l0, l1, l2, l3, l4;
};

// ------------------------------------------------------------------------------ what the prover reads
// Straight lines of +, -, *, >>, &, and calls of one another: it knows nothing else. `x >= 0` is never in
// doubt, all types being unsigned; bounds below are upper ones, inclusive. B = 8·(2^51 + 2^13) < 2^54.01.

/// x mod 2^51.
constexpr uint64_t low51(Wide x) noexcept {
  return static_cast<uint64_t>(x) & mask51;
}
/// ⌊x / 2^51⌋; x < 2^115.
constexpr uint64_t above51(Wide x) noexcept {
  return static_cast<uint64_t>(x >> 51);
}

/// r0 + r1·2^51 + ... + r4·2^204 in limbs of at most 2^51 + 2^13.
/// In: r0 <= 77·B² < 2^114.3, r1 <= 59·B² < 2^113.9, r2 <= 41·B² < 2^113.4, r3 <= 23·B² < 2^112.6 and
/// r4 <= 5·B² < 2^110.4, which a product gives. Then above51() of r0, s1, s2, s3 is below 2^63.3, and that of
/// s4 below 2^59.4, so that 19 of it are below 2^63.7 and t0 < 2^64. What t0 has above 51 bits is below 2^13.
constexpr Limbs carry_wide(Wide r0, Wide r1, Wide r2, Wide r3, Wide r4) noexcept {
  const Wide s1 = r1 + above51(r0);
  const Wide s2 = r2 + above51(s1);
  const Wide s3 = r3 + above51(s2);
  const Wide s4 = r4 + above51(s3);
  const uint64_t t0 = low51(r0) + 19 * above51(s4);  // 2^255 = 19 mod p
  const uint64_t t1 = low51(s1) + (t0 >> 51);
  return {t0 & mask51, t1, low51(s2), low51(s3), low51(s4)};
}

/// a·b; limbs of both at most B. 19·B < 2^58.3; the sums are those of carry_wide().
constexpr Limbs multiply(const Limbs& a, const Limbs& b) noexcept {
  const auto& [a0, a1, a2, a3, a4] = a;
  const auto& [b0, b1, b2, b3, b4] = b;
  const uint64_t c1 = 19 * b1;
  const uint64_t c2 = 19 * b2;
  const uint64_t c3 = 19 * b3;
  const uint64_t c4 = 19 * b4;
  const Wide r0 = Wide{a0} * b0 + Wide{a1} * c4 + Wide{a2} * c3 + Wide{a3} * c2 + Wide{a4} * c1;
  const Wide r1 = Wide{a0} * b1 + Wide{a1} * b0 + Wide{a2} * c4 + Wide{a3} * c3 + Wide{a4} * c2;
  const Wide r2 = Wide{a0} * b2 + Wide{a1} * b1 + Wide{a2} * b0 + Wide{a3} * c4 + Wide{a4} * c3;
  const Wide r3 = Wide{a0} * b3 + Wide{a1} * b2 + Wide{a2} * b1 + Wide{a3} * b0 + Wide{a4} * c4;
  const Wide r4 = Wide{a0} * b4 + Wide{a1} * b3 + Wide{a2} * b2 + Wide{a3} * b1 + Wide{a4} * b0;
  return carry_wide(r0, r1, r2, r3, r4);
}

/// a²; limbs at most B. 38·B < 2^59.3; the sums are those of multiply().
constexpr Limbs multiply_by_itself(const Limbs& a) noexcept {
  const auto& [a0, a1, a2, a3, a4] = a;
  const uint64_t d0 = 2 * a0;
  const uint64_t d1 = 2 * a1;
  const uint64_t d2 = 2 * a2;
  const uint64_t d3 = 2 * a3;
  const uint64_t c3 = 19 * a3;
  const uint64_t c4 = 19 * a4;
  const Wide r0 = Wide{a0} * a0 + Wide{d1} * c4 + Wide{d2} * c3;
  const Wide r1 = Wide{d0} * a1 + Wide{d2} * c4 + Wide{a3} * c3;
  const Wide r2 = Wide{d0} * a2 + Wide{a1} * a1 + Wide{d3} * c4;
  const Wide r3 = Wide{d0} * a3 + Wide{d1} * a2 + Wide{a4} * c4;
  const Wide r4 = Wide{d0} * a4 + Wide{d1} * a3 + Wide{a2} * a2;
  return carry_wide(r0, r1, r2, r3, r4);
}

/// 121665·a, by (486662 - 2) / 4 of RFC 7748 §5; limbs at most B: products below 2^71.
constexpr Limbs multiply_by_121665(const Limbs& a) noexcept {
  const auto& [a0, a1, a2, a3, a4] = a;
  return carry_wide(Wide{a0} * 121665, Wide{a1} * 121665, Wide{a2} * 121665, Wide{a3} * 121665,
                    Wide{a4} * 121665);
}

/// a + b; the bounds add up.
constexpr Limbs add_limbs(const Limbs& a, const Limbs& b) noexcept {
  const auto& [a0, a1, a2, a3, a4] = a;
  const auto& [b0, b1, b2, b3, b4] = b;
  return {a0 + b0, a1 + b1, a2 + b2, a3 + b3, a4 + b4};
}

/// a - b, as a + k·2p - b; limbs of b at most k·(2^51 + 2^13), which k times the limbs of 2p, 2^52 - 38 and
/// 2^52 - 2, are not below. The bound of a grows by 2k.
constexpr Limbs subtract_limbs(const Limbs& a, const Limbs& b, uint64_t k) noexcept {
  const auto& [a0, a1, a2, a3, a4] = a;
  const auto& [b0, b1, b2, b3, b4] = b;
  const uint64_t e0 = k * 0xfffffffffffda;
  const uint64_t e = k * 0xffffffffffffe;
  return {a0 + e0 - b0, a1 + e - b1, a2 + e - b2, a3 + e - b3, a4 + e - b4};
}

/// The one representative below p, in limbs below 2^51; limbs of a at most 2^51 + 2^13, so that a < 2p.
/// Then q4 = ⌊(a + 19) / 2^255⌋, which is 1 where a >= p and else 0, and a - q4·p = a + 19·q4 - q4·2^255: the
/// last is done by dropping what carries out of the top.
constexpr Limbs canonical_limbs(const Limbs& a) noexcept {
  const auto& [a0, a1, a2, a3, a4] = a;
  const uint64_t q0 = (a0 + 19) >> 51;
  const uint64_t q1 = (a1 + q0) >> 51;
  const uint64_t q2 = (a2 + q1) >> 51;
  const uint64_t q3 = (a3 + q2) >> 51;
  const uint64_t q4 = (a4 + q3) >> 51;
  const uint64_t t0 = a0 + 19 * q4;
  const uint64_t t1 = a1 + (t0 >> 51);
  const uint64_t t2 = a2 + (t1 >> 51);
  const uint64_t t3 = a3 + (t2 >> 51);
  const uint64_t t4 = a4 + (t3 >> 51);
  return {t0 & mask51, t1 & mask51, t2 & mask51, t3 & mask51, t4 & mask51};
}

/// Four words of 64 bits, the lowest first.
struct Words {
  uint64_t w0, w1, w2, w3;
};

/// The same number in words; limbs below 2^51.
constexpr Words words_of(const Limbs& a) noexcept {
  const auto& [a0, a1, a2, a3, a4] = a;
  return {a0 | a1 << 51, a1 >> 13 | a2 << 38, a2 >> 26 | a3 << 25, a3 >> 39 | a4 << 12};
}

/// The number mod 2^255 in limbs below 2^51.
constexpr Limbs limbs_of(const Words& w) noexcept {
  const auto& [w0, w1, w2, w3] = w;
  return {w0 & mask51, (w0 >> 51 | w1 << 13) & mask51, (w1 >> 38 | w2 << 26) & mask51,
          (w2 >> 25 | w3 << 39) & mask51, w3 >> 12 & mask51};
}

/// a where m is all ones, b where it is zero.
constexpr Limbs select_limbs(uint64_t m, const Limbs& a, const Limbs& b) noexcept {
  const auto& [a0, a1, a2, a3, a4] = a;
  const auto& [b0, b1, b2, b3, b4] = b;
  return {b0 ^ (m & (a0 ^ b0)), b1 ^ (m & (a1 ^ b1)), b2 ^ (m & (a2 ^ b2)), b3 ^ (m & (a3 ^ b3)),
          b4 ^ (m & (a4 ^ b4))};
}

// ------------------------------------------------------------------------------ elements with their bounds

/// The largest bound that a product takes.
inline constexpr unsigned max_bound = 8;

/// An element; limbs of at most k·(2^51 + 2^13).
template <unsigned k>
  requires(k >= 1 && k <= max_bound)
struct Fe {
  Limbs limbs;
};
/// What products give, and points are kept in.
using Element = Fe<1>;

template <unsigned j, unsigned k>
constexpr Fe<j + k> operator+(const Fe<j>& a, const Fe<k>& b) noexcept {
  return {add_limbs(a.limbs, b.limbs)};
}
template <unsigned j, unsigned k>
constexpr Fe<j + 2 * k> operator-(const Fe<j>& a, const Fe<k>& b) noexcept {
  return {subtract_limbs(a.limbs, b.limbs, k)};
}
template <unsigned j, unsigned k>
constexpr Element operator*(const Fe<j>& a, const Fe<k>& b) noexcept {
  return {multiply(a.limbs, b.limbs)};
}
template <unsigned k>
constexpr Element square(const Fe<k>& a) noexcept {
  return {multiply_by_itself(a.limbs)};
}
template <unsigned k>
constexpr Element times_121665(const Fe<k>& a) noexcept {
  return {multiply_by_121665(a.limbs)};
}

/// From a small number.
constexpr Element element(uint64_t small) noexcept {
  return {{small & mask51, 0, 0, 0, 0}};
}
inline constexpr Element zero = element(0);
inline constexpr Element one = element(1);

template <unsigned k>
constexpr Fe<2 * k> negate(const Fe<k>& a) noexcept {
  return {subtract_limbs(zero.limbs, a.limbs, k)};
}
/// The same element under a larger bound.
template <unsigned k, unsigned j>
  requires(j <= k)
constexpr Fe<k> widen(const Fe<j>& a) noexcept {
  return {a.limbs};
}

/// `a` where the mask is true, `b` where not.
template <unsigned k>
inline Fe<k> select(ct::Mask<uint64_t> mask, const Fe<k>& a, const Fe<k>& b) noexcept {
  return {select_limbs(mask.bits(), a.limbs, b.limbs)};
}
/// Swaps the two where the mask is true (RFC 7748 §5, cswap).
inline void swap_if(ct::Mask<uint64_t> mask, Element& a, Element& b) noexcept {
  const uint64_t m = mask.bits();
  const Element was_a = a;
  a.limbs = select_limbs(m, b.limbs, a.limbs);
  b.limbs = select_limbs(m, was_a.limbs, b.limbs);
}

// ------------------------------------------------------------------------------------------------ bytes

using Encoded = std::array<uint8_t, 32>;

/// 64 bits, the lowest byte first.
constexpr uint64_t load64(const uint8_t* bytes) noexcept {
  uint64_t word = 0;
  for (size_t i = 8; i-- > 0;) word = word << 8 | bytes[i];
  return word;
}
/// The reverse.
constexpr void store64(uint64_t word, uint8_t* out) noexcept {
  for (size_t i = 0; i < 8; ++i, word >>= 8) out[i] = static_cast<uint8_t>(word);
}

/// From 32 bytes, little-endian; the highest bit does not count (RFC 7748 §5), and values from p on count as
/// what they are modulo p.
constexpr Element decode(std::span<const uint8_t, 32> bytes) noexcept {
  const uint8_t* b = bytes.data();
  return {limbs_of({load64(b), load64(b + 8), load64(b + 16), load64(b + 24)})};
}
/// To 32 bytes, little-endian, the one encoding below p.
constexpr void encode(const Element& a, std::span<uint8_t, 32> out) noexcept {
  const Words w = words_of(canonical_limbs(a.limbs));
  uint8_t* const to = out.data();
  store64(w.w0, to), store64(w.w1, to + 8), store64(w.w2, to + 16), store64(w.w3, to + 24);
}

// ----------------------------------------------------------------------------------------------- powers

/// a^(2^n); n >= 1.
constexpr Element square_times(Element a, unsigned n) noexcept {
  for (unsigned i = 0; i < n; ++i) a = square(a);
  return a;
}

/// a^(2^250 - 1) and a^11, from which both powers below go on. Each name tells the exponent: e5 is 2^5 - 1.
struct PowerStart {
  Element e250, a11;
};
constexpr PowerStart power_start(const Element& a) noexcept {
  const Element a2 = square(a);
  const Element a9 = square_times(a2, 2) * a;
  const Element a11 = a9 * a2;
  const Element e5 = square(a11) * a9;
  const Element e10 = square_times(e5, 5) * e5;
  const Element e20 = square_times(e10, 10) * e10;
  const Element e40 = square_times(e20, 20) * e20;
  const Element e50 = square_times(e40, 10) * e10;
  const Element e100 = square_times(e50, 50) * e50;
  const Element e200 = square_times(e100, 100) * e100;
  return {square_times(e200, 50) * e50, a11};
}

/// 1/a by Fermat: a^(p - 2), and p - 2 = 2^255 - 21 = (2^250 - 1)·2^5 + 11. Zero for zero.
constexpr Element invert(const Element& a) noexcept {
  const PowerStart s = power_start(a);
  return square_times(s.e250, 5) * s.a11;
}
/// a^((p - 5)/8) = a^(2^252 - 3), and 2^252 - 3 = (2^250 - 1)·2^2 + 1 (RFC 8032 §5.1.3).
constexpr Element power_of_p_minus_5_over_8(const Element& a) noexcept {
  return square_times(power_start(a).e250, 2) * a;
}

}  // namespace bulla::crypto::curve25519
