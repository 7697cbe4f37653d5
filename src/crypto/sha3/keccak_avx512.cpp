// Keccak-f[1600] (FIPS 202 §3.2, §3.3) with AVX-512: eight states at once, a lane of all of them in a
// register.
#if defined(__x86_64__)

#include "crypto/sha3/impl.h"
#include "crypto/sha3/rounds.h"
#include "crypto/target.h"

#include <bulla/secret.h>

#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"  // PR 105593: the header's own _mm512_undefined_epi32
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

namespace bulla::crypto::sha3 {
BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq")
namespace avx512 {
namespace {

using Words = __m512i;  ///< eight words of 64 bits
constexpr size_t side_by_side = 8;

[[gnu::always_inline]] inline Words xor3(Words a, Words b, Words c) noexcept {
#if defined(__clang__)
  return a ^ b ^ c;  // which becomes one instruction, and MemorySanitizer understands it
#else
  return _mm512_ternarylogic_epi64(a, b, c, 0x96);
#endif
}

/// a ^ (~b & c)
[[gnu::always_inline]] inline Words chi(Words a, Words b, Words c) noexcept {
#if defined(__clang__)
  return a ^ (~b & c);
#else
  return _mm512_ternarylogic_epi64(a, b, c, 0xd2);
#endif
}

[[gnu::always_inline]] inline Words load(const uint64_t* at) noexcept {
  return _mm512_loadu_si512(at);
}

/// Word i of vector j becomes word j of vector i.
[[gnu::always_inline]] inline void transpose(Words (&v)[8]) noexcept {
  Words pairs[8], halves[8];
#pragma GCC unroll 4
  for (size_t i = 0; i < 8; i += 2) {
    pairs[i] = _mm512_unpacklo_epi64(v[i], v[i + 1]);
    pairs[i + 1] = _mm512_unpackhi_epi64(v[i], v[i + 1]);
  }
#pragma GCC unroll 2
  for (size_t i = 0; i < 2; ++i) {
    halves[i] = _mm512_shuffle_i64x2(pairs[i], pairs[i + 2], 0x88);
    halves[i + 2] = _mm512_shuffle_i64x2(pairs[i], pairs[i + 2], 0xdd);
    halves[i + 4] = _mm512_shuffle_i64x2(pairs[i + 4], pairs[i + 6], 0x88);
    halves[i + 6] = _mm512_shuffle_i64x2(pairs[i + 4], pairs[i + 6], 0xdd);
  }
#pragma GCC unroll 4
  for (size_t i = 0; i < 4; ++i) {
    v[i] = _mm512_shuffle_i64x2(halves[i], halves[i + 4], 0x88);
    v[i + 4] = _mm512_shuffle_i64x2(halves[i], halves[i + 4], 0xdd);
  }
}

/// As `round` of keccak_soft.cpp.
[[gnu::always_inline]] inline void round(const Words (&a)[25], Words (&e)[25], uint64_t constant) noexcept {
  Words column[5], parity[5], row[5];
#pragma GCC unroll 5
  for (size_t x = 0; x < 5; ++x) column[x] = xor3(xor3(a[x], a[5 + x], a[10 + x]), a[15 + x], a[20 + x]);
#pragma GCC unroll 5
  for (size_t x = 0; x < 5; ++x) parity[x] = column[(x + 4) % 5] ^ _mm512_rol_epi64(column[(x + 1) % 5], 1);
#pragma GCC unroll 5
  for (size_t y = 0; y < 5; ++y) {
#pragma GCC unroll 5
    for (size_t x = 0; x < 5; ++x) {
      const size_t from_x = (x + 3 * y) % 5, from = 5 * x + from_x;
      row[x] = _mm512_rolv_epi64(a[from] ^ parity[from_x], _mm512_set1_epi64(rotations[from]));
    }
#pragma GCC unroll 5
    for (size_t x = 0; x < 5; ++x) e[5 * y + x] = chi(row[x], row[(x + 1) % 5], row[(x + 2) % 5]);
  }
  e[0] ^= _mm512_set1_epi64(static_cast<int64_t>(constant));
}

void permute_eight(KeccakState* states, size_t count) noexcept {
  Words a[25], e[25];
  alignas(64) uint64_t last[side_by_side] = {};
  // Loops over registers are unrolled: an index that is no constant would put them all into memory.
#pragma GCC unroll 3
  for (size_t block = 0; block < 24; block += 8) {
    Words v[8];
#pragma GCC unroll 8
    for (size_t i = 0; i < 8; ++i) v[i] = i < count ? load(states[i].data() + block) : Words{};
    transpose(v);
#pragma GCC unroll 8
    for (size_t i = 0; i < 8; ++i) a[block + i] = v[i];
  }
  for (size_t i = 0; i < count; ++i) last[i] = states[i][24];
  a[24] = load(last);
  for (size_t i = 0; i < rounds; i += 2) {
    round(a, e, round_constants[i]);
    round(e, a, round_constants[i + 1]);
  }
  _mm512_store_si512(last, a[24]);
#pragma GCC unroll 3
  for (size_t block = 0; block < 24; block += 8) {
    Words v[8];
#pragma GCC unroll 8
    for (size_t i = 0; i < 8; ++i) v[i] = a[block + i];
    transpose(v);
#pragma GCC unroll 8
    for (size_t i = 0; i < 8; ++i)
      if (i < count) _mm512_storeu_si512(states[i].data() + block, v[i]);
  }
  for (size_t i = 0; i < count; ++i) states[i][24] = last[i];
  wipe({reinterpret_cast<uint8_t*>(last), sizeof last});
}

void permute(KeccakState* states, size_t count) noexcept {
  while (count > 0) {
    if (count == 1) return keccak_soft.permute(states, 1);
    const size_t taken = count < side_by_side ? count : side_by_side;
    permute_eight(states, taken);
    states += taken;
    count -= taken;
  }
}

}  // namespace
}  // namespace avx512
BULLA_TARGET_END

constexpr Keccak keccak_avx512 = {"Keccak-f[1600]", avx512::permute};

}  // namespace bulla::crypto::sha3

#endif
