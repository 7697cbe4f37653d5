// SHA-384 and SHA-512 with AVX2 and BMI2: rotations by two shifts.
#include "crypto/sha2/impl.h"

#if defined(__x86_64__)

#include "crypto/target.h"
#include "crypto/wipe_stack.h"

#include <immintrin.h>

#include <bit>

BULLA_TARGET_BEGIN("avx2,bmi,bmi2")

namespace bulla::crypto::sha2 {
namespace {

template <int by>
inline __m128i rotate_right(__m128i x) noexcept {
  return _mm_xor_si128(_mm_srli_epi64(x, by), _mm_slli_epi64(x, 64 - by));
}
inline __m128i small0(__m128i x) noexcept {
  const __m128i by_8 = _mm_shuffle_epi8(x, _mm_set_epi64x(0x080f0e0d0c0b0a09, 0x0007060504030201));
  return _mm_xor_si128(_mm_xor_si128(rotate_right<1>(x), by_8), _mm_srli_epi64(x, 7));
}
inline __m128i small1(__m128i x) noexcept {
  return _mm_xor_si128(_mm_xor_si128(rotate_right<19>(x), rotate_right<61>(x)), _mm_srli_epi64(x, 6));
}

}  // namespace
}  // namespace bulla::crypto::sha2

#include "crypto/sha2/vector512.h"

namespace bulla::crypto::sha2 {

void compress512_avx2(uint64_t* state, const uint8_t* blocks, size_t count) noexcept {
  compress(state, blocks, count);
  wipe_stack<stack_depth>();
}

}  // namespace bulla::crypto::sha2

BULLA_TARGET_END

#endif
