// Big integers against the school's rules: every length, and limbs at their edges.
#include "crypto/bignum/gcd.h"
#include "crypto/bignum/modulus.h"
#include "crypto/simple_number.h"

#include <gtest/gtest.h>

#include <random>

namespace bulla::test {
namespace {

using namespace crypto::bignum;

/// Numbers whose limbs are at their edges more often than not. The seed is fixed: a failure comes again.
class Numbers {
 public:
  explicit Numbers(uint64_t seed) : source_(seed) {}

  SecretLimbs any(size_t size) {
    static constexpr Limb edges[] = {0,
                                     1,
                                     2,
                                     0x7fffffffffffffff,
                                     0x8000000000000000,
                                     0x8000000000000001,
                                     0xffffffff,
                                     0x100000000,
                                     ~Limb{0} - 1,
                                     ~Limb{0}};
    SecretLimbs out(size);
    const bool edgy = source_() % 4 != 0;
    for (Limb& limb : out)
      limb = edgy && source_() % 4 != 0 ? edges[source_() % std::size(edges)] : source_();
    return out;
  }
  /// Odd, at least 3, with a top limb that is not zero.
  SecretLimbs modulus(size_t size) {
    SecretLimbs out = any(size);
    out[0] |= size == 1 ? 3 : 1;
    if (out[size - 1] == 0) out[size - 1] = 1;
    return out;
  }
  SecretLimbs below(Limbs bound) {
    if (source_() % 4 == 0) {  // the largest and the smallest that there are
      SecretLimbs out(bound);
      if (source_() % 2)
        subtract_small(out, out, 1);
      else
        assign(out, source_() % 2);
      return out;
    }
    return (SimpleNumber::of(any(bound.size())) % SimpleNumber::of(bound)).limbs(bound.size());
  }
  uint64_t operator()() { return source_(); }

 private:
  std::mt19937_64 source_;
};

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
      }
    }
  }
}

// What chance does not bring about: digits that were estimated too large by one and by two, and those of all
// ones (Knuth, "The Art of Computer Programming" volume 2, §4.3.1).
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

// ------------------------------------------------------------------------------------------- moduli

class EveryMontgomery : public testing::TestWithParam<crypto::Kernel<Montgomery>> {
 protected:
  void SetUp() override {
    if (!GetParam().runs_on(crypto::cpu_word())) GTEST_SKIP() << "this machine cannot run it";
  }
  static const Montgomery& kernel() { return *GetParam().algorithm; }
};

// The product times R is a·b mod m, and below m.
TEST_P(EveryMontgomery, products) {
  Numbers numbers(5);
  std::vector<size_t> lengths;
  for (size_t size = 1; size <= 20; ++size) lengths.push_back(size);
  lengths.insert(lengths.end(), {24, 31, 32, 33, 48, 64, 127, 128});
  for (const size_t size : lengths) {
    const SimpleNumber r = SimpleNumber::power_of_two(64 * size);
    for (int i = 0; i < (size <= 20 ? 16 : 2); ++i) {
      const SecretLimbs m = numbers.modulus(size), b = numbers.below(m);
      const SecretLimbs a = i % 2 ? numbers.below(m) : numbers.any(size);  // any number of that length
      const Modulus modulus(m, kernel());
      const SimpleNumber n = SimpleNumber::of(m), x = SimpleNumber::of(a), y = SimpleNumber::of(b);
      SecretLimbs out(size);
      modulus.multiply(out, a, b);
      EXPECT_TRUE(SimpleNumber::of(out) < n);
      EXPECT_EQ(SimpleNumber::of(out) * r % n, x * y % n) << n.hex() << ' ' << x.hex() << ' ' << y.hex();
      // The output may be an input.
      SecretLimbs again{Limbs(a)};
      modulus.multiply(again, again, b);
      EXPECT_EQ(is_equal(again, out).bit(), 1u);
      again = SecretLimbs(Limbs(b));
      modulus.multiply(again, a, again);
      EXPECT_EQ(is_equal(again, out).bit(), 1u);
      modulus.square(out, b);
      EXPECT_TRUE(SimpleNumber::of(out) < n);
      EXPECT_EQ(SimpleNumber::of(out) * r % n, y * y % n) << n.hex() << ' ' << y.hex();
      modulus.multiply(again, b, b);
      EXPECT_EQ(is_equal(again, out).bit(), 1u);
    }
  }
}

TEST_P(EveryMontgomery, forms_sums_and_differences) {
  Numbers numbers(6);
  for (const size_t size : sizes) {
    for (int i = 0; i < (size < 16 ? 20 : 3); ++i) {
      const SecretLimbs m = numbers.modulus(size), a = numbers.below(m), b = numbers.below(m);
      const Modulus modulus(m, kernel());
      const SimpleNumber n = SimpleNumber::of(m), x = SimpleNumber::of(a), y = SimpleNumber::of(b);
      EXPECT_EQ(SimpleNumber::of(modulus.one()), SimpleNumber::power_of_two(64 * size) % n);
      SecretLimbs out(size);
      modulus.add(out, a, b);
      EXPECT_EQ(SimpleNumber::of(out), (x + y) % n);
      modulus.subtract(out, a, b);
      EXPECT_EQ(SimpleNumber::of(out), (x + n - y) % n);
      for (const size_t length : {size_t{1}, size, size + 1, 2 * size, 3 * size + 1}) {
        const SecretLimbs wide = numbers.any(length);
        modulus.to_montgomery(out, wide);
        modulus.from_montgomery(out, out);
        EXPECT_EQ(SimpleNumber::of(out), SimpleNumber::of(wide) % n) << length;
      }
    }
  }
}

TEST_P(EveryMontgomery, powers) {
  Numbers numbers(7);
  for (const size_t size : {1u, 2u, 3u, 5u}) {
    for (int i = 0; i < 8; ++i) {
      const SecretLimbs m = numbers.modulus(size), a = numbers.below(m), e = numbers.any(size);
      const Modulus modulus(m, kernel());
      const SimpleNumber exponent = SimpleNumber::of(e);
      const SimpleNumber expected = simple_power(SimpleNumber::of(a), exponent, SimpleNumber::of(m));
      SecretLimbs base(size), out(size);
      modulus.to_montgomery(base, a);
      modulus.power(out, base, e);
      modulus.from_montgomery(out, out);
      EXPECT_EQ(SimpleNumber::of(out), expected);
      modulus.power_vartime(out, base, exponent.bytes());
      modulus.from_montgomery(out, out);
      EXPECT_EQ(SimpleNumber::of(out), expected);
    }
  }
  // Small exponents of every kind, 0 among them; and lengths that are too long for the school.
  for (const size_t size : {1u, 4u, 16u, 64u, 128u}) {
    const SecretLimbs m = numbers.modulus(size), a = numbers.below(m);
    const Modulus modulus(m, kernel());
    SecretLimbs base(size), out(size), product{modulus.one()};
    modulus.to_montgomery(base, a);
    for (uint64_t e = 0; e < 70; ++e) {
      modulus.power(out, base, SimpleNumber(e).limbs(1));
      EXPECT_EQ(is_equal(out, product).bit(), 1u) << e;
      modulus.power_vartime(out, base, SimpleNumber(e).bytes());
      EXPECT_EQ(is_equal(out, product).bit(), 1u) << e;
      modulus.multiply(product, product, base);
    }
    const SecretLimbs e = numbers.any(size);
    modulus.power(out, base, e);
    modulus.power_vartime(product, base, SimpleNumber::of(e).bytes());
    EXPECT_EQ(is_equal(out, product).bit(), 1u);
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, EveryMontgomery, testing::ValuesIn(montgomery_kernels()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(MontgomeryKernels, the_fastest_that_the_machine_runs_is_picked) {
  EXPECT_EQ(crypto::pick(montgomery_kernels(), 0).name, "soft");
  EXPECT_EQ(&montgomery(), crypto::pick(montgomery_kernels(), crypto::cpu_word()).algorithm);
#if defined(__x86_64__)
  using namespace crypto::cpu;
  EXPECT_EQ(crypto::pick(montgomery_kernels(), bmi2 | adx).name, "adx");
  EXPECT_EQ(crypto::pick(montgomery_kernels(), adx).name, "soft");
  EXPECT_EQ(crypto::pick(montgomery_kernels(), bmi2).name, "soft");
#endif
}

/// Calls `what(number)` for every number of `size` limbs that are all among the edges.
template <class F>
void for_each_pattern(size_t size, std::span<const Limb> edges, const F& what) {
  size_t count = 1;
  for (size_t i = 0; i < size; ++i) count *= edges.size();
  std::vector<Limb> number(size);
  for (size_t pattern = 0; pattern < count; ++pattern) {
    size_t rest = pattern;
    for (Limb& limb : number) limb = edges[rest % edges.size()], rest /= edges.size();
    what(number);
  }
}

/// a·b/R and b·b/R mod m by a kernel, one behind the other.
std::vector<Limb> products_by(const Montgomery& kernel, Limbs m, Limbs a, Limbs b) {
  Limb inverse = m[0];  // each step doubles the count of right bits, of which there are three
  for (int step = 0; step < 5; ++step) inverse *= 2 - m[0] * inverse;
  std::vector<Limb> out(2 * m.size());
  kernel.multiply(out.data(), a.data(), b.data(), m.data(), 0 - inverse, m.size());
  kernel.square(out.data() + m.size(), b.data(), m.data(), 0 - inverse, m.size());
  return out;
}

// Every modulus, factor and residue with limbs at the edges of carries: for one and two limbs the product is
// what the school says, for up to five, which is once around the loop and a rest, all kernels agree.
TEST(MontgomeryKernels, agree_on_every_pattern_of_edges) {
  constexpr Limb four[] = {0, 1, Limb{1} << 63, ~Limb{0}},
                 eight[] = {0,       1, 2, Limb{1} << 32, Limb{1} << 63, (Limb{1} << 63) - 1, ~Limb{0} - 1,
                            ~Limb{0}},
                 two[] = {0, ~Limb{0}};
  struct Plan {
    size_t size;
    std::span<const Limb> edges;
    bool checked;
  };
  const Plan plans[] = {{1, eight, true}, {2, four, true}, {2, eight, false},
                        {3, four, false}, {4, two, false}, {5, two, false}};
  size_t cases = 0;
  for (const auto& [size, edges, checked] : plans) {
    for_each_pattern(size, edges, [&](std::vector<Limb> m) {
      m[0] |= size == 1 ? 3 : 1;
      if (m[size - 1] == 0) m[size - 1] = 1;
      const SimpleNumber n = SimpleNumber::of(m), r = SimpleNumber::power_of_two(64 * size) % n;
      for_each_pattern(size, edges, [&](const std::vector<Limb>& b) {
        if (!is_less(b, m).bit()) return;
        for_each_pattern(size, edges, [&](const std::vector<Limb>& a) {
          const auto out = products_by(montgomery_soft, m, a, b);
          for (const auto& kernel : montgomery_kernels()) {
            if (!kernel.runs_on(crypto::cpu_word())) continue;
            ASSERT_EQ(products_by(*kernel.algorithm, m, a, b), out) << kernel.name << ' ' << n.hex();
          }
          const Limbs product = Limbs(out).first(size), square = Limbs(out).last(size);
          ASSERT_TRUE(is_less(product, m).bit() && is_less(square, m).bit()) << n.hex();
          ++cases;
          if (!checked) return;
          const SimpleNumber x = SimpleNumber::of(a), y = SimpleNumber::of(b);
          ASSERT_EQ(SimpleNumber::of(product) * r % n, x * y % n)
              << n.hex() << ' ' << x.hex() << ' ' << y.hex();
          ASSERT_EQ(SimpleNumber::of(square) * r % n, y * y % n) << n.hex() << ' ' << y.hex();
        });
      });
    });
  }
  EXPECT_GT(cases, 250'000u);
}

TEST(BignumDeathTest, a_modulus_that_cannot_be_one_ends_the_process) {
  const auto modulus = [](const SimpleNumber& n, size_t size) { const Modulus m(n.limbs(size)); };
  EXPECT_DEATH(modulus(0, 1), "");
  EXPECT_DEATH(modulus(1, 1), "");
  EXPECT_DEATH(modulus(4, 1), "");
  EXPECT_DEATH(modulus(5, 2), "") << "a leading zero limb";
  EXPECT_DEATH(modulus(SimpleNumber::power_of_two(64 * max_limbs) + 1, max_limbs + 1), "");
}

}  // namespace
}  // namespace bulla::test
