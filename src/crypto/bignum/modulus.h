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

  /// a·b of two in Montgomery form. If just one is, the product is in plain form. `a` may be any number of
  /// size() limbs. `out` may be one of the inputs, here and below.
  void multiply(MutLimbs out, Limbs a, Limbs b) const noexcept {
    kernel_->multiply(out.data(), a.data(), b.data(), m_.data(), m_inverse_, m_.size());
  }
  /// a·a in Montgomery form.
  void square(MutLimbs out, Limbs a) const noexcept {
    kernel_->square(out.data(), a.data(), m_.data(), m_inverse_, m_.size());
  }
  /// a + b of residues in the same form.
  void add(MutLimbs out, Limbs a, Limbs b) const noexcept;
  /// a - b likewise.
  void subtract(MutLimbs out, Limbs a, Limbs b) const noexcept;

  /// `a` mod m in Montgomery form, for a number of any length. `out` does not overlap it.
  void to_montgomery(MutLimbs out, Limbs a) const;
  /// Back to plain form.
  void from_montgomery(MutLimbs out, Limbs a) const noexcept;

  /// base^exponent in Montgomery form. Time depends on the lengths in limbs only.
  void power(MutLimbs out, Limbs base, Limbs exponent) const;
  /// The same for an exponent that everybody may know (big-endian, empty means 0); the base may be secret.
  void power_vartime(MutLimbs out, Limbs base, Bytes exponent) const;

 private:
  void double_once(MutLimbs inout) const noexcept;

  const Montgomery* kernel_;
  SecretLimbs m_;
  size_t bits_;
  Limb m_inverse_;     ///< -1/m mod 2^64
  SecretLimbs one_;    ///< R mod m
  SecretLimbs r_two_;  ///< R² mod m: R in Montgomery form
};

}  // namespace bulla::crypto::bignum
