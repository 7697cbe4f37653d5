// Arithmetic modulo the primes and the orders of the NIST curves, against a slow reference that knows nothing
// of limbs of 64 bits or of Montgomery.
#include "crypto/ec/divsteps.h"
#include "crypto/nist_curves.h"
#include "crypto/p256/adx.h"
#include "crypto/p256/curve.h"
#include "crypto/p384/adx.h"
#include "crypto/p384/curve.h"
#include "crypto/p521/curve.h"

namespace bulla::test {
namespace {

using namespace bulla::crypto;

/// Numbers modulo m in words of 32 bits, lowest first, with a word to spare; products by doubling and adding.
class Reference {
 public:
  using Words = std::vector<uint32_t>;

  template <size_t n>
  explicit Reference(const ec::Limbs<n>& modulus) : m_(words(modulus)) {}

  template <size_t n>
  static Words words(const ec::Limbs<n>& limbs) {
    Words out(2 * n + 1);
    for (size_t i = 0; i < 2 * n; ++i) out[i] = static_cast<uint32_t>(limbs[i / 2] >> (32 * (i % 2)));
    return out;
  }
  Words add(Words a, const Words& b) const {
    uint64_t carry = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      carry += uint64_t{a[i]} + b[i];
      a[i] = static_cast<uint32_t>(carry);
      carry >>= 32;
    }
    return reduced_once(std::move(a));
  }
  Words subtract(const Words& a, const Words& b) const { return add(a, difference(m_, b)); }
  Words multiply(const Words& a, const Words& b) const {
    Words out(m_.size());
    for (size_t i = 32 * a.size(); i-- > 0;) {
      out = add(out, out);
      if (a[i / 32] >> (i % 32) & 1) out = add(out, b);
    }
    return out;
  }
  Words one() const {
    Words out(m_.size());
    out[0] = 1;
    return out;
  }
  /// x mod m, for any x.
  Words remainder(const Words& x) const { return multiply(x, one()); }

 private:
  static bool is_less(const Words& a, const Words& b) {
    return std::lexicographical_compare(a.rbegin(), a.rend(), b.rbegin(), b.rend());
  }
  static Words difference(Words a, const Words& b) {
    int64_t borrow = 0;
    for (size_t i = 0; i < a.size(); ++i) {
      borrow += int64_t{a[i]} - b[i];
      a[i] = static_cast<uint32_t>(borrow);
      borrow >>= 32;
    }
    return a;
  }
  Words reduced_once(Words a) const { return is_less(a, m_) ? a : difference(std::move(a), m_); }

  Words m_;
};

template <class R>
struct ModulusOfResidue;
template <template <class> class R, class Modulus>
struct ModulusOfResidue<R<Modulus>> {
  using type = Modulus;
};
template <class R>
using ModulusOf = typename ModulusOfResidue<R>::type;

template <class R>
class ResidueTest : public testing::Test {
 protected:
  using Number = typename R::Number;
  using Words = Reference::Words;
  static constexpr bool is_kernel = requires(const R& x) { x.half(); };
  void SetUp() override {
    if (is_kernel && (~cpu_word() & (cpu::bmi2 | cpu::adx)) != 0) GTEST_SKIP() << "needs bmi2 and adx";
  }

  const Reference reference_{R::modulus};
  SeededRandom random_{20260101};

  static bool is_below_modulus(Number x) { return ec::is_less(x, R::modulus).bit() != 0; }
  static Words words(const R& x) { return Reference::words(x.number()); }

  /// Limbs that are the edges of carries, or of the modulus, or random.
  Number edge_number() {
    Number x{};
    for (size_t i = 0; i < R::n; ++i) {
      const uint64_t limbs[] = {0,
                                1,
                                ~uint64_t{0},
                                ~uint64_t{0} - 1,
                                1ull << 63,
                                1ull << 32,
                                0xffffffff,
                                0xffffffff00000000,
                                R::modulus[i],
                                R::modulus[i] - 1,
                                R::modulus[i] + 1,
                                random_.next()};
      x[i] = limbs[random_.next() % std::size(limbs)];
    }
    return x;
  }
  /// A residue whose form in memory has such limbs.
  R edge() {
    Number x = edge_number();
    while (!is_below_modulus(x)) {
      x = edge_number();
      x[R::n - 1] &= R::modulus[R::n - 1];
    }
    return R::from_montgomery(x);
  }
  /// The first ones are the edges of the whole number.
  R operand(size_t i) {
    Number x = R::modulus;
    if (i < 4) {
      ec::subtract_from(x, Number{i + 1});
      return R::from_montgomery(x);
    }
    if (i < 8) return R::from_montgomery(Number{i - 4});
    if (i == 8) return R::one();
    return edge();
  }
};

#if defined(__x86_64__)
using Moduli = testing::Types<P256::Field, P256::Scalar, P384::Field, P384::Scalar, P521::Field, P521::Scalar,
                              P256Adx::Field, P256Adx::Scalar, P384Adx::Field, P384Adx::Scalar>;
#else
using Moduli =
    testing::Types<P256::Field, P256::Scalar, P384::Field, P384::Scalar, P521::Field, P521::Scalar>;
#endif
TYPED_TEST_SUITE(ResidueTest, Moduli);

TYPED_TEST(ResidueTest, sums_differences_and_products) {
  using R = TypeParam;
  const Reference& reference = this->reference_;
  for (size_t i = 0; i < 3000; ++i) {
    const R a = i < 81 ? this->operand(i / 9) : this->edge(),
            b = i < 81 ? this->operand(i % 9) : this->edge();
    SCOPED_TRACE(i);
    const auto x = this->words(a), y = this->words(b);
    EXPECT_EQ(this->words(a + b), reference.add(x, y));
    EXPECT_EQ(this->words(a - b), reference.subtract(x, y));
    EXPECT_EQ(this->words(-a), reference.subtract(Reference::Words(x.size()), x));
    EXPECT_EQ(this->words(a * b), reference.multiply(x, y));
    EXPECT_EQ(this->words(a.square()), reference.multiply(x, x));
    for (const R& result : {a + b, a - b, -a, a * b, a.square()})
      EXPECT_TRUE(this->is_below_modulus(result.montgomery()));
    EXPECT_EQ(is_equal(a, b).bit() != 0, x == y);
    EXPECT_TRUE(is_equal(a, a).bit());
    EXPECT_EQ(select(ec::Mask::of_bit(1), a, b).montgomery(), a.montgomery());
    EXPECT_EQ(select(ec::Mask::of_bit(0), a, b).montgomery(), b.montgomery());
  }
}

TYPED_TEST(ResidueTest, any_number_of_that_many_limbs_is_taken_modulo_m) {
  using R = TypeParam;
  typename R::Number all_ones;
  all_ones.fill(~uint64_t{0});
  EXPECT_EQ(this->words(R::from_number(all_ones)), this->reference_.remainder(Reference::words(all_ones)));
  EXPECT_TRUE(R::from_number(R::modulus).is_zero().bit());
  typename R::Number more = R::modulus;
  ec::add_to(more, {1});
  EXPECT_EQ(R::from_number(more).montgomery(), R::one().montgomery());
  for (size_t i = 0; i < 200; ++i) {
    const auto x = this->edge_number();
    const R residue = R::from_number(x);
    EXPECT_EQ(this->words(residue), this->reference_.remainder(Reference::words(x))) << i;
    EXPECT_TRUE(this->is_below_modulus(residue.number()));
    EXPECT_TRUE(this->is_below_modulus(residue.montgomery()));
  }
}

TYPED_TEST(ResidueTest, inverses) {
  using R = TypeParam;
  EXPECT_TRUE(R().inverse().is_zero().bit());
  EXPECT_FALSE(R::one().is_zero().bit());
  EXPECT_EQ(R::one().inverse().montgomery(), R::one().montgomery());
  EXPECT_EQ(R::one().number(), typename R::Number{1});
  for (size_t i = 0; i < 50; ++i) {
    const R a = this->operand(i);
    if (a.is_zero().bit()) continue;
    EXPECT_EQ((a.inverse() * a).montgomery(), R::one().montgomery()) << i;
  }
}

TYPED_TEST(ResidueTest, halves_and_inverses_of_kernels) {
  using R = TypeParam;
  if constexpr (TestFixture::is_kernel) {
    EXPECT_TRUE(R().inverse_vartime().is_zero().bit());
    for (size_t i = 0; i < 1000; ++i) {
      const R a = this->operand(i);
      EXPECT_EQ((a.half() + a.half()).montgomery(), a.montgomery()) << i;
      EXPECT_TRUE(this->is_below_modulus(a.half().montgomery())) << i;
      EXPECT_EQ(a.inverse_vartime().montgomery(), a.inverse().montgomery()) << i;
    }
  }
}

// Division steps give what Fermat's exponent gives, for numbers as they stand, and below the modulus.
TYPED_TEST(ResidueTest, division_steps) {
  using R = TypeParam;
  using Steps = ec::Divsteps<ModulusOf<R>>;
  const auto check = [&](const typename R::Number& x) {
    const auto wanted = R::from_number(x).inverse().number();
    EXPECT_EQ(Steps::inverse(x), wanted);
    EXPECT_EQ(Steps::inverse_vartime(x), wanted);
  };
  for (size_t i = 0; i < 300; ++i) check(this->operand(i).montgomery());
  // Powers of two and their neighbours, from either end: many steps of one kind in a row.
  for (size_t bit = 0; bit + 1 < R::bits; ++bit) {
    typename R::Number x{}, y = R::modulus;
    x[bit / 64] = uint64_t{1} << (bit % 64);
    ec::subtract_from(y, x);
    check(x);
    check(y);
    ec::subtract_from(x, {1});
    check(x);
  }
}

TYPED_TEST(ResidueTest, bytes_bits_and_comparisons) {
  using R = TypeParam;
  for (size_t i = 0; i < 100; ++i) {
    const auto x = this->edge_number(), y = this->edge_number();
    ByteVector bytes(8 * R::n);
    ec::to_big_endian(x, bytes);
    EXPECT_EQ(ec::from_big_endian<R::n>(bytes), x);
    EXPECT_EQ(ec::is_less(x, y).bit() != 0,
              std::lexicographical_compare(x.rbegin(), x.rend(), y.rbegin(), y.rend()));
    for (size_t at = 0; at < 64 * R::n + 70; ++at) {
      uint64_t expected = 0;
      for (size_t j = 0; j < 6 && at + j < 64 * R::n; ++j)
        expected |= (x[(at + j) / 64] >> ((at + j) % 64) & 1) << j;
      ASSERT_EQ(ec::bits_at(x, at, 6), expected) << at;
    }
  }
  EXPECT_FALSE(ec::is_less(R::modulus, R::modulus).bit());
  EXPECT_TRUE(ec::is_zero(typename R::Number{}).bit());
  for (size_t bit = 0; bit < 64 * R::n; ++bit) {
    typename R::Number x{};
    x[bit / 64] = uint64_t{1} << (bit % 64);
    EXPECT_FALSE(ec::is_zero(x).bit());
    EXPECT_EQ(ec::bit_length(x), bit + 1);
  }
}

}  // namespace
}  // namespace bulla::test
