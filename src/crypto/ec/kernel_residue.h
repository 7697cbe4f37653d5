// Integers modulo an odd number m in Montgomery's form, as Residue (residue.h) keeps them, with the
// arithmetic of a kernel: the same bounds, every number is below m at all times.
#pragma once

#include "crypto/ec/divsteps.h"
#include "crypto/ec/residue.h"

namespace bulla::crypto::ec {

/// The arithmetic of soft, for a modulus that a kernel has nothing faster for.
template <class Modulus>
struct SoftArithmetic : Modulus {
  using Soft = Residue<Modulus>;
  using Number = typename Soft::Number;
  static Number sum(const Number& a, const Number& b) noexcept { return (soft(a) + soft(b)).montgomery(); }
  static Number difference(const Number& a, const Number& b) noexcept {
    return (soft(a) - soft(b)).montgomery();
  }
  static Number product(const Number& a, const Number& b) noexcept {
    return (soft(a) * soft(b)).montgomery();
  }
  static Number square(const Number& a) noexcept { return soft(a).square().montgomery(); }

 private:
  static Soft soft(const Number& a) noexcept { return Soft::from_montgomery(a); }
};

/// `Modulus` has a constant `value`, and static functions on numbers below it:
///   sum(a, b), difference(a, b)    modulo m
///   product(a, b), square(a)       a·b/R mod m, a²/R mod m; for the product, b may be any number
template <class Modulus>
class KernelResidue {
 public:
  static constexpr size_t n = Modulus::value.size();
  using Soft = Residue<Modulus>;
  using Number = Limbs<n>;
  static constexpr Number modulus = Modulus::value;
  static constexpr size_t bits = Soft::bits, bytes = Soft::bytes;

  /// Zero.
  constexpr KernelResidue() noexcept = default;
  /// What the compiler has computed.
  explicit constexpr KernelResidue(const Soft& x) noexcept : v_(x.montgomery()) {}
  static constexpr KernelResidue one() noexcept { return KernelResidue(Soft::one()); }
  /// x mod m, for any x of n limbs.
  static KernelResidue from_number(const Number& x) noexcept {
    return from_montgomery(Modulus::product(r2_mod_m, x));
  }
  /// The residue whose form in memory is `x`, which is below m.
  static constexpr KernelResidue from_montgomery(const Number& x) noexcept {
    KernelResidue out;
    out.v_ = x;
    return out;
  }
  constexpr const Number& montgomery() const noexcept { return v_; }
  Number number() const noexcept { return Modulus::product(v_, Number{1}); }

  [[gnu::always_inline]] friend KernelResidue operator+(const KernelResidue& a,
                                                        const KernelResidue& b) noexcept {
    return from_montgomery(Modulus::sum(a.v_, b.v_));
  }
  [[gnu::always_inline]] friend KernelResidue operator-(const KernelResidue& a,
                                                        const KernelResidue& b) noexcept {
    return from_montgomery(Modulus::difference(a.v_, b.v_));
  }
  KernelResidue operator-() const noexcept { return KernelResidue() - *this; }
  [[gnu::always_inline]] friend KernelResidue operator*(const KernelResidue& a,
                                                        const KernelResidue& b) noexcept {
    return from_montgomery(Modulus::product(a.v_, b.v_));
  }
  [[gnu::always_inline]] KernelResidue square() const noexcept {
    return from_montgomery(Modulus::square(v_));
  }
  /// x/2: of x and x + m, one is even.
  [[gnu::always_inline]] KernelResidue half() const noexcept {
    Number sum = v_;
    const Limb carry = add_to(sum, select(mask_of_bit(v_[0] & 1), modulus, Number{}));
#pragma GCC unroll 9
    for (size_t i = 0; i < n; ++i) sum[i] = sum[i] >> 1 | (i + 1 < n ? sum[i + 1] : carry) << 63;
    return from_montgomery(sum);
  }

  /// 1/x for a prime m; 0 for 0.
  KernelResidue inverse() const noexcept { return of_inverse(Divsteps<Modulus>::inverse(v_)); }
  KernelResidue inverse_vartime() const noexcept {
    return of_inverse(Divsteps<Modulus>::inverse_vartime(v_));
  }

  Mask is_zero() const noexcept { return ec::is_zero(v_); }
  friend Mask is_equal(const KernelResidue& a, const KernelResidue& b) noexcept {
    Limb difference = 0;
    for (size_t i = 0; i < n; ++i) difference |= a.v_[i] ^ b.v_[i];
    return Mask::is_zero(difference);
  }
  /// `a` where true, `b` where not.
  friend KernelResidue select(Mask mask, const KernelResidue& a, const KernelResidue& b) noexcept {
    return from_montgomery(ec::select(mask.bits(), a.v_, b.v_));
  }
  /// Becomes `other` where the mask is all ones.
  void assign_if(Limb mask, const KernelResidue& other) noexcept { v_ = ec::select(mask, other.v_, v_); }

 private:
  /// From 1/(x·R) to 1/x in Montgomery's form, which is 1/(x·R) · R².
  static KernelResidue of_inverse(const Number& inverse) noexcept {
    return from_montgomery(Modulus::product(r3_mod_m, inverse));
  }
  static constexpr Number r2_mod_m = Soft::from_number(Soft::one().montgomery()).montgomery();
  static constexpr Number r3_mod_m = Soft::from_number(r2_mod_m).montgomery();

  Number v_{};
};

}  // namespace bulla::crypto::ec
