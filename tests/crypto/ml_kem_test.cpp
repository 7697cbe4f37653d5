// ML-KEM, over every kernel.
#include "crypto/ml_kem/ml_kem.h"
#include "crypto/one_shot.h"
#include "crypto/sha3/sha3.h"
#include "support/vectors.h"

#include <boost/json.hpp>

#include <random>

namespace bulla::test {
namespace {

namespace json = boost::json;
using namespace bulla::crypto;

struct Pair {
  ByteVector ek, dk;
};
struct Encapsulated {
  ByteVector ciphertext, secret;
};

Pair generate(const GroupAlgorithm& kem, const ByteVector& seed) {
  FixedRandom random(seed);
  GenerateJob job;
  kem.generate(random, {&job, 1});
  EXPECT_TRUE(job.ok);
  return {job.share, to_vector(job.private_key.reveal())};
}

/// Nothing where the key is refused.
std::optional<Encapsulated> encapsulate(const GroupAlgorithm& kem, Bytes ek, const ByteVector& m) {
  FixedRandom random(m);
  EncapsulateJob job{.peer_share = ek};
  kem.encapsulate(random, {&job, 1});
  if (!job.ok) {
    EXPECT_TRUE(job.share.empty() && job.secret.empty());
    return std::nullopt;
  }
  return Encapsulated{job.share, to_vector(job.secret.reveal())};
}

Bytes ek_of(const Pair& pair) {
  return Bytes(pair.dk).subspan(pair.dk.size() - 64 - pair.ek.size(), pair.ek.size());
}
ByteVector joined(const ByteVector& a, const ByteVector& b) {
  ByteVector out = a;
  out.insert(out.end(), b.begin(), b.end());
  return out;
}

/// J(z || c), what FIPS 203 §6.3 gives where the ciphertext does not fit.
ByteVector rejected_secret(Bytes dk, Bytes ciphertext) {
  Shake j = Shake::shake256(*keccak_kernels().back().algorithm);
  j.absorb(dk.last(32));
  j.absorb(ciphertext);
  ByteVector out(32);
  j.squeeze(out);
  return out;
}

struct Instance {
  std::string name;
  Kernel<GroupAlgorithm> kernel;
};
void PrintTo(const Instance& instance, std::ostream* out) {
  *out << instance.name;
}
std::vector<Instance> instances() {
  std::vector<Instance> out;
  for (const auto& kernel : ml_kem_768_kernels()) out.push_back({"768_" + std::string(kernel.name), kernel});
  for (const auto& kernel : ml_kem_1024_kernels())
    out.push_back({"1024_" + std::string(kernel.name), kernel});
  return out;
}

class MlKem : public testing::TestWithParam<Instance> {
 protected:
  void SetUp() override {
    if (!GetParam().kernel.runs_on(cpu_word())) GTEST_SKIP() << "this machine cannot run " << GetParam().name;
  }
  const GroupAlgorithm& kem() const { return *GetParam().kernel.algorithm; }
  bool is_768() const { return kem().name == "ML-KEM-768"; }
  /// "768" or "1024".
  std::string size() const { return std::string(kem().name.substr(7)); }
};
INSTANTIATE_TEST_SUITE_P(Kernels, MlKem, testing::ValuesIn(instances()),
                         [](const auto& info) { return info.param.name; });

ByteVector bytes_from(std::mt19937& random, size_t size) {
  ByteVector out(size);
  for (uint8_t& byte : out) byte = static_cast<uint8_t>(random());
  return out;
}

TEST_P(MlKem, sizes_of_fips203_table_3) {
  const Pair pair = generate(kem(), ByteVector(64, 1));
  EXPECT_EQ(kem().share_size, is_768() ? 1184u : 1568u);
  EXPECT_EQ(kem().reply_size, is_768() ? 1088u : 1568u);
  EXPECT_EQ(pair.dk.size(), is_768() ? 2400u : 3168u);
  EXPECT_EQ(pair.ek.size(), kem().share_size);
  EXPECT_TRUE(equal_vartime(ek_of(pair), pair.ek));
}

/// Hashes of what ACVP tcId 26 and 51 (keyGen and encapsulation) give, so that the tree knows an answer
/// without the sets beside it: d = 00..1f, z = 20..3f, m = 40..5f, and the secret of a ciphertext of zeros.
TEST_P(MlKem, known_answers) {
  ByteVector seed(64), m(32);
  for (size_t i = 0; i < 64; ++i) seed[i] = static_cast<uint8_t>(i);
  for (size_t i = 0; i < 32; ++i) m[i] = static_cast<uint8_t>(64 + i);
  const auto hashed = [](const ByteVector& bytes) {
    ByteVector out(32);
    sha3_256(*keccak_kernels().back().algorithm, {bytes}, out.data());
    return to_hex(out);
  };
  const Pair pair = generate(kem(), seed);
  const auto answer = encapsulate(kem(), pair.ek, m);
  ASSERT_TRUE(answer);
  const auto rejected = decapsulate(kem(), pair.dk, ByteVector(kem().reply_size));
  ASSERT_TRUE(rejected);
  EXPECT_EQ(hashed(pair.ek), is_768() ? "a24e16d8f8f9383a95b77050f4d9fd2f5733eec1d63ef3c23ebf9918173669a7"
                                      : "61349e5c131a7e116a0463861d7d18663c5627c38c7147ddaadfd48acd7a4535");
  EXPECT_EQ(hashed(pair.dk), is_768() ? "1149f17c3c4ac6ab1e3e2d9d8bd0171355ac0fa31bb8855c48ceade874c0864b"
                                      : "f0db5d938027fcd9bad87847d52c14cf0c4abcf0703b749793f212111ffb303b");
  EXPECT_EQ(hashed(answer->ciphertext),
            is_768() ? "b4cfbd24cef67afd3764276c6980e0f88f8e9ca57f59b7f12fe1a9c1e72f4710"
                     : "c1579fa02c614f3762b2a799b51e41cebb8f820f34fa736af02c56de2460ce3c");
  EXPECT_EQ(to_hex(answer->secret), is_768()
                                        ? "9cddd089ffe70e3996e76f7c8d06746df34d07e8657bc0fcf2bb0e1c3084aea1"
                                        : "0ad8d1ea1b8dd788979b4379581218df9321bdce5567eca42ae6be7d395f1a54");
  EXPECT_EQ(to_hex(*rejected), is_768() ? "c8fbeddafdacef2ffeb8b354ea644f11b5c150f3e2c4a74ce38abba8f854ae16"
                                        : "294cb5b6b0f37a047745a2a69991f66ac85936e1b077e717eaeb26bb0ba42c68");
}

TEST_P(MlKem, both_sides_agree_in_batches) {
  constexpr size_t count = 20;
  Random& random = *tested_provider().random;
  std::vector<GenerateJob> initiators(count);
  kem().generate(random, initiators);
  std::vector<EncapsulateJob> responders(count);
  for (size_t i = 0; i < count; ++i) responders[i].peer_share = initiators[i].share;
  kem().encapsulate(random, responders);
  std::vector<DecapsulateJob> finals(count);
  for (size_t i = 0; i < count; ++i) {
    finals[i].private_key = &initiators[i].private_key;
    finals[i].peer_share = responders[i].share;
  }
  kem().decapsulate(finals);
  for (size_t i = 0; i < count; ++i) {
    ASSERT_TRUE(initiators[i].ok && responders[i].ok && finals[i].ok);
    EXPECT_EQ(to_hex(responders[i].secret.reveal()), to_hex(finals[i].secret.reveal()));
    for (size_t j = 0; j < i; ++j) EXPECT_NE(initiators[i].share, initiators[j].share);
    for (size_t j = 0; j < i; ++j) EXPECT_NE(responders[i].share, responders[j].share);
  }
}

TEST_P(MlKem, one_bad_job_in_a_batch_does_not_hurt_the_others) {
  const ByteVector seed(64, 3);
  const Pair pair = generate(kem(), seed);
  std::vector<EncapsulateJob> responders(3);
  responders[0].peer_share = responders[2].peer_share = pair.ek;
  kem().encapsulate(*tested_provider().random, responders);
  EXPECT_TRUE(responders[0].ok && !responders[1].ok && responders[2].ok);
  EXPECT_TRUE(responders[1].secret.empty() && responders[1].share.empty());
  const SecretBytes key(pair.dk);
  std::vector<DecapsulateJob> finals(3);
  for (size_t i = 0; i < 3; ++i) finals[i] = {.private_key = &key, .peer_share = responders[i].share};
  kem().decapsulate(finals);
  EXPECT_TRUE(finals[0].ok && !finals[1].ok && finals[2].ok);
  EXPECT_TRUE(finals[1].secret.empty());
}

TEST_P(MlKem, a_seed_and_the_expanded_key_decapsulate_alike) {
  std::mt19937 random(203);
  for (int round = 0; round < 10; ++round) {
    const ByteVector seed = bytes_from(random, 64);
    const Pair pair = generate(kem(), seed);
    ByteVector ciphertext = encapsulate(kem(), pair.ek, bytes_from(random, 32))->ciphertext;
    EXPECT_EQ(decapsulate(kem(), seed, ciphertext), decapsulate(kem(), pair.dk, ciphertext));
    ciphertext[random() % ciphertext.size()] ^= 1;
    EXPECT_EQ(decapsulate(kem(), seed, ciphertext), decapsulate(kem(), pair.dk, ciphertext));
  }
}

/// FIPS 203 §6.3: every ciphertext that was not made for the key gives J(z || c), and no error.
TEST_P(MlKem, implicit_rejection) {
  const Pair pair = generate(kem(), ByteVector(64, 0x5a));
  const auto made = encapsulate(kem(), pair.ek, ByteVector(32, 7));
  ASSERT_EQ(decapsulate(kem(), pair.dk, made->ciphertext), made->secret);
  ASSERT_NE(rejected_secret(pair.dk, made->ciphertext), made->secret);
  for (size_t bit = 0; bit < 8 * made->ciphertext.size(); bit += 1 + bit % 13) {
    ByteVector altered = made->ciphertext;
    altered[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    ASSERT_EQ(decapsulate(kem(), pair.dk, altered), rejected_secret(pair.dk, altered)) << "bit " << bit;
  }
  // Only the last byte, only the first, and a byte of zero in front of the difference (a strcmp would stop
  // there).
  for (const uint8_t fill : std::initializer_list<uint8_t>{0x00, 0xff}) {
    const ByteVector ciphertext(kem().reply_size, fill);
    EXPECT_EQ(decapsulate(kem(), pair.dk, ciphertext), rejected_secret(pair.dk, ciphertext));
  }
  // Another z gives another secret for what is rejected, and the same for what is not.
  ByteVector other = pair.dk;
  other.back() ^= 1;
  EXPECT_EQ(decapsulate(kem(), other, made->ciphertext), made->secret);
  EXPECT_NE(decapsulate(kem(), other, ByteVector(kem().reply_size)),
            decapsulate(kem(), pair.dk, ByteVector(kem().reply_size)));
}

TEST_P(MlKem, wrong_lengths_are_refused) {
  const Pair pair = generate(kem(), ByteVector(64, 9));
  const ByteVector m(32, 1), good = encapsulate(kem(), pair.ek, m)->ciphertext;
  const auto resized = [](ByteVector bytes, size_t size) {
    bytes.resize(size);
    return bytes;
  };
  for (const size_t size : {0u, 1u, 32u, 63u, 64u, 65u, 800u, 1088u, 1184u, 1568u, 2400u, 3168u, 4000u}) {
    EXPECT_EQ(encapsulate(kem(), resized(pair.ek, size), m).has_value(), size == pair.ek.size()) << size;
    EXPECT_EQ(decapsulate(kem(), pair.dk, resized(good, size)).has_value(), size == good.size()) << size;
    EXPECT_EQ(decapsulate(kem(), resized(pair.dk, size), good).has_value(),
              size == pair.dk.size() || size == ml_kem_seed_size)
        << size;
  }
  for (const size_t by : {1u, 2u}) {
    EXPECT_FALSE(encapsulate(kem(), resized(pair.ek, pair.ek.size() - by), m));
    EXPECT_FALSE(encapsulate(kem(), resized(pair.ek, pair.ek.size() + by), m));
    EXPECT_FALSE(decapsulate(kem(), pair.dk, resized(good, good.size() - by)));
    EXPECT_FALSE(decapsulate(kem(), pair.dk, resized(good, good.size() + by)));
    EXPECT_FALSE(decapsulate(kem(), resized(pair.dk, pair.dk.size() - by), good));
    EXPECT_FALSE(decapsulate(kem(), resized(pair.dk, pair.dk.size() + by), good));
  }
  EXPECT_FALSE(decapsulate(kem(), {}, good));
  DecapsulateJob without_key{.peer_share = good};
  kem().decapsulate({&without_key, 1});
  EXPECT_FALSE(without_key.ok);
}

/// FIPS 203 §7.2: each coefficient of each polynomial set to every number from q to 2^12 - 1, in turn.
TEST_P(MlKem, encapsulation_keys_with_a_coefficient_of_q_or_more_are_refused) {
  const Pair pair = generate(kem(), ByteVector(64, 11));
  const ByteVector m(32, 1);
  const auto with = [&](size_t coefficient, unsigned value) {
    ByteVector ek = pair.ek;
    uint8_t* const at = &ek[coefficient / 2 * 3];
    if (coefficient % 2 == 0) {
      at[0] = static_cast<uint8_t>(value);
      at[1] = static_cast<uint8_t>((at[1] & 0xf0) | value >> 8);
    } else {
      at[1] = static_cast<uint8_t>((at[1] & 0x0f) | (value & 15) << 4);
      at[2] = static_cast<uint8_t>(value >> 4);
    }
    return ek;
  };
  const size_t count = (pair.ek.size() - 32) / 384 * 256;
  for (size_t i = 0; i < count; ++i) {
    ASSERT_FALSE(encapsulate(kem(), with(i, 3329 + static_cast<unsigned>(i % 767)), m)) << i;
    if (i % 64 != 0) continue;
    ASSERT_TRUE(encapsulate(kem(), with(i, 3328), m)) << i;
  }
  for (unsigned value = 3329; value < 4096; ++value)
    ASSERT_FALSE(encapsulate(kem(), with(5, value), m)) << value;
}

/// FIPS 203 §7.3: the hash check, which any change of ek or of the hash itself must fail.
TEST_P(MlKem, expanded_keys_with_a_wrong_hash_are_refused) {
  const Pair pair = generate(kem(), ByteVector(64, 12));
  const ByteVector ciphertext = encapsulate(kem(), pair.ek, ByteVector(32, 1))->ciphertext;
  const size_t ek_at = pair.dk.size() - 64 - pair.ek.size();
  for (size_t at = ek_at; at < pair.dk.size() - 32; ++at) {
    ByteVector dk = pair.dk;
    dk[at] ^= static_cast<uint8_t>(1u << at % 8);
    ASSERT_FALSE(decapsulate(kem(), dk, ciphertext)) << at;
  }
}

/// No check of §7 covers dk_PKE: whatever it holds, decapsulation gives some secret.
TEST_P(MlKem, any_private_vector_decapsulates_to_something) {
  const Pair pair = generate(kem(), ByteVector(64, 13));
  const ByteVector ciphertext = encapsulate(kem(), pair.ek, ByteVector(32, 1))->ciphertext;
  for (const uint8_t fill : std::initializer_list<uint8_t>{0x00, 0xff, 0x0d, 0xd0}) {
    ByteVector dk = pair.dk;
    std::fill(dk.begin(), dk.end() - static_cast<ptrdiff_t>(pair.ek.size() + 64), fill);
    EXPECT_EQ(decapsulate(kem(), dk, ciphertext), rejected_secret(dk, ciphertext));
  }
}

TEST_P(MlKem, random_keys_and_messages_never_fail_to_agree) {
  std::mt19937 random(2024);
  for (int round = 0; round < 200; ++round) {
    const Pair pair = generate(kem(), bytes_from(random, 64));
    const auto made = encapsulate(kem(), pair.ek, bytes_from(random, 32));
    ASSERT_EQ(decapsulate(kem(), pair.dk, made->ciphertext), made->secret) << "seed 2024 round " << round;
    const ByteVector noise = bytes_from(random, kem().reply_size);
    ASSERT_EQ(decapsulate(kem(), pair.dk, noise), rejected_secret(pair.dk, noise))
        << "seed 2024 round " << round;
  }
}

// ------------------------------------------------------------------------------------ sets outside the tree

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

TEST_P(MlKem, wycheproof_keygen_seed) {
  wycheproof("mlkem_" + size() + "_keygen_seed_test.json", [&](const json::value& test, bool valid) {
    EXPECT_TRUE(valid);
    const Pair pair = generate(kem(), hex(test, "seed"));
    EXPECT_EQ(pair.ek, hex(test, "ek"));
    EXPECT_EQ(pair.dk, hex(test, "dk"));
  });
}

TEST_P(MlKem, wycheproof_encaps) {
  wycheproof("mlkem_" + size() + "_encaps_test.json", [&](const json::value& test, bool valid) {
    const ByteVector m = hex(test, "m");
    if (m.size() != 32) {
      EXPECT_FALSE(valid) << "the seam draws 32 bytes: another message cannot be asked for";
      return;
    }
    const auto made = encapsulate(kem(), hex(test, "ek"), m);
    ASSERT_EQ(made.has_value(), valid);
    if (!made) return;
    EXPECT_EQ(made->ciphertext, hex(test, "c"));
    EXPECT_EQ(made->secret, hex(test, "K"));
  });
}

TEST_P(MlKem, wycheproof_decaps_by_seed) {
  wycheproof("mlkem_" + size() + "_test.json", [&](const json::value& test, bool valid) {
    const ByteVector seed = hex(test, "seed"), ciphertext = hex(test, "c");
    const auto secret = decapsulate(kem(), seed, ciphertext);
    ASSERT_EQ(secret.has_value(), valid) << text_of(test, "comment");
    if (!valid) return;
    EXPECT_EQ(*secret, hex(test, "K"));
    const Pair pair = generate(kem(), seed);
    EXPECT_EQ(pair.ek, hex(test, "ek"));
    EXPECT_EQ(decapsulate(kem(), pair.dk, ciphertext), secret);
  });
}

TEST_P(MlKem, wycheproof_semi_expanded_decaps) {
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
      const Pair pair = generate(kem, joined(hex(test, "d"), hex(test, "z")));
      EXPECT_EQ(pair.ek, hex(answer, "ek"));
      EXPECT_EQ(pair.dk, hex(answer, "dk"));
    } else if (asked == "encapsulation") {
      const auto made = encapsulate(kem, hex(test, "ek"), hex(test, "m"));
      EXPECT_TRUE(made && made->ciphertext == hex(answer, "c") && made->secret == hex(answer, "k"));
    } else if (asked == "decapsulation") {
      const ByteVector dk = group_dk ? from_hex(std::string_view(group_dk->as_string()))
                            : test.as_object().contains("dk") ? hex(test, "dk")
                                                              : joined(hex(test, "d"), hex(test, "z"));
      EXPECT_EQ(decapsulate(kem, dk, hex(test, "c")), hex(answer, "k"));
    } else if (asked == "decapsulationKeyCheck") {
      EXPECT_EQ(takes_dk(kem, hex(test, "dk")), answer.at("testPassed").as_bool());
    } else if (asked == "encapsulationKeyCheck") {
      EXPECT_EQ(encapsulate(kem, hex(test, "ek"), ByteVector(32)).has_value(),
                answer.at("testPassed").as_bool());
    } else {
      ADD_FAILURE() << "unknown function " << asked;
    }
  }
  return tests.size();
}

TEST_P(MlKem, nist_acvp) {
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

TEST_P(MlKem, boringssl_acvp) {
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

TEST_P(MlKem, boringssl_text) {
  const std::string keygen = "nist/boringssl-text/mlkem" + size() + "_nist_keygen_tests.txt";
  const std::string decap = "nist/boringssl-text/mlkem" + size() + "_nist_decap_tests.txt";
  const auto keys = read_text(keygen), ciphertexts = read_text(decap);
  BULLA_NEED_VECTORS(keys && ciphertexts ? keys : std::nullopt, keygen);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*keys)) {
    const Pair pair = generate(kem(), joined(block.bytes("d"), block.bytes("z")));
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
TEST_P(MlKem, botan) {
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
        const Pair pair = generate(kem(), joined(block.bytes("D"), block.bytes("Z")));
        EXPECT_EQ(hashed(pair.ek), block.bytes("EK"));
        EXPECT_EQ(hashed(joined(block.bytes("D"), block.bytes("Z"))), block.bytes("DK")) << "its private key";
      } else {
        const auto made = encapsulate(kem(), block.bytes("EK"), block.bytes("M"));
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
