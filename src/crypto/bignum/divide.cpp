// Long division limb by limb (Knuth, "The Art of Computer Programming" volume 2, §4.3.1, algorithm D), each
// digit by a multiplication with the reciprocal of the divisor's highest limb (Möller and Granlund, "Improved
// division by invariant integers", 2011). No processor's division, whose time depends on what it divides; the
// corrections that are seldom needed are always made, under a mask.
#include "crypto/bignum/limbs.h"

namespace bulla::crypto::bignum {
namespace {

/// How many zero bits are above the highest one of a number that is not zero.
Limb leading_zeros(Limbs a) noexcept {
  Limb count = 0, highest = 0;
  auto none_yet = LimbMask::of_bit(1);
  for (size_t i = a.size(); i-- > 0;) {
    const LimbMask empty = LimbMask::is_zero(a[i]);
    highest |= (none_yet & ~empty).keep(a[i]);
    none_yet = none_yet & empty;
    count += none_yet.keep(limb_bits);
  }
  for (unsigned half = limb_bits / 2; half > 0; half /= 2) {
    const LimbMask empty = LimbMask::is_zero(highest >> (limb_bits - half));
    count += empty.keep(half);
    highest = empty.select(highest << half, highest);
  }
  return count;
}

/// floor((2^128 - 1) / d) - 2^64 for a d with its highest bit set, bit by bit.
Limb reciprocal(Limb d) noexcept {
  Limb quotient = 0, rest = ~d;  // below d, as that has its highest bit
  for (size_t i = 0; i < limb_bits; ++i) {
    const auto over = LimbMask::of_top_bit(rest);
    rest = rest << 1 | 1;
    const LimbMask goes = over | ~LimbMask::is_less(rest, d);
    rest -= goes.keep(d);
    quotient = quotient << 1 | goes.bit();
  }
  return quotient;
}

/// floor((high·2^64 + low) / d) for high < d, and 2^64 - 1 for high = d: algorithm 4 of Möller and Granlund.
Limb digit_of(Limb high, Limb low, Limb d, Limb d_reciprocal) noexcept {
  const Wide estimate = static_cast<Wide>(d_reciprocal) * high + (static_cast<Wide>(high) << limb_bits | low);
  Limb digit = static_cast<Limb>(estimate >> limb_bits) + 1;
  Limb rest = low - digit * d;
  const auto too_large = LimbMask::is_less(static_cast<Limb>(estimate), rest);
  digit -= too_large.bit();
  rest += too_large.keep(d);
  digit += (~LimbMask::is_less(rest, d)).bit();
  return digit | LimbMask::is_equal(high, d).bits();
}

/// inout -= digit·b; returns the borrow.
Limb subtract_product(MutLimbs inout, Limb digit, Limbs b) noexcept {
  Limb carry = 0;
  for (size_t i = 0; i < inout.size(); ++i) {
    const Wide product = static_cast<Wide>(digit) * b[i] + carry;
    const Wide difference = static_cast<Wide>(inout[i]) - static_cast<Limb>(product);
    inout[i] = static_cast<Limb>(difference);
    carry = static_cast<Limb>(product >> limb_bits) + (static_cast<Limb>(difference >> limb_bits) & 1);
  }
  return carry;
}

}  // namespace

void divide(MutLimbs quotient, MutLimbs remainder, Limbs a, Limbs b) {
  // Both are shifted, so that the divisor has its highest bit, which leaves the quotient as it is.
  const size_t n = b.size();
  const Limb shift = leading_zeros(b);
  SecretLimbs rest(a.size() + n), divisor(n + 1);
  extend(rest, a);
  extend(divisor, b);
  shift_left(rest, shift, n * limb_bits);
  shift_left({divisor.data(), n}, shift, n * limb_bits);
  const Limb top = divisor[n - 1], top_reciprocal = reciprocal(top);

  for (size_t i = a.size(); i-- > 0;) {
    const MutLimbs window = MutLimbs(rest).subspan(i, n + 1);
    // The digit, or up to two more (Knuth's theorem B).
    Limb digit = digit_of(window[n], window[n - 1], top, top_reciprocal);
    auto negative = LimbMask::of_bit(subtract_product(window, digit, divisor));
    for (int correction = 0; correction < 2; ++correction) {
      digit -= negative.bit();
      negative = negative & ~LimbMask::of_bit(add_if(negative, window, window, divisor));
    }
    if (!quotient.empty()) quotient[i] = digit;
  }
  shift_right(rest, shift, n * limb_bits);
  extend(remainder, Limbs(rest).first(n));
}

}  // namespace bulla::crypto::bignum
