// k·G with its windows spread over the lanes, and k·G and k·P for eight k. The windows are those of
// ../ec/windows.h, and the generator's table is the one of "adx".
#include "crypto/p256/ifma.h"

#if defined(__x86_64__)

#include "crypto/p256/ifma_point.h"

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq,avx512ifma")
namespace bulla::crypto::p256 {
namespace {

using Windows = ec::GeneratorWindows<P256>;
constexpr unsigned width = Windows::width;
static_assert(width == 6 && Windows::windows == 43 && Windows::points == 32);

/// k or n - k, whichever is below n/2, twice: windows are cut with the bit below them.
struct Halved {
  ec::Limbs<4> twice;
  ec::Limb negative;  ///< all ones where it is n - k

  explicit Halved(const Number& k) noexcept {
    ec::Limbs<4> other = P256Order::value;
    ec::subtract_from(other, k);
    negative = ec::is_less(other, k).bits();
    twice = ec::select(negative, other, k);
    ec::add_to(twice, ec::Limbs<4>(twice));
  }
};

// ---------------------------------------------------------------------------------------------- to affine

/// 1/z in all lanes of a number that stands in lane 0.
BULLA_P256_INLINE Element<2> inverse_of_first(const Element<4>& z, Words& room) noexcept {
  // What is loaded is 2^4·(1/z): times 2^516/R that is R/z.
  constexpr ec::Limbs<4> scale = P256::Field::from_number(r_mod_p).montgomery();
  store_number(z, room);
  const ec::Limbs<4> inverse = ec::Divsteps<P256Prime>::inverse(room.at(0));
  for (size_t lane = 0; lane < lanes; ++lane) room.set(lane, inverse);
  return carry(load(room) * constant(scale));
}
/// 1/z in each lane, by one inverse (Montgomery's trick): the product of all is 1/z times that of the others.
BULLA_P256_INLINE Element<2> inverses(const Element<4>& z, Words& room) noexcept {
  const auto other4 = swapped<4>(z);
  const auto pairs = carry(z * other4);
  const auto other2 = swapped<2>(pairs);
  const auto fours = carry(pairs * other2);
  const auto other1 = swapped<1>(fours);
  const auto all = inverse_of_first(at_most<4>(carry(fours * other1)), room);
  return carry(carry(carry(all * other1) * other2) * other4);
}
BULLA_P256_INLINE void store_affine(const Point<16>& p, const Element<2>& inverse, Words& x,
                                    Words& y) noexcept {
  const auto square_of_it = carry(square(inverse));
  store_number(carry(p.x * square_of_it), x);
  store_number(carry(p.y * carry(square_of_it * inverse)), y);
}
void read_product(const Words& x, const Words& y, size_t lane, ec::Limb negative, Product& out) noexcept {
  out.x = P256Adx::Field::from_number(x.at(lane));
  out.y = P256Adx::Field::from_number(y.at(lane));
  out.y.assign_if(negative, -out.y);
}

// ---------------------------------------------------------------------------------------------- one product

/// Rows and columns of eight words change places.
BULLA_P256_INLINE void transpose(Lanes (&row)[8]) noexcept {
  Lanes t[8], u[8];
#pragma GCC unroll 4
  for (int i = 0; i < 8; i += 2) {
    t[i] = _mm512_maskz_unpacklo_epi64(every_lane, row[i], row[i + 1]);
    t[i + 1] = _mm512_maskz_unpackhi_epi64(every_lane, row[i], row[i + 1]);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    const int of = i / 2 * 4 + i % 2;  // blocks 0 and 2 of a pair, or 1 and 3
    u[2 * i] = _mm512_maskz_shuffle_i64x2(every_lane, t[of], t[of + 2], 0b10'00'10'00);
    u[2 * i + 1] = _mm512_maskz_shuffle_i64x2(every_lane, t[of], t[of + 2], 0b11'01'11'01);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    const int column = i / 2 + i % 2 * 2;
    row[column] = _mm512_maskz_shuffle_i64x2(every_lane, u[i], u[i + 4], 0b10'00'10'00);
    row[column + 4] = _mm512_maskz_shuffle_i64x2(every_lane, u[i], u[i + 4], 0b11'01'11'01);
  }
}

/// Six bits and the one below of eight windows, of which `place` is the first.
BULLA_P256_INLINE Lanes window_bits(Lanes words, size_t place) noexcept {
  const Lanes at = _mm512_add_epi64(in_all(width * place), _mm512_setr_epi64(0, 6, 12, 18, 24, 30, 36, 42));
  const Lanes word = right<6>(at), shift = _mm512_and_si512(at, in_all(63));
  const Lanes low = _mm512_maskz_permutexvar_epi64(every_lane, word, words);
  const Lanes high = _mm512_maskz_permutexvar_epi64(every_lane, _mm512_add_epi64(word, in_all(1)), words);
  const Lanes bits =
      _mm512_or_si512(_mm512_maskz_srlv_epi64(every_lane, low, shift),
                      _mm512_maskz_sllv_epi64(every_lane, high, _mm512_sub_epi64(in_all(64), shift)));
  return _mm512_and_si512(bits, in_all((2 << width) - 1));
}

/// Of window place + lane the entry of each lane's digit.
BULLA_P256_INLINE Affine look_up(size_t place, const Digits& digits) noexcept {
  alignas(64) uint64_t magnitudes[lanes];
  _mm512_store_si512(magnitudes, digits.magnitude);
  Lanes row[lanes];
  for (size_t lane = 0; lane < lanes; ++lane) {
    row[lane] = _mm512_setzero_si512();
    if (place + lane >= Windows::windows) continue;
    const auto* entries = p256_window(place + lane);
    row[lane] =
        Choice<5>(in_all(magnitudes[lane])).of([&](size_t i) { return _mm512_loadu_si512(entries + i); });
  }
  transpose(row);
  const Element<16> x = from_words(row[0], row[1], row[2], row[3]),
                    y = from_words(row[4], row[5], row[6], row[7]);
  return {x, carry(negated(digits.negative, y))};
}

/// Each lane adds up every eighth window; then the lanes are added up.
[[gnu::noinline]] void sum_windows(const Halved& k, Words& x, Words& y) noexcept {
  const Lanes words = _mm512_maskz_loadu_epi64(0x0f, k.twice.data());
  Digits digits = booth_digits<width>(window_bits(words, 0));
  Sum sum{point_of(look_up(0, digits)), digits.nonzero};
  for (size_t place = lanes; place < Windows::windows; place += lanes) {
    digits = booth_digits<width>(window_bits(words, place));
    sum.add(digits.nonzero, look_up(place, digits));
  }
  sum.add_lanes<4>();
  sum.add_lanes<2>();
  sum.add_lanes<1>();
  store_affine(sum.point, inverse_of_first(sum.point.z, x), x, y);
}

// ------------------------------------------------------------------------------------------ eight products

/// Scalars of eight lanes, and what is to be done with a product in the end.
struct Scalars {
  Words twice = {};
  ec::Limb negative[lanes] = {};

  explicit Scalars(std::span<const Number> k) noexcept {
    for (size_t lane = 0; lane < k.size(); ++lane) {
      Halved halved(k[lane]);
      twice.set(lane, halved.twice);
      negative[lane] = halved.negative;
      wipe(ec::memory_of(halved));
    }
  }
  /// Digit `place` of each, for windows of so many bits.
  template <unsigned bits>
  BULLA_P256_INLINE Digits digits(size_t place) const noexcept {
    const size_t word = bits * place / 64, shift = bits * place % 64;
    const Lanes low = _mm512_load_si512(twice.word[word]);
    const Lanes high = word < 3 ? _mm512_load_si512(twice.word[word + 1]) : _mm512_setzero_si512();
    const Lanes both = _mm512_or_si512(_mm512_maskz_srlv_epi64(every_lane, low, in_all(shift)),
                                       _mm512_maskz_sllv_epi64(every_lane, high, in_all(64 - shift)));
    return booth_digits<bits>(_mm512_and_si512(both, in_all((2 << bits) - 1)));
  }
};

/// Of the same table the entry of each lane's digit.
BULLA_P256_INLINE Affine look_up(const P256Window& table, const Digits& digits) noexcept {
  const Choice<5> choice(digits.magnitude);
  Lanes word[8];
  for (size_t i = 0; i < 8; ++i)
    word[i] = choice.of([&](size_t entry) { return in_all(table[entry][i / 4][i % 4]); });
  const Element<16> x = from_words(word[0], word[1], word[2], word[3]),
                    y = from_words(word[4], word[5], word[6], word[7]);
  return {x, carry(negated(digits.negative, y))};
}

/// Lanes without a scalar have the point that they begin with.
[[gnu::noinline]] void sum_windows_of_eight(const Scalars& k, Words& x, Words& y) noexcept {
  Digits digits = k.digits<width>(0);
  Sum sum{point_of(look_up(p256_window(0), digits)), digits.nonzero};
  for (size_t place = 1; place < Windows::windows; ++place) {
    digits = k.digits<width>(place);
    sum.add(digits.nonzero, look_up(p256_window(place), digits));
  }
  sum.point.z = blend(sum.there, at_most<4>(one()), sum.point.z);
  store_affine(sum.point, inverses(sum.point.z, x), x, y);
}

/// P, 2P, ..., 16P for each lane's P, which is public.
struct alignas(64) Multiples {
  Element<3> x[16], y[16];
};
[[gnu::noinline]] void make_multiples_vartime(const Affine& p, Multiples& out) noexcept {
  Point<16> points[16];
  Element<2> products[16];  // of Z and those before
  points[0] = point_of(p);
  for (size_t i = 1; i < 16; ++i) {
    if (i % 2 == 0) {
      points[i] = add(points[i - 1], p);
    } else {
      const Point<2> doubled = twice(reduced(points[i / 2]));
      points[i] = {at_most<16>(doubled.x), at_most<16>(doubled.y), doubled.z};
    }
  }
  products[0] = at_most<2>(one());
  for (size_t i = 1; i < 16; ++i) products[i] = carry(products[i - 1] * points[i].z);
  Words room;
  Element<2> inverse = inverses(at_most<4>(products[15]), room);
  for (size_t i = 16; i-- > 0;) {
    const auto reciprocal = i > 0 ? carry(inverse * products[i - 1]) : inverse;
    const auto square_of_it = carry(square(reciprocal));
    out.x[i] = carry(points[i].x * square_of_it);
    out.y[i] = carry(points[i].y * carry(square_of_it * reciprocal));
    inverse = carry(inverse * points[i].z);
  }
}

BULLA_P256_INLINE Affine look_up(const Multiples& table, const Digits& digits) noexcept {
  const Choice<4> choice(digits.magnitude);
  Element<3> x, y;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) {
    x.limb[i] = choice.of([&](size_t entry) { return table.x[entry].limb[i]; });
    y.limb[i] = choice.of([&](size_t entry) { return table.y[entry].limb[i]; });
  }
  return {at_most<16>(x), at_most<16>(carry(negated(digits.negative, y)))};
}

[[gnu::noinline]] void multiply_windows(const Scalars& k, const Multiples& table, Words& x,
                                        Words& y) noexcept {
  const Digits top = k.digits<5>(51);
  Sum sum{point_of(look_up(table, top)), top.nonzero};
  for (size_t place = 51; place-- > 0;) {
    const Digits digits = k.digits<5>(place);
    sum.double_times(5);
    sum.add(digits.nonzero, look_up(table, digits));
  }
  store_affine(sum.point, inverses(sum.point.z, x), x, y);
}

/// x and y of eight points; what is left over is the generator.
void store_products(std::span<const Product> points, Words& x, Words& y) noexcept {
  for (size_t lane = 0; lane < lanes; ++lane) {
    const bool there = lane < points.size();
    x.set(lane, there ? points[lane].x.montgomery() : P256::generator_x.montgomery());
    y.set(lane, there ? points[lane].y.montgomery() : P256::generator_y.montgomery());
  }
}

}  // namespace

void multiply_generator(const Number& k, Product& out) noexcept {
  struct {
    Halved k;
    Words x, y;
  } s{Halved(k), {}, {}};
  sum_windows(s.k, s.x, s.y);
  read_product(s.x, s.y, 0, s.k.negative, out);
  wipe(ec::memory_of(s));
}

void multiply_generator(std::span<const Number> k, std::span<Product> out) noexcept {
  struct {
    Scalars k;
    Words x, y;
  } s{Scalars(k), {}, {}};
  sum_windows_of_eight(s.k, s.x, s.y);
  for (size_t lane = 0; lane < out.size(); ++lane)
    read_product(s.x, s.y, lane, s.k.negative[lane], out[lane]);
  wipe(ec::memory_of(s));
}

void multiply(std::span<const Number> k, std::span<Product> points) noexcept {
  struct {
    Scalars k;
    Words x, y;
    Multiples multiples;
  } s{Scalars(k), {}, {}, {}};
  store_products(points, s.x, s.y);
  // With the table and what makes it, the frames are deeper than callers wipe. What makes it sees no secret,
  // but saves registers in which there may be some.
  with_wiped_stack<32768>([&] {
    make_multiples_vartime({load(s.x), load(s.y)}, s.multiples);
    multiply_windows(s.k, s.multiples, s.x, s.y);
  });
  for (size_t lane = 0; lane < points.size(); ++lane)
    read_product(s.x, s.y, lane, s.k.negative[lane], points[lane]);
  wipe(ec::memory_of(s));
}

}  // namespace bulla::crypto::p256
BULLA_TARGET_END

#endif
