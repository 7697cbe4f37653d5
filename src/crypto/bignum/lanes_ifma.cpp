// Eight powers of one modulus with one exponent at a time: digit i of all eight numbers is one register, so
// that nothing moves between lanes, and a square takes half the products. Otherwise as in ifma.cpp.
#include "crypto/bignum/ifma.h"

#if defined(__x86_64__)

#include "crypto/bignum/power.h"
#include "crypto/target.h"

#include <immintrin.h>
#include <algorithm>
#include <utility>

namespace bulla::crypto::bignum::ifma {
namespace {

/// The only length: primes of RSA-2048. Longer numbers do not fit the registers.
constexpr size_t limbs = 16;
constexpr size_t digits = digits_for(limbs);
/// Of (M + 1)/2^52, which is below 2^(64·limbs).
constexpr size_t reduced_digits = (limbs * limb_bits + digit_bits - 1) / digit_bits;
/// Limbs of eight numbers.
constexpr size_t size = digits * lanes;

/// A table of 32 entries would fill the first cache.
constexpr size_t window = 4;
constexpr size_t entries = size_t{1} << window;

}  // namespace
}  // namespace bulla::crypto::bignum::ifma

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq,avx512ifma")
namespace bulla::crypto::bignum::ifma {
namespace {

using Vector = __m512i;

[[gnu::always_inline]] inline Vector load_digit(const Limb* a, size_t i) noexcept {
  return _mm512_load_si512(a + lanes * i);
}
[[gnu::always_inline]] inline Vector carry_of(Vector x) noexcept {
  return _mm512_maskz_srli_epi64(0xff, x, digit_bits);
}

/// Sums of products whose carries are still in their lanes, from which the lowest digit is taken again and
/// again. What is the lowest moves along the registers, so that they need not: after `taken` digits it is
/// t[taken].
struct Sums {
  Vector t[digits];
};
/// Digits that a loop takes before registers are moved after all; longer code does not fit where decoded
/// instructions are kept.
constexpr size_t turn = 7;
static_assert(digits % turn == 0);

/// Adds low and high halves of x·y to digits `i` and i + 1, where the latter may be `top`, above all.
template <size_t taken>
[[gnu::always_inline]] inline void add_product(Sums& s, Vector& top, size_t i, Vector x, Vector y) noexcept {
  Vector& low = s.t[(taken + i) % digits];
  Vector& high = i + 1 < digits ? s.t[(taken + i + 1) % digits] : top;
  low = _mm512_madd52lo_epu64(low, x, y);
  high = _mm512_madd52hi_epu64(high, x, y);
}

/// s = floor(s/2^52) + next·2^(52·(digits - 1)) + q·(M + 1)/2^52, where q is the digit that falls out.
template <size_t taken>
[[gnu::always_inline]] inline void take(Sums& s, Vector next, const Limb* reduced) noexcept {
  const Vector q = s.t[taken];
  s.t[taken] = next;
  Vector& lowest = s.t[(taken + 1) % digits];
  lowest = _mm512_add_epi64(lowest, carry_of(q));
#pragma GCC unroll 32
  for (size_t j = 0; j < reduced_digits; ++j)
    add_product<taken + 1>(s, next, j, q, _mm512_set1_epi64(static_cast<long long>(reduced[j])));
}

/// Begins another turn.
[[gnu::always_inline]] inline void turn_round(Sums& s) noexcept {
  const Sums last = s;
#pragma GCC unroll 32
  for (size_t j = 0; j < digits; ++j) s.t[j] = last.t[(turn + j) % digits];
}

/// The digits of s, below 2^(52·digits).
template <size_t taken>
[[gnu::always_inline]] inline void finish(Limb* out, const Sums& s) noexcept {
  const Vector mask = _mm512_set1_epi64(digit_mask);
  Vector carry = _mm512_setzero_si512();
#pragma GCC unroll 32
  for (size_t j = 0; j < digits; ++j) {
    const Vector x = _mm512_add_epi64(s.t[(taken + j) % digits], carry);
    _mm512_store_si512(out + lanes * j, _mm512_and_si512(x, mask));
    carry = carry_of(x);
  }
}

/// A digit of b: takes a digit of the sums, and adds a·digit.
template <size_t taken>
[[gnu::always_inline]] inline void step(Sums& s, Vector& top, const Limb* a, Vector digit,
                                        const Limb* reduced) noexcept {
  take<taken>(s, top, reduced);
  top = _mm512_setzero_si512();
#pragma GCC unroll 32
  for (size_t j = 0; j < digits; ++j) add_product<taken + 1>(s, top, j, load_digit(a, j), digit);
}
template <size_t... taken>
[[gnu::always_inline]] inline void steps(Sums& s, Vector& top, const Limb* a, const Limb* b,
                                         const Limb* reduced, std::index_sequence<taken...>) noexcept {
  (step<taken>(s, top, a, load_digit(b, taken), reduced), ...);
}

/// out = a·b/r.
[[gnu::noinline]] void multiply(Limb* out, const Limb* a, const Limb* b, const Limb* reduced) noexcept {
  Vector top = _mm512_setzero_si512();
  Sums s;
#pragma GCC unroll 32
  for (size_t j = 0; j < digits; ++j) s.t[j] = top;
  for (size_t i = 0; i < digits; i += turn) {
    steps(s, top, a, b + lanes * i, reduced, std::make_index_sequence<turn>());
    turn_round(s);
  }
  take<0>(s, top, reduced);
  finish<1>(out, s);
}

/// Columns of a square that are summed up at a time, each in two sums, since a sum waits for what was added
/// last.
constexpr size_t side_by_side = 6;
static_assert(2 * digits % side_by_side == 0);

/// wide = a·a, with carries in their lanes: some columns, from `first` on. Column c has the products of two
/// digits whose places add up to c, each pair of different ones once, and doubled. `above`: upper halves that
/// the column below `first` leaves; those that the last one leaves, afterwards.
template <size_t first>
[[gnu::always_inline]] inline void square_columns(Limb* wide, const Limb* a, Vector& above) noexcept {
  Vector low[side_by_side], high[side_by_side];
#pragma GCC unroll 32
  for (size_t k = 0; k < side_by_side; ++k) low[k] = high[k] = _mm512_setzero_si512();
  constexpr size_t last = first + side_by_side - 1;
#pragma GCC unroll 32
  for (size_t j = first < digits ? 0 : first + 1 - digits; 2 * j < last; ++j) {
    const Vector x = load_digit(a, j);
#pragma GCC unroll 32
    for (size_t k = 0; k < side_by_side; ++k) {
      const size_t column = first + k;
      if (column <= 2 * j || column - j >= digits) continue;
      const Vector y = load_digit(a, column - j);
      low[k] = _mm512_madd52lo_epu64(low[k], x, y);
      high[k] = _mm512_madd52hi_epu64(high[k], x, y);
    }
  }
#pragma GCC unroll 32
  for (size_t k = 0; k < side_by_side; ++k) {
    const size_t column = first + k;
    const Vector x = load_digit(a, column / 2);
    Vector sum = _mm512_add_epi64(low[k], above);
    sum = _mm512_add_epi64(sum, sum);
    sum = column % 2 == 0 ? _mm512_madd52lo_epu64(sum, x, x) : _mm512_madd52hi_epu64(sum, x, x);
    _mm512_store_si512(wide + lanes * column, sum);
    above = high[k];
  }
}
template <size_t... i>
[[gnu::always_inline]] inline void square_all(Limb* wide, const Limb* a, std::index_sequence<i...>) noexcept {
  Vector above = _mm512_setzero_si512();
  (square_columns<i * side_by_side>(wide, a, above), ...);
}
[[gnu::noinline]] void wide_square(Limb* wide, const Limb* a) noexcept {
  square_all(wide, a, std::make_index_sequence<2 * digits / side_by_side>());
}

template <size_t... taken>
[[gnu::always_inline]] inline void take_all(Sums& s, const Limb* next, const Limb* reduced,
                                            std::index_sequence<taken...>) noexcept {
  (take<taken>(s, load_digit(next, taken), reduced), ...);
}

/// out = wide/r.
[[gnu::noinline]] void reduce_wide(Limb* out, const Limb* wide, const Limb* reduced) noexcept {
  Sums s;
#pragma GCC unroll 32
  for (size_t j = 0; j < digits; ++j) s.t[j] = load_digit(wide, j);
  for (size_t i = 0; i < digits; i += turn) {
    take_all(s, wide + lanes * (digits + i), reduced, std::make_index_sequence<turn>());
    turn_round(s);
  }
  finish<0>(out, s);
}

/// out = the table's entry `which`; all are read.
[[gnu::noinline]] void look_up(Limb* out, const Limb* table, Limb which) noexcept {
  Vector keep[entries];
#pragma GCC unroll 16
  for (size_t entry = 0; entry < entries; ++entry)
    keep[entry] = _mm512_set1_epi64(static_cast<long long>(LimbMask::is_equal(entry, which).bits()));
  for (size_t j = 0; j < digits; ++j) {
    Vector x = _mm512_setzero_si512();
#pragma GCC unroll 16
    for (size_t entry = 0; entry < entries; ++entry)
      x = _mm512_or_si512(x, _mm512_and_si512(load_digit(table + entry * size, j), keep[entry]));
    _mm512_store_si512(out + lanes * j, x);
  }
}

}  // namespace
}  // namespace bulla::crypto::bignum::ifma
BULLA_TARGET_END

namespace bulla::crypto::bignum::ifma {
namespace {

/// A number in a lane, and the same one in all.
void put(Limb* out, size_t lane, Limbs number) noexcept {
  for (size_t i = 0; i < digits; ++i) out[i * lanes + lane] = number[i];
}
void put_everywhere(Limb* out, Limbs number) noexcept {
  for (size_t lane = 0; lane < lanes; ++lane) put(out, lane, number);
}

/// What a power needs room for.
struct Room {
  AlignedLimbs limbs{(entries + 4) * size};
  Limb* row(size_t i) noexcept { return limbs.data() + i * size; }
  Limb* table() noexcept { return row(0); }
  Limb* value() noexcept { return row(entries); }
  Limb* factor() noexcept { return row(entries + 1); }
  Limb* wide() noexcept { return row(entries + 2); }  ///< two rows
};

Limb window_at_bit(Limbs exponent, size_t bit) noexcept {
  return exponent[bit / limb_bits] >> (bit % limb_bits) & (entries - 1);
}
static_assert(limb_bits % window == 0);

}  // namespace

bool lanes_take(size_t length) noexcept {
  return length == limbs;
}

// A lane without a job computes what the last job's does.
void powers_by_lanes(std::span<const Power> jobs) {
  const Modulus& m = *jobs[0].modulus;
  const Limbs exponent = jobs[0].exponent;
  const Aside aside(m);
  const Limb* const reduced = aside.reduced.data();
  Room room;
  SecretLimbs number(lanes_for(limbs));
  const auto square_value = [&] {
    wide_square(room.wide(), room.value());
    reduce_wide(room.value(), room.wide(), reduced);
  };

  put_everywhere(room.factor(), aside.into);
  to_digits(number, m.one());
  put_everywhere(room.row(0), number);
  for (size_t lane = 0; lane < lanes; ++lane) {
    to_digits(number, jobs[std::min(lane, jobs.size() - 1)].base);
    put(room.row(1), lane, number);
  }
  for (size_t i = 0; i < 2; ++i) multiply(room.row(i), room.row(i), room.factor(), reduced);
  for (size_t i = 2; i < entries; ++i) multiply(room.row(i), room.row(i - 1), room.row(1), reduced);

  size_t bit = exponent.size() * limb_bits;
  std::copy(room.row(0), room.row(1), room.value());
  while (bit > 0) {
    bit -= window;
    for (size_t i = 0; i < window; ++i) square_value();
    look_up(room.factor(), room.table(), window_at_bit(exponent, bit));
    multiply(room.value(), room.value(), room.factor(), reduced);
  }

  put_everywhere(room.factor(), aside.out_of);
  multiply(room.value(), room.value(), room.factor(), reduced);
  for (size_t lane = 0; lane < jobs.size(); ++lane) {
    for (size_t i = 0; i < digits; ++i) number[i] = room.value()[i * lanes + lane];
    from_times_limb(jobs[lane].out.data(), number, m);
  }
}

}  // namespace bulla::crypto::bignum::ifma

#endif
