// AES-GCM with AES-NI and PCLMULQDQ: eight blocks of keystream are under way at a time, and between their
// rounds stand the multiplications of GHASH for eight blocks of ciphertext, with one reduction for all
// (Gueron and Kounavis, "Intel Carry-Less Multiplication Instruction and its Usage for Computing the GCM
// Mode", 2010/2014; Gueron, "AES-GCM-SIV implementations", for the reduction in POLYVAL's order).
#include "crypto/aes/impl.h"
#include "crypto/aes_gcm/impl.h"

#if defined(__x86_64__)

#include "crypto/target.h"

#include <bulla/secret.h>

#include <immintrin.h>

#include <cstring>
#include <new>

BULLA_TARGET_BEGIN("aes,pclmul,ssse3,sse4.1")

namespace bulla::crypto::aes_gcm {
namespace {

using aes::block_size;

/// Blocks that one reduction covers, and the powers of H' which that takes.
constexpr size_t side_by_side = 8;
constexpr size_t chunk = side_by_side * block_size;

inline __m128i load(const void* at) noexcept {
  return _mm_loadu_si128(static_cast<const __m128i*>(at));
}
inline void store(void* at, __m128i v) noexcept {
  _mm_storeu_si128(static_cast<__m128i*>(at), v);
}
/// Sixteen bytes in the other order.
inline __m128i reversed(__m128i v) noexcept {
  return _mm_shuffle_epi8(v, _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f));
}
inline __m128i halves_swapped(__m128i v) noexcept {
  return _mm_shuffle_epi32(v, 0x4e);
}

// ------------------------------------------------------------------------------------------------- GF(2^128)

/// H'^(power + 1), and low + high of it.
inline const Field* power_of(const TableKey& key, size_t power) noexcept {
  return &key.table[power];
}
inline const Field* sum_of(const TableKey& key, size_t power) noexcept {
  return &key.table[side_by_side + power];
}

/// A sum of products, each of which Karatsuba's method takes apart: low * low, high * high, and
/// (low + high) * (low + high).
struct Products {
  __m128i low, high, both;
};

/// Adds x * H'^(power + 1).
inline void add_product(Products& p, __m128i x, const TableKey& key, size_t power) noexcept {
  const __m128i h = load(power_of(key, power)), sum = load(sum_of(key, power));
  p.low = _mm_xor_si128(p.low, _mm_clmulepi64_si128(x, h, 0x00));
  p.high = _mm_xor_si128(p.high, _mm_clmulepi64_si128(x, h, 0x11));
  const __m128i x_sum = _mm_xor_si128(x, halves_swapped(x));
  p.both = _mm_xor_si128(p.both, _mm_clmulepi64_si128(x_sum, sum, 0x00));
}

/// Divides by x^64: the low word w, multiplied by the modulus, is added. Of that, w cancels; w * (x^63 + x^62
/// + x^57) stands 64 bits further, and w itself 128 bits further, where swapping the halves takes it.
inline __m128i fold(__m128i v) noexcept {
  const __m128i middle_terms = _mm_set_epi64x(0, static_cast<long long>(0xc200000000000000));
  return _mm_xor_si128(halves_swapped(v), _mm_clmulepi64_si128(v, middle_terms, 0x00));
}

/// The sum, divided by x^128, modulo x^128 + x^127 + x^126 + x^121 + 1.
inline __m128i reduce(const Products& p) noexcept {
  const __m128i middle = _mm_xor_si128(p.both, _mm_xor_si128(p.low, p.high));
  const __m128i low = _mm_xor_si128(p.low, _mm_slli_si128(middle, 8));
  const __m128i high = _mm_xor_si128(p.high, _mm_srli_si128(middle, 8));
  return _mm_xor_si128(high, fold(fold(low)));
}

inline Products no_products() noexcept {
  return {_mm_setzero_si128(), _mm_setzero_si128(), _mm_setzero_si128()};
}

/// Takes `count` blocks, at most side_by_side, into GHASH.
inline __m128i hash_blocks(const TableKey& key, __m128i y, const uint8_t* blocks, size_t count) noexcept {
  Products p = no_products();
  for (size_t i = 0; i < count; ++i) {
    __m128i x = reversed(load(blocks + i * block_size));
    if (i == 0) x = _mm_xor_si128(x, y);
    add_product(p, x, key, count - 1 - i);
  }
  return reduce(p);
}

/// Takes bytes into GHASH, the last block filled up with zeros.
__m128i hash(const TableKey& key, __m128i y, const uint8_t* bytes, size_t size) noexcept {
  for (; size >= chunk; size -= chunk, bytes += chunk) y = hash_blocks(key, y, bytes, side_by_side);
  if (const size_t whole = size / block_size; whole > 0) {
    y = hash_blocks(key, y, bytes, whole);
    bytes += whole * block_size;
    size -= whole * block_size;
  }
  if (size == 0) return y;
  uint8_t last[block_size] = {};
  std::memcpy(last, bytes, size);
  return hash_blocks(key, y, last, 1);
}

void set_hash_key(Key& into, Field h) noexcept {
  TableKey& key = into.by_table;
  for (size_t i = 0; i < side_by_side; ++i) {
    __m128i power = load(&h);
    if (i > 0) {
      Products p = no_products();
      add_product(p, load(&key.table[i - 1]), key, 0);
      power = reduce(p);
    }
    store(&key.table[i], power);
    store(&key.table[side_by_side + i], _mm_xor_si128(power, halves_swapped(power)));
  }
}

// ------------------------------------------------------------------------------------------------------ GCM

inline const __m128i* round_keys(const TableKey& key) noexcept {
  return reinterpret_cast<const __m128i*>(key.round_keys.words.data());
}

/// E(K, block).
inline __m128i encrypted(const TableKey& key, __m128i block) noexcept {
  const __m128i* keys = round_keys(key);
  const unsigned rounds = key.round_keys.rounds;
  block = _mm_xor_si128(block, keys[0]);
  for (unsigned round = 1; round < rounds; ++round) block = _mm_aesenc_si128(block, keys[round]);
  return _mm_aesenclast_si128(block, keys[rounds]);
}

void set_key(Key& into, Bytes key) noexcept {
  aes::expand_forward((new (&into.by_table) TableKey)->round_keys, key);
  Field h;
  store(&h, reversed(encrypted(into.by_table, _mm_setzero_si128())));
  set_hash_key(into, times_x(h));
  wipe({reinterpret_cast<uint8_t*>(&h), sizeof h});
}

/// J0, reversed, so that the counter is the lowest lane and addition is SP 800-38D's inc32.
inline __m128i first_block(const Record& record) noexcept {
  int last;
  std::memcpy(&last, record.nonce.data() + 8, sizeof last);
  const __m128i first = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(record.nonce.data()));
  const __m128i block = _mm_insert_epi32(first, last, 2);
  return _mm_or_si128(reversed(block), _mm_cvtsi32_si128(static_cast<int>(record.first_counter)));
}

inline __m128i next(__m128i counter) noexcept {
  return _mm_add_epi32(counter, _mm_set_epi32(0, 0, 0, 1));
}

/// Eight blocks of text. With `hashing`, eight blocks at `hashed` are taken into GHASH between the rounds;
/// they may be those at `in`, which `out` may be too.
template <bool hashing>
inline void eight_blocks(const TableKey& key, __m128i& counter, __m128i& y, uint8_t* out, const uint8_t* in,
                         [[maybe_unused]] const uint8_t* hashed) noexcept {
  const __m128i* keys = round_keys(key);
  const unsigned rounds = key.round_keys.rounds;
  __m128i b[side_by_side];
#pragma GCC unroll 8
  for (size_t i = 0; i < side_by_side; ++i) {
    b[i] = _mm_xor_si128(reversed(counter), keys[0]);
    counter = next(counter);
  }
  Products p = no_products();
#pragma GCC unroll 8
  for (size_t round = 1; round <= side_by_side; ++round) {
#pragma GCC unroll 8
    for (size_t i = 0; i < side_by_side; ++i) b[i] = _mm_aesenc_si128(b[i], keys[round]);
    if constexpr (hashing) {
      __m128i x = reversed(load(hashed + (round - 1) * block_size));
      if (round == 1) x = _mm_xor_si128(x, y);
      add_product(p, x, key, side_by_side - round);
    }
  }
  for (size_t round = side_by_side + 1; round < rounds; ++round) {
#pragma GCC unroll 8
    for (size_t i = 0; i < side_by_side; ++i) b[i] = _mm_aesenc_si128(b[i], keys[round]);
  }
  if constexpr (hashing) y = reduce(p);
#pragma GCC unroll 8
  for (size_t i = 0; i < side_by_side; ++i) {
    const __m128i text = load(in + i * block_size);
    store(out + i * block_size, _mm_aesenclast_si128(b[i], _mm_xor_si128(keys[rounds], text)));
  }
}

/// Fewer than eight blocks and a part of one, by way of memory that has room for eight.
template <bool sealing>
void rest(const TableKey& key, __m128i& counter, __m128i& y, uint8_t* out, const uint8_t* in,
          size_t size) noexcept {
  alignas(block_size) uint8_t blocks[chunk];
  const size_t count = (size + block_size - 1) / block_size;
  std::memset(blocks, 0, sizeof blocks);
  std::memcpy(blocks, in, size);
  if (!sealing) y = hash_blocks(key, y, blocks, count);
  eight_blocks<false>(key, counter, y, blocks, blocks, nullptr);
  std::memcpy(out, blocks, size);
  if (sealing) {
    std::memset(blocks + size, 0, count * block_size - size);
    y = hash_blocks(key, y, blocks, count);
  }
  wipe(blocks);
}

/// What is encrypted is hashed while the next eight blocks are encrypted; what is decrypted, meanwhile.
template <bool sealing>
void crypt(const Key& by, const Record& record, uint8_t* tag) noexcept {
  const TableKey& key = by.by_table;
  __m128i counter = first_block(record);
  const __m128i mask = encrypted(key, reversed(counter));
  counter = next(counter);
  __m128i y = hash(key, _mm_setzero_si128(), record.aad.data(), record.aad.size());

  uint8_t* out = record.out;
  bool ahead = false;  // the eight blocks before `out` are not in the hash
  for (const Bytes run : record.in) {
    const uint8_t* in = run.data();
    size_t size = run.size();
    for (; size >= chunk; in += chunk, out += chunk, size -= chunk) {
      if (!sealing)
        eight_blocks<true>(key, counter, y, out, in, in);
      else if (ahead)
        eight_blocks<true>(key, counter, y, out, in, out - chunk);
      else
        eight_blocks<false>(key, counter, y, out, in, nullptr);
      ahead = sealing;
    }
    if (size == 0) continue;
    if (ahead) y = hash_blocks(key, y, out - chunk, side_by_side);
    ahead = false;
    rest<sealing>(key, counter, y, out, in, size);
  }
  if (ahead) y = hash_blocks(key, y, out - chunk, side_by_side);
  Products p = no_products();
  add_product(p, _mm_xor_si128(y, load(&record.lengths)), key, 0);
  store(tag, _mm_xor_si128(reversed(reduce(p)), mask));
}

}  // namespace

constexpr Functions aesni = {
    .set_key = set_key, .set_hash_key = set_hash_key, .seal = crypt<true>, .open = crypt<false>};

}  // namespace bulla::crypto::aes_gcm

BULLA_TARGET_END

#endif
