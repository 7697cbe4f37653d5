// SHA-384 and SHA-512 with AVX-512 on registers of 128 bits: rotations and sums of three by one instruction
// each, of which AVX2 takes seven where this takes four.
#include "crypto/sha2/impl.h"

#if defined(__x86_64__)

#include "crypto/target.h"
#include "crypto/wipe_stack.h"

#include <immintrin.h>

#include <bit>

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx2,bmi,bmi2")

namespace bulla::crypto::sha2 {
namespace {

inline __m128i sum(__m128i a, __m128i b, __m128i c) noexcept {
#if defined(__clang__)
  return a ^ b ^ c;  // which becomes one instruction, and MemorySanitizer understands it
#else
  return _mm_ternarylogic_epi64(a, b, c, 0x96);
#endif
}
inline __m128i small0(__m128i x) noexcept {
  return sum(_mm_ror_epi64(x, 1), _mm_ror_epi64(x, 8), _mm_srli_epi64(x, 7));
}
inline __m128i small1(__m128i x) noexcept {
  return sum(_mm_ror_epi64(x, 19), _mm_ror_epi64(x, 61), _mm_srli_epi64(x, 6));
}

}  // namespace
}  // namespace bulla::crypto::sha2

#include "crypto/sha2/vector512.h"

namespace bulla::crypto::sha2 {

void compress512_avx512(uint64_t* state, const uint8_t* blocks, size_t count) noexcept {
  compress(state, blocks, count);
  wipe_stack<stack_depth>();
}

}  // namespace bulla::crypto::sha2

BULLA_TARGET_END

#endif
