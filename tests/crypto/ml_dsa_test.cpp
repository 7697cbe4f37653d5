// ML-DSA (FIPS 204).
#include "crypto/ml_dsa/ml_dsa.h"

#include "crypto/acvp_cases.h"
#include "crypto/ml_dsa/kernels.h"
#include "crypto/ml_dsa/pack.h"
#include "crypto/ml_dsa/ring.h"
#include "crypto/ml_dsa/sample.h"

#include <random>

namespace bulla::test {
namespace {

using namespace bulla::crypto::ml_dsa;

const Parameters* const sets[] = {&ml_dsa_44, &ml_dsa_65, &ml_dsa_87};

const Parameters& set_named(std::string_view name) {
  for (const Parameters* set : sets)
    if (set->name == name) return *set;
  ADD_FAILURE() << name;
  return ml_dsa_44;
}

// --------------------------------------------------------------------------------------------- the ring

// FIPS 204 §4, table 2.
TEST(MlDsa, SizesOfTable2) {
  EXPECT_EQ(ml_dsa_44.private_key_size(), 2560u);
  EXPECT_EQ(ml_dsa_65.private_key_size(), 4032u);
  EXPECT_EQ(ml_dsa_87.private_key_size(), 4896u);
  EXPECT_EQ(ml_dsa_44.public_key_size(), 1312u);
  EXPECT_EQ(ml_dsa_65.public_key_size(), 1952u);
  EXPECT_EQ(ml_dsa_87.public_key_size(), 2592u);
  EXPECT_EQ(ml_dsa_44.signature_size(), 2420u);
  EXPECT_EQ(ml_dsa_65.signature_size(), 3309u);
  EXPECT_EQ(ml_dsa_87.signature_size(), 4627u);
}

int32_t modulo(int64_t a) {
  return static_cast<int32_t>((a % q + q) % q);
}

TEST(MlDsaRing, ReductionsKeepTheResidueAndTheirBounds) {
  std::mt19937_64 random(1);
  const int64_t two_to_32 = (int64_t{1} << 32) % q;
  const auto check_montgomery = [&](int64_t a) {
    const int32_t r = montgomery_reduce(a);
    ASSERT_TRUE(-q < r && r < q) << a;
    ASSERT_EQ(modulo(r * two_to_32), modulo(a)) << a;
  };
  const int64_t most = (int64_t{q} << 31) - 1;
  for (const int64_t a : {int64_t{0}, int64_t{1}, int64_t{-1}, most, -most, int64_t{q}, int64_t{-q}})
    check_montgomery(a);
  for (int i = 0; i < 100'000; ++i) check_montgomery(static_cast<int64_t>(random()) % most);
  for (const int32_t a :
       {0, 1, -1, q, -q, q - 1, (1 << 22), INT32_MAX - (1 << 22), INT32_MIN, INT32_MIN + 1}) {
    const int32_t r = reduce(a);
    EXPECT_TRUE(-6283008 <= r && r <= 6283008) << a;
    EXPECT_EQ(modulo(r), modulo(a)) << a;
  }
}

// FIPS 204 §7.4: every number there is, against the definition with its divisions.
TEST(MlDsaRing, RoundingOfEveryNumber) {
  const auto centred = [](int32_t r, int32_t m) {
    const int32_t low = r % m;
    return low > m / 2 ? low - m : low;
  };
  for (int32_t r = 0; r < q; ++r) {
    const Rounded p = power2_round(r);
    ASSERT_EQ(p.low, centred(r, 1 << d)) << r;
    ASSERT_EQ(p.high, (r - p.low) >> d) << r;
    for (const int32_t gamma2 : {(q - 1) / 88, (q - 1) / 32}) {
      int32_t low = centred(r, 2 * gamma2), high = 0;
      if (r - low == q - 1)
        --low;
      else
        high = (r - low) / (2 * gamma2);
      const Rounded got = decompose(r, gamma2);
      ASSERT_TRUE(got.high == high && got.low == low) << r << ' ' << gamma2;
    }
  }
}

Poly random_poly(std::mt19937_64& random) {
  Poly p;
  for (int32_t& c : p) c = static_cast<int32_t>(random() % (2 * q - 1)) - (q - 1);
  return p;
}

// FIPS 204 §2.3: X^256 = -1.
TEST(MlDsaRing, ProductsAreThoseOfSchool) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 20; ++i) {
    const Poly a = random_poly(random), b = random_poly(random);
    Poly school{};
    for (size_t x = 0; x < n; ++x)
      for (size_t y = 0; y < n; ++y) {
        const int64_t product = int64_t{a[x]} * b[y] % q;
        int32_t& c = school[(x + y) % n];
        c = modulo(x + y < n ? c + product : c - product);
      }
    Poly left = a, right = b, product;
    ntt(left);
    ntt(right);
    reduce(left);
    reduce(right);
    multiply(product, left, right);
    inverse_ntt(product);
    canonical(product);
    EXPECT_EQ(product, school);
  }
}

TEST(MlDsaRing, TheTransformAndItsInverse) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 50; ++i) {
    const Poly a = random_poly(random);
    Poly p = a;
    ntt(p);
    for (const int32_t c : p) EXPECT_LT(std::abs(c), 9 * q);
    reduce(p);
    inverse_ntt(p);
    for (size_t j = 0; j < n; ++j) {
      EXPECT_LT(std::abs(p[j]), q);
      EXPECT_EQ(modulo(p[j]), modulo(int64_t{a[j]} * ((int64_t{1} << 32) % q)));
    }
  }
}

// Each kernel's numbers are those of soft, not only their residues: random ones, and the bounds that ring.h
// states.
TEST(MlDsaRing, KernelsGiveWhatSoftGives) {
  const auto table = kernels();
  const Parts& soft = *table.back().algorithm;
  std::mt19937_64 random(5);
  for (const auto& kernel : table.first(table.size() - 1)) {
    if (!kernel.runs_on(crypto::cpu_word())) continue;
    const Parts& parts = *kernel.algorithm;
    for (int round = 0; round < 60; ++round) {
      Poly a = random_poly(random), b = random_poly(random);
      for (size_t i = 0; i < n; ++i) {
        if (round % 4 == 1) a[i] = q - 1;
        if (round % 4 == 2) a[i] = i % 2 ? q - 1 : 1 - q;
        if (round % 4 == 3) a[i] = static_cast<int32_t>(random() % 2) * 2 * (q - 1) - (q - 1);
        if (round % 8 >= 4) b[i] = round % 2 ? q - 1 : 1 - q;
      }
      const auto same = [&](auto function, Poly from) {
        Poly wanted = from;
        (soft.*function)(wanted);
        (parts.*function)(from);
        ASSERT_EQ(from, wanted) << kernel.name << ' ' << round;
      };
      same(&Parts::ntt, a);
      same(&Parts::inverse_ntt, a);
      Poly wide;
      for (int32_t& c : wide) c = static_cast<int32_t>(random());
      for (int32_t& c : wide) c = std::min(c, INT32_MAX - (1 << 22));
      wide[0] = INT32_MIN;
      wide[255] = INT32_MAX - (1 << 22);
      same(&Parts::reduce, wide);
      same(&Parts::canonical, wide);
      Poly wanted = b, sum = b, product;
      soft.multiply_add(wanted, a, b);
      parts.multiply_add(sum, a, b);
      EXPECT_EQ(sum, wanted) << kernel.name << ' ' << round;
      soft.multiply(wanted, a, wide);
      parts.multiply(product, a, wide);
      EXPECT_EQ(product, wanted) << kernel.name << ' ' << round;
    }
  }
}

TEST(MlDsaRing, ExceedsSeesEveryPlaceAndBothSigns) {
  for (size_t i = 0; i < n; ++i)
    for (const int32_t sign : {1, -1}) {
      Poly p{};
      p[i] = sign * 99;
      EXPECT_FALSE(exceeds(p, 100));
      p[i] = sign * 100;
      EXPECT_TRUE(exceeds(p, 100));
    }
}

TEST(MlDsaPack, EveryWidthComesBack) {
  std::mt19937_64 random(4);
  for (const unsigned bits : {3u, 4u, 6u, 10u, 13u, 18u, 20u})
    for (const int32_t offset : {0, 1 << (bits - 1)}) {
      Poly p;
      for (int32_t& c : p) {
        const auto value = static_cast<int32_t>(random() % (1u << bits));
        c = offset ? offset - value : value;
      }
      ByteVector bytes(32 * bits);
      EXPECT_TRUE(pack(bytes, p, bits, offset).empty());
      EXPECT_EQ(unpack(bytes, bits, offset), p);
    }
}

// ------------------------------------------------------------------------------------ whole operations

const ByteVector no_rnd(rnd_size);

TEST(MlDsa, WhatIsSignedVerifiesAndNothingElse) {
  for (const Parameters* with : sets) {
    const KeyPair keys = generate(*with, ByteVector(seed_size, 0x2a));
    const Bytes message = as_bytes("message"), context = as_bytes("context");
    const auto signature = sign(*with, keys.private_key.reveal(), context, message, no_rnd);
    ASSERT_TRUE(signature);
    EXPECT_EQ(signature->size(), with->signature_size());
    EXPECT_TRUE(verify_vartime(*with, keys.public_key, context, message, *signature));
    EXPECT_FALSE(verify_vartime(*with, keys.public_key, context, as_bytes("massage"), *signature));
    EXPECT_FALSE(verify_vartime(*with, keys.public_key, {}, message, *signature));
    EXPECT_FALSE(
        verify_vartime(*with, keys.public_key, as_bytes("contextmess"), as_bytes("age"), *signature));
    const KeyPair others = generate(*with, ByteVector(seed_size, 0x2b));
    EXPECT_FALSE(verify_vartime(*with, others.public_key, context, message, *signature));
    for (size_t i = 0; i < signature->size(); i += 37) {
      ByteVector altered = *signature;
      altered[i] ^= 1;
      EXPECT_FALSE(verify_vartime(*with, keys.public_key, context, message, altered))
          << with->name << ' ' << i;
    }
  }
}

TEST(MlDsa, RandomnessHedgesASignature) {
  const KeyPair keys = generate(ml_dsa_44, ByteVector(seed_size, 1));
  const auto one = sign(ml_dsa_44, keys.private_key.reveal(), {}, as_bytes("m"), no_rnd);
  EXPECT_EQ(sign(ml_dsa_44, keys.private_key.reveal(), {}, as_bytes("m"), no_rnd), one);
  EXPECT_NE(sign(ml_dsa_44, keys.private_key.reveal(), {}, as_bytes("m"), ByteVector(rnd_size, 1)), one);
}

TEST(MlDsa, WrongSizesAreRefused) {
  for (const Parameters* with : sets) {
    const KeyPair keys = generate(*with, ByteVector(seed_size, 7));
    const Bytes message = as_bytes("m"), key = keys.private_key.reveal();
    const ByteVector signature = sign(*with, key, {}, message, no_rnd).value();
    ByteVector longer = signature, longer_key = keys.public_key;
    longer.push_back(0);
    longer_key.push_back(0);
    EXPECT_FALSE(verify_vartime(*with, keys.public_key, {}, message, longer));
    EXPECT_FALSE(
        verify_vartime(*with, keys.public_key, {}, message, Bytes(signature).first(signature.size() - 1)));
    EXPECT_FALSE(verify_vartime(*with, keys.public_key, {}, message, {}));
    EXPECT_FALSE(verify_vartime(*with, longer_key, {}, message, signature));
    EXPECT_FALSE(verify_vartime(*with, {}, {}, message, signature));
    EXPECT_FALSE(sign(*with, key.first(key.size() - 1), {}, message, no_rnd));
    EXPECT_FALSE(sign(*with, {}, {}, message, no_rnd));
    EXPECT_FALSE(sign(*with, key, {}, message, Bytes(no_rnd).first(31)));
    EXPECT_FALSE(sign_mu(*with, key, Bytes(longer).first(63), no_rnd));
    EXPECT_TRUE(sign(*with, key, ByteVector(255), message, no_rnd));
    EXPECT_FALSE(sign(*with, key, ByteVector(256), message, no_rnd));  // FIPS 204 §5.2
    EXPECT_FALSE(verify_vartime(*with, keys.public_key, ByteVector(256), message, signature));
  }
}

// FIPS 204 §7.2: a coefficient of s1 outside -eta..eta.
TEST(MlDsa, PrivateKeysOutOfRangeAreRefused) {
  for (const Parameters* with : sets) {
    KeyPair keys = generate(*with, ByteVector(seed_size, 9));
    keys.private_key.writable()[128] = 0xff;
    EXPECT_FALSE(sign(*with, keys.private_key.reveal(), {}, as_bytes("m"), no_rnd)) << with->name;
  }
}

// FIPS 204 Appendix C: with a t0 that no key generation brings forth, though each of its coefficients is in
// range, hardly any try makes a signature with few enough hints. (The hints of the larger sets suffice.)
TEST(MlDsa, AKeyThatHardlySignsIsAnErrorAndNoEnd) {
  const Parameters& with = ml_dsa_44;
  KeyPair keys = generate(with, ByteVector(seed_size, 11));
  const MutBytes packed = keys.private_key.writable().last(with.k * 32 * d);
  std::mt19937_64 source(1);
  wipe(packed);
  for (size_t bit = 0; bit < 8 * packed.size(); bit += d)  // -2^12 + 1 or 2^12
    for (size_t i = 0, all = source() & 1; i < d && all; ++i)
      packed[(bit + i) / 8] = static_cast<uint8_t>(packed[(bit + i) / 8] | 1 << ((bit + i) % 8));
  size_t failed = 0;
  for (uint8_t i = 0; i < 8; ++i)
    failed += !sign(with, keys.private_key.reveal(), {}, as_bytes("m"), ByteVector(rnd_size, i));
  EXPECT_GT(failed, 0u);
}

// FIPS 204 §7.1, HintBitUnpack: one encoding for one set of hints.
TEST(MlDsaPack, HintsHaveOneEncoding) {
  const Parameters& with = ml_dsa_44;
  const size_t at = with.signature_size() - with.omega - with.k;
  const auto decodes = [&](std::initializer_list<uint8_t> places, std::initializer_list<uint8_t> ends) {
    ByteVector bytes(with.signature_size());
    std::ranges::copy(places, bytes.begin() + static_cast<std::ptrdiff_t>(at));
    std::ranges::copy(ends, bytes.end() - static_cast<std::ptrdiff_t>(with.k));
    return decode_signature(with, bytes).has_value();
  };
  EXPECT_TRUE(decodes({}, {0, 0, 0, 0}));
  EXPECT_TRUE(decodes({3, 5, 1}, {2, 3, 3, 3}));
  EXPECT_TRUE(decodes({0}, {0, 0, 0, 1}));
  EXPECT_FALSE(decodes({5, 3}, {2, 2, 2, 2})) << "not in order";
  EXPECT_FALSE(decodes({3, 3}, {2, 2, 2, 2})) << "twice";
  EXPECT_FALSE(decodes({3, 5}, {2, 1, 2, 2})) << "ends before it begins";
  EXPECT_FALSE(decodes({3, 5, 7}, {2, 2, 2, 2})) << "what is not used is not zero";
  EXPECT_FALSE(decodes({}, {81, 81, 81, 81})) << "more than omega";
  EXPECT_FALSE(decodes({3}, {0, 0, 0, 0}));
}

// ----------------------------------------------------------------------------- sets outside the tree

std::optional<ByteVector> optional_hex(const json::object& test, std::string_view key) {
  if (!test.contains(key)) return std::nullopt;
  return from_hex(text_of(test, key));
}

/// What a test of Wycheproof wants signed, or verified: mu, or a message in a context.
struct Wanted {
  explicit Wanted(const json::object& test)
      : mu(optional_hex(test, "mu")),
        message(optional_hex(test, "msg")),
        context(optional_hex(test, "ctx").value_or(ByteVector())),
        rnd(optional_hex(test, "rnd").value_or(no_rnd)),
        signature(from_hex(text_of(test, "sig"))),
        valid(text_of(test, "result") == "valid") {}
  std::optional<ByteVector> mu, message;
  ByteVector context, rnd, signature;
  bool valid;
};

void check_signing(const Parameters& with, Bytes private_key, Bytes public_key, const Wanted& t) {
  const auto signature = t.message ? sign(with, private_key, t.context, *t.message, t.rnd)
                                   : sign_mu(with, private_key, *t.mu, t.rnd);
  ASSERT_EQ(signature.has_value(), t.valid);
  if (!t.valid) return;
  EXPECT_EQ(*signature, t.signature);
  if (t.message) {
    EXPECT_TRUE(verify_vartime(with, public_key, t.context, *t.message, *signature));
  }
  if (t.mu) {
    EXPECT_EQ(sign_mu(with, private_key, *t.mu, t.rnd), t.signature);
    EXPECT_TRUE(verify_mu_vartime(with, public_key, *t.mu, *signature));
  }
}

template <class Run>
void each_wycheproof(const std::string& set, Run run) {
  const auto file = load_json(set);
  BULLA_NEED_VECTORS(file, set);
  size_t cases = 0;
  for (const auto& group : file->at("testGroups").as_array())
    for (const auto& test : group.at("tests").as_array()) {
      SCOPED_TRACE(set + " tcId " + std::to_string(test.at("tcId").as_int64()));
      run(group.as_object(), test.as_object());
      ++cases;
    }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

void run_sign_seed(const Parameters& with, const std::string& set) {
  each_wycheproof(set, [&](const json::object& group, const json::object& test) {
    const ByteVector seed = from_hex(text_of(group, "privateSeed"));
    if (seed.size() != seed_size) {  // IncorrectPrivateKeyLength: a KeyPair of it cannot be asked for
      EXPECT_EQ(text_of(test, "result"), "invalid");
      return;
    }
    const KeyPair keys = generate(with, seed);
    if (group.contains("publicKey")) {
      EXPECT_EQ(keys.public_key, from_hex(text_of(group, "publicKey")));
    }
    check_signing(with, keys.private_key.reveal(), keys.public_key, Wanted(test));
  });
}

void run_sign_noseed(const Parameters& with, const std::string& set) {
  each_wycheproof(set, [&](const json::object& group, const json::object& test) {
    const bool has_public = group.contains("publicKey") && !group.at("publicKey").is_null();
    check_signing(with, from_hex(text_of(group, "privateKey")),
                  has_public ? from_hex(text_of(group, "publicKey")) : ByteVector(), Wanted(test));
  });
}

void run_verify(const Parameters& with, const std::string& set) {
  each_wycheproof(set, [&](const json::object& group, const json::object& test) {
    const Wanted t(test);
    EXPECT_EQ(verify_vartime(with, from_hex(text_of(group, "publicKey")), t.context, *t.message, t.signature),
              t.valid);
  });
}

TEST(MlDsaVectors, WycheproofSignSeed44) {
  run_sign_seed(ml_dsa_44, "wycheproof/mldsa_44_sign_seed_test.json");
}
TEST(MlDsaVectors, WycheproofSignSeed65) {
  run_sign_seed(ml_dsa_65, "wycheproof/mldsa_65_sign_seed_test.json");
}
TEST(MlDsaVectors, WycheproofSignSeed87) {
  run_sign_seed(ml_dsa_87, "wycheproof/mldsa_87_sign_seed_test.json");
}
TEST(MlDsaVectors, WycheproofSign44) {
  run_sign_noseed(ml_dsa_44, "wycheproof/mldsa_44_sign_noseed_test.json");
}
TEST(MlDsaVectors, WycheproofSign65) {
  run_sign_noseed(ml_dsa_65, "wycheproof/mldsa_65_sign_noseed_test.json");
}
TEST(MlDsaVectors, WycheproofSign87) {
  run_sign_noseed(ml_dsa_87, "wycheproof/mldsa_87_sign_noseed_test.json");
}
TEST(MlDsaVectors, WycheproofVerify44) {
  run_verify(ml_dsa_44, "wycheproof/mldsa_44_verify_test.json");
}
TEST(MlDsaVectors, WycheproofVerify65) {
  run_verify(ml_dsa_65, "wycheproof/mldsa_65_verify_test.json");
}
TEST(MlDsaVectors, WycheproofVerify87) {
  run_verify(ml_dsa_87, "wycheproof/mldsa_87_verify_test.json");
}

/// Calls `run(with, group, test, answer)` for every test of NIST's ACVP.
template <class Run>
void each_acvp(const std::string& name, Run run) {
  const std::string set = "nist/acvp-mldsa/" + name;
  const auto prompt = load_json(set + "/prompt.json"), answers = load_json(set + "/expectedResults.json");
  BULLA_NEED_VECTORS(prompt && answers ? prompt : std::nullopt, set);
  size_t cases = 0;
  const auto& groups = prompt->at("testGroups").as_array();
  for (size_t g = 0; g < groups.size(); ++g) {
    const Parameters& with = set_named(text_of(groups[g], "parameterSet"));
    const auto& tests = groups[g].at("tests").as_array();
    for (size_t t = 0; t < tests.size(); ++t) {
      const auto& answer = answers->at("testGroups").at(g).at("tests").at(t);
      ASSERT_EQ(tests[t].at("tcId"), answer.at("tcId"));
      SCOPED_TRACE(set + " tcId " + std::to_string(answer.at("tcId").as_int64()));
      run(with, groups[g], tests[t], answer);
      ++cases;
    }
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

/// ACVP asks for ML-DSA.Sign_internal: its message stands behind tr without a prefix.
ByteVector internal_mu(Bytes tr, Bytes message) {
  ByteVector mu(mu_size);
  hash({tr, message}, mu);
  return mu;
}

TEST(MlDsaVectors, AcvpKeyGen) {
  each_acvp("ML-DSA-keyGen-FIPS204", [](const Parameters& with, auto&, auto& test, auto& answer) {
    const KeyPair keys = generate(with, from_hex(text_of(test, "seed")));
    EXPECT_EQ(keys.public_key, from_hex(text_of(answer, "pk")));
    EXPECT_EQ(to_vector(keys.private_key.reveal()), from_hex(text_of(answer, "sk")));
  });
}

TEST(MlDsaVectors, AcvpSigGen) {
  each_acvp("ML-DSA-sigGen-FIPS204", [](const Parameters& with, auto&, auto& test, auto& answer) {
    const ByteVector key = from_hex(text_of(test, "sk"));
    const ByteVector mu = internal_mu(Bytes(key).subspan(64, 64), from_hex(text_of(test, "message")));
    const ByteVector rnd = optional_hex(test.as_object(), "rnd").value_or(no_rnd);
    EXPECT_EQ(sign_mu(with, key, mu, rnd), from_hex(text_of(answer, "signature")));
  });
}

TEST(MlDsaVectors, AcvpSigVer) {
  each_acvp("ML-DSA-sigVer-FIPS204", [](const Parameters& with, auto& group, auto& test, auto& answer) {
    const ByteVector key = from_hex(text_of(group, "pk"));
    const ByteVector mu = internal_mu(public_key_hash(key), from_hex(text_of(test, "message")));
    EXPECT_EQ(verify_mu_vartime(with, key, mu, from_hex(text_of(test, "signature"))),
              answer.at("testPassed").as_bool());
  });
}

TEST(MlDsaVectors, AcvpSeeds) {
  each_case("ML-DSA-seed", "sigGen", [](const auto& group, const auto& test, const auto& expected) {
    const Parameters& with = set_named(text_of(group, "parameterSet"));
    const KeyPair keys = generate(with, hex(test, "seed"));
    const ByteVector mu = hex(test, "mu"), wanted = hex(expected, "signature");
    const ByteVector rnd = group.at("deterministic").as_bool() ? no_rnd : hex(test, "rnd");
    EXPECT_EQ(sign_mu(with, keys.private_key.reveal(), mu, rnd), wanted);
    EXPECT_TRUE(verify_mu_vartime(with, keys.public_key, mu, wanted));
    return true;
  });
}

}  // namespace
}  // namespace bulla::test
