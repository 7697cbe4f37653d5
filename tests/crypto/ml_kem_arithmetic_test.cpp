// ML-KEM's arithmetic: every input where there are few, and the definitions where there are many.
#include "crypto/ml_kem/impl.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace bulla::test {
namespace {

using namespace crypto::ml_kem;

/// In [0, q).
int64_t modulo_q(int64_t a) {
  return ((a % q) + q) % q;
}
constexpr int64_t radix = 1 << 16;

TEST(MlKemField, barrett_reduces_every_number) {
  for (int32_t a = INT16_MIN; a <= INT16_MAX; ++a) {
    const int16_t r = barrett_reduce(static_cast<int16_t>(a));
    ASSERT_EQ(modulo_q(r), modulo_q(a)) << a;
    ASSERT_LE(std::abs(r), (q - 1) / 2) << a;
  }
}

/// The quotient depends on the lower half of a number only, and the upper half is added: every lower half
/// under upper halves over the whole range is all there is.
TEST(MlKemField, montgomery_reduces_every_lower_half) {
  const int64_t bound = q << 15;
  for (int64_t low = 0; low < radix; ++low) {
    for (const int64_t high : {-1665, -1664, -1663, -1000, -2, -1, 0, 1, 2, 1000, 1662, 1663, 1664}) {
      const int64_t a = high * radix + low;
      if (a <= -bound || a >= bound) continue;
      const int16_t r = montgomery_reduce(static_cast<int32_t>(a));
      ASSERT_EQ(modulo_q(r * radix), modulo_q(a)) << a;
      ASSERT_LT(std::abs(r), q) << a;
    }
  }
  for (const int64_t a : {-bound + 1, bound - 1})
    ASSERT_LT(std::abs(montgomery_reduce(static_cast<int32_t>(a))), q);
}

TEST(MlKemField, montgomery_product_of_the_extremes) {
  for (int32_t a = INT16_MIN; a <= INT16_MAX; ++a) {
    for (const int16_t b :
         {int16_t{-(q - 1)}, int16_t{-1}, int16_t{0}, int16_t{1}, r_squared, int16_t{q - 1}}) {
      const int16_t r = montgomery_product(static_cast<int16_t>(a), b);
      ASSERT_EQ(modulo_q(r * radix), modulo_q(int64_t{a} * b)) << a << " * " << b;
      ASSERT_LT(std::abs(r), q);
    }
  }
}

TEST(MlKemField, constants) {
  EXPECT_EQ(r_squared, modulo_q(radix * radix));
  EXPECT_EQ(modulo_q(int64_t{r_squared_by_128} * 128), r_squared);
  for (unsigned i = 0; i < 128; ++i) {
    unsigned reversed = 0;
    for (unsigned bit = 0; bit < 7; ++bit) reversed |= (i >> bit & 1) << (6 - bit);
    int64_t power = radix;
    for (unsigned e = 0; e < reversed; ++e) power = power * 17 % q;
    EXPECT_EQ(modulo_q(zetas[i]), modulo_q(power)) << i;
    EXPECT_LE(std::abs(zetas[i]), q / 2) << i;
  }
}

TEST(MlKemField, representatives) {
  for (int32_t a = 1 - q; a < q; ++a) EXPECT_EQ(to_unsigned(static_cast<int16_t>(a)), modulo_q(a));
  for (uint16_t a = 0; a < 4096; ++a) EXPECT_EQ(reduce_12_bits(a), a % q);
}

/// FIPS 203 §4.2.1 with division: the nearest integer, and halves (there are none) upwards.
template <unsigned d>
void every_compression() {
  for (uint16_t x = 0; x < q; ++x) {
    const uint64_t numerator = uint64_t{x} << d;
    ASSERT_NE(2 * (numerator % q), uint64_t{q}) << "a tie";
    const uint64_t wanted = (2 * numerator + q) / (2 * q) % (1u << d);
    ASSERT_EQ(compress<d>(x), wanted) << x;
    // Equation 4.9: what is lost is at most q / 2^(d + 1), to the nearest integer.
    const int64_t back = modulo_q(decompress<d>(compress<d>(x)) - x);
    ASSERT_LE(std::min(back, q - back), (q + (1 << d)) >> (d + 1)) << x;
  }
  for (uint16_t y = 0; y < 1u << d; ++y) {
    ASSERT_EQ(decompress<d>(y), (2 * y * q + (1 << d)) / (1 << (d + 1))) << y;
    ASSERT_EQ(compress<d>(static_cast<uint16_t>(decompress<d>(y))), y) << "compression undoes decompression";
  }
}

TEST(MlKemField, every_compression_is_the_nearest_integer) {
  every_compression<1>();
  every_compression<4>();
  every_compression<5>();
  every_compression<10>();
  every_compression<11>();
}

// -------------------------------------------------------------------------------------------- polynomials

/// Runs once for each kernel that this machine has.
class MlKemParts : public testing::TestWithParam<crypto::Kernel<Parts>> {
 protected:
  void SetUp() override {
    if (!GetParam().runs_on(crypto::cpu_word()))
      GTEST_SKIP() << "this machine cannot run " << GetParam().name;
  }
  const Parts& kernel() const { return *GetParam().algorithm; }
  template <unsigned d>
  void bytes_of_every_number() const;
};
INSTANTIATE_TEST_SUITE_P(Kernels, MlKemParts, testing::ValuesIn(parts().begin(), parts().end()),
                         [](const auto& info) { return std::string(info.param.name); });

enum class Style { random, least, greatest, alternating, single };
constexpr Style styles[] = {Style::random, Style::least, Style::greatest, Style::alternating, Style::single};

/// |c| < q: random, or at the bounds.
Polynomial polynomial(std::mt19937& random, Style style) {
  Polynomial f{};
  for (size_t i = 0; i < n; ++i) {
    const int any = static_cast<int>(random() % (2 * q - 1)) - (q - 1);
    f.c[i] = static_cast<int16_t>(style == Style::random        ? any
                                  : style == Style::least       ? 1 - q
                                  : style == Style::greatest    ? q - 1
                                  : style == Style::alternating ? (i % 2 ? q - 1 : 1 - q)
                                                                : 0);
  }
  if (style == Style::single) f.c[random() % n] = 1;
  return f;
}

/// The product modulo X^256 + 1 by the definition.
std::vector<int64_t> schoolbook(const Polynomial& f, const Polynomial& g) {
  std::vector<int64_t> out(n);
  for (size_t i = 0; i < n; ++i) {
    for (size_t j = 0; j < n; ++j) {
      const int64_t product = int64_t{f.c[i]} * g.c[j];
      out[(i + j) % n] += i + j < n ? product : -product;
    }
  }
  for (int64_t& c : out) c = modulo_q(c);
  return out;
}

TEST_P(MlKemParts, products_are_those_of_the_schoolbook) {
  std::mt19937 random(3329);
  for (size_t k = 1; k <= 4; ++k) {
    for (const Style left : styles) {
      for (const Style right : styles) {
        std::vector<Polynomial> f, g;
        std::vector<int64_t> wanted(n);
        for (size_t i = 0; i < k; ++i) {
          f.push_back(polynomial(random, left));
          g.push_back(polynomial(random, right));
          const auto product = schoolbook(f[i], g[i]);
          for (size_t j = 0; j < n; ++j) wanted[j] = modulo_q(wanted[j] + product[j]);
          kernel().ntt(f[i]);
          kernel().ntt(g[i]);
          for (const int16_t c : f[i].c) ASSERT_LE(std::abs(c), q / 2);
        }
        Polynomial out;
        kernel().inner_product(f.data(), g.data(), k, out);
        for (const int16_t c : out.c) ASSERT_LT(std::abs(c), q);
        kernel().inverse_ntt(out);
        for (size_t j = 0; j < n; ++j) {
          ASSERT_LT(std::abs(out.c[j]), q);
          ASSERT_EQ(modulo_q(out.c[j]), wanted[j]) << "k " << k << " coefficient " << j;
        }
      }
    }
  }
}

/// FIPS 203 §4.3: coefficients 2 i and 2 i + 1 are f modulo X^2 - ζ^(2 BitRev7(i) + 1).
TEST_P(MlKemParts, ntt_is_what_the_definition_says) {
  std::mt19937 random(17);
  for (const Style style : styles) {
    const Polynomial f = polynomial(random, style);
    Polynomial transformed = f;
    kernel().ntt(transformed);
    for (unsigned i = 0; i < 128; ++i) {
      unsigned reversed = 0;
      for (unsigned bit = 0; bit < 7; ++bit) reversed |= (i >> bit & 1) << (6 - bit);
      int64_t gamma = 1;
      for (unsigned e = 0; e < 2 * reversed + 1; ++e) gamma = gamma * 17 % q;
      int64_t even = 0, odd = 0, power = 1;
      for (size_t j = 0; j < n; j += 2, power = power * gamma % q) {
        even += f.c[j] * power;
        odd += f.c[j + 1] * power;
      }
      ASSERT_EQ(modulo_q(transformed.c[2 * i]), modulo_q(even)) << i;
      ASSERT_EQ(modulo_q(transformed.c[2 * i + 1]), modulo_q(odd)) << i;
    }
  }
}

/// Inputs of an inner product at the bounds that decoding and sampling leave: [0, q).
TEST_P(MlKemParts, inner_products_of_the_extremes) {
  for (const int a : {q - 1, 1 - q, 0, 1}) {
    for (const int b : {q - 1, 1 - q, 0, -1}) {
      std::vector<Polynomial> f(4), g(4);
      for (size_t i = 0; i < 4; ++i)
        f[i].c.fill(static_cast<int16_t>(a)), g[i].c.fill(static_cast<int16_t>(b));
      Polynomial out;
      kernel().inner_product(f.data(), g.data(), 4, out);
      for (size_t i = 0; i < n; i += 2) {
        ASSERT_LT(std::abs(out.c[i]), q);
        ASSERT_LT(std::abs(out.c[i + 1]), q);
        const int64_t gamma = (i / 2 % 2 == 0 ? 1 : -1) * int64_t{zetas[64 + i / 4]};
        ASSERT_EQ(modulo_q(out.c[i] * radix * radix),
                  modulo_q(4 * (int64_t{a} * b % q * gamma + a * b * radix)));
        ASSERT_EQ(modulo_q(out.c[i + 1] * radix), modulo_q(8 * int64_t{a} * b));
      }
    }
  }
}

TEST_P(MlKemParts, cbd2_of_every_byte) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    const std::vector<uint8_t> bytes(128, static_cast<uint8_t>(byte));
    Polynomial f;
    kernel().sample_cbd2(bytes.data(), f);
    for (size_t i = 0; i < n; ++i) {
      const auto bit = [&](size_t at) { return static_cast<int>(bytes[at / 8] >> at % 8 & 1); };
      ASSERT_EQ(f.c[i], bit(4 * i) + bit(4 * i + 1) - bit(4 * i + 2) - bit(4 * i + 3)) << byte;
    }
  }
}

TEST_P(MlKemParts, rejection_keeps_what_is_below_q_in_order) {
  std::mt19937 random(7);
  // Blocks of all lengths that are whole groups, from nothing kept to everything.
  for (const size_t size : {size_t{3}, size_t{24}, size_t{27}, size_t{168}, size_t{504}}) {
    for (const unsigned high : {1u, 3u, 8u, 200u}) {
      struct {
        Polynomial f{};
        int16_t behind = 0x5a5a;
      } s;
      std::vector<int> wanted;
      for (size_t count = 0; count < n;) {
        ASSERT_EQ(count, wanted.size());
        std::vector<uint8_t> block(size);
        for (uint8_t& byte : block) byte = static_cast<uint8_t>(random() % high ? random() : 0xff);
        if (wanted.empty() && high == 1) std::fill(block.begin(), block.end(), uint8_t{0});
        count = kernel().take_vartime(block, count, s.f);
        for (size_t i = 0; i < block.size(); i += 3) {
          const int group = block[i] | block[i + 1] << 8 | block[i + 2] << 16;
          for (const int candidate : {group & 0xfff, group >> 12})
            if (candidate < q && wanted.size() < n) wanted.push_back(candidate);
        }
        if (high == 1 && wanted.size() != n) {
          ASSERT_EQ(count, wanted.size());
          std::vector<uint8_t> zeros(size);
          count = kernel().take_vartime(zeros, count, s.f);
          for (size_t i = 0; i < size / 3 * 2 && wanted.size() < n; ++i) wanted.push_back(0);
        }
      }
      ASSERT_EQ(wanted.size(), n);
      for (size_t i = 0; i < n; ++i) ASSERT_EQ(s.f.c[i], wanted[i]) << i;
      EXPECT_EQ(s.behind, 0x5a5a) << "not a coefficient too many";
    }
  }
}

template <unsigned d>
void MlKemParts::bytes_of_every_number() const {
  std::mt19937 random(d);
  for (int round = 0; round < 50; ++round) {
    std::vector<uint8_t> bytes(32 * d), back(32 * d + 1, 0xee);
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(random());
    Polynomial f;
    kernel().decode_decompress[d](bytes.data(), f);
    for (size_t i = 0; i < n; ++i) {
      unsigned y = 0;
      for (unsigned bit = 0; bit < d; ++bit) y |= (bytes[(d * i + bit) / 8] >> (d * i + bit) % 8 & 1u) << bit;
      ASSERT_EQ(f.c[i], decompress<d>(static_cast<uint16_t>(y)));
      if (round % 2) f.c[i] = static_cast<int16_t>(f.c[i] - q);  // the other representative
    }
    kernel().compress_encode[d](f, back.data());
    ASSERT_EQ(back.back(), 0xee) << "not a byte too many";
    back.pop_back();
    ASSERT_EQ(back, bytes);
  }
}

TEST_P(MlKemParts, compressed_polynomials_go_back_and_forth) {
  bytes_of_every_number<1>();
  bytes_of_every_number<4>();
  bytes_of_every_number<5>();
  bytes_of_every_number<10>();
  bytes_of_every_number<11>();
}

TEST_P(MlKemParts, twelve_bits) {
  for (unsigned first = 0; first < 4096; first += 256) {
    std::vector<uint8_t> bytes(384), back(384);
    for (unsigned i = 0; i < 256; i += 2) {
      const unsigned a = first + i, b = first + i + 1;
      bytes[i / 2 * 3] = static_cast<uint8_t>(a);
      bytes[i / 2 * 3 + 1] = static_cast<uint8_t>(a >> 8 | (b & 15) << 4);
      bytes[i / 2 * 3 + 2] = static_cast<uint8_t>(b >> 4);
    }
    Polynomial f;
    kernel().decode12(bytes.data(), f);
    for (unsigned i = 0; i < 256; ++i) ASSERT_EQ(f.c[i], (first + i) % q);
    kernel().encode12(f, back.data());
    EXPECT_EQ(back == bytes, first + 255 < q);
    EXPECT_EQ(kernel().below_q_vartime(bytes), first + 255 < q);
  }
}

/// One number of q - 1, q or more at each place.
TEST_P(MlKemParts, the_modulus_check_sees_every_place) {
  for (size_t place = 0; place < 2 * n; ++place) {
    for (const unsigned value : {0u, q - 1u, q + 0u, q + 1u, 4095u}) {
      std::vector<uint8_t> bytes(2 * 384);
      uint8_t* const at = bytes.data() + place / 2 * 3;
      const unsigned group = place % 2 ? value << 12 : value;
      for (size_t i = 0; i < 3; ++i) at[i] = static_cast<uint8_t>(group >> (8 * i));
      ASSERT_EQ(kernel().below_q_vartime(bytes), value < q) << place << ' ' << value;
    }
  }
}

/// compress_encode() of every coefficient there is, as the definition has it, at every place of a register.
template <unsigned d>
void every_coefficient(const Parts& kernel) {
  for (int first = 1 - q; first < q; first += 13) {
    Polynomial f;
    for (size_t i = 0; i < n; ++i)
      f.c[i] = static_cast<int16_t>((first + static_cast<int>(i) + q - 1) % (2 * q - 1) - q + 1);
    std::vector<uint8_t> out(32 * d), wanted(32 * d);
    for (size_t i = 0; i < n; ++i)
      for (unsigned bit = 0; bit < d; ++bit)
        if (compress<d>(static_cast<uint16_t>(modulo_q(f.c[i]))) >> bit & 1)
          wanted[(d * i + bit) / 8] =
              static_cast<uint8_t>(wanted[(d * i + bit) / 8] | 1 << (d * i + bit) % 8);
    kernel.compress_encode[d](f, out.data());
    ASSERT_EQ(out, wanted) << d << " bits, from " << first;
  }
}

TEST_P(MlKemParts, every_coefficient_is_compressed_and_encoded) {
  every_coefficient<1>(kernel());
  every_coefficient<4>(kernel());
  every_coefficient<5>(kernel());
  every_coefficient<10>(kernel());
  every_coefficient<11>(kernel());
}

/// Sums and differences over the whole range that is allowed, and products that give back the radix.
TEST_P(MlKemParts, sums_differences_and_the_radix) {
  for (int g = 1 - 2 * q; g < 2 * q; ++g) {
    Polynomial sum, difference, other, product;
    for (size_t i = 0; i < n; ++i) {
      const int f = static_cast<int>((i * 53 + static_cast<unsigned>(g + 2 * q)) % (2 * q - 1)) - (q - 1);
      sum.c[i] = difference.c[i] = static_cast<int16_t>(i == 0 ? q - 1 : i == 1 ? 1 - q : f);
      other.c[i] = static_cast<int16_t>(g);
      product.c[i] = static_cast<int16_t>(f * 9);
    }
    const Polynomial before = sum, factor = product;
    kernel().add(sum, other);
    kernel().subtract(difference, other);
    kernel().restore(product);
    for (size_t i = 0; i < n; ++i) {
      ASSERT_EQ(modulo_q(sum.c[i]), modulo_q(before.c[i] + g));
      ASSERT_EQ(modulo_q(difference.c[i]), modulo_q(before.c[i] - g));
      ASSERT_LE(std::abs(sum.c[i]), q / 2);
      ASSERT_LE(std::abs(difference.c[i]), q / 2);
      ASSERT_EQ(modulo_q(product.c[i]), modulo_q(factor.c[i] * radix));
      ASSERT_LT(std::abs(product.c[i]), q);
    }
  }
}

}  // namespace
}  // namespace bulla::test
