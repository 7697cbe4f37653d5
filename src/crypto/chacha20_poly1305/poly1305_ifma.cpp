// Poly1305 of eight blocks at once (poly1305_lanes.h) with AVX512-IFMA, which multiplies 52 by 52 bits and
// adds the lower or the upper 52 bits of the product. Numbers are l0 + 2^44 l1 + 2^88 l2. In that radix, and
// with 2^132 = 20 modulo 2^130 - 5:
//
//   d0 = h0 r0 + h1 s2 + h2 s1
//   d1 = h0 r1 + h1 r0 + h2 s2        s = 20 r
//   d2 = h0 r2 + h1 r1 + h2 r0
//
// of each of which there is a lower part, and an upper one that counts 2^52 = 2^8 2^44 times as much.
//
// Bounds. Limbs of reduced() are below 2^44 + 2^17, so after a block has been added h < 2^45.1 (the block's
// have 44 bits at most). A factor's limbs are below 2^44.1, s below 2^48.5: all factors have less than 52
// bits. At most four products are added, of three limbs each: lower parts are below 12 * 2^52 < 2^55.6. Upper
// parts are below 4 * 2^37.2 for h r and 4 * 2^41.6 for h s, so high0 < 2^44.7, high1 < 2^43.8 and high2 <
// 2^40.8; 2^8 high0, 2^8 high1 and 20 * 2^8 high2 < 2^53.2. The sums e are below 2^56, what is carried is
// below 2^12, and 20 times that below 2^16.4.
//
// Constant time: multiplications, additions, shifts and shuffles by fixed distances.
#include "crypto/chacha20_poly1305/impl.h"

#if defined(__x86_64__)

#include "crypto/target.h"

#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"  // PR 105593: the header's own _mm512_undefined_epi32
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq,avx512ifma")

namespace bulla::crypto::chacha20_poly1305 {
namespace {

using Limb = __m512i;

constexpr size_t lanes = 8;
constexpr unsigned radix = 44;
constexpr uint64_t mask = (uint64_t{1} << radix) - 1;

inline Limb everywhere(uint64_t v) noexcept {
  return _mm512_set1_epi64(static_cast<long long>(v));
}

struct Number {
  Limb l0, l1, l2;
};
struct Factor {
  Number r;
  Limb s1, s2;
};
struct Products {
  Limb low0, low1, low2, high0, high1, high2;
};

inline Limb times_20(Limb v) noexcept {
  return _mm512_add_epi64(_mm512_slli_epi64(v, 4), _mm512_slli_epi64(v, 2));
}
inline Factor factor(const Number& r) noexcept {
  return {r, times_20(r.l1), times_20(r.l2)};
}
inline Products no_products() noexcept {
  const Limb zero = _mm512_setzero_si512();
  return {zero, zero, zero, zero, zero, zero};
}

[[gnu::always_inline]] inline void add_limbs(Limb& low, Limb& high, Limb x, Limb y) noexcept {
  low = _mm512_madd52lo_epu64(low, x, y);
  high = _mm512_madd52hi_epu64(high, x, y);
}
[[gnu::always_inline]] inline void add_product(Products& p, const Number& h, const Factor& f) noexcept {
  add_limbs(p.low0, p.high0, h.l0, f.r.l0);
  add_limbs(p.low1, p.high1, h.l0, f.r.l1);
  add_limbs(p.low2, p.high2, h.l0, f.r.l2);
  add_limbs(p.low0, p.high0, h.l1, f.s2);
  add_limbs(p.low1, p.high1, h.l1, f.r.l0);
  add_limbs(p.low2, p.high2, h.l1, f.r.l1);
  add_limbs(p.low0, p.high0, h.l2, f.s1);
  add_limbs(p.low1, p.high1, h.l2, f.s2);
  add_limbs(p.low2, p.high2, h.l2, f.r.l0);
}

/// All limbs carry at once, which leaves little enough in each.
[[gnu::always_inline]] inline Number reduced(const Products& p) noexcept {
  const Limb m = everywhere(mask);
  const Limb e0 = _mm512_add_epi64(p.low0, _mm512_slli_epi64(times_20(p.high2), 8));
  const Limb e1 = _mm512_add_epi64(p.low1, _mm512_slli_epi64(p.high0, 8));
  const Limb e2 = _mm512_add_epi64(p.low2, _mm512_slli_epi64(p.high1, 8));
  return {_mm512_add_epi64(_mm512_and_si512(e0, m), times_20(_mm512_srli_epi64(e2, radix))),
          _mm512_add_epi64(_mm512_and_si512(e1, m), _mm512_srli_epi64(e0, radix)),
          _mm512_add_epi64(_mm512_and_si512(e2, m), _mm512_srli_epi64(e1, radix))};
}

[[gnu::always_inline]] inline Number product(const Number& x, const Factor& y) noexcept {
  Products p = no_products();
  add_product(p, x, y);
  return reduced(p);
}
inline Number sum(const Number& x, const Number& y) noexcept {
  return {_mm512_add_epi64(x.l0, y.l0), _mm512_add_epi64(x.l1, y.l1), _mm512_add_epi64(x.l2, y.l2)};
}

/// low + 2^64 high + 2^128 top, in limbs.
inline Number from_words(Limb low, Limb high, uint64_t top) noexcept {
  const Limb m = everywhere(mask);
  const Limb middle = _mm512_or_si512(_mm512_srli_epi64(low, 44), _mm512_slli_epi64(high, 20));
  return {_mm512_and_si512(low, m), _mm512_and_si512(middle, m),
          _mm512_add_epi64(_mm512_srli_epi64(high, 24), everywhere(top << 40))};
}
/// Lanes are blocks 0 4 1 5 2 6 3 7.
[[gnu::always_inline]] inline Number group(const uint8_t* blocks, uint64_t top) noexcept {
  const Limb front = _mm512_loadu_si512(blocks), back = _mm512_loadu_si512(blocks + 64);
  return from_words(_mm512_unpacklo_epi64(front, back), _mm512_unpackhi_epi64(front, back), top);
}
inline Number same(const uint64_t* words, uint64_t top) noexcept {
  return from_words(everywhere(words[0]), everywhere(words[1]), top);
}

/// x in the lanes whose bits are set, y in the others.
inline Number chosen(__mmask8 lanes_of_x, const Number& x, const Number& y) noexcept {
  return {_mm512_mask_mov_epi64(y.l0, lanes_of_x, x.l0), _mm512_mask_mov_epi64(y.l1, lanes_of_x, x.l1),
          _mm512_mask_mov_epi64(y.l2, lanes_of_x, x.l2)};
}
inline Number small(uint64_t v) noexcept {
  return {everywhere(v), everywhere(0), everywhere(0)};
}
inline Number first(const uint64_t* words, uint64_t top) noexcept {
  return chosen(1, same(words, top), small(0));
}

/// The exponents 8 4 7 3 6 2 5 1 are 1 and the bits of 7 3 6 2 5 1 4 0: r times r, r^2 and r^4 where the bit
/// of that weight is set.
[[gnu::always_inline]] inline Number powers(const Number& r, Number& stride) noexcept {
  const Number one = small(1), squared = product(r, factor(r));
  const Number fourth = product(squared, factor(squared));
  stride = product(fourth, factor(fourth));
  const Number bit_0 = chosen(0x33, squared, r);
  const Number bits_01 = product(bit_0, factor(chosen(0x0f, squared, one)));
  return product(bits_01, factor(chosen(0x55, fourth, one)));
}

inline void to_words(const Number& h, uint64_t* words) noexcept {
  uint64_t l0 = static_cast<uint64_t>(_mm512_reduce_add_epi64(h.l0));
  uint64_t l1 = static_cast<uint64_t>(_mm512_reduce_add_epi64(h.l1));
  uint64_t l2 = static_cast<uint64_t>(_mm512_reduce_add_epi64(h.l2));
  l1 += l0 >> radix, l0 &= mask;
  l2 += l1 >> radix, l1 &= mask;
  l0 += 5 * (l2 >> 42), l2 &= mask >> 2;  // 2^130 = 5
  l1 += l0 >> radix, l0 &= mask;
  l2 += l1 >> radix, l1 &= mask;
  words[0] = l0 | l1 << 44;
  words[1] = l1 >> 20 | l2 << 24;
  words[2] = l2 >> 40;
}

}  // namespace
}  // namespace bulla::crypto::chacha20_poly1305

#include "crypto/chacha20_poly1305/poly1305_lanes.h"

namespace bulla::crypto::chacha20_poly1305 {

void poly1305_blocks_ifma(Poly1305State& state, const uint8_t* blocks, size_t count, uint64_t top) noexcept {
  if (count < 2 * lanes)
    poly1305_blocks_soft(state, blocks, count, top);
  else
    by_lanes(state, blocks, count, top);
}

}  // namespace bulla::crypto::chacha20_poly1305

BULLA_TARGET_END

#endif
