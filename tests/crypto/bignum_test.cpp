// Big integers against the school's rules: every length, and limbs at their edges.
#include "crypto/bignum/gcd.h"
#include "crypto/edge_numbers.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace bulla::test {
namespace {

using namespace crypto::bignum;

constexpr size_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 16, 17, 32};

TEST(Bignum, sums_differences_and_comparisons) {
  Numbers numbers(1);
  for (const size_t size : sizes) {
    const SimpleNumber r = SimpleNumber::power_of_two(64 * size);
    for (int i = 0; i < 200; ++i) {
      const SecretLimbs a = numbers.any(size), b = i % 16 ? numbers.any(size) : SecretLimbs(Limbs(a));
      const SimpleNumber x = SimpleNumber::of(a), y = SimpleNumber::of(b);
      SecretLimbs out(size);
      Limb carry = add(out, a, b);
      EXPECT_EQ(SimpleNumber::of(out) + (carry ? r : 0), x + y);
      carry = subtract(out, a, b);
      EXPECT_EQ(SimpleNumber::of(out) + y, x + (carry ? r : 0));
      const Limb small = numbers();
      carry = add_small(out, a, small);
      EXPECT_EQ(SimpleNumber::of(out) + (carry ? r : 0), x + small);
      carry = subtract_small(out, a, small);
      EXPECT_EQ(SimpleNumber::of(out) + small, x + (carry ? r : 0));
      for (const Limb bit : {Limb{0}, Limb{1}}) {
        const auto mask = LimbMask::of_bit(bit);
        carry = add_if(mask, out, a, b);
        EXPECT_EQ(SimpleNumber::of(out) + (carry ? r : 0), bit ? x + y : x);
        carry = subtract_if(mask, out, a, b);
        EXPECT_EQ(SimpleNumber::of(out) + (bit ? y : 0), x + (carry ? r : 0));
        select(mask, out, a, b);
        EXPECT_EQ(SimpleNumber::of(out), bit ? x : y);
      }
      EXPECT_EQ(is_less(a, b).bit(), x < y);
      EXPECT_EQ(is_equal(a, b).bit(), x == y);
      EXPECT_EQ(is_zero(a).bit(), x.is_zero());
      EXPECT_EQ(is_odd(a).bit(), x.bit(0));
      EXPECT_EQ(is_small(a, a[0]).bit(), x == SimpleNumber(a[0]));
    }
  }
}

TEST(Bignum, numbers_of_different_lengths_are_equal_if_the_rest_is_zero) {
  const SecretLimbs shorter = SimpleNumber(5).limbs(1), longer = SimpleNumber(5).limbs(3);
  EXPECT_EQ(is_equal(shorter, longer).bit(), 1u);
  EXPECT_EQ(is_equal(longer, shorter).bit(), 1u);
  SecretLimbs other = SimpleNumber(5).limbs(3);
  other[2] = 1;
  EXPECT_EQ(is_equal(shorter, other).bit(), 0u);
  EXPECT_EQ(is_equal(other, shorter).bit(), 0u);
}

TEST(Bignum, products_and_quotients) {
  Numbers numbers(2);
  for (const size_t size : sizes) {
    for (const size_t other : {size_t{1}, size, size + 1, size + 5}) {
      for (int i = 0; i < (size < 16 ? 20 : 3); ++i) {
        const SecretLimbs a = numbers.any(size);
        SecretLimbs b = numbers.any(other);
        const SimpleNumber x = SimpleNumber::of(a);
        SecretLimbs product(size + other);
        multiply(product, a, b);
        EXPECT_EQ(SimpleNumber::of(product), x * SimpleNumber::of(b));
        if (is_zero(b).bit()) b[0] = 1;
        const auto expected = x.divided_by(SimpleNumber::of(b));
        SecretLimbs quotient(size), remainder(other);
        divide(quotient, remainder, a, b);
        EXPECT_EQ(SimpleNumber::of(quotient), expected.quotient);
        EXPECT_EQ(SimpleNumber::of(remainder), expected.remainder);
        divide({}, remainder, a, b);
        EXPECT_EQ(SimpleNumber::of(remainder), expected.remainder);
        if (b[other - 1] == 0) b[other - 1] = 1;
        SecretLimbs longer(std::max(size, other) + 1);
        extend(longer, a);
        remainder_of_length(remainder, longer, b);
        EXPECT_EQ(SimpleNumber::of(remainder), x % SimpleNumber::of(b));
      }
    }
  }
}

// Digits that are estimated too large by one and by two, which chance does not bring about, and all ones.
TEST(Bignum, quotients_whose_digits_are_corrected) {
  Numbers numbers(7);
  for (const size_t size : {size_t{1}, size_t{2}, size_t{3}, size_t{8}}) {
    for (int i = 0; i < 400; ++i) {
      const SecretLimbs quotient = numbers.any(size);
      SecretLimbs divisor = numbers.any(size), a(2 * size);
      if (is_zero(divisor).bit()) divisor[0] = 1;
      // The largest remainder, and none.
      const SimpleNumber x = SimpleNumber::of(quotient), b = SimpleNumber::of(divisor);
      for (const SimpleNumber& r : {b - 1, SimpleNumber(0)}) {
        extend(a, (x * b + r).limbs(2 * size));
        SecretLimbs q(2 * size), rest(size);
        divide(q, rest, a, divisor);
        EXPECT_EQ(SimpleNumber::of(q), x);
        EXPECT_EQ(SimpleNumber::of(rest), r);
        if (divisor[size - 1] == 0) continue;
        remainder_of_length(rest, a, divisor);
        EXPECT_EQ(SimpleNumber::of(rest), r);
      }
    }
  }
}

// One of 2^32 cases or so: the estimate by the reciprocal is too small (Möller and Granlund, algorithm 4).
TEST(Bignum, a_digit_that_is_estimated_too_small) {
  const Limb high = Limb{1} << 63, divisor = high + 2;
  for (const Limb low : {~Limb{0}, ~Limb{0} - 1, ~Limb{0} - 2}) {
    const Limb a[] = {low, high};
    Limb quotient[2], rest[1];
    divide(quotient, rest, a, Limbs(&divisor, 1));
    const Wide dividend = static_cast<Wide>(high) << limb_bits | low;
    EXPECT_EQ(quotient[0], static_cast<Limb>(dividend / divisor));
    EXPECT_EQ(quotient[1], 0u);
    EXPECT_EQ(rest[0], static_cast<Limb>(dividend % divisor));
  }
}

TEST(Bignum, shifts_and_lengths) {
  Numbers numbers(3);
  for (const size_t size : sizes) {
    const SimpleNumber r = SimpleNumber::power_of_two(64 * size);
    for (int i = 0; i < 6; ++i) {
      const SecretLimbs a = numbers.any(size);
      const SimpleNumber x = SimpleNumber::of(a);
      SecretLimbs out(size);
      for (const Limb bit : {Limb{0}, Limb{1}}) {
        const Limb out_bit = shift_left_one(out, a, bit);
        EXPECT_EQ(SimpleNumber::of(out) + (out_bit ? r : 0), x + x + bit);
        shift_right_one(out, a, bit);
        EXPECT_EQ(SimpleNumber::of(out), (x + (bit ? r : 0)) / 2);
      }
      for (const size_t by : {size_t{0}, size_t{1}, size_t{63}, size_t{64}, 64 * size - 1, 64 * size,
                              static_cast<size_t>(numbers() % (64 * size))}) {
        extend(out, a);
        shift_right(out, by, 64 * size + 1);
        EXPECT_EQ(SimpleNumber::of(out), x / SimpleNumber::power_of_two(by)) << by;
        extend(out, a);
        shift_left(out, by, 64 * size + 1);
        EXPECT_EQ(SimpleNumber::of(out), x * SimpleNumber::power_of_two(by) % r) << by;
      }
      size_t length = x.bits(), zeros = 0;
      while (length > 0 && !x.bit(length - 1)) --length;
      while (zeros < 64 * size && !x.bit(zeros)) ++zeros;
      EXPECT_EQ(bit_length_vartime(a), length);
      EXPECT_EQ(trailing_zeros(a), zeros);
    }
  }
}

TEST(Bignum, big_endian_bytes) {
  for (size_t size = 0; size <= 24; ++size) {
    std::vector<uint8_t> bytes(size), back(size), cut(3);
    for (size_t i = 0; i < size; ++i) bytes[i] = static_cast<uint8_t>(i + 1);
    SecretLimbs out(3);
    load(out, bytes);
    EXPECT_EQ(SimpleNumber::of(out), SimpleNumber::of_bytes(bytes));
    store(back, out);
    EXPECT_EQ(back, bytes);
    std::vector<uint8_t> longer(40);
    store(longer, out);
    EXPECT_EQ(SimpleNumber::of_bytes(longer), SimpleNumber::of_bytes(bytes));
  }
  SecretLimbs one(1);
  EXPECT_DEATH(load(one, std::vector<uint8_t>(9)), "");
}

TEST(Bignum, divisors_and_inverses) {
  Numbers numbers(4);
  for (const size_t size : {1u, 2u, 3u, 5u, 8u}) {
    for (int i = 0; i < 60; ++i) {
      SecretLimbs a = numbers.any(size), b = numbers.any(size), out(size);
      if (i % 3 == 0) {  // with a common factor
        shift_right(a, 32 * size, 64 * size);
        shift_right(b, 32 * size, 64 * size);
        SecretLimbs wide(size + 1);
        multiply(wide, a, SimpleNumber(6 * 49).limbs(1));
        extend(a, Limbs(wide).first(size));
        multiply(wide, b, SimpleNumber(4 * 49).limbs(1));
        extend(b, Limbs(wide).first(size));
      }
      const SimpleNumber x = SimpleNumber::of(a), y = SimpleNumber::of(b);
      gcd(out, a, b);
      EXPECT_EQ(SimpleNumber::of(out), simple_gcd(x, y)) << x.hex() << ' ' << y.hex();

      if (y.is_zero() || !(x < y)) std::swap(a, b);
      const SimpleNumber v = SimpleNumber::of(a), n = SimpleNumber::of(b);
      if (n.is_zero() || !(v < n) || (!v.bit(0) && !n.bit(0))) continue;
      const bool exists = simple_gcd(v, n) == SimpleNumber(1);
      EXPECT_EQ(inverse(out, a, b).bit(), exists) << v.hex() << ' ' << n.hex();
      if (exists) {
        EXPECT_TRUE(SimpleNumber::of(out) < n);
        EXPECT_EQ(v * SimpleNumber::of(out) % n, SimpleNumber(1) % n) << v.hex() << ' ' << n.hex();
      }
    }
  }
}

}  // namespace
}  // namespace bulla::test
