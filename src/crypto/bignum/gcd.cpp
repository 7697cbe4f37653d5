// Stein's binary algorithm ("Computational problems associated with Racah algebra", 1967; Handbook of Applied
// Cryptography, 14.54 and 14.61), brought to a fixed number of rounds: while neither number is zero, each
// round takes at least one bit off one of them, and further rounds change nothing.
#include "crypto/bignum/gcd.h"

namespace bulla::crypto::bignum {
namespace {

/// One round's subtraction: where u and v are odd, the larger gives up the smaller.
struct Subtracted {
  LimbMask u, v;  ///< which of them did
};
Subtracted subtract_smaller(MutLimbs u, MutLimbs v) noexcept {
  const LimbMask both_odd = is_odd(u) & is_odd(v);
  const LimbMask u_less = is_less(u, v);
  const Subtracted did{both_odd & ~u_less, both_odd & u_less};
  subtract_if(did.u, u, u, v);
  subtract_if(did.v, v, v, u);
  return did;
}

/// Halves it where the mask is true; `high` comes in at the top.
void halve_if(LimbMask mask, MutLimbs a, Limb high) noexcept {
  for (size_t i = 0; i < a.size(); ++i) {
    const Limb above = i + 1 < a.size() ? a[i + 1] : high;
    a[i] = mask.select(a[i] >> 1 | above << (limb_bits - 1), a[i]);
  }
}

}  // namespace

void gcd(MutLimbs out, Limbs a, Limbs b) {
  SecretLimbs u(a), v(b);
  const size_t rounds = 2 * limb_bits * a.size();
  Limb twos = 0;  // the factors of 2 that both have
  for (size_t i = 0; i < rounds; ++i) {
    subtract_smaller(u, v);
    const LimbMask u_even = ~is_odd(u), v_even = ~is_odd(v);
    twos += (u_even & v_even).bit();
    halve_if(u_even, u, 0);
    halve_if(v_even, v, 0);
  }
  // One is zero.
  for (size_t i = 0; i < out.size(); ++i) out[i] = u[i] | v[i];
  shift_left(out, twos, rounds + 1);
}

namespace {

/// u = A·a - B·n and v = D·n - C·a, with A, C < n and B, D <= a: what HAC 14.61 keeps true.
struct Bezout {
  SecretLimbs u, v, a1, b1, c1, d1;
  Limbs a, n;

  Bezout(Limbs of, Limbs modulus)
      : u(of), v(modulus), a1(of.size()), b1(of.size()), c1(of.size()), d1(of.size()), a(of), n(modulus) {
    a1[0] = d1[0] = 1;
  }

  /// (x, y) += (x', y') where true, back below (n, a). Since x·a - y·n is to be a number from 0 to n, x
  /// reaches n exactly where y reaches a: one condition serves both.
  void add_row(LimbMask where, MutLimbs x, MutLimbs y, Limbs x2, Limbs y2) const noexcept {
    const Limb carry = add_if(where, x, x, x2);
    add_if(where, y, y, y2);
    const LimbMask over = where & (LimbMask::of_bit(carry) | ~is_less(x, n));
    subtract_if(over, x, x, n);
    subtract_if(over, y, y, a);
  }

  /// Halves a number where it is even, and its row: (n, a) is added first where the row is odd, which changes
  /// neither x·a - y·n nor, as a or n is odd, leaves an odd number.
  void halve_row(MutLimbs number, MutLimbs x, MutLimbs y) const noexcept {
    const LimbMask even = ~is_odd(number);
    halve_if(even, number, 0);
    const LimbMask odd_row = even & (is_odd(x) | is_odd(y));
    const Limb carry_x = add_if(odd_row, x, x, n);
    const Limb carry_y = add_if(odd_row, y, y, a);
    halve_if(even, x, carry_x);
    halve_if(even, y, carry_y);
  }

  void round() noexcept {
    const Subtracted did = subtract_smaller(u, v);
    add_row(did.u, a1, b1, c1, d1);
    add_row(did.v, c1, d1, a1, b1);
    halve_row(u, a1, b1);
    halve_row(v, c1, d1);
  }
};

}  // namespace

LimbMask inverse(MutLimbs out, Limbs a, Limbs n) {
  Bezout s(a, n);
  for (size_t i = 0; i < 2 * limb_bits * n.size(); ++i) s.round();
  // u = 0 now and v = gcd(a, n) = D·n - C·a, so that -C is the inverse if there is one.
  subtract(out, n, s.c1);
  // C = 0 means n = 1, whose only remainder is 0.
  subtract_if(is_equal(out, n), out, out, n);
  return is_small(s.v, 1);
}

}  // namespace bulla::crypto::bignum
