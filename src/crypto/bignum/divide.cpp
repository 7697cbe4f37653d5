// Long division limb by limb (Knuth, "The Art of Computer Programming" volume 2, §4.3.1, algorithm D), each
// digit by a multiplication with the reciprocal of the divisor's highest limb (Möller and Granlund, "Improved
// division by invariant integers", 2011). No processor's division, whose time depends on what it divides; the
// correction that is seldom needed is always made, under a mask.
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
  return count + bignum::leading_zeros(highest);
}

/// floor((2^128 - 1) / d) - 2^64 for a d with its highest bit set. Newton's iteration for x = 2^127/d from
/// 1.5 + sqrt(2) - 2·d/2^64, whose error of 0.09 is squared by each step; since it is rounded down, x stays
/// below what it tends to, by less than 8.
Limb reciprocal(Limb d) noexcept {
  Limb x = 0x7504f333f9de6000 - d;  // (1.5 + sqrt(2))·2^63 - d, mod 2^64
  for (int step = 0; step < 5; ++step) {
    const auto product = static_cast<Limb>(static_cast<Wide>(x) * d >> limb_bits);
    x = static_cast<Limb>(static_cast<Wide>(x) * ~product >> (limb_bits - 1));
  }
  // 2^127/d is above 2^63, which x may have fallen short of.
  x = LimbMask::of_top_bit(x).select(x, Limb{1} << (limb_bits - 1));
  // 2^64 + quotient = 2x, and up to 15 more: what is left of 2^128 - 1 decides.
  Limb quotient = x << 1;
  Wide rest = ~(static_cast<Wide>(quotient) * d + (static_cast<Wide>(d) << limb_bits));
  for (Limb count = 8; count > 0; count /= 2) {
    const Wide part = static_cast<Wide>(d) * count, after = rest - part;
    const auto fits = ~LimbMask::of_top_bit(static_cast<Limb>(after >> limb_bits));
    quotient += fits.keep(count);
    rest -= static_cast<Wide>(fits.keep(static_cast<Limb>(part >> limb_bits))) << limb_bits |
            fits.keep(static_cast<Limb>(part));
  }
  return quotient;
}

/// A divisor's two highest limbs, of which `top` has its highest bit.
struct Leading {
  Limb top, top_reciprocal, next;
};

/// The digit of the quotient of what begins with three limbs by what begins with two, or one more: first
/// floor((high·2^64 + middle) / top), or 2^64 - 1 for high = top (algorithm 4 of Möller and Granlund), then
/// twice Knuth's test of the next limb (step D3).
Limb digit_of(Limb high, Limb middle, Limb low, const Leading& d) noexcept {
  const Wide estimate =
      static_cast<Wide>(d.top_reciprocal) * high + (static_cast<Wide>(high) << limb_bits | middle);
  Limb digit = static_cast<Limb>(estimate >> limb_bits) + 1;
  Limb rest = middle - digit * d.top;
  const auto too_large = LimbMask::is_less(static_cast<Limb>(estimate), rest);
  digit -= too_large.bit();
  rest += too_large.keep(d.top);
  const auto too_small = ~LimbMask::is_less(rest, d.top);
  digit += too_small.bit();
  rest -= too_small.keep(d.top);
  // For high = top: 2^64 - 1, and middle + top is left, whose carry ends the test.
  const auto largest = LimbMask::is_equal(high, d.top);
  digit |= largest.bits();
  const Wide left = static_cast<Wide>(middle) + d.top;
  rest = largest.select(static_cast<Limb>(left), rest);
  auto fits = ~(largest & LimbMask::of_bit(static_cast<Limb>(left >> limb_bits)));
  for (int test = 0; test < 2; ++test) {
    const Wide product = static_cast<Wide>(digit) * d.next;
    const auto product_high = static_cast<Limb>(product >> limb_bits);
    const auto over =
        fits & (LimbMask::is_less(rest, product_high) | (LimbMask::is_equal(rest, product_high) &
                                                         LimbMask::is_less(low, static_cast<Limb>(product))));
    digit -= over.bit();
    const Limb more = rest + d.top;
    fits = over & ~LimbMask::is_less(more, rest);
    rest = over.select(more, rest);
  }
  return digit;
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

/// `rest` mod `divisor`, which has its highest bit, from digit `digits` - 1 of the quotient on, before which
/// `rest` is below the divisor.
void divide_normalized(MutLimbs quotient, MutLimbs rest, Limbs divisor, size_t digits) noexcept {
  const size_t n = divisor.size() - 1;  // its highest limb is zero: window - digit·divisor has n + 1
  const Leading leading{divisor[n - 1], reciprocal(divisor[n - 1]), n > 1 ? divisor[n - 2] : 0};
  for (size_t i = digits; i-- > 0;) {
    const MutLimbs window = rest.subspan(i, n + 1);
    Limb digit = digit_of(window[n], window[n - 1], n > 1 ? window[n - 2] : 0, leading);
    const auto negative = LimbMask::of_bit(subtract_product(window, digit, divisor));
    digit -= negative.bit();
    add_if(negative, window, window, divisor);
    if (!quotient.empty()) quotient[i] = digit;
  }
}

/// Shifts by a number of bits below 64 that everybody may know.
void shift_left_public(MutLimbs inout, size_t bits) noexcept {
  if (bits == 0) return;
  for (size_t i = inout.size(); i-- > 0;)
    inout[i] = inout[i] << bits | (i > 0 ? inout[i - 1] >> (limb_bits - bits) : 0);
}
void shift_right_public(MutLimbs inout, size_t bits) noexcept {
  if (bits == 0) return;
  for (size_t i = 0; i < inout.size(); ++i)
    inout[i] = inout[i] >> bits | (i + 1 < inout.size() ? inout[i + 1] << (limb_bits - bits) : 0);
}

}  // namespace

// Both are shifted, so that the divisor has its highest bit, which leaves the quotient as it is.
void divide(MutLimbs quotient, MutLimbs remainder, Limbs a, Limbs b) {
  const size_t n = b.size();
  const Limb shift = leading_zeros(b);
  SecretLimbs rest(a.size() + n), divisor(n + 1);
  extend(rest, a);
  extend(divisor, b);
  shift_left(rest, shift, n * limb_bits);
  shift_left({divisor.data(), n}, shift, n * limb_bits);
  divide_normalized(quotient, rest, divisor, a.size());
  shift_right(rest, shift, n * limb_bits);
  extend(remainder, Limbs(rest).first(n));
}

void remainder_of_length(MutLimbs remainder, Limbs a, Limbs b) {
  const size_t n = b.size(), shift = (n * limb_bits - bit_length_vartime(b)) % limb_bits;
  SecretLimbs rest(a.size() + 1), divisor(n + 1);
  extend(rest, a);
  extend(divisor, b);
  shift_left_public(rest, shift);
  shift_left_public(divisor, shift);
  divide_normalized({}, rest, divisor, a.size() - n);
  shift_right_public(rest, shift);
  extend(remainder, Limbs(rest).first(n));
}

}  // namespace bulla::crypto::bignum
