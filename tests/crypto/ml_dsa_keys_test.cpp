// ML-DSA behind the seam: which keys load (RFC 9881 §6, §8.2), and that signatures are those of FIPS 204 §5.2
// under the empty context.
#include "crypto/ml_dsa/ml_dsa.h"

#include "crypto/one_shot.h"
#include "support/vectors.h"

#include <boost/json.hpp>

namespace bulla::test {
namespace {

using namespace crypto;

struct Set {
  KeyType type;
  SignatureAlgorithm algorithm;
  const ml_dsa::Parameters* with;
};
constexpr Set sets[] = {{KeyType::ml_dsa_44, SignatureAlgorithm::ml_dsa_44, &ml_dsa::ml_dsa_44},
                        {KeyType::ml_dsa_65, SignatureAlgorithm::ml_dsa_65, &ml_dsa::ml_dsa_65},
                        {KeyType::ml_dsa_87, SignatureAlgorithm::ml_dsa_87, &ml_dsa::ml_dsa_87}};

const ByteVector message = {'m', 's', 'g'};

/// A key as a file may have it: from seed, expanded form and public key, all of them there.
PrivateKeyMaterial whole(const Set& set, uint8_t seed_byte = 7) {
  const ByteVector seed(ml_dsa::seed_size, seed_byte);
  ml_dsa::KeyPair keys = ml_dsa::generate(*set.with, seed);
  PrivateKeyMaterial m{.type = set.type};
  m.scalar = SecretBytes(Bytes(seed));
  m.expanded = std::move(keys.private_key);
  m.point = std::move(keys.public_key);
  return m;
}
PrivateKeyMaterial without_seed(const Set& set) {
  PrivateKeyMaterial m = whole(set);
  m.scalar.reset();
  return m;
}

Result<SigningKeyPtr> load(const PrivateKeyMaterial& m) {
  return tested_provider().signing.load(m);
}

void expect_inconsistent(const PrivateKeyMaterial& m, const char* what) {
  const auto key = load(m);
  ASSERT_FALSE(key) << what;
  EXPECT_EQ(key.error().code, ErrorCode::private_key_inconsistent) << what;
  EXPECT_NE(key.error().detail.find(name_of(m.type)), std::string::npos) << key.error().detail;
}

struct MlDsaKeys : testing::TestWithParam<Set> {
  void SetUp() override {
    if (!tested_provider().supports(GetParam().algorithm)) GTEST_SKIP() << "this provider has no ML-DSA";
  }
};
INSTANTIATE_TEST_SUITE_P(Sets, MlDsaKeys, testing::ValuesIn(sets),
                         [](const auto& info) { return std::to_string(info.param.with->lambda); });

// RFC 9881 §6: seed, expanded key, or both; the public key beside them or not.
TEST_P(MlDsaKeys, AllFormsAreOneKey) {
  const PrivateKeyMaterial all = whole(GetParam());
  for (const bool seed : {true, false})
    for (const bool expanded : {true, false})
      for (const bool point : {true, false}) {
        if (!seed && !expanded) continue;
        PrivateKeyMaterial m = whole(GetParam());
        if (!seed) m.scalar.reset();
        if (!expanded) m.expanded.reset();
        if (!point) m.point.clear();
        const auto key = load(m);
        ASSERT_TRUE(key) << key.error().message();
        EXPECT_EQ((*key)->type(), GetParam().type);
        EXPECT_TRUE(equal_vartime((*key)->public_key().point, all.point));
        FixedRandom random({9});
        EXPECT_EQ(sign(**key, GetParam().algorithm, message, random),
                  ml_dsa::sign(*GetParam().with, all.expanded.reveal(), {}, message,
                               ByteVector(ml_dsa::rnd_size, 9)));
      }
}

// FIPS 204 §3.4: the random source is asked for each signature.
TEST_P(MlDsaKeys, SignaturesAreHedged) {
  const auto key = load(whole(GetParam())).value();
  FixedRandom one({1}), again({1}), other({2});
  const ByteVector signature = sign(*key, GetParam().algorithm, message, one);
  EXPECT_EQ(signature.size(), GetParam().with->signature_size());
  EXPECT_EQ(sign(*key, GetParam().algorithm, message, again), signature);
  EXPECT_NE(sign(*key, GetParam().algorithm, message, other), signature);
}

// RFC 9881 §3: the context is empty.
TEST_P(MlDsaKeys, SignaturesUnderAContextAreRefused) {
  const PrivateKeyMaterial m = whole(GetParam());
  const PublicKeyView view{.type = m.type, .point = m.point};
  const auto made_under = [&](std::string_view context) {
    return *ml_dsa::sign(*GetParam().with, m.expanded.reveal(), as_bytes(context), message,
                         ByteVector(ml_dsa::rnd_size));
  };
  EXPECT_TRUE(verify(view, GetParam().algorithm, message, made_under("")));
  EXPECT_FALSE(verify(view, GetParam().algorithm, message, made_under("TLS 1.3, server CertificateVerify")));
}

TEST_P(MlDsaKeys, AnotherSetVerifiesAndSignsNothing) {
  const PrivateKeyMaterial m = whole(GetParam());
  const auto key = load(m).value();
  const ByteVector signature = sign(*key, GetParam().algorithm, message);
  for (const Set& other : sets) {
    if (other.type == GetParam().type) continue;
    EXPECT_FALSE(verify({.type = GetParam().type, .point = m.point}, other.algorithm, message, signature));
    EXPECT_FALSE(verify({.type = other.type, .point = m.point}, other.algorithm, message, signature));
    EXPECT_FALSE(
        verify({.type = other.type, .point = whole(other).point}, other.algorithm, message, signature));
    EXPECT_TRUE(sign(*key, other.algorithm, message).empty());
    PrivateKeyMaterial wrong = without_seed(GetParam());
    wrong.type = other.type;
    expect_inconsistent(wrong, "an expanded key of another set");
  }
}

TEST_P(MlDsaKeys, PublicKeysOfAnotherSizeVerifyNothing) {
  const PrivateKeyMaterial m = whole(GetParam());
  const ByteVector signature = sign(*load(m).value(), GetParam().algorithm, message);
  ByteVector longer = m.point, shorter = m.point;
  longer.push_back(0);
  shorter.pop_back();
  for (const ByteVector& point : {longer, shorter, ByteVector()})
    EXPECT_FALSE(verify({.type = m.type, .point = point}, GetParam().algorithm, message, signature));
}

// RFC 9881 §8.2: "the recipient MUST reject the private key as malformed".
TEST_P(MlDsaKeys, ASeedOfAnotherKeyIsRefused) {
  PrivateKeyMaterial m = whole(GetParam());
  for (const size_t at : {size_t{0}, m.expanded.size() / 2, m.expanded.size() - 1}) {
    m.expanded.writable()[at] ^= 1;
    expect_inconsistent(m, "an expanded key that is altered");
    m.expanded.writable()[at] ^= 1;
  }
  ASSERT_TRUE(load(m));
  m.scalar.writable()[31] ^= 1;
  expect_inconsistent(m, "a seed that is altered");
  for (const size_t size : {size_t{1}, size_t{31}, size_t{33}, size_t{64}}) {
    m = whole(GetParam());
    m.scalar = SecretBytes(size);
    m.expanded.reset();
    m.point.clear();
    expect_inconsistent(m, "a seed of another size");
  }
}

TEST_P(MlDsaKeys, APublicKeyOfAnotherKeyIsRefused) {
  for (const bool seed : {true, false}) {
    PrivateKeyMaterial m = seed ? whole(GetParam()) : without_seed(GetParam());
    m.point.back() ^= 1;
    expect_inconsistent(m, "a public key that is altered");
    m.point = whole(GetParam(), 8).point;
    expect_inconsistent(m, "another public key");
    m.point.assign(1, 0);
    expect_inconsistent(m, "no public key");
  }
}

// RFC 9881 §C.4: what is only seen by computing the public key anew.
TEST_P(MlDsaKeys, ExpandedKeysThatContradictThemselvesAreRefused) {
  const ml_dsa::Parameters& with = *GetParam().with;
  const size_t t0 = with.private_key_size() - with.k * 32 * 13, s1 = 128,
               s2 = s1 + 32 * with.eta_bits() * with.l;
  const std::pair<size_t, const char*> places[] = {{0, "rho"},
                                                   {64, "tr"},
                                                   {127, "tr"},
                                                   {s1, "s1"},
                                                   {s2, "s2"},
                                                   {t0, "t0"},
                                                   {with.private_key_size() - 1, "t0"}};
  for (const bool with_point : {true, false})
    for (const auto& [at, what] : places) {
      PrivateKeyMaterial m = without_seed(GetParam());
      if (!with_point) m.point.clear();
      m.expanded.writable()[at] ^= 1;
      expect_inconsistent(m, what);
    }
  PrivateKeyMaterial m = without_seed(GetParam());
  m.expanded.writable()[s1] = 0xff;
  expect_inconsistent(m, "a coefficient out of range");
  m = {.type = GetParam().type};
  expect_inconsistent(m, "neither seed nor expanded key");
  m = without_seed(GetParam());
  for (const size_t size : {size_t{1}, m.expanded.size() - 1, m.expanded.size() + 1}) {
    m.expanded = SecretBytes(size);
    expect_inconsistent(m, "an expanded key of another size");
  }
}

TEST_P(MlDsaKeys, AreKeptAsTheirSeed) {
  FixedRandom random({0x11});
  const auto m = tested_provider().signing.generate(GetParam().type, 0, random);
  ASSERT_TRUE(m);
  EXPECT_TRUE(equal_vartime(m->scalar.reveal(), ByteVector(ml_dsa::seed_size, 0x11)));
  EXPECT_TRUE(m->expanded.empty());
  EXPECT_EQ(m->point, ml_dsa::generate(*GetParam().with, m->scalar.reveal()).public_key);
}

// A provider without ML-DSA says so, wherever it is asked.
TEST(MlDsaProvider, AnotherOneSaysThatItHasNone) {
  for (const Set& set : sets) {
    if (tested_provider().supports(set.algorithm)) GTEST_SKIP() << "this provider has ML-DSA";
    const PrivateKeyMaterial m = whole(set);
    const auto loaded = load(m);
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().code, ErrorCode::private_key_unsupported);
    const auto made = tested_provider().signing.generate(set.type, 0, tested_random());
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::private_key_unsupported);
    const auto signature =
        ml_dsa::sign(*set.with, m.expanded.reveal(), {}, message, ByteVector(ml_dsa::rnd_size));
    EXPECT_FALSE(verify({.type = m.type, .point = m.point}, set.algorithm, message, *signature));
  }
}

// ----------------------------------------------------------------------------- sets outside the tree

std::string hex_text(const boost::json::object& o, std::string_view key) {
  return o.contains(key) && !o.at(key).is_null() ? std::string(o.at(key).as_string()) : std::string();
}

/// Runs the tests that the seam can express: an empty context, a message and not its representative.
template <class Run>
void each_wycheproof(const std::string& set, Run run) {
  const auto file = load_json(set);
  BULLA_NEED_VECTORS(file, set);
  size_t cases = 0, out_of_scope = 0;
  for (const auto& group : file->at("testGroups").as_array())
    for (const auto& value : group.at("tests").as_array()) {
      const boost::json::object& test = value.as_object();
      SCOPED_TRACE(set + " tcId " + std::to_string(test.at("tcId").as_int64()));
      const bool fits = hex_text(test, "ctx").empty() && test.contains("msg");
      if (fits) run(group.as_object(), test, test.at("result").as_string() == "valid");
      ++(fits ? cases : out_of_scope);
    }
  EXPECT_GT(cases, 0u);
  report_cases(set + " (through the provider)", cases);
  report_cases(set + " (a context or a representative, which the seam cannot express)", out_of_scope);
}

/// The key signs as the set says, or is refused, or is no key.
void check_signing(const Set& set, const PrivateKeyMaterial& m, const boost::json::object& test, bool valid) {
  const auto key = load(m);
  ASSERT_EQ(key.ok(), valid);
  if (!valid) return;
  const ByteVector rnd = from_hex(hex_text(test, "rnd"));
  FixedRandom random(rnd.empty() ? ByteVector{0} : rnd);
  const ByteVector signature = sign(**key, set.algorithm, from_hex(hex_text(test, "msg")), random);
  EXPECT_EQ(signature, from_hex(hex_text(test, "sig")));
}

TEST_P(MlDsaKeys, WycheproofSignSeed) {
  const std::string name = std::string(GetParam().with->name.substr(7));
  each_wycheproof("wycheproof/mldsa_" + name + "_sign_seed_test.json",
                  [](const auto& group, const auto& test, bool valid) {
                    PrivateKeyMaterial m{.type = GetParam().type};
                    m.scalar = SecretBytes(Bytes(from_hex(hex_text(group, "privateSeed"))));
                    m.point = from_hex(hex_text(group, "publicKey"));
                    check_signing(GetParam(), m, test, valid);
                  });
}

TEST_P(MlDsaKeys, WycheproofSignExpanded) {
  const std::string name = std::string(GetParam().with->name.substr(7));
  each_wycheproof("wycheproof/mldsa_" + name + "_sign_noseed_test.json",
                  [](const auto& group, const auto& test, bool valid) {
                    PrivateKeyMaterial m{.type = GetParam().type};
                    m.expanded = SecretBytes(Bytes(from_hex(hex_text(group, "privateKey"))));
                    m.point = from_hex(hex_text(group, "publicKey"));
                    check_signing(GetParam(), m, test, valid);
                  });
}

TEST_P(MlDsaKeys, WycheproofVerify) {
  const std::string name = std::string(GetParam().with->name.substr(7));
  each_wycheproof("wycheproof/mldsa_" + name + "_verify_test.json",
                  [](const auto& group, const auto& test, bool valid) {
                    const ByteVector point = from_hex(hex_text(group, "publicKey"));
                    EXPECT_EQ(verify({.type = GetParam().type, .point = point}, GetParam().algorithm,
                                     from_hex(hex_text(test, "msg")), from_hex(hex_text(test, "sig"))),
                              valid);
                  });
}

}  // namespace
}  // namespace bulla::test
