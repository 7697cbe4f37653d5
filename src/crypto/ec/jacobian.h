// Points in Jacobian coordinates, for kernels: (X : Y : Z) is (X/Z², Y/Z³), or the point at infinity where
// Z = 0. A doubling takes 8 products and a sum with an affine point 11, where the complete formulas (group.h)
// take 12 and 13, and more sums. The price: they are not right for all points, and who calls them says why
// the points at hand are no exceptions.
#pragma once

#include "crypto/ec/group.h"

namespace bulla::crypto::ec {

template <class Curve>
struct Jacobian {
  using Field = typename Curve::Field;
  using Affine = AffinePoint<Curve>;
  Field x, y, z;

  static Jacobian of(const Affine& p) noexcept { return {p.x, p.y, Field::one()}; }

  /// For all points: there is none of order two, and for Z = 0 the new Z is 0. dbl-2004-hmv of the
  /// Explicit-Formulas Database.
  [[gnu::noinline]] void double_in_place() noexcept {
    // What does not wait for one another stands side by side.
    const Field zz = z.square();
    const Field y2 = y + y;
    const Field below = x - zz, above = x + zz;
    const Field yy4 = y2.square();
    const Field product = below * above;
    z = y2 * z;
    const Field slope = product + product + product;
    const Field s = yy4 * x;
    const Field slope_squared = slope.square();
    const Field yyyy8 = yy4.square().half();
    x = slope_squared - (s + s);
    y = slope * (s - x) - yyyy8;
  }
  void double_in_place(size_t times) noexcept {
    for (; times > 0; --times) double_in_place();
  }

  /// What it is by which `q` and this differ: `h` is zero where the X are the same, `r` where the Y are.
  struct Difference {
    Field h, r;
  };
  /// this + q. Not for this = q, and not for the point at infinity; right for this = -q (Z = 0). madd of
  /// Cohen, Miyaji, Ono, "Efficient elliptic curve exponentiation using mixed coordinates", 1998.
  [[gnu::noinline]] void add_finite(const Affine& q) noexcept {
    const Difference d = difference_to(q);
    add_by(d);
  }
  [[gnu::always_inline]] Difference difference_to(const Affine& q) const noexcept {
    const Field zz = z.square();
    const Field zzz = zz * z;
    return {q.x * zz - x, q.y * zzz - y};
  }
  [[gnu::always_inline]] void add_by(const Difference& d) noexcept {
    z = z * d.h;
    const Field hh = d.h.square();
    const Field hhh = hh * d.h;
    const Field v = hh * x;
    const Field yhhh = hhh * y;
    x = d.r.square() - hhh - (v + v);
    y = d.r * (v - x) - yhhh;
  }

  /// this + q unless `skip`, also where this is the point at infinity. Not for this = q.
  void add_unless(Mask skip, const Affine& q) noexcept {
    struct {
      Jacobian sum;
      Mask infinite;
    } s{*this, z.is_zero()};
    s.sum.add_finite(q);
    const Mask first = s.infinite & ~skip, further = ~s.infinite & ~skip;
    x.assign_if(further.bits(), s.sum.x);
    y.assign_if(further.bits(), s.sum.y);
    z.assign_if(further.bits(), s.sum.z);
    x.assign_if(first.bits(), q.x);
    y.assign_if(first.bits(), q.y);
    z.assign_if(first.bits(), Field::one());
  }
  /// this + q for all points, in time that tells them apart.
  void add_vartime(const Affine& q) noexcept {
    if (z.is_zero().bit()) {
      *this = of(q);
      return;
    }
    const Difference d = difference_to(q);
    if (d.h.is_zero().bit() && d.r.is_zero().bit())
      double_in_place();
    else
      add_by(d);
  }

  /// For a point that is not infinite; (0, 0) for the one that is.
  Affine affine() const noexcept { return by_inverse(z.inverse()); }
  Affine by_inverse(const Field& inverse) const noexcept {
    const Field square = inverse.square();
    return {x * square, y * (square * inverse)};
  }
};

/// Affine coordinates of finite points that are public, by one inverse (Montgomery's trick).
template <size_t count, class Curve>
void to_affine_vartime(const Jacobian<Curve> (&points)[count], AffinePoint<Curve>* out) noexcept {
  using Field = typename Curve::Field;
  Field products[count] = {points[0].z};
  for (size_t i = 1; i < count; ++i) products[i] = products[i - 1] * points[i].z;
  Field inverse = products[count - 1].inverse_vartime();
  for (size_t i = count; i-- > 1;) {
    out[i] = points[i].by_inverse(inverse * products[i - 1]);
    inverse = inverse * points[i].z;
  }
  out[0] = points[0].by_inverse(inverse);
}

}  // namespace bulla::crypto::ec
