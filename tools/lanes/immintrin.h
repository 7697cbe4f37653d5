// What tools/prove_lanes.py puts in the place of the compiler's <immintrin.h>: vectors whose operations are
// written down. A kernel that is compiled with it prints what it does with each word, for all inputs at once.
//
// A word of a lane, or in memory, is a number that is known, or stands for something recorded: then its upper
// 16 bits are a tag, and the others say which line of the record. So words that are recorded go through
// memory, masks and permutations like others. What all words of an operation are known for is computed. An
// instruction that is not here does not compile; one whose operands must be known ends the run if they are
// not.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <tuple>

namespace recorder {

using Word = uint64_t;
constexpr Word tag = 0xa51e, word52 = (Word{1} << 52) - 1;

inline bool is_recorded(Word word) {
  return word >> 48 == tag;
}
[[noreturn]] inline void refuse(const char* why) {
  std::printf("refused %s\n", why);
  std::exit(1);
}
inline Word known(Word word) {
  if (is_recorded(word)) refuse("a word that must be known is not");
  return word;
}

/// The lines of the record, each of which is an operation or an input.
struct Record {
  std::map<std::tuple<const char*, Word, Word, Word>, Word> lines;
  Word next = 0;
  size_t reduced = 0;    ///< so many sums of lanes, which are outputs since scalars follow
  bool crossed = false;  ///< has a word gone from a lane to another?
  /// Where words that are not known may be compared: nothing is found, and who claims something knows it.
  bool compares = false;
};
inline Record& record() {
  static Record it;
  return it;
}

struct Shown {
  char text[24];
  explicit Shown(Word word) {
    if (is_recorded(word))
      std::snprintf(text, sizeof text, "n%llu", static_cast<unsigned long long>(word & ~(tag << 48)));
    else
      std::snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(word));
  }
};

inline Word new_line() {
  if (record().next == 1'000'000) refuse("it does not end");
  return tag << 48 | record().next++;
}
/// The same operation on the same words is the same line.
inline Word line(const char* operation, Word a, Word b, Word c = 0) {
  auto [at, is_new] = record().lines.try_emplace({operation, a, b, c}, 0);
  if (is_new) {
    at->second = new_line();
    std::printf("%s %s %s %s\n", operation, Shown(a).text, Shown(b).text, Shown(c).text);
  }
  return at->second;
}

// ------------------------------------------------------------------------------------------- for the drivers

/// A new record, of the function `name` with these parameters.
template <class... Numbers>
void begin(const char* name, Numbers... parameters) {
  record() = {};
  std::printf("case %s", name);
  (std::printf(" %llu", static_cast<unsigned long long>(parameters)), ...);
  std::printf("\n");
}
inline Word input(const char* name, size_t index) {
  std::printf("input %s %zu\n", name, index);
  return new_line();
}
inline void output(const char* name, size_t index, Word word) {
  std::printf("output %s %zu %s\n", name, index, Shown(word).text);
}
inline void end() {
  std::printf("end %s\n", record().crossed ? "crossed" : "lanewise");
}

// ------------------------------------------------------------------------------------------------ operations

inline Word add(Word a, Word b) {
  return is_recorded(a) || is_recorded(b) ? line("add", a, b) : a + b;
}
inline Word subtract(Word a, Word b) {
  return is_recorded(a) || is_recorded(b) ? line("sub", a, b) : a - b;
}
inline Word both(Word a, Word b) {
  return is_recorded(a) || is_recorded(b) ? line("and", a, b) : a & b;
}
inline Word either(Word a, Word b) {
  return is_recorded(a) || is_recorded(b) ? line("or", a, b) : a | b;
}
inline Word differing(Word a, Word b) {
  return known(a) ^ known(b);
}
inline Word left(Word a, unsigned n) {
  return is_recorded(a) ? line("left", a, n) : n < 64 ? a << n : 0;
}
inline Word right(Word a, unsigned n) {
  return is_recorded(a) ? line("right", a, n) : n < 64 ? a >> n : 0;
}
inline Word signed_right(Word a, unsigned n) {
  return is_recorded(a) ? line("signed_right", a, n) : static_cast<Word>(static_cast<int64_t>(a) >> n);
}
inline Word add_low(Word sum, Word a, Word b) {
  if (is_recorded(sum) || is_recorded(a) || is_recorded(b)) return line("low", sum, a, b);
  return sum + ((a & word52) * (b & word52) & word52);
}
inline Word add_high(Word sum, Word a, Word b) {
  if (is_recorded(sum) || is_recorded(a) || is_recorded(b)) return line("high", sum, a, b);
  return sum + static_cast<Word>(static_cast<unsigned __int128>(a & word52) * (b & word52) >> 52);
}

template <size_t n>
struct alignas(8 * n) Vector {
  Word lane[n];
};
template <size_t n>
using Source = const Vector<n>&;

template <size_t n>
Vector<n> all(Word word) {
  Vector<n> out;
  for (Word& lane : out.lane) lane = word;
  return out;
}
template <size_t n, class Operation, class... More>
Vector<n> each(Operation operation, Source<n> a, const More&... more) {
  Vector<n> out;
  for (size_t i = 0; i < n; ++i) out.lane[i] = operation(a.lane[i], more.lane[i]...);
  return out;
}
template <size_t n, class Shift>
Vector<n> shifted(Shift shift, Source<n> a, unsigned bits) {
  Vector<n> out;
  for (size_t i = 0; i < n; ++i) out.lane[i] = shift(a.lane[i], bits);
  return out;
}
/// b in the lanes of `mask`, a in the others.
template <size_t n>
Vector<n> blend(unsigned mask, Source<n> a, Source<n> b) {
  Vector<n> out;
  for (size_t i = 0; i < n; ++i) out.lane[i] = mask >> i & 1 ? b.lane[i] : a.lane[i];
  return out;
}
/// Lane i is lane from(i) of a and b, one behind the other.
template <size_t n, class From>
Vector<n> crossed(Source<n> a, Source<n> b, From from) {
  record().crossed = true;
  Vector<n> out;
  for (size_t i = 0; i < n; ++i) {
    const size_t at = from(i) % (2 * n);
    out.lane[i] = at < n ? a.lane[at] : b.lane[at - n];
  }
  return out;
}
template <size_t n, class Compare>
unsigned char mask_of(Compare compare, Source<n> a, Source<n> b) {
  unsigned out = 0;
  for (size_t i = 0; i < n; ++i) {
    if (record().compares && (is_recorded(a.lane[i]) || is_recorded(b.lane[i]))) continue;
    out |= unsigned{compare(known(a.lane[i]), known(b.lane[i]))} << i;
  }
  return static_cast<unsigned char>(out);
}
template <size_t n>
Vector<n> load(const void* from) {
  Vector<n> out;
  std::memcpy(out.lane, from, sizeof out.lane);
  return out;
}

}  // namespace recorder

using __m512i = recorder::Vector<8>;
using __m256i = recorder::Vector<4>;
using __mmask8 = unsigned char;

#define RECORDER_SAME_OF_BOTH(bits, lanes, set1, logic)                                            \
  inline __m##bits##i _mm##bits##_##set1(long long a) {                                            \
    return recorder::all<lanes>(recorder::Word(a));                                                \
  }                                                                                                \
  inline __m##bits##i _mm##bits##_add_epi64(__m##bits##i a, __m##bits##i b) {                      \
    return recorder::each<lanes>(recorder::add, a, b);                                             \
  }                                                                                                \
  inline __m##bits##i _mm##bits##_sub_epi64(__m##bits##i a, __m##bits##i b) {                      \
    return recorder::each<lanes>(recorder::subtract, a, b);                                        \
  }                                                                                                \
  inline __m##bits##i _mm##bits##_and_##logic(__m##bits##i a, __m##bits##i b) {                    \
    return recorder::each<lanes>(recorder::both, a, b);                                            \
  }                                                                                                \
  inline __m##bits##i _mm##bits##_slli_epi64(__m##bits##i a, unsigned n) {                         \
    return recorder::shifted<lanes>(recorder::left, a, n);                                         \
  }                                                                                                \
  inline __m##bits##i _mm##bits##_srli_epi64(__m##bits##i a, unsigned n) {                         \
    return recorder::shifted<lanes>(recorder::right, a, n);                                        \
  }                                                                                                \
  inline __m##bits##i _mm##bits##_madd52lo_epu64(__m##bits##i s, __m##bits##i a, __m##bits##i b) { \
    return recorder::each<lanes>(recorder::add_low, s, a, b);                                      \
  }                                                                                                \
  inline __m##bits##i _mm##bits##_madd52hi_epu64(__m##bits##i s, __m##bits##i a, __m##bits##i b) { \
    return recorder::each<lanes>(recorder::add_high, s, a, b);                                     \
  }                                                                                                \
  inline __m##bits##i _mm##bits##_mask_blend_epi64(__mmask8 k, __m##bits##i a, __m##bits##i b) {   \
    return recorder::blend<lanes>(k, a, b);                                                        \
  }                                                                                                \
  inline __m##bits##i _mm##bits##_mask_sub_epi64(__m##bits##i src, __mmask8 k, __m##bits##i a,     \
                                                 __m##bits##i b) {                                 \
    return recorder::blend<lanes>(k, src, _mm##bits##_sub_epi64(a, b));                            \
  }                                                                                                \
  inline __m##bits##i _mm##bits##_maskz_mov_epi64(__mmask8 k, __m##bits##i a) {                    \
    return recorder::blend<lanes>(k, recorder::all<lanes>(0), a);                                  \
  }                                                                                                \
  inline __m##bits##i _mm##bits##_load_##logic(const void* from) {                                 \
    return recorder::load<lanes>(from);                                                            \
  }                                                                                                \
  inline void _mm##bits##_store_##logic(void* to, __m##bits##i a) {                                \
    std::memcpy(to, a.lane, sizeof a.lane);                                                        \
  }                                                                                                \
  inline __mmask8 _mm##bits##_test_epi64_mask(__m##bits##i a, __m##bits##i b) {                    \
    return recorder::mask_of<lanes>([](auto x, auto y) { return (x & y) != 0; }, a, b);            \
  }
RECORDER_SAME_OF_BOTH(512, 8, set1_epi64, si512)
RECORDER_SAME_OF_BOTH(256, 4, set1_epi64x, si256)

inline __m256i _mm256_permute4x64_epi64(__m256i a, unsigned order) {
  return recorder::crossed<4>(a, a, [=](size_t i) { return order >> 2 * i & 3; });
}
inline __m512i _mm512_maskz_slli_epi64(__mmask8 k, __m512i a, unsigned n) {
  return _mm512_maskz_mov_epi64(k, _mm512_slli_epi64(a, n));
}
inline __m512i _mm512_maskz_srli_epi64(__mmask8 k, __m512i a, unsigned n) {
  return _mm512_maskz_mov_epi64(k, _mm512_srli_epi64(a, n));
}
inline __m512i _mm512_maskz_srai_epi64(__mmask8 k, __m512i a, unsigned n) {
  return _mm512_maskz_mov_epi64(k, recorder::shifted<8>(recorder::signed_right, a, n));
}
inline __m512i _mm512_setzero_si512() {
  return recorder::all<8>(0);
}
inline __m512i _mm512_or_si512(__m512i a, __m512i b) {
  return recorder::each<8>(recorder::either, a, b);
}
inline __m512i _mm512_loadu_si512(const void* from) {
  return recorder::load<8>(from);
}
inline __m512i _mm512_and_epi64(__m512i a, __m512i b) {
  return _mm512_and_si512(a, b);
}
inline __m512i _mm512_mask_mov_epi64(__m512i src, __mmask8 k, __m512i a) {
  return recorder::blend<8>(k, src, a);
}
inline __m512i _mm512_mask_add_epi64(__m512i src, __mmask8 k, __m512i a, __m512i b) {
  return recorder::blend<8>(k, src, _mm512_add_epi64(a, b));
}
inline __m512i _mm512_setr_epi64(long long a, long long b, long long c, long long d, long long e, long long f,
                                 long long g, long long h) {
  using recorder::Word;
  return {{Word(a), Word(b), Word(c), Word(d), Word(e), Word(f), Word(g), Word(h)}};
}
inline __m512i _mm512_xor_si512(__m512i a, __m512i b) {
  return recorder::each<8>(recorder::differing, a, b);
}
inline __m512i _mm512_mask_xor_epi64(__m512i src, __mmask8 k, __m512i a, __m512i b) {
  return recorder::blend<8>(k, src, _mm512_xor_si512(a, b));
}
inline __m512i _mm512_mask_or_epi64(__m512i src, __mmask8 k, __m512i a, __m512i b) {
  return recorder::blend<8>(k, src, _mm512_or_si512(a, b));
}

// ------------------------------------------------------------------------------------- from lane to lane

inline __m512i _mm512_maskz_permutex_epi64(__mmask8 k, __m512i a, unsigned order) {
  return _mm512_maskz_mov_epi64(
      k, recorder::crossed<8>(a, a, [=](size_t i) { return i / 4 * 4 + (order >> i % 4 * 2 & 3); }));
}
inline __m512i _mm512_maskz_shuffle_i64x2(__mmask8 k, __m512i a, __m512i b, unsigned order) {
  return _mm512_maskz_mov_epi64(k, recorder::crossed<8>(a, b, [=](size_t i) {
                                  return (order >> i / 2 * 2 & 3) * 2 + i % 2 + (i < 4 ? 0 : 8);
                                }));
}
inline __m512i _mm512_maskz_permutexvar_epi64(__mmask8 k, __m512i order, __m512i a) {
  return _mm512_maskz_mov_epi64(
      k, recorder::crossed<8>(a, a, [&](size_t i) { return recorder::known(order.lane[i]) % 8; }));
}
inline __m512i _mm512_permutex2var_epi64(__m512i a, __m512i order, __m512i b) {
  return recorder::crossed<8>(a, b, [&](size_t i) { return recorder::known(order.lane[i]); });
}
/// b is the lower of the two.
inline __m512i _mm512_maskz_alignr_epi64(__mmask8 k, __m512i a, __m512i b, unsigned n) {
  return _mm512_maskz_mov_epi64(k, recorder::crossed<8>(b, a, [=](size_t i) { return i + n; }));
}
inline __m512i _mm512_unpacklo_epi64(__m512i a, __m512i b) {
  return recorder::crossed<8>(a, b, [](size_t i) { return i / 2 * 2 + i % 2 * 8; });
}
inline __m512i _mm512_unpackhi_epi64(__m512i a, __m512i b) {
  return recorder::crossed<8>(a, b, [](size_t i) { return i / 2 * 2 + 1 + i % 2 * 8; });
}
inline long long _mm512_reduce_add_epi64(__m512i a) {
  recorder::record().crossed = true;
  recorder::Word out = a.lane[0];
  for (size_t i = 1; i < 8; ++i) out = recorder::add(out, a.lane[i]);
  recorder::output("reduced", recorder::record().reduced++, out);
  return static_cast<long long>(out);
}

// ----------------------------------------------------------------------- of words that are known, as digits

inline __mmask8 _mm512_cmpeq_epi64_mask(__m512i a, __m512i b) {
  return recorder::mask_of<8>([](auto x, auto y) { return x == y; }, a, b);
}
inline __mmask8 _mm512_cmpeq_epu64_mask(__m512i a, __m512i b) {
  return _mm512_cmpeq_epi64_mask(a, b);
}
inline __mmask8 _mm512_cmpgt_epu64_mask(__m512i a, __m512i b) {
  return recorder::mask_of<8>([](auto x, auto y) { return x > y; }, a, b);
}
inline __mmask8 _mm512_movepi64_mask(__m512i a) {
  return recorder::mask_of<8>([](auto x, auto) { return x >> 63 != 0; }, a, a);
}

// ------------------------------------------------------------------------ not of vectors: carries (limbs.h)

inline unsigned char _addcarry_u64(unsigned char carry, uint64_t a, uint64_t b, unsigned long long* out) {
  const unsigned __int128 sum = static_cast<unsigned __int128>(a) + b + carry;
  *out = static_cast<unsigned long long>(sum);
  return static_cast<unsigned char>(sum >> 64);
}
inline unsigned char _subborrow_u64(unsigned char borrow, uint64_t a, uint64_t b, unsigned long long* out) {
  const unsigned __int128 difference = static_cast<unsigned __int128>(a) - b - borrow;
  *out = static_cast<unsigned long long>(difference);
  return static_cast<unsigned char>(difference >> 64 & 1);
}
