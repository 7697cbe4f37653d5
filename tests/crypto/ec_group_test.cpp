// Points of the NIST curves: the exceptional cases of addition, and scalar multiplication at its edges.
#include "crypto/nist_curves.h"
#include "crypto/p256/adx.h"
#include "crypto/p256/curve.h"
#include "crypto/p384/adx.h"
#include "crypto/p384/curve.h"
#include "crypto/p521/curve.h"

namespace bulla::test {
namespace {

using namespace bulla::crypto;

template <class C>
class EcGroup : public testing::Test {
 protected:
  using P = ec::Point<C>;
  using A = ec::AffinePoint<C>;
  using Number = typename C::Scalar::Number;
  static constexpr A generator{C::generator_x, C::generator_y};
  void SetUp() override {
    constexpr bool is_kernel = requires(const typename C::Field& x) { x.half(); };
    if (is_kernel && (~cpu_word() & (cpu::bmi2 | cpu::adx)) != 0) GTEST_SKIP() << "needs bmi2 and adx";
  }
  SeededRandom random_{521};

  static bool same(const P& a, const P& b) { return is_equal(a, b).bit() != 0; }
  /// The same point by coordinates of another scale.
  P scaled(const P& p) {
    const auto by = C::Field::from_number(number());
    return {p.x * by, p.y * by, p.z * by};
  }
  Number number() {
    Number k;
    for (auto& limb : k) limb = random_.next();
    return C::Scalar::from_number(k).number();
  }
  P random_point() { return ec::multiply<C>(number(), generator); }
  static Number small(uint64_t k) { return Number{k}; }
  /// n + add, for a small number of either sign.
  static Number order_plus(int add) {
    Number k = C::Scalar::modulus;
    if (add < 0)
      ec::subtract_from(k, Number{static_cast<uint64_t>(-add)});
    else
      ec::add_to(k, Number{static_cast<uint64_t>(add)});
    return k;
  }
  /// By doubling and adding, bit by bit.
  static P slow(const Number& k, const P& p) {
    P sum = P::infinity();
    for (size_t i = ec::bit_length(k); i-- > 0;) {
      sum = sum + sum;
      if (k[i / 64] >> (i % 64) & 1) sum = sum + p;
    }
    return sum;
  }
};

#if defined(__x86_64__)
using Curves = testing::Types<P256, P384, P521, P256Adx, P384Adx>;
#else
using Curves = testing::Types<P256, P384, P521>;
#endif
TYPED_TEST_SUITE(EcGroup, Curves);

TYPED_TEST(EcGroup, the_generator_is_on_the_curve_and_has_the_order_n) {
  EXPECT_TRUE(this->generator.is_on_curve().bit());
  EXPECT_TRUE(this->slow(TypeParam::Scalar::modulus, ec::Point<TypeParam>::generator()).is_infinity().bit());
  auto off = this->generator;
  off.y = off.y + TypeParam::Field::one();
  EXPECT_FALSE(off.is_on_curve().bit());
  EXPECT_FALSE(ec::AffinePoint<TypeParam>{}.is_on_curve().bit());
}

// Renes, Costello, Batina §3: complete.
TYPED_TEST(EcGroup, addition_has_no_exceptions) {
  using P = ec::Point<TypeParam>;
  const P zero = P::infinity();
  EXPECT_TRUE(zero.is_infinity().bit());
  EXPECT_TRUE(this->same(zero + zero, zero));
  EXPECT_TRUE(this->same(zero.doubled(), zero));
  EXPECT_TRUE(this->same(zero + this->generator, P::generator()));
  for (unsigned times = 0; times < 4; ++times) {
    EXPECT_TRUE(this->same(zero.doubled(times), zero)) << times;
    EXPECT_FALSE(zero.doubled(times).y.is_zero().bit()) << "(0 : 0 : 0) is no point";
  }
  for (int i = 0; i < 20; ++i) {
    const P p = this->random_point(), q = this->random_point();
    const auto affine = q.affine();
    EXPECT_TRUE(this->same(p + zero, p));
    EXPECT_TRUE(this->same(zero + p, p));
    EXPECT_TRUE(this->same(zero + affine, q));
    EXPECT_TRUE(this->same(p + -p, zero));
    EXPECT_TRUE(this->same(p + -this->scaled(p), zero));
    EXPECT_TRUE(this->same(-q + affine, zero));
    EXPECT_TRUE(this->same(p + p, p.doubled()));
    EXPECT_TRUE(this->same(p + this->scaled(p), p.doubled()));
    EXPECT_TRUE(this->same(q + affine, q.doubled(1)));
    EXPECT_TRUE(this->same(p + q, q + p));
    EXPECT_TRUE(this->same(p + q, p + affine));
    EXPECT_TRUE(this->same((p + q) + -q, p));
    EXPECT_TRUE(this->same(p.doubled(5), p.doubled().doubled().doubled().doubled().doubled()));
    EXPECT_TRUE(this->same(-P{zero}, zero));
    EXPECT_FALSE(this->same(p, q));
    EXPECT_FALSE(this->same(p, -p));
    EXPECT_FALSE(this->same(p, zero));
    EXPECT_TRUE((p + q).affine().is_on_curve().bit());
    EXPECT_TRUE(p.doubled(3).affine().is_on_curve().bit());
  }
}

TYPED_TEST(EcGroup, multiplication_at_its_edges) {
  using P = ec::Point<TypeParam>;
  const P g = P::generator(), zero = P::infinity();
  const auto expect = [&](const auto& k, const P& wanted) {
    EXPECT_TRUE(this->same(ec::multiply<TypeParam>(k, this->generator), wanted));
    EXPECT_TRUE(this->same(ec::multiply_generator<TypeParam>(k), wanted));
    EXPECT_TRUE(this->same(ec::multiply_vartime<TypeParam>(k, this->generator), wanted));
  };
  expect(this->small(0), zero);
  expect(this->order_plus(-1), -g);
  // Beyond what callers ask for, and still right.
  expect(this->order_plus(0), zero);
  P sum = zero;
  for (uint64_t k = 1; k < 130; ++k) {
    SCOPED_TRACE(k);
    sum = sum + g;
    expect(this->small(k), sum);
    expect(this->order_plus(-static_cast<int>(k)), -sum);
  }
  // A single bit, and all bits below one.
  P power = g;
  for (size_t bit = 0; bit + 1 < TypeParam::Scalar::bits; ++bit) {
    SCOPED_TRACE(bit);
    typename TypeParam::Scalar::Number k{};
    k[bit / 64] = uint64_t{1} << (bit % 64);
    expect(k, power);
    ec::subtract_from(k, this->small(1));
    expect(k, power + -g);
    power = power.doubled();
  }
}

TYPED_TEST(EcGroup, multiplication_of_random_points) {
  using P = ec::Point<TypeParam>;
  for (int i = 0; i < 30; ++i) {
    const P p = this->random_point();
    const auto affine = p.affine();
    const auto k = this->number(), u = this->number();
    const P wanted = this->slow(k, p);
    EXPECT_TRUE(this->same(ec::multiply<TypeParam>(k, affine), wanted)) << i;
    EXPECT_TRUE(this->same(ec::multiply_vartime<TypeParam>(k, affine), wanted)) << i;
    EXPECT_TRUE(
        this->same(ec::multiply_two_vartime<TypeParam>(u, k, affine), this->slow(u, P::generator()) + wanted))
        << i;
    EXPECT_TRUE(this->same(ec::multiply_two_vartime<TypeParam>({}, k, affine), wanted)) << i;
  }
  // u·G = ±v·P: the last addition is a doubling, or gives the point at infinity.
  const auto k = this->number();
  EXPECT_TRUE(this->same(ec::multiply_two_vartime<TypeParam>(k, k, this->generator),
                         this->slow(k, P::generator()).doubled()));
  EXPECT_TRUE(ec::multiply_two_vartime<TypeParam>(this->small(7), this->order_plus(-7), this->generator)
                  .is_infinity()
                  .bit());
}

/// Each entry of the table that tools/make_ec_tables.py wrote, from the definition.
TYPED_TEST(EcGroup, the_table_of_the_generator) {
  using C = ec::Comb<TypeParam>;
  using P = ec::Point<TypeParam>;
  std::vector<P> powers = {P::generator()};
  while (powers.size() < C::bits) powers.push_back(powers.back().doubled());
  for (size_t comb = 0; comb < C::combs; ++comb) {
    for (size_t index = 0; index < C::points; ++index) {
      P wanted = powers[((C::teeth - 1) * C::combs + comb) * C::columns];
      for (size_t tooth = 0; tooth + 1 < C::teeth; ++tooth) {
        const P& term = powers[(tooth * C::combs + comb) * C::columns];
        wanted = wanted + (index >> tooth & 1 ? term : -term);
      }
      const auto& entry = TypeParam::generator_table[comb][index];
      EXPECT_EQ(wanted.affine().x.montgomery(), entry[0]) << comb << ' ' << index;
      EXPECT_EQ(wanted.affine().y.montgomery(), entry[1]) << comb << ' ' << index;
    }
  }
}

TEST(EcVectors, wycheproof_curve_parameters) {
  const std::string set = "wycheproof/ec_prime_order_curves_test.json";
  const auto json = load_json(set);
  BULLA_NEED_VECTORS(json, set);
  size_t cases = 0, other_curves = 0;
  const auto check = [&]<class C>(const auto& test) {
    const auto number = [&](std::string_view key) {
      return ec::from_big_endian<C::Field::n>(without_leading_zeros(from_hex(text_of(test, key))));
    };
    EXPECT_EQ(number("p"), C::Field::modulus);
    EXPECT_EQ(number("n"), C::Scalar::modulus);
    EXPECT_EQ(number("b"), C::b.number());
    EXPECT_EQ(number("gx"), C::generator_x.number());
    EXPECT_EQ(number("gy"), C::generator_y.number());
    auto minus_three = C::Field::modulus;
    ec::subtract_from(minus_three, {3});
    EXPECT_EQ(number("a"), minus_three);
    ++cases;
  };
  for (const auto& group : json->at("testGroups").as_array()) {
    for (const auto& test : group.at("tests").as_array()) {
      if (text_of(test, "name") == P256::name)
        check.template operator()<P256>(test);
      else if (text_of(test, "name") == P384::name)
        check.template operator()<P384>(test);
      else
        ++other_curves;
    }
  }
  EXPECT_EQ(cases, 2u);
  report_cases(set, cases);
  report_cases(set + " (curves that we do not have)", other_curves);
}

}  // namespace
}  // namespace bulla::test
