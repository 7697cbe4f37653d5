// What the kernels of AES share: the words that a key expands to. And their names, for modes of operation
// that bring a kernel for each.
#pragma once

#include "base/assert.h"
#include "crypto/aes/aes.h"

#include <bit>

namespace bulla::crypto::aes {

extern const BlockCipher soft;
#if defined(__x86_64__)
/// The first `rounds + 1` blocks of the schedule are the round keys, in order (encryption's).
extern const BlockCipher aesni;

/// The round keys of encryption alone, in order: what a mode that only encrypts keeps for the AES
/// instructions. Whoever holds them wipes them.
struct ForwardKeys {
  alignas(16) std::array<uint64_t, 2 * (max_rounds + 1)> words;
  unsigned rounds;  ///< 10, 12 or 14
};
/// Key expansion for them; needs cpu::aes.
void expand_forward(ForwardKeys& keys, Bytes key) noexcept;
#endif

/// The four words w[4i] to w[4i+3] of round key i. A word holds its first byte lowest.
using Words = std::array<uint32_t, 4 * (max_rounds + 1)>;

/// FIPS 197 §5.2, Algorithm 2. `sub_word` applies the S-box to four bytes. Returns the number of rounds.
template <uint32_t (*sub_word)(uint32_t) noexcept>
unsigned expand_words(Words& w, Bytes key) noexcept {
  const size_t nk = key.size() / 4, rounds = nk + 6;
  BULLA_ASSERT(nk == 4 || nk == 6 || nk == 8, "an AES key has 16, 24 or 32 bytes");
  for (size_t i = 0; i < nk; ++i) {
    w[i] = 0;
    for (size_t j = 4; j-- > 0;) w[i] = w[i] << 8 | key[4 * i + j];
  }
  uint32_t rcon = 1;  // x^(i/nk - 1) in GF(2^8)
  for (size_t i = nk; i < 4 * (rounds + 1); ++i) {
    uint32_t temp = w[i - 1];
    if (i % nk == 0) {
      temp = sub_word(std::rotr(temp, 8)) ^ rcon;  // RotWord: the second byte becomes the first
      rcon = rcon << 1 ^ (rcon >> 7) * 0x11b;
    } else if (nk == 8 && i % 8 == 4) {
      temp = sub_word(temp);
    }
    w[i] = w[i - nk] ^ temp;
  }
  return static_cast<unsigned>(rounds);
}

}  // namespace bulla::crypto::aes
