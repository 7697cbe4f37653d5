// Eight powers of one modulus with one exponent at a time: digit i of all eight numbers is one register, so
// that nothing moves between lanes, and a square takes half the products. Otherwise as in ifma.cpp.
#include "crypto/bignum/ifma.h"

#if defined(__x86_64__)

#include "crypto/bignum/power.h"
#include "crypto/target.h"

#include <immintrin.h>
#include <algorithm>

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

/// The digits of t, below 2^(52·digits).
[[gnu::always_inline]] inline void finish(Limb* out, const Vector* t) noexcept {
  const Vector mask = _mm512_set1_epi64(digit_mask);
  Vector carry = _mm512_setzero_si512();
#pragma GCC unroll 32
  for (size_t j = 0; j < digits; ++j) {
    const Vector x = _mm512_add_epi64(t[j], carry);
    _mm512_store_si512(out + lanes * j, _mm512_and_si512(x, mask));
    carry = carry_of(x);
  }
}

/// t = floor(t/2^52) + next·2^(52·(digits - 1)); returns the digit that falls out.
[[gnu::always_inline]] inline Vector shift(Vector* t, Vector next) noexcept {
  const Vector q = t[0];
  t[0] = _mm512_add_epi64(t[1], carry_of(q));
#pragma GCC unroll 32
  for (size_t j = 1; j + 1 < digits; ++j) t[j] = t[j + 1];
  t[digits - 1] = next;
  return q;
}

/// t += q·(M + 1)/2^52.
[[gnu::always_inline]] inline void reduce(Vector* t, const Limb* reduced, Vector q) noexcept {
#pragma GCC unroll 32
  for (size_t j = 0; j < reduced_digits; ++j) {
    const Vector m = _mm512_set1_epi64(static_cast<long long>(reduced[j]));
    t[j] = _mm512_madd52lo_epu64(t[j], m, q);
    t[j + 1] = _mm512_madd52hi_epu64(t[j + 1], m, q);
  }
}

/// out = a·b/r.
[[gnu::noinline]] void multiply(Limb* out, const Limb* a, const Limb* b, const Limb* reduced) noexcept {
  const Vector zero = _mm512_setzero_si512();
  Vector t[digits], top = zero;
#pragma GCC unroll 32
  for (size_t j = 0; j < digits; ++j) t[j] = zero;
  for (size_t i = 0; i < digits; ++i) {
    const Vector q = shift(t, top), digit = load_digit(b, i);  // of zero in the first round
    top = zero;
    reduce(t, reduced, q);
#pragma GCC unroll 32
    for (size_t j = 0; j < digits; ++j) {
      const Vector x = load_digit(a, j);
      Vector& above = j + 1 < digits ? t[j + 1] : top;
      t[j] = _mm512_madd52lo_epu64(t[j], x, digit);
      above = _mm512_madd52hi_epu64(above, x, digit);
    }
  }
  const Vector q = shift(t, top);
  reduce(t, reduced, q);
  finish(out, t);
}

/// Column `c` of a square: the products of digits whose places add up to c, each pair once. `high`: what the
/// upper halves of the column before are; those of this one afterwards.
[[gnu::always_inline]] inline Vector column(const Limb* a, size_t c, Vector& high) noexcept {
  Vector low = high;
  high = _mm512_setzero_si512();
  const size_t first = c < digits ? 0 : c - digits + 1;
#pragma GCC unroll 16
  for (size_t i = first; 2 * i < c; ++i) {
    const Vector x = load_digit(a, i), y = load_digit(a, c - i);
    low = _mm512_madd52lo_epu64(low, x, y);
    high = _mm512_madd52hi_epu64(high, x, y);
  }
  return _mm512_add_epi64(low, low);
}

/// wide = a·a, with carries in their lanes.
[[gnu::noinline]] void wide_square(Limb* wide, const Limb* a) noexcept {
  Vector high = _mm512_setzero_si512();
#pragma GCC unroll 64
  for (size_t i = 0; i < digits; ++i) {
    const Vector x = load_digit(a, i);
    const Vector even = column(a, 2 * i, high);
    _mm512_store_si512(wide + lanes * (2 * i), _mm512_madd52lo_epu64(even, x, x));
    const Vector odd = column(a, 2 * i + 1, high);
    _mm512_store_si512(wide + lanes * (2 * i + 1), _mm512_madd52hi_epu64(odd, x, x));
  }
}

/// out = wide/r.
[[gnu::noinline]] void reduce_wide(Limb* out, const Limb* wide, const Limb* reduced) noexcept {
  Vector t[digits];
#pragma GCC unroll 32
  for (size_t j = 0; j < digits; ++j) t[j] = load_digit(wide, j);
  for (size_t i = 0; i < digits; ++i) {
    const Vector q = shift(t, load_digit(wide, digits + i));
    reduce(t, reduced, q);
  }
  finish(out, t);
}

/// out = the table's entry `which`; all are read.
[[gnu::noinline]] void look_up(Limb* out, const Limb* table, Limb which) noexcept {
  Vector x[digits] = {};
  for (size_t entry = 0; entry < entries; ++entry, table += size) {
    const Vector mask = _mm512_set1_epi64(static_cast<long long>(LimbMask::is_equal(entry, which).bits()));
#pragma GCC unroll 32
    for (size_t j = 0; j < digits; ++j)
      x[j] = _mm512_or_si512(x[j], _mm512_and_si512(load_digit(table, j), mask));
  }
#pragma GCC unroll 32
  for (size_t j = 0; j < digits; ++j) _mm512_store_si512(out + lanes * j, x[j]);
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
