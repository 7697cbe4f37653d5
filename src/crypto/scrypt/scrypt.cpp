#include "crypto/scrypt/scrypt.h"

#include "base/assert.h"
#include "crypto/little_endian.h"
#include "crypto/pbkdf2.h"

#include <bit>
#include <cstring>
#include <optional>
#include <utility>

namespace bulla {
namespace {

using crypto::load_little_endian, crypto::store_little_endian;

constexpr size_t salsa_words = 16, salsa_bytes = 64;

/// 2 * r blocks of Salsa20 as one: what RFC 7914 calls B.
using Words = std::span<uint32_t>;

void quarter_round(uint32_t& a, uint32_t& b, uint32_t& c, uint32_t& d) noexcept {
  b ^= std::rotl(a + d, 7);
  c ^= std::rotl(b + a, 9);
  d ^= std::rotl(c + b, 13);
  a ^= std::rotl(d + c, 18);
}

/// RFC 7914 §3: the Salsa20/8 core.
void salsa20_8(uint32_t* block) noexcept {
  uint32_t x[salsa_words];
  std::memcpy(x, block, sizeof x);
  for (int round = 0; round < 8; round += 2) {
    for (size_t i = 0; i < 4; ++i)  // down the columns
      quarter_round(x[5 * i % 16], x[(5 * i + 4) % 16], x[(5 * i + 8) % 16], x[(5 * i + 12) % 16]);
    for (size_t i = 0; i < 4; ++i) {  // along the rows
      uint32_t* row = x + 4 * i;
      quarter_round(row[i], row[(i + 1) % 4], row[(i + 2) % 4], row[(i + 3) % 4]);
    }
  }
  for (size_t i = 0; i < salsa_words; ++i) block[i] += x[i];
  wipe({reinterpret_cast<uint8_t*>(x), sizeof x});
}

void mix(uint32_t* to, const uint32_t* from, size_t words) noexcept {
  for (size_t i = 0; i < words; ++i) to[i] ^= from[i];
}

/// RFC 7914 §4, scryptBlockMix: `out` gets the even blocks, then the odd ones.
void block_mix(const uint32_t* in, uint32_t* out, size_t r) noexcept {
  uint32_t x[salsa_words];
  std::memcpy(x, in + (2 * r - 1) * salsa_words, sizeof x);
  for (size_t i = 0; i < 2 * r; ++i) {
    mix(x, in + i * salsa_words, salsa_words);
    salsa20_8(x);
    std::memcpy(out + (i / 2 + (i % 2) * r) * salsa_words, x, sizeof x);
  }
  wipe({reinterpret_cast<uint8_t*>(x), sizeof x});
}

/// RFC 7914 §4: the block as an integer, little-endian; 64 bits of it are enough for any N.
uint64_t integerify(const uint32_t* block, size_t r) noexcept {
  const uint32_t* last = block + (2 * r - 1) * salsa_words;
  return last[0] | uint64_t{last[1]} << 32;
}

/// RFC 7914 §5, scryptROMix: `v` has room for n blocks, `y` for one.
void ro_mix(Words x, Words y, Words v, uint64_t n, size_t r) noexcept {
  const size_t words = x.size();
  for (uint64_t i = 0; i < n; ++i) {
    std::memcpy(v.data() + i * words, x.data(), x.size_bytes());
    block_mix(x.data(), y.data(), r);
    std::swap(x, y);
  }
  for (uint64_t i = 0; i < n; ++i) {
    mix(x.data(), v.data() + (integerify(x.data(), r) & (n - 1)) * words, words);
    block_mix(x.data(), y.data(), r);
    std::swap(x, y);
  }
  // n is even: x is where it was at first.
}

Words as_words(SecretBytes& bytes) noexcept {
  return {reinterpret_cast<uint32_t*>(bytes.writable().data()), bytes.size() / 4};
}

}  // namespace

std::optional<uint64_t> ScryptCost::memory() const noexcept {
  // RFC 7914 §6: N is a power of two below 2^(128 * r / 8), and p is at most (2^32 - 1) * 32 / (128 * r).
  if (n < 2 || !std::has_single_bit(n) || r == 0 || p == 0) return std::nullopt;
  if (r < 4 && n >> (16 * r) != 0) return std::nullopt;
  if (uint64_t{p} * r > (uint64_t{1} << 30) - 1) return std::nullopt;
  if (n > (uint64_t{1} << 56) / (128 * uint64_t{r})) return std::nullopt;
  return 128 * uint64_t{r} * (n + p + 2);
}

void scrypt(const HashAlgorithm& sha256, Bytes passphrase, Bytes salt, const ScryptCost& cost, MutBytes out) {
  BULLA_ASSERT(cost.memory(), "scrypt's cost is one that RFC 7914 §6 allows");
  const size_t block = 2 * salsa_bytes * cost.r;
  SecretBytes b(block * cost.p), x(block), y(block), v(static_cast<size_t>(block * cost.n));
  pbkdf2(sha256, passphrase, salt, 1, b.writable());
  for (size_t lane = 0; lane < cost.p; ++lane) {
    uint8_t* bytes = b.writable().data() + lane * block;
    for (size_t i = 0; i < block / 4; ++i) as_words(x)[i] = load_little_endian<uint32_t>(bytes + 4 * i);
    ro_mix(as_words(x), as_words(y), as_words(v), cost.n, cost.r);
    for (size_t i = 0; i < block / 4; ++i) store_little_endian(as_words(x)[i], bytes + 4 * i);
  }
  pbkdf2(sha256, passphrase, b.reveal(), 1, out);
}

}  // namespace bulla
