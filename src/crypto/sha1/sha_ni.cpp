// SHA-1 with the SHA extensions of x86-64: SHA1RNDS4 does four rounds, SHA1NEXTE makes the e of the next four
// from the a of these, SHA1MSG1 and SHA1MSG2 make four words of the message schedule (Intel SDM volume 2;
// Gulley et al., "Intel SHA Extensions", 2013).
#include "crypto/sha1/impl.h"

#if defined(__x86_64__)

#include "base/ct.h"
#include "crypto/target.h"

#include <immintrin.h>

BULLA_TARGET_BEGIN("sha,sse4.1,ssse3")

namespace bulla::crypto::sha1 {
namespace {

/// The instructions want the working variables a to d with a in the highest lane. `e_from` is e itself, in
/// the highest lane, before the first rounds; then the a to d that stood before the last four rounds, whose
/// a, rotated, has become e.
struct Working {
  __m128i abcd, e_from;
};

inline __m128i load_words(const uint8_t* block, size_t at) noexcept {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block) + at);
  return _mm_shuffle_epi8(bytes, _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f));
}

/// SHA1RNDS4, which MemorySanitizer does not know: it would report every secret that goes in. There it sees
/// values that count as public, and the result is as secret as they were.
template <int quarter>
inline __m128i rounds(__m128i abcd, __m128i e_plus_w) noexcept {
#if defined(BULLA_CT_MSAN)
  const bool secret = __msan_test_shadow(&abcd, sizeof abcd) != -1 ||  //
                      __msan_test_shadow(&e_plus_w, sizeof e_plus_w) != -1;
  __msan_unpoison(&abcd, sizeof abcd);
  __msan_unpoison(&e_plus_w, sizeof e_plus_w);
  __m128i out = _mm_sha1rnds4_epu32(abcd, e_plus_w, quarter);
  if (secret) __msan_allocated_memory(&out, sizeof out);
  return out;
#else
  return _mm_sha1rnds4_epu32(abcd, e_plus_w, quarter);
#endif
}

/// Four rounds of the quarter `quarter` (FIPS 180-4 §4.1.1), to whose first word of the schedule e has been
/// added.
template <int quarter>
inline void four_rounds(Working& s, __m128i e_plus_w) noexcept {
  const __m128i before = s.abcd;
  s.abcd = rounds<quarter>(s.abcd, e_plus_w);
  s.e_from = before;
}

/// The next four words of the schedule: W(t) = (W(t-3) ^ W(t-8) ^ W(t-14) ^ W(t-16)) rotated by one.
inline __m128i next_words(__m128i w16, __m128i w12, __m128i w8, __m128i w4) noexcept {
  return _mm_sha1msg2_epu32(_mm_xor_si128(_mm_sha1msg1_epu32(w16, w12), w8), w4);
}

/// Twenty rounds; the first four of them take the words w[first % 4].
template <int quarter>
[[gnu::always_inline]] inline void twenty_rounds(Working& s, __m128i (&w)[4]) noexcept {
#pragma GCC unroll 5
  for (size_t group = 5 * quarter; group < 5 * quarter + 5; ++group) {
    const size_t i = group % 4;
    if (group >= 4) w[i] = next_words(w[i], w[(i + 1) % 4], w[(i + 2) % 4], w[(i + 3) % 4]);
    const __m128i e_plus_w = group == 0 ? _mm_add_epi32(s.e_from, w[i]) : _mm_sha1nexte_epu32(s.e_from, w[i]);
    four_rounds<quarter>(s, e_plus_w);
  }
}

}  // namespace

void compress_sha_ni(uint32_t* state, const uint8_t* blocks, size_t count) noexcept {
  auto* const abcd = reinterpret_cast<__m128i*>(state);
  Working s = {_mm_shuffle_epi32(_mm_loadu_si128(abcd), 0x1b),
               _mm_set_epi32(static_cast<int>(state[4]), 0, 0, 0)};
  for (; count > 0; --count, blocks += 64) {
    const Working before = s;
    __m128i w[4] = {load_words(blocks, 0), load_words(blocks, 1), load_words(blocks, 2),
                    load_words(blocks, 3)};
    twenty_rounds<0>(s, w);
    twenty_rounds<1>(s, w);
    twenty_rounds<2>(s, w);
    twenty_rounds<3>(s, w);
    s.abcd = _mm_add_epi32(s.abcd, before.abcd);
    s.e_from = _mm_sha1nexte_epu32(s.e_from, before.e_from);
  }
  _mm_storeu_si128(abcd, _mm_shuffle_epi32(s.abcd, 0x1b));
  state[4] = static_cast<uint32_t>(_mm_extract_epi32(s.e_from, 3));
}

}  // namespace bulla::crypto::sha1

BULLA_TARGET_END

#endif
