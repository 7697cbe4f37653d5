// Powers with AVX-512 IFMA: numbers by digits of 52 bits, eight to a register, "almost" reduced (Gueron and
// Krasnov, "Software implementation of modular exponentiation, using advanced vector instructions
// architectures", 2012; Drucker and Gueron, "Fast modular squaring with AVX512IFMA", 2018), by a multiple of
// the modulus that makes a quotient's digit the lowest one of the sum (Orup, "Simplifying quotient
// determination in high-radix modular multiplication", 1995). README.md has bounds. What a digit holds
// decides nothing: loops run by length, tables are read whole.
#include "crypto/bignum/ifma.h"

#if defined(__x86_64__)

#include "crypto/bignum/power.h"
#include "crypto/target.h"

#include <bulla/secret.h>

#include <immintrin.h>
#include <algorithm>
#include <array>

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq,avx512ifma")
namespace bulla::crypto::bignum {
namespace {

using namespace ifma;
using Vector = __m512i;

// g++ 12 takes the headers' undefined registers for uninitialised ones, unless a mask (here of all lanes)
// says that nothing comes from them.
constexpr __mmask8 all = 0xff;
/// The lanes that lie one higher than those of a register which others follow, or precede.
[[gnu::always_inline]] inline Vector lanes_above(Vector here, Vector next) noexcept {
  return _mm512_maskz_alignr_epi64(all, next, here, 1);
}
[[gnu::always_inline]] inline Vector lanes_below(Vector here, Vector previous) noexcept {
  return _mm512_maskz_alignr_epi64(all, here, previous, lanes - 1);
}

/// low + 2^52·high: sums of products, whose carries are still in their lanes.
template <size_t blocks>
struct Sum {
  Vector low[blocks], high[blocks];
};

/// t = a·digit.
template <size_t blocks>
[[gnu::always_inline]] inline void begin(Sum<blocks>& t, const Limb* a, Vector digit) noexcept {
  const Vector zero = _mm512_setzero_si512();
#pragma GCC unroll 20
  for (size_t j = 0; j < blocks; ++j) {
    const Vector x = _mm512_load_si512(a + lanes * j);
    t.low[j] = _mm512_madd52lo_epu64(zero, x, digit);
    t.high[j] = _mm512_madd52hi_epu64(zero, x, digit);
  }
}

/// t = (t + q·M)/2^52 + a·digit, where q = t mod 2^52: that is floor(t/2^52) + q·(M + 1)/2^52 + a·digit.
template <bool adds, size_t blocks>
[[gnu::always_inline]] inline void step(Sum<blocks>& t, const Limb* reduced, const Limb* a,
                                        Vector digit) noexcept {
  const Vector zero = _mm512_setzero_si512();
  const Vector q = _mm512_maskz_permutexvar_epi64(all, zero, t.low[0]);
  const Vector carry = _mm512_maskz_srli_epi64(1, t.low[0], digit_bits);
#pragma GCC unroll 20
  for (size_t j = 0; j < blocks; ++j) {
    const Vector m = _mm512_load_si512(reduced + lanes * j);
    Vector down = lanes_above(t.low[j], j + 1 < blocks ? t.low[j + 1] : zero);
    if (j == 0) down = _mm512_add_epi64(down, carry);
    if constexpr (adds) {
      const Vector x = _mm512_load_si512(a + lanes * j);
      down = _mm512_add_epi64(down, _mm512_madd52lo_epu64(t.high[j], x, digit));
      t.high[j] = _mm512_madd52hi_epu64(_mm512_madd52hi_epu64(zero, x, digit), m, q);
    } else {
      down = _mm512_add_epi64(down, t.high[j]);
      t.high[j] = _mm512_madd52hi_epu64(zero, m, q);
    }
    t.low[j] = _mm512_madd52lo_epu64(down, m, q);
  }
}

/// The digits of t, below 2^(52·8·blocks). Each lane gives up its carry to the next one; after that a lane
/// exceeds 52 bits by one at most, and where such bits go is an addition of the lanes' bits: those that have
/// one, and those that pass one on.
template <size_t blocks>
[[gnu::always_inline]] inline void finish(Limb* out, const Sum<blocks>& t) noexcept {
  const Vector zero = _mm512_setzero_si512(), mask = _mm512_set1_epi64(digit_mask);
  Vector x[blocks], carry[blocks];
#pragma GCC unroll 20
  for (size_t j = 0; j < blocks; ++j) {
    x[j] = _mm512_add_epi64(t.low[j], lanes_below(t.high[j], j > 0 ? t.high[j - 1] : zero));
    carry[j] = _mm512_maskz_srli_epi64(all, x[j], digit_bits);
  }
  unsigned goes = 0;
#pragma GCC unroll 20
  for (size_t j = 0; j < blocks; ++j) {
    const Vector up = lanes_below(carry[j], j > 0 ? carry[j - 1] : zero);
    x[j] = _mm512_add_epi64(_mm512_and_si512(x[j], mask), up);
    const unsigned has = _mm512_cmpgt_epu64_mask(x[j], mask), passes = _mm512_cmpeq_epu64_mask(x[j], mask);
    goes = passes + 2 * has + (goes >> lanes);
    const auto takes = static_cast<__mmask8>(goes ^ passes);
    x[j] = _mm512_mask_add_epi64(x[j], takes, x[j], _mm512_set1_epi64(1));
    _mm512_store_si512(out + lanes * j, _mm512_and_si512(x[j], mask));
  }
}

/// out = a·b/r for `streams` moduli of one length at the same time, one number behind the other: while one
/// waits for its quotient, the others multiply. Below 2M where a and b are, and where b < m.
template <size_t blocks, size_t streams>
[[gnu::noinline]] void almost_multiply(Limb* out, const Limb* a, const Limb* b, const Limb* reduced,
                                       size_t digits) noexcept {
  constexpr size_t next = lanes * blocks;
  const auto digit = [](const Limb* at) { return static_cast<long long>(*at); };
  Sum<blocks> t[streams];
#pragma GCC unroll 2
  for (size_t s = 0; s < streams; ++s) begin(t[s], a + s * next, _mm512_set1_epi64(digit(b + s * next)));
  for (size_t i = 1; i < digits; ++i) {
#pragma GCC unroll 2
    for (size_t s = 0; s < streams; ++s)
      step<true>(t[s], reduced + s * next, a + s * next, _mm512_set1_epi64(digit(b + s * next + i)));
  }
#pragma GCC unroll 2
  for (size_t s = 0; s < streams; ++s) step<false>(t[s], reduced + s * next, nullptr, Vector{});
#pragma GCC unroll 2
  for (size_t s = 0; s < streams; ++s) finish(out + s * next, t[s]);
}

/// What powers modulo `streams` moduli of one length need. A row has a number of each stream.
template <size_t blocks, size_t streams>
class Streams {
 public:
  /// `rows`: how many of them are wanted.
  Streams(std::span<const Power> jobs, size_t rows)
      : jobs_(jobs), digits_(digits_for(jobs[0].modulus->size())), room_((3 + rows) * row_size) {
    for (size_t s = 0; s < streams; ++s) {
      const Aside aside(*jobs[s].modulus);
      std::copy(aside.reduced.begin(), aside.reduced.end(), lane_of(reduced(), s));
      std::copy(aside.into.begin(), aside.into.end(), lane_of(factor(), s));
    }
  }

  Limb* row(size_t i) noexcept { return room_.data() + (3 + i) * row_size; }
  Limb* value() noexcept { return room_.data() + row_size; }
  Limb* factor() noexcept { return room_.data() + 2 * row_size; }

  void multiply(Limb* out, const Limb* a, const Limb* b) noexcept {
    almost_multiply<blocks, streams>(out, a, b, reduced(), digits_);
  }

  /// A residue of each stream, in Montgomery form here; factor() holds Aside::into.
  template <class ResidueOf>
  void take(Limb* out, const ResidueOf& residue_of) noexcept {
    for (size_t s = 0; s < streams; ++s) to_digits({lane_of(out, s), lanes_of_one}, residue_of(jobs_[s]));
    multiply(out, out, factor());
  }

  /// value() to where the jobs want it.
  void give() {
    for (size_t s = 0; s < streams; ++s) {
      const Aside aside(*jobs_[s].modulus);
      std::copy(aside.out_of.begin(), aside.out_of.end(), lane_of(factor(), s));
    }
    multiply(value(), value(), factor());
    for (size_t s = 0; s < streams; ++s)
      from_times_limb(jobs_[s].out.data(), {lane_of(value(), s), lanes_of_one}, *jobs_[s].modulus);
  }

  /// out = each stream's entry of the table that its window chooses; all are read.
  [[gnu::noinline]] void look_up(Limb* out, size_t window) noexcept {
#pragma GCC unroll 2
    for (size_t s = 0; s < streams; ++s) {
      const Limb which = window_at(jobs_[s].exponent, window);
      Vector x[blocks] = {};
      const Limb* at = lane_of(row(0), s);
      for (size_t entry = 0; entry < window_entries; ++entry, at += row_size) {
        const auto keep = static_cast<long long>(LimbMask::is_equal(entry, which).bits());
        const Vector mask = _mm512_set1_epi64(keep);
#pragma GCC unroll 20
        for (size_t j = 0; j < blocks; ++j)
          x[j] = _mm512_or_si512(x[j], _mm512_and_epi64(_mm512_load_si512(at + lanes * j), mask));
      }
#pragma GCC unroll 20
      for (size_t j = 0; j < blocks; ++j) _mm512_store_si512(lane_of(out, s) + lanes * j, x[j]);
    }
  }

 private:
  static constexpr size_t lanes_of_one = lanes * blocks, row_size = streams * lanes_of_one;

  Limb* reduced() noexcept { return room_.data(); }
  static Limb* lane_of(Limb* row, size_t stream) noexcept { return row + stream * lanes_of_one; }

  std::span<const Power> jobs_;
  size_t digits_;
  AlignedLimbs room_;
};

Limbs one_of(const Power& job) noexcept {
  return job.modulus->one();
}
Limbs base_of(const Power& job) noexcept {
  return job.base;
}

template <size_t blocks, size_t streams>
void raise(const Power* jobs) {
  Streams<blocks, streams> at({jobs, streams}, window_entries);
  at.take(at.row(0), one_of);
  at.take(at.row(1), base_of);
  for (size_t i = 2; i < window_entries; ++i) at.multiply(at.row(i), at.row(i - 1), at.row(1));

  size_t window = window_count(jobs[0].exponent.size());
  if (window == 0)
    std::copy(at.row(0), at.row(1), at.value());
  else
    at.look_up(at.value(), --window);
  while (window-- > 0) {
    for (size_t i = 0; i < window_bits; ++i) at.multiply(at.value(), at.value(), at.value());
    at.look_up(at.factor(), window);
    at.multiply(at.value(), at.value(), at.factor());
  }
  at.give();
}

template <size_t blocks>
void raise_vartime(const Power& job, Bytes exponent) {
  Streams<blocks, 1> at({&job, 1}, 1);
  at.take(at.row(0), base_of);
  at.take(at.value(), one_of);
  bignum::raise_vartime(
      exponent, [&] { at.multiply(at.value(), at.value(), at.value()); },
      [&](bool first) {
        if (first)
          std::copy(at.row(0), at.row(1), at.value());
        else
          at.multiply(at.value(), at.value(), at.row(0));
      });
  at.give();
}

/// By how many blocks a number has.
template <size_t... i>
constexpr auto raise_one_of(std::index_sequence<i...>) noexcept {
  return std::array{raise<i + 1, 1>...};
}
template <size_t... i>
constexpr auto raise_two_of(std::index_sequence<i...>) noexcept {
  return std::array{raise<i + 1, 2>...};
}
template <size_t... i>
constexpr auto raise_vartime_of(std::index_sequence<i...>) noexcept {
  return std::array{raise_vartime<i + 1>...};
}
constexpr auto raise_one = raise_one_of(std::make_index_sequence<most_blocks>());
constexpr auto raise_one_vartime = raise_vartime_of(std::make_index_sequence<most_blocks>());
/// Longer numbers do not wait for quotients: two of them have more to multiply than they need registers.
constexpr auto raise_two = raise_two_of(std::make_index_sequence<4>());

bool go_together(const Power& a, const Power& b) noexcept {
  return a.modulus->size() == b.modulus->size() && a.exponent.size() == b.exponent.size() &&
         blocks_for(a.modulus->size()) <= raise_two.size();
}

/// How many jobs, from the first one on and no more than there are lanes, raise to the same power.
size_t count_alike(std::span<const Power> jobs) noexcept {
  const auto alike = [&](const Power& job) {
    return job.modulus == jobs[0].modulus && job.exponent.data() == jobs[0].exponent.data() &&
           job.exponent.size() == jobs[0].exponent.size();
  };
  const auto few = jobs.first(std::min(jobs.size(), lanes));
  return static_cast<size_t>(std::find_if_not(few.begin(), few.end(), alike) - few.begin());
}

/// From so many on eight lanes are faster than one power after the other, whatever the rest computes.
constexpr size_t worth_lanes = 5;

/// Computes some of the jobs, from the first one on; returns how many.
size_t some_powers(std::span<const Power> jobs) {
  const size_t limbs = jobs[0].modulus->size();
  const size_t alike = count_alike(jobs), index = blocks_for(limbs) - 1;
  if (lanes_take(limbs) && alike >= worth_lanes) {
    powers_by_lanes(jobs.first(alike));
    return alike;
  }
  if (jobs.size() > 1 && go_together(jobs[0], jobs[1])) {
    raise_two[index](jobs.data());
    return 2;
  }
  raise_one[index](jobs.data());
  return 1;
}

void powers(std::span<const Power> jobs) {
  while (!jobs.empty()) jobs = jobs.subspan(some_powers(jobs));
}

void power_vartime(const Modulus& modulus, MutLimbs out, Limbs base, Bytes exponent) {
  raise_one_vartime[blocks_for(modulus.size()) - 1]({&modulus, out, base, {}}, exponent);
}

/// A single product: two of those above, as R is not r.
template <size_t blocks>
void multiply_limbs(Limb* out, const Limb* a, const Limb* b, const Modulus& m) noexcept {
  constexpr size_t size = lanes * blocks;
  alignas(64) Limb x[size], y[size], reduced[size];
  const Aside aside(m);
  std::copy(aside.reduced.begin(), aside.reduced.end(), reduced);
  to_digits(x, {a, m.size()});
  to_digits(y, {b, m.size()});
  const size_t digits = digits_for(m.size());
  almost_multiply<blocks, 1>(x, x, y, reduced, digits);
  std::copy(aside.product.begin(), aside.product.end(), y);
  almost_multiply<blocks, 1>(x, x, y, reduced, digits);
  from_times_limb(out, x, m);
  for (Limb* number : {x, y, reduced}) wipe({reinterpret_cast<uint8_t*>(number), sizeof x});
}

template <size_t... i>
constexpr auto multiply_of(std::index_sequence<i...>) noexcept {
  return std::array{multiply_limbs<i + 1>...};
}
constexpr auto multiply_by_blocks = multiply_of(std::make_index_sequence<most_blocks>());

void multiply(Limb* out, const Limb* a, const Limb* b, const Modulus& m) noexcept {
  multiply_by_blocks[blocks_for(m.size()) - 1](out, a, b, m);
}
void square(Limb* out, const Limb* a, const Modulus& m) noexcept {
  multiply(out, a, a, m);
}
size_t side_by_side(size_t limbs) noexcept {
  return lanes_take(limbs) ? 8 : 1;
}

}  // namespace

constexpr Montgomery montgomery_ifma = {.multiply = multiply,
                                        .square = square,
                                        .powers = powers,
                                        .lanes = side_by_side,
                                        .power_vartime = power_vartime,
                                        .aside_size = Aside::size,
                                        .make_aside = Aside::make};

}  // namespace bulla::crypto::bignum
BULLA_TARGET_END

#endif
