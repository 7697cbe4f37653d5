// AES-GCM by VAES and VPCLMULQDQ on registers of 256 bits: two blocks in each, 16 under way at a time.
#include "crypto/aes_gcm/impl.h"

#if defined(__x86_64__)

#include "base/ct.h"
#include "crypto/target.h"

#include <bulla/secret.h>

#include <immintrin.h>

#include <algorithm>
#include <cstring>
#include <new>

BULLA_TARGET_BEGIN("avx2,vaes,vpclmulqdq,aes,pclmul,ssse3,sse4.1")

#include "crypto/aes_gcm/vaes.h"

namespace bulla::crypto::aes_gcm {
namespace {

/// Two blocks. Parts go by way of memory that has room for all.
struct Register {
  using V = __m256i;
  static constexpr size_t lanes = 2;
  /// Of the frames below crypt(), with g++ 12 and clang 19 at -O1 and -O2: 1.7 KB and 2.7 KB, as there are
  /// too few registers for counters and keys.
  static constexpr size_t depth_of_short = 2048, depth_of_long = 3072;

  static V zero() noexcept { return _mm256_setzero_si256(); }
  static V filled(__m128i block) noexcept { return _mm256_broadcastsi128_si256(block); }
  static V everywhere(const void* block) noexcept { return filled(load_block(block)); }
  static V first_lane(__m128i block) noexcept { return _mm256_zextsi128_si256(block); }
  static V last_lane(__m128i block) noexcept { return _mm256_inserti128_si256(zero(), block, 1); }
  static V with_first_lane(V v, __m128i block) noexcept {
    return _mm256_blend_epi32(v, _mm256_castsi128_si256(block), 0x0f);
  }
  static __m128i first_block(V v) noexcept { return _mm256_castsi256_si128(v); }

  static V load(const void* at) noexcept { return _mm256_loadu_si256(static_cast<const __m256i*>(at)); }
  static void store(void* at, V v) noexcept { _mm256_storeu_si256(static_cast<__m256i*>(at), v); }
  static V load_part(const void* at, size_t bytes) noexcept {
    uint8_t whole[2 * block_size] = {};
    std::memcpy(whole, at, bytes);
    return load(whole);
  }
  static void store_part(void* at, V v, size_t bytes) noexcept {
    uint8_t whole[2 * block_size];
    store(whole, v);
    std::memcpy(at, whole, bytes);
  }
  /// The first `bytes` of it, of which there are 1 to 32.
  static V part(V v, size_t bytes) noexcept {
    const V place =
        _mm256_set_epi64x(0x1f1e1d1c1b1a1918, 0x1716151413121110, 0x0f0e0d0c0b0a0908, 0x0706050403020100);
    return _mm256_and_si256(v, _mm256_cmpgt_epi8(_mm256_set1_epi8(static_cast<char>(bytes)), place));
  }
  /// Up to 16 bytes.
  static __m128i part_of_block(const void* at, size_t bytes) noexcept {
    uint8_t whole[block_size] = {};
    if (bytes > 0) std::memcpy(whole, at, bytes);
    return load_block(whole);
  }

  static V reversed(V v) noexcept {
    return _mm256_shuffle_epi8(v, filled(_mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f)));
  }
  static V halves_swapped(V v) noexcept { return _mm256_shuffle_epi32(v, 0x4e); }
  static V half_up(V v) noexcept { return _mm256_bslli_epi128(v, 8); }
  static V half_down(V v) noexcept { return _mm256_bsrli_epi128(v, 8); }
  static V low_halves(V a, V b) noexcept { return _mm256_unpacklo_epi64(a, b); }
  static V high_halves(V a, V b) noexcept { return _mm256_unpackhi_epi64(a, b); }
  static __m128i sum_of_lanes(V v) noexcept {
    return _mm256_castsi256_si128(v) ^ _mm256_extracti128_si256(v, 1);
  }

  static V counters_after(V counter) noexcept {
    return _mm256_add_epi32(counter, _mm256_set_epi32(0, 0, 0, 2, 0, 0, 0, 1));
  }
  static V next(V counters) noexcept {
    return _mm256_add_epi32(counters, filled(_mm_set_epi32(0, 0, 0, lanes)));
  }

  static V round(V v, V key) noexcept { return _mm256_aesenc_epi128(v, key); }
  static V last_round(V v, V key) noexcept { return _mm256_aesenclast_epi128(v, key); }
  template <int halves>
  static V product(V a, V b) noexcept {
    return _mm256_clmulepi64_epi128(a, b, halves);
  }
};

}  // namespace

constexpr Functions vaes_avx2 = {.set_key = Gcm<Register>::set_key,
                                 .set_hash_key = Gcm<Register>::set_hash_key,
                                 .seal = Gcm<Register>::crypt<true>,
                                 .open = Gcm<Register>::crypt<false>};

}  // namespace bulla::crypto::aes_gcm

BULLA_TARGET_END

#endif
