// Eight points of P-256 in Jacobian coordinates (../ec/jacobian.h), one in each lane, and entries of tables.
// As there, a sum is not right for equal points, and who calls says why there are none (../ec/README.md).
#pragma once

#if defined(__x86_64__)

#include "crypto/p256/ifma_field.h"

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq,avx512ifma")
namespace bulla::crypto::p256 {

/// (X/Z², Y/Z³).
template <unsigned k>
struct Point {
  Element<k> x, y;
  Element<4> z;
};
struct Affine {
  Element<16> x, y;
};

BULLA_P256_INLINE Point<2> reduced(const Point<16>& p) noexcept {
  return {reduce(loose(p.x)), reduce(loose(p.y)), p.z};
}
BULLA_P256_INLINE Point<16> point_of(const Affine& p) noexcept {
  return {p.x, p.y, at_most<4>(one())};
}
BULLA_P256_INLINE Point<16> blend(__mmask8 mask, const Point<16>& a, const Point<16>& b) noexcept {
  return {blend(mask, a.x, b.x), blend(mask, a.y, b.y), blend(mask, a.z, b.z)};
}
BULLA_P256_INLINE Affine blend(__mmask8 mask, const Affine& a, const Affine& b) noexcept {
  return {blend(mask, a.x, b.x), blend(mask, a.y, b.y)};
}

/// dbl-2001-b of the Explicit-Formulas Database.
BULLA_P256_INLINE Point<2> twice(const Point<2>& p) noexcept {
  const auto delta = carry(square(p.z)), gamma = carry(square(p.y));
  const auto below = carry(loose(p.x) - loose(delta)), above = carry(loose(p.x) + loose(delta));
  const auto beta = p.x * gamma, product = below * above;
  const auto alpha = carry(product + product + product);
  Point<2> out;
  out.z = carry(doubled<1>(p.y * p.z));
  out.x = reduce(square(alpha) - doubled<3>(beta));
  out.y = reduce(alpha * carry(doubled<2>(beta) - loose(out.x)) - doubled<3>(square(gamma)));
  return out;
}

/// madd of Cohen, Miyaji, Ono. Right for p = -q (Z = 0), not for p = q.
BULLA_P256_INLINE Point<16> add(const Point<16>& p, const Affine& q) noexcept {
  const auto zz = carry(square(p.z));
  const auto h = reduce(q.x * zz - loose(p.x));
  const auto r = reduce(q.y * carry(zz * p.z) - loose(p.y));
  const auto hh = carry(square(h));
  const auto hhh = carry(hh * h);
  const auto v = hh * p.x;
  const auto x = carry(square(r) - loose(hhh) - doubled<1>(v));
  const auto y = carry(r * carry(v - loose(x)) - p.y * hhh);
  return {at_most<16>(x), at_most<16>(y), at_most<4>(carry(p.z * h))};
}

/// The sum of lanes i and i ^ distance, in both: either computes U and S of its own point (with the other's
/// Z), takes the other's, and is the first of the two for itself.
template <int distance>
BULLA_P256_INLINE Point<16> add_lanes(const Point<16>& p) noexcept {
  const auto zz = carry(square(p.z));
  const auto other_zz = swapped<distance>(zz), other_zzz = swapped<distance>(carry(zz * p.z));
  const auto u = carry(p.x * other_zz), s = carry(p.y * other_zzz);
  const auto h = carry(loose(swapped<distance>(u)) - loose(u));
  const auto r = carry(loose(swapped<distance>(s)) - loose(s));
  const auto hh = carry(square(h));
  const auto hhh = carry(hh * h);
  const auto v = u * hh;
  const auto x = carry(square(r) - loose(hhh) - doubled<1>(v));
  const auto y = carry(r * carry(v - loose(x)) - s * hhh);
  return {at_most<16>(x), at_most<16>(y), at_most<4>(carry(carry(p.z * swapped<distance>(p.z)) * h))};
}

/// Some lanes may not have a point yet, which is not the same as the point at infinity for the sums above.
struct Sum {
  Point<16> point;
  __mmask8 there;

  /// Adds q in the lanes of `mask`.
  BULLA_P256_INLINE void add(__mmask8 mask, const Affine& q) noexcept {
    const Point<16> sum = blend(static_cast<__mmask8>(~there), p256::add(point, q), point_of(q));
    point = blend(mask, point, sum);
    there = static_cast<__mmask8>(there | mask);
  }
  template <int distance>
  BULLA_P256_INLINE void add_lanes() noexcept {
    Point<16> other;
    other.x = swapped<distance>(point.x);
    other.y = swapped<distance>(point.y);
    other.z = swapped<distance>(point.z);
    const auto other_there = swapped<distance>(there);
    const Point<16> sum = blend(other_there, point, p256::add_lanes<distance>(point));
    point = blend(there, other, sum);
    there = static_cast<__mmask8>(there | other_there);
  }
  BULLA_P256_INLINE void double_times(int times) noexcept {
    Point<2> p = reduced(point);
    for (; times > 0; --times) p = twice(p);
    point = {at_most<16>(p.x), at_most<16>(p.y), p.z};
  }

 private:
  template <int distance>
  static __mmask8 swapped(__mmask8 mask) noexcept {
    constexpr unsigned lower = distance == 1 ? 0x55 : distance == 2 ? 0x33 : 0x0f;
    return static_cast<__mmask8>((mask & lower) << distance | (mask >> distance & lower));
  }
  template <int distance>
  BULLA_P256_INLINE static auto swapped(const auto& a) noexcept {
    return p256::swapped<distance>(a);
  }
};

// ------------------------------------------------------------------------------------------ digits, entries

/// Signed digits, in each lane one.
struct Digits {
  Lanes magnitude;
  __mmask8 negative, nonzero;
};
/// Booth's recoding, as in ../ec/multiply.h, from width + 1 bits.
template <unsigned width>
BULLA_P256_INLINE Digits booth_digits(Lanes bits) noexcept {
  const auto negative = _mm512_test_epi64_mask(bits, in_all(1 << width));
  const Lanes positive = _mm512_mask_xor_epi64(bits, negative, bits, in_all((2 << width) - 1));
  const Lanes magnitude = right<1>(_mm512_add_epi64(positive, in_all(1)));
  return {magnitude, negative, _mm512_test_epi64_mask(magnitude, magnitude)};
}

/// Which of a table's entries, bit by bit: in the lanes where bit i is set.
template <unsigned bits>
struct Choice {
  __mmask8 bit[bits];

  /// Entry magnitude - 1; any for 0.
  BULLA_P256_INLINE explicit Choice(Lanes magnitude) noexcept {
    const Lanes index = _mm512_sub_epi64(magnitude, in_all(1));
#pragma GCC unroll 6
    for (unsigned i = 0; i < bits; ++i) bit[i] = _mm512_test_epi64_mask(index, in_all(uint64_t{1} << i));
  }
  /// Reads entry(0) ... entry(2^level - 1), all of them, and keeps one half after the other.
  template <unsigned level = bits, class Entry>
  BULLA_P256_INLINE Lanes of(const Entry& entry, size_t first = 0) const noexcept {
    if constexpr (level == 0) {
      return entry(first);
    } else {
      return _mm512_mask_blend_epi64(bit[level - 1], of<level - 1>(entry, first),
                                     of<level - 1>(entry, first + (size_t{1} << (level - 1))));
    }
  }
};

}  // namespace bulla::crypto::p256
BULLA_TARGET_END

#endif
