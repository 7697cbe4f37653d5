// SHA-256 with the SHA extensions of x86-64: SHA256RNDS2 does two rounds, SHA256MSG1 and SHA256MSG2 four
// words of the message schedule (Intel SDM volume 2; Gulley et al., "Intel SHA Extensions", 2013).
#include "crypto/sha2/impl.h"

#if defined(__x86_64__)

#include "crypto/target.h"

#include <immintrin.h>

BULLA_TARGET_BEGIN("sha,sse4.1,ssse3")

namespace bulla::crypto::sha2 {
namespace {

/// The two instructions want the working variables as ABEF and CDGH, the highest lane first.
struct Halves {
  __m128i abef, cdgh;
};

inline Halves load_state(const uint32_t* state) noexcept {
  const __m128i dcba = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state));
  const __m128i hgfe = _mm_loadu_si128(reinterpret_cast<const __m128i*>(state + 4));
  const __m128i cdab = _mm_shuffle_epi32(dcba, 0xb1), efgh = _mm_shuffle_epi32(hgfe, 0x1b);
  return {_mm_alignr_epi8(cdab, efgh, 8), _mm_blend_epi16(efgh, cdab, 0xf0)};
}

inline void store_state(const Halves& s, uint32_t* state) noexcept {
  const __m128i feba = _mm_shuffle_epi32(s.abef, 0x1b), dchg = _mm_shuffle_epi32(s.cdgh, 0xb1);
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state), _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

inline __m128i load_words(const uint8_t* block, size_t at) noexcept {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block) + at);
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  return _mm_shuffle_epi8(bytes, big_endian);
}

/// Rounds 4 * group to 4 * group + 3, whose words of the schedule are `w`.
inline void four_rounds(Halves& s, __m128i w, size_t group) noexcept {
  const __m128i wk = _mm_add_epi32(w, _mm_load_si128(reinterpret_cast<const __m128i*>(k256) + group));
  s.cdgh = _mm_sha256rnds2_epu32(s.cdgh, s.abef, wk);
  s.abef = _mm_sha256rnds2_epu32(s.abef, s.cdgh, _mm_shuffle_epi32(wk, 0x0e));
}

/// The next four words of the schedule from the sixteen before: W(t) = σ1(W(t-2)) + W(t-7) + σ0(W(t-15)) +
/// W(t-16).
inline __m128i next_words(__m128i w16, __m128i w12, __m128i w8, __m128i w4) noexcept {
  const __m128i seven_back = _mm_alignr_epi8(w4, w8, 4);
  return _mm_sha256msg2_epu32(_mm_add_epi32(_mm_sha256msg1_epu32(w16, w12), seven_back), w4);
}

}  // namespace

void compress256_sha_ni(uint32_t* state, const uint8_t* blocks, size_t count) noexcept {
  Halves s = load_state(state);
  for (; count > 0; --count, blocks += 64) {
    const Halves before = s;
    __m128i w[4];
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) {
      w[i] = load_words(blocks, i);
      four_rounds(s, w[i], i);
    }
#pragma GCC unroll 12
    for (size_t group = 4; group < 16; ++group) {
      const size_t i = group % 4;
      w[i] = next_words(w[i], w[(i + 1) % 4], w[(i + 2) % 4], w[(i + 3) % 4]);
      four_rounds(s, w[i], group);
    }
    s.abef = _mm_add_epi32(s.abef, before.abef);
    s.cdgh = _mm_add_epi32(s.cdgh, before.cdgh);
  }
  store_state(s, state);
}

}  // namespace bulla::crypto::sha2

BULLA_TARGET_END

#endif
