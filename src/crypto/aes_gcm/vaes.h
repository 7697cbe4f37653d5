// AES-GCM with the AES and carry-less multiplication instructions on registers of several blocks (VAES,
// VPCLMULQDQ), of whatever width. A kernel opens its target region, says what a register can do, and
// includes this inside the region:
//
//   struct Register { using V = __m512i; static constexpr size_t lanes = 4; ... };
//
// GHASH is Horner's rule on registers: z holds the last four (or two) blocks of what was hashed before, and
// with n registers x of text after them, it becomes
//
//   z := z * H'^(lanes * n) + x[0] * H'^(lanes * (n - 1)) + ... + x[n - 1],
//
// every lane by itself. Only at the end does each lane get the power that is its own.
//
// What is called from outside ends with VZEROUPPER: g++ 12 leaves it out behind functions that take registers
// as arguments, and then the SSE code that runs next waits (README.md).
#pragma once

#if !defined(__x86_64__)
#error "for kernels of x86-64"
#endif

namespace bulla::crypto::aes_gcm {
namespace {

using aes::block_size;

inline __m128i load_block(const void* at) noexcept {
  return _mm_loadu_si128(static_cast<const __m128i*>(at));
}
inline void store_block(void* at, __m128i v) noexcept {
  _mm_storeu_si128(static_cast<__m128i*>(at), v);
}
/// Sixteen bytes in the other order.
inline __m128i reversed_block(__m128i v) noexcept {
  return _mm_shuffle_epi8(v, _mm_set_epi64x(0x0001020304050607, 0x08090a0b0c0d0e0f));
}
/// Blocks, the last of which may be short.
constexpr size_t blocks_in(size_t bytes) noexcept {
  return (bytes + block_size - 1) / block_size;
}

template <class R>
class Gcm {
 public:
  static void set_key(Key& into, Bytes key) noexcept;
  static void set_hash_key(Key& into, Field h) noexcept;
  /// Seals or opens, and leaves nothing on the stack.
  template <bool sealing>
  static void crypt(const Key& by, const Record& record, uint8_t* tag) noexcept;

 private:
  using V = typename R::V;
  static constexpr size_t lanes = R::lanes, width = lanes * block_size;
  /// Registers of text under way at a time: VAESENC takes four or five cycles, and one or two can start in
  /// each.
  static constexpr size_t side_by_side = 8, chunk = side_by_side * width;
  static_assert(run_unit % chunk == 0);

  // ---------------------------------------------------------------------------------------------- GF(2^128)

  /// The table of a key holds H'^max_power down to H'^1, and then for Horner's rule, by pairs of powers of
  /// which each is H'^lanes times the next, low + high of the one in the lower and of the other in the upper
  /// half.
  static constexpr size_t max_power = 40, pairs = side_by_side / 2;
  static_assert(max_power + pairs == std::size(TableKey{}.table));
  /// The text that is left at the end, z before it, and the lengths behind it.
  static_assert(lanes * side_by_side + lanes + 1 <= max_power);

  template <class Table>
  static auto power_of(Table& key, size_t power) noexcept {
    return &key.table[max_power - power];
  }

  /// A sum of products, each of which Karatsuba's method takes apart: low * low, high * high, and
  /// (low + high) * (low + high).
  struct Products {
    V low, high, both;
  };
  static Products no_products() noexcept { return {R::zero(), R::zero(), R::zero()}; }
  static V halves_added(V v) noexcept { return v ^ R::halves_swapped(v); }
  /// Adds x * h.
  static void add_product(Products& p, V x, V h) noexcept {
    p.low ^= R::template product<0x00>(x, h);
    p.high ^= R::template product<0x11>(x, h);
    p.both ^= R::template product<0x00>(halves_added(x), halves_added(h));
  }
  /// The pair of that number: x * H'^(lanes * (side_by_side - 2 * pair)) + y * the power below it.
  static void add_pair(Products& p, V x, V y, const TableKey& key, size_t pair) noexcept {
    const size_t power = lanes * (side_by_side - 2 * pair);
    const V h = R::everywhere(power_of(key, power)), g = R::everywhere(power_of(key, power - lanes));
    const V sums = R::everywhere(&key.table[max_power + pair]);
    p.low ^= R::template product<0x00>(x, h) ^ R::template product<0x00>(y, g);
    p.high ^= R::template product<0x11>(x, h) ^ R::template product<0x11>(y, g);
    const V both = R::low_halves(x, y) ^ R::high_halves(x, y);
    p.both ^= R::template product<0x00>(both, sums) ^ R::template product<0x11>(both, sums);
    keep_sums(p);
  }
  /// So that they stay what is added to: g++ 12 orders sums anew over all pairs, and then has more products
  /// than registers.
  static void keep_sums([[maybe_unused]] Products& p) noexcept {
#if !defined(BULLA_CT_MSAN)  // which takes the operand of an asm for a use of what it holds
    __asm__("" : "+v"(p.low), "+v"(p.high), "+v"(p.both));
#endif
  }

  /// Divides by x^64: the low word w, multiplied by the modulus, is added. Of that, w cancels; w * (x^63 +
  /// x^62 + x^57) stands 64 bits further, and w itself 128 bits further, where swapping the halves takes it.
  static V fold(V v) noexcept {
    const V middle_terms = R::filled(_mm_set_epi64x(0, static_cast<long long>(0xc200000000000000)));
    return R::halves_swapped(v) ^ R::template product<0x00>(v, middle_terms);
  }
  /// The sum, divided by x^128, modulo x^128 + x^127 + x^126 + x^121 + 1.
  static V reduced(const Products& p) noexcept {
    const V middle = p.both ^ p.low ^ p.high;
    return p.high ^ R::half_down(middle) ^ fold(fold(p.low ^ R::half_up(middle)));
  }
  static V dot(V a, V b) noexcept {
    Products p = no_products();
    add_product(p, a, b);
    return reduced(p);
  }

  /// z after the additional data.
  static V hash_aad(const TableKey& key, Bytes aad) noexcept {
    if (aad.size() > block_size) return hash_long_aad(key, aad);
    return R::reversed(R::last_lane(R::part_of_block(aad.data(), aad.size())));
  }
  static V hash_long_aad(const TableKey& key, Bytes aad) noexcept;
  /// z after so many blocks more, at `hashed`.
  static void hash_chunk(const TableKey& key, V& z, const uint8_t* hashed) noexcept;

  // -------------------------------------------------------------------------------------------------- text

  static const uint64_t* round_key(const TableKey& key, size_t round) noexcept {
    return &key.round_keys.words[2 * round];
  }
  /// The middle rounds that AES-128 has not (FIPS 197 §5). Not a loop: g++ 12 moves every register in it.
  template <class Round>
  [[gnu::always_inline]] static void rounds_beyond_ten(size_t rounds, const Round& round) noexcept {
    if (rounds == 10) return;
    round(10);
    round(11);
    if (rounds == 12) return;
    round(12);
    round(13);
  }
  /// A chunk of text. With `hashing`, the chunk at `hashed` is taken into GHASH between the rounds; that may
  /// be the one at `in`, which `out` may be too.
  template <bool hashing>
  static void crypt_chunk(const TableKey& key, V& counter, V& z, uint8_t* out, const uint8_t* in,
                          const uint8_t* hashed) noexcept;

  /// Overwrites the stack below the caller, as wipe_stack() does, by registers of this width.
  template <size_t size>
  [[gnu::noinline]] static void wipe_frames() noexcept {
    static_assert(size % sizeof(V) == 0);
    uint8_t below[size];
    // Both ends where they lie, and between them by lines of the cache: a store into two takes twice as long.
    R::store(below, R::zero());
    R::store(below + size - sizeof(V), R::zero());
    uint8_t* at = below + (0 - reinterpret_cast<uintptr_t>(below)) % sizeof(V);
#pragma GCC unroll 4
    for (size_t i = 1; i < size / sizeof(V); ++i, at += sizeof(V)) {
      R::store(at, R::zero());
      __asm__ volatile("" : : "r"(at) : "memory");
    }
  }

  /// The text that is left, less than a chunk.
  struct Rest {
    uint8_t* out;
    const uint8_t* in;
    size_t size;
    bool first;  ///< nothing but a block of additional data, in the last lane of z, stands before it
  };
  /// Whether there is a whole chunk, or more additional data than a block.
  static bool is_long(const Record& record) noexcept {
    return record.in.size() > 1 || record.in.front().size() >= chunk || record.aad.size() > block_size;
  }
  /// What crypt() does, but for the wiping.
  template <bool sealing>
  static void crypt_any(const TableKey& key, const Record& record, uint8_t* tag) noexcept;
  /// The text of long records, from where `counter` and z, the additional data, stand; and the tag. In a
  /// frame of its own, which short records do without.
  template <bool sealing>
  static void crypt_long(const TableKey& key, const Record& record, V counter, V z, __m128i j0,
                         uint8_t* tag) noexcept;
  /// The rest, which fills all but the last of n registers, from where `counter` and z stand; and the tag.
  template <bool sealing, size_t n>
  static void finish(const TableKey& key, V counter, V z, __m128i j0, const Field& lengths, const Rest& rest,
                     uint8_t* tag) noexcept;
  /// finish() for as many registers as the rest fills.
  template <bool sealing, size_t n = 0>
  static void finish_rest(const TableKey& key, V counter, V z, __m128i j0, const Field& lengths,
                          const Rest& rest, uint8_t* tag) noexcept {
    if constexpr (n < side_by_side)
      if (rest.size > n * width) return finish_rest<sealing, n + 1>(key, counter, z, j0, lengths, rest, tag);
    finish<sealing, n>(key, counter, z, j0, lengths, rest, tag);
  }
};

// ----------------------------------------------------------------------------------------------------- GHASH

template <class R>
void Gcm<R>::set_hash_key(Key& into, Field h) noexcept {
  TableKey& key = into.by_table;
  store_block(power_of(key, 1), load_block(&h));
  size_t have = 1;
  for (; have < lanes; have *= 2)
    for (size_t i = 1; i <= have; ++i) {
      const V a = R::everywhere(power_of(key, i)), b = R::everywhere(power_of(key, have));
      store_block(power_of(key, have + i), R::first_block(dot(a, b)));
    }
  for (; have < max_power; have *= 2)
    for (size_t i = lanes; i <= have && have + i <= max_power; i += lanes)
      R::store(power_of(key, have + i), dot(R::load(power_of(key, i)), R::everywhere(power_of(key, have))));
  for (size_t pair = 0; pair < pairs; ++pair) {
    const size_t power = lanes * (side_by_side - 2 * pair);
    const Field *a = power_of(key, power), *b = power_of(key, power - lanes);
    key.table[max_power + pair] = {.low = a->low ^ a->high, .high = b->low ^ b->high};
  }
  _mm256_zeroupper();
}

template <class R>
[[gnu::noinline]] typename R::V Gcm<R>::hash_long_aad(const TableKey& key, Bytes aad) noexcept {
  V z = R::zero();
  while (!aad.empty()) {
    // Single blocks first, until whole registers are left.
    const size_t step = blocks_in(aad.size()) % lanes == 0 ? lanes : 1;
    const size_t size = std::min(aad.size(), step * block_size);
    const V x =
        step == lanes ? R::load_part(aad.data(), size) : R::last_lane(R::part_of_block(aad.data(), size));
    z = dot(z, R::everywhere(power_of(key, step))) ^ R::reversed(x);
    aad = aad.subspan(size);
  }
  return z;
}

template <class R>
void Gcm<R>::hash_chunk(const TableKey& key, V& z, const uint8_t* hashed) noexcept {
  Products p = no_products();
#pragma GCC unroll 4
  for (size_t pair = 0; pair < pairs; ++pair) {
    const uint8_t* const at = hashed + 2 * pair * width;
    const V x = pair == 0 ? z : R::reversed(R::load(at - width));
    add_pair(p, x, R::reversed(R::load(at)), key, pair);
  }
  z = reduced(p) ^ R::reversed(R::load(hashed + (side_by_side - 1) * width));
}

// ------------------------------------------------------------------------------------------------------ GCM

template <class R>
void Gcm<R>::set_key(Key& into, Bytes key) noexcept {
  aes::expand_forward((new (&into.by_table) TableKey)->round_keys, key);
  const aes::ForwardKeys& keys = into.by_table.round_keys;
  __m128i block = load_block(round_key(into.by_table, 0));
  for (size_t round = 1; round < keys.rounds; ++round)
    block = _mm_aesenc_si128(block, load_block(round_key(into.by_table, round)));
  block = _mm_aesenclast_si128(block, load_block(round_key(into.by_table, keys.rounds)));
  Field h;
  store_block(&h, reversed_block(block));
  set_hash_key(into, times_x(h));
  wipe({reinterpret_cast<uint8_t*>(&h), sizeof h});
}

template <class R>
template <bool hashing>
[[gnu::always_inline]] inline void Gcm<R>::crypt_chunk(const TableKey& key, V& counter, V& z, uint8_t* out,
                                                       const uint8_t* in,
                                                       [[maybe_unused]] const uint8_t* hashed) noexcept {
  const size_t rounds = key.round_keys.rounds;
  const V first = R::everywhere(round_key(key, 0));
  V b[side_by_side];
#pragma GCC unroll 8
  for (size_t i = 0; i < side_by_side; ++i) {
    b[i] = R::reversed(counter) ^ first;
    counter = R::next(counter);
  }
  Products p = no_products();
  const auto round = [&](size_t number) __attribute__((always_inline)) {
    const V k = R::everywhere(round_key(key, number));
#pragma GCC unroll 8
    for (size_t i = 0; i < side_by_side; ++i) b[i] = R::round(b[i], k);
  };
#pragma GCC unroll 8
  for (size_t number = 1; number <= side_by_side; ++number) {
    round(number);
    if (hashing && number % 2 == 0) {
      // z, which the chunk before has just made, comes last.
      const size_t pair = number / 2 % pairs;
      const uint8_t* const at = hashed + 2 * pair * width;
      const V x = pair == 0 ? z : R::reversed(R::load(at - width));
      add_pair(p, x, R::reversed(R::load(at)), key, pair);
    }
  }
  round(9);
  rounds_beyond_ten(rounds, round);
  if constexpr (hashing) z = reduced(p) ^ R::reversed(R::load(hashed + (side_by_side - 1) * width));
  const V last = R::everywhere(round_key(key, rounds));
#pragma GCC unroll 8
  for (size_t i = 0; i < side_by_side; ++i)
    R::store(out + i * width, R::last_round(b[i], last ^ R::load(in + i * width)));
}

template <class R>
template <bool sealing, size_t n>
[[gnu::noinline]] void Gcm<R>::finish(const TableKey& key, V counter, V z, __m128i j0, const Field& lengths,
                                      const Rest& rest, uint8_t* tag) noexcept {
  const size_t rounds = key.round_keys.rounds, blocks = blocks_in(rest.size);
  const V first = R::everywhere(round_key(key, 0));
  __m128i mask = j0 ^ R::first_block(first);
  V b[n + 1];
#pragma GCC unroll 8
  for (size_t i = 0; i < n; ++i) {
    b[i] = R::reversed(counter) ^ first;
    counter = R::next(counter);
  }
  const auto round = [&](size_t number) __attribute__((always_inline)) {
    const V k = R::everywhere(round_key(key, number));
    mask = _mm_aesenc_si128(mask, R::first_block(k));
#pragma GCC unroll 8
    for (size_t i = 0; i < n; ++i) b[i] = R::round(b[i], k);
  };
#pragma GCC unroll 9
  for (size_t number = 1; number < 10; ++number) round(number);
  rounds_beyond_ten(rounds, round);
  const V last = R::everywhere(round_key(key, rounds));
  mask = _mm_aesenclast_si128(mask, R::first_block(last));

  // Each lane of z, of the text and of the lengths has the power of H' that it takes to the end. Where z is
  // one lane, the lengths find room beside it.
  Products p = no_products();
  V h = R::load(power_of(key, blocks + 1 + lanes));
  const __m128i h1 = load_block(power_of(key, 1));
  const V last_block = R::first_lane(load_block(&lengths));
  if (rest.first) {
    h = R::with_first_lane(h, h1);
    z ^= last_block;
  } else {
    add_product(p, last_block, R::first_lane(h1));
  }
  add_product(p, z, h);
#pragma GCC unroll 8
  for (size_t i = 0; i < n; ++i) {
    const uint8_t* const in = rest.in + i * width;
    uint8_t* const out = rest.out + i * width;
    const size_t size = rest.size - i * width;  // of the last register
    const V text = i + 1 < n ? R::load(in) : R::load_part(in, size);
    b[i] = R::last_round(b[i], last ^ text);
    if (i + 1 < n) {
      R::store(out, b[i]);
    } else {
      b[i] = R::part(b[i], size);
      R::store_part(out, b[i], size);
    }
    add_product(p, R::reversed(sealing ? b[i] : text), R::load(power_of(key, blocks + 1 - i * lanes)));
  }
  store_block(tag, reversed_block(R::sum_of_lanes(reduced(p))) ^ mask);
}

template <class R>
template <bool sealing>
[[gnu::noinline]] void Gcm<R>::crypt_long(const TableKey& key, const Record& record, V counter, V z,
                                          __m128i j0, uint8_t* tag) noexcept {
  uint8_t* out = record.out;
  Bytes left;
  bool ahead = false;  // the chunk before `out` is not in the hash
  for (const Bytes run : record.in) {
    left = run;
    for (; left.size() >= chunk; left = left.subspan(chunk), out += chunk) {
      if (!sealing)
        crypt_chunk<true>(key, counter, z, out, left.data(), left.data());
      else if (ahead)
        crypt_chunk<true>(key, counter, z, out, left.data(), out - chunk);
      else
        crypt_chunk<false>(key, counter, z, out, left.data(), nullptr);
      ahead = sealing;
    }
  }
  if (ahead) hash_chunk(key, z, out - chunk);
  const Rest rest{out, left.data(), left.size(), false};
  finish_rest<sealing>(key, counter, z, j0, record.lengths, rest, tag);
}

template <class R>
template <bool sealing>
[[gnu::noinline]] void Gcm<R>::crypt_any(const TableKey& key, const Record& record, uint8_t* tag) noexcept {
  // By words: each is in one store, whoever wrote the nonce in two.
  const auto word = [&](size_t i) __attribute__((always_inline)) {
    int out;
    std::memcpy(&out, record.nonce.data() + i * sizeof out, sizeof out);
    return out;
  };
  const __m128i nonce = _mm_setr_epi32(word(0), word(1), word(2), 0);
  // Reversed, the counter is the lowest 32 bits, and their addition is SP 800-38D's inc32.
  const __m128i reversed_j0 =
      reversed_block(nonce) | _mm_cvtsi32_si128(static_cast<int>(record.first_counter));
  const __m128i j0 = reversed_block(reversed_j0);
  const V counter = R::counters_after(R::filled(reversed_j0)), z = hash_aad(key, record.aad);
  if (is_long(record)) {
    crypt_long<sealing>(key, record, counter, z, j0, tag);
  } else {
    const Bytes text = record.in.front();
    const Rest rest{record.out, text.data(), text.size(), true};
    finish_rest<sealing>(key, counter, z, j0, record.lengths, rest, tag);
  }
}

template <class R>
template <bool sealing>
void Gcm<R>::crypt(const Key& by, const Record& record, uint8_t* tag) noexcept {
  crypt_any<sealing>(by.by_table, record, tag);
  if (is_long(record))
    wipe_frames<R::depth_of_long>();
  else
    wipe_frames<R::depth_of_short>();
  _mm256_zeroupper();
}

}  // namespace
}  // namespace bulla::crypto::aes_gcm
