// SHA-384 and SHA-512 with a message schedule in vector registers. The rounds are a chain of additions that
// only scalar registers go through quickly; what drives them, W(t) + K(t), is made two words at a time in
// vector registers, for which the processor has other units (Gueron and Krasnov, "Parallelizing message
// schedules to accelerate the computations of hash functions", 2012). A kernel opens its target region, says
// how σ0 and σ1 are computed, and includes this inside the region:
//
//   inline __m128i small0(__m128i x) noexcept; inline __m128i small1(__m128i x) noexcept;
#pragma once

#if !defined(__x86_64__)
#error "for kernels of x86-64"
#endif

namespace bulla::crypto::sha2 {
namespace {

constexpr size_t block_size = 128, rounds = 80;

// ------------------------------------------------------------------------------------- the message schedule

/// W(t) + K(t) for the rounds.
using RoundWords = uint64_t[16];

/// Sixteen words in pairs; where a pair lies goes round. (They and RoundWords in one object would both stay
/// in memory.)
struct Schedule {
  __m128i w[8];

  [[gnu::always_inline]] inline void start(const uint8_t* block, RoundWords& wk) noexcept {
    const __m128i big_endian = _mm_set_epi64x(0x08090a0b0c0d0e0f, 0x0001020304050607);
#pragma GCC unroll 8
    for (size_t i = 0; i < 8; ++i) {
      w[i] = _mm_shuffle_epi8(_mm_loadu_si128(reinterpret_cast<const __m128i*>(block) + i), big_endian);
      add_constants(i, k512, wk);
    }
  }

  /// W(t) = σ1(W(t-2)) + W(t-7) + σ0(W(t-15)) + W(t-16) for two t, the first of which is 2i modulo 16. `k`:
  /// the constants of sixteen rounds.
  [[gnu::always_inline]] inline void next(size_t i, const uint64_t* k, RoundWords& wk) noexcept {
    const __m128i seven_back = _mm_alignr_epi8(w[(i + 5) % 8], w[(i + 4) % 8], 8);
    const __m128i fifteen_back = _mm_alignr_epi8(w[(i + 1) % 8], w[i], 8);
    w[i] = _mm_add_epi64(_mm_add_epi64(w[i], seven_back),
                         _mm_add_epi64(small0(fifteen_back), small1(w[(i + 7) % 8])));
    add_constants(i, k, wk);
  }

 private:
  [[gnu::always_inline]] inline void add_constants(size_t i, const uint64_t* k,
                                                   RoundWords& wk) const noexcept {
    const __m128i constants = _mm_load_si128(reinterpret_cast<const __m128i*>(k) + i);
    _mm_store_si128(reinterpret_cast<__m128i*>(wk) + i, _mm_add_epi64(w[i], constants));
  }
};

// ----------------------------------------------------------------------------------------------- the rounds

struct Working {
  uint64_t a, b, c, d, e, f, g, h;
  uint64_t b_xor_c;  ///< which is a ^ b of the round before
};

/// One round, after which h is called a, a is called b, and so on: only d and h are assigned to. Additions
/// are in the order in which their terms are known; Maj(a,b,c) = ((a ^ b) & (b ^ c)) ^ b.
[[gnu::always_inline]] inline void round(uint64_t a, uint64_t b, uint64_t& d, uint64_t e, uint64_t f,
                                         uint64_t g, uint64_t& h, uint64_t& b_xor_c, uint64_t wk) noexcept {
  const uint64_t big1 = std::rotr(e, 14) ^ std::rotr(e, 18) ^ std::rotr(e, 41);
  const uint64_t big0 = std::rotr(a, 28) ^ std::rotr(a, 34) ^ std::rotr(a, 39);
  const uint64_t t1 = (h + wk) + (e & f) + (~e & g) + big1;
  const uint64_t a_xor_b = a ^ b;
  const uint64_t maj = (a_xor_b & b_xor_c) ^ b;
  b_xor_c = a_xor_b;
  d += t1;
  h = t1 + (maj + big0);
}

/// Eight rounds, after which each variable has its own name again. `after(i)` is called after each two.
template <class After>
[[gnu::always_inline]] inline void eight_rounds(Working& s, const uint64_t* wk, const After& after) noexcept {
  round(s.a, s.b, s.d, s.e, s.f, s.g, s.h, s.b_xor_c, wk[0]);
  round(s.h, s.a, s.c, s.d, s.e, s.f, s.g, s.b_xor_c, wk[1]);
  after(0);
  round(s.g, s.h, s.b, s.c, s.d, s.e, s.f, s.b_xor_c, wk[2]);
  round(s.f, s.g, s.a, s.b, s.c, s.d, s.e, s.b_xor_c, wk[3]);
  after(1);
  round(s.e, s.f, s.h, s.a, s.b, s.c, s.d, s.b_xor_c, wk[4]);
  round(s.d, s.e, s.g, s.h, s.a, s.b, s.c, s.b_xor_c, wk[5]);
  after(2);
  round(s.c, s.d, s.f, s.g, s.h, s.a, s.b, s.b_xor_c, wk[6]);
  round(s.b, s.c, s.e, s.f, s.g, s.h, s.a, s.b_xor_c, wk[7]);
  after(3);
}

inline void compress_block(uint64_t* state, const uint8_t* block, RoundWords& wk) noexcept {
  Schedule schedule;
  schedule.start(block, wk);
  Working s = {state[0], state[1], state[2], state[3],           state[4],
               state[5], state[6], state[7], state[1] ^ state[2]};
  for (const uint64_t* k = k512 + 16; k < k512 + rounds; k += 16) {
    eight_rounds(s, wk, [&](size_t i) __attribute__((always_inline)) { schedule.next(i, k, wk); });
    eight_rounds(s, wk + 8, [&](size_t i) __attribute__((always_inline)) { schedule.next(i + 4, k, wk); });
  }
  eight_rounds(s, wk, [](size_t) {});
  eight_rounds(s, wk + 8, [](size_t) {});
  state[0] += s.a, state[1] += s.b, state[2] += s.c, state[3] += s.d;
  state[4] += s.e, state[5] += s.f, state[6] += s.g, state[7] += s.h;
}

[[gnu::noinline]] void compress(uint64_t* state, const uint8_t* blocks, size_t count) noexcept {
  alignas(16) RoundWords wk;
  for (; count > 0; --count, blocks += block_size) compress_block(state, blocks, wk);
}

/// Of the frame of compress(), however a compiler lays it out.
constexpr size_t stack_depth = 640;

}  // namespace
}  // namespace bulla::crypto::sha2
