// An entry of a table, all of which is read, with AVX2.
#pragma once

#if defined(__x86_64__)

#include "crypto/target.h"

#include <immintrin.h>
#include <cstddef>
#include <cstdint>

BULLA_TARGET_BEGIN("avx2")
namespace bulla::crypto::ec {

/// Entry `index` - 1 of `count` entries of 32·vectors bytes each, to `out`; zeros where the index is 0. The
/// index decides no address.
template <size_t vectors>
void lookup_avx2(const void* table, size_t count, uint64_t index, void* out) noexcept {
  const auto* from = static_cast<const __m256i*>(table);
  const __m256i wanted = _mm256_set1_epi64x(static_cast<long long>(index)), one = _mm256_set1_epi64x(1);
  __m256i at = one, entry[vectors];
  for (size_t j = 0; j < vectors; ++j) entry[j] = _mm256_setzero_si256();
  for (size_t i = 0; i < count; ++i) {
    const __m256i hit = _mm256_cmpeq_epi64(at, wanted);
    for (size_t j = 0; j < vectors; ++j)
      entry[j] = _mm256_or_si256(entry[j], _mm256_and_si256(hit, _mm256_loadu_si256(from + vectors * i + j)));
    at = _mm256_add_epi64(at, one);
  }
  for (size_t j = 0; j < vectors; ++j) _mm256_storeu_si256(static_cast<__m256i*>(out) + j, entry[j]);
}

}  // namespace bulla::crypto::ec
BULLA_TARGET_END

#endif
