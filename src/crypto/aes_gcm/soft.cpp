// AES-GCM of the bit-sliced cipher, and of integer multiplications that carry nowhere.
#include "crypto/aes/impl.h"
#include "crypto/aes_gcm/impl.h"
#include "crypto/big_endian.h"

#include <bulla/secret.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace bulla::crypto::aes_gcm {
namespace {

using aes::block_size;

/// Blocks that the cipher does side by side.
constexpr size_t chunk = 4 * block_size;

// ------------------------------------------------------------------------------------------------- GF(2^128)

using Wide = unsigned __int128;

/// Every fourth bit, from bit i.
constexpr uint64_t comb(int i) noexcept {
  return uint64_t{0x1111111111111111} << i;
}
constexpr Wide wide_comb(int i) noexcept {
  return Wide{comb(i)} << 64 | comb(i);
}

/// The product of two polynomials of degree below 64, from products of integers: with three zeros between any
/// two bits, a sum of up to 15 ones carries into the zeros only (Pornin, "BearSSL: constant-time
/// multiplication and GHASH"). Sixteen bits of `a` may meet fifteen of `b`; the top four bits of `b` have a
/// product each, which a single bit only shifts.
Wide multiply(uint64_t a, uint64_t b) noexcept {
  uint64_t as[4], bs[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    as[i] = a & comb(i);
    bs[i] = b & comb(i) & 0x0fffffffffffffff;
  }
  Wide product = 0;
#pragma GCC unroll 4
  for (int k = 0; k < 4; ++k) {
    Wide sum = 0;
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) sum ^= Wide{as[i]} * bs[(k - i) & 3];
    product |= sum & wide_comb(k);
  }
#pragma GCC unroll 4
  for (int i = 60; i < 64; ++i) product ^= Wide{a} * (b & uint64_t{1} << i);
  return product;
}

/// a / x^64 without the word that this makes zero: adding multiples of the modulus, whose constant term is 1,
/// clears the lowest word `w` and adds w (x^63 + x^62 + x^57) to the word above and what overflows, and w
/// itself, to the one above that.
inline void reduce_word(uint64_t w, uint64_t& above, uint64_t& two_above) noexcept {
  above ^= w << 63 ^ w << 62 ^ w << 57;
  two_above ^= w ^ w >> 1 ^ w >> 2 ^ w >> 7;
}

/// dot(a, b) of POLYVAL: three products (Karatsuba and Ofman, 1962) and Montgomery's reduction.
Field dot(Field a, Field b) noexcept {
  const Wide low = multiply(a.low, b.low), high = multiply(a.high, b.high);
  const Wide middle = multiply(a.low ^ a.high, b.low ^ b.high) ^ low ^ high;
  const auto c0 = static_cast<uint64_t>(low);
  uint64_t c1 = static_cast<uint64_t>(low >> 64) ^ static_cast<uint64_t>(middle);
  uint64_t c2 = static_cast<uint64_t>(high) ^ static_cast<uint64_t>(middle >> 64);
  auto c3 = static_cast<uint64_t>(high >> 64);
  reduce_word(c0, c1, c2);
  reduce_word(c1, c2, c3);
  return {.low = c2, .high = c3};
}

Field load_reversed(const uint8_t* block) noexcept {
  return {.low = load_big_endian<uint64_t>(block + 8), .high = load_big_endian<uint64_t>(block)};
}

// ------------------------------------------------------------------------------------------------------ GCM

void hash_block(const SoftKey& key, Field& y, Field x) noexcept {
  y = dot({.low = y.low ^ x.low, .high = y.high ^ x.high}, key.h);
}

/// Takes bytes into GHASH, the last block filled up with zeros.
void hash(const SoftKey& key, Field& y, const uint8_t* bytes, size_t size) noexcept {
  for (; size >= block_size; size -= block_size, bytes += block_size)
    hash_block(key, y, load_reversed(bytes));
  if (size == 0) return;
  uint8_t last[block_size] = {};
  std::memcpy(last, bytes, size);
  hash_block(key, y, load_reversed(last));
}

void counter_block(const AeadNonce& nonce, uint32_t counter, uint8_t* out) noexcept {
  std::memcpy(out, nonce.data(), nonce.size());
  store_big_endian(counter, out + nonce.size());
}

void set_hash_key(Key& into, Field h) noexcept {
  into.soft.h = h;
}

void set_key(Key& into, Bytes key) noexcept {
  aes::soft.expand((new (&into.soft) SoftKey)->schedule, key);
  uint8_t h[block_size] = {};
  aes::soft.encrypt(into.soft.schedule, h, h, 1);
  set_hash_key(into, times_x(load_reversed(h)));
  wipe(h);
}

template <bool sealing>
void crypt(const Key& by, const Record& record, uint8_t* tag) noexcept {
  const SoftKey& key = by.soft;
  Field y{};
  hash(key, y, record.aad.data(), record.aad.size());

  uint8_t stream[chunk];
  uint32_t counter = record.first_counter;
  uint8_t* out = record.out;
  for (const Bytes run : record.in) {
    for (size_t at = 0; at < run.size(); at += chunk, out += chunk) {
      const size_t step = std::min(run.size() - at, chunk), count = (step + block_size - 1) / block_size;
      for (size_t i = 0; i < count; ++i) counter_block(record.nonce, ++counter, stream + i * block_size);
      aes::soft.encrypt(key.schedule, stream, stream, count);
      if (!sealing) hash(key, y, &run[at], step);
      for (size_t i = 0; i < step; ++i) out[i] = run[at + i] ^ stream[i];
      if (sealing) hash(key, y, out, step);
    }
  }
  hash_block(key, y, record.lengths);

  counter_block(record.nonce, record.first_counter, stream);
  aes::soft.encrypt(key.schedule, stream, stream, 1);
  store_big_endian(y.high, tag);
  store_big_endian(y.low, tag + 8);
  for (size_t i = 0; i < block_size; ++i) tag[i] ^= stream[i];
  wipe(stream);
}

}  // namespace

constexpr Functions soft = {
    .set_key = set_key, .set_hash_key = set_hash_key, .seal = crypt<true>, .open = crypt<false>};

}  // namespace bulla::crypto::aes_gcm
