// ChaCha20 (RFC 8439 §2.1 to §2.4), four blocks side by side: each word of the state is a vector with one
// lane a block. The vectors are the compilers' own: SSE2 on x86-64, NEON on AArch64, plain words elsewhere.
// Additions, rotations by fixed distances and XORs only: nothing takes longer for one key than for another.
#include "crypto/chacha20_poly1305/impl.h"
#include "crypto/little_endian.h"

#include <bulla/secret.h>

#include <algorithm>

namespace bulla::crypto::chacha20_poly1305 {
namespace {

constexpr size_t lanes = 4;
using Lanes = uint32_t __attribute__((vector_size(4 * lanes)));

inline Lanes rotated(Lanes v, unsigned by) noexcept {
  return v << by | v >> (32 - by);
}

/// RFC 8439 §2.1.
inline void quarter_round(Lanes& a, Lanes& b, Lanes& c, Lanes& d) noexcept {
  a += b, d = rotated(d ^ a, 16);
  c += d, b = rotated(b ^ c, 12);
  a += b, d = rotated(d ^ a, 8);
  c += d, b = rotated(b ^ c, 7);
}

struct Working {
  Lanes initial[16], x[16];
  uint8_t stream[lanes * block_size];
};

/// RFC 8439 §2.3: the constants ("expand 32-byte k"), the key, the counter, the nonce. Block j of four is
/// lane j, whose counter is j ahead.
inline void set_up(Lanes (&initial)[16], const KeyWords& key, const NonceWords& nonce,
                   uint32_t counter) noexcept {
  for (size_t i = 0; i < 4; ++i) initial[i] = Lanes{} + constants[i];
  for (size_t i = 0; i < 8; ++i) initial[4 + i] = Lanes{} + key[i];
  initial[12] = Lanes{0, 1, 2, 3} + counter;
  for (size_t i = 0; i < 3; ++i) initial[13 + i] = Lanes{} + nonce[i];
}

inline void store(Lanes words, uint8_t* out) noexcept {
  for (size_t i = 0; i < lanes; ++i) {
    if constexpr (std::endian::native == std::endian::big) words[i] = swapped_bytes(words[i]);
  }
  std::memcpy(out, &words, sizeof words);
}

/// From four words of each of four blocks, a word a vector, to four words of one block a vector.
inline void store_transposed(const Lanes* x, uint8_t* out) noexcept {
  const Lanes ab01 = __builtin_shufflevector(x[0], x[1], 0, 4, 1, 5);
  const Lanes ab23 = __builtin_shufflevector(x[0], x[1], 2, 6, 3, 7);
  const Lanes cd01 = __builtin_shufflevector(x[2], x[3], 0, 4, 1, 5);
  const Lanes cd23 = __builtin_shufflevector(x[2], x[3], 2, 6, 3, 7);
  store(__builtin_shufflevector(ab01, cd01, 0, 1, 4, 5), out);
  store(__builtin_shufflevector(ab01, cd01, 2, 3, 6, 7), out + block_size);
  store(__builtin_shufflevector(ab23, cd23, 0, 1, 4, 5), out + 2 * block_size);
  store(__builtin_shufflevector(ab23, cd23, 2, 3, 6, 7), out + 3 * block_size);
}

/// The next four blocks of the key stream; the counter goes on by four.
inline void four_blocks(Working& w) noexcept {
  std::copy(std::begin(w.initial), std::end(w.initial), w.x);
  auto& x = w.x;
  for (size_t double_round = 0; double_round < 10; ++double_round) {
    quarter_round(x[0], x[4], x[8], x[12]);
    quarter_round(x[1], x[5], x[9], x[13]);
    quarter_round(x[2], x[6], x[10], x[14]);
    quarter_round(x[3], x[7], x[11], x[15]);
    quarter_round(x[0], x[5], x[10], x[15]);
    quarter_round(x[1], x[6], x[11], x[12]);
    quarter_round(x[2], x[7], x[8], x[13]);
    quarter_round(x[3], x[4], x[9], x[14]);
  }
  for (size_t i = 0; i < 16; ++i) x[i] += w.initial[i];
  for (size_t i = 0; i < 16; i += 4) store_transposed(x + i, w.stream + 4 * i);
  w.initial[12] += lanes;
}

}  // namespace

size_t key_stream_soft(const KeyWords& key, const NonceWords& nonce, uint8_t* out, size_t blocks) noexcept {
  Working w;
  set_up(w.initial, key, nonce, 0);
  for (size_t i = 0; i < blocks; i += lanes, out += sizeof w.stream) {
    four_blocks(w);
    std::memcpy(out, w.stream, sizeof w.stream);
  }
  wipe({reinterpret_cast<uint8_t*>(&w), sizeof w});
  return blocks;
}

void add_soft(const uint8_t* stream, const uint8_t* in, uint8_t* out, size_t size) noexcept {
  size_t at = 0;
  for (Lanes text, key; at + sizeof text <= size; at += sizeof text) {
    std::memcpy(&text, in + at, sizeof text);
    std::memcpy(&key, stream + at, sizeof key);
    text ^= key;
    std::memcpy(out + at, &text, sizeof text);
  }
  for (; at < size; ++at) out[at] = in[at] ^ stream[at];
}

void chacha20_soft(const KeyWords& key, const NonceWords& nonce, uint32_t counter, const uint8_t* in,
                   uint8_t* out, size_t size) noexcept {
  Working w;
  set_up(w.initial, key, nonce, counter);
  while (size > 0) {
    four_blocks(w);
    const size_t step = std::min(size, sizeof w.stream);
    add_soft(w.stream, in, out, step);
    in += step, out += step, size -= step;
  }
  wipe({reinterpret_cast<uint8_t*>(&w), sizeof w});
}

}  // namespace bulla::crypto::chacha20_poly1305
