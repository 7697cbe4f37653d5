// AES with the AES instructions of x86-64: AESENC does a round, AESENCLAST the last one, AESDEC and
// AESDECLAST those of the equivalent inverse cipher, AESIMC inverts MixColumns (Intel SDM volume 2; Gueron,
// "Intel Advanced Encryption Standard (AES) New Instructions Set", 2010). None takes longer for one value
// than for another.
#include "crypto/aes/impl.h"

#if defined(__x86_64__)

#include "crypto/target.h"

#include <bulla/secret.h>

#include <immintrin.h>

#include <cstring>

BULLA_TARGET_BEGIN("aes")

namespace bulla::crypto::aes {
namespace {

/// Blocks in flight: AESENC takes about four cycles, and one or two can start in each.
constexpr size_t side_by_side = 8;

inline __m128i load(const void* at) noexcept {
  return _mm_loadu_si128(static_cast<const __m128i*>(at));
}
inline void store(void* at, __m128i block) noexcept {
  _mm_storeu_si128(static_cast<__m128i*>(at), block);
}

/// SubWord, for which there is no instruction: of four equal columns, ShiftRows makes four equal columns, and
/// a last round with a zero key leaves just SubBytes.
uint32_t sub_word(uint32_t word) noexcept {
  const __m128i columns = _mm_set1_epi32(static_cast<int>(word));
  return static_cast<uint32_t>(_mm_cvtsi128_si32(_mm_aesenclast_si128(columns, _mm_setzero_si128())));
}

/// The round keys of encryption, and behind them those of the equivalent inverse cipher in the order of their
/// use (FIPS 197 §5.3.5).
struct RoundKeys {
  const __m128i* encryption;
  const __m128i* decryption;
};
inline RoundKeys keys_of(const Schedule& schedule) noexcept {
  const auto* first = reinterpret_cast<const __m128i*>(schedule.words.data());
  return {first, first + schedule.rounds + 1};
}

void expand(Schedule& schedule, Bytes key) noexcept {
  Words words;
  const unsigned rounds = schedule.rounds = expand_words<sub_word>(words, key);
  auto* const forward = reinterpret_cast<__m128i*>(schedule.words.data());
  __m128i* const backward = forward + rounds + 1;
  for (unsigned i = 0; i <= rounds; ++i) {
    const __m128i round_key = load(&words[4 * i]);
    const bool outermost = i == 0 || i == rounds;
    forward[i] = round_key;
    backward[rounds - i] = outermost ? round_key : _mm_aesimc_si128(round_key);
  }
  wipe({reinterpret_cast<uint8_t*>(words.data()), sizeof words});
}

}  // namespace

void expand_forward(ForwardKeys& keys, Bytes key) noexcept {
  Words words;
  keys.rounds = expand_words<sub_word>(words, key);
  std::memcpy(keys.words.data(), words.data(), block_size * (keys.rounds + 1));
  wipe({reinterpret_cast<uint8_t*>(words.data()), sizeof words});
}

namespace {

struct Forward {
  static __m128i round(__m128i block, __m128i key) noexcept { return _mm_aesenc_si128(block, key); }
  static __m128i last(__m128i block, __m128i key) noexcept { return _mm_aesenclast_si128(block, key); }
};
struct Backward {
  static __m128i round(__m128i block, __m128i key) noexcept { return _mm_aesdec_si128(block, key); }
  static __m128i last(__m128i block, __m128i key) noexcept { return _mm_aesdeclast_si128(block, key); }
};

template <class Direction, size_t n>
inline void blocks(const __m128i* keys, unsigned rounds, uint8_t* out, const uint8_t* in) noexcept {
  __m128i b[n];
#pragma GCC unroll 8
  for (size_t i = 0; i < n; ++i) b[i] = _mm_xor_si128(load(in + i * block_size), keys[0]);
  for (unsigned round = 1; round < rounds; ++round) {
#pragma GCC unroll 8
    for (size_t i = 0; i < n; ++i) b[i] = Direction::round(b[i], keys[round]);
  }
#pragma GCC unroll 8
  for (size_t i = 0; i < n; ++i) store(out + i * block_size, Direction::last(b[i], keys[rounds]));
}

template <class Direction>
inline void all_blocks(const __m128i* keys, unsigned rounds, uint8_t* out, const uint8_t* in,
                       size_t count) noexcept {
  for (; count >= side_by_side; count -= side_by_side) {
    blocks<Direction, side_by_side>(keys, rounds, out, in);
    in += side_by_side * block_size;
    out += side_by_side * block_size;
  }
  for (; count > 0; --count, in += block_size, out += block_size) blocks<Direction, 1>(keys, rounds, out, in);
}

void encrypt(const Schedule& schedule, uint8_t* out, const uint8_t* in, size_t count) noexcept {
  all_blocks<Forward>(keys_of(schedule).encryption, schedule.rounds, out, in, count);
}

void decrypt(const Schedule& schedule, uint8_t* out, const uint8_t* in, size_t count) noexcept {
  all_blocks<Backward>(keys_of(schedule).decryption, schedule.rounds, out, in, count);
}

}  // namespace

constexpr BlockCipher aesni = {.expand = expand, .encrypt = encrypt, .decrypt = decrypt};

}  // namespace bulla::crypto::aes

BULLA_TARGET_END

#endif
