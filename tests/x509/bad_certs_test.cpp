// Odd and malformed certificates and keys of other projects: nothing crashes, and what must not verify does
// not.
#include "asn1/pem.h"
#include "chain_case.h"
#include "files.h"
#include "x509/algorithm.h"
#include "x509/certificate.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace bulla::test {
namespace {

TEST(BadCertsTest, NothingCrashes) {
  const auto paths = files_below("bad-certs", "");
  if (paths.empty()) GTEST_SKIP() << "missing test data: bad-certs (set BULLA_VECTORS to its folder)";
  size_t parsed = 0;
  for (const std::string& path : paths) {
    const std::string text = read_text(path).value_or("");
    (void)parse_private_key(as_bytes(text), "secret");
    const auto certificates = Certificate::from_pem_or_der(as_bytes(text));
    if (!certificates) continue;
    ++parsed;
    for (const CertificatePtr& one : *certificates) {
      EXPECT_FALSE(one->subject().empty());
      (void)one->names();
    }
    // Whatever it is, it may be given as a chain and as a root.
    ChainCase chain{.roots = {text}, .intermediates = {text}, .leaf = text, .name = "example.com"};
    (void)run(chain);
  }
  report_cases("bad-certs", paths.size());
  EXPECT_GT(parsed, 50u);
}

TEST(BadCertsTest, InvalidExtensionsAreRefused) {
  const std::string base = "bad-certs/boringssl-x509/";
  const auto paths = files_below(base, ".pem");
  if (paths.empty()) GTEST_SKIP() << "missing test data: " << base;
  size_t cases = 0;
  for (const std::string& path : paths) {
    const std::string id = path.substr(base.size());
    if (!id.starts_with("invalid_extension_") && !id.starts_with("trailing_data_")) continue;
    // These two are sound: what the others are issued by.
    if (id == "invalid_extension_root.pem" || id == "invalid_extension_intermediate.pem") continue;
    ++cases;
    const auto read = Certificate::from_pem_or_der(as_bytes(read_text(path).value_or("")));
    EXPECT_FALSE(read.ok()) << id;
  }
  report_cases(base + "invalid_extension", cases);
}

// The keys of Wycheproof's RSASSA-PSS tests are SubjectPublicKeyInfos with parameters.
TEST(BadCertsTest, WycheproofPssKeys) {
  size_t groups = 0;
  for (const std::string& path : files_below("wycheproof", "_params_test.json")) {
    const auto document = load_json(path);
    ASSERT_TRUE(document);
    for (const auto& group : document->at("testGroups").as_array()) {
      const auto& object = group.as_object();
      if (!object.contains("publicKeyDer")) continue;
      const auto text = [&](const char* key) { return std::string(object.at(key).as_string()); };
      const auto der = from_hex(text("publicKeyDer"));
      asn1::DerReader r(der);
      const x509::SubjectPublicKey key = x509::read_public_key(r);
      ASSERT_TRUE(r.done()) << path;
      // TLS signs with one hash and a salt as long as it; a key that is bound to something else is of no use.
      const std::string sha = text("sha");
      const int64_t digest = sha == "SHA-1" ? 20 : sha == "SHA-256" ? 32 : sha == "SHA-384" ? 48 : 64;
      const bool usable = sha != "SHA-1" && sha == text("mgfSha") && object.at("sLen").as_int64() == digest &&
                          (sha == "SHA-256" || sha == "SHA-384" || sha == "SHA-512");
      EXPECT_EQ(key.key.has_value(), usable) << path << ' ' << sha << ' ' << object.at("sLen").as_int64();
      ++groups;
    }
  }
  if (!groups) GTEST_SKIP() << "missing test data: wycheproof (set BULLA_VECTORS to its folder)";
  report_cases("wycheproof/rsa_pss_*_params_test.json (keys)", groups);
}

/// Whether the provider computes with a point.
bool agrees(const PublicKeyView& key) {
  const Provider& provider = default_provider();
  const GroupAlgorithm* group =
      provider.group(key.type == KeyType::ec_p256 ? NamedGroup::secp256r1 : NamedGroup::secp384r1);
  EncapsulateJob job{.peer_share = key.point};
  group->encapsulate(*provider.random, {&job, 1});
  return job.ok;
}

// Public keys of ECDH as SubjectPublicKeyInfo: only a named curve and an uncompressed point are used (RFC
// 5480 §2.1.1, §2.1.1.1, §2.2); the parameters that CVE-2020-0601 lived on are not looked into.
TEST(BadCertsTest, WycheproofEcPublicKeys) {
  size_t cases = 0;
  for (const auto& [file, field] :
       {std::pair("ecdh_secp256r1_test.json", 32u), {"ecdh_secp384r1_test.json", 48u}}) {
    const auto document = load_json(std::string("wycheproof/") + file);
    BULLA_NEED_VECTORS(document, std::string("wycheproof/") + file);
    for (const auto& group : document->at("testGroups").as_array())
      for (const auto& test : group.at("tests").as_array()) {
        const auto der = from_hex(std::string(test.at("public").as_string()));
        asn1::DerReader r(der);
        const x509::SubjectPublicKey key = x509::read_public_key(r);
        const bool used = r.done() && key.key && key.key->point.size() == 1 + 2 * field;
        std::string flags;
        for (const auto& flag : test.at("flags").as_array()) flags += std::string(flag.as_string()) + ' ';
        const std::string id =
            std::string(file) + ' ' + std::to_string(test.at("tcId").as_int64()) + ' ' + flags;
        const bool valid = test.at("result").as_string() == "valid";
        // A point off its curve has the form of a key, and whoever computes with it refuses it.
        EXPECT_EQ(used && agrees(*key.key), valid) << id;
        ++cases;
      }
  }
  report_cases("wycheproof/ecdh_secp256r1_test.json, ecdh_secp384r1_test.json (public keys)", cases);
}

TEST(BadCertsTest, EveryRootOfMozillaIsRead) {
  const auto text = read_text("x509/root-store/mozilla-roots.pem");
  BULLA_NEED_VECTORS(text, "x509/root-store");
  RootStore roots;
  const auto added = roots.add(as_bytes(*text));
  ASSERT_TRUE(added.ok()) << added.error().message();
  EXPECT_EQ(*added, 148u);
  size_t usable = 0;
  for (const CertificatePtr& root : roots.all()) usable += root->is_ca() && root->has_usable_key();
  EXPECT_EQ(usable, 148u);
  report_cases("x509/root-store", roots.size());
}

}  // namespace
}  // namespace bulla::test
