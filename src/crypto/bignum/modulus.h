// Arithmetic modulo an odd number.
#pragma once

#include "crypto/bignum/montgomery.h"

namespace bulla::crypto::bignum {

/// An odd modulus m of at least 3, which may be secret; its length in bits is not. Residues have size() limbs
/// and are below m. "In Montgomery form" means: x stands for x/R mod m, where R = 2^(64·size()).
class Modulus {
 public:
  /// Without leading zero limbs, at most max_limbs. An even modulus, one below 3 or one too long ends the
  /// process.
  explicit Modulus(Limbs m, const Montgomery& kernel = montgomery());

  size_t size() const noexcept { return m_.size(); }              ///< limbs
  size_t bits() const noexcept { return bits_; }                  ///< of m
  Limbs value() const noexcept { return m_; }                     ///< m
  Limbs one() const noexcept { return one_; }                     ///< 1 in Montgomery form
  const Montgomery& kernel() const noexcept { return *kernel_; }  ///< what multiplies
  Limb inverse() const noexcept { return m_inverse_; }            ///< -1/m mod 2^64
  Limbs aside() const noexcept { return aside_; }                 ///< what the kernel made of m

  /// a·b of two in Montgomery form. If just one is, the product is in plain form. `a` may be any number of
  /// size() limbs. `out` may be one of the inputs, here and below.
  void multiply(MutLimbs out, Limbs a, Limbs b) const noexcept {
    kernel_->multiply(out.data(), a.data(), b.data(), *this);
  }
  /// a·a in Montgomery form.
  void square(MutLimbs out, Limbs a) const noexcept { kernel_->square(out.data(), a.data(), *this); }
  /// a + b of residues in the same form.
  void add(MutLimbs out, Limbs a, Limbs b) const noexcept;
  /// a - b likewise.
  void subtract(MutLimbs out, Limbs a, Limbs b) const noexcept;

  /// `a` mod m in Montgomery form, for a number of any length. `out` does not overlap it.
  void to_montgomery(MutLimbs out, Limbs a) const;
  /// 2^bits in Montgomery form. Much cheaper than a product, for a few limbs.
  void power_of_two(MutLimbs out, size_t bits) const { times_power_of_two(out, one_, bits); }
  /// Back to plain form.
  void from_montgomery(MutLimbs out, Limbs a) const noexcept;

  /// base^exponent in Montgomery form. Time depends on the lengths in limbs only.
  void power(MutLimbs out, Limbs base, Limbs exponent) const {
    const Power job{this, out, base, exponent};
    kernel_->powers({&job, 1});
  }
  /// The same for an exponent that everybody may know (big-endian, empty means 0); the base may be secret.
  void power_vartime(MutLimbs out, Limbs base, Bytes exponent) const {
    kernel_->power_vartime(*this, out, base, exponent);
  }

 private:
  void double_once(MutLimbs inout) const noexcept;
  /// a·2^bits mod m, for a below m, by division.
  void times_power_of_two(MutLimbs out, Limbs a, size_t bits) const;

  const Montgomery* kernel_;
  SecretLimbs m_;
  size_t bits_;
  Limb m_inverse_;   ///< -1/m mod 2^64
  SecretLimbs one_;  ///< R mod m
  SecretLimbs aside_;
  SecretLimbs r_two_;  ///< R² mod m: R in Montgomery form
};

}  // namespace bulla::crypto::bignum
