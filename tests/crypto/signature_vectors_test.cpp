// Signatures against wycheproof and NIST.
#include "base/reader.h"
#include "base/writer.h"
#include "crypto/one_shot.h"
#include "support/vectors.h"

#include <bit>
#include <map>
#include <sstream>

namespace bulla::test {
namespace {

enum class Family { pkcs1, pss, ecdsa };

std::optional<SignatureAlgorithm> algorithm_of(Family family, std::string_view hash) {
  using enum SignatureAlgorithm;
  const std::map<std::string_view, std::array<SignatureAlgorithm, 3>> table = {
      {"SHA-256", {rsa_pkcs1_sha256, rsa_pss_sha256, ecdsa_sha256}},
      {"SHA-384", {rsa_pkcs1_sha384, rsa_pss_sha384, ecdsa_sha384}},
      {"SHA-512", {rsa_pkcs1_sha512, rsa_pss_sha512, ecdsa_sha512}}};
  std::string name(hash);
  if (name.starts_with("SHA") && !name.starts_with("SHA-")) name.insert(3, "-");
  const auto found = table.find(name);
  if (found == table.end()) return std::nullopt;
  return found->second[static_cast<size_t>(family)];
}

size_t digest_size_of(SignatureAlgorithm algorithm) {
  const std::string name = name_of(algorithm);
  return name.ends_with("256") ? 32 : name.ends_with("384") ? 48 : 64;
}

/// Calls `run(group, test)` for each test of each group that `take(group)` accepts; the others are counted.
template <class Take, class Run>
void each_test(const std::string& set, Take take, Run run) {
  const auto json = load_json(set);
  BULLA_NEED_VECTORS(json, set);
  size_t cases = 0, out_of_scope = 0;
  for (const auto& group : json->at("testGroups").as_array()) {
    const auto& tests = group.at("tests").as_array();
    if (!take(group)) {
      out_of_scope += tests.size();
      continue;
    }
    for (const auto& test : tests) {
      SCOPED_TRACE(set + " tcId " + std::to_string(test.at("tcId").as_int64()));
      run(group, test);
      ++cases;
    }
  }
  report_cases(set, cases);
  if (out_of_scope) report_cases(set + " (hash, MGF or salt that the seam cannot express)", out_of_scope);
}

void wycheproof_ecdsa(KeyType type, const std::string& set) {
  each_test(
      set, [](const auto& group) { return algorithm_of(Family::ecdsa, text_of(group, "sha")).has_value(); },
      [&](const auto& group, const auto& test) {
        const ByteVector point = from_hex(text_of(group.at("publicKey"), "uncompressed"));
        EXPECT_EQ(verify({.type = type, .point = point}, *algorithm_of(Family::ecdsa, text_of(group, "sha")),
                         from_hex(text_of(test, "msg")), from_hex(text_of(test, "sig"))),
                  text_of(test, "result") == "valid");
      });
}
TEST(SignatureVectors, wycheproof_ecdsa) {
  wycheproof_ecdsa(KeyType::ec_p256, "wycheproof/ecdsa_secp256r1_sha256_test.json");
  wycheproof_ecdsa(KeyType::ec_p256, "wycheproof/ecdsa_secp256r1_sha512_test.json");
  wycheproof_ecdsa(KeyType::ec_p384, "wycheproof/ecdsa_secp384r1_sha256_test.json");
  wycheproof_ecdsa(KeyType::ec_p384, "wycheproof/ecdsa_secp384r1_sha384_test.json");
  wycheproof_ecdsa(KeyType::ec_p384, "wycheproof/ecdsa_secp384r1_sha512_test.json");
  wycheproof_ecdsa(KeyType::ec_p521, "wycheproof/ecdsa_secp521r1_sha512_test.json");
}

TEST(SignatureVectors, wycheproof_ed25519) {
  each_test(
      "wycheproof/ed25519_test.json", [](const auto&) { return true; },
      [](const auto& group, const auto& test) {
        const ByteVector point = from_hex(text_of(group.at("publicKey"), "pk"));
        EXPECT_EQ(verify({.type = KeyType::ed25519, .point = point}, SignatureAlgorithm::ed25519,
                         from_hex(text_of(test, "msg")), from_hex(text_of(test, "sig"))),
                  text_of(test, "result") == "valid");
      });
}

void wycheproof_rsa(KeyType type, Family family, const std::string& set) {
  each_test(
      set,
      [&](const auto& group) {
        const auto algorithm = algorithm_of(family, text_of(group, "sha"));
        if (!algorithm || family == Family::pkcs1) return algorithm.has_value();
        return text_of(group, "mgfSha") == text_of(group, "sha") &&
               static_cast<size_t>(group.at("sLen").as_int64()) == digest_size_of(*algorithm);
      },
      [&](const auto& group, const auto& test) {
        const auto& key = group.at("publicKey");
        const ByteVector modulus = without_leading_zeros(from_hex(text_of(key, "modulus")));
        const ByteVector exponent = without_leading_zeros(from_hex(text_of(key, "publicExponent")));
        // "acceptable" is a DigestInfo without its NULL, which a verifier that encodes and compares refuses.
        EXPECT_EQ(verify({.type = type, .modulus = modulus, .exponent = exponent},
                         *algorithm_of(family, text_of(group, "sha")), from_hex(text_of(test, "msg")),
                         from_hex(text_of(test, "sig"))),
                  text_of(test, "result") == "valid");
      });
}

TEST(SignatureVectors, wycheproof_rsa_pkcs1) {
  for (const char* bits : {"2048", "3072", "4096", "8192"})
    for (const char* sha : {"256", "384", "512"})
      wycheproof_rsa(KeyType::rsa, Family::pkcs1,
                     std::string("wycheproof/rsa_signature_") + bits + "_sha" + sha + "_test.json");
}

TEST(SignatureVectors, wycheproof_rsa_pss) {
  for (const char* name : {"2048_sha256_mgf1_32", "2048_sha384_mgf1_48", "3072_sha256_mgf1_32",
                           "4096_sha256_mgf1_32", "4096_sha384_mgf1_48", "4096_sha512_mgf1_64", "misc"})
    wycheproof_rsa(KeyType::rsa, Family::pss, std::string("wycheproof/rsa_pss_") + name + "_test.json");
  for (const char* name : {"2048_sha256_mgf1_32", "3072_sha256_mgf1_32", "4096_sha512_mgf1_64", "misc"})
    wycheproof_rsa(KeyType::rsa_pss, Family::pss,
                   std::string("wycheproof/rsa_pss_") + name + "_params_test.json");
}

/// A salt of another length than the hash makes a valid PSS signature of another scheme: not ours.
TEST(SignatureVectors, wycheproof_rsa_pss_with_another_salt_length) {
  for (const char* name : {"2048_sha256_mgf1_0", "4096_sha512_mgf1_32"}) {
    const std::string set = std::string("wycheproof/rsa_pss_") + name + "_test.json";
    each_test(
        set, [](const auto&) { return true; },
        [&](const auto& group, const auto& test) {
          // Among the invalid ones are signatures with the salt that ours have.
          if (text_of(test, "result") != "valid") return;
          const ByteVector modulus =
              without_leading_zeros(from_hex(text_of(group.at("publicKey"), "modulus")));
          const ByteVector exponent =
              without_leading_zeros(from_hex(text_of(group.at("publicKey"), "publicExponent")));
          EXPECT_FALSE(verify({.type = KeyType::rsa, .modulus = modulus, .exponent = exponent},
                              *algorithm_of(Family::pss, text_of(group, "sha")),
                              from_hex(text_of(test, "msg")), from_hex(text_of(test, "sig"))));
        });
  }
}

/// RSAPrivateKey (RFC 8017 §A.1.2) inside PrivateKeyInfo (RFC 5958 §2), as wycheproof writes them.
PrivateKeyMaterial from_pkcs8(Bytes der) {
  const auto element = [](Reader& r, uint8_t tag) {
    EXPECT_EQ(r.u8(), tag);
    size_t length = r.u8();
    if (length == 0x81) length = r.u8();
    if (length == 0x82) length = r.u16();
    return Reader(r.bytes(length));
  };
  Reader outer(der);
  Reader info = element(outer, 0x30);
  element(info, 0x02);
  element(info, 0x30);
  Reader octets = element(info, 0x04);
  Reader key = element(octets, 0x30);
  element(key, 0x02);
  const auto number = [&] { return without_leading_zeros(to_vector(element(key, 0x02).rest())); };
  PrivateKeyMaterial m{.type = KeyType::rsa};
  m.modulus = number();
  m.exponent = number();
  for (SecretBytes* part :
       {&m.private_exponent, &m.prime1, &m.prime2, &m.exponent1, &m.exponent2, &m.coefficient})
    *part = SecretBytes(number());
  EXPECT_TRUE(key.done());
  return m;
}

TEST(SignatureVectors, wycheproof_rsa_pkcs1_signing) {
  for (const char* bits : {"1024", "1536", "2048", "3072", "4096"}) {
    each_test(
        std::string("wycheproof/rsa_pkcs1_") + bits + "_sig_gen_test.json",
        [](const auto& group) { return algorithm_of(Family::pkcs1, text_of(group, "sha")).has_value(); },
        [](const auto& group, const auto& test) {
          const auto key =
              tested_provider().signing.load(from_pkcs8(from_hex(text_of(group, "privateKeyPkcs8"))));
          ASSERT_TRUE(key) << key.error().message();
          EXPECT_EQ(sign(**key, *algorithm_of(Family::pkcs1, text_of(group, "sha")),
                         from_hex(text_of(test, "msg"))),
                    from_hex(text_of(test, "sig")));
        });
  }
}

// -------------------------------------------------------------------------------------------------------
// NIST

/// SigVer of FIPS 186-3: the modulus stands before the cases that use it.
void nist_rsa(Family family, const std::string& set) {
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  ByteVector modulus;
  ByteVector exponent;
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (block.has("n")) modulus = without_leading_zeros(block.bytes("n"));
    if (block.has("e")) exponent = without_leading_zeros(block.number("e"));
    const auto algorithm = algorithm_of(family, block.text("SHAAlg"));
    if (!algorithm || !block.has("S")) continue;
    const bool ok = verify({.type = KeyType::rsa, .modulus = modulus, .exponent = exponent}, *algorithm,
                           block.bytes("Msg"), block.bytes("S"));
    // The PSS set is signed with a salt of another length than TLS and X.509 use: nothing of it verifies.
    const bool salt_fits =
        family == Family::pkcs1 || block.bytes("SaltVal").size() == digest_size_of(*algorithm);
    const bool good = !block.has("Result") || block.text("Result").starts_with("P");  // SigGen: all are
    EXPECT_EQ(ok, good && salt_fits) << set << " case " << cases;
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}
TEST(SignatureVectors, nist_rsa_pkcs1) {
  nist_rsa(Family::pkcs1, "nist/rsa/SigVer15_186-3.rsp");
  nist_rsa(Family::pkcs1, "nist/rsa/SigGen15_186-3.rsp");
}
TEST(SignatureVectors, nist_rsa_pss) {
  nist_rsa(Family::pss, "nist/rsa/SigVerPSS_186-3.rsp");
}

struct Curve {
  KeyType type;
  size_t field;
};
std::optional<Curve> curve_named(std::string_view name) {
  if (name.starts_with("P-256")) return Curve{KeyType::ec_p256, 32};
  if (name.starts_with("P-384")) return Curve{KeyType::ec_p384, 48};
  if (name.starts_with("P-521")) return Curve{KeyType::ec_p521, 66};
  return std::nullopt;
}

/// Ecdsa-Sig-Value of two positive numbers.
ByteVector to_der(const ByteVector& r, const ByteVector& s) {
  ByteVector body;
  Writer writer(body);
  for (const ByteVector* number : {&r, &s}) {
    ByteVector shortest = without_leading_zeros(*number);
    if (shortest.empty() || (shortest[0] & 0x80)) shortest.insert(shortest.begin(), 0);
    writer.u8(0x02);
    writer.u8_bytes(shortest);
  }
  ByteVector out;
  out.reserve(3 + body.size());
  Writer outer(out);
  outer.u8(0x30);
  if (body.size() > 0x7f) outer.u8(0x81);
  outer.u8_bytes(body);
  return out;
}

TEST(SignatureVectors, nist_ecdsa_verify) {
  const std::string set = "nist/ecdsa/SigVer.rsp";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    const auto curve = curve_named(block.section);
    const size_t comma = block.section.find(',');
    if (!curve || comma == std::string::npos || !block.has("R")) continue;
    const auto algorithm = algorithm_of(Family::ecdsa, std::string_view(block.section).substr(comma + 1));
    if (!algorithm) continue;
    const ByteVector point = uncompressed(block.number("Qx"), block.number("Qy"), curve->field);
    EXPECT_EQ(verify({.type = curve->type, .point = point}, *algorithm, block.bytes("Msg"),
                     to_der(block.number("R"), block.number("S"))),
              block.text("Result").starts_with("P"))
        << block.section << " case " << cases;
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

TEST(SignatureVectors, nist_ecdsa_key_pairs) {
  const std::string set = "nist/ecdsa/KeyPair.rsp";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  // The curve stands in a section line above the one that names the method.
  std::string section;
  std::optional<Curve> curve;
  std::istringstream lines(*text);
  std::string line, numbers;
  const auto flush = [&] {
    for (const Block& block : parse_blocks(numbers)) {
      if (!curve || !block.has("d")) continue;
      PrivateKeyMaterial m{.type = curve->type};
      m.scalar = SecretBytes(to_size(block.number("d"), curve->field));
      m.point = uncompressed(block.number("Qx"), block.number("Qy"), curve->field);
      EXPECT_TRUE(tested_provider().signing.load(m)) << name_of(curve->type);
      m.point[1 + cases % (2 * curve->field)] ^= 1;
      EXPECT_FALSE(tested_provider().signing.load(m)) << name_of(curve->type);
      ++cases;
    }
    numbers.clear();
  };
  while (std::getline(lines, line)) {
    const bool method = line.starts_with("[B.4");
    if (line.starts_with("[") && !method) {
      flush();
      curve = curve_named(std::string_view(line).substr(1));
    }
    numbers += line + "\n";
  }
  flush();
  EXPECT_EQ(cases, 30u);
  report_cases(set, cases);
}

/// A signature that verifies under no key; a bad key must not get that far, but nothing else can be seen from
/// outside. The group's share check and this one are the same function, so the valid points are checked
/// there.
TEST(SignatureVectors, nist_public_key_validation) {
  const std::string set = "nist/ecdsa/PKV.rsp";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    const NamedGroup id = block.section == "P-384" ? NamedGroup::secp384r1 : NamedGroup::secp256r1;
    const auto curve = curve_named(block.section);
    if (!curve || curve->type == KeyType::ec_p521 || !block.has("Qx")) continue;
    const ByteVector x = without_leading_zeros(block.number("Qx")),
                     y = without_leading_zeros(block.number("Qy"));
    // A coordinate longer than the field cannot be written as a point.
    const bool fits = x.size() <= curve->field && y.size() <= curve->field;
    const ByteVector scalar = to_size({2}, curve->field);
    const bool ok =
        fits &&
        decapsulate(*tested_provider().group(id), scalar, uncompressed(x, y, curve->field)).has_value();
    EXPECT_EQ(ok, block.text("Result").starts_with("P")) << block.section << " case " << cases;
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

TEST(SignatureVectors, ed25519_sign_input) {
  const std::string set = "nist/ed25519/sign.input";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    std::vector<ByteVector> fields;
    std::istringstream parts(line);
    for (std::string part; std::getline(parts, part, ':');) fields.push_back(from_hex(part));
    ASSERT_GE(fields.size(), 4u);
    PrivateKeyMaterial m{.type = KeyType::ed25519};
    m.scalar = SecretBytes(Bytes(fields[0]).first(32));
    m.point = fields[1];
    const auto key = tested_provider().signing.load(m);
    ASSERT_TRUE(key);
    const ByteVector expected(fields[3].begin(), fields[3].begin() + 64);
    EXPECT_EQ(sign(**key, SignatureAlgorithm::ed25519, fields[2]), expected) << "line " << cases;
    EXPECT_TRUE(verify((*key)->public_key(), SignatureAlgorithm::ed25519, fields[2], expected))
        << "line " << cases;
    ++cases;
  }
  EXPECT_EQ(cases, 1024u);
  report_cases(set, cases);
}

/// RSA's own PSS examples bring keys of 1024 to 1031, 1536 and 2048 bits; they are signed with SHA-1 there.
/// Here the keys sign with our encoding, and libcrypto's decoding judges it: the edges of RFC 8017 §9.1.1 at
/// all eight remainders of the modulus' length.
void sign_with_odd_key(const std::map<std::string, std::string>& parts, size_t& cases) {
  const auto part = [&](const char* name) { return from_hex(parts.at(name)); };
  PrivateKeyMaterial m{.type = KeyType::rsa};
  m.modulus = part("Modulus");
  m.exponent = part("Public exponent");
  m.private_exponent = SecretBytes(part("Exponent"));
  m.prime1 = SecretBytes(part("Prime 1"));
  m.prime2 = SecretBytes(part("Prime 2"));
  m.exponent1 = SecretBytes(part("Prime exponent 1"));
  m.exponent2 = SecretBytes(part("Prime exponent 2"));
  m.coefficient = SecretBytes(part("Coefficient"));
  const auto key = tested_provider().signing.load(m);
  ASSERT_TRUE(key) << key.error().message();
  const size_t bits = m.modulus.size() * 8 - static_cast<size_t>(std::countl_zero(m.modulus[0]));
  for (const SignatureAlgorithm algorithm :
       {SignatureAlgorithm::rsa_pss_sha256, SignatureAlgorithm::rsa_pss_sha384,
        SignatureAlgorithm::rsa_pss_sha512}) {
    const bool fits = (bits + 6) / 8 >= 2 * digest_size_of(algorithm) + 2;
    for (int i = 0; i < 8; ++i) {
      const ByteVector signature = sign(**key, algorithm, as_bytes("message"));
      EXPECT_EQ(!signature.empty(), fits) << bits << " bits, " << name_of(algorithm);
      EXPECT_EQ(verify((*key)->public_key(), algorithm, as_bytes("message"), signature), fits)
          << bits << " bits, " << name_of(algorithm);
      ++cases;
    }
  }
}

// RFC 8017 §8.1.1, §B.2.1: the encoding may be a byte shorter than the modulus.
TEST(SignatureVectors, rsa_pss_keys_of_odd_sizes) {
  const std::string set = "nist/rsa/pss-vect.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  std::map<std::string, std::string> parts;
  std::string* current = nullptr;
  size_t keys = 0, cases = 0;
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.starts_with("# RSA-PSS signing")) {
      sign_with_odd_key(parts, cases);
      ++keys;
    }
    if (line.starts_with("# ") && line.ends_with(":")) {
      current = &parts[line.substr(2, line.size() - 3)];
      current->clear();
    } else if (line.empty() || line[0] == '#' || line[0] == '=') {
      current = nullptr;
    } else if (current) {
      *current += line;
    }
  }
  EXPECT_EQ(keys, 10u);
  report_cases(set, cases);
}

}  // namespace
}  // namespace bulla::test
