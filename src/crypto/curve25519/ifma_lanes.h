// Vectors of eight lanes and of four, whose operations have the same names. Four is for where a single chain
// of operations needs no more lanes: of vectors of 256 bits Intel's cores add three in a cycle, of 512 bits
// two.
#pragma once

#if defined(__x86_64__)

#include "crypto/target.h"

#include <immintrin.h>
#include <cstddef>
#include <cstdint>

#define BULLA_IFMA_INLINE [[gnu::always_inline]] inline

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq,avx512ifma")
namespace bulla::crypto::curve25519::ifma {

/// For intrinsics whose forms without a mask g++ 12 warns of, since in its headers they read something
/// undefined.
inline constexpr __mmask8 every_lane = 0xff;

/// Words of 64 bits in 512.
struct Eight {
  using Vector = __m512i;
  static constexpr size_t lanes = 8;

  BULLA_IFMA_INLINE static Vector all(uint64_t word) noexcept {
    return _mm512_set1_epi64(static_cast<long long>(word));
  }
  BULLA_IFMA_INLINE static Vector load(const uint64_t* from) noexcept { return _mm512_load_si512(from); }
  BULLA_IFMA_INLINE static void store(uint64_t* to, Vector a) noexcept { _mm512_store_si512(to, a); }
  BULLA_IFMA_INLINE static Vector add(Vector a, Vector b) noexcept { return _mm512_add_epi64(a, b); }
  BULLA_IFMA_INLINE static Vector subtract(Vector a, Vector b) noexcept { return _mm512_sub_epi64(a, b); }
  /// a - b in the lanes of `mask`, b in the others.
  BULLA_IFMA_INLINE static Vector subtract_where(__mmask8 mask, Vector a, Vector b) noexcept {
    return _mm512_mask_sub_epi64(b, mask, a, b);
  }
  BULLA_IFMA_INLINE static Vector both(Vector a, Vector b) noexcept { return _mm512_and_si512(a, b); }
  template <int n>
  BULLA_IFMA_INLINE static Vector left(Vector a) noexcept {
    return _mm512_maskz_slli_epi64(every_lane, a, n);
  }
  template <int n>
  BULLA_IFMA_INLINE static Vector right(Vector a) noexcept {
    return _mm512_maskz_srli_epi64(every_lane, a, n);
  }
  /// sum + the lower 52 bits of the product of the lower 52 bits of a and b.
  BULLA_IFMA_INLINE static Vector add_low(Vector sum, Vector a, Vector b) noexcept {
    return _mm512_madd52lo_epu64(sum, a, b);
  }
  /// The same with its upper 52 bits.
  BULLA_IFMA_INLINE static Vector add_high(Vector sum, Vector a, Vector b) noexcept {
    return _mm512_madd52hi_epu64(sum, a, b);
  }
  /// b in the lanes of `mask`, a in the others.
  BULLA_IFMA_INLINE static Vector blend(__mmask8 mask, Vector a, Vector b) noexcept {
    return _mm512_mask_blend_epi64(mask, a, b);
  }
  /// a in the lanes of `mask`, zero in the others.
  BULLA_IFMA_INLINE static Vector keep(__mmask8 mask, Vector a) noexcept {
    return _mm512_maskz_mov_epi64(mask, a);
  }
  /// Four lanes each, by two bits of `order` for each of them.
  template <int order>
  BULLA_IFMA_INLINE static Vector permute(Vector a) noexcept {
    return _mm512_maskz_permutex_epi64(every_lane, a, order);
  }
  /// The lanes where a and b have a bit in common.
  BULLA_IFMA_INLINE static __mmask8 test(Vector a, Vector b) noexcept { return _mm512_test_epi64_mask(a, b); }
};

/// Words of 64 bits in 256; of masks the lower half counts.
struct Four {
  using Vector = __m256i;
  static constexpr size_t lanes = 4;

  BULLA_IFMA_INLINE static Vector all(uint64_t word) noexcept {
    return _mm256_set1_epi64x(static_cast<long long>(word));
  }
  BULLA_IFMA_INLINE static Vector load(const uint64_t* from) noexcept {
    return _mm256_load_si256(reinterpret_cast<const __m256i*>(from));
  }
  BULLA_IFMA_INLINE static void store(uint64_t* to, Vector a) noexcept {
    _mm256_store_si256(reinterpret_cast<__m256i*>(to), a);
  }
  BULLA_IFMA_INLINE static Vector add(Vector a, Vector b) noexcept { return _mm256_add_epi64(a, b); }
  BULLA_IFMA_INLINE static Vector subtract(Vector a, Vector b) noexcept { return _mm256_sub_epi64(a, b); }
  BULLA_IFMA_INLINE static Vector subtract_where(__mmask8 mask, Vector a, Vector b) noexcept {
    return _mm256_mask_sub_epi64(b, mask, a, b);
  }
  BULLA_IFMA_INLINE static Vector both(Vector a, Vector b) noexcept { return _mm256_and_si256(a, b); }
  template <int n>
  BULLA_IFMA_INLINE static Vector left(Vector a) noexcept {
    return _mm256_slli_epi64(a, n);
  }
  template <int n>
  BULLA_IFMA_INLINE static Vector right(Vector a) noexcept {
    return _mm256_srli_epi64(a, n);
  }
  BULLA_IFMA_INLINE static Vector add_low(Vector sum, Vector a, Vector b) noexcept {
    return _mm256_madd52lo_epu64(sum, a, b);
  }
  BULLA_IFMA_INLINE static Vector add_high(Vector sum, Vector a, Vector b) noexcept {
    return _mm256_madd52hi_epu64(sum, a, b);
  }
  BULLA_IFMA_INLINE static Vector blend(__mmask8 mask, Vector a, Vector b) noexcept {
    return _mm256_mask_blend_epi64(mask, a, b);
  }
  BULLA_IFMA_INLINE static Vector keep(__mmask8 mask, Vector a) noexcept {
    return _mm256_maskz_mov_epi64(mask, a);
  }
  template <int order>
  BULLA_IFMA_INLINE static Vector permute(Vector a) noexcept {
    return _mm256_permute4x64_epi64(a, order);
  }
  BULLA_IFMA_INLINE static __mmask8 test(Vector a, Vector b) noexcept { return _mm256_test_epi64_mask(a, b); }
};

}  // namespace bulla::crypto::curve25519::ifma
BULLA_TARGET_END

#endif
