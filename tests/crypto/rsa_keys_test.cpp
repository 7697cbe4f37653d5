// RSA keys: which are loaded, what they sign beside libcrypto's, and how they are made.
#include "crypto/bignum/prime.h"
#include "crypto/rsa_material.h"
#include "support/vectors.h"

#include <optional>

namespace bulla::test {
namespace {

using enum SignatureAlgorithm;

/// What every provider says to a key: nothing if they load it.
std::optional<ErrorCode> refusal(const PrivateKeyMaterial& m) {
  const auto ours = builtin_provider().signing.load(m);
  if (witness()) {
    const auto theirs = witness()->signing.load(m);
    EXPECT_EQ(ours.ok(), theirs.ok());
    if (!ours && !theirs) {
      EXPECT_EQ(ours.error().code, theirs.error().code);
      EXPECT_EQ(ours.error().message(), theirs.error().message());
    }
  }
  if (ours) return std::nullopt;
  return ours.error().code;
}

/// Whether our key makes a signature, which is then right.
bool signs(const PrivateKeyMaterial& m) {
  const auto key = builtin_provider().signing.load(m);
  EXPECT_TRUE(key);
  if (!key) return false;
  const ByteVector signature = sign(**key, rsa_pkcs1_sha256, as_bytes("message"));
  if (signature.empty()) return false;
  EXPECT_TRUE(verified_by_all((*key)->public_key(), rsa_pkcs1_sha256, as_bytes("message"), signature));
  return true;
}

TEST(RsaKeys, forms_that_are_accepted) {
  const PrivateKeyMaterial& base = key_of_bits(2048);
  const SimpleNumber p = number_of(base.prime1), q = number_of(base.prime2), e = 65537;
  const SimpleNumber lcm = (p - 1) * (q - 1) / simple_gcd(p - 1, q - 1);
  const auto expect_good = [](const PrivateKeyMaterial& m) {
    EXPECT_FALSE(refusal(m).has_value());
    EXPECT_TRUE(signs(m));
  };
  expect_good(material_of(p, q, e));
  expect_good(material_of(q, p, e));
  expect_good(material_of(p, q, e, simple_inverse(e, lcm)));
  expect_good(material_of(p, q, 3 * 17 * 257 + 2));
  // A leading zero, as DER has them; as long as the modulus and a byte more.
  PrivateKeyMaterial m = copy_of(base);
  for (SecretBytes* part :
       {&m.private_exponent, &m.prime1, &m.prime2, &m.exponent1, &m.exponent2, &m.coefficient})
    *part = SecretBytes(to_size(to_vector(part->reveal()), base.modulus.size() + 1));
  expect_good(m);
  // Primes of very different lengths.
  const SimpleNumber mersenne = SimpleNumber::power_of_two(521) - 1;
  expect_good(material_of(p, mersenne, e));
  expect_good(material_of(mersenne, p, e));
  // The longest exponent.
  SimpleNumber longest = SimpleNumber::power_of_two(256) - 1;
  while (!(simple_gcd(longest, (p - 1) * (q - 1)) == SimpleNumber(1))) longest = longest - 2;
  expect_good(material_of(p, q, longest));
}

bool is_prime(const SimpleNumber& n, unsigned rounds = 40) {
  return crypto::bignum::miller_rabin(n.limbs(n.limb_count()), rounds, *builtin_provider().random) ==
         crypto::bignum::Primality::probably_prime;
}

/// The first one from 3·2^(bits - 2) on that is none of e's.
SimpleNumber prime_of_bits(size_t bits, const SimpleNumber& e) {
  SimpleNumber p = SimpleNumber::power_of_two(bits - 1) + SimpleNumber::power_of_two(bits - 2) + 1;
  while (crypto::bignum::has_small_factor(p.limbs(p.limb_count())) || !is_prime(p, 4) ||
         (p % e) == SimpleNumber(1))
    p = p + 2;
  return p;
}

// A prime has at least a quarter of the modulus's bits. With one of 3 a key loaded, and many a signature
// failed: the blinding factor had no inverse.
TEST(RsaKeys, short_primes_are_refused) {
  const SimpleNumber e = 65537;
  struct Case {
    size_t p, q;
    bool good;
  };
  constexpr Case cases[] = {
      {700, 1349, true}, {512, 1536, true}, {511, 1536, false}, {64, 1984, false}, {16, 1032, false}};
  for (const auto& [p_bits, q_bits, good] : cases) {
    const SimpleNumber p = prime_of_bits(p_bits, e), q = prime_of_bits(q_bits, e);
    for (const PrivateKeyMaterial& m : {material_of(p, q, e), material_of(q, p, e)}) {
      EXPECT_EQ(refusal(m), good ? std::nullopt : std::optional(ErrorCode::private_key_unsupported))
          << p_bits << ' ' << q_bits;
      if (good) {
        EXPECT_TRUE(signs(m)) << p_bits << ' ' << q_bits;
      }
    }
  }
  const SimpleNumber p = number_of(key_of_bits(2048).prime1);
  for (const SimpleNumber& tiny : {SimpleNumber(3), SimpleNumber(10007)}) {
    EXPECT_EQ(refusal(material_of(p, tiny, e)), ErrorCode::private_key_unsupported);
    EXPECT_EQ(refusal(material_of(tiny, p, e)), ErrorCode::private_key_unsupported);
  }
}

TEST(RsaKeys, forms_that_are_refused) {
  const PrivateKeyMaterial& base = key_of_bits(2048);
  const SimpleNumber p = number_of(base.prime1), q = number_of(base.prime2), e = 65537;
  const auto inconsistent = [](const PrivateKeyMaterial& m, const char* what) {
    EXPECT_EQ(refusal(m), ErrorCode::private_key_inconsistent) << what;
  };
  inconsistent(material_of(p, p, e, simple_inverse(e, p - 1)), "p = q");
  PrivateKeyMaterial m = copy_of(base);
  m.prime1 = SecretBytes(base.modulus), m.prime2 = SecretBytes(ByteVector{1});
  inconsistent(m, "q = 1");
  m = copy_of(base);
  m.prime1 = SecretBytes(ByteVector(128)), m.prime2 = SecretBytes(ByteVector(128));
  inconsistent(m, "p = q = 0");
  // The product is right mod 2^2048 only.
  m = copy_of(base);
  m.prime1 = SecretBytes((p + SimpleNumber::power_of_two(2048)).bytes());
  inconsistent(m, "p + 2^2048");
  // Numbers that are right but not reduced.
  m = copy_of(base);
  m.exponent1 = SecretBytes((number_of(base.exponent1) + p - 1).bytes());
  inconsistent(m, "dP + p - 1");
  m = copy_of(base);
  m.exponent2 = SecretBytes((number_of(base.exponent2) + q - 1).bytes());
  inconsistent(m, "dQ + q - 1");
  m = copy_of(base);
  m.coefficient = SecretBytes((number_of(base.coefficient) + p).bytes());
  inconsistent(m, "qInv + p");
  m = copy_of(base);
  m.private_exponent = SecretBytes((number_of(base.private_exponent) + (p - 1) * (q - 1)).bytes());
  if (!(number_of(m.private_exponent) < SimpleNumber::of_bytes(base.modulus))) inconsistent(m, "d >= n");
  // d of the other kind: right for one prime only.
  m = material_of(p, q, e, simple_inverse(e, p - 1));
  inconsistent(m, "d mod p - 1 only");
  for (SecretBytes PrivateKeyMaterial::* const part :
       {&PrivateKeyMaterial::private_exponent, &PrivateKeyMaterial::exponent1, &PrivateKeyMaterial::exponent2,
        &PrivateKeyMaterial::coefficient}) {
    m = copy_of(base);
    m.*part = SecretBytes(ByteVector{0});
    inconsistent(m, "0");
    m.*part = SecretBytes(ByteVector{1});
    inconsistent(m, "1");
    m.*part = SecretBytes(ByteVector(base.modulus.size() + 2, 0));
    inconsistent(m, "longer than the modulus");
  }
}

// Primality is not tested at load; the check of each signature sees to it. libcrypto's own check does not:
// after a signature that does not verify it computes another one without the primes, which it does not check.
TEST(RsaKeys, composite_primes_release_no_wrong_signature) {
  const SimpleNumber p = number_of(key_of_bits(2048).prime1);
  const SimpleNumber composite =
      (SimpleNumber::power_of_two(521) - 1) * (SimpleNumber::power_of_two(127) - 1);
  const SimpleNumber e = 65537;
  for (const PrivateKeyMaterial& m : {material_of(p, composite, e), material_of(composite, p, e)}) {
    EXPECT_FALSE(refusal(m).has_value());
    for (const Provider* provider : {&builtin_provider(), witness()}) {
      if (!provider) continue;
      const auto key = provider->signing.load(m);
      ASSERT_TRUE(key);
      for (const SignatureAlgorithm algorithm : rsa_algorithms)
        EXPECT_EQ(sign(**key, algorithm, as_bytes("message")), ByteVector()) << provider->name;
    }
  }
}

TEST(RsaKeys, sizes_at_the_edges) {
  const SimpleNumber p = number_of(key_of_bits(2048).prime1);
  // 1023 bits are too few, 8193 too many; 1024 and 8192 are allowed.
  const SimpleNumber mersenne521 = SimpleNumber::power_of_two(521) - 1;
  const SimpleNumber mersenne607 = SimpleNumber::power_of_two(607) - 1;
  const SimpleNumber mersenne2203 = SimpleNumber::power_of_two(2203) - 1;
  EXPECT_FALSE(refusal(material_of(mersenne521, mersenne607, 65537)).has_value()) << "1128 bits";
  EXPECT_EQ(refusal(material_of(mersenne521, SimpleNumber::power_of_two(127) - 1, 65537)),
            ErrorCode::private_key_unsupported);
  PrivateKeyMaterial m = material_of(p, mersenne2203, 65537);
  EXPECT_FALSE(refusal(m).has_value());
  EXPECT_TRUE(signs(m));
}

// ------------------------------------------------------------------------------------ beside libcrypto

TEST(RsaDifferential, both_providers_make_the_same_signatures) {
  BULLA_NEED_WITNESS();
  for (const unsigned bits : {2048u, 2056u, 2184u, 3072u, 4096u}) {
    const PrivateKeyMaterial& m = key_of_bits(bits);
    const auto ours = builtin_provider().signing.load(m).value();
    const auto theirs = witness()->signing.load(m).value();
    for (const SignatureAlgorithm algorithm : rsa_algorithms) {
      for (uint8_t i = 0; i < 8; ++i) {
        const ByteVector message(i * 31u, i);
        // PSS salts are the first thing that is drawn.
        SeededRandom first(bits + i), second(bits + i);
        const ByteVector signature = sign(*ours, algorithm, message, first);
        EXPECT_EQ(signature, sign(*theirs, algorithm, message, second)) << bits << ' ' << name_of(algorithm);
        EXPECT_TRUE(verified_by_all(ours->public_key(), algorithm, message, signature));
      }
    }
  }
}

TEST(RsaDifferential, random_numbers_verify_alike) {
  std::mt19937_64 source(99);
  for (int i = 0; i < 400; ++i) {
    ByteVector n(128 + source() % 140), e(1 + source() % 4), s(n.size());
    for (ByteVector* number : {&n, &e, &s})
      for (uint8_t& byte : *number) byte = static_cast<uint8_t>(source());
    for (ByteVector* number : {&n, &e}) (*number)[0] |= 1, number->back() |= 1;
    if (e == ByteVector{1}) e = {3};
    if (n.size() == 128) n[0] |= 0x80;
    ByteVector encoded(n.size());
    const bool below = SimpleNumber::of_bytes(s) < SimpleNumber::of_bytes(n);
    ASSERT_EQ(crypto::rsa::public_operation_vartime(n, e, s, encoded), below)
        << "case " << i << " of seed 99";
    if (below) {
      EXPECT_EQ(SimpleNumber::of_bytes(encoded),
                simple_power(SimpleNumber::of_bytes(s), SimpleNumber::of_bytes(e), SimpleNumber::of_bytes(n)))
          << "case " << i << " of seed 99";
    }
  }
}

TEST(RsaDifferential, every_kernel_signs_and_verifies) {
  for (const auto& kernel : crypto::bignum::montgomery_kernels()) {
    if (!kernel.runs_on(crypto::cpu_word())) continue;
    for (const unsigned bits : {2048u, 2056u, 3072u}) {
      const auto key = crypto::rsa::load(key_of_bits(bits), *kernel.algorithm).value();
      for (const SignatureAlgorithm algorithm : rsa_algorithms) {
        const ByteVector signature = sign(*key, algorithm, as_bytes("message"));
        EXPECT_TRUE(verified_by_all(key->public_key(), algorithm, as_bytes("message"), signature))
            << kernel.name;
        EXPECT_TRUE(crypto::rsa::verify_vartime(key->public_key(), algorithm, as_bytes("message"), signature,
                                                *kernel.algorithm));
      }
    }
  }
}

// Batches that fill a kernel's lanes, and those that do not; one job in the middle that does not fit the key.
TEST(RsaDifferential, every_kernel_signs_batches) {
  const SimpleNumber p = number_of(key_of_bits(2048).prime1);
  const PrivateKeyMaterial unequal = material_of(p, SimpleNumber::power_of_two(521) - 1, 65537);
  for (const PrivateKeyMaterial* m : {&key_of_bits(2048), &key_of_bits(2184), &unequal}) {
    const auto soft = crypto::rsa::load(*m, crypto::bignum::montgomery_soft).value();
    for (const auto& kernel : crypto::bignum::montgomery_kernels()) {
      if (!kernel.runs_on(crypto::cpu_word())) continue;
      const auto key = crypto::rsa::load(*m, *kernel.algorithm).value();
      for (const size_t count : {1u, 2u, 3u, 4u, 5u, 7u, 8u, 9u, 12u, 17u}) {
        std::vector<ByteVector> messages(count);
        std::vector<SignJob> jobs(count);
        for (size_t i = 0; i < count; ++i) {
          messages[i].assign(i, static_cast<uint8_t>(count));
          jobs[i] = {.algorithm = rsa_algorithms[i % std::size(rsa_algorithms)], .message = messages[i]};
        }
        const size_t bad = count > 2 ? count / 2 : count;
        if (bad < count) jobs[bad].algorithm = ed25519;
        key->sign(*builtin_provider().random, jobs);
        for (size_t i = 0; i < count; ++i) {
          ASSERT_EQ(jobs[i].ok, i != bad) << kernel.name << ' ' << count << ' ' << i;
          EXPECT_EQ(jobs[i].signature.empty(), i == bad);
          if (i == bad) continue;
          EXPECT_TRUE(verified_by_all(key->public_key(), jobs[i].algorithm, messages[i], jobs[i].signature))
              << kernel.name << ' ' << count << ' ' << i;
          if (!crypto::rsa::is_pss(jobs[i].algorithm)) {
            EXPECT_EQ(jobs[i].signature, sign(*soft, jobs[i].algorithm, messages[i]));
          }
        }
      }
    }
  }
}

// Every length that a modulus may have, in bytes: whatever a kernel's registers hold.
TEST(RsaDifferential, public_operations_of_every_length_agree) {
  std::mt19937_64 source(98);
  for (size_t size = 128; size <= 1024; ++size) {
    ByteVector n(size), s(size), wanted(size), out(size);
    for (ByteVector* number : {&n, &s})
      for (uint8_t& byte : *number) byte = static_cast<uint8_t>(source());
    n[0] |= 0x80, n.back() |= 1, s[0] &= 0x7f;
    const ByteVector e = source() % 4 ? from_hex("010001") : ByteVector{3};
    ASSERT_TRUE(crypto::rsa::public_operation_vartime(n, e, s, wanted, crypto::bignum::montgomery_soft));
    for (const auto& kernel : crypto::bignum::montgomery_kernels()) {
      if (!kernel.runs_on(crypto::cpu_word())) continue;
      ASSERT_TRUE(crypto::rsa::public_operation_vartime(n, e, s, out, *kernel.algorithm));
      ASSERT_EQ(out, wanted) << kernel.name << ' ' << size;
    }
  }
}

// ---------------------------------------------------------------------------------------- generation

// FIPS 186-5 §A.1.1, §A.1.3.
TEST(RsaGeneration, keys_are_what_the_standard_asks_for) {
  for (const unsigned bits : {2048u, 2048u, 2056u, 2072u, 3072u}) {
    const auto made = builtin_provider().signing.generate(KeyType::rsa, bits, *builtin_provider().random);
    ASSERT_TRUE(made);
    const SimpleNumber n = SimpleNumber::of_bytes(made->modulus), p = number_of(made->prime1),
                       q = number_of(made->prime2), d = number_of(made->private_exponent);
    EXPECT_EQ(made->modulus.size(), bits / 8);
    EXPECT_GE(made->modulus[0], 0x80);
    EXPECT_EQ(made->exponent, from_hex("010001"));
    EXPECT_EQ(p * q, n);
    EXPECT_TRUE(q < p);
    EXPECT_TRUE(is_prime(p) && is_prime(q));
    for (const SimpleNumber& prime : {p, q}) {
      EXPECT_TRUE(prime.bit(bits / 2 - 1) && prime.bit(bits / 2 - 2));
      EXPECT_TRUE(prime < SimpleNumber::power_of_two(bits / 2));
    }
    EXPECT_TRUE(SimpleNumber::power_of_two(bits / 2 - 100) < p - q);
    const SimpleNumber lcm = (p - 1) * (q - 1) / simple_gcd(p - 1, q - 1);
    EXPECT_TRUE(d < lcm);
    EXPECT_EQ(d * 65537 % lcm, SimpleNumber(1));
    EXPECT_TRUE(SimpleNumber::power_of_two(bits / 2) < d);
    EXPECT_FALSE(refusal(*made).has_value());
    EXPECT_TRUE(signs(*made));
  }
}

TEST(RsaGeneration, the_same_source_makes_the_same_key_and_another_one_another) {
  const auto made = [](uint64_t seed) {
    SeededRandom random(seed);
    return builtin_provider().signing.generate(KeyType::rsa_pss, 2048, random).value();
  };
  const PrivateKeyMaterial first = made(1);
  EXPECT_EQ(first.type, KeyType::rsa_pss);
  EXPECT_EQ(first.modulus, made(1).modulus);
  EXPECT_NE(first.modulus, made(2).modulus);
}

TEST(RsaGeneration, a_source_that_repeats_itself_is_an_error) {
  for (const uint8_t byte : ByteVector{0x00, 0xff}) {
    FixedRandom random({byte});
    const auto made = builtin_provider().signing.generate(KeyType::rsa, 2048, random);
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::internal);
  }
}

}  // namespace
}  // namespace bulla::test
