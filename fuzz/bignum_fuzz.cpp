// Big numbers with limbs at the edges of carries: every kernel of Montgomery multiplication gives what soft
// gives, and both what the rules of the school give; so do sums, quotients, divisors and powers.
#include "crypto/bignum/gcd.h"
#include "crypto/bignum/modulus.h"
#include "crypto/simple_number.h"
#include "kernels.h"

using namespace bulla;
using namespace bulla::fuzz;
using namespace bulla::crypto::bignum;
using bulla::test::SimpleNumber;

namespace {

/// Longer numbers take the school too long.
constexpr size_t longest_checked = 6;

/// A byte chooses an edge, or eight bytes of the input.
Limb limb(Reader& input) {
  constexpr Limb edges[] = {0,
                            1,
                            2,
                            ~Limb{0},
                            ~Limb{0} - 1,
                            Limb{1} << 63,
                            (Limb{1} << 63) - 1,
                            Limb{1} << 32,
                            0xffffffff,
                            ~Limb{0} << 32};
  const uint8_t choice = input.u8();
  return choice < 200 ? edges[choice % std::size(edges)] : input.u64();
}
SecretLimbs number(Reader& input, size_t size) {
  SecretLimbs out(size);
  for (Limb& l : out) l = limb(input);
  return out;
}

std::vector<Limb> to_limbs(Limbs a) {
  return {a.begin(), a.end()};
}

/// a·b/R, with every place that the result may go to, and a·a/R for a below m.
std::vector<Limb> products(const Montgomery& kernel, Limbs m, Limbs a, Limbs b) {
  const Modulus modulus(m, kernel);
  const size_t n = m.size();
  SecretLimbs out(n), left(a), right(b);
  modulus.multiply(out, a, b);
  modulus.multiply(left, left, b);
  modulus.multiply(right, a, right);
  BULLA_ASSERT(is_equal(out, left).bit() && is_equal(out, right).bit(), "the result may be an input");
  SecretLimbs squared(b), product(n);
  modulus.square(squared, squared);
  modulus.multiply(product, b, b);
  BULLA_ASSERT(is_equal(squared, product).bit(), "a square is a product");
  std::vector<Limb> all = to_limbs(out);
  all.insert(all.end(), squared.begin(), squared.end());
  return all;
}

void check_products(Limbs m, Limbs a, Limbs b) {
  const auto compute = [&](const Montgomery& kernel) { return products(kernel, m, a, b); };
  const std::vector<Limb> found = same_of_all(montgomery_kernels(), compute);
  const size_t n = m.size();
  const Limbs product = Limbs(found).first(n), squared = Limbs(found).last(n);
  BULLA_ASSERT(is_less(product, m).bit() && is_less(squared, m).bit(), "products are below the modulus");
  if (n > longest_checked) return;
  const SimpleNumber modulus = SimpleNumber::of(m), r = SimpleNumber::power_of_two(64 * n),
                     x = SimpleNumber::of(a), y = SimpleNumber::of(b);
  BULLA_ASSERT(SimpleNumber::of(product) * r % modulus == x * y % modulus, "the product is right");
  BULLA_ASSERT(SimpleNumber::of(squared) * r % modulus == y * y % modulus, "the square is right");
}

void check_power(Limbs m, Limbs a, Limbs exponent) {
  const auto compute = [&](const Montgomery& kernel) {
    const Modulus modulus(m, kernel);
    SecretLimbs base(m.size()), out(m.size()), again(m.size());
    modulus.to_montgomery(base, a);
    modulus.power(out, base, exponent);
    modulus.power_vartime(again, base, SimpleNumber::of(exponent).bytes());
    BULLA_ASSERT(is_equal(out, again).bit(), "a power in constant time or not");
    modulus.from_montgomery(out, out);
    return to_limbs(out);
  };
  const std::vector<Limb> found = same_of_all(montgomery_kernels(), compute);
  if (m.size() > 2) return;
  const SimpleNumber wanted =
      test::simple_power(SimpleNumber::of(a), SimpleNumber::of(exponent), SimpleNumber::of(m));
  BULLA_ASSERT(SimpleNumber::of(found) == wanted, "a power is right");
}

/// Several powers in one call, some of one modulus, are what each of them is alone.
void check_powers(Limbs m, Limbs other, Limbs a, Limbs exponent, size_t count, size_t odd_one) {
  const auto compute = [&](const Montgomery& kernel) {
    const Modulus modulus(m, kernel), other_modulus(other, kernel);
    std::vector<SecretLimbs> values;
    std::vector<Power> jobs;
    std::vector<Limb> all;
    for (size_t i = 0; i < count; ++i) {
      const Modulus& of = i == odd_one ? other_modulus : modulus;
      SecretLimbs base(m.size()), sum(a);
      add_small(sum, sum, i);
      of.to_montgomery(base, sum);
      values.push_back(std::move(base));
      jobs.push_back({&of, values.back(), values.back(), exponent});
    }
    kernel.powers(jobs);
    for (const SecretLimbs& value : values) all.insert(all.end(), value.begin(), value.end());
    return all;
  };
  static_cast<void>(same_of_all(montgomery_kernels(), compute));
}

void check_division(Limbs a, Limbs b) {
  if (is_zero(b).bit()) return;
  SecretLimbs quotient(a.size()), remainder(b.size()), product(a.size() + b.size());
  divide(quotient, remainder, a, b);
  BULLA_ASSERT(is_less(remainder, b).bit(), "a remainder is below the divisor");
  if (b.back() != 0) {
    SecretLimbs again(b.size()), longer(std::max(a.size(), b.size()) + 1);
    extend(longer, a);
    remainder_of_length(again, longer, b);
    BULLA_ASSERT(is_equal(again, remainder).bit(), "two ways to a remainder");
  }
  multiply(product, quotient, b);
  BULLA_ASSERT(SimpleNumber::of(product) + SimpleNumber::of(remainder) == SimpleNumber::of(a),
               "quotient and remainder make the number again");
  BULLA_ASSERT(SimpleNumber::of(product) == SimpleNumber::of(quotient) * SimpleNumber::of(b),
               "a product is right");
}

/// 1/a mod m, where there is one.
void check_inverse(Limbs m, Limbs a) {
  SecretLimbs out(m.size());
  const bool exists = inverse(out, a, m).bit();
  const SimpleNumber modulus = SimpleNumber::of(m), x = SimpleNumber::of(a);
  BULLA_ASSERT(exists == (test::simple_gcd(x, modulus) == SimpleNumber(1)), "what is coprime has an inverse");
  if (exists)
    BULLA_ASSERT(SimpleNumber::of(out) * x % modulus == SimpleNumber(1) % modulus, "an inverse is right");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Reader input({data, size});
  const uint8_t what = input.u8(), length = input.u8();
  const size_t n = length < 192 ? 1 + length % 10 : 1 + length % max_limbs;
  SecretLimbs m = number(input, n);
  m[0] |= 1;
  if (m[n - 1] == 0) m[n - 1] = 1;
  if (n == 1) m[0] |= 2;  // 3 is the smallest
  const SecretLimbs a = number(input, n), wide = number(input, n);
  SecretLimbs b(n);
  divide({}, b, wide, m);
  switch (what % 8) {
    case 0: check_power(m, a, Limbs(wide).first(std::min<size_t>(n, 2))); break;
    case 1: check_division(a, Limbs(wide).first(1 + what / 8 % n)); break;
    case 3: {
      SecretLimbs other{Limbs(a)};
      other[0] |= n == 1 ? 3 : 1;
      if (other[n - 1] == 0) other[n - 1] = 1;
      check_powers(m, other, wide, Limbs(b).first(1), 1 + what / 8 % 10, what / 16);
      break;
    }
    case 2:
      if (n <= longest_checked) check_inverse(m, b);
      break;
    default: check_products(m, a, b);
  }
  return 0;
}
