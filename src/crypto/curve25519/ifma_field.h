// Arithmetic modulo p = 2^255 - 19 in eight lanes at once, with AVX-512 IFMA: an instruction multiplies the
// lower 52 bits of two lanes and adds the lower or the upper 52 bits of the product to a third.
//
// Limbs have 51 bits, as in field.h. What may be multiplied, Lanes51, has limbs below 2^52; what comes of
// products and sums, Loose<k>, has limbs below k·2^61, and carry() brings it back. So bounds are part of the
// type here too, and a formula that could overflow does not compile.
//
// The lanes hold eight elements that have nothing to do with each other, or the coordinates of two points,
// four lanes each.
#pragma once

#if defined(__x86_64__)

#include "crypto/curve25519/field.h"
#include "crypto/target.h"

#include <immintrin.h>

#define BULLA_IFMA_INLINE [[gnu::always_inline]] inline

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq,avx512ifma")
namespace bulla::crypto::curve25519::ifma {

/// Eight words of 64 bits.
using Lanes = __m512i;

/// Limbs below 2^52, the lowest first, of eight elements.
struct Lanes51 {
  Lanes limb[5];
};

/// Limbs below k·2^61.
template <unsigned k>
  requires(k >= 1 && k <= 7)
struct Loose {
  Lanes limb[5];
};

/// For intrinsics whose forms without a mask g++ 12 warns of, since in its headers they read something
/// undefined.
inline constexpr __mmask8 every_lane = 0xff;

BULLA_IFMA_INLINE Lanes in_all(uint64_t word) noexcept {
  return _mm512_set1_epi64(static_cast<long long>(word));
}

// ------------------------------------------------------------------------------------------------ products
// a_i·b_j = low + 2^52·high stands at 2^(51·(i + j)): low in column i + j, high twice in column i + j + 1.
// What is in column n + 5 comes to column n 19 times, so that with H, L for the sums of halves, column n is
//   2·H(n) + L(n) + 19·over = 2·(H(n) + 9·over) + over + L(n),     over = 2·H(n + 5) + L(n + 5).

BULLA_IFMA_INLINE Lanes doubled(Lanes a) noexcept {
  return _mm512_add_epi64(a, a);
}
BULLA_IFMA_INLINE Lanes nine_times(Lanes a) noexcept {
  return _mm512_add_epi64(_mm512_maskz_slli_epi64(every_lane, a, 3), a);
}

/// The most is in column 0, in units of 2^52: one lower half, and 19 times four lower ones and five upper
/// ones twice.
static_assert(1 + 19 * (4 + 2 * 5) < 1 << (61 - 52));

BULLA_IFMA_INLINE Loose<1> operator*(const Lanes51& a, const Lanes51& b) noexcept {
  Lanes c[10];
#pragma GCC unroll 10
  for (int n = 0; n < 10; ++n) c[n] = _mm512_setzero_si512();
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
#pragma GCC unroll 5
    for (int j = 0; j < 5; ++j) c[i + j + 1] = _mm512_madd52hi_epu64(c[i + j + 1], a.limb[i], b.limb[j]);
#pragma GCC unroll 5
  for (int n = 5; n < 10; ++n) c[n] = doubled(c[n]);
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
#pragma GCC unroll 5
    for (int j = 5 - i; j < 5; ++j) c[i + j] = _mm512_madd52lo_epu64(c[i + j], a.limb[i], b.limb[j]);
#pragma GCC unroll 5
  for (int n = 0; n < 5; ++n)
    c[n] = _mm512_add_epi64(doubled(_mm512_add_epi64(c[n], nine_times(c[n + 5]))), c[n + 5]);
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
#pragma GCC unroll 5
    for (int j = 0; j < 5 - i; ++j) c[i + j] = _mm512_madd52lo_epu64(c[i + j], a.limb[i], b.limb[j]);
  return {c[0], c[1], c[2], c[3], c[4]};
}

/// 2·H(column) + L(column), in two chains.
template <int column>
BULLA_IFMA_INLINE Lanes column_sum(const Lanes51& a, const Lanes51& b) noexcept {
  Lanes low = _mm512_setzero_si512(), high = _mm512_setzero_si512();
#pragma GCC unroll 5
  for (int i = column < 5 ? 0 : column - 5; i < 5 && i <= column; ++i) {
    const int j = column - i;
    if (j >= 1) high = _mm512_madd52hi_epu64(high, a.limb[i], b.limb[j - 1]);
    if (j < 5) low = _mm512_madd52lo_epu64(low, a.limb[i], b.limb[j]);
  }
  return _mm512_add_epi64(doubled(high), low);
}
/// With what is in the column n + 5.
template <int n>
BULLA_IFMA_INLINE Lanes folded_sum(const Lanes51& a, const Lanes51& b) noexcept {
  const Lanes over = column_sum<n + 5>(a, b);
  const Lanes times_18 = _mm512_add_epi64(doubled(over), _mm512_maskz_slli_epi64(every_lane, over, 4));
  return _mm512_add_epi64(_mm512_add_epi64(column_sum<n>(a, b), over), times_18);
}

/// a·b by more additions in shorter chains: for when nothing else is there to do meanwhile.
BULLA_IFMA_INLINE Loose<1> multiply_alone(const Lanes51& a, const Lanes51& b) noexcept {
  return {folded_sum<0>(a, b), folded_sum<1>(a, b), folded_sum<2>(a, b), folded_sum<3>(a, b),
          folded_sum<4>(a, b)};
}

/// The same for squares, where a_i·a_j and a_j·a_i are one product: column n is, with h and l for the sums
/// of those with i < j, and H and L for those with i = j, 2·(2·h(n) + H(n) + l(n) + 9·over) + over + L(n).
BULLA_IFMA_INLINE Loose<1> square(const Lanes51& a) noexcept {
  Lanes c[10];
#pragma GCC unroll 10
  for (int n = 0; n < 10; ++n) c[n] = _mm512_setzero_si512();
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
#pragma GCC unroll 5
    for (int j = i + 1; j < 5; ++j) c[i + j + 1] = _mm512_madd52hi_epu64(c[i + j + 1], a.limb[i], a.limb[j]);
#pragma GCC unroll 7
  for (int n = 2; n < 9; ++n) c[n] = doubled(c[n]);
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) c[2 * i + 1] = _mm512_madd52hi_epu64(c[2 * i + 1], a.limb[i], a.limb[i]);
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
#pragma GCC unroll 5
    for (int j = i + 1; j < 5; ++j) c[i + j] = _mm512_madd52lo_epu64(c[i + j], a.limb[i], a.limb[j]);
#pragma GCC unroll 5
  for (int n = 5; n < 10; ++n) c[n] = doubled(c[n]);
  c[6] = _mm512_madd52lo_epu64(c[6], a.limb[3], a.limb[3]);
  c[8] = _mm512_madd52lo_epu64(c[8], a.limb[4], a.limb[4]);
#pragma GCC unroll 5
  for (int n = 0; n < 5; ++n)
    c[n] = _mm512_add_epi64(doubled(_mm512_add_epi64(c[n], nine_times(c[n + 5]))), c[n + 5]);
#pragma GCC unroll 3
  for (int i = 0; i < 3; ++i) c[2 * i] = _mm512_madd52lo_epu64(c[2 * i], a.limb[i], a.limb[i]);
  return {c[0], c[1], c[2], c[3], c[4]};
}

// -------------------------------------------------------------------------------------------- sums, carries

/// Limbs below 7·2^61 lose less than 2^13 each to the next, the highest 19 times so much to the lowest.
template <unsigned k>
BULLA_IFMA_INLINE Lanes51 carry(const Loose<k>& a) noexcept {
  const Lanes mask = in_all(mask51);
  Lanes51 out;
  const Lanes top = _mm512_maskz_srli_epi64(every_lane, a.limb[4], 51);
  out.limb[0] = _mm512_madd52lo_epu64(_mm512_and_si512(a.limb[0], mask), top, in_all(19));
#pragma GCC unroll 4
  for (int i = 1; i < 5; ++i)
    out.limb[i] = _mm512_add_epi64(_mm512_and_si512(a.limb[i], mask),
                                   _mm512_maskz_srli_epi64(every_lane, a.limb[i - 1], 51));
  return out;
}

BULLA_IFMA_INLINE Loose<1> loose(const Lanes51& a) noexcept {
  return {a.limb[0], a.limb[1], a.limb[2], a.limb[3], a.limb[4]};
}

template <unsigned j, unsigned k>
BULLA_IFMA_INLINE Loose<j + k> operator+(const Loose<j>& a, const Loose<k>& b) noexcept {
  Loose<j + k> out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) out.limb[i] = _mm512_add_epi64(a.limb[i], b.limb[i]);
  return out;
}

/// times·p in limbs: times·(2^51 - 19) in the lowest, times·(2^51 - 1) in the others.
BULLA_IFMA_INLINE Lanes multiple_of_p(int limb, uint64_t times) noexcept {
  return in_all(times * (mask51 - (limb == 0 ? 18 : 0)));
}

/// a + k·2^11·p - b; the limbs of 2^11·p, 2^62 less a few, are not below those of b, and that is 2k more.
template <unsigned j, unsigned k>
BULLA_IFMA_INLINE Loose<j + 2 * k> operator-(const Loose<j>& a, const Loose<k>& b) noexcept {
  Loose<j + 2 * k> out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
    out.limb[i] = _mm512_sub_epi64(_mm512_add_epi64(a.limb[i], multiple_of_p(i, k << 11)), b.limb[i]);
  return out;
}

/// a + 121665·b: the products are below 2^69, their upper halves below 2^17.
template <unsigned k>
BULLA_IFMA_INLINE Loose<k + 1> add_times_121665(const Loose<k>& a, const Lanes51& b) noexcept {
  const Lanes factor = in_all(121665);
  Lanes high[5];
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
    high[i] = doubled(_mm512_madd52hi_epu64(_mm512_setzero_si512(), b.limb[i], factor));
  Loose<k + 1> out;
  out.limb[0] =
      _mm512_madd52lo_epu64(_mm512_madd52lo_epu64(a.limb[0], b.limb[0], factor), high[4], in_all(19));
#pragma GCC unroll 4
  for (int i = 1; i < 5; ++i)
    out.limb[i] = _mm512_add_epi64(_mm512_madd52lo_epu64(a.limb[i], b.limb[i], factor), high[i - 1]);
  return out;
}

// ---------------------------------------------------------------------------------------------------- powers

BULLA_IFMA_INLINE Lanes51 multiply(const Lanes51& a, const Lanes51& b) noexcept {
  return carry(multiply_alone(a, b));
}
/// a^(2^n); n >= 1.
inline Lanes51 square_times(Lanes51 a, unsigned n) noexcept {
  for (unsigned i = 0; i < n; ++i) a = carry(square(a));
  return a;
}

/// 1/a, and zero for zero: a^(p - 2) by the chain of field.h, with its names.
inline Lanes51 invert(const Lanes51& a) noexcept {
  const Lanes51 a2 = square_times(a, 1);
  const Lanes51 a9 = multiply(square_times(a2, 2), a);
  const Lanes51 a11 = multiply(a9, a2);
  const Lanes51 e5 = multiply(square_times(a11, 1), a9);
  const Lanes51 e10 = multiply(square_times(e5, 5), e5);
  const Lanes51 e20 = multiply(square_times(e10, 10), e10);
  const Lanes51 e40 = multiply(square_times(e20, 20), e20);
  const Lanes51 e50 = multiply(square_times(e40, 10), e10);
  const Lanes51 e100 = multiply(square_times(e50, 50), e50);
  const Lanes51 e200 = multiply(square_times(e100, 100), e100);
  return multiply(square_times(multiply(square_times(e200, 50), e50), 5), a11);
}

// -------------------------------------------------------------------------------------------- lanes by
// number

/// Elements as they stand in memory.
struct alignas(64) Stored {
  uint64_t limb[5][8];

  void set(size_t lane, const Limbs& a) noexcept {
    limb[0][lane] = a.l0, limb[1][lane] = a.l1, limb[2][lane] = a.l2, limb[3][lane] = a.l3;
    limb[4][lane] = a.l4;
  }
  Limbs at(size_t lane) const noexcept {
    return {limb[0][lane], limb[1][lane], limb[2][lane], limb[3][lane], limb[4][lane]};
  }
};
BULLA_IFMA_INLINE Lanes51 load(const Stored& from) noexcept {
  Lanes51 out;
  for (int i = 0; i < 5; ++i) out.limb[i] = _mm512_load_si512(from.limb[i]);
  return out;
}
/// Limbs of at most 2^51 + 19, as elements of field.h may have: a second carry moves less than 2.
template <unsigned k>
BULLA_IFMA_INLINE void store(const Loose<k>& a, Stored& out) noexcept {
  const Lanes51 tight = carry(loose(carry(a)));
  for (int i = 0; i < 5; ++i) _mm512_store_si512(out.limb[i], tight.limb[i]);
}

/// The small number in all lanes.
BULLA_IFMA_INLINE Lanes51 small(uint64_t number) noexcept {
  const Lanes none = _mm512_setzero_si512();
  return {in_all(number), none, none, none, none};
}

/// The same for limb after limb: b in the lanes of `mask`, a in the others.
template <class Element>
BULLA_IFMA_INLINE Element blend(__mmask8 mask, const Element& a, const Element& b) noexcept {
  Element out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) out.limb[i] = _mm512_mask_blend_epi64(mask, a.limb[i], b.limb[i]);
  return out;
}
/// Of both halves lane i is its lane l_i of a.
template <int l0, int l1, int l2, int l3, class Element>
BULLA_IFMA_INLINE Element permute(const Element& a) noexcept {
  Element out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
    out.limb[i] = _mm512_maskz_permutex_epi64(every_lane, a.limb[i], l0 | l1 << 2 | l2 << 4 | l3 << 6);
  return out;
}
/// Zero in the lanes that are not in `mask`.
template <class Element>
BULLA_IFMA_INLINE Element keep(__mmask8 mask, const Element& a) noexcept {
  Element out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) out.limb[i] = _mm512_maskz_mov_epi64(mask, a.limb[i]);
  return out;
}
/// a - b in the lanes of `mask`, a + b in the others.
template <unsigned j, unsigned k>
BULLA_IFMA_INLINE Loose<j + 2 * k> subtract_or_add(__mmask8 mask, const Loose<j>& a,
                                                   const Loose<k>& b) noexcept {
  Loose<j + 2 * k> out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
    out.limb[i] = _mm512_add_epi64(
        a.limb[i], _mm512_mask_sub_epi64(b.limb[i], mask, multiple_of_p(i, k << 11), b.limb[i]));
  return out;
}

}  // namespace bulla::crypto::curve25519::ifma
BULLA_TARGET_END

#endif
