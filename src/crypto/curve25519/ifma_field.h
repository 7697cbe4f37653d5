// Arithmetic modulo p = 2^255 - 19 in eight lanes at once, or in four, with AVX-512 IFMA: an instruction
// multiplies the lower 52 bits of two lanes and adds the lower or the upper 52 bits of the product to a
// third.
//
// Limbs have 51 bits, as in field.h. What may be multiplied, Tight, has limbs below 2^52; what comes of
// products and sums, Loose<k>, has limbs below k·2^61, and carry() brings it back. So bounds are part of the
// type here too, and a formula that could overflow does not compile.
//
// The lanes hold elements that have nothing to do with each other, or the coordinates of a point in four.
#pragma once

#if defined(__x86_64__)

#include "crypto/curve25519/field.h"
#include "crypto/curve25519/ifma_lanes.h"

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq,avx512ifma")
namespace bulla::crypto::curve25519::ifma {

/// Limbs below 2^52, the lowest first, of an element in each lane of W.
template <class W>
struct Tight {
  typename W::Vector limb[5];
};
using Lanes51 = Tight<Eight>;

/// Limbs below k·2^61.
template <unsigned k, class W = Eight>
  requires(k >= 1 && k <= 7)
struct Loose {
  typename W::Vector limb[5];
};

// ------------------------------------------------------------------------------------------------ products
// a_i·b_j = low + 2^52·high stands at 2^(51·(i + j)): low in column i + j, high twice in column i + j + 1.
// What is in column n + 5 comes to column n 19 times, so that with H, L for the sums of halves, column n is
//   2·H(n) + L(n) + 19·over = 2·(H(n) + 9·over) + over + L(n),     over = 2·H(n + 5) + L(n + 5).

template <class W>
BULLA_IFMA_INLINE typename W::Vector doubled(typename W::Vector a) noexcept {
  return W::add(a, a);
}
template <class W>
BULLA_IFMA_INLINE typename W::Vector nine_times(typename W::Vector a) noexcept {
  return W::add(W::template left<3>(a), a);
}

/// The most is in column 0, in units of 2^52: one lower half, and 19 times four lower ones and five upper
/// ones twice.
static_assert(1 + 19 * (4 + 2 * 5) < 1 << (61 - 52));

template <class W>
BULLA_IFMA_INLINE Loose<1, W> operator*(const Tight<W>& a, const Tight<W>& b) noexcept {
  typename W::Vector c[10];
#pragma GCC unroll 10
  for (int n = 0; n < 10; ++n) c[n] = W::all(0);
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
#pragma GCC unroll 5
    for (int j = 0; j < 5; ++j) c[i + j + 1] = W::add_high(c[i + j + 1], a.limb[i], b.limb[j]);
#pragma GCC unroll 5
  for (int n = 5; n < 10; ++n) c[n] = doubled<W>(c[n]);
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
#pragma GCC unroll 5
    for (int j = 5 - i; j < 5; ++j) c[i + j] = W::add_low(c[i + j], a.limb[i], b.limb[j]);
#pragma GCC unroll 5
  for (int n = 0; n < 5; ++n) c[n] = W::add(doubled<W>(W::add(c[n], nine_times<W>(c[n + 5]))), c[n + 5]);
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
#pragma GCC unroll 5
    for (int j = 0; j < 5 - i; ++j) c[i + j] = W::add_low(c[i + j], a.limb[i], b.limb[j]);
  return {c[0], c[1], c[2], c[3], c[4]};
}

/// 2·H(column) + L(column), in two chains.
template <int column, class W>
BULLA_IFMA_INLINE typename W::Vector column_sum(const Tight<W>& a, const Tight<W>& b) noexcept {
  typename W::Vector low = W::all(0), high = W::all(0);
#pragma GCC unroll 5
  for (int i = column < 5 ? 0 : column - 5; i < 5 && i <= column; ++i) {
    const int j = column - i;
    if (j >= 1) high = W::add_high(high, a.limb[i], b.limb[j - 1]);
    if (j < 5) low = W::add_low(low, a.limb[i], b.limb[j]);
  }
  return W::add(doubled<W>(high), low);
}
/// With what is in the column n + 5.
template <int n, class W>
BULLA_IFMA_INLINE typename W::Vector folded_sum(const Tight<W>& a, const Tight<W>& b) noexcept {
  const typename W::Vector over = column_sum<n + 5>(a, b);
  const typename W::Vector times_18 = W::add(doubled<W>(over), W::template left<4>(over));
  return W::add(W::add(column_sum<n>(a, b), over), times_18);
}

/// a·b by more additions in shorter chains: for when nothing else is there to do meanwhile.
template <class W>
BULLA_IFMA_INLINE Loose<1, W> multiply_alone(const Tight<W>& a, const Tight<W>& b) noexcept {
  return {folded_sum<0>(a, b), folded_sum<1>(a, b), folded_sum<2>(a, b), folded_sum<3>(a, b),
          folded_sum<4>(a, b)};
}

/// The same for squares, where a_i·a_j and a_j·a_i are one product: column n is, with h and l for the sums
/// of those with i < j, and H and L for those with i = j, 2·(2·h(n) + H(n) + l(n) + 9·over) + over + L(n).
template <class W>
BULLA_IFMA_INLINE Loose<1, W> square(const Tight<W>& a) noexcept {
  typename W::Vector c[10];
#pragma GCC unroll 10
  for (int n = 0; n < 10; ++n) c[n] = W::all(0);
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
#pragma GCC unroll 5
    for (int j = i + 1; j < 5; ++j) c[i + j + 1] = W::add_high(c[i + j + 1], a.limb[i], a.limb[j]);
#pragma GCC unroll 7
  for (int n = 2; n < 9; ++n) c[n] = doubled<W>(c[n]);
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) c[2 * i + 1] = W::add_high(c[2 * i + 1], a.limb[i], a.limb[i]);
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
#pragma GCC unroll 5
    for (int j = i + 1; j < 5; ++j) c[i + j] = W::add_low(c[i + j], a.limb[i], a.limb[j]);
#pragma GCC unroll 5
  for (int n = 5; n < 10; ++n) c[n] = doubled<W>(c[n]);
  c[6] = W::add_low(c[6], a.limb[3], a.limb[3]);
  c[8] = W::add_low(c[8], a.limb[4], a.limb[4]);
#pragma GCC unroll 5
  for (int n = 0; n < 5; ++n) c[n] = W::add(doubled<W>(W::add(c[n], nine_times<W>(c[n + 5]))), c[n + 5]);
#pragma GCC unroll 3
  for (int i = 0; i < 3; ++i) c[2 * i] = W::add_low(c[2 * i], a.limb[i], a.limb[i]);
  return {c[0], c[1], c[2], c[3], c[4]};
}

// -------------------------------------------------------------------------------------------- sums, carries

/// Limbs below 7·2^61 lose less than 2^13 each to the next, the highest 19 times so much to the lowest.
template <unsigned k, class W>
BULLA_IFMA_INLINE Tight<W> carry(const Loose<k, W>& a) noexcept {
  const typename W::Vector mask = W::all(mask51);
  Tight<W> out;
  const typename W::Vector top = W::template right<51>(a.limb[4]);
  out.limb[0] = W::add_low(W::both(a.limb[0], mask), top, W::all(19));
#pragma GCC unroll 4
  for (int i = 1; i < 5; ++i)
    out.limb[i] = W::add(W::both(a.limb[i], mask), W::template right<51>(a.limb[i - 1]));
  return out;
}

template <class W>
BULLA_IFMA_INLINE Loose<1, W> loose(const Tight<W>& a) noexcept {
  return {a.limb[0], a.limb[1], a.limb[2], a.limb[3], a.limb[4]};
}

template <unsigned j, unsigned k, class W>
BULLA_IFMA_INLINE Loose<j + k, W> operator+(const Loose<j, W>& a, const Loose<k, W>& b) noexcept {
  Loose<j + k, W> out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) out.limb[i] = W::add(a.limb[i], b.limb[i]);
  return out;
}

/// times·p in limbs: times·(2^51 - 19) in the lowest, times·(2^51 - 1) in the others.
template <class W>
BULLA_IFMA_INLINE typename W::Vector multiple_of_p(int limb, uint64_t times) noexcept {
  return W::all(times * (mask51 - (limb == 0 ? 18 : 0)));
}

/// a + k·2^11·p - b; the limbs of 2^11·p, 2^62 less a few, are not below those of b, and that is 2k more.
template <unsigned j, unsigned k, class W>
BULLA_IFMA_INLINE Loose<j + 2 * k, W> operator-(const Loose<j, W>& a, const Loose<k, W>& b) noexcept {
  Loose<j + 2 * k, W> out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
    out.limb[i] = W::subtract(W::add(a.limb[i], multiple_of_p<W>(i, k << 11)), b.limb[i]);
  return out;
}

/// a + 121665·b: the products are below 2^69, their upper halves below 2^17.
template <unsigned k, class W>
BULLA_IFMA_INLINE Loose<k + 1, W> add_times_121665(const Loose<k, W>& a, const Tight<W>& b) noexcept {
  const typename W::Vector factor = W::all(121665);
  typename W::Vector high[5];
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) high[i] = doubled<W>(W::add_high(W::all(0), b.limb[i], factor));
  Loose<k + 1, W> out;
  out.limb[0] = W::add_low(W::add_low(a.limb[0], b.limb[0], factor), high[4], W::all(19));
#pragma GCC unroll 4
  for (int i = 1; i < 5; ++i) out.limb[i] = W::add(W::add_low(a.limb[i], b.limb[i], factor), high[i - 1]);
  return out;
}

template <class W>
BULLA_IFMA_INLINE Tight<W> multiply(const Tight<W>& a, const Tight<W>& b) noexcept {
  return carry(multiply_alone(a, b));
}

// ------------------------------------------------------------------------------------- lanes by number

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
template <class W = Eight>
BULLA_IFMA_INLINE Tight<W> load(const Stored& from) noexcept {
  Tight<W> out;
  for (int i = 0; i < 5; ++i) out.limb[i] = W::load(from.limb[i]);
  return out;
}
/// Limbs of at most 2^51 + 19, as elements of field.h may have: a second carry moves less than 2.
template <unsigned k, class W>
BULLA_IFMA_INLINE void store(const Loose<k, W>& a, Stored& out) noexcept {
  const Tight<W> tight = carry(loose(carry(a)));
  for (int i = 0; i < 5; ++i) W::store(out.limb[i], tight.limb[i]);
}

/// The small number in all lanes.
template <class W = Eight>
BULLA_IFMA_INLINE Tight<W> small(uint64_t number) noexcept {
  const typename W::Vector none = W::all(0);
  return {W::all(number), none, none, none, none};
}

/// The width of an element's type.
template <class Element>
struct WidthOf;
template <class W>
struct WidthOf<Tight<W>> {
  using Type = W;
};
template <unsigned k, class W>
struct WidthOf<Loose<k, W>> {
  using Type = W;
};

/// The same for limb after limb: b in the lanes of `mask`, a in the others.
template <class Element>
BULLA_IFMA_INLINE Element blend(__mmask8 mask, const Element& a, const Element& b) noexcept {
  Element out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) out.limb[i] = WidthOf<Element>::Type::blend(mask, a.limb[i], b.limb[i]);
  return out;
}
/// Of both halves lane i is its lane l_i of a.
template <int l0, int l1, int l2, int l3, class Element>
BULLA_IFMA_INLINE Element permute(const Element& a) noexcept {
  Element out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
    out.limb[i] = WidthOf<Element>::Type::template permute<(l0 | l1 << 2 | l2 << 4 | l3 << 6)>(a.limb[i]);
  return out;
}
/// Zero in the lanes that are not in `mask`.
template <class Element>
BULLA_IFMA_INLINE Element keep(__mmask8 mask, const Element& a) noexcept {
  Element out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) out.limb[i] = WidthOf<Element>::Type::keep(mask, a.limb[i]);
  return out;
}
/// a - b in the lanes of `mask`, a + b in the others.
template <unsigned j, unsigned k, class W>
BULLA_IFMA_INLINE Loose<j + 2 * k, W> subtract_or_add(__mmask8 mask, const Loose<j, W>& a,
                                                      const Loose<k, W>& b) noexcept {
  Loose<j + 2 * k, W> out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
    out.limb[i] = W::add(a.limb[i], W::subtract_where(mask, multiple_of_p<W>(i, k << 11), b.limb[i]));
  return out;
}

}  // namespace bulla::crypto::curve25519::ifma
BULLA_TARGET_END

#endif
