// Integers modulo an odd number m in Montgomery's form (P. Montgomery, "Modular Multiplication Without Trial
// Division", 1985): x is kept as x·R mod m, R = 2^(64 n), so that the division in a product is one by R.
//
// Bounds. Every Residue holds a number below m. A product t of n-limb numbers is reduced where t < m·R:
// adding multiples q·m, q < R, makes it divisible by R, and (t + q·m) / R < (m·R + R·m) / R = 2 m, so that
// one conditional subtraction gives the number below m. t < m·R holds for a product of a Residue and any
// number of n limbs, which is what from_number() is built on.
#pragma once

#include "crypto/ec/limbs.h"

#include <bulla/secret.h>

namespace bulla::crypto::ec {

/// `Modulus` has a constant `value`, Limbs<n>. A modulus of special form may bring a faster step of the
/// reduction: `static constexpr Limb cancel(Limb* t)`, which adds the multiple of m that makes the lowest of
/// the limbs t[0..n-1] zero and returns the carry into t[n]; t[0] itself need not be written.
template <class Modulus>
class Residue {
 public:
  static constexpr size_t n = Modulus::value.size();
  using Number = Limbs<n>;
  static constexpr Number modulus = Modulus::value;
  static_assert(modulus[0] % 2 == 1 && modulus[n - 1] != 0);
  /// How long numbers are, in bits and in bytes.
  static constexpr size_t bits = bit_length(modulus), bytes = (bits + 7) / 8;

  /// Zero.
  constexpr Residue() noexcept = default;
  static constexpr Residue one() noexcept { return from_montgomery(r_mod_m); }
  /// x mod m, for any x of n limbs.
  static constexpr Residue from_number(const Number& x) noexcept {
    return from_montgomery(reduce(multiply(x, r2_mod_m)));
  }
  /// The residue whose form in memory is `x`, which is below m.
  static constexpr Residue from_montgomery(const Number& x) noexcept {
    Residue out;
    out.v_ = x;
    return out;
  }
  constexpr const Number& montgomery() const noexcept { return v_; }
  constexpr Number number() const noexcept {
    Limbs<2 * n> t{};
    for (size_t i = 0; i < n; ++i) t[i] = v_[i];
    return reduce(t);
  }

  friend constexpr Residue operator+(const Residue& a, const Residue& b) noexcept {
    Number sum = a.v_;
    const Limb carry = add_to(sum, b.v_);
    return from_montgomery(below_modulus(sum, carry));
  }
  friend constexpr Residue operator-(const Residue& a, const Residue& b) noexcept {
    Number difference = a.v_;
    const Limb mask = mask_of_bit(subtract_from(difference, b.v_));
    // Where there was a borrow, m is added, and the carry of that cancels the borrow.
    add_to(difference, select(mask, modulus, Number{}));
    return from_montgomery(difference);
  }
  constexpr Residue operator-() const noexcept { return Residue() - *this; }
  [[gnu::noinline]] friend constexpr Residue operator*(const Residue& a, const Residue& b) noexcept {
    return from_montgomery(reduce(multiply(a.v_, b.v_)));
  }
  [[gnu::noinline]] constexpr Residue square() const noexcept {
    return from_montgomery(reduce(ec::square(v_)));
  }
  /// The square of the square ..., `times` times.
  constexpr Residue square(size_t times) const noexcept {
    Residue out = *this;
    for (; times > 0; --times) out = out.square();
    return out;
  }

  /// 1/x by x^(m-2) (Fermat), for a prime m; 0 for 0. The exponent is public: its windows of four bits pick
  /// the factors.
  Residue inverse() const noexcept {
    struct {
      Residue power[16], out;
    } s;
    s.power[0] = one();
    for (size_t i = 1; i < 16; ++i) s.power[i] = s.power[i - 1] * *this;
    s.out = s.power[bits_at(minus_two, (bits - 1) / 4 * 4, 4)];
    for (size_t at = (bits - 1) / 4 * 4; at > 0;) {
      at -= 4;
      s.out = s.out.square(4);
      if (const Limb window = bits_at(minus_two, at, 4); window != 0) s.out = s.out * s.power[window];
    }
    const Residue out = s.out;
    wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
    return out;
  }

  Mask is_zero() const noexcept { return ec::is_zero(v_); }
  friend Mask is_equal(const Residue& a, const Residue& b) noexcept {
    Limb difference = 0;
    for (size_t i = 0; i < n; ++i) difference |= a.v_[i] ^ b.v_[i];
    return Mask::is_zero(difference);
  }
  /// `a` where true, `b` where not.
  friend Residue select(Mask mask, const Residue& a, const Residue& b) noexcept {
    return from_montgomery(ec::select(mask.bits(), a.v_, b.v_));
  }
  /// Becomes `other` where the mask is all ones: a step of a scan over a table.
  void assign_if(Limb mask, const Residue& other) noexcept { v_ = ec::select(mask, other.v_, v_); }

 private:
  /// x + top·2^(64 n), which is below 2 m, brought below m.
  [[gnu::always_inline]] static constexpr Number below_modulus(const Number& x, Limb top) noexcept {
    Number difference = x;
    const Limb borrow = subtract_from(difference, modulus);
    // x is kept where it was below m: where there was a borrow that no carry pays for.
    return ec::select(mask_of_bit(borrow & ~top & 1), x, difference);
  }

  /// t/R mod m, for t < m·R; limb by limb a multiple of m is added that makes the lowest one zero.
  [[gnu::always_inline]] static constexpr Number reduce(Limbs<2 * n> t) noexcept {
    Limb top = 0;  // 0 or 1: what t has grown beyond its limbs so far, at the place of t[i + n]
#pragma GCC unroll 9
    for (size_t i = 0; i < n; ++i) {
      const DoubleLimb sum = DoubleLimb{t[i + n]} + cancel(t.data() + i) + top;
      t[i + n] = static_cast<Limb>(sum);
      top = static_cast<Limb>(sum >> 64);
    }
    Number high{};
    for (size_t i = 0; i < n; ++i) high[i] = t[i + n];
    return below_modulus(high, top);
  }

  [[gnu::always_inline]] static constexpr Limb cancel(Limb* t) noexcept {
    if constexpr (requires { Modulus::cancel(t); }) {
      return Modulus::cancel(t);
    } else {
      const Limb q = t[0] * minus_inverse;
      Limb carry = 0;
#pragma GCC unroll 9
      for (size_t j = 0; j < n; ++j) t[j] = multiply_add(q, modulus[j], t[j], carry);
      return carry;
    }
  }

  /// -1/m mod 2^64, by Newton's iteration: each step doubles the count of right bits, of which m has 3.
  static constexpr Limb minus_inverse = [] {
    Limb inverse = modulus[0];
    for (int step = 0; step < 5; ++step) inverse *= 2 - modulus[0] * inverse;
    return Limb{0} - inverse;
  }();
  /// 2^count mod m, by doubling.
  static constexpr Number power_of_two(size_t count) noexcept {
    Number x{1};
    for (; count > 0; --count) {
      const Number copy = x;
      x = below_modulus(x, add_to(x, copy));
    }
    return x;
  }
  static constexpr Number r_mod_m = power_of_two(64 * n), r2_mod_m = power_of_two(128 * n);
  static constexpr Number minus_two = [] {
    Number x = modulus;
    subtract_from(x, Number{2});
    return x;
  }();

  Number v_{};
};

}  // namespace bulla::crypto::ec
