// Scalar multiplication: by a window of five bits for any point, by a comb for the generator, and a variable
// time one for verifiers.
#pragma once

#include "crypto/by_lanes.h"
#include "crypto/ec/group.h"
#include "crypto/wipe_stack.h"

#include <span>

namespace bulla::crypto::ec {

/// Deeper than the frames of a scalar multiplication on P-521, which are the largest but for those of P-256's
/// lanes, which wipe what lies deeper themselves.
inline constexpr size_t stack_depth = 16384;

/// The object's bytes, to be wiped.
template <class T>
MutBytes memory_of(T& object) noexcept {
  return {reinterpret_cast<uint8_t*>(&object), sizeof object};
}

/// A signed digit, between -16 and 16 where it has a width of five bits.
struct Digit {
  Limb negative;   ///< all ones or zero
  Limb magnitude;  ///< 0 to 16
};

/// Booth's recoding, for five bits: k = Σ 32^i digit(i). Each digit is read from five bits and the one below
/// them, b[4] ... b[0], b[-1]: -16 b[4] + 8 b[3] + ... + b[0] + b[-1].
template <size_t width, size_t n>
Digit booth_digit(const Limbs<n>& k, size_t i) noexcept {
  const Limb bits = i == 0 ? bits_at(k, 0, width) << 1 : bits_at(k, width * i - 1, width + 1);
  const Limb negative = mask_of_bit(bits >> width);
  // A negative digit is minus the one of the complement, for -16 + x + b = -((31 - x - 16) + (1 - b)).
  const Limb positive = (bits ^ negative) & ((Limb{2} << width) - 1);
  return {negative, (positive >> 1) + (positive & 1)};
}

/// k·P for a secret k below the order. Time depends on the curve only.
template <class Curve>
Point<Curve> multiply(const typename Curve::Scalar::Number& k, const AffinePoint<Curve>& p) noexcept {
  // The highest window begins above the highest bit, so that its digit is not negative.
  constexpr size_t windows = (Curve::Scalar::bits + 5) / 5;
  struct {
    Point<Curve> multiples[16];  // P, 2P, ..., 16P
    Point<Curve> sum, term;
    Digit digit;
  } s;
  s.multiples[0] = Point<Curve>::of(p);
  for (size_t i = 1; i < 16; ++i)
    s.multiples[i] = i % 2 == 1 ? s.multiples[i / 2].doubled() : s.multiples[i - 1] + p;
  for (size_t i = windows; i-- > 0;) {
    if (i + 1 < windows) s.sum = s.sum.doubled(5);
    s.digit = booth_digit<5>(k, i);
    s.term = Point<Curve>::infinity();
    for (size_t j = 0; j < 16; ++j) {
      const Limb hit = Mask::is_equal(s.digit.magnitude, j + 1).bits();
      s.term.x.assign_if(hit, s.multiples[j].x);
      s.term.y.assign_if(hit, s.multiples[j].y);
      s.term.z.assign_if(hit, s.multiples[j].z);
    }
    s.term.y.assign_if(s.digit.negative, -s.term.y);
    s.sum = i + 1 < windows ? s.sum + s.term : s.term;
  }
  const Point<Curve> out = s.sum;
  wipe(memory_of(s));
  return out;
}

/// A comb (Lim, Lee, "More Flexible Exponentiation with Precomputation", 1994) with signed bits (Feng et al.,
/// "Signed MSB-Set Comb Method", 2006). An odd k < 2^bits is Σ ±2^i over `bits` signs: sign i is plus where
/// bit i of (k + 2^bits - 1)/2 is set. The signs stand in a grid: tooth j, comb t and column c have the one
/// of 2^(j combs columns + t columns + c). Table t has the sums of all teeth for c = 0, the highest plus, the
/// others by the bits of the index.
template <class Curve>
struct Comb {
  static constexpr size_t teeth = 6, combs = 2;
  static constexpr size_t columns = (Curve::Scalar::bits + teeth * combs - 1) / (teeth * combs);
  static constexpr size_t bits = teeth * combs * columns;
  static constexpr size_t points = size_t{1} << (teeth - 1);
  /// As tools/make_ec_tables.py writes them: X and Y in Montgomery's form.
  using Table = typename Curve::Field::Number[combs][points][2];
};

/// k·G for a secret k below the order. Time depends on the curve only.
template <class Curve>
Point<Curve> multiply_generator(const typename Curve::Scalar::Number& k) noexcept {
  using C = Comb<Curve>;
  using Number = typename Curve::Scalar::Number;
  struct {
    Number odd, other;
    Limbs<Number().size() + 1> signs;
    AffinePoint<Curve> term;
    Point<Curve> sum;
    Limb even, index, minus;
  } s;
  // An even k becomes n - k, which is odd, and the product is negated.
  s.even = mask_of_bit(~k[0] & 1);
  s.other = Curve::Scalar::modulus;
  subtract_from(s.other, k);
  s.odd = select(s.even, s.other, k);
  // (odd + 2^bits - 1)/2 = (odd - 1)/2 + 2^(bits-1)
  s.signs = {};
  for (size_t i = 0; i < s.odd.size(); ++i)
    s.signs[i] = s.odd[i] >> 1 | (i + 1 < s.odd.size() ? s.odd[i + 1] << 63 : 0);
  s.signs[(C::bits - 1) / 64] |= Limb{1} << ((C::bits - 1) % 64);

  s.sum = Point<Curve>::infinity();
  for (size_t column = C::columns; column-- > 0;) {
    if (column + 1 < C::columns) s.sum = s.sum.doubled();
    for (size_t comb = 0; comb < C::combs; ++comb) {
      s.index = 0;
      for (size_t tooth = 0; tooth < C::teeth; ++tooth)
        s.index |= bits_at(s.signs, (tooth * C::combs + comb) * C::columns + column, 1) << tooth;
      // Where the highest tooth is negative, the whole column is minus the one with all signs turned.
      s.minus = mask_of_bit(~(s.index >> (C::teeth - 1)) & 1);
      s.index = (s.index ^ s.minus) & (C::points - 1);
      for (size_t i = 0; i < C::points; ++i) {
        const Limb hit = Mask::is_equal(s.index, i).bits();
        const auto& entry = Curve::generator_table[comb][i];
        s.term.x.assign_if(hit, Curve::Field::from_montgomery(entry[0]));
        s.term.y.assign_if(hit, Curve::Field::from_montgomery(entry[1]));
      }
      s.term.y.assign_if(s.minus, -s.term.y);
      s.sum = s.sum + s.term;
    }
  }
  s.sum.y.assign_if(s.even, -s.sum.y);
  const Point<Curve> out = s.sum;
  wipe(memory_of(s));
  return out;
}

/// k·P for public numbers: the digits are odd, between -15 and 15, or zero, and at least four zeros follow
/// each that is not (width-5 NAF: Solinas, "Efficient Arithmetic on Koblitz Curves", 2000).
template <class Curve>
Point<Curve> multiply_vartime(typename Curve::Scalar::Number k, const AffinePoint<Curve>& p) noexcept {
  using Number = typename Curve::Scalar::Number;
  std::array<int8_t, Curve::Scalar::bits + 1> digits{};
  size_t top = 0;
  for (size_t i = 0; i < digits.size() && bit_length(k) > 0; ++i) {
    if (k[0] & 1) {
      // The sum below has no carry: the order's lowest limb is not within 16 of 2^64.
      const auto low = static_cast<int>(k[0] & 31);
      digits[i] = static_cast<int8_t>(low < 16 ? low : low - 32);
      if (low < 16)
        subtract_from(k, Number{static_cast<Limb>(low)});
      else
        add_to(k, Number{static_cast<Limb>(32 - low)});
      top = i + 1;
    }
    for (size_t j = 0; j < k.size(); ++j) k[j] = k[j] >> 1 | (j + 1 < k.size() ? k[j + 1] << 63 : 0);
  }
  Point<Curve> odd[8] = {Point<Curve>::of(p)};  // P, 3P, ..., 15P
  const Point<Curve> two = odd[0].doubled();
  for (size_t i = 1; i < 8; ++i) odd[i] = odd[i - 1] + two;
  Point<Curve> sum = Point<Curve>::infinity();
  unsigned pending = 0;
  for (size_t i = top; i-- > 0;) {
    ++pending;
    if (digits[i] == 0) continue;
    sum = sum.doubled(pending);
    pending = 0;
    sum = digits[i] > 0 ? sum + odd[digits[i] / 2] : sum + -odd[-digits[i] / 2];
  }
  return pending > 0 ? sum.doubled(pending) : sum;
}

/// u·G + v·P for public numbers.
template <class Curve>
Point<Curve> multiply_two_vartime(const typename Curve::Scalar::Number& u,
                                  const typename Curve::Scalar::Number& v,
                                  const AffinePoint<Curve>& p) noexcept {
  return multiply_generator<Curve>(u) + multiply_vartime(v, p);
}

/// The products that ECDH and ECDSA ask for, of points that are not infinite. Kernels may bring faster ones.
template <class Curve>
struct CompleteProducts {
  using Number = typename Curve::Scalar::Number;
  using Affine = AffinePoint<Curve>;

  /// k·P and k·G for a secret k, 0 < k < n.
  static Affine multiply(const Number& k, const Affine& p) noexcept {
    return ec::multiply<Curve>(k, p).affine();
  }
  static Affine multiply_generator(const Number& k) noexcept {
    return ec::multiply_generator<Curve>(k).affine();
  }
  /// Whether u·G + v·P, of public numbers, has an X that is r modulo n; not where it is infinite.
  static bool has_x_vartime(const Number& u, const Number& v, const Affine& p, const Number& r) noexcept {
    const Point<Curve> sum = multiply_two_vartime<Curve>(u, v, p);
    if (sum.is_infinity().bit()) return false;
    return Curve::Scalar::from_number(sum.affine().x.number()).number() == r;
  }
};

/// How many products are computed side by side; products that say nothing of it are computed one by one.
template <class Products>
inline constexpr size_t lanes_of = 1;
template <class Products>
  requires(Products::lanes > 1)
inline constexpr size_t lanes_of<Products> = Products::lanes;

/// As many as there are lanes, at most: k·P instead of each P, and k·G.
template <class Products>
void multiply_all(std::span<const typename Products::Number> k,
                  std::span<typename Products::Affine> points) noexcept {
  if constexpr (lanes_of<Products> > 1) return Products::multiply_all(k, points);
  for (size_t i = 0; i < k.size(); ++i) points[i] = Products::multiply(k[i], points[i]);
}
template <class Products>
void multiply_generator_all(std::span<const typename Products::Number> k,
                            std::span<typename Products::Affine> out) noexcept {
  if constexpr (lanes_of<Products> > 1) return Products::multiply_generator_all(k, out);
  for (size_t i = 0; i < k.size(); ++i) out[i] = Products::multiply_generator(k[i]);
}

}  // namespace bulla::crypto::ec
