// Poly1305 (RFC 8439 §2.5) in words of 64 bits: a block costs five multiplications of 64 by 64 bits.
//
// With p = 2^130 - 5, the product h * r is reduced as it is made. r1 is a multiple of 4 after clamping, and
// 2^128 * r1 = 2^130 * (r1 / 4) = 5 * (r1 / 4) modulo p. So with t = 5 * (r1 / 4) = r1 + r1 / 4:
//
//   d0 = h0 r0 + h1 t
//   d1 = h0 r1 + h1 r0 + h2 t        h * r = d0 + 2^64 d1 + 2^128 d2 modulo p
//   d2 = h2 r0
//
// Bounds. Between blocks h0, h1 < 2^64 and h2 <= 4. The block adds at most 1 and a carry to h2, which is 6
// then. r0, r1 < 2^60 and t < 1.25 * 2^60, so d0, d1 < 2^126 and d2 <= 6 * 2^60; with the carry out of d1,
// which is below 2^62, d2 < 2^63 and 5 * (d2 / 4) < 2^64. Folding that back in gives a number below 2^130 +
// 2^64, so h2 is 4 at most (and then h1 = 0).
//
// Constant time: multiplications, additions and shifts; multiplication takes the same time for all values on
// every machine that this code is meant for.
#include "base/ct.h"
#include "crypto/chacha20_poly1305/impl.h"
#include "crypto/little_endian.h"
#include "crypto/uint128.h"

namespace bulla::crypto::chacha20_poly1305 {

void poly1305_init(Poly1305State& state, const uint8_t* key) noexcept {
  state.h[0] = state.h[1] = state.h[2] = 0;
  state.r[0] = load_little_endian<uint64_t>(key) & 0x0ffffffc0fffffff;
  state.r[1] = load_little_endian<uint64_t>(key + 8) & 0x0ffffffc0ffffffc;
  state.s[0] = load_little_endian<uint64_t>(key + 16);
  state.s[1] = load_little_endian<uint64_t>(key + 24);
}

void poly1305_blocks_soft(Poly1305State& state, const uint8_t* blocks, size_t count, uint64_t top) noexcept {
  const uint64_t r0 = state.r[0], r1 = state.r[1], t = r1 + (r1 >> 2);
  uint64_t h0 = state.h[0], h1 = state.h[1], h2 = state.h[2];
  for (; count > 0; --count, blocks += 16) {
    uint128 sum = uint128{h0} + load_little_endian<uint64_t>(blocks);
    h0 = low64(sum);
    sum = uint128{h1} + load_little_endian<uint64_t>(blocks + 8) + high64(sum);
    h1 = low64(sum);
    h2 += top + high64(sum);

    const uint128 d0 = uint128{h0} * r0 + uint128{h1} * t;
    const uint128 d1 = uint128{h0} * r1 + uint128{h1} * r0 + h2 * t + high64(d0);
    const uint64_t d2 = h2 * r0 + high64(d1);

    // What lies above 2^130 comes back five times: (d2 / 4) * 4 + d2 / 4.
    sum = uint128{low64(d0)} + (d2 & ~uint64_t{3}) + (d2 >> 2);
    h0 = low64(sum);
    sum = uint128{low64(d1)} + high64(sum);
    h1 = low64(sum);
    h2 = (d2 & 3) + high64(sum);
  }
  state.h[0] = h0, state.h[1] = h1, state.h[2] = h2;
}

void poly1305_finish(const Poly1305State& state, uint8_t* tag) noexcept {
  // h < 2p, and h >= p just if h + 5 >= 2^130; then h - p has the same lower words as h + 5.
  const uint128 g0 = uint128{state.h[0]} + 5;
  const uint128 g1 = uint128{state.h[1]} + high64(g0);
  const uint64_t g2 = state.h[2] + high64(g1);
  const auto below = ct::Mask<uint64_t>::is_zero(g2 >> 2);
  const uint128 t0 = uint128{below.select(state.h[0], low64(g0))} + state.s[0];
  const uint128 t1 = uint128{below.select(state.h[1], low64(g1))} + state.s[1] + high64(t0);
  store_little_endian(low64(t0), tag);
  store_little_endian(low64(t1), tag + 8);
}

}  // namespace bulla::crypto::chacha20_poly1305
