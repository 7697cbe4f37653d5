// Points of y² = x³ - 3x + b over a prime field, whose number is an odd prime.
#pragma once

#include "crypto/ec/residue.h"

namespace bulla::crypto::ec {

/// What the formulas below need of a curve: its fields, and its constants as Residues.
///   Field, Scalar: Residue<...> modulo p and modulo the order n
///   b, generator_x, generator_y: Field
///
/// A point in the plane, never the one at infinity.
template <class Curve>
struct AffinePoint {
  typename Curve::Field x, y;

  /// Uncompressed form without its first byte: X || Y, big-endian.
  void encode(MutBytes out) const noexcept {
    to_big_endian(x.number(), out.first(Curve::Field::bytes));
    to_big_endian(y.number(), out.subspan(Curve::Field::bytes));
  }
  Mask is_on_curve() const noexcept {
    const auto three_x = x + x + x;
    return is_equal(y.square(), x.square() * x - three_x + Curve::b);
  }
};

/// (X : Y : Z) is (X/Z, Y/Z), or the point at infinity (0 : 1 : 0). The sums are the complete formulas of
/// Renes, Costello, Batina, "Complete addition formulas for prime order elliptic curves" (2015): right for
/// all pairs of points, equal, opposite or infinite, since the order is odd; no case is told from another.
template <class Curve>
struct Point {
  using Field = typename Curve::Field;
  using Affine = AffinePoint<Curve>;
  Field x, y, z;

  static Point infinity() noexcept { return {Field(), Field::one(), Field()}; }
  static Point of(const Affine& p) noexcept { return {p.x, p.y, Field::one()}; }
  static Point generator() noexcept { return {Curve::generator_x, Curve::generator_y, Field::one()}; }

  /// Algorithm 4.
  friend Point operator+(const Point& p, const Point& q) noexcept {
    const Field xx = p.x * q.x, yy = p.y * q.y, zz = p.z * q.z;
    const Field xy = (p.x + p.y) * (q.x + q.y) - (xx + yy);
    const Field yz = (p.y + p.z) * (q.y + q.z) - (yy + zz);
    const Field xz = (p.x + p.z) * (q.x + q.z) - (xx + zz);
    return sum(xx, yy, zz, xy, yz, xz);
  }
  /// Algorithm 5: the second point has Z = 1.
  friend Point operator+(const Point& p, const Affine& q) noexcept {
    const Field xx = p.x * q.x, yy = p.y * q.y;
    const Field xy = (p.x + p.y) * (q.x + q.y) - (xx + yy);
    const Field yz = q.y * p.z + p.y;
    const Field xz = q.x * p.z + p.x;
    return sum(xx, yy, p.z, xy, yz, xz);
  }
  /// Algorithm 4 for P + P.
  Point doubled() const noexcept {
    const Field xx = x.square(), yy = y.square(), zz = z.square();
    const Field xy = twice(x * y), yz = twice(y * z), xz = twice(x * z);
    return sum(xx, yy, zz, xy, yz, xz);
  }
  /// 2^times · this, by Jacobian coordinates, (X/Z², Y/Z³), whose doubling costs less (dbl-2001-b of the
  /// Explicit-Formulas Database). It has one exception, a point of order two (y = 0), and there is none. The
  /// point at infinity comes out as (0 : 0 : 0), and is put right at the end.
  Point doubled(unsigned times) const noexcept {
    Field jx = x * z, jy = y * z.square(), jz = z;
    for (; times > 0; --times) {
      const Field delta = jz.square(), gamma = jy.square(), beta = jx * gamma;
      const Field alpha = thrice((jx - delta) * (jx + delta));
      const Field beta4 = twice(twice(beta));
      jz = (jy + jz).square() - (gamma + delta);
      jx = alpha.square() - twice(beta4);
      jy = alpha * (beta4 - jx) - twice(twice(twice(gamma.square())));
    }
    const Field zz = jz.square();
    return {jx * jz, select(jz.is_zero(), Field::one(), jy), zz * jz};
  }
  Point operator-() const noexcept { return {x, -y, z}; }

  Mask is_infinity() const noexcept { return z.is_zero(); }
  /// The same point, whatever the Z.
  friend Mask is_equal(const Point& p, const Point& q) noexcept {
    return is_equal(p.x * q.z, q.x * p.z) & is_equal(p.y * q.z, q.y * p.z) &
           (~(p.is_infinity() | q.is_infinity()) | (p.is_infinity() & q.is_infinity()));
  }
  /// For a point that is not infinite; (0, 0) for the one that is.
  Affine affine() const noexcept {
    const Field inverse = z.inverse();
    return {x * inverse, y * inverse};
  }

 private:
  static Field twice(const Field& a) noexcept { return a + a; }
  static Field thrice(const Field& a) noexcept { return a + a + a; }

  /// What the three algorithms share, from X1·X2, Y1·Y2, Z1·Z2, X1·Y2 + X2·Y1, Y1·Z2 + Y2·Z1, X1·Z2 + X2·Z1.
  static Point sum(const Field& xx, const Field& yy, const Field& zz, const Field& xy, const Field& yz,
                   const Field& xz) noexcept {
    const Field u = thrice(xz - Curve::b * zz);
    const Field minus = yy - u, plus = yy + u;
    const Field zz3 = thrice(zz);
    const Field v = thrice(Curve::b * xz - (zz3 + xx));
    const Field w = thrice(xx) - zz3;
    return {xy * plus - yz * v, plus * minus + w * v, yz * minus + xy * w};
  }
};

}  // namespace bulla::crypto::ec
