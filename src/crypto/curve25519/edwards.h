// Points of edwards25519, -x² + y² = 1 + d·x²·y² (RFC 8032 §5.1), in the coordinates and by the formulas of
// Hisil, Wong, Carter and Dawson, "Twisted Edwards Curves Revisited" (2008). The formulas are complete: they
// hold for every pair of points, so nothing is branched on. Letters A to H are the paper's (its D is `dd`).
#pragma once

#include "crypto/curve25519/field.h"

namespace bulla::crypto::curve25519 {

/// Deeper than the frames of what signs, makes keys and agrees on secrets, without those of SHA-512, which
/// leave nothing: wipe_stack() overwrites so much afterwards.
inline constexpr size_t stack_depth = 16384;

/// (X : Y : Z) with x = X/Z and y = Y/Z: all that doubling reads.
struct Projective {
  Element x, y, z;
};
/// The same with x·y = T/Z (§3): what addition reads.
struct Extended {
  Element x, y, z, t;
};
/// A point to be added, with Z = 1, made ready: y + x, y - x, 2d·x·y.
template <unsigned k>
struct Prepared {
  Element y_plus_x, y_minus_x;
  Fe<k> xy2d;
};
/// The same for any Z.
struct PreparedExtended {
  Fe<2> y_plus_x;
  Fe<3> y_minus_x;
  Element z, t2d;
};

inline constexpr Extended identity = {zero, one, one, zero};

/// The same element with limbs of the tight bound.
template <unsigned k>
constexpr Element tighten(const Fe<k>& a) noexcept {
  return a * one;
}
/// d = -121665/121666 (RFC 8032 §5.1).
inline constexpr Element d = negate(element(121665)) * invert(element(121666));
inline constexpr Element d2 = tighten(d + d);
/// The square root of -1 that RFC 8032 §5.1.3 takes: 2^((p - 1)/4), and (p - 1)/4 = 2·(2^252 - 3) + 1.
inline constexpr Element sqrt_minus_1 = square(power_of_p_minus_5_over_8(element(2))) * element(2);

/// The last four products of every formula.
template <class Out, unsigned e_bound, unsigned f_bound, unsigned g_bound, unsigned h_bound>
constexpr Out finish(const Fe<e_bound>& e, const Fe<f_bound>& f, const Fe<g_bound>& g,
                     const Fe<h_bound>& h) noexcept {
  if constexpr (std::is_same_v<Out, Extended>)
    return {e * f, g * h, f * g, e * h};
  else
    return {e * f, g * h, f * g};
}

/// 2·p (§3.3, for a = -1, all signs turned).
template <class Out, class In>
constexpr Out twice(const In& p) noexcept {
  const auto a = square(p.x), b = square(p.y), zz = square(p.z);
  const auto c = zz + zz;
  const auto h = a + b;
  const auto g = a - b;
  const auto e = h - square(p.x + p.y);
  const auto f = c + g;
  return finish<Out>(e, f, g, h);
}

/// p + q (§3.1, for a = -1).
template <class Out, unsigned k>
constexpr Out add(const Extended& p, const Prepared<k>& q) noexcept {
  const auto a = (p.y - p.x) * q.y_minus_x, b = (p.y + p.x) * q.y_plus_x, c = p.t * q.xy2d;
  const auto dd = p.z + p.z;
  return finish<Out>(b - a, dd - c, dd + c, b + a);
}
/// Likewise.
template <class Out>
constexpr Out add(const Extended& p, const PreparedExtended& q) noexcept {
  const auto a = (p.y - p.x) * q.y_minus_x, b = (p.y + p.x) * q.y_plus_x, c = p.t * q.t2d;
  const auto zz = p.z * q.z;
  const auto dd = zz + zz;
  return finish<Out>(b - a, dd - c, dd + c, b + a);
}
/// p - q: -q has y + x and y - x swapped and its product x·y negated.
template <class Out, unsigned k>
constexpr Out subtract(const Extended& p, const Prepared<k>& q) noexcept {
  const auto a = (p.y - p.x) * q.y_plus_x, b = (p.y + p.x) * q.y_minus_x, c = p.t * q.xy2d;
  const auto dd = p.z + p.z;
  return finish<Out>(b - a, dd + c, dd - c, b + a);
}
/// Likewise.
template <class Out>
constexpr Out subtract(const Extended& p, const PreparedExtended& q) noexcept {
  const auto a = (p.y - p.x) * q.y_plus_x, b = (p.y + p.x) * q.y_minus_x, c = p.t * q.t2d;
  const auto zz = p.z * q.z;
  const auto dd = zz + zz;
  return finish<Out>(b - a, dd + c, dd - c, b + a);
}

constexpr PreparedExtended prepare(const Extended& p) noexcept {
  return {p.y + p.x, p.y - p.x, p.z, p.t * d2};
}

/// Whether two elements are equal; variable time.
constexpr bool equal_vartime(const Element& a, const Element& b) noexcept {
  const Limbs p = canonical_limbs(a.limbs), q = canonical_limbs(b.limbs);
  return p.l0 == q.l0 && p.l1 == q.l1 && p.l2 == q.l2 && p.l3 == q.l3 && p.l4 == q.l4;
}
/// The lowest bit of the number below p: what RFC 8032 §5.1.2 calls the sign.
constexpr unsigned sign_of(const Element& a) noexcept {
  return static_cast<unsigned>(canonical_limbs(a.limbs).l0 & 1);
}

/// RFC 8032 §5.1.3, steps 2 to 4: the x of the point that has this y and sign; false where there is none.
constexpr bool recover_x_vartime(const Element& y, unsigned sign, Element& x) noexcept {
  const Element yy = square(y);
  const Element u = tighten(yy - one);
  const auto v = d * yy + one;
  const Element v3 = square(v) * v;
  x = u * v3 * power_of_p_minus_5_over_8(u * square(v3) * v);
  const Element vxx = v * square(x);
  if (!equal_vartime(vxx, u)) {
    if (!equal_vartime(vxx, tighten(negate(u)))) return false;
    x = x * sqrt_minus_1;
  }
  if (sign == 1 && equal_vartime(x, zero)) return false;
  if (sign != sign_of(x)) x = tighten(negate(x));
  return true;
}

/// B: y = 4/5 and x even (RFC 8032 §5.1).
constexpr Extended make_base_point() noexcept {
  const Element y = element(4) * invert(element(5));
  Element x = zero;
  recover_x_vartime(y, 0, x);
  return {x, y, one, x * y};
}

/// RFC 8032 §5.1.3: the point that 32 bytes encode; false where they encode none, which includes y >= p.
bool decode_point_vartime(std::span<const uint8_t, 32> bytes, Extended& out) noexcept;
/// RFC 8032 §5.1.2. Constant time.
void encode_point(const Projective& p, std::span<uint8_t, 32> out) noexcept;
/// The same for a public point.
void encode_point_vartime(const Projective& p, std::span<uint8_t, 32> out) noexcept;
/// For as many as invert_all() takes, in constant time.
void encode_points(std::span<const Projective> all, Encoded* out) noexcept;

/// What a kernel brings: `multiply_base` is s·B in constant time; `s` is little-endian and below 2^255, and
/// need not be reduced. `multiply_bases` does that for some, `lanes` of them side by side.
/// `double_multiply_vartime` is s·B + k·p in variable time; both scalars are little-endian and below 2^253.
struct EdwardsAlgorithm {
  Projective (*multiply_base)(std::span<const uint8_t, 32> s) noexcept;
  void (*multiply_bases)(std::span<const Encoded> all, Projective* out) noexcept;
  Projective (*double_multiply_vartime)(std::span<const uint8_t, 32> s, std::span<const uint8_t, 32> k,
                                        const Extended& p) noexcept;
  uint8_t lanes;
};

/// Those of `soft`.
Projective multiply_base(std::span<const uint8_t, 32> s) noexcept;
/// Likewise.
Projective double_multiply_vartime(std::span<const uint8_t, 32> s, std::span<const uint8_t, 32> k,
                                   const Extended& p) noexcept;

}  // namespace bulla::crypto::curve25519
