#include "crypto/bignum/modulus.h"

#include <bit>

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

  // R is 2^(64·size()), so what is wanted is that power in Montgomery form: its exponent's leading bits by
  // doubling, the others by squaring and doubling.
  const size_t exponent = limb_bits * size();
  size_t rest = 0;
  while (exponent >> rest >= 16) ++rest;
  extend(r_two_, one_);
  for (size_t i = 0; i < exponent >> rest; ++i) double_once(r_two_);
  while (rest-- > 0) {
    square(r_two_, r_two_);
    if (exponent >> rest & 1) double_once(r_two_);
  }
}

void Modulus::double_once(MutLimbs inout) const noexcept {
  add(inout, inout, inout);
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
  for (size_t digits = (a.size() + size() - 1) / size(); digits-- > 0;) {
    const Limbs rest = a.subspan(digits * size());
    extend(digit, rest.first(std::min(size(), rest.size())));
    multiply(digit, digit, r_two_);
    multiply(out, out, r_two_);
    add(out, out, digit);
  }
}

void Modulus::from_montgomery(MutLimbs out, Limbs a) const noexcept {
  Limb one[max_limbs];
  assign({one, size()}, 1);
  multiply(out, Limbs(one, size()), a);
}

namespace {

constexpr size_t window = 5;
constexpr size_t entries = size_t{1} << window;

/// The `window` bits of a number that start at a bit.
Limb window_at(Limbs number, size_t bit) noexcept {
  const size_t i = bit / limb_bits, shift = bit % limb_bits;
  Limb bits = number[i] >> shift;
  if (shift > limb_bits - window && i + 1 < number.size()) bits |= number[i + 1] << (limb_bits - shift);
  return bits & (entries - 1);
}

/// Entry `which` of a table; all of them are read.
void look_up(MutLimbs out, Limbs table, Limb which) noexcept {
  assign(out, 0);
  for (size_t entry = 0; entry < entries; ++entry) {
    const Limb keep = LimbMask::is_equal(entry, which).bits();
    const Limb* row = table.data() + entry * out.size();
    for (size_t i = 0; i < out.size(); ++i) out[i] |= row[i] & keep;
  }
}

}  // namespace

// Fixed windows from the top (HAC 14.82): five squarings and one product, whichever digit it is.
void Modulus::power(MutLimbs out, Limbs base, Limbs exponent) const {
  SecretLimbs table(entries * size()), factor(size()), result(size());
  const auto row = [&](size_t i) { return MutLimbs(table).subspan(i * size(), size()); };
  extend(row(0), one_);
  extend(row(1), base);
  for (size_t i = 2; i < entries; ++i) multiply(row(i), row(i - 1), base);

  extend(result, one_);
  for (size_t digits = (exponent.size() * limb_bits + window - 1) / window; digits-- > 0;) {
    for (size_t i = 0; i < window; ++i) square(result, result);
    look_up(factor, table, window_at(exponent, digits * window));
    multiply(result, result, factor);
  }
  extend(out, result);
}

void Modulus::power_vartime(MutLimbs out, Limbs base, Bytes exponent) const {
  SecretLimbs result{Limbs(one_)};
  bool started = false;  // the squarings of 1 are left out
  for (const uint8_t byte : exponent) {
    for (int bit = 7; bit >= 0; --bit) {
      if (started) square(result, result);
      if ((byte >> bit & 1) == 0) continue;
      if (started)
        multiply(result, result, base);
      else
        extend(result, base);
      started = true;
    }
  }
  extend(out, result);
}

}  // namespace bulla::crypto::bignum
