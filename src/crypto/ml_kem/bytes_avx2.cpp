// Between bytes and polynomials with AVX2: rejection sampling, noise, compression and encoding.
#if defined(__x86_64__)

#include "crypto/little_endian.h"
#include "crypto/ml_kem/impl.h"
#include "crypto/target.h"
#include "crypto/uint128.h"

#include <bulla/secret.h>

#include <immintrin.h>

namespace bulla::crypto::ml_kem {
BULLA_TARGET_BEGIN("avx2")
namespace avx2 {
#include "crypto/ml_kem/avx2.h"
namespace {

[[gnu::always_inline]] inline __m128i load128(const uint8_t* at) noexcept {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
}

// ------------------------------------------------------------------------------- polynomials from streams

/// For each set of eight candidates of 16 bits: the bytes of those in it, moved to the front.
struct Moves {
  alignas(16) uint8_t from[256][16];
  uint8_t count[256];
};
constexpr Moves make_moves() noexcept {
  Moves out{};
  for (unsigned set = 0; set < 256; ++set) {
    for (unsigned i = 0; i < 8; ++i) {
      if (!(set >> i & 1)) continue;
      const unsigned to = 2u * out.count[set]++;
      out.from[set][to] = static_cast<uint8_t>(2 * i);
      out.from[set][to + 1] = static_cast<uint8_t>(2 * i + 1);
    }
  }
  return out;
}
constexpr Moves moves = make_moves();

/// Eight candidates, of which those in `set` are kept.
[[gnu::always_inline]] inline void keep_vartime(__m128i candidates, unsigned set, int16_t* c,
                                                size_t& count) noexcept {
  const __m128i kept = _mm_shuffle_epi8(candidates, load128(moves.from[set]));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(c + count), kept);
  count += moves.count[set];
}

}  // namespace

/// Sixteen candidates are 24 bytes. The last ones, which could be written past the end, are left to soft.
size_t take_vartime(Bytes block, size_t count, Polynomial& out) noexcept {
  const Words spread = _mm256_setr_epi8(0, 1, 1, 2, 3, 4, 4, 5, 6, 7, 7, 8, 9, 10, 10, 11,  //
                                        4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11, 12, 13, 14, 14, 15);
  size_t at = 0;
  for (; at + 24 <= block.size() && count + lanes <= n; at += 24) {
    const Words bytes = _mm256_inserti128_si256(_mm256_castsi128_si256(load128(block.data() + at)),
                                                load128(block.data() + at + 8), 1);
    const Words pairs = _mm256_shuffle_epi8(bytes, spread);
    const Words candidates = _mm256_and_si256(_mm256_blend_epi16(pairs, _mm256_srli_epi16(pairs, 4), 0xaa),
                                              _mm256_set1_epi16(0xfff));
    const Words below = _mm256_cmpgt_epi16(all(q), candidates);
    const auto sets =
        static_cast<unsigned>(_mm256_movemask_epi8(_mm256_packs_epi16(below, _mm256_setzero_si256())));
    keep_vartime(_mm256_castsi256_si128(candidates), sets & 0xff, out.c.data(), count);
    keep_vartime(_mm256_extracti128_si256(candidates, 1), sets >> 16 & 0xff, out.c.data(), count);
  }
  return take_soft_vartime(block.subspan(at), count, out);
}

/// 32 bytes at a time: bits are added in pairs, and of two sums in four bits the upper one is subtracted.
void sample_cbd2(const uint8_t* bytes, Polynomial& out) noexcept {
  const Words ones = _mm256_set1_epi8(0x55), threes = _mm256_set1_epi8(0x33), low = _mm256_set1_epi8(0x0f),
              three = _mm256_set1_epi8(3);
  for (size_t i = 0; i < n; i += 64, bytes += 32) {
    const Words bits = _mm256_loadu_si256(reinterpret_cast<const Words*>(bytes));
    const Words sums =
        _mm256_add_epi8(_mm256_and_si256(bits, ones), _mm256_and_si256(_mm256_srli_epi16(bits, 1), ones));
    // x - y + 3, four bits each
    const Words halves = _mm256_sub_epi8(_mm256_add_epi8(_mm256_and_si256(sums, threes), threes),
                                         _mm256_and_si256(_mm256_srli_epi16(sums, 2), threes));
    const Words even = _mm256_sub_epi8(_mm256_and_si256(halves, low), three);
    const Words odd = _mm256_sub_epi8(_mm256_and_si256(_mm256_srli_epi16(halves, 4), low), three);
    const Words first = _mm256_unpacklo_epi8(even, odd), second = _mm256_unpackhi_epi8(even, odd);
    int16_t* const c = out.c.data() + i;
    store(c, _mm256_cvtepi8_epi16(_mm256_castsi256_si128(first)));
    store(c + 16, _mm256_cvtepi8_epi16(_mm256_castsi256_si128(second)));
    store(c + 32, _mm256_cvtepi8_epi16(_mm256_extracti128_si256(first, 1)));
    store(c + 48, _mm256_cvtepi8_epi16(_mm256_extracti128_si256(second, 1)));
  }
}

// ------------------------------------------------------------------------- numbers of d bits, and of 16

namespace {

/// Eight numbers of `d` bits, d bytes that begin at `at`, as they lie there; no byte behind them is read.
template <unsigned d>
[[gnu::always_inline]] inline __m128i load_bits(const uint8_t* at) noexcept {
  static_assert(d == 4 || d == 5 || d == 10 || d == 12);
  if constexpr (d == 4) return _mm_cvtsi32_si128(static_cast<int32_t>(load_little_endian<uint32_t>(at)));
  if constexpr (d == 5)
    return _mm_cvtsi64_si128(static_cast<int64_t>(load_little_endian<uint32_t>(at) | uint64_t{at[4]} << 32));
  const auto front = static_cast<int64_t>(load_little_endian<uint64_t>(at));
  if constexpr (d == 10) return _mm_set_epi64x(load_little_endian<uint16_t>(at + 8), front);
  return _mm_set_epi64x(load_little_endian<uint32_t>(at + 8), front);
}

struct alignas(32) Spread {
  uint8_t from[32];       ///< the two bytes in which each number lies
  uint16_t shift[lanes];  ///< a power of two that takes it to the top of 16 bits
};
template <unsigned d>
constexpr Spread make_spread() noexcept {
  Spread out{};
  for (unsigned lane = 0; lane < lanes; ++lane) {
    const unsigned bit = lane % 8 * d;
    out.from[2 * lane] = static_cast<uint8_t>(bit / 8);
    out.from[2 * lane + 1] = static_cast<uint8_t>(bit / 8 + 1 < d ? bit / 8 + 1 : 0x80);
    out.shift[lane] = static_cast<uint16_t>(1u << (16 - d - bit % 8));
  }
  return out;
}
template <unsigned d>
constexpr Spread spread = make_spread<d>();

/// Sixteen numbers, in the upper d bits of their words.
template <unsigned d>
[[gnu::always_inline]] inline Words decode_to_top(const uint8_t* bytes) noexcept {
  const Words both =
      _mm256_inserti128_si256(_mm256_castsi128_si256(load_bits<d>(bytes)), load_bits<d>(bytes + d), 1);
  const auto* const from = reinterpret_cast<const Words*>(spread<d>.from);
  const auto* const shift = reinterpret_cast<const Words*>(spread<d>.shift);
  return _mm256_and_si256(
      _mm256_mullo_epi16(_mm256_shuffle_epi8(both, _mm256_load_si256(from)), _mm256_load_si256(shift)),
      all(-(1 << (16 - d))));
}

/// Where the bytes of 4 d bits in each half of a 128-bit lane go.
template <unsigned d>
constexpr std::array<uint8_t, 16> make_joins() noexcept {
  std::array<uint8_t, 16> out{};
  for (unsigned i = 0; i < 16; ++i)
    out[i] = static_cast<uint8_t>(i < d / 2 ? i : i < d ? 8 + i - d / 2 : 0x80);
  return out;
}
template <unsigned d>
constexpr std::array<uint8_t, 16> joins = make_joins<d>();

/// Eight numbers' d bytes.
template <unsigned d>
[[gnu::always_inline]] inline void store_bits(uint8_t* at, __m128i bytes) noexcept {
  if constexpr (d == 4) return store_little_endian(static_cast<uint32_t>(_mm_cvtsi128_si32(bytes)), at);
  store_little_endian(static_cast<uint64_t>(_mm_cvtsi128_si64(bytes)), at);
  if constexpr (d == 10)
    store_little_endian(static_cast<uint16_t>(_mm_extract_epi16(bytes, 4)), at + 8);
  else
    store_little_endian(static_cast<uint32_t>(_mm_extract_epi32(bytes, 2)), at + 8);
}

/// Sixteen numbers of an even number of bits: two are put together, then two of those, then bytes move up.
template <unsigned d>
[[gnu::always_inline]] inline void encode(Words values, uint8_t* out) noexcept {
  static_assert(d == 4 || d == 10 || d == 12);
  const Words pairs = _mm256_madd_epi16(values, _mm256_set1_epi32(1 << d << 16 | 1));
  const Words fours = _mm256_or_si256(_mm256_and_si256(pairs, _mm256_set1_epi64x((int64_t{1} << 2 * d) - 1)),
                                      _mm256_slli_epi64(_mm256_srli_epi64(pairs, 32), 2 * d));
  const Words bytes = _mm256_shuffle_epi8(fours, _mm256_broadcastsi128_si256(load128(joins<d>.data())));
  store_bits<d>(out, _mm256_castsi256_si128(bytes));
  store_bits<d>(out + d, _mm256_extracti128_si256(bytes, 1));
}

/// compress<d>() of each, which is in [0, q): x 2^d / q to the nearest integer y is what leaves a remainder
/// x 2^d - y q between -(q - 1) / 2 and (q - 1) / 2. A first guess is too great or too small by one at most:
/// it rounds 8 x c / 2^15 where c is 2^(d + 12) / q rounded, so that it is off by 1 / 2 at most for its own
/// rounding and by 8 q / 2^16 < 0.41 for that of c. Remainders fit into 16 bits, whatever is lost above.
template <unsigned d>
[[gnu::always_inline]] inline Words compress(Words x) noexcept {
  constexpr int c = ((2 << (d + 12)) / q + 1) / 2;
  const Words guess = _mm256_mulhrs_epi16(_mm256_slli_epi16(x, 3), all(c));
  const Words remainder = _mm256_sub_epi16(_mm256_slli_epi16(x, d), _mm256_mullo_epi16(guess, all(q)));
  const Words too_small = _mm256_cmpgt_epi16(remainder, all((q - 1) / 2));
  const Words too_great = _mm256_cmpgt_epi16(all(-(q - 1) / 2), remainder);
  return _mm256_and_si256(_mm256_add_epi16(_mm256_sub_epi16(guess, too_small), too_great), all((1 << d) - 1));
}

/// Sixteen bits, each the lowest of a word: two are put together, then two of those, and again.
template <>
[[gnu::always_inline]] inline void encode<1>(Words values, uint8_t* out) noexcept {
  const Words pairs = _mm256_madd_epi16(values, _mm256_set1_epi32(2 << 16 | 1));
  const Words fours = _mm256_or_si256(pairs, _mm256_srli_epi64(pairs, 30));
  const Words bytes = _mm256_or_si256(fours, _mm256_slli_epi64(_mm256_bsrli_epi128(fours, 8), 4));
  out[0] = static_cast<uint8_t>(_mm_cvtsi128_si32(_mm256_castsi256_si128(bytes)));
  out[1] = static_cast<uint8_t>(_mm_cvtsi128_si32(_mm256_extracti128_si256(bytes, 1)));
}

/// Sixteen numbers of 5 or 11 bits, of which only eight are whole bytes: in one word, as in encode.cpp.
template <unsigned d>
[[gnu::always_inline]] inline void encode_odd(Words values, uint8_t* out) noexcept {
  uint16_t v[lanes];
  _mm256_storeu_si256(reinterpret_cast<Words*>(v), values);
  for (size_t first = 0; first < lanes; first += 8, out += d) {
    uint128 group = 0;
#pragma GCC unroll 8
    for (size_t i = 0; i < 8; ++i) group |= uint128{v[first + i]} << (d * i);
#pragma GCC unroll 11
    for (size_t i = 0; i < d; ++i) out[i] = static_cast<uint8_t>(group >> (8 * i));
  }
  wipe({reinterpret_cast<uint8_t*>(v), sizeof v});
}

}  // namespace

template <unsigned d>
void compress_encode(const Polynomial& f, uint8_t* out) noexcept {
  for (size_t i = 0; i < n; i += lanes, out += 2 * d) {
    const Words values = compress<d>(to_unsigned(load(f.c.data() + i)));
    if constexpr (d == 5 || d == 11)
      encode_odd<d>(values, out);
    else
      encode<d>(values, out);
  }
}

/// decompress<d>(): (y 2^(15 - d) q + 2^14) / 2^15 is what one instruction computes.
template <unsigned d>
void decode_decompress(const uint8_t* bytes, Polynomial& out) noexcept {
  for (size_t i = 0; i < n; i += lanes, bytes += 2 * d)
    store(out.c.data() + i, _mm256_mulhrs_epi16(_mm256_srli_epi16(decode_to_top<d>(bytes), 1), all(q)));
}

/// A message, as in encode.cpp.
void decode_message(const uint8_t* bytes, Polynomial& out) noexcept {
  const Words bit = _mm256_setr_epi16(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384,
                                      static_cast<int16_t>(-32768));
  for (size_t i = 0; i < n; i += lanes, bytes += 2) {
    const Words here = _mm256_and_si256(all(load_little_endian<uint16_t>(bytes)), bit);
    store(out.c.data() + i, _mm256_and_si256(_mm256_cmpeq_epi16(here, bit), all((q + 1) / 2)));
  }
}

void encode12(const Polynomial& f, uint8_t* out) noexcept {
  for (size_t i = 0; i < n; i += lanes, out += 24) encode<12>(to_unsigned(load(f.c.data() + i)), out);
}

void decode12(const uint8_t* bytes, Polynomial& out) noexcept {
  for (size_t i = 0; i < n; i += lanes, bytes += 24) {
    const Words values = _mm256_srli_epi16(decode_to_top<12>(bytes), 4);
    store(out.c.data() + i, to_unsigned(_mm256_sub_epi16(values, all(q))));
  }
}

/// `bytes` are whole groups of 384, as in a vector.
bool below_q_vartime(Bytes bytes) noexcept {
  Words above = _mm256_setzero_si256();
  for (size_t at = 0; at < bytes.size(); at += 24) {
    const Words values = _mm256_srli_epi16(decode_to_top<12>(bytes.data() + at), 4);
    above = _mm256_or_si256(above, _mm256_cmpgt_epi16(values, all(q - 1)));
  }
  return _mm256_testz_si256(above, above) != 0;
}

template void compress_encode<1>(const Polynomial&, uint8_t*) noexcept;
template void compress_encode<4>(const Polynomial&, uint8_t*) noexcept;
template void compress_encode<5>(const Polynomial&, uint8_t*) noexcept;
template void compress_encode<11>(const Polynomial&, uint8_t*) noexcept;
template void compress_encode<10>(const Polynomial&, uint8_t*) noexcept;
template void decode_decompress<4>(const uint8_t*, Polynomial&) noexcept;
template void decode_decompress<5>(const uint8_t*, Polynomial&) noexcept;
template void decode_decompress<10>(const uint8_t*, Polynomial&) noexcept;

}  // namespace avx2
BULLA_TARGET_END

}  // namespace bulla::crypto::ml_kem

#endif
