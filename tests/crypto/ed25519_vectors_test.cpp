// Ed25519 of src/crypto/curve25519 against the sets outside the tree, whichever provider the suite is about.
#include "crypto/curve25519/ed25519.h"
#include "crypto/one_shot.h"
#include "support/vectors.h"

#include <boost/json.hpp>

#include <map>
#include <sstream>

namespace bulla::test {
namespace {

using crypto::load_ed25519;
using crypto::verify_ed25519_vartime;

void expect_signature(Bytes seed, Bytes point, Bytes message, Bytes signature) {
  PrivateKeyMaterial m{.type = KeyType::ed25519};
  m.scalar = SecretBytes(seed);
  m.point = to_vector(point);
  const auto key = load_ed25519(m);
  ASSERT_TRUE(key);
  FixedRandom unused({0});
  EXPECT_EQ(to_hex(sign(**key, SignatureAlgorithm::ed25519, message, unused)), to_hex(signature));
  EXPECT_TRUE(verify_ed25519_vartime(point, message, signature));
}

TEST(Ed25519OwnVectors, wycheproof) {
  const std::string set = "wycheproof/ed25519_test.json";
  const auto json = load_json(set);
  BULLA_NEED_VECTORS(json, set);
  size_t cases = 0;
  for (const auto& group : json->at("testGroups").as_array()) {
    const ByteVector point = from_hex(text_of(group.at("publicKey"), "pk"));
    for (const auto& test : group.at("tests").as_array()) {
      EXPECT_EQ(verify_ed25519_vartime(point, from_hex(text_of(test, "msg")), from_hex(text_of(test, "sig"))),
                text_of(test, "result") == "valid")
          << test.at("tcId");
      ++cases;
    }
  }
  EXPECT_EQ(cases, 105u);
  report_cases(set, cases);
}

TEST(Ed25519OwnVectors, sign_input) {
  const std::string set = "nist/ed25519/sign.input";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line); ++cases) {
    std::vector<ByteVector> fields;
    std::istringstream parts(line);
    for (std::string part; std::getline(parts, part, ':');) fields.push_back(from_hex(part));
    ASSERT_GE(fields.size(), 4u);
    SCOPED_TRACE(cases);
    expect_signature(Bytes(fields[0]).first(32), fields[1], fields[2], Bytes(fields[3]).first(64));
  }
  EXPECT_EQ(cases, 1024u);
  report_cases(set, cases);
}

TEST(Ed25519OwnVectors, boringssl) {
  const std::string set = "nist/boringssl-text/ed25519_tests.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    const ByteVector key = block.bytes("PRIV"), point = block.bytes("PUB");
    const ByteVector message = block.bytes("MESSAGE"), signature = block.bytes("SIG");
    SCOPED_TRACE(cases);
    ASSERT_EQ(key.size(), 64u);
    expect_signature(Bytes(key).first(32), point, message, signature);
    ++cases;
  }
  EXPECT_GT(cases, 500u);
  report_cases(set, cases);
}

/// Botan's values hold until another of the same name comes. Its own rule, that the neutral element is no
/// key, is neither RFC 8032's nor libcrypto's: that one case verifies here.
TEST(Ed25519OwnVectors, botan_verification) {
  const std::string set = "nist/botan-text/ed25519_verify.vec";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  std::map<std::string, std::string> values;
  const std::string neutral = "01" + std::string(62, '0');
  size_t cases = 0, neutral_keys = 0;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    const size_t at = line.find('=');
    if (line.starts_with("#") || at == line.npos) continue;
    const std::string name = line.substr(0, line.find(' '));
    const size_t begin = line.find_first_not_of(' ', at + 1);
    values[name] = begin == line.npos ? "" : line.substr(begin);
    if (name != "Signature") continue;
    const bool is_neutral = values.at("Pubkey") == neutral;
    EXPECT_EQ(verify_ed25519_vartime(from_hex(values.at("Pubkey")), from_hex(values.at("Msg")),
                                     from_hex(values.at("Signature"))),
              is_neutral || values.at("Valid") == "1")
        << values.at("Signature");
    neutral_keys += is_neutral;
    ++cases;
  }
  EXPECT_GT(cases, 50u);
  EXPECT_EQ(neutral_keys, 1u);
  report_cases(set, cases);
}

/// What can be seen of a key's decoding from outside: a signature whose equation holds if and only if the key
/// is a point of small order, or any at all. Botan's "invalid" ones that decode are the neutral element, and
/// points outside the subgroup, which only multiplying by L tells.
TEST(Ed25519OwnVectors, botan_keys) {
  const std::string set = "nist/botan-text/ed25519_key_valid.vec";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    for (const auto& [name, hex] : block.values) {
      ASSERT_EQ(name, "Pubkey");
      const ByteVector point = from_hex(hex);
      ByteVector signature(64);
      signature[0] = 1;  // R = (0, 1), S = 0: verifies where [k]A is the neutral element
      const bool neutral = block.section == "Invalid" && point[0] == 1 && point[31] == 0;
      EXPECT_EQ(verify_ed25519_vartime(point, as_bytes("A"), signature), neutral) << hex;
      ++cases;
    }
  }
  EXPECT_GT(cases, 9u);
  report_cases(set, cases);
}

TEST(Ed25519OwnVectors, acvp) {
  const std::string set = "nist/acvp-boringssl/EDDSA";
  const auto questions = load_json(set + ".vectors.json"), answers = load_json(set + ".expected.json");
  BULLA_NEED_VECTORS(questions && answers ? questions : std::nullopt, set);
  size_t cases = 0, prehashed = 0;
  const auto& parts = questions->as_array();
  for (size_t p = 1; p < parts.size(); ++p) {  // the first element is a header
    const auto& groups = parts[p].at("testGroups").as_array();
    for (size_t g = 0; g < groups.size(); ++g) {
      const auto& tests = groups[g].at("tests").as_array();
      ASSERT_EQ(text_of(groups[g], "curve"), "ED-25519");
      for (size_t t = 0; t < tests.size(); ++t) {
        const auto& expected = answers->at(p).at("testGroups").at(g).at("tests").at(t);
        ASSERT_EQ(expected.at("tcId"), tests[t].at("tcId"));
        const ByteVector point = from_hex(text_of(tests[t], "q"));
        if (parts[p].at("mode").as_string() == "keyVer") {
          ByteVector zero_s(64);
          zero_s[0] = 1;
          EXPECT_FALSE(expected.at("testPassed").as_bool());
          EXPECT_FALSE(verify_ed25519_vartime(point, {}, zero_s));
        } else if (groups[g].at("preHash").as_bool()) {
          ++prehashed;  // Ed25519ph (RFC 8032 §5.1): another algorithm, which neither X.509 nor TLS has
          continue;
        } else {
          EXPECT_EQ(verify_ed25519_vartime(point, from_hex(text_of(tests[t], "message")),
                                           from_hex(text_of(tests[t], "signature"))),
                    expected.at("testPassed").as_bool());
        }
        ++cases;
      }
    }
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
  report_cases(set + " (Ed25519ph, not of the seam)", prehashed);
}

/// OpenSSL's own: keys stand in PKCS#8 (RFC 8410 §7: the seed is the last 32 of 48 bytes) and by name.
TEST(Ed25519OwnVectors, openssl_evp) {
  const std::string set = "nist/openssl-evp/evppkey_ecx.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  const std::string base64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::map<std::string, ByteVector> keys;  // the last 32 bytes
  std::map<std::string, std::string> values;
  std::string key_name;
  size_t cases = 0;
  std::istringstream lines(*text + "\n\n");
  const auto value = [](const std::string& v) {
    return v.starts_with('"') ? to_vector(as_bytes(std::string_view(v).substr(1, v.size() - 2)))
                              : from_hex(v);
  };
  const auto run = [&] {
    const std::string what = values.contains("OneShotDigestSign") ? "sign" : "verify";
    if ((what == "sign" || values.contains("OneShotDigestVerify")) && keys.contains(values["Key"])) {
      const ByteVector& key = keys[values["Key"]];
      const ByteVector message = value(values["Input"]), signature = value(values["Output"]);
      if (what == "sign") {
        PrivateKeyMaterial m{.type = KeyType::ed25519};
        m.scalar = SecretBytes(key);
        FixedRandom unused({0});
        EXPECT_EQ(sign(**load_ed25519(m), SignatureAlgorithm::ed25519, message, unused), signature);
      } else {
        EXPECT_EQ(verify_ed25519_vartime(key, message, signature), !values.contains("Result"));
      }
      ++cases;
    }
    values.clear();
  };
  for (std::string line; std::getline(lines, line);) {
    const size_t at = line.find('=');
    if (line.empty()) {
      run();
    } else if (line.starts_with("-----BEGIN") && key_name.starts_with("ED25519")) {
      uint32_t bits = 0;
      size_t held = 0;
      ByteVector der;
      for (std::getline(lines, line); !line.starts_with("-----"); std::getline(lines, line))
        for (const char c : line) {
          if (c == '=') continue;
          bits = bits << 6 | static_cast<uint32_t>(base64.find(c));
          if ((held += 6) >= 8) der.push_back(static_cast<uint8_t>(bits >> (held -= 8)));
        }
      ASSERT_GE(der.size(), 44u);
      keys[key_name] = to_vector(Bytes(der).last(32));
    } else if (!line.starts_with("#") && at != line.npos) {
      const std::string name = line.substr(0, line.find_last_not_of(" =", at) + 1);
      const size_t begin = line.find_first_not_of(' ', at + 1);
      values[name] = begin == line.npos ? "" : line.substr(begin);
      if (name == "PrivateKey" || name == "PublicKey") key_name = values[name];
      if (const size_t kind = values[name].find(":ED25519:"); kind != std::string::npos)
        keys[values[name].substr(0, kind)] = from_hex(values[name].substr(kind + 9));
    }
  }
  EXPECT_EQ(cases, 11u);
  report_cases(set, cases);
}

}  // namespace
}  // namespace bulla::test
