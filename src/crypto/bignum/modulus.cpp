#include "crypto/bignum/modulus.h"

#include <algorithm>

namespace bulla::crypto::bignum {
namespace {

/// -1/m mod 2^64 for an odd m, by Newton's iteration: x·(2 - m·x) has twice as many right bits as x, and m
/// is its own inverse mod 8.
Limb negated_inverse(Limb m) noexcept {
  Limb x = m;
  for (int right_bits = 3; right_bits < 64; right_bits *= 2) x *= 2 - m * x;
  return 0 - x;
}

}  // namespace

Modulus::Modulus(Limbs m, const Montgomery& kernel)
    : kernel_(&kernel), m_(m), bits_(bit_length_vartime(m)), m_inverse_(0), one_(m.size()), r_two_(m.size()) {
  if (bits_ < 2 || m.size() > max_limbs || bits_ <= (m.size() - 1) * limb_bits ||
      ct::declassified(m[0] & 1, "a modulus is odd") == 0)
    __builtin_trap();
  m_inverse_ = negated_inverse(m[0]);

  // 2^(bits - 1) is below m; doubled up to R.
  one_[(bits_ - 1) / limb_bits] = Limb{1} << ((bits_ - 1) % limb_bits);
  for (size_t at = bits_ - 1; at < limb_bits * size(); ++at) double_once(one_);

  aside_ = SecretLimbs(kernel.aside_size(size()));
  kernel.make_aside(aside_, *this);

  // R is 2^(64·size()), so what is wanted is that power in Montgomery form: its exponent's leading bits by
  // division, the others by squaring. A limb more costs about an eighth of a square.
  size_t rest = 0;
  while (size() >> rest > 8) ++rest;
  power_of_two(r_two_, (size() >> rest) * limb_bits);
  while (rest-- > 0) {
    square(r_two_, r_two_);
    if (size() >> rest & 1) times_power_of_two(r_two_, r_two_, limb_bits);
  }
}

void Modulus::double_once(MutLimbs inout) const noexcept {
  add(inout, inout, inout);
}

void Modulus::times_power_of_two(MutLimbs out, Limbs a, size_t bits) const {
  const size_t whole = bits / limb_bits, part = bits % limb_bits;
  SecretLimbs wide(size() + whole + (part > 0));
  for (size_t i = 0; i < wide.size() - whole; ++i) {
    const Limb low = i > 0 && part > 0 ? a[i - 1] >> (limb_bits - part) : 0;
    wide[whole + i] = (i < size() ? a[i] << part : 0) | low;
  }
  remainder_of_length(out, wide, m_);
}

void Modulus::add(MutLimbs out, Limbs a, Limbs b) const noexcept {
  const Limb carry = bignum::add(out, a, b);
  subtract_if(LimbMask::of_bit(carry) | ~is_less(out, m_), out, out, m_);
}

void Modulus::subtract(MutLimbs out, Limbs a, Limbs b) const noexcept {
  const Limb borrow = bignum::subtract(out, a, b);
  add_if(LimbMask::of_bit(borrow), out, out, m_);
}

// a = Σ a[i]·R^i with digits of size() limbs, by Horner's rule: a product with R² takes a digit into
// Montgomery form, and multiplies what is in Montgomery form by R.
void Modulus::to_montgomery(MutLimbs out, Limbs a) const {
  SecretLimbs digit(size());
  assign(out, 0);
  const size_t digits = (a.size() + size() - 1) / size();
  for (size_t i = digits; i-- > 0;) {
    const Limbs rest = a.subspan(i * size());
    extend(digit, rest.first(std::min(size(), rest.size())));
    multiply(digit, digit, r_two_);
    if (i + 1 == digits) {
      extend(out, digit);
      continue;
    }
    multiply(out, out, r_two_);
    add(out, out, digit);
  }
}

void Modulus::from_montgomery(MutLimbs out, Limbs a) const noexcept {
  Limb one[max_limbs];
  assign({one, size()}, 1);
  multiply(out, Limbs(one, size()), a);
}

}  // namespace bulla::crypto::bignum
