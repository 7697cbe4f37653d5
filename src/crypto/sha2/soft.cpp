// FIPS 180-4 §6.2.2 and §6.4.2 word for word: additions, rotations and Boolean functions, none of which takes
// longer for one value than for another.
#include "crypto/big_endian.h"
#include "crypto/sha2/impl.h"
#include "crypto/wipe_stack.h"

#include <bit>

namespace bulla::crypto::sha2 {
namespace {

/// FIPS 180-4 §4.1.2, §4.1.3: what distinguishes the two families.
struct Rotations {
  int big0[3], big1[3];      ///< Σ0, Σ1: three rotations
  int small0[3], small1[3];  ///< σ0, σ1: two rotations and a shift
};
constexpr Rotations rotations256 = {{2, 13, 22}, {6, 11, 25}, {7, 18, 3}, {17, 19, 10}};
constexpr Rotations rotations512 = {{28, 34, 39}, {14, 18, 41}, {1, 8, 7}, {19, 61, 6}};

template <class Word>
Word big(Word x, const int (&by)[3]) noexcept {
  return std::rotr(x, by[0]) ^ std::rotr(x, by[1]) ^ std::rotr(x, by[2]);
}
template <class Word>
Word small(Word x, const int (&by)[3]) noexcept {
  return std::rotr(x, by[0]) ^ std::rotr(x, by[1]) ^ (x >> by[2]);
}
template <class Word>
Word ch(Word x, Word y, Word z) noexcept {
  return (x & y) ^ (~x & z);
}
template <class Word>
Word maj(Word x, Word y, Word z) noexcept {
  return (x & y) ^ (x & z) ^ (y & z);
}

/// Of the frame of compress(), however a compiler lays it out.
constexpr size_t stack_depth = 512;

template <class Word, size_t rounds>
[[gnu::noinline]] void compress(const Rotations& r, const Word (&k)[rounds], Word* state,
                                const uint8_t* blocks, size_t count) noexcept {
  struct {
    Word w[16];  // the last sixteen words of the message schedule
    Word a, b, c, d, e, f, g, h;
  } s;
  for (; count > 0; --count, blocks += sizeof s.w) {
    s.a = state[0], s.b = state[1], s.c = state[2], s.d = state[3];
    s.e = state[4], s.f = state[5], s.g = state[6], s.h = state[7];
    for (size_t t = 0; t < rounds; ++t) {
      Word& w = s.w[t % 16];
      if (t < 16)
        w = load_big_endian<Word>(blocks + t * sizeof(Word));
      else
        w += small(s.w[(t + 14) % 16], r.small1) + s.w[(t + 9) % 16] + small(s.w[(t + 1) % 16], r.small0);
      const Word t1 = s.h + big(s.e, r.big1) + ch(s.e, s.f, s.g) + k[t] + w;
      const Word t2 = big(s.a, r.big0) + maj(s.a, s.b, s.c);
      s.h = s.g, s.g = s.f, s.f = s.e, s.e = s.d + t1;
      s.d = s.c, s.c = s.b, s.b = s.a, s.a = t1 + t2;
    }
    state[0] += s.a, state[1] += s.b, state[2] += s.c, state[3] += s.d;
    state[4] += s.e, state[5] += s.f, state[6] += s.g, state[7] += s.h;
  }
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

}  // namespace

void compress256_soft(uint32_t* state, const uint8_t* blocks, size_t count) noexcept {
  compress(rotations256, k256, state, blocks, count);
  wipe_stack<stack_depth>();
}

void compress512_soft(uint64_t* state, const uint8_t* blocks, size_t count) noexcept {
  compress(rotations512, k512, state, blocks, count);
  wipe_stack<stack_depth>();
}

}  // namespace bulla::crypto::sha2
