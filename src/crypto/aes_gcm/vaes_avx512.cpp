// AES-GCM by VAES and VPCLMULQDQ on registers of 512 bits: four blocks in each, 32 under way at a time.
#include "crypto/aes_gcm/impl.h"

#if defined(__x86_64__)

#include "base/ct.h"
#include "crypto/target.h"

#include <bulla/secret.h>

#include <immintrin.h>

#include <algorithm>
#include <cstring>
#include <new>

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq,avx2,vaes,vpclmulqdq,aes,pclmul,ssse3,sse4.1")

#include "crypto/aes_gcm/vaes.h"

namespace bulla::crypto::aes_gcm {
namespace {

/// Four blocks. Loads and stores of a part leave alone what is outside it, so that no page beyond the text is
/// touched.
struct Register {
  using V = __m512i;
  static constexpr size_t lanes = 4;
  /// Of the frames below crypt(), with g++ 12 and clang 19 at -O1 and -O2: 1.0 KB and 1.6 KB.
  static constexpr size_t depth_of_short = 1280, depth_of_long = 2048;
  /// g++ 12 warns of what its header leaves open in the intrinsics without a mask.
  static constexpr uint8_t all = 0xff;

  static V zero() noexcept { return _mm512_setzero_si512(); }
  static V filled(__m128i block) noexcept { return _mm512_maskz_broadcast_i32x4(0xffff, block); }
  static V everywhere(const void* block) noexcept { return filled(load_block(block)); }
  static V first_lane(__m128i block) noexcept { return _mm512_maskz_broadcast_i32x4(0x000f, block); }
  static V last_lane(__m128i block) noexcept { return _mm512_maskz_broadcast_i32x4(0xf000, block); }
  static V with_first_lane(V v, __m128i block) noexcept {
    return _mm512_mask_broadcast_i32x4(v, 0x000f, block);
  }
  static __m128i first_block(V v) noexcept { return __builtin_shufflevector(v, v, 0, 1); }

  static V load(const void* at) noexcept { return _mm512_loadu_si512(at); }
  static void store(void* at, V v) noexcept { _mm512_storeu_si512(at, v); }
  /// The first bytes, of which there are 1 to 64.
  static __mmask64 first(size_t bytes) noexcept { return ~uint64_t{0} >> (64 - bytes); }
  static V load_part(const void* at, size_t bytes) noexcept {
    return _mm512_maskz_loadu_epi8(first(bytes), at);
  }
  static void store_part(void* at, V v, size_t bytes) noexcept {
    _mm512_mask_storeu_epi8(at, first(bytes), v);
  }
  static V part(V v, size_t bytes) noexcept { return _mm512_maskz_mov_epi8(first(bytes), v); }
  /// Up to 16 bytes.
  static __m128i part_of_block(const void* at, size_t bytes) noexcept {
    return _mm_maskz_loadu_epi8(static_cast<__mmask16>((1u << bytes) - 1), at);
  }

  static V reversed(V v) noexcept {
    return _mm512_maskz_shuffle_epi8(~__mmask64{0}, v,
                                     filled(_mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f)));
  }
  static V halves_swapped(V v) noexcept { return _mm512_maskz_shuffle_epi32(0xffff, v, _MM_PERM_BADC); }
  static V half_up(V v) noexcept { return _mm512_bslli_epi128(v, 8); }
  static V half_down(V v) noexcept { return _mm512_bsrli_epi128(v, 8); }
  static V low_halves(V a, V b) noexcept { return _mm512_maskz_unpacklo_epi64(all, a, b); }
  static V high_halves(V a, V b) noexcept { return _mm512_maskz_unpackhi_epi64(all, a, b); }
  static __m128i sum_of_lanes(V v) noexcept {
    const __m256i half =
        _mm512_maskz_extracti64x4_epi64(all, v, 0) ^ _mm512_maskz_extracti64x4_epi64(all, v, 1);
    return _mm256_castsi256_si128(half) ^ _mm256_extracti128_si256(half, 1);
  }

  static V counters_after(V counter) noexcept {
    return _mm512_add_epi32(counter, _mm512_set_epi32(0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1));
  }
  static V next(V counters) noexcept {
    return _mm512_add_epi32(counters, filled(_mm_set_epi32(0, 0, 0, lanes)));
  }

  static V round(V v, V key) noexcept { return _mm512_aesenc_epi128(v, key); }
  static V last_round(V v, V key) noexcept { return _mm512_aesenclast_epi128(v, key); }
  template <int halves>
  static V product(V a, V b) noexcept {
    return _mm512_clmulepi64_epi128(a, b, halves);
  }
};

}  // namespace

constexpr Functions vaes_avx512 = {.set_key = Gcm<Register>::set_key,
                                   .set_hash_key = Gcm<Register>::set_hash_key,
                                   .seal = Gcm<Register>::crypt<true>,
                                   .open = Gcm<Register>::crypt<false>};

}  // namespace bulla::crypto::aes_gcm

BULLA_TARGET_END

#endif
