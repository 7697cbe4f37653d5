// ML-KEM on the sets of Wycheproof, NIST, BoringSSL and Botan, over every kernel.
#include "crypto/ml_kem_cases.h"
#include "support/vectors.h"

#include <boost/json.hpp>

namespace bulla::test {
namespace {

namespace json = boost::json;
using namespace bulla::crypto;

class MlKemVectors : public MlKemTest {};
INSTANTIATE_TEST_SUITE_P(Kernels, MlKemVectors, testing::ValuesIn(kem_kernels()),
                         [](const auto& info) { return info.param.name; });

/// Calls `run(test, valid, trace)` for each test of a Wycheproof file.
template <class Run>
void wycheproof(const std::string& file, Run run) {
  const std::string set = "wycheproof/" + file;
  const auto text = load_json(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const auto& group : text->at("testGroups").as_array()) {
    for (const auto& test : group.at("tests").as_array()) {
      SCOPED_TRACE(set + " tcId " + std::to_string(test.at("tcId").as_int64()));
      run(test, text_of(test, "result") == "valid");
      ++cases;
    }
  }
  EXPECT_EQ(cases, static_cast<size_t>(text->at("numberOfTests").as_int64()));
  report_cases(set, cases);
}

ByteVector hex(const json::value& test, std::string_view key) {
  return from_hex(text_of(test, key));
}

TEST_P(MlKemVectors, wycheproof_keygen_seed) {
  wycheproof("mlkem_" + size() + "_keygen_seed_test.json", [&](const json::value& test, bool valid) {
    EXPECT_TRUE(valid);
    const KemPair pair = kem_generate(kem(), hex(test, "seed"));
    EXPECT_EQ(pair.ek, hex(test, "ek"));
    EXPECT_EQ(pair.dk, hex(test, "dk"));
  });
}

TEST_P(MlKemVectors, wycheproof_encaps) {
  wycheproof("mlkem_" + size() + "_encaps_test.json", [&](const json::value& test, bool valid) {
    const ByteVector m = hex(test, "m");
    if (m.size() != 32) {
      EXPECT_FALSE(valid) << "the seam draws 32 bytes: another message cannot be asked for";
      return;
    }
    const auto made = kem_encapsulate(kem(), hex(test, "ek"), m);
    ASSERT_EQ(made.has_value(), valid);
    if (!made) return;
    EXPECT_EQ(made->ciphertext, hex(test, "c"));
    EXPECT_EQ(made->secret, hex(test, "K"));
  });
}

TEST_P(MlKemVectors, wycheproof_decaps_by_seed) {
  wycheproof("mlkem_" + size() + "_test.json", [&](const json::value& test, bool valid) {
    const ByteVector seed = hex(test, "seed"), ciphertext = hex(test, "c");
    const auto secret = decapsulate(kem(), seed, ciphertext);
    ASSERT_EQ(secret.has_value(), valid) << text_of(test, "comment");
    if (!valid) return;
    EXPECT_EQ(*secret, hex(test, "K"));
    const KemPair pair = kem_generate(kem(), seed);
    EXPECT_EQ(pair.ek, hex(test, "ek"));
    EXPECT_EQ(decapsulate(kem(), pair.dk, ciphertext), secret);
  });
}

TEST_P(MlKemVectors, wycheproof_semi_expanded_decaps) {
  wycheproof("mlkem_" + size() + "_semi_expanded_decaps_test.json", [&](const json::value& test, bool valid) {
    const auto secret = decapsulate(kem(), hex(test, "dk"), hex(test, "c"));
    ASSERT_EQ(secret.has_value(), valid) << text_of(test, "comment");
    if (!valid) return;
    EXPECT_EQ(*secret, hex(test, "K"));
  });
}

/// Whether a key, as ACVP's key checks ask, would be taken.
bool takes_dk(const GroupAlgorithm& kem, const ByteVector& dk) {
  return decapsulate(kem, dk, ByteVector(kem.reply_size)).has_value();
}

/// One group of either shape of ACVP's files; the number of cases that are of this parameter set.
size_t acvp_group(const GroupAlgorithm& kem, const json::value& group, const json::value& answers) {
  if (text_of(group, "parameterSet") != kem.name) return 0;
  const auto& tests = group.at("tests").as_array();
  const auto& answered = answers.at("tests").as_array();
  EXPECT_EQ(tests.size(), answered.size());
  const auto* function = group.as_object().if_contains("function");
  const std::string_view asked = function ? std::string_view(function->as_string()) : "keyGen";
  const auto* group_dk = group.as_object().if_contains("dk");
  for (size_t i = 0; i < tests.size(); ++i) {
    const json::value &test = tests[i], &answer = answered.at(i);
    EXPECT_EQ(test.at("tcId"), answer.at("tcId"));
    SCOPED_TRACE("tcId " + std::to_string(test.at("tcId").as_int64()));
    if (asked == "keyGen") {
      const KemPair pair = kem_generate(kem, joined(hex(test, "d"), hex(test, "z")));
      EXPECT_EQ(pair.ek, hex(answer, "ek"));
      EXPECT_EQ(pair.dk, hex(answer, "dk"));
    } else if (asked == "encapsulation") {
      const auto made = kem_encapsulate(kem, hex(test, "ek"), hex(test, "m"));
      EXPECT_TRUE(made && made->ciphertext == hex(answer, "c") && made->secret == hex(answer, "k"));
    } else if (asked == "decapsulation") {
      const ByteVector dk = group_dk ? from_hex(std::string_view(group_dk->as_string()))
                            : test.as_object().contains("dk") ? hex(test, "dk")
                                                              : joined(hex(test, "d"), hex(test, "z"));
      EXPECT_EQ(decapsulate(kem, dk, hex(test, "c")), hex(answer, "k"));
    } else if (asked == "decapsulationKeyCheck") {
      EXPECT_EQ(takes_dk(kem, hex(test, "dk")), answer.at("testPassed").as_bool());
    } else if (asked == "encapsulationKeyCheck") {
      EXPECT_EQ(kem_encapsulate(kem, hex(test, "ek"), ByteVector(32)).has_value(),
                answer.at("testPassed").as_bool());
    } else {
      ADD_FAILURE() << "unknown function " << asked;
    }
  }
  return tests.size();
}

TEST_P(MlKemVectors, nist_acvp) {
  for (const std::string mode : {"keyGen", "encapDecap"}) {
    const std::string set = "nist/acvp-mlkem/ML-KEM-" + mode + "-FIPS203";
    const auto questions = load_json(set + "/prompt.json"),
               answers = load_json(set + "/expectedResults.json");
    BULLA_NEED_VECTORS(questions && answers ? questions : std::nullopt, set);
    SCOPED_TRACE(set);
    size_t cases = 0;
    const auto& groups = questions->at("testGroups").as_array();
    for (size_t i = 0; i < groups.size(); ++i)
      cases += acvp_group(kem(), groups[i], answers->at("testGroups").at(i));
    EXPECT_EQ(cases, mode == "keyGen" ? 25u : 35u);
    report_cases(set + ' ' + std::string(kem().name), cases);
  }
}

TEST_P(MlKemVectors, boringssl_acvp) {
  for (const std::string name : {"ML-KEM", "ML-KEM-seed", "ML-KEM-encap-key-check"}) {
    const std::string set = "nist/acvp-boringssl/" + name;
    const auto questions = load_json(set + ".vectors.json"), answers = load_json(set + ".expected.json");
    BULLA_NEED_VECTORS(questions && answers ? questions : std::nullopt, set);
    SCOPED_TRACE(set);
    size_t cases = 0;
    for (size_t part = 1; part < questions->as_array().size(); ++part) {  // the first element is a header
      const auto& groups = questions->at(part).at("testGroups").as_array();
      for (size_t i = 0; i < groups.size(); ++i)
        cases += acvp_group(kem(), groups[i], answers->at(part).at("testGroups").at(i));
    }
    EXPECT_EQ(cases, name == "ML-KEM" ? 5u : 2u);
    report_cases(set + ' ' + std::string(kem().name), cases);
  }
}

TEST_P(MlKemVectors, boringssl_text) {
  const std::string keygen = "nist/boringssl-text/mlkem" + size() + "_nist_keygen_tests.txt";
  const std::string decap = "nist/boringssl-text/mlkem" + size() + "_nist_decap_tests.txt";
  const auto keys = read_text(keygen), ciphertexts = read_text(decap);
  BULLA_NEED_VECTORS(keys && ciphertexts ? keys : std::nullopt, keygen);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*keys)) {
    const KemPair pair = kem_generate(kem(), joined(block.bytes("d"), block.bytes("z")));
    EXPECT_EQ(pair.ek, block.bytes("ek"));
    EXPECT_EQ(pair.dk, block.bytes("dk"));
    ++cases;
  }
  EXPECT_EQ(cases, 25u);
  report_cases(keygen, cases);
  cases = 0;
  for (const Block& block : parse_blocks(*ciphertexts)) {
    ASSERT_TRUE(block.section.starts_with("dk: "));
    EXPECT_EQ(decapsulate(kem(), from_hex(block.section.substr(4)), block.bytes("c")), block.bytes("k"));
    ++cases;
  }
  EXPECT_EQ(cases, 10u);
  report_cases(decap, cases);
}

/// Botan keeps ACVP's keys and ciphertexts as 16 bytes of their SHAKE256; its private key is the seed.
TEST_P(MlKemVectors, botan) {
  const auto hashed = [](Bytes bytes) {
    Shake shake = Shake::shake256(*keccak_kernels().back().algorithm);
    shake.absorb(bytes);
    ByteVector out(16);
    shake.squeeze(out);
    return out;
  };
  for (const std::string set :
       {"nist/botan-text/ml_kem_acvp_keygen.vec", "nist/botan-text/ml_kem_acvp_encap.vec"}) {
    const auto text = read_text(set);
    BULLA_NEED_VECTORS(text, set);
    size_t cases = 0;
    for (const Block& block : parse_blocks(*text)) {
      if (block.section != kem().name) continue;
      if (block.has("D")) {
        const KemPair pair = kem_generate(kem(), joined(block.bytes("D"), block.bytes("Z")));
        EXPECT_EQ(hashed(pair.ek), block.bytes("EK"));
        EXPECT_EQ(hashed(joined(block.bytes("D"), block.bytes("Z"))), block.bytes("DK")) << "its private key";
      } else {
        const auto made = kem_encapsulate(kem(), block.bytes("EK"), block.bytes("M"));
        ASSERT_TRUE(made);
        EXPECT_EQ(hashed(made->ciphertext), block.bytes("C"));
        EXPECT_EQ(made->secret, block.bytes("K"));
      }
      ++cases;
    }
    EXPECT_EQ(cases, 25u);
    report_cases(set + ' ' + std::string(kem().name), cases);
  }
}

}  // namespace
}  // namespace bulla::test
