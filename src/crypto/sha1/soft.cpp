// FIPS 180-4 §6.1.2 word for word.
#include "crypto/merkle_damgard.h"
#include "crypto/sha1/sha1.h"

#include <bulla/secret.h>

#include <bit>

namespace bulla::crypto {
namespace {

/// FIPS 180-4 §5.3.1.
constexpr uint32_t initial[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};

struct Quarter {
  uint32_t k;  ///< FIPS 180-4 §4.2.1
  uint32_t (*f)(uint32_t x, uint32_t y, uint32_t z) noexcept;
};

uint32_t ch(uint32_t x, uint32_t y, uint32_t z) noexcept {
  return (x & y) ^ (~x & z);
}
uint32_t parity(uint32_t x, uint32_t y, uint32_t z) noexcept {
  return x ^ y ^ z;
}
uint32_t maj(uint32_t x, uint32_t y, uint32_t z) noexcept {
  return (x & y) ^ (x & z) ^ (y & z);
}

constexpr Quarter quarters[4] = {
    {0x5a827999, ch}, {0x6ed9eba1, parity}, {0x8f1bbcdc, maj}, {0xca62c1d6, parity}};

void compress(uint32_t* hash, const uint8_t* blocks, size_t count) noexcept {
  struct {
    uint32_t w[16];
    uint32_t a, b, c, d, e;
  } s;
  for (; count > 0; --count, blocks += sizeof s.w) {
    s.a = hash[0], s.b = hash[1], s.c = hash[2], s.d = hash[3], s.e = hash[4];
    for (size_t t = 0; t < 80; ++t) {
      uint32_t& w = s.w[t % 16];
      if (t < 16)
        w = load_big_endian<uint32_t>(blocks + 4 * t);
      else
        w = std::rotl(s.w[(t + 13) % 16] ^ s.w[(t + 8) % 16] ^ s.w[(t + 2) % 16] ^ w, 1);
      const Quarter& q = quarters[t / 20];
      const uint32_t sum = std::rotl(s.a, 5) + q.f(s.b, s.c, s.d) + s.e + q.k + w;
      s.e = s.d, s.d = s.c, s.c = std::rotl(s.b, 30), s.b = s.a, s.a = sum;
    }
    hash[0] += s.a, hash[1] += s.b, hash[2] += s.c, hash[3] += s.d, hash[4] += s.e;
  }
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

constexpr HashAlgorithm soft =
    MerkleDamgard<uint32_t, initial, compress, 20>::algorithm(HashId::sha1, "SHA-1");
constexpr Kernel<HashAlgorithm> kernels[] = {{"soft", 0, &soft}};

}  // namespace

std::span<const Kernel<HashAlgorithm>> sha1_kernels() noexcept {
  return kernels;
}

}  // namespace bulla::crypto
