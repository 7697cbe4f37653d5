// The arithmetic of eight lanes beneath P-256 at the edges of its limbs and bounds, against BigNumber; its
// products of points against the complete formulas of soft.
#include "crypto/p256/ifma.h"

#if defined(__x86_64__)

#include "crypto/big_number.h"
#include "crypto/nist_curves.h"
#include "crypto/p256/ifma_field.h"

#include <random>

namespace bulla::test {
namespace {

using namespace bulla::crypto;

/// Limbs of eight numbers.
struct alignas(64) Raw {
  uint64_t limb[5][8];
};

const BigNumber p =
    (BigNumber(1) << 256) - (BigNumber(1) << 224) + (BigNumber(1) << 192) + (BigNumber(1) << 96) - 1;
/// R modulo p.
const BigNumber r = (BigNumber(1) << 260) % p;

BigNumber value(const Raw& a, size_t lane) {
  BigNumber out;
  for (size_t i = 0; i < 5; ++i) out = out + (BigNumber(a.limb[i][lane]) << 52 * i);
  return out;
}

/// Numbers below k·p with limbs at the edges of what is allowed, and some at random.
std::vector<Raw> edges(uint64_t k, uint64_t seed) {
  constexpr uint64_t most = p256::mask52;
  // k·p is not below k times its highest limb.
  const uint64_t most_top = k * p256::limb_of_p(4) - 1;
  const uint64_t some[] = {0,        1,   uint64_t{1} << 36, (uint64_t{1} << 44) - 1, uint64_t{1} << 44,
                           most - 1, most};
  std::mt19937_64 random(seed);
  std::vector<Raw> out(48);
  for (size_t i = 0; i < out.size(); ++i) {
    for (size_t lane = 0; lane < 8; ++lane) {
      for (size_t limb = 0; limb < 4; ++limb)
        out[i].limb[limb][lane] = i % 2 == 0 ? some[random() % std::size(some)] : random() & most;
      const uint64_t tops[] = {0, 1, most_top / 2, most_top - 1, most_top};
      out[i].limb[4][lane] = i % 2 == 0 ? tops[random() % std::size(tops)] : random() % (most_top + 1);
    }
  }
  for (size_t lane = 0; lane < 8; ++lane)
    for (size_t limb = 0; limb < 5; ++limb) {
      out[0].limb[limb][lane] = limb < 4 ? most : most_top;
      out[2].limb[limb][lane] = 0;
      if (k > 1) out[4].limb[limb][lane] = p256::limb_of_p(static_cast<int>(limb));  // p, which is 0
    }
  return out;
}

using InLanes = void (*)(const Raw& a, const Raw& b, Raw& out) noexcept;

}  // namespace
}  // namespace bulla::test

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq,avx512ifma")
namespace bulla::test {
namespace {

template <unsigned k>
p256::Element<k> load(const Raw& from) noexcept {
  p256::Element<k> out;
  for (int i = 0; i < 5; ++i) out.limb[i] = _mm512_load_si512(from.limb[i]);
  return out;
}
template <unsigned k>
p256::Loose<0, k> loose(const Raw& from) noexcept {
  return p256::loose(load<k>(from));
}
template <unsigned k>
void store(const p256::Element<k>& a, Raw& out) noexcept {
  for (int i = 0; i < 5; ++i) _mm512_store_si512(out.limb[i], a.limb[i]);
}

template <unsigned j, unsigned k>
void multiply(const Raw& a, const Raw& b, Raw& out) noexcept {
  store(p256::carry(load<j>(a) * load<k>(b)), out);
}
void multiply_most(const Raw& a, const Raw& b, Raw& out) noexcept {
  store(p256::reduce(load<16>(a) * load<16>(b)), out);
}
template <unsigned k>
void square(const Raw& a, const Raw&, Raw& out) noexcept {
  store(p256::carry(p256::square(load<k>(a))), out);
}
void square_most(const Raw& a, const Raw&, Raw& out) noexcept {
  store(p256::reduce(p256::square(load<16>(a))), out);
}
template <unsigned j, unsigned k>
void sum(const Raw& a, const Raw& b, Raw& out) noexcept {
  store(p256::carry(loose<j>(a) + loose<k>(b)), out);
}
template <unsigned j, unsigned k>
void difference(const Raw& a, const Raw& b, Raw& out) noexcept {
  store(p256::carry(loose<j>(a) - loose<k>(b)), out);
}
void reduced_sum(const Raw& a, const Raw& b, Raw& out) noexcept {
  store(p256::reduce(loose<16>(a) + loose<16>(b)), out);
}
void reduced_difference(const Raw& a, const Raw& b, Raw& out) noexcept {
  store(p256::reduce(loose<16>(a) - loose<16>(b)), out);
}
void reduced_eightfold(const Raw& a, const Raw& b, Raw& out) noexcept {
  store(p256::reduce(loose<16>(a) - p256::doubled<3>(loose<2>(b))), out);
}
/// In the lanes of odd numbers.
void negative(const Raw& a, const Raw&, Raw& out) noexcept {
  store(p256::carry(p256::negated(0xaa, load<16>(a))), out);
}
/// x·R to x, in words of 64 bits.
void number_of(const Raw& a, const Raw&, Raw& out) noexcept {
  p256::Words words;
  p256::store_number(load<16>(a), words);
  for (int i = 0; i < 4; ++i) _mm512_store_si512(out.limb[i], _mm512_load_si512(words.word[i]));
}
/// Words of x·2^256 to x·R.
void from_words(const Raw& a, const Raw&, Raw& out) noexcept {
  p256::Words words;
  for (int i = 0; i < 4; ++i) _mm512_store_si512(words.word[i], _mm512_load_si512(a.limb[i]));
  store(p256::load(words), out);
}

}  // namespace
}  // namespace bulla::test
BULLA_TARGET_END

namespace bulla::test {
namespace {

class P256Lanes : public testing::Test {
 protected:
  void SetUp() override {
    if (!p256_kernels().front().runs_on(cpu_word())) GTEST_SKIP() << "no AVX-512 IFMA here";
  }
  using Number = p256::Number;
  using Product = p256::Product;
  using Soft = ec::Point<P256>;
  SeededRandom random_{521};

  Number number() {
    Number k;
    for (auto& limb : k) limb = random_.next();
    return P256::Scalar::from_number(k).number();
  }
  static Number order_minus(uint64_t k) {
    Number out = P256Order::value;
    ec::subtract_from(out, Number{k});
    return out;
  }
  static Product product(const Soft& point) {
    const auto affine = point.affine();
    return {P256Adx::Field::from_montgomery(affine.x.montgomery()),
            P256Adx::Field::from_montgomery(affine.y.montgomery())};
  }
  static ec::AffinePoint<P256> soft(const Product& p) {
    return {P256::Field::from_montgomery(p.x.montgomery()), P256::Field::from_montgomery(p.y.montgomery())};
  }
  static bool same(const Product& a, const Product& b) {
    return (is_equal(a.x, b.x) & is_equal(a.y, b.y)).bit() != 0;
  }
  /// Small and large scalars, single bits and runs of them: digits of each size at each place.
  std::vector<Number> scalars() {
    std::vector<Number> out;
    for (uint64_t k = 1; k < 140; ++k) out.push_back({k}), out.push_back(order_minus(k));
    for (size_t bit = 0; bit < 256; ++bit) {
      Number k{};
      k[bit / 64] = uint64_t{1} << (bit % 64);
      out.push_back(k);
      if (bit > 0) ec::subtract_from(k, {1}), out.push_back(k);
    }
    // n/2, where k and n - k change places.
    Number half = P256Order::value;
    for (size_t i = 0; i < 4; ++i) half[i] = half[i] >> 1 | (i < 3 ? half[i + 1] << 63 : 0);
    for (int i = 0; i < 4; ++i) {
      out.push_back(half);
      ec::add_to(half, {1});
    }
    for (int i = 0; i < 60; ++i) {
      Number k = number();
      if (i % 3 == 1) k[1] = i % 2 ? 0 : ~uint64_t{0};
      if (i % 3 == 2) k[0] = k[2] = ~uint64_t{0};
      out.push_back(k);
    }
    return out;
  }
};

/// What comes out is below k·p, its limbs below 2^52, and it is as wanted modulo p.
template <class Wanted>
void check(InLanes compute, uint64_t ka, uint64_t kb, uint64_t k, const Wanted& wanted) {
  const auto all_a = edges(ka, 1), all_b = edges(kb, 2);
  for (size_t i = 0; i < all_a.size(); ++i) {
    const Raw &a = all_a[i], &b = all_b[i * 5 % all_b.size()];
    Raw out = {};
    compute(a, b, out);
    for (size_t lane = 0; lane < 8; ++lane) {
      for (const auto& limb : out.limb) ASSERT_LE(limb[lane], p256::mask52) << i << ' ' << lane;
      const BigNumber got = value(out, lane);
      ASSERT_TRUE(got < p * k) << i << ' ' << lane;
      ASSERT_EQ(got % p, wanted(value(a, lane), value(b, lane), lane) % p) << i << ' ' << lane;
    }
  }
}
/// The same where the result is divided by R.
void check_product(InLanes compute, uint64_t ka, uint64_t kb, uint64_t k, bool squared = false) {
  const auto all_a = edges(ka, 3), all_b = edges(kb, 4);
  for (size_t i = 0; i < all_a.size(); ++i) {
    const Raw &a = all_a[i], &b = squared ? a : all_b[i * 5 % all_b.size()];
    Raw out = {};
    compute(a, b, out);
    for (size_t lane = 0; lane < 8; ++lane) {
      for (const auto& limb : out.limb) ASSERT_LE(limb[lane], p256::mask52) << i << ' ' << lane;
      ASSERT_TRUE(value(out, lane) < p * k) << i << ' ' << lane;
      ASSERT_EQ(value(out, lane) % p * r % p, value(a, lane) % p * (value(b, lane) % p) % p)
          << i << ' ' << lane;
    }
  }
}

TEST_F(P256Lanes, products_up_to_their_bounds) {
  static_assert(p256::bound_of_product(4, 4) == 2 && p256::bound_of_product(16, 15) == 16);
  check_product(multiply<2, 2>, 2, 2, 2);
  check_product(multiply<4, 4>, 4, 4, 2);
  check_product(multiply<16, 2>, 16, 2, 3);
  check_product(multiply<16, 15>, 16, 15, 16);
  check_product(multiply_most, 16, 16, 2);
  check_product(square<2>, 2, 2, 2, true);
  check_product(square<15>, 15, 15, 16, true);
  check_product(square_most, 16, 16, 2, true);
}

TEST_F(P256Lanes, sums_and_differences_up_to_their_bounds) {
  const auto plus = [](const BigNumber& a, const BigNumber& b, size_t) { return a + b; };
  const auto minus = [](const BigNumber& a, const BigNumber& b, size_t) { return a + p * 16 - b; };
  check(sum<8, 8>, 8, 8, 16, plus);
  check(sum<1, 15>, 1, 15, 16, plus);
  check(difference<8, 8>, 8, 8, 16, minus);
  check(difference<1, 15>, 1, 15, 16, minus);
  check(reduced_sum, 16, 16, 2, plus);
  check(reduced_difference, 16, 16, 2, minus);
  check(reduced_eightfold, 16, 2, 2,
        [](const BigNumber& a, const BigNumber& b, size_t) { return a + p * 16 - b * 8; });
  check(negative, 16, 1, 17,
        [](const BigNumber& a, const BigNumber&, size_t lane) { return lane % 2 == 1 ? p * 16 - a : a; });
}

TEST_F(P256Lanes, numbers_come_out_below_p) {
  for (const Raw& a : edges(16, 5)) {
    Raw out = {};
    number_of(a, a, out);
    for (size_t lane = 0; lane < 8; ++lane) {
      BigNumber x;
      for (size_t i = 0; i < 4; ++i) x = x + (BigNumber(out.limb[i][lane]) << 64 * i);
      EXPECT_EQ(x % p * r % p, value(a, lane) % p);
      EXPECT_TRUE(x < p || x == p);
      if (x == p) {
        EXPECT_EQ(value(a, lane) % p, BigNumber(0));
      }
    }
    // Words of 64 bits, below p.
    for (auto& top : out.limb[3]) top = 0;
    Raw limbs = {};
    from_words(out, out, limbs);
    for (size_t lane = 0; lane < 8; ++lane) {
      BigNumber x;
      for (size_t i = 0; i < 4; ++i) x = x + (BigNumber(out.limb[i][lane]) << 64 * i);
      EXPECT_EQ(value(limbs, lane), x * 16);
    }
  }
}

TEST_F(P256Lanes, one_product_of_the_generator) {
  for (const Number& k : scalars()) {
    Product out;
    p256::multiply_generator(k, out);
    ASSERT_TRUE(same(out, product(ec::multiply_generator<P256>(k)))) << k[3] << ' ' << k[0];
  }
}

TEST_F(P256Lanes, eight_products_of_the_generator_and_fewer) {
  const auto all = scalars();
  size_t count = 1;
  for (size_t first = 0; first < all.size(); first += count, count = count % 8 + 1) {
    const auto k = std::span(all).subspan(first).first(std::min(count, all.size() - first));
    std::array<Product, 8> out;
    p256::multiply_generator(k, std::span(out).first(k.size()));
    for (size_t i = 0; i < k.size(); ++i)
      ASSERT_TRUE(same(out[i], product(ec::multiply_generator<P256>(k[i])))) << first << ' ' << i;
  }
}

TEST_F(P256Lanes, eight_products_of_points_and_fewer) {
  const auto all = scalars();
  const Product g = product(Soft::generator()), minus_g = product(-Soft::generator()),
                two_g = product(Soft::generator().doubled());
  size_t count = 1;
  for (size_t first = 0; first < all.size(); first += count, count = count % 8 + 1) {
    const auto k = std::span(all).subspan(first).first(std::min(count, all.size() - first));
    std::array<Product, 8> points;
    for (size_t i = 0; i < k.size(); ++i) {
      const Product choice[] = {g, minus_g, two_g, product(ec::multiply_generator<P256>(number()))};
      points[i] = choice[(first + i) % 4];
    }
    const auto before = points;
    p256::multiply(k, std::span(points).first(k.size()));
    for (size_t i = 0; i < k.size(); ++i)
      ASSERT_TRUE(same(points[i], product(ec::multiply<P256>(k[i], soft(before[i]))))) << first << ' ' << i;
  }
}

}  // namespace
}  // namespace bulla::test

#endif
