// The arithmetic in lanes beneath X25519 and Ed25519, at the edges of its limbs, against BigNumber.
#include "crypto/curve25519/ifma_field.h"

#if defined(__x86_64__)

#include "crypto/big_number.h"
#include "crypto/cpu.h"

#include <gtest/gtest.h>

#include <random>

namespace bulla::test {
namespace {

using crypto::curve25519::Limbs;
using crypto::curve25519::mask51;
using crypto::curve25519::ifma::Stored;

constexpr uint64_t below_52_bits = (uint64_t{1} << 52) - 1, unit = uint64_t{1} << 61;

const BigNumber p = (BigNumber(1) << 255) - 19;

/// The number that limbs of any size stand for, modulo p.
BigNumber value(const Limbs& a) {
  return (BigNumber(a.l0) + (BigNumber(a.l1) << 51) + (BigNumber(a.l2) << 102) + (BigNumber(a.l3) << 153) +
          (BigNumber(a.l4) << 204)) %
         p;
}

/// Limbs at the edges of what is allowed, `most`: none, all and each of them; and some at random.
std::vector<Limbs> edges(uint64_t most) {
  std::vector<Limbs> out;
  for (const uint64_t e : {uint64_t{0}, uint64_t{1}, uint64_t{18}, mask51 - 19, mask51 - 18, mask51,
                           mask51 + 1, below_52_bits, most - 1, most}) {
    for (const Limbs& limbs :
         {Limbs{e, e, e, e, e}, Limbs{e, 0, 0, 0, 0}, Limbs{0, e, 0, 0, 0}, Limbs{0, 0, e, 0, 0},
          Limbs{0, 0, 0, e, 0}, Limbs{0, 0, 0, 0, e}, Limbs{most, e, most, e, most},
          Limbs{e, most, e, most, e}, Limbs{e, mask51, mask51, mask51, mask51}})
      out.push_back(limbs);
  }
  std::mt19937_64 random(25519);
  const auto any = [&] { return random() % (most + 1); };
  for (unsigned i = 0; i < 62; ++i) out.push_back({any(), any(), any(), any(), any()});
  return out;
}

/// Eight of them from `first` on, and round again.
Stored eight_of(const std::vector<Limbs>& all, size_t first, size_t step) {
  Stored out;
  for (size_t lane = 0; lane < 8; ++lane) out.set(lane, all[(first + step * lane) % all.size()]);
  return out;
}

void expect_below(const Stored& a, uint64_t bound) {
  for (const auto& limb : a.limb)
    for (const uint64_t lane : limb) EXPECT_LT(lane, bound);
}

}  // namespace
}  // namespace bulla::test

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq,avx512ifma")
namespace bulla::test {
namespace {

namespace ifma = crypto::curve25519::ifma;

/// The lanes of W from `first` on, as they stand.
template <class W>
ifma::Tight<W> load_tight(const Stored& from, size_t first) noexcept {
  ifma::Tight<W> out;
  for (int i = 0; i < 5; ++i) out.limb[i] = W::load(from.limb[i] + first);
  return out;
}
template <unsigned k, class W>
ifma::Loose<k, W> load_loose(const Stored& from, size_t first) noexcept {
  ifma::Loose<k, W> out;
  for (int i = 0; i < 5; ++i) out.limb[i] = W::load(from.limb[i] + first);
  return out;
}
template <class W, class Element>
void keep_as_is(const Element& a, Stored& out, size_t first) noexcept {
  for (int i = 0; i < 5; ++i) W::store(out.limb[i] + first, a.limb[i]);
}

/// What is tested, on eight lanes at once or on four twice.
template <class W>
struct In {
  static void multiply(const Stored& a, const Stored& b, Stored& out) noexcept {
    for (size_t n = 0; n < 8; n += W::lanes) keep_as_is<W>(load_tight<W>(a, n) * load_tight<W>(b, n), out, n);
  }
  static void multiply_alone(const Stored& a, const Stored& b, Stored& out) noexcept {
    for (size_t n = 0; n < 8; n += W::lanes)
      keep_as_is<W>(ifma::multiply_alone(load_tight<W>(a, n), load_tight<W>(b, n)), out, n);
  }
  static void square(const Stored& a, const Stored&, Stored& out) noexcept {
    for (size_t n = 0; n < 8; n += W::lanes) keep_as_is<W>(ifma::square(load_tight<W>(a, n)), out, n);
  }
  template <unsigned k>
  static void carry(const Stored& a, const Stored&, Stored& out) noexcept {
    for (size_t n = 0; n < 8; n += W::lanes) keep_as_is<W>(ifma::carry(load_loose<k, W>(a, n)), out, n);
  }
  template <unsigned k>
  static void store(const Stored& a, const Stored&, Stored& out) noexcept {
    for (size_t n = 0; n < 8; n += W::lanes) {
      Stored some;
      ifma::store(load_loose<k, W>(a, n), some);
      for (size_t i = 0; i < W::lanes; ++i) out.set(n + i, some.at(i));
    }
  }
  static void add(const Stored& a, const Stored& b, Stored& out) noexcept {
    for (size_t n = 0; n < 8; n += W::lanes)
      keep_as_is<W>(load_loose<3, W>(a, n) + load_loose<2, W>(b, n), out, n);
  }
  static void subtract(const Stored& a, const Stored& b, Stored& out) noexcept {
    for (size_t n = 0; n < 8; n += W::lanes)
      keep_as_is<W>(load_loose<3, W>(a, n) - load_loose<2, W>(b, n), out, n);
  }
  /// Subtracts in the lanes of odd numbers.
  static void subtract_or_add(const Stored& a, const Stored& b, Stored& out) noexcept {
    for (size_t n = 0; n < 8; n += W::lanes)
      keep_as_is<W>(ifma::subtract_or_add(0xaa, load_loose<3, W>(a, n), load_loose<2, W>(b, n)), out, n);
  }
  static void add_times_121665(const Stored& a, const Stored& b, Stored& out) noexcept {
    for (size_t n = 0; n < 8; n += W::lanes)
      keep_as_is<W>(ifma::add_times_121665(load_loose<3, W>(a, n), load_tight<W>(b, n)), out, n);
  }
};

}  // namespace
}  // namespace bulla::test
BULLA_TARGET_END

namespace bulla::test {
namespace {

class Lanes25519 : public testing::Test {
 protected:
  void SetUp() override {
    if ((crypto::cpu::avx512 | crypto::cpu::avx512_ifma) & ~crypto::cpu_word())
      GTEST_SKIP() << "this machine has no AVX-512 IFMA";
  }
};

using InLanes = void (*)(const Stored& a, const Stored& b, Stored& out) noexcept;

/// Every `a` with some of `b`, so that all come by: limbs stay below `bound`, values are as wanted.
template <class Wanted>
void check(InLanes compute, uint64_t most_a, uint64_t most_b, uint64_t bound, const Wanted& wanted) {
  const auto all_a = edges(most_a), all_b = edges(most_b);
  for (size_t first = 0; first < all_a.size(); ++first) {
    const Stored a = eight_of(all_a, first, 1), b = eight_of(all_b, 7 * first, 11);
    Stored out;
    compute(a, b, out);
    expect_below(out, bound);
    for (size_t lane = 0; lane < 8; ++lane)
      ASSERT_EQ(value(out.at(lane)), wanted(value(a.at(lane)), value(b.at(lane)), lane))
          << first << ' ' << lane;
  }
}

const auto product = [](const BigNumber& a, const BigNumber& b, size_t) { return a * b % p; };
const auto sum = [](const BigNumber& a, const BigNumber& b, size_t) { return (a + b) % p; };
const auto difference = [](const BigNumber& a, const BigNumber& b, size_t) { return (a + p - b) % p; };
const auto same = [](const BigNumber& a, const BigNumber&, size_t) { return a; };

template <class W>
void check_products() {
  check(In<W>::multiply, below_52_bits, below_52_bits, unit, product);
  check(In<W>::multiply_alone, below_52_bits, below_52_bits, unit, product);
  check(In<W>::square, below_52_bits, below_52_bits, unit,
        [](const BigNumber& a, const BigNumber&, size_t) { return a * a % p; });
}
TEST_F(Lanes25519, products_of_limbs_below_2_to_the_52) {
  check_products<ifma::Eight>();
  check_products<ifma::Four>();
}

template <class W>
void check_carries() {
  constexpr uint64_t tight = mask51 + (uint64_t{1} << 18);
  check(In<W>::template carry<1>, unit - 1, 1, tight, same);
  check(In<W>::template carry<7>, 7 * unit - 1, 1, tight, same);
  check(In<W>::template store<1>, unit - 1, 1, mask51 + 20, same);
  check(In<W>::template store<7>, 7 * unit - 1, 1, mask51 + 20, same);
}
TEST_F(Lanes25519, carries_of_limbs_up_to_their_bound) {
  check_carries<ifma::Eight>();
  check_carries<ifma::Four>();
}

template <class W>
void check_sums() {
  check(In<W>::add, 3 * unit - 1, 2 * unit - 1, 5 * unit, sum);
  check(In<W>::subtract, 3 * unit - 1, 2 * unit - 1, 7 * unit, difference);
  check(In<W>::subtract_or_add, 3 * unit - 1, 2 * unit - 1, 7 * unit,
        [](const BigNumber& a, const BigNumber& b, size_t lane) {
          return lane % 2 == 1 ? difference(a, b, lane) : sum(a, b, lane);
        });
  check(In<W>::add_times_121665, 3 * unit - 1, below_52_bits, 4 * unit,
        [](const BigNumber& a, const BigNumber& b, size_t) { return (a + b * 121665) % p; });
}
TEST_F(Lanes25519, sums_and_differences_up_to_their_bound) {
  check_sums<ifma::Eight>();
  check_sums<ifma::Four>();
}

}  // namespace
}  // namespace bulla::test

#endif
