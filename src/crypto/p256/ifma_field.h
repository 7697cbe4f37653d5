// Arithmetic modulo P-256's p in eight lanes at once, with AVX-512 IFMA: an instruction multiplies the lower
// 52 bits of two lanes and adds the lower or the upper 52 bits of the product to a third.
//
// Limbs have 52 bits, and x is kept as x·R mod p with R = 2^260 (Montgomery). No limb has a bit to spare, so
// that two kinds of numbers are told apart by their types:
//   Element<k>   what can be multiplied: limbs below 2^52, the number below k·p, k <= 16 (16p < 2^260)
//   Loose<l, h>  what comes of products and sums: the number is above -l·p and below h·p, and its limbs,
//                which have signs, are within ±(l + h)·2^57
// carry() and reduce() lead back. A formula whose numbers could grow too large does not compile.
#pragma once

#if defined(__x86_64__)

#include "base/ct.h"
#include "crypto/p256/curve.h"
#include "crypto/target.h"

#include <immintrin.h>

// What MemorySanitizer adds to each instruction, clang would be at for an hour if all were in one function.
#if defined(BULLA_CT_MSAN)
#define BULLA_P256_INLINE inline
#else
#define BULLA_P256_INLINE [[gnu::always_inline]] inline
#endif

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq,avx512ifma")
namespace bulla::crypto::p256 {

/// Eight words of 64 bits, signed or not.
using Lanes = __m512i;

/// Limbs below 2^52, the lowest first, of eight numbers below k·p.
template <unsigned k>
  requires(k >= 1 && k <= 16)
struct Element {
  Lanes limb[5];
};

/// Signed limbs of eight numbers above -l·p and below h·p.
template <unsigned l, unsigned h>
  requires(l + h <= 32)
struct Loose {
  Lanes limb[5];
};

/// For intrinsics whose forms without a mask g++ 12 warns of, since in its headers they read something
/// undefined.
inline constexpr __mmask8 every_lane = 0xff;
inline constexpr uint64_t mask52 = (uint64_t{1} << 52) - 1;

BULLA_P256_INLINE Lanes in_all(uint64_t word) noexcept {
  return _mm512_set1_epi64(static_cast<long long>(word));
}
template <unsigned bits>
BULLA_P256_INLINE Lanes left(Lanes a) noexcept {
  return _mm512_maskz_slli_epi64(every_lane, a, bits);
}
template <unsigned bits>
BULLA_P256_INLINE Lanes right(Lanes a) noexcept {
  return _mm512_maskz_srli_epi64(every_lane, a, bits);
}
template <unsigned bits>
BULLA_P256_INLINE Lanes signed_right(Lanes a) noexcept {
  return _mm512_maskz_srai_epi64(every_lane, a, bits);
}

/// A limb of p, whose limbs are 2^52 - 1, 2^44 - 1, 0, 2^36, 2^48 - 2^16.
constexpr uint64_t limb_of_p(int i) noexcept {
  constexpr uint64_t limbs[] = {mask52, (uint64_t{1} << 44) - 1, 0, uint64_t{1} << 36, 0xffffffff0000};
  return limbs[i];
}

// ------------------------------------------------------------------------------------------ bounds by type

/// The same number, of which less is known.
template <unsigned wanted, unsigned k>
  requires(k <= wanted)
BULLA_P256_INLINE Element<wanted> at_most(const Element<k>& a) noexcept {
  return {a.limb[0], a.limb[1], a.limb[2], a.limb[3], a.limb[4]};
}
template <unsigned k>
BULLA_P256_INLINE Loose<0, k> loose(const Element<k>& a) noexcept {
  return {a.limb[0], a.limb[1], a.limb[2], a.limb[3], a.limb[4]};
}

// ------------------------------------------------------------------------------------------------ products

/// The bound of a·b/R: (a·b + q·p)/R with q < R and 16p < R is below (j·k/16 + 1)·p.
constexpr unsigned bound_of_product(unsigned j, unsigned k) noexcept {
  return (j * k + 15) / 16 + 1;
}

/// t/R of columns at 2^(52·n). -1/p is 1 modulo 2^52, so that the lowest limb of t is the quotient's digit q,
/// and t + q·p = (t - q) + q·(p + 1), p + 1 = 2^44·2^52 + 2^36·2^156 + (2^48 - 2^16)·2^208. Columns of a
/// product are below 10·2^52 each, and a reduction adds six halves and a carry: below 2·2^57.
template <unsigned k>
BULLA_P256_INLINE Loose<0, k> divided_by_r(Lanes (&t)[10]) noexcept {
  const Lanes p1 = in_all(uint64_t{1} << 44), p3 = in_all(uint64_t{1} << 36), p4 = in_all(limb_of_p(4));
#pragma GCC unroll 5
  for (int n = 0; n < 5; ++n) {
    const Lanes q = t[n];
    t[n + 1] = _mm512_add_epi64(_mm512_madd52lo_epu64(t[n + 1], q, p1), right<52>(q));
    t[n + 2] = _mm512_madd52hi_epu64(t[n + 2], q, p1);
    t[n + 3] = _mm512_madd52lo_epu64(t[n + 3], q, p3);
    t[n + 4] = _mm512_madd52hi_epu64(_mm512_madd52lo_epu64(t[n + 4], q, p4), q, p3);
    t[n + 5] = _mm512_madd52hi_epu64(t[n + 5], q, p4);
  }
  return {t[5], t[6], t[7], t[8], t[9]};
}

template <unsigned j, unsigned k>
BULLA_P256_INLINE Loose<0, bound_of_product(j, k)> operator*(const Element<j>& a,
                                                             const Element<k>& b) noexcept {
  Lanes t[10];
#pragma GCC unroll 10
  for (int n = 0; n < 10; ++n) t[n] = _mm512_setzero_si512();
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) {
#pragma GCC unroll 5
    for (int m = 0; m < 5; ++m) t[i + m] = _mm512_madd52lo_epu64(t[i + m], a.limb[i], b.limb[m]);
#pragma GCC unroll 5
    for (int m = 0; m < 5; ++m) t[i + m + 1] = _mm512_madd52hi_epu64(t[i + m + 1], a.limb[i], b.limb[m]);
  }
  return divided_by_r<bound_of_product(j, k)>(t);
}

/// The same for squares, where a_i·a_m and a_m·a_i are one product.
template <unsigned k>
BULLA_P256_INLINE Loose<0, bound_of_product(k, k)> square(const Element<k>& a) noexcept {
  Lanes t[10];
#pragma GCC unroll 10
  for (int n = 0; n < 10; ++n) t[n] = _mm512_setzero_si512();
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) {
#pragma GCC unroll 5
    for (int m = i + 1; m < 5; ++m) t[i + m] = _mm512_madd52lo_epu64(t[i + m], a.limb[i], a.limb[m]);
#pragma GCC unroll 5
    for (int m = i + 1; m < 5; ++m) t[i + m + 1] = _mm512_madd52hi_epu64(t[i + m + 1], a.limb[i], a.limb[m]);
  }
#pragma GCC unroll 8
  for (int n = 1; n < 9; ++n) t[n] = _mm512_add_epi64(t[n], t[n]);
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) {
    t[2 * i] = _mm512_madd52lo_epu64(t[2 * i], a.limb[i], a.limb[i]);
    t[2 * i + 1] = _mm512_madd52hi_epu64(t[2 * i + 1], a.limb[i], a.limb[i]);
  }
  return divided_by_r<bound_of_product(k, k)>(t);
}

// -------------------------------------------------------------------------------------------- sums, carries

template <unsigned a, unsigned b, unsigned c, unsigned d>
BULLA_P256_INLINE Loose<a + c, b + d> operator+(const Loose<a, b>& x, const Loose<c, d>& y) noexcept {
  Loose<a + c, b + d> out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) out.limb[i] = _mm512_add_epi64(x.limb[i], y.limb[i]);
  return out;
}
template <unsigned a, unsigned b, unsigned c, unsigned d>
BULLA_P256_INLINE Loose<a + d, b + c> operator-(const Loose<a, b>& x, const Loose<c, d>& y) noexcept {
  Loose<a + d, b + c> out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) out.limb[i] = _mm512_sub_epi64(x.limb[i], y.limb[i]);
  return out;
}
/// 2^n·x.
template <unsigned n, unsigned l, unsigned h>
BULLA_P256_INLINE Loose<(l << n), (h << n)> doubled(const Loose<l, h>& x) noexcept {
  Loose<(l << n), (h << n)> out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) out.limb[i] = left<n>(x.limb[i]);
  return out;
}
/// k·p - x in the lanes of `mask`, for an x that is not 0.
template <unsigned k>
BULLA_P256_INLINE Loose<0, k> negated(__mmask8 mask, const Element<k>& x) noexcept {
  Loose<0, k> out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
    out.limb[i] = _mm512_mask_sub_epi64(x.limb[i], mask, in_all(k * limb_of_p(i)), x.limb[i]);
  return out;
}

/// Limb after limb. The highest has no more than 52 bits in the end, since the number is below 16p < 2^260
/// and not negative.
BULLA_P256_INLINE void carry_limbs(Lanes (&limb)[5]) noexcept {
  const Lanes mask = in_all(mask52);
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    limb[i + 1] = _mm512_add_epi64(limb[i + 1], signed_right<52>(limb[i]));
    limb[i] = _mm512_and_si512(limb[i], mask);
  }
}

/// x + l·p. Sums in it are within ±(16·2^57 + 16·2^52 + 2^11), less than 2^63.
template <unsigned l, unsigned h>
  requires(l + h <= 16)
BULLA_P256_INLINE Element<l + h> carry(const Loose<l, h>& x) noexcept {
  Element<l + h> out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
    out.limb[i] =
        l == 0 || limb_of_p(i) == 0 ? x.limb[i] : _mm512_add_epi64(x.limb[i], in_all(l * limb_of_p(i)));
  carry_limbs(out.limb);
  return out;
}

/// x - q·p, where q·2^256 is about x: x - q·2^256 + q·d, d = 2^224 - 2^192 - 2^96 + 1. The highest limb
/// is q·2^48 + m with 2^24 <= m < 2^48 + 2^24, and within ±2^54 as x is within ±32p and the other limbs
/// within ±2^62, so that |q| <= 64. These other limbs come to within ±2^219, and q·d to within ±2^230. What
/// remains is above 2^232 - 2^230 - 2^219 > 0 and below 2^256 + 2^232 + 2^230 + 2^219 < 2p.
template <unsigned l, unsigned h>
BULLA_P256_INLINE Element<2> reduce(const Loose<l, h>& x) noexcept {
  const Lanes q = signed_right<48>(_mm512_sub_epi64(x.limb[4], in_all(uint64_t{1} << 24)));
  Element<2> out;
  out.limb[0] = _mm512_add_epi64(x.limb[0], q);
  out.limb[1] = _mm512_sub_epi64(x.limb[1], left<44>(q));
  out.limb[2] = x.limb[2];
  out.limb[3] = _mm512_sub_epi64(x.limb[3], left<36>(q));
  out.limb[4] = _mm512_add_epi64(_mm512_sub_epi64(x.limb[4], left<48>(q)), left<16>(q));
  carry_limbs(out.limb);
  return out;
}

// --------------------------------------------------------------------------------- lanes, words and numbers

/// b in the lanes of `mask`, a in the others.
template <unsigned j, unsigned k>
BULLA_P256_INLINE Element<(j < k ? k : j)> blend(__mmask8 mask, const Element<j>& a,
                                                 const Element<k>& b) noexcept {
  Element<(j < k ? k : j)> out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) out.limb[i] = _mm512_mask_blend_epi64(mask, a.limb[i], b.limb[i]);
  return out;
}
/// Lane i is lane i ^ distance of a.
template <int distance>
BULLA_P256_INLINE Lanes swapped(Lanes a) noexcept {
  static_assert(distance == 1 || distance == 2 || distance == 4);
  if constexpr (distance == 4) return _mm512_maskz_shuffle_i64x2(every_lane, a, a, 0b01'00'11'10);
  if constexpr (distance == 2) return _mm512_maskz_permutex_epi64(every_lane, a, 0b01'00'11'10);
  if constexpr (distance == 1) return _mm512_maskz_permutex_epi64(every_lane, a, 0b10'11'00'01);
}
template <int distance, class Number>
BULLA_P256_INLINE Number swapped(const Number& a) noexcept {
  Number out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) out.limb[i] = swapped<distance>(a.limb[i]);
  return out;
}

/// The same number in all lanes.
BULLA_P256_INLINE Element<1> constant(const ec::Limbs<4>& x) noexcept {
  return {in_all(x[0] & mask52), in_all((x[0] >> 52 | x[1] << 12) & mask52),
          in_all((x[1] >> 40 | x[2] << 24) & mask52), in_all((x[2] >> 28 | x[3] << 36) & mask52),
          in_all(x[3] >> 16)};
}
/// R and R² modulo p.
inline constexpr ec::Limbs<4> r_mod_p = P256::Field::from_number({16}).montgomery();
inline constexpr ec::Limbs<4> r2_mod_p =
    P256::Field::from_number(P256::Field::from_number({256}).montgomery()).montgomery();

BULLA_P256_INLINE Element<1> one() noexcept {
  return constant(r_mod_p);
}

/// Numbers of 256 bits in eight lanes, as they stand in memory.
struct alignas(64) Words {
  uint64_t word[4][8];

  void set(size_t lane, const ec::Limbs<4>& a) noexcept {
    for (size_t i = 0; i < 4; ++i) word[i][lane] = a[i];
  }
  ec::Limbs<4> at(size_t lane) const noexcept {
    return {word[0][lane], word[1][lane], word[2][lane], word[3][lane]};
  }
};

/// Of x·2^256 mod p, as the other kernels and the tables have it, x·R: sixteen times as much.
BULLA_P256_INLINE Element<16> from_words(Lanes w0, Lanes w1, Lanes w2, Lanes w3) noexcept {
  const Lanes mask = in_all(mask52);
  return {_mm512_and_si512(left<4>(w0), mask),
          _mm512_and_si512(_mm512_or_si512(right<48>(w0), left<16>(w1)), mask),
          _mm512_and_si512(_mm512_or_si512(right<36>(w1), left<28>(w2)), mask),
          _mm512_and_si512(_mm512_or_si512(right<24>(w2), left<40>(w3)), mask), right<12>(w3)};
}
BULLA_P256_INLINE Element<16> load(const Words& from) noexcept {
  return from_words(_mm512_load_si512(from.word[0]), _mm512_load_si512(from.word[1]),
                    _mm512_load_si512(from.word[2]), _mm512_load_si512(from.word[3]));
}

/// x itself, below p: (x·R + q·p)/R with q < R is at most p, and p only where x is 0 and its form is not.
template <unsigned k>
BULLA_P256_INLINE void store_number(const Element<k>& a, Words& out) noexcept {
  Lanes t[10];
#pragma GCC unroll 10
  for (int i = 0; i < 10; ++i) t[i] = i < 5 ? a.limb[i] : _mm512_setzero_si512();
  const Element<2> x = carry(divided_by_r<2>(t));
  _mm512_store_si512(out.word[0], _mm512_or_si512(x.limb[0], left<52>(x.limb[1])));
  _mm512_store_si512(out.word[1], _mm512_or_si512(right<12>(x.limb[1]), left<40>(x.limb[2])));
  _mm512_store_si512(out.word[2], _mm512_or_si512(right<24>(x.limb[2]), left<28>(x.limb[3])));
  _mm512_store_si512(out.word[3], _mm512_or_si512(right<36>(x.limb[3]), left<16>(x.limb[4])));
}

}  // namespace bulla::crypto::p256
BULLA_TARGET_END

#endif
