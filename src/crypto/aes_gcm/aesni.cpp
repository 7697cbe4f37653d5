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

BULLA_TARGET_BEGIN("aes,pclmul,ssse3,sse4.1")

namespace bulla::crypto::aes_gcm {
namespace {

using aes::block_size;

constexpr size_t side_by_side = max_power;
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

/// A sum of products, each of which Karatsuba's method takes apart: low * low, high * high, and
/// (low + high) * (low + high).
struct Products {
  __m128i low, high, both;
};

/// Adds x * H'^(power + 1).
inline void add_product(Products& p, __m128i x, const Key& key, size_t power) noexcept {
  const __m128i h = load(&key.powers[power]), sum = load(&key.sums[power]);
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

/// Takes `count` blocks, at most max_power, into GHASH.
inline __m128i hash_blocks(const Key& key, __m128i y, const uint8_t* blocks, size_t count) noexcept {
  Products p = no_products();
  for (size_t i = 0; i < count; ++i) {
    __m128i x = reversed(load(blocks + i * block_size));
    if (i == 0) x = _mm_xor_si128(x, y);
    add_product(p, x, key, count - 1 - i);
  }
  return reduce(p);
}

/// Takes bytes into GHASH, the last block filled up with zeros.
__m128i hash(const Key& key, __m128i y, const uint8_t* bytes, size_t size) noexcept {
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

void set_key(Key& into, Bytes key) noexcept {
  aes::aesni.expand(into.schedule, key);
  uint8_t h[block_size] = {};
  aes::aesni.encrypt(into.schedule, h, h, 1);
  store(&into.powers[0], reversed(load(h)));
  into.powers[0] = times_x(into.powers[0]);
  for (size_t i = 0; i < max_power; ++i) {
    if (i > 0) {
      Products p = no_products();
      add_product(p, load(&into.powers[i - 1]), into, 0);
      store(&into.powers[i], reduce(p));
    }
    const __m128i power = load(&into.powers[i]);
    store(&into.sums[i], _mm_xor_si128(power, halves_swapped(power)));
  }
  wipe(h);
}

// ------------------------------------------------------------------------------------------------------ GCM

/// The next counter block, reversed, so that the counter is the lowest lane and addition is SP 800-38D's
/// inc32.
inline __m128i counter_of(const Record& record) noexcept {
  int last;
  std::memcpy(&last, record.nonce.data() + 8, sizeof last);
  const __m128i first = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(record.nonce.data()));
  const __m128i block = _mm_insert_epi32(first, last, 2);
  return _mm_or_si128(reversed(block), _mm_cvtsi32_si128(static_cast<int>(record.counter)));
}

/// Eight blocks of text. With `hashing`, eight blocks at `hashed` are taken into GHASH between the rounds;
/// they may be those at `in`, which `out` may be too.
template <bool hashing>
inline void eight_blocks(const Key& key, __m128i& counter, __m128i& y, uint8_t* out, const uint8_t* in,
                         [[maybe_unused]] const uint8_t* hashed) noexcept {
  const auto* keys = reinterpret_cast<const __m128i*>(key.schedule.words.data());
  const unsigned rounds = key.schedule.rounds;
  __m128i b[side_by_side];
#pragma GCC unroll 8
  for (size_t i = 0; i < side_by_side; ++i) {
    b[i] = _mm_xor_si128(reversed(counter), keys[0]);
    counter = _mm_add_epi32(counter, _mm_set_epi32(0, 0, 0, 1));
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
void rest(const Key& key, __m128i& counter, __m128i& y, uint8_t* out, const uint8_t* in,
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

void start(const Key& key, Record& record, const AeadNonce& nonce, Bytes aad) noexcept {
  record.nonce = nonce;
  record.counter = 1;
  store(record.mask, reversed(counter_of(record)));
  aes::aesni.encrypt(key.schedule, record.mask, record.mask, 1);
  record.counter = 2;
  store(&record.y, hash(key, _mm_setzero_si128(), aad.data(), aad.size()));
}

/// What is encrypted is hashed while the next eight blocks are encrypted.
void seal(const Key& key, Record& record, uint8_t* out, const uint8_t* in, size_t size) noexcept {
  __m128i counter = counter_of(record), y = load(&record.y);
  record.counter += static_cast<uint32_t>((size + block_size - 1) / block_size);
  if (size >= chunk) {
    eight_blocks<false>(key, counter, y, out, in, nullptr);
    in += chunk, out += chunk, size -= chunk;
    for (; size >= chunk; in += chunk, out += chunk, size -= chunk)
      eight_blocks<true>(key, counter, y, out, in, out - chunk);
    y = hash_blocks(key, y, out - chunk, side_by_side);
  }
  if (size > 0) rest<true>(key, counter, y, out, in, size);
  store(&record.y, y);
}

void open(const Key& key, Record& record, uint8_t* out, const uint8_t* in, size_t size) noexcept {
  __m128i counter = counter_of(record), y = load(&record.y);
  record.counter += static_cast<uint32_t>((size + block_size - 1) / block_size);
  for (; size >= chunk; in += chunk, out += chunk, size -= chunk)
    eight_blocks<true>(key, counter, y, out, in, in);
  if (size > 0) rest<false>(key, counter, y, out, in, size);
  store(&record.y, y);
}

void finish(const Key& key, Record& record, uint64_t aad_size, uint64_t text_size, uint8_t* tag) noexcept {
  const __m128i lengths =
      _mm_slli_epi64(_mm_set_epi64x(static_cast<long long>(aad_size), static_cast<long long>(text_size)), 3);
  Products p = no_products();
  add_product(p, _mm_xor_si128(load(&record.y), lengths), key, 0);
  store(tag, _mm_xor_si128(reversed(reduce(p)), load(record.mask)));
}

}  // namespace

constexpr Functions aesni = {
    .set_key = set_key, .start = start, .seal = seal, .open = open, .finish = finish};

}  // namespace bulla::crypto::aes_gcm

BULLA_TARGET_END

#endif
