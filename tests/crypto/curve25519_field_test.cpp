// The arithmetic beneath X25519 and Ed25519, at the edges of its limbs, against BigNumber.
#include "crypto/big_number.h"
#include "crypto/curve25519/ed25519.h"
#include "crypto/curve25519/edwards.h"
#include "crypto/curve25519/scalar.h"
#include "support/vectors.h"

#include <gtest/gtest.h>

#include <random>

namespace bulla::test {
namespace {

using namespace bulla::crypto::curve25519;

constexpr uint64_t tight = (uint64_t{1} << 51) + (uint64_t{1} << 13);
const BigNumber p = (BigNumber(1) << 255) - 19;
const BigNumber order =
    (BigNumber(1) << 252) + BigNumber::from_little_endian(from_hex("edd3f55c1a631258d69cf7a2def9de14"));

BigNumber value(const Limbs& a) {
  return BigNumber(a.l0) + (BigNumber(a.l1) << 51) + (BigNumber(a.l2) << 102) + (BigNumber(a.l3) << 153) +
         (BigNumber(a.l4) << 204);
}
template <unsigned k>
BigNumber value(const Fe<k>& a) {
  return value(a.limbs) % p;
}

template <unsigned k>
void expect_bound(const Fe<k>& a) {
  for (const uint64_t limb : {a.limbs.l0, a.limbs.l1, a.limbs.l2, a.limbs.l3, a.limbs.l4})
    EXPECT_LE(limb, k * tight);
}

Encoded encoded(const BigNumber& number) {
  Encoded out;
  const auto bytes = number.to_little_endian(32);
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

/// Limbs at the edges of a bound: none, all and each of them at what is small, around 51 bits, and the most;
/// the limbs of numbers around p; and some at random.
template <unsigned k>
std::vector<Fe<k>> edges() {
  std::vector<Fe<k>> out;
  constexpr uint64_t most = k * tight;
  for (const uint64_t e : {uint64_t{0}, uint64_t{1}, uint64_t{18}, uint64_t{19}, mask51 - 19, mask51 - 18,
                           mask51 - 1, mask51, mask51 + 1, tight - 1, tight, most - 1, most}) {
    out.push_back({{e, e, e, e, e}});
    out.push_back({{e, 0, 0, 0, 0}});
    out.push_back({{0, e, 0, 0, 0}});
    out.push_back({{0, 0, e, 0, 0}});
    out.push_back({{0, 0, 0, e, 0}});
    out.push_back({{0, 0, 0, 0, e}});
    out.push_back({{most, e, most, e, most}});
    out.push_back({{e, most, e, most, e}});
    out.push_back({{e, mask51, mask51, mask51, mask51}});
  }
  for (unsigned i = 0; i < 40; ++i)
    out.push_back({limbs_of({~uint64_t{0} - 20 - i, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0} >> 1})});
  std::mt19937_64 random(25519);
  for (unsigned i = 0; i < 40; ++i)
    out.push_back({{random() % (most + 1), random() % (most + 1), random() % (most + 1),
                    random() % (most + 1), random() % (most + 1)}});
  return out;
}

template <unsigned k>
std::vector<BigNumber> values(const std::vector<Fe<k>>& elements) {
  std::vector<BigNumber> out;
  for (const auto& element : elements) out.push_back(value(element));
  return out;
}

template <unsigned j, unsigned k>
void products() {
  const auto all_a = edges<j>();
  const auto all_b = edges<k>();
  const auto b_values = values(all_b);
  size_t at = 0;
  for (const auto& a : all_a) {
    const BigNumber va = value(a);
    // Every a with a share of the b, so that all b come by, and with itself.
    for (size_t step = 0; step < 4; ++step, ++at) {
      const auto& b = all_b[(at * 7) % all_b.size()];
      const BigNumber& vb = b_values[(at * 7) % all_b.size()];
      const Element product = a * b;
      expect_bound(product);
      ASSERT_EQ(value(product), va * vb % p);
    }
    const Element squared = square(a);
    expect_bound(squared);
    ASSERT_EQ(value(squared), va * va % p);
    const Element times = times_121665(a);
    expect_bound(times);
    ASSERT_EQ(value(times), va * 121665 % p);
  }
}
TEST(Field25519, products_are_right_at_every_bound) {
  products<1, 1>();
  products<2, 3>();
  products<4, 5>();
  products<8, 8>();
}

template <unsigned j, unsigned k>
void sums() {
  const auto all_b = edges<k>();
  const auto b_values = values(all_b);
  size_t at = 0;
  for (const auto& a : edges<j>()) {
    const BigNumber va = value(a);
    for (size_t step = 0; step < 4; ++step, ++at) {
      const auto& b = all_b[(at * 7) % all_b.size()];
      const BigNumber& vb = b_values[(at * 7) % all_b.size()];
      expect_bound(a + b);
      ASSERT_EQ(value(a + b), (va + vb) % p);
      expect_bound(a - b);
      ASSERT_EQ(value(a - b), (va + p - vb) % p);
      expect_bound(negate(b));
      ASSERT_EQ(value(negate(b)), (p - vb) % p);
    }
  }
}
TEST(Field25519, sums_and_differences_are_right_at_every_bound) {
  sums<1, 1>();
  sums<2, 3>();
  sums<6, 1>();
  sums<4, 2>();
}

TEST(Field25519, encodings_are_below_p) {
  for (const Element& a : edges<1>()) {
    Encoded bytes;
    encode(a, bytes);
    EXPECT_EQ(bytes, encoded(value(a)));
    EXPECT_LT(BigNumber::from_little_endian(bytes), p);
    EXPECT_EQ(value(decode(bytes)), value(a));
  }
  const auto canonical = [](const BigNumber& n) {
    Encoded out;
    encode(decode(encoded(n)), out);
    return BigNumber::from_little_endian(out);
  };
  for (const uint64_t near : {0u, 1u, 2u, 18u, 19u, 20u}) {
    EXPECT_EQ(canonical(near), near);
    if (near < 19) {
      EXPECT_EQ(canonical(p + near), near);  // up to 2^255 - 1
    }
    if (near > 0) {
      EXPECT_EQ(canonical(p - near), p - near);
    }
  }
}

TEST(Field25519, the_highest_bit_of_an_encoding_does_not_count) {
  std::mt19937_64 random(1);
  for (unsigned i = 0; i < 100; ++i) {
    Encoded bytes;
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    bytes[31] &= 0x7f;
    const Element a = decode(bytes);
    EXPECT_EQ(value(a), BigNumber::from_little_endian(bytes) % p);
    expect_bound(a);
    bytes[31] |= 0x80;
    EXPECT_EQ(value(decode(bytes)), value(a));
  }
}

TEST(Field25519, one_of_two_is_selected) {
  using Mask = ct::Mask<uint64_t>;
  const auto all = edges<1>();
  for (size_t i = 1; i < all.size(); ++i) {
    const Element &a = all[i - 1], &b = all[i];
    EXPECT_EQ(value(select(Mask::of_bit(1), a, b).limbs), value(a.limbs));
    EXPECT_EQ(value(select(Mask::of_bit(0), a, b).limbs), value(b.limbs));
    Element x = a, y = b;
    swap_if(Mask::of_bit(0), x, y);
    EXPECT_EQ(value(x.limbs), value(a.limbs));
    EXPECT_EQ(value(y.limbs), value(b.limbs));
    swap_if(Mask::of_bit(1), x, y);
    EXPECT_EQ(value(x.limbs), value(b.limbs));
    EXPECT_EQ(value(y.limbs), value(a.limbs));
  }
}

TEST(Field25519, inverses_and_roots) {
  EXPECT_EQ(value(invert(zero)), 0);
  for (const Element& a : edges<1>()) {
    if (value(a) == BigNumber(0)) continue;
    EXPECT_EQ(value(invert(a) * a), 1);
    // Fourth powers have square roots, and a^(p - 5)/8 finds one: ((a^4)^((p + 3)/8))^2 = ±a^4.
    const Element fourth = square(square(a));
    const Element root = power_of_p_minus_5_over_8(fourth) * fourth;
    EXPECT_TRUE(value(square(root)) == value(fourth) || value(square(root)) == p - value(fourth));
  }
  EXPECT_EQ(value(square(sqrt_minus_1)), p - 1);
  // RFC 8032 §5.1 gives d in decimal; this is the same number.
  EXPECT_EQ(encoded(value(d)), encoded(BigNumber::from_little_endian(from_hex(
                                   "a3785913ca4deb75abd841414d0a700098e879777940c78c73fe6f2bee6c0352"))));
  EXPECT_EQ(value(d) * 121666 % p, p - 121665);
}

// ---------------------------------------------------------------------------------------------- modulo L

std::vector<BigNumber> scalar_edges() {
  std::vector<BigNumber> out;
  for (const uint64_t near : {0u, 1u, 2u}) {
    for (const BigNumber& base :
         {BigNumber(0), order, order + order, order * 3, order * 8, order * 15, BigNumber(1) << 252,
          BigNumber(1) << 253, (BigNumber(1) << 255), (BigNumber(1) << 256) - 3, BigNumber(1) << 64}) {
      out.push_back(base + near);
      if (!(base < near)) out.push_back(base - near);
    }
  }
  return out;
}

TEST(Scalar25519, reduction_of_512_bits) {
  std::vector<BigNumber> numbers = scalar_edges();
  const BigNumber largest = (BigNumber(1) << 512) - 1;
  const BigNumber multiple = largest - largest % order;  // the largest multiple of L
  for (const uint64_t near : {0u, 1u, 2u, 1000u}) {
    numbers.push_back(multiple - near);
    numbers.push_back(largest - near);
    numbers.push_back((order << 250) + near);
    numbers.push_back((order << 250) - near);
    numbers.push_back((order << 128) - near);
    numbers.push_back((BigNumber(1) << 448) - near);
  }
  std::mt19937_64 random(8032);
  for (unsigned i = 0; i < 200; ++i) {
    std::array<uint8_t, 64> bytes;
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    numbers.push_back(BigNumber::from_little_endian(bytes));
  }
  for (const BigNumber& n : numbers) {
    std::array<uint8_t, 64> wide;
    const auto bytes = n.to_little_endian(64);
    std::copy(bytes.begin(), bytes.end(), wide.begin());
    Encoded out;
    reduce_scalar(wide, out);
    EXPECT_EQ(out, encoded(n % order)) << n;
  }
}

TEST(Scalar25519, multiply_and_add) {
  std::vector<BigNumber> numbers;
  for (const BigNumber& n : scalar_edges())
    if (n < (BigNumber(1) << 255)) numbers.push_back(n);
  numbers.push_back((BigNumber(1) << 255) - 1);
  numbers.push_back((BigNumber(1) << 255) - 8);
  for (const BigNumber& a : numbers) {
    for (size_t i = 0; i < numbers.size(); i += 3) {
      const BigNumber &b = numbers[i], &c = numbers[(i * 5 + 1) % numbers.size()];
      Encoded out;
      multiply_add_scalar(encoded(a), encoded(b), encoded(c), out);
      ASSERT_EQ(out, encoded((a * b + c) % order)) << a << b << c;
    }
  }
}

TEST(Scalar25519, the_range_of_a_scalar) {
  for (const BigNumber& n : scalar_edges()) {
    if (n < (BigNumber(1) << 256)) {
      EXPECT_EQ(is_scalar_vartime(encoded(n)), n < order) << n;
    }
  }
  EXPECT_FALSE(is_scalar_vartime(encoded((BigNumber(1) << 256) - 1)));
}

// ------------------------------------------------------------------------------------------------ points

std::string hex_of(const Projective& point) {
  Encoded out;
  encode_point(point, out);
  return to_hex(out);
}
Projective projective(const Extended& point) {
  return {point.x, point.y, point.z};
}
Projective negated(const Projective& point) {
  return {tighten(negate(point.x)), point.y, point.z};
}

/// n·point by doubling and adding, bit by bit.
Extended multiply(const BigNumber& n, const Extended& point) {
  const auto bytes = n.to_little_endian(40);
  Extended out = identity;
  for (size_t bit = 320; bit-- > 0;) {
    out = twice<Extended>(out);
    if (bytes[bit / 8] >> (bit % 8) & 1) out = add<Extended>(out, prepare(point));
  }
  return out;
}

TEST(Edwards25519, the_base_point) {
  const Extended base = make_base_point();
  EXPECT_EQ(hex_of(projective(base)), "5866666666666666666666666666666666666666666666666666666666666666");
  EXPECT_EQ(hex_of(projective(multiply(order, base))), hex_of(projective(identity)));
  EXPECT_EQ(hex_of(projective(multiply(order - 1, base))), hex_of(negated(projective(base))));
  const auto yy = value(square(base.y)), xx = value(square(base.x));
  EXPECT_EQ((yy + p - xx) % p, (BigNumber(1) + value(d) * xx % p * yy) % p);
}

/// Scalars whose digits, in windows of any width, are all small, all large, or carry all the way.
std::vector<BigNumber> digit_edges() {
  std::vector<BigNumber> out = {0, 1, 2, 7, 8, 9, 15, 16, 17, order - 1, order, order + 1, order - 2};
  for (const char* nibble : {"11", "77", "78", "87", "88", "99", "ff", "0f", "f0", "3f", "40", "c0"}) {
    std::string hex;
    for (int i = 0; i < 31; ++i) hex += nibble;
    for (const char* top : {"00", "08", "0f", "10"})
      out.push_back(BigNumber::from_little_endian(from_hex(hex + top)));
  }
  for (size_t bit = 0; bit < 255; bit += 5) out.push_back(BigNumber(1) << bit);
  return out;
}

/// Calls `test(algorithm)` for every kernel that this machine runs.
template <class Test>
void by_every_kernel(const Test& test) {
  for (const auto& kernel : crypto::ed25519_kernels()) {
    SCOPED_TRACE(kernel.name);
    if (kernel.runs_on(crypto::cpu_word())) test(*kernel.algorithm);
  }
}

TEST(Edwards25519, multiples_of_the_base_point) {
  std::vector<BigNumber> scalars = digit_edges();
  for (const char* top : {"77", "78", "7f", "40"})
    for (const char* byte : {"77", "88", "ff", "80", "00"}) {
      std::string hex;
      for (int i = 0; i < 31; ++i) hex += byte;
      scalars.push_back(BigNumber::from_little_endian(from_hex(hex + top)));  // beyond L
    }
  for (const BigNumber& s : scalars) {
    const std::string wanted = hex_of(projective(multiply(s, make_base_point())));
    by_every_kernel(
        [&](const EdwardsAlgorithm& a) { EXPECT_EQ(hex_of(a.multiply_base(encoded(s))), wanted) << s; });
  }
}

TEST(Edwards25519, every_digit_in_every_place) {
  for (size_t place = 0; place < 64; ++place)
    for (uint64_t digit = 1; digit < (place == 63 ? 8u : 16u); ++digit) {
      const BigNumber s = BigNumber(digit) << 4 * place;
      const std::string wanted = hex_of(projective(multiply(s, make_base_point())));
      by_every_kernel(
          [&](const EdwardsAlgorithm& a) { EXPECT_EQ(hex_of(a.multiply_base(encoded(s))), wanted) << s; });
    }
}

TEST(Edwards25519, two_scalars_at_once) {
  const Extended base = make_base_point();
  const Extended point = multiply(123456789, base);
  const std::vector<BigNumber> scalars = digit_edges();
  const auto check = [&](const BigNumber& s, const BigNumber& k) {
    const std::string wanted = hex_of(projective(multiply((s + k * 123456789) % order, base)));
    const std::string alone = hex_of(multiply_base(encoded(s)));
    by_every_kernel([&](const EdwardsAlgorithm& a) {
      EXPECT_EQ(hex_of(a.double_multiply_vartime(encoded(s), encoded(k), point)), wanted) << s << k;
      EXPECT_EQ(hex_of(a.double_multiply_vartime(encoded(s), encoded(0), point)), alone) << s;
    });
  };
  for (size_t i = 0; i < scalars.size(); ++i) check(scalars[i], scalars[(i * 11 + 3) % scalars.size()]);
  // Twice the number of tries that a digit of 6 bits needs to show up with either sign.
  std::mt19937_64 random(7);
  for (unsigned i = 0; i < 200; ++i) {
    std::array<uint8_t, 64> wide;
    for (uint8_t& byte : wide) byte = static_cast<uint8_t>(random());
    check(BigNumber::from_little_endian(Bytes(wide).first(32)) % order,
          BigNumber::from_little_endian(Bytes(wide).last(32)) % order);
  }
}

// The formulas are complete: no pair of points is special.
TEST(Edwards25519, sums_of_special_points) {
  const Extended base = make_base_point();
  std::vector<Extended> points = {identity, base, multiply(order - 1, base), multiply(2, base)};
  for (const char* hex : {"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "0000000000000000000000000000000000000000000000000000000000000000",
                          "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"}) {
    Extended small;
    ASSERT_TRUE(decode_point_vartime(std::span<const uint8_t, 32>(from_hex(hex)), small));
    EXPECT_EQ(hex_of(projective(multiply(8, small))), hex_of(projective(identity)));
    points.push_back(small);
    points.push_back(add<Extended>(small, prepare(base)));
  }
  for (const Extended& a : points) {
    EXPECT_EQ(hex_of(projective(twice<Extended>(a))), hex_of(projective(add<Extended>(a, prepare(a)))));
    EXPECT_EQ(hex_of(projective(subtract<Extended>(a, prepare(a)))), hex_of(projective(identity)));
    EXPECT_EQ(hex_of(projective(add<Extended>(a, prepare(identity)))), hex_of(projective(a)));
    for (const Extended& b : points) {
      const Extended sum = add<Extended>(a, prepare(b));
      EXPECT_EQ(hex_of(projective(sum)), hex_of(projective(add<Extended>(b, prepare(a)))));
      EXPECT_EQ(hex_of(projective(subtract<Extended>(sum, prepare(b)))), hex_of(projective(a)));
      EXPECT_EQ(value(sum.x * sum.y), value(sum.t * sum.z));
    }
  }
}

// RFC 8032 §5.1.3.
TEST(Edwards25519, what_encodes_no_point_is_refused) {
  const auto decodes = [](const BigNumber& y, bool sign) {
    Encoded bytes = encoded(y);
    bytes[31] = static_cast<uint8_t>(bytes[31] | (sign ? 0x80 : 0));
    Extended out;
    const bool ok = decode_point_vartime(bytes, out);
    if (ok) {
      EXPECT_EQ(hex_of(projective(out)), to_hex(bytes));
    }
    return ok;
  };
  for (uint64_t i = 0; i < 19; ++i)
    for (const bool sign : {false, true}) EXPECT_FALSE(decodes(p + i, sign)) << i;
  EXPECT_TRUE(decodes(1, false));
  EXPECT_FALSE(decodes(1, true)) << "x = 0 has one sign only";
  EXPECT_TRUE(decodes(p - 1, false));
  EXPECT_FALSE(decodes(p - 1, true));
  EXPECT_TRUE(decodes(0, false) && decodes(0, true));
  size_t points = 0;
  for (uint64_t y = 2; y < 202; ++y) {
    EXPECT_EQ(decodes(y, false), decodes(y, true));
    points += decodes(y, false);
  }
  EXPECT_GT(points, 70u) << "about half of all y have an x";
  EXPECT_LT(points, 130u);
}

}  // namespace
}  // namespace bulla::test
