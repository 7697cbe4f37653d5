// Moduli by every kernel of Montgomery multiplication, against the school's rules and against soft.
#include "crypto/bignum/modulus.h"
#include "crypto/edge_numbers.h"

#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using namespace crypto::bignum;

constexpr size_t sizes[] = {1, 2, 3, 4, 5, 7, 8, 16, 17, 32};

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
  // Small exponents, 0 among them; and lengths that are too long for the school.
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

// Whatever a kernel computes together: each power is what soft makes of it alone. Lengths in limbs are those
// of every count of registers that a number by digits of 52 bits takes, and those on either side of them.
TEST_P(EveryMontgomery, powers_of_every_length_alone_and_together) {
  Numbers numbers(8);
  for (size_t size = 1; size <= max_limbs; size += size < 34 ? 1 : 1 + numbers() % 5) {
    const SecretLimbs m = numbers.modulus(size), other = numbers.modulus(size);
    const SecretLimbs e = numbers.any(size < 20 ? 2 : 1), f = numbers.any(e.size());
    const Modulus soft(m, montgomery_soft), soft_other(other, montgomery_soft);
    const Modulus ours(m, kernel()), ours_other(other, kernel());
    const SecretLimbs a = numbers.below(m), b = numbers.below(other);
    SecretLimbs wanted(size), wanted_other(size), out(size), out_other(size);
    soft.power(wanted, a, e);
    soft_other.power(wanted_other, b, f);
    const Power jobs[] = {{&ours, out, a, e}, {&ours_other, out_other, b, f}};
    for (const size_t count : {size_t{1}, size_t{2}}) {
      assign(out, 0), assign(out_other, 0);
      kernel().powers(std::span(jobs).first(count));
      EXPECT_EQ(is_equal(out, wanted).bit(), 1u) << size;
      if (count == 2) {
        EXPECT_EQ(is_equal(out_other, wanted_other).bit(), 1u) << size;
      } else {
        EXPECT_EQ(is_zero(out_other).bit(), 1u) << size;
      }
    }
    ours.power_vartime(out, a, SimpleNumber::of(e).bytes());
    EXPECT_EQ(is_equal(out, wanted).bit(), 1u) << size;
  }
}

// From one job to more than there are lanes; a run of some modulus in the middle; in place.
TEST_P(EveryMontgomery, many_powers_of_one_modulus) {
  Numbers numbers(9);
  for (const size_t size : {size_t{4}, size_t{15}, size_t{16}, size_t{17}, size_t{24}}) {
    for (size_t count = 1; count <= 19; ++count) {
      const SecretLimbs m = numbers.modulus(size), other = numbers.modulus(size), e = numbers.any(1);
      const Modulus soft(m, montgomery_soft), soft_other(other, montgomery_soft);
      const Modulus ours(m, kernel()), ours_other(other, kernel());
      std::vector<SecretLimbs> values, wanted;
      std::vector<Power> jobs;
      for (size_t i = 0; i < count; ++i) {
        const bool first = i < count / 3 || i > count / 3 + 1;
        values.push_back(numbers.below(first ? m : other));
        wanted.emplace_back(size);
        (first ? soft : soft_other).power(wanted.back(), values.back(), e);
        jobs.push_back({first ? &ours : &ours_other, values.back(), values.back(), e});
      }
      kernel().powers(jobs);
      for (size_t i = 0; i < count; ++i)
        EXPECT_EQ(is_equal(values[i], wanted[i]).bit(), 1u) << size << ' ' << count << ' ' << i;
    }
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
  EXPECT_EQ(crypto::pick(montgomery_kernels(), bmi2 | adx | avx512 | avx512_ifma).name, "ifma");
  EXPECT_EQ(crypto::pick(montgomery_kernels(), bmi2 | adx | avx512).name, "adx");
  EXPECT_EQ(crypto::pick(montgomery_kernels(), bmi2 | adx | avx512_ifma).name, "adx");
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

/// a·b/R and b·b/R mod m, one behind the other.
std::vector<Limb> products_of(const Modulus& m, Limbs a, Limbs b) {
  std::vector<Limb> out(2 * m.size());
  m.multiply(MutLimbs(out).first(m.size()), a, b);
  m.square(MutLimbs(out).last(m.size()), b);
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
      const Modulus soft(m, montgomery_soft);
      std::vector<Modulus> others;
      for (const auto& kernel : montgomery_kernels())
        if (kernel.runs_on(crypto::cpu_word())) others.emplace_back(m, *kernel.algorithm);
      for_each_pattern(size, edges, [&](const std::vector<Limb>& b) {
        if (!is_less(b, m).bit()) return;
        // b^6, by which a residue that is not below the modulus would be seen: it goes through five products.
        std::vector<Limb> sixth(size), power(size);
        const Limb six = 6;
        soft.power(sixth, b, Limbs(&six, 1));
        for (const Modulus& other : others) {
          other.power(power, b, Limbs(&six, 1));
          ASSERT_EQ(power, sixth) << n.hex();
        }
        for_each_pattern(size, edges, [&](const std::vector<Limb>& a) {
          const auto out = products_of(soft, a, b);
          for (const Modulus& other : others) ASSERT_EQ(products_of(other, a, b), out) << n.hex();
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
