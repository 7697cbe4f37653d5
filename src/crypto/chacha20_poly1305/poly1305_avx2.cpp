// Poly1305 of four blocks at once (poly1305_lanes.h) with AVX2, which multiplies 32 by 32 bits. Numbers have
// five limbs of 26 bits. With 2^130 = 5 modulo 2^130 - 5:
//
//   d0 = h0 r0 + h1 s4 + h2 s3 + h3 s2 + h4 s1
//   d1 = h0 r1 + h1 r0 + h2 s4 + h3 s3 + h4 s2        s = 5 r
//   d2 = h0 r2 + h1 r1 + h2 r0 + h3 s4 + h4 s3
//   d3 = h0 r3 + h1 r2 + h2 r1 + h3 r0 + h4 s4
//   d4 = h0 r4 + h1 r3 + h2 r2 + h3 r1 + h4 r0
//
// Bounds. Limbs of reduced() are below 2^26 + 2^11, so after a block has been added h < 2^27.1. A factor's
// limbs are below 2^26.1, s below 2^28.5: all factors have less than 32 bits. At most four products are
// added: d0 < 4 * (1 + 4 * 5) * 2^53.2 < 2^59.6, and so are the others. What is carried first is below
// 2^33.7, and five times that below 2^36.1. The carries of the last two rounds are below 2^10.2 (out of d0,
// into d1) and 2^7.8 (out of d3, into d4).
//
// Constant time: multiplications, additions, shifts and shuffles by fixed distances.
#include "crypto/chacha20_poly1305/impl.h"

#if defined(__x86_64__)

#include "crypto/target.h"

#include <immintrin.h>

BULLA_TARGET_BEGIN("avx2")

namespace bulla::crypto::chacha20_poly1305 {
namespace {

using Limb = __m256i;

constexpr size_t lanes = 4;
constexpr unsigned radix = 26;
constexpr uint64_t mask = (uint64_t{1} << radix) - 1;

inline Limb everywhere(uint64_t v) noexcept {
  return _mm256_set1_epi64x(static_cast<long long>(v));
}
inline Limb add(Limb x, Limb y) noexcept {
  return _mm256_add_epi64(x, y);
}
inline Limb times_5(Limb v) noexcept {
  return add(_mm256_slli_epi64(v, 2), v);
}

struct Number {
  Limb l0, l1, l2, l3, l4;
};
struct Factor {
  Number r;
  Limb s1, s2, s3, s4;
};
using Products = Number;

inline Factor factor(const Number& r) noexcept {
  return {r, times_5(r.l1), times_5(r.l2), times_5(r.l3), times_5(r.l4)};
}
inline Number small(uint64_t v) noexcept {
  const Limb zero = _mm256_setzero_si256();
  return {everywhere(v), zero, zero, zero, zero};
}
inline Products no_products() noexcept {
  return small(0);
}

[[gnu::always_inline]] inline void add_limbs(Limb& d, Limb x, Limb y) noexcept {
  d = add(d, _mm256_mul_epu32(x, y));
}
/// A limb of h times five limbs.
[[gnu::always_inline]] inline void add_row(Products& p, Limb h, Limb f0, Limb f1, Limb f2, Limb f3,
                                           Limb f4) noexcept {
  add_limbs(p.l0, h, f0);
  add_limbs(p.l1, h, f1);
  add_limbs(p.l2, h, f2);
  add_limbs(p.l3, h, f3);
  add_limbs(p.l4, h, f4);
}
[[gnu::always_inline]] inline void add_product(Products& p, const Number& h, const Factor& f) noexcept {
  add_row(p, h.l0, f.r.l0, f.r.l1, f.r.l2, f.r.l3, f.r.l4);
  add_row(p, h.l1, f.s4, f.r.l0, f.r.l1, f.r.l2, f.r.l3);
  add_row(p, h.l2, f.s3, f.s4, f.r.l0, f.r.l1, f.r.l2);
  add_row(p, h.l3, f.s2, f.s3, f.s4, f.r.l0, f.r.l1);
  add_row(p, h.l4, f.s1, f.s2, f.s3, f.s4, f.r.l0);
}

[[gnu::always_inline]] inline Limb carry_out(Limb& from) noexcept {
  const Limb carried = _mm256_srli_epi64(from, radix);
  from = _mm256_and_si256(from, everywhere(mask));
  return carried;
}
/// Two carries are under way, one from the lowest limb and one from the fourth.
[[gnu::always_inline]] inline Number reduced(Products d) noexcept {
  d.l1 = add(d.l1, carry_out(d.l0)), d.l4 = add(d.l4, carry_out(d.l3));
  d.l2 = add(d.l2, carry_out(d.l1)), d.l0 = add(d.l0, times_5(carry_out(d.l4)));
  d.l3 = add(d.l3, carry_out(d.l2)), d.l1 = add(d.l1, carry_out(d.l0));
  d.l4 = add(d.l4, carry_out(d.l3));
  return d;
}

inline Number sum(const Number& x, const Number& y) noexcept {
  return {add(x.l0, y.l0), add(x.l1, y.l1), add(x.l2, y.l2), add(x.l3, y.l3), add(x.l4, y.l4)};
}

/// low + 2^64 high + 2^128 top, in limbs.
inline Number from_words(Limb low, Limb high, uint64_t top) noexcept {
  const Limb m = everywhere(mask);
  const Limb middle = _mm256_or_si256(_mm256_srli_epi64(low, 52), _mm256_slli_epi64(high, 12));
  return {_mm256_and_si256(low, m), _mm256_and_si256(_mm256_srli_epi64(low, 26), m),
          _mm256_and_si256(middle, m), _mm256_and_si256(_mm256_srli_epi64(high, 14), m),
          add(_mm256_srli_epi64(high, 40), everywhere(top << 24))};
}
/// Lanes are blocks 0 2 1 3.
[[gnu::always_inline]] inline Number group(const uint8_t* blocks, uint64_t top) noexcept {
  const Limb front = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(blocks));
  const Limb back = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(blocks + 32));
  return from_words(_mm256_unpacklo_epi64(front, back), _mm256_unpackhi_epi64(front, back), top);
}
inline Number same(const uint64_t* words, uint64_t top) noexcept {
  return from_words(everywhere(words[0]), everywhere(words[1]), top);
}

/// x in the lanes whose pairs of bits are set, y in the others.
template <int words_of_x>
inline Number chosen(const Number& x, const Number& y) noexcept {
  return {_mm256_blend_epi32(y.l0, x.l0, words_of_x), _mm256_blend_epi32(y.l1, x.l1, words_of_x),
          _mm256_blend_epi32(y.l2, x.l2, words_of_x), _mm256_blend_epi32(y.l3, x.l3, words_of_x),
          _mm256_blend_epi32(y.l4, x.l4, words_of_x)};
}
inline Number first(const uint64_t* words, uint64_t top) noexcept {
  return chosen<0x03>(same(words, top), small(0));
}

[[gnu::always_inline]] inline Number product(const Number& x, const Factor& y) noexcept {
  Products p = no_products();
  add_product(p, x, y);
  return reduced(p);
}
/// The exponents 4 2 3 1 are 1 and the bits of 3 1 2 0: r times r and r^2 where the bit of that weight is
/// set.
[[gnu::always_inline]] inline Number powers(const Number& r, Number& stride) noexcept {
  const Number squared = product(r, factor(r));
  stride = product(squared, factor(squared));
  return product(chosen<0x0f>(squared, r), factor(chosen<0x33>(squared, small(1))));
}

inline uint64_t sum_of_lanes(Limb v) noexcept {
  const __m128i two = _mm_add_epi64(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  return static_cast<uint64_t>(_mm_cvtsi128_si64(_mm_add_epi64(two, _mm_unpackhi_epi64(two, two))));
}
inline void to_words(const Number& h, uint64_t* words) noexcept {
  uint64_t l0 = sum_of_lanes(h.l0), l1 = sum_of_lanes(h.l1), l2 = sum_of_lanes(h.l2), l3 = sum_of_lanes(h.l3),
           l4 = sum_of_lanes(h.l4);
  for (size_t round = 0; round < 2; ++round) {
    l1 += l0 >> radix, l0 &= mask;
    l2 += l1 >> radix, l1 &= mask;
    l3 += l2 >> radix, l2 &= mask;
    l4 += l3 >> radix, l3 &= mask;
    if (round == 0) l0 += 5 * (l4 >> radix), l4 &= mask;
  }
  words[0] = l0 | l1 << 26 | l2 << 52;
  words[1] = l2 >> 12 | l3 << 14 | l4 << 40;
  words[2] = l4 >> 24;
}

}  // namespace
}  // namespace bulla::crypto::chacha20_poly1305

#include "crypto/chacha20_poly1305/poly1305_lanes.h"

namespace bulla::crypto::chacha20_poly1305 {

void poly1305_blocks_avx2(Poly1305State& state, const uint8_t* blocks, size_t count, uint64_t top) noexcept {
  if (count < 4 * lanes)
    poly1305_blocks_soft(state, blocks, count, top);
  else
    by_lanes(state, blocks, count, top);
}

}  // namespace bulla::crypto::chacha20_poly1305

BULLA_TARGET_END

#endif
