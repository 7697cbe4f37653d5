// Scalar multiplication for kernels: Jacobian coordinates, windows over affine tables. multiply.h has the
// slower ways that are right without an argument; here is what makes the points at hand no exceptions.
#pragma once

#include "crypto/ec/jacobian.h"
#include "crypto/ec/lookup.h"
#include "crypto/ec/multiply.h"

namespace bulla::crypto::ec {

/// Multiples of the generator: for windows of six bits, 64^i·G times 1 ... 32.
/// A kernel's curve has `generator_window(i)` and the count of them, `generator_windows`: all, or only the
/// first, for verifiers.
template <class Curve>
struct GeneratorWindows {
  static constexpr size_t width = 6, points = 32;
  /// One more where bits would be left over for a carry.
  static constexpr size_t windows = (Curve::Scalar::bits + width) / width;
  /// As tools/make_ec_tables.py writes them: X and Y in Montgomery's form.
  using Window = typename Curve::Field::Number[points][2];
};

/// The products that ECDH and ECDSA ask for; CompleteProducts has the same functions.
template <class Curve>
struct WindowProducts {
  using Field = typename Curve::Field;
  using Scalar = typename Curve::Scalar;
  using Number = typename Scalar::Number;
  using Affine = AffinePoint<Curve>;
  using Sum = Jacobian<Curve>;
  static constexpr size_t vectors = sizeof(Affine) / 32;
  static_assert(sizeof(Affine) % 32 == 0);

  /// k·P for a secret k, 0 < k < n.
  static Affine multiply(const Number& k, const Affine& p) noexcept {
    return to_affine(multiply_jacobian(k, p));
  }
  /// k·G for a secret k, 0 < k < n.
  static Affine multiply_generator(const Number& k) noexcept {
    if constexpr (Curve::generator_windows < GeneratorWindows<Curve>::windows)
      return ec::multiply_generator<Curve>(k).affine();
    else
      return to_affine(multiply_generator_jacobian(k));
  }

  /// Exceptions. Before digit d is added the sum is m·P with m = 32·m'. m = d as a number only where both are
  /// 0, since |d| <= 16. Modulo n, m = d otherwise only after the last doublings, where k = m + d = n + 2d,
  /// and 32 divides n + d only if n modulo 32 is one of 1 ... 16.
  static Sum multiply_jacobian(const Number& k, const Affine& p) noexcept {
    static_assert(Scalar::modulus[0] % 32 > 16);
    constexpr size_t windows = (Scalar::bits + 5) / 5;
    struct {
      Affine multiples[16], term;
      Sum sum;
      Digit digit;
    } s;
    multiples_vartime(p, s.multiples);
    for (size_t i = windows; i-- > 0;) {
      if (i + 1 < windows) s.sum.double_in_place(5);
      s.digit = booth_digit<5>(k, i);
      add_digit(s.sum, s.multiples, 16, s.digit, s.term);
    }
    const Sum out = s.sum;
    wipe(memory_of(s));
    return out;
  }

  /// Exceptions. The sum is m·G where m has some of the digits of k, and d·64^i is added. m - d·64^i is a sum
  /// of digits between -32 and 32 times different powers of 64: it is 0 only if all of them are. And it is no
  /// other multiple of n: README.md.
  static Sum multiply_generator_jacobian(const Number& k) noexcept {
    using Windows = GeneratorWindows<Curve>;
    struct {
      Affine term;
      Sum sum;
      Digit digit;
    } s;
    for (size_t i = 0; i < Windows::windows; ++i) {
      s.digit = booth_digit<Windows::width>(k, i);
      add_digit(s.sum, Curve::generator_window(i), Windows::points, s.digit, s.term);
    }
    const Sum out = s.sum;
    wipe(memory_of(s));
    return out;
  }

  /// Whether u·G + v·P, of public numbers, has an X that is r modulo n; not where it is infinite.
  static bool has_x_vartime(const Number& u, const Number& v, const Affine& p, const Number& r) noexcept {
    const Sum sum = multiply_two_vartime(u, v, p);
    if (sum.z.is_zero().bit()) return false;
    // X/Z² is below p, and r or r + n.
    const Field zz = sum.z.square();
    if (is_equal(Field::from_number(r) * zz, sum.x).bit()) return true;
    Number more = r;
    return add_to(more, Scalar::modulus) == 0 && is_less(more, Field::modulus).bit() != 0 &&
           is_equal(Field::from_number(more) * zz, sum.x).bit() != 0;
  }

  static Sum multiply_two_vartime(const Number& u, const Number& v, const Affine& p) noexcept {
    const auto of_g = non_adjacent_form<6>(u), of_p = non_adjacent_form<5>(v);
    Affine odd[8];  // P, 3P, ..., 15P
    odd_multiples_vartime(p, odd);
    Sum sum;
    for (size_t i = of_g.size(); i-- > 0;) {
      sum.double_in_place();
      if (of_p[i] != 0) sum.add_vartime(signed_vartime(odd[std::abs(of_p[i]) / 2], of_p[i] < 0));
      if (of_g[i] != 0) {
        const auto& entry = Curve::generator_window(0)[std::abs(of_g[i]) - 1];
        sum.add_vartime(signed_vartime({Field::from_montgomery(entry[0]), Field::from_montgomery(entry[1])},
                                       of_g[i] < 0));
      }
    }
    return sum;
  }

 private:
  static Affine to_affine(Sum sum) noexcept {
    const Affine out = sum.affine();
    wipe(memory_of(sum));
    return out;
  }

  /// sum += digit·P, where the table has P, 2P, ...
  template <class Table>
  static void add_digit(Sum& sum, const Table& table, size_t count, const Digit& digit,
                        Affine& term) noexcept {
    lookup_avx2<vectors>(table, count, digit.magnitude, &term);
    term.y.assign_if(digit.negative, -term.y);
    sum.add_unless(Mask::is_zero(digit.magnitude), term);
  }

  /// P, 2P, ..., 16P. No exceptions: i·P is not ±P for 1 < i < n - 1.
  static void multiples_vartime(const Affine& p, Affine (&out)[16]) noexcept {
    Sum points[16] = {Sum::of(p)};
    for (size_t i = 1; i < 16; ++i) {
      points[i] = points[i % 2 == 1 ? i / 2 : i - 1];
      if (i % 2 == 1)
        points[i].double_in_place();
      else
        points[i].add_finite(p);
    }
    to_affine_vartime(points, out);
  }

  /// P, 3P, ..., 15P, with sums on the isomorphic curve where 2P has Z = 1 (its points are those of ours with
  /// X·Z² and Y·Z³, for the Z of 2P; sums with affine points ask nothing of a curve's coefficients).
  static void odd_multiples_vartime(const Affine& p, Affine (&out)[8]) noexcept {
    Sum two = Sum::of(p);
    two.double_in_place();
    const Field zz = two.z.square();
    Sum points[8] = {Sum::of({p.x * zz, p.y * (zz * two.z)})};
    for (size_t i = 1; i < 8; ++i) {
      points[i] = points[i - 1];
      points[i].add_finite({two.x, two.y});
    }
    for (Sum& point : points) point.z = point.z * two.z;
    to_affine_vartime(points, out);
  }

  static Affine signed_vartime(const Affine& p, bool negative) noexcept {
    return negative ? Affine{p.x, -p.y} : p;
  }

  /// Σ 2^i digit(i) = k, with digits that are odd and below 2^(width-1), or zero; width - 1 zeros follow each
  /// that is not (Solinas, "Efficient Arithmetic on Koblitz Curves", 2000).
  template <size_t width>
  static std::array<int8_t, Scalar::bits + 1> non_adjacent_form(const Number& k) noexcept {
    std::array<int8_t, Scalar::bits + 1> digits{};
    Limb carry = 0;
    for (size_t i = 0; i < digits.size();) {
      if (bits_at(k, i, 1) == carry) {
        ++i;
        continue;
      }
      const int digit = static_cast<int>(bits_at(k, i, width) + carry);
      carry = static_cast<Limb>(digit >> (width - 1));
      digits[i] = static_cast<int8_t>(digit - (static_cast<int>(carry) << width));
      i += width;
    }
    return digits;
  }
};

}  // namespace bulla::crypto::ec
