// Keccak-f[1600] (FIPS 202 §3.2, §3.3) with AVX2: four states at once, a lane of all of them in a register.
#if defined(__x86_64__)

#include "crypto/sha3/impl.h"
#include "crypto/sha3/rounds.h"
#include "crypto/target.h"
#include "crypto/wipe_stack.h"

#include <bulla/secret.h>

#include <immintrin.h>

namespace bulla::crypto::sha3 {
BULLA_TARGET_BEGIN("avx2")
namespace avx2 {
namespace {

using Words = __m256i;  ///< four words of 64 bits
constexpr size_t side_by_side = 4;

/// Rotations by whole bytes are moves of bytes.
[[gnu::always_inline]] inline Words rotate(Words a, int by) noexcept {
  if (by == 8)
    return _mm256_shuffle_epi8(a, _mm256_setr_epi8(7, 0, 1, 2, 3, 4, 5, 6, 15, 8, 9, 10, 11, 12, 13, 14,  //
                                                   7, 0, 1, 2, 3, 4, 5, 6, 15, 8, 9, 10, 11, 12, 13, 14));
  if (by == 56)
    return _mm256_shuffle_epi8(a, _mm256_setr_epi8(1, 2, 3, 4, 5, 6, 7, 0, 9, 10, 11, 12, 13, 14, 15, 8,  //
                                                   1, 2, 3, 4, 5, 6, 7, 0, 9, 10, 11, 12, 13, 14, 15, 8));
  return by == 0 ? a : _mm256_slli_epi64(a, by) | _mm256_srli_epi64(a, 64 - by);
}

/// Word i of vector j becomes word j of vector i.
[[gnu::always_inline]] inline void transpose(Words (&v)[4]) noexcept {
  const Words low01 = _mm256_unpacklo_epi64(v[0], v[1]), high01 = _mm256_unpackhi_epi64(v[0], v[1]);
  const Words low23 = _mm256_unpacklo_epi64(v[2], v[3]), high23 = _mm256_unpackhi_epi64(v[2], v[3]);
  v[0] = _mm256_permute2x128_si256(low01, low23, 0x20);
  v[1] = _mm256_permute2x128_si256(high01, high23, 0x20);
  v[2] = _mm256_permute2x128_si256(low01, low23, 0x31);
  v[3] = _mm256_permute2x128_si256(high01, high23, 0x31);
}

/// As `round` of keccak_soft.cpp.
[[gnu::always_inline]] inline void round(const Words (&a)[25], Words (&e)[25], uint64_t constant) noexcept {
  Words column[5], parity[5], row[5];
#pragma GCC unroll 5
  for (size_t x = 0; x < 5; ++x) column[x] = a[x] ^ a[5 + x] ^ a[10 + x] ^ a[15 + x] ^ a[20 + x];
#pragma GCC unroll 5
  for (size_t x = 0; x < 5; ++x) parity[x] = column[(x + 4) % 5] ^ rotate(column[(x + 1) % 5], 1);
#pragma GCC unroll 5
  for (size_t y = 0; y < 5; ++y) {
#pragma GCC unroll 5
    for (size_t x = 0; x < 5; ++x) {
      const size_t from_x = (x + 3 * y) % 5, from = 5 * x + from_x;
      row[x] = rotate(a[from] ^ parity[from_x], rotations[from]);
    }
#pragma GCC unroll 5
    for (size_t x = 0; x < 5; ++x)
      e[5 * y + x] = row[x] ^ _mm256_andnot_si256(row[(x + 1) % 5], row[(x + 2) % 5]);
  }
  e[0] ^= _mm256_set1_epi64x(static_cast<int64_t>(constant));
}

[[gnu::noinline]] void permute_four(KeccakState* states, size_t count) noexcept {
  struct {
    Words a[25], e[25];
    alignas(32) uint64_t last[side_by_side];
  } s;
#pragma GCC unroll 6
  for (size_t block = 0; block < 24; block += 4) {
    Words v[4];
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i)
      v[i] =
          i < count ? _mm256_loadu_si256(reinterpret_cast<const Words*>(states[i].data() + block)) : Words{};
    transpose(v);
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) s.a[block + i] = v[i];
  }
  for (size_t i = 0; i < 4; ++i) s.last[i] = i < count ? states[i][24] : 0;
  s.a[24] = _mm256_load_si256(reinterpret_cast<const Words*>(s.last));
  for (size_t i = 0; i < rounds; i += 2) {
    round(s.a, s.e, round_constants[i]);
    round(s.e, s.a, round_constants[i + 1]);
  }
#pragma GCC unroll 6
  for (size_t block = 0; block < 24; block += 4) {
    Words v[4];
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) v[i] = s.a[block + i];
    transpose(v);
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i)
      if (i < count) _mm256_storeu_si256(reinterpret_cast<Words*>(states[i].data() + block), v[i]);
  }
  _mm256_store_si256(reinterpret_cast<Words*>(s.last), s.a[24]);
  for (size_t i = 0; i < count; ++i) states[i][24] = s.last[i];
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

/// More than the frame of permute_four(): what did not fit into registers.
constexpr size_t stack_depth = 4096;

void permute(KeccakState* states, size_t count) noexcept {
  if (count == 1) return keccak_soft.permute(states, 1);
  while (count > 1) {
    const size_t taken = count < side_by_side ? count : side_by_side;
    permute_four(states, taken);
    states += taken;
    count -= taken;
  }
  wipe_stack<stack_depth>();
  if (count == 1) keccak_soft.permute(states, 1);
}

}  // namespace
}  // namespace avx2
BULLA_TARGET_END

constexpr Keccak keccak_avx2 = {"Keccak-f[1600]", avx2::permute};

}  // namespace bulla::crypto::sha3

#endif
