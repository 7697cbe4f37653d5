// Scalar multiplication of kernels, by windows and Jacobian coordinates, against the complete formulas of the
// curve in soft.
#include "crypto/nist_curves.h"
#include "crypto/p256/adx.h"
#include "crypto/p384/adx.h"

#if defined(__x86_64__)

namespace bulla::test {
namespace {

using namespace bulla::crypto;

/// A curve of a kernel, and the same one in soft.
template <class KernelCurve, class SoftCurve>
struct Pair {
  using Kernel = KernelCurve;
  using Soft = SoftCurve;
};

template <class T>
class EcWindows : public testing::Test {
 protected:
  using C = typename T::Kernel;
  using Soft = typename T::Soft;
  using Products = ec::WindowProducts<C>;
  using P = ec::Point<Soft>;
  using A = ec::AffinePoint<C>;
  using J = ec::Jacobian<C>;
  using Number = typename C::Scalar::Number;
  static constexpr A generator{C::generator_x, C::generator_y};
  void SetUp() override {
    if ((~cpu_word() & (cpu::bmi2 | cpu::adx | cpu::avx2)) != 0) GTEST_SKIP() << "needs bmi2, adx and avx2";
  }
  SeededRandom random_{65537};

  static ec::AffinePoint<Soft> soft(const A& p) {
    return {Soft::Field::from_montgomery(p.x.montgomery()), Soft::Field::from_montgomery(p.y.montgomery())};
  }
  static A kernel(const ec::AffinePoint<Soft>& p) {
    return {C::Field::from_montgomery(p.x.montgomery()), C::Field::from_montgomery(p.y.montgomery())};
  }
  Number number() {
    Number k;
    for (auto& limb : k) limb = random_.next();
    return Soft::Scalar::from_number(k).number();
  }
  static Number order_minus(uint64_t k) {
    Number out = C::Scalar::modulus;
    ec::subtract_from(out, Number{k});
    return out;
  }
  /// Of coordinates of another scale.
  J scaled(const A& p) {
    const auto z = C::Field::from_number(number());
    return {p.x * z.square(), p.y * (z.square() * z), z};
  }
  static bool same(const A& a, const A& b) { return (is_equal(a.x, b.x) & is_equal(a.y, b.y)).bit() != 0; }
  /// k·P by both secret ways and both public ones.
  void expect_product(const Number& k, const A& p, const A& wanted) {
    EXPECT_TRUE(same(Products::multiply(k, p), wanted));
    EXPECT_TRUE(same(Products::multiply_two_vartime({}, k, p).affine(), wanted));
    if (same(p, generator)) {
      EXPECT_TRUE(same(Products::multiply_generator(k), wanted));
      EXPECT_TRUE(same(Products::multiply_two_vartime(k, {}, p).affine(), wanted));
    }
  }
};

using Curves = testing::Types<Pair<P256Adx, P256>, Pair<P384Adx, P384>>;
TYPED_TEST_SUITE(EcWindows, Curves);

TYPED_TEST(EcWindows, sums_and_their_exceptions) {
  using C = typename TypeParam::Kernel;
  using J = ec::Jacobian<C>;
  const J zero{};
  for (int i = 0; i < 20; ++i) {
    const auto p = ec::multiply<typename TypeParam::Soft>(this->number(), this->soft(this->generator));
    const auto q = ec::multiply<typename TypeParam::Soft>(this->number(), this->soft(this->generator));
    const auto a = this->kernel(p.affine()), b = this->kernel(q.affine());
    const auto negative = this->kernel((-p).affine());
    J doubled = this->scaled(a);
    doubled.double_in_place(3);
    EXPECT_TRUE(this->same(doubled.affine(), this->kernel(p.doubled(3).affine())));
    J sum = this->scaled(a);
    sum.add_finite(b);
    EXPECT_TRUE(this->same(sum.affine(), this->kernel((p + q).affine())));
    for (const bool skip : {false, true}) {
      for (const bool infinite : {false, true}) {
        J out = infinite ? zero : this->scaled(a);
        out.add_unless(ec::Mask::of_bit(skip), b);
        const auto wanted =
            skip ? (infinite ? ec::Point<typename TypeParam::Soft>::infinity() : p) : (infinite ? q : p + q);
        EXPECT_EQ(out.z.is_zero().bit(), wanted.is_infinity().bit());
        EXPECT_TRUE(this->same(out.affine(), this->kernel(wanted.affine()))) << skip << infinite;
      }
    }
    J opposite = this->scaled(negative);
    opposite.add_finite(a);
    EXPECT_TRUE(opposite.z.is_zero().bit());
    opposite = this->scaled(negative);
    opposite.add_vartime(a);
    EXPECT_TRUE(opposite.z.is_zero().bit());
    opposite.add_vartime(a);
    opposite.add_vartime(a);
    EXPECT_TRUE(this->same(opposite.affine(), this->kernel(p.doubled().affine())));
  }
  J still = zero;
  still.double_in_place(7);
  EXPECT_TRUE(still.z.is_zero().bit());
}

TYPED_TEST(EcWindows, multiplication_at_its_edges) {
  using Soft = typename TypeParam::Soft;
  using P = ec::Point<Soft>;
  P sum = P::infinity();
  for (uint64_t k = 1; k < 140; ++k) {
    SCOPED_TRACE(k);
    sum = sum + P::generator();
    this->expect_product({k}, this->generator, this->kernel(sum.affine()));
    this->expect_product(this->order_minus(k), this->generator, this->kernel((-sum).affine()));
  }
  // A single bit, all bits below one, and a digit of each size at each place, of either sign.
  P power = P::generator();
  for (size_t bit = 0; bit + 1 < Soft::Scalar::bits; ++bit) {
    SCOPED_TRACE(bit);
    typename Soft::Scalar::Number k{};
    k[bit / 64] = uint64_t{1} << (bit % 64);
    this->expect_product(k, this->generator, this->kernel(power.affine()));
    if (bit > 0) {
      ec::subtract_from(k, {1});
      this->expect_product(k, this->generator, this->kernel((power + -P::generator()).affine()));
    }
    power = power.doubled();
  }
}

TYPED_TEST(EcWindows, multiplication_of_random_points) {
  using Soft = typename TypeParam::Soft;
  using Products = ec::WindowProducts<typename TypeParam::Kernel>;
  for (int i = 0; i < 60; ++i) {
    SCOPED_TRACE(i);
    auto k = this->number(), u = this->number();
    // Long runs of one bit, which make digits of zero and carries that go far.
    if (i % 3 == 1) k[1] = i % 2 ? 0 : ~uint64_t{0}, u[2] = ~k[1];
    if (i % 3 == 2) k[0] = k[2] = ~uint64_t{0}, u[0] = 0;
    const auto p = ec::multiply<Soft>(this->number(), this->soft(this->generator)).affine();
    const auto product = ec::multiply<Soft>(k, p), multiple = ec::multiply_generator<Soft>(u);
    this->expect_product(k, this->kernel(p), this->kernel(product.affine()));
    EXPECT_TRUE(this->same(Products::multiply_generator(u), this->kernel(multiple.affine())));
    EXPECT_TRUE(this->same(Products::multiply_two_vartime(u, k, this->kernel(p)).affine(),
                           this->kernel((multiple + product).affine())));
    auto r = Soft::Scalar::from_number((multiple + product).affine().x.number()).number();
    EXPECT_TRUE(Products::has_x_vartime(u, k, this->kernel(p), r));
    r[0] ^= 1;
    EXPECT_FALSE(Products::has_x_vartime(u, k, this->kernel(p), r));
  }
}

// u·G = ±v·P: what is added is equal or opposite to the sum so far.
TYPED_TEST(EcWindows, sums_for_verifiers_have_no_exceptions) {
  using Soft = typename TypeParam::Soft;
  using Products = ec::WindowProducts<typename TypeParam::Kernel>;
  const auto check = [&](const auto& u, const auto& v, const ec::Point<Soft>& wanted) {
    const auto sum = Products::multiply_two_vartime(u, v, this->generator);
    EXPECT_EQ(sum.z.is_zero().bit(), wanted.is_infinity().bit());
    EXPECT_TRUE(this->same(sum.affine(), this->kernel(wanted.affine())));
    const auto x = Soft::Scalar::from_number(wanted.affine().x.number()).number();
    EXPECT_EQ(Products::has_x_vartime(u, v, this->generator, x), wanted.is_infinity().bit() == 0);
  };
  using Number = typename Soft::Scalar::Number;
  for (int i = 0; i < 20; ++i) {
    const auto k = this->number();
    const auto opposite = (-Soft::Scalar::from_number(k)).number();
    check(k, k, ec::multiply_generator<Soft>(k).doubled());
    check(k, opposite, ec::Point<Soft>::infinity());
  }
  for (uint64_t u = 0; u < 40; ++u) {
    for (uint64_t v = 0; v < 40; ++v) check(Number{u}, Number{v}, ec::multiply_generator<Soft>({u + v}));
    check(Number{u}, u > 0 ? this->order_minus(u) : Number{}, ec::Point<Soft>::infinity());
  }
}

/// x = r + n < p is the same number modulo n (FIPS 186-5 §6.4.2 step 7): the point whose X is the least such.
TYPED_TEST(EcWindows, an_x_beyond_the_order) {
  using Soft = typename TypeParam::Soft;
  using Field = typename Soft::Field;
  using Products = ec::WindowProducts<typename TypeParam::Kernel>;
  // Where p - n is too small to search from n on, no X lies there that could be found.
  for (uint64_t r = 1; r < 64; ++r) {
    auto number = Soft::Scalar::modulus;
    ec::add_to(number, {r});
    const Field x = Field::from_number(number);
    // y² = x³ - 3x + b; a root is y^((p+1)/4), for p = 3 modulo 4.
    const Field square = x.square() * x - (x + x + x) + Soft::b;
    auto exponent = Field::modulus;
    ec::add_to(exponent, {1});
    Field y = Field::one();
    for (size_t i = Field::bits; i-- > 2;) {
      y = y.square();
      if (exponent[i / 64] >> (i % 64) & 1) y = y * square;
    }
    if (!is_equal(y.square(), square).bit()) continue;
    EXPECT_TRUE(Products::has_x_vartime({}, {1}, this->kernel({x, y}), {r})) << r;
    EXPECT_FALSE(Products::has_x_vartime({}, {1}, this->kernel({x, y}), {r + 1})) << r;
    EXPECT_TRUE(ec::CompleteProducts<Soft>::has_x_vartime({}, {1}, {x, y}, {r})) << r;
    return;
  }
  FAIL() << "no point found";
}

/// Each entry of the tables that tools/make_ec_tables.py wrote, from the definition.
TYPED_TEST(EcWindows, tables_of_the_generator) {
  using C = typename TypeParam::Kernel;
  using Soft = typename TypeParam::Soft;
  using Windows = ec::GeneratorWindows<C>;
  auto base = ec::Point<Soft>::generator();
  for (size_t i = 0; i < C::generator_windows; ++i) {
    auto multiple = base;
    for (size_t j = 0; j < Windows::points; ++j) {
      const auto& entry = C::generator_window(i)[j];
      EXPECT_EQ(multiple.affine().x.montgomery(), entry[0]) << i << ' ' << j;
      EXPECT_EQ(multiple.affine().y.montgomery(), entry[1]) << i << ' ' << j;
      multiple = multiple + base;
    }
    base = base.doubled(Windows::width);
  }
}

TEST(EcLookup, all_of_the_table_and_nothing_else) {
  if (!(cpu_word() & cpu::avx2)) GTEST_SKIP() << "needs avx2";
  SeededRandom random(3);
  for (const auto count : std::initializer_list<size_t>{1, 2, 16, 32}) {
    std::vector<std::array<uint64_t, 12>> table(count);
    for (auto& entry : table)
      for (auto& limb : entry) limb = random.next();
    for (uint64_t index = 0; index < count + 3; ++index) {
      const auto wanted = index > 0 && index <= count ? table[index - 1] : std::array<uint64_t, 12>{};
      std::array<uint64_t, 12> out;
      out.fill(~uint64_t{0});
      ec::lookup_avx2<3>(table.data(), count, index, out.data());
      EXPECT_EQ(out, wanted) << index;
    }
  }
}

}  // namespace
}  // namespace bulla::test

#endif
