// Big integers against the sets in nist/bignum (BoringSSL's), and primality against wycheproof.
#include "crypto/bignum/gcd.h"
#include "crypto/bignum/prime.h"
#include "crypto/one_shot.h"
#include "crypto/simple_number.h"
#include "support/vectors.h"

namespace bulla::test {
namespace {

using namespace crypto::bignum;

/// A number of the sets: hexadecimal with a sign.
struct Signed {
  SimpleNumber magnitude;
  bool negative;
};
Signed signed_of(const Block& block, std::string_view key) {
  std::string text(block.text(key));
  const bool negative = text.starts_with("-");
  if (negative) text.erase(0, 1);
  if (text.size() % 2) text.insert(0, 1, '0');
  const SimpleNumber magnitude = SimpleNumber::of_bytes(from_hex(text));
  return {magnitude, negative && !magnitude.is_zero()};
}

/// Limbs that hold both, and one more.
size_t room_for(const SimpleNumber& a, const SimpleNumber& b = {}) {
  return std::max(a.limb_count(), b.limb_count()) + 1;
}

/// Calls `run(block)` for the blocks of a set, which returns whether there is a counterpart for it.
template <class Run>
void each_block(const std::string& name, size_t expected, Run run) {
  const std::string set = "nist/bignum/" + name + "_tests.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0, without_counterpart = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (block.values.empty()) continue;
    SCOPED_TRACE(set + " case " + std::to_string(cases + without_counterpart));
    ++(run(block) ? cases : without_counterpart);
  }
  EXPECT_EQ(cases + without_counterpart, expected);
  report_cases(set, cases);
  if (without_counterpart) report_cases(set + " (no counterpart)", without_counterpart);
}

TEST(BignumVectors, sum) {
  each_block("sum", 654, [](const Block& block) {
    const Signed a = signed_of(block, "A"), b = signed_of(block, "B"), sum = signed_of(block, "Sum");
    const size_t size = room_for(a.magnitude, b.magnitude);
    const SecretLimbs x = a.magnitude.limbs(size), y = b.magnitude.limbs(size);
    SecretLimbs out(size);
    bool negative = a.negative;
    if (a.negative == b.negative) {
      EXPECT_EQ(add(out, x, y), 0u);
    } else if (is_less(x, y).bit()) {
      EXPECT_EQ(subtract(out, y, x), 0u);
      negative = b.negative;
    } else {
      EXPECT_EQ(subtract(out, x, y), 0u);
    }
    EXPECT_EQ(SimpleNumber::of(out), sum.magnitude);
    EXPECT_EQ(negative && !is_zero(out).bit(), sum.negative);
    return true;
  });
}

TEST(BignumVectors, product) {
  each_block("product", 277, [](const Block& block) {
    const bool square = block.has("Square");
    const SimpleNumber a = signed_of(block, "A").magnitude;
    const SimpleNumber b = square ? a : signed_of(block, "B").magnitude;
    SecretLimbs out(a.limb_count() + b.limb_count());
    multiply(out, a.limbs(a.limb_count()), b.limbs(b.limb_count()));
    EXPECT_EQ(SimpleNumber::of(out), signed_of(block, square ? "Square" : "Product").magnitude);
    return true;
  });
}

TEST(BignumVectors, quotient) {
  each_block("quotient", 367, [](const Block& block) {
    const SimpleNumber a = signed_of(block, "A").magnitude, b = signed_of(block, "B").magnitude;
    SecretLimbs quotient(a.limb_count()), remainder(b.limb_count());
    divide(quotient, remainder, a.limbs(quotient.size()), b.limbs(remainder.size()));
    EXPECT_EQ(SimpleNumber::of(quotient), signed_of(block, "Quotient").magnitude);
    EXPECT_EQ(SimpleNumber::of(remainder), signed_of(block, "Remainder").magnitude);
    return true;
  });
}

TEST(BignumVectors, shift) {
  each_block("shift", 701, [](const Block& block) {
    const SimpleNumber a = signed_of(block, "A").magnitude;
    // A shift has at most as many bits as these numbers have room for.
    const SimpleNumber by = block.has("N") ? signed_of(block, "N").magnitude : SimpleNumber(1);
    const Limb bits = by.limbs(1)[0];
    const size_t size = room_for(a) + bits / 64;
    SecretLimbs out = a.limbs(size);
    if (block.has("RShift")) {
      shift_right(out, bits, bits + 1);
      EXPECT_EQ(SimpleNumber::of(out), signed_of(block, "RShift").magnitude);
    } else if (block.has("LShift")) {
      shift_left(out, bits, bits + 1);
      EXPECT_EQ(SimpleNumber::of(out), signed_of(block, "LShift").magnitude);
    } else {
      EXPECT_EQ(shift_left_one(out, out, 0), 0u);
      EXPECT_EQ(SimpleNumber::of(out), signed_of(block, "LShift1").magnitude);
      shift_right_one(out, out, 0);
      EXPECT_EQ(SimpleNumber::of(out), a);
    }
    return true;
  });
}

/// a mod m by our division, with the sign that a has.
SecretLimbs residue(const Signed& a, const SimpleNumber& m) {
  SecretLimbs out(m.limb_count()), modulus = m.limbs(m.limb_count());
  divide({}, out, a.magnitude.limbs(a.magnitude.limb_count()), modulus);
  if (a.negative && !is_zero(out).bit()) subtract(out, modulus, out);
  return out;
}
/// Whether there is a Modulus for it.
bool takes(const SimpleNumber& m) {
  return m.bit(0) && !(m < SimpleNumber(3)) && m.limb_count() <= max_limbs;
}

TEST(BignumVectors, mod_mul) {
  each_block("mod_mul", 437, [](const Block& block) {
    const bool square = block.has("ModSquare");
    const SimpleNumber m = signed_of(block, "M").magnitude;
    const SecretLimbs a = residue(signed_of(block, "A"), m);
    const SecretLimbs b = square ? SecretLimbs(Limbs(a)) : residue(signed_of(block, "B"), m);
    const SimpleNumber expected = signed_of(block, square ? "ModSquare" : "ModMul").magnitude;
    SecretLimbs product(2 * a.size()), out(a.size());
    multiply(product, a, b);
    divide({}, out, product, m.limbs(a.size()));
    EXPECT_EQ(SimpleNumber::of(out), expected);
    if (!takes(m)) return true;
    const Modulus modulus(m.limbs(m.limb_count()));
    modulus.to_montgomery(out, a);
    modulus.multiply(out, out, b);
    EXPECT_EQ(SimpleNumber::of(out), expected);
    return true;
  });
}

TEST(BignumVectors, mod_exp) {
  each_block("mod_exp", 140, [](const Block& block) {
    const SimpleNumber m = signed_of(block, "M").magnitude, e = signed_of(block, "E").magnitude;
    if (!takes(m)) return false;
    const Modulus modulus(m.limbs(m.limb_count()));
    const SimpleNumber expected = signed_of(block, "ModExp").magnitude;
    SecretLimbs base(modulus.size()), out(modulus.size());
    modulus.to_montgomery(base, residue(signed_of(block, "A"), m));
    modulus.power(out, base, e.limbs(e.limb_count()));
    modulus.from_montgomery(out, out);
    EXPECT_EQ(SimpleNumber::of(out), expected);
    modulus.power_vartime(out, base, e.bytes());
    modulus.from_montgomery(out, out);
    EXPECT_EQ(SimpleNumber::of(out), expected);
    return true;
  });
}

/// Powers that nothing is taken off: modulo a number above them.
TEST(BignumVectors, exp) {
  each_block("exp", 5, [](const Block& block) {
    const SimpleNumber a = signed_of(block, "A").magnitude, e = signed_of(block, "E").magnitude;
    const SimpleNumber expected = signed_of(block, "Exp").magnitude;
    const size_t size = room_for(expected);
    const SimpleNumber m = SimpleNumber::power_of_two(64 * size) - 1;
    const Modulus modulus(m.limbs(size));
    SecretLimbs out(size);
    modulus.to_montgomery(out, a.limbs(size));
    modulus.power(out, SecretLimbs(Limbs(out)), e.limbs(e.limb_count()));
    modulus.from_montgomery(out, out);
    EXPECT_EQ(SimpleNumber::of(out), expected);
    return true;
  });
}

/// We take no roots modulo any prime; these are squared.
TEST(BignumVectors, mod_sqrt) {
  each_block("mod_sqrt", 91, [](const Block& block) {
    const SimpleNumber p = signed_of(block, "P").magnitude;
    if (!takes(p)) return false;
    const Modulus modulus(p.limbs(p.limb_count()));
    SecretLimbs root(modulus.size());
    modulus.to_montgomery(root, residue(signed_of(block, "ModSqrt"), p));
    modulus.square(root, root);
    modulus.from_montgomery(root, root);
    EXPECT_EQ(SimpleNumber::of(root), SimpleNumber::of(residue(signed_of(block, "A"), p)));
    return true;
  });
}

TEST(BignumVectors, mod_inv) {
  each_block("mod_inv", 28, [](const Block& block) {
    const SimpleNumber m = signed_of(block, "M").magnitude;
    const SecretLimbs a = residue(signed_of(block, "A"), m);
    SecretLimbs out(a.size());
    EXPECT_EQ(inverse(out, a, m.limbs(a.size())).bit(), 1u);
    EXPECT_EQ(SimpleNumber::of(out), signed_of(block, "ModInv").magnitude);
    return true;
  });
}

TEST(BignumVectors, gcd) {
  each_block("gcd", 55, [](const Block& block) {
    const SimpleNumber a = signed_of(block, "A").magnitude, b = signed_of(block, "B").magnitude;
    const SimpleNumber expected = signed_of(block, "GCD").magnitude;
    const size_t size = room_for(a, b);
    SecretLimbs out(size);
    gcd(out, a.limbs(size), b.limbs(size));
    EXPECT_EQ(SimpleNumber::of(out), expected);
    // lcm(a, b) = a·b / gcd(a, b), as keys are made.
    if (expected.is_zero()) return true;
    SecretLimbs product(2 * size), lcm(2 * size), rest(size);
    multiply(product, a.limbs(size), b.limbs(size));
    divide(lcm, rest, product, out);
    EXPECT_EQ(SimpleNumber::of(lcm), signed_of(block, "LCM").magnitude);
    EXPECT_EQ(is_zero(rest).bit(), 1u);
    return true;
  });
}

TEST(BignumVectors, miller_rabin) {
  each_block("miller_rabin", 72, [](const Block& block) {
    const SimpleNumber w = signed_of(block, "W").magnitude, b = signed_of(block, "B").magnitude;
    const MillerRabin test(w.limbs(w.limb_count()));
    EXPECT_EQ(test.is_witness(b.limbs(w.limb_count())).bit(), block.text("Result") == "Composite");
    return true;
  });
}

// ---------------------------------------------------------------------------------------- primality

Primality primality(const SimpleNumber& n) {
  return miller_rabin(n.limbs(n.limb_count()), 24, *builtin_provider().random);
}

TEST(BignumVectors, wycheproof_primality) {
  const std::string set = "wycheproof/primality_test.json";
  const auto json = load_json(set);
  BULLA_NEED_VECTORS(json, set);
  size_t cases = 0, other = 0;
  for (const auto& group : json->at("testGroups").as_array()) {
    for (const auto& test : group.at("tests").as_array()) {
      const ByteVector value = from_hex(text_of(test, "value"));
      // Two's complement: a negative number has no representation here, an even one or one below 5 no test.
      const SimpleNumber n = SimpleNumber::of_bytes(value);
      if ((!value.empty() && value[0] >= 0x80) || n < SimpleNumber(5) || !n.bit(0)) {
        ++other;
        continue;
      }
      EXPECT_EQ(primality(n) == Primality::probably_prime, text_of(test, "result") == "valid")
          << "tcId " << test.at("tcId").as_int64();
      ++cases;
    }
  }
  EXPECT_GT(cases, 200u);
  report_cases(set, cases);
  report_cases(set + " (negative, even or below 5: not a candidate)", other);
}

TEST(Primes, small_numbers) {
  std::vector<bool> composite(10000);
  for (size_t i = 2; i < composite.size(); ++i)
    for (size_t k = 2 * i; k < composite.size(); k += i) composite[k] = true;
  for (uint64_t n = 5; n < composite.size(); n += 2)
    EXPECT_EQ(primality(n) == Primality::probably_prime, !composite[n]) << n;
  // Every factor below 4096 is found, also in a number of many limbs; none that is not there.
  const SimpleNumber large = SimpleNumber::power_of_two(521) - 1;  // a Mersenne prime
  EXPECT_FALSE(has_small_factor(large.limbs(9)));
  for (uint64_t n = 3; n < 4096; n += 2) {
    const SimpleNumber product = large * n;
    EXPECT_TRUE(has_small_factor(product.limbs(10))) << n;
  }
  EXPECT_FALSE(has_small_factor((large * 4099).limbs(10)));
}

TEST(Primes, small_remainders) {
  SecretLimbs ones(16);
  for (Limb& limb : ones) limb = ~Limb{0};
  for (const Limb divisor : {Limb{3}, Limb{5}, Limb{4093}, Limb{65535}, Limb{65537}, Limb{0xfffff}}) {
    for (Limb less = 0; less < 20; ++less) {
      SecretLimbs a(16);
      subtract_small(a, ones, less);
      EXPECT_EQ(SimpleNumber(remainder_small(a, divisor)), SimpleNumber::of(a) % divisor) << divisor;
    }
  }
}

// 2^a divides w - 1 for large a: more twos than are provided for, too (Proth primes and Fermat numbers).
TEST(Primes, many_twos) {
  const auto proth = [](uint64_t k, size_t a) { return SimpleNumber::power_of_two(a) * k + 1; };
  EXPECT_EQ(primality(proth(3, 66)), Primality::probably_prime);
  EXPECT_EQ(primality(proth(3, 189)), Primality::probably_prime);
  EXPECT_EQ(primality(proth(3, 65)), Primality::composite);
  EXPECT_EQ(primality(proth(1, 64)), Primality::composite) << "F6";
  EXPECT_EQ(primality(proth(1, 128)), Primality::composite) << "F7";
  EXPECT_EQ(primality(proth(1, 16)), Primality::probably_prime);
}

TEST(Primes, a_source_without_bases_in_range_is_reported) {
  FixedRandom zero({0}), ones({0xff});
  const SecretLimbs p = SimpleNumber(10007).limbs(1);
  EXPECT_EQ(miller_rabin(p, 5, zero), Primality::random_failed);
  EXPECT_EQ(miller_rabin(p, 5, ones), Primality::random_failed);
}

}  // namespace
}  // namespace bulla::test
