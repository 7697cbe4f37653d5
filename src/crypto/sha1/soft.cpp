// FIPS 180-4 §6.1.2 word for word.
#include "crypto/big_endian.h"
#include "crypto/sha1/impl.h"

#include <bulla/secret.h>

#include <bit>

namespace bulla::crypto::sha1 {
namespace {

uint32_t ch(uint32_t x, uint32_t y, uint32_t z) noexcept {
  return (x & y) ^ (~x & z);
}
uint32_t parity(uint32_t x, uint32_t y, uint32_t z) noexcept {
  return x ^ y ^ z;
}
uint32_t maj(uint32_t x, uint32_t y, uint32_t z) noexcept {
  return (x & y) ^ (x & z) ^ (y & z);
}

struct Working {
  uint32_t w[80];
  uint32_t a, b, c, d, e;
};

/// Twenty rounds with one function and one constant (FIPS 180-4 §4.1.1, §4.2.1); `w` is their part of the
/// message schedule.
template <uint32_t (*f)(uint32_t, uint32_t, uint32_t) noexcept, uint32_t k>
void twenty_rounds(Working& s, const uint32_t* w) noexcept {
  uint32_t a = s.a, b = s.b, c = s.c, d = s.d, e = s.e;
  for (size_t t = 0; t < 20; ++t) {
    const uint32_t sum = std::rotl(a, 5) + f(b, c, d) + e + k + w[t];
    e = d, d = c, c = std::rotl(b, 30), b = a, a = sum;
  }
  s.a = a, s.b = b, s.c = c, s.d = d, s.e = e;
}

}  // namespace

void compress_soft(uint32_t* hash, const uint8_t* blocks, size_t count) noexcept {
  Working s;
  for (; count > 0; --count, blocks += 64) {
    for (size_t t = 0; t < 16; ++t) s.w[t] = load_big_endian<uint32_t>(blocks + 4 * t);
    for (size_t t = 16; t < 80; ++t)
      s.w[t] = std::rotl(s.w[t - 3] ^ s.w[t - 8] ^ s.w[t - 14] ^ s.w[t - 16], 1);
    s.a = hash[0], s.b = hash[1], s.c = hash[2], s.d = hash[3], s.e = hash[4];
    twenty_rounds<ch, 0x5a827999>(s, s.w);
    twenty_rounds<parity, 0x6ed9eba1>(s, s.w + 20);
    twenty_rounds<maj, 0x8f1bbcdc>(s, s.w + 40);
    twenty_rounds<parity, 0xca62c1d6>(s, s.w + 60);
    hash[0] += s.a, hash[1] += s.b, hash[2] += s.c, hash[3] += s.d, hash[4] += s.e;
  }
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

}  // namespace bulla::crypto::sha1
