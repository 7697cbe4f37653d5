// Keys of the NIST curves as files and certificates hold them: what is read, and agreed and verified with.
#include "crypto/ecdsa/ecdsa.h"
#include "crypto/evp_keys.h"
#include "crypto/nist_curves.h"

namespace bulla::test {
namespace {

using namespace bulla::crypto;

/// The EC key of a SubjectPublicKeyInfo that is one in every byte.
std::optional<PublicKeyView> ec_key_of(Bytes spki) {
  asn1::DerReader reader(spki);
  const x509::SubjectPublicKey key = x509::read_public_key(reader);
  if (!reader.done() || !key.key || key.key->point.empty() || key.key->type == KeyType::ed25519) return {};
  return key.key;
}

const NistCurve& curve_of(KeyType type) {
  static const std::vector<NistCurve> curves = nist_curves();
  return *std::ranges::find(curves, type, &NistCurve::type);
}

// RFC 5480 §2.1.1, §2.2: of what is "acceptable", named curves in DER and uncompressed points only.
TEST(EcKeyVectors, wycheproof_ecdh) {
  for (const NistCurve& curve : nist_curves()) {
    const std::string set = "wycheproof/ecdh_" + std::string(curve.sec_name) + "_test.json";
    const auto json = load_json(set);
    BULLA_NEED_VECTORS(json, set);
    size_t cases = 0;
    for (const auto& group : json->at("testGroups").as_array()) {
      for (const auto& test : group.at("tests").as_array()) {
        SCOPED_TRACE(set + " tcId " + std::to_string(test.at("tcId").as_int64()));
        const ByteVector spki = from_hex(text_of(test, "public"));
        const ByteVector d = to_size(from_hex(text_of(test, "private")), curve.size);
        const auto peer = ec_key_of(spki);
        each_kernel(curve.groups, [&](const GroupAlgorithm& kernel) {
          std::optional<ByteVector> agreed;
          if (peer && peer->type == curve.type) agreed = decapsulate(kernel, d, peer->point);
          EXPECT_EQ(agreed.has_value(), text_of(test, "result") == "valid");
          const ByteVector shared = from_hex(text_of(test, "shared"));
          EXPECT_EQ(agreed.value_or(shared), shared);
        });
        ++cases;
      }
    }
    EXPECT_GT(cases, 0u);
    report_cases(set, cases);
  }
}

// Curves spelled out whose order or cofactor is none: no curve that is spelled out is read.
TEST(EcKeyVectors, botan_invalid_keys) {
  const std::string set = "nist/botan-text/ecc_invalid.vec";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (!block.has("SubjectPublicKey")) continue;
    EXPECT_FALSE(ec_key_of(block.bytes("SubjectPublicKey"))) << set << " case " << cases;
    ++cases;
  }
  EXPECT_GT(cases, 4u);
  report_cases(set, cases);
}

// ------------------------------------------------------------------------------------------- BoringSSL

/// What a private key is, and its public half as the provider computes it.
struct Loaded {
  PrivateKeyMaterial material;
  ByteVector point;
};
std::optional<Loaded> loaded(PrivateKeyMaterial material) {
  const auto key = tested_provider().signing.load(material);
  if (!key) return std::nullopt;
  return Loaded{.material = std::move(material), .point = to_vector((*key)->public_key().point)};
}
std::optional<Loaded> loaded_pkcs8(Bytes pkcs8) {
  auto material = parse_private_key(pkcs8, {});
  if (!material || !curve_of(material->type).size) return std::nullopt;
  return loaded(*std::move(material));
}

/// One key in all its forms, each of which must be the same key; or none, in whatever form it comes.
void check_forms(const Block& block, const NistCurve& curve) {
  const bool good = !block.has("Error");
  const ByteVector point = block.bytes("ECUncompressedPoint");
  for (const auto& [form, value] : block.values) {
    if (!form.starts_with("PKCS8") && form != "SPKI" && !form.starts_with("EC")) continue;
    if (form == "ECCurve") continue;
    SCOPED_TRACE(form);
    const ByteVector bytes = from_hex(value);
    if (form == "PKCS8") {
      const auto key = loaded_pkcs8(bytes);
      EXPECT_EQ(key.has_value(), good);
      if (good && key) {
        EXPECT_EQ(key->point, point);
        EXPECT_EQ(to_vector(key->material.scalar.reveal()), block.bytes("ECPrivateScalar"));
      }
    } else if (form == "PKCS8NonCanonical") {
      // Parameters that are spelled out are not read; those that name the curve twice may be.
      const auto key = loaded_pkcs8(bytes);
      EXPECT_TRUE(!key || key->point == point);
      EXPECT_FALSE(key && value.find("06072a8648ce3d0101") != value.npos) << "prime-field";
    } else if (form == "SPKI") {
      const auto key = ec_key_of(bytes);
      EXPECT_EQ(key.has_value(), good);
      if (good && key) {
        EXPECT_EQ(to_vector(key->point), point);
      }
    } else if (form == "ECPrivateScalar") {
      PrivateKeyMaterial material{.type = curve.type};
      material.scalar = SecretBytes(bytes);
      const auto key = loaded(std::move(material));
      EXPECT_EQ(key.has_value(), good);
      if (good && key) {
        EXPECT_EQ(key->point, point);
      }
    } else {
      // Compressed points are none of ours, be they right or not; WrongForm-2 is a good one by a wrong name.
      const bool taken = bytes.front() == 4 && (good || block.text("Key") == "P-256-WrongForm-2");
      each_kernel(curve.groups, [&](const GroupAlgorithm& kernel) {
        EXPECT_EQ(decapsulate(kernel, to_size({2}, curve.size), bytes).has_value(), taken);
      });
    }
  }
}

/// "ECDH-P256-Ours/Private" without what comes behind the name.
std::string name_of_key(std::string_view text) {
  return std::string(text.substr(0, text.find('/')));
}

TEST(EcKeyVectors, boringssl) {
  const std::string set = "nist/boringssl-text/ec_tests.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  std::map<std::string, Block> keys;
  size_t cases = 0, others = 0;
  for (const Block& block : parse_blocks(*text)) {
    SCOPED_TRACE(set + " case " + std::to_string(cases + others));
    if (block.has("Key")) {
      const std::string name(block.text("Key"));
      const auto curve = nist_curve(name.starts_with("ECDH-P256") ? "P-256" : name);
      keys[name] = block;
      if (curve) check_forms(block, *curve);
      ++(curve ? cases : others);
    } else if (block.has("VerifyMessage")) {
      EXPECT_EQ(block.text("Digest"), "SHA256");
      const ByteVector spki = keys.at(name_of_key(block.text("VerifyMessage"))).bytes("SPKI");
      EXPECT_TRUE(verify(ec_key_of(spki).value(), SignatureAlgorithm::ecdsa_sha256, block.bytes("Input"),
                         block.bytes("Output")));
      ++cases;
    } else if (block.has("Derive") && !block.has("Error")) {
      const Block& own = keys.at(name_of_key(block.text("Derive")));
      const Block& peer = keys.at(name_of_key(block.text("DerivePeer")));
      const NistCurve& curve = curve_of(KeyType::ec_p256);
      each_kernel(curve.groups, [&](const GroupAlgorithm& kernel) {
        EXPECT_EQ(decapsulate(kernel, own.bytes("ECPrivateScalar"), peer.bytes("ECUncompressedPoint")),
                  block.bytes("Output"));
      });
      ++cases;
    } else {
      ++others;
    }
  }
  EXPECT_GT(cases, 20u);
  report_cases(set, cases);
  report_cases(set + " (P-224, SHA-1, misuse of the EVP call)", others);
}

// --------------------------------------------------------------------------------------------- OpenSSL

TEST(EcKeyVectors, openssl_evp) {
  const std::string set = "nist/openssl-evp/evppkey_ecdsa.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  Keys keys;
  size_t cases = 0, others = 0;
  const std::vector<Block> blocks = parse_blocks(take_pem(*text, keys));
  for (const Block& block : blocks) {
    if (block.has("PrivPubKeyPair")) {
      const std::string_view pair = block.text("PrivPubKeyPair");
      const auto own = loaded(std::move(keys.materials.at(std::string(pair.substr(0, pair.find(':'))))));
      const auto its = keys.find(pair.substr(pair.find(':') + 1));
      ASSERT_TRUE(own && its);
      EXPECT_EQ(own->point, to_vector(its->point));
      ++cases;
      continue;
    }
    const bool once = block.has("OneShotDigestVerify");
    const std::string_view hash = block.text(once ? "OneShotDigestVerify" : "DigestVerify");
    const auto key = keys.find(block.text("Key"));
    if (!key || block.has("Result") || (hash != "SHA256" && hash != "SHA384")) {
      ++others;
      continue;
    }
    EXPECT_TRUE(verify(*key,
                       hash == "SHA256" ? SignatureAlgorithm::ecdsa_sha256 : SignatureAlgorithm::ecdsa_sha384,
                       block.bytes("Input"), block.bytes("Output")))
        << set << " case " << cases;
    ++cases;
  }
  EXPECT_FALSE(keys.materials.contains("P-256_NAMED_CURVE_EXPLICIT")) << "parameters that are spelled out";
  EXPECT_FALSE(keys.materials.contains("EC_EXPLICIT"));
  EXPECT_EQ(cases, 4u);
  report_cases(set, cases);
  report_cases(set + " (SHA-1, SHA-3, other curves, misuse of the EVP call)", others);
}

}  // namespace
}  // namespace bulla::test
