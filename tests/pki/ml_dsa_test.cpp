// ML-DSA keys, certificates and requests that we make (RFC 9881).
#include "asn1/pem.h"
#include "pki/openssl_test.h"
#include "support/witness.h"
#include "x509/certificate.h"

#include <bulla/os.h>
#include <bulla/pki.h>

#include <gmock/gmock.h>

namespace bulla::pki {
namespace {

using test::OpensslTest;
using testing::HasSubstr;

struct MlDsaPki : OpensslTest, testing::WithParamInterface<const char*> {
  void SetUp() override {
    if (!default_provider().supports(SignatureAlgorithm::ml_dsa_44))
      GTEST_SKIP() << "this provider has no ML-DSA";
  }
  /// ml-dsa-44
  KeyKind kind() const { return KeyKind::parse(GetParam()).value(); }
  /// ML-DSA-44
  std::string name() const { return name_of(kind().type); }
  /// An example of RFC 9881 §C.
  std::string example(const std::string& rest) const {
    std::ifstream file(BULLA_SOURCE_DIR "/tests/x509/data/rfc9881/" + name() + rest);
    EXPECT_TRUE(file) << rest;
    return {std::istreambuf_iterator<char>(file), {}};
  }
};
INSTANTIATE_TEST_SUITE_P(Kinds, MlDsaPki, testing::Values("ml-dsa-44", "ml-dsa-65", "ml-dsa-87"),
                         [](const auto& info) { return std::string(info.param).substr(7); });

Result<ChainVerified> verify(const Certificate& root, std::vector<CertificatePtr> chain,
                             CertificatePurpose purpose = CertificatePurpose::server) {
  const auto name = ServerName::parse("localhost").value();
  RootStore roots;
  roots.add(Certificate::from_der(root.der()).value());
  return WebPkiVerifier(roots).verify(
      {.chain = chain, .name = &name, .purpose = purpose, .now = bulla::now()});
}

// RFC 9881 §6, §C.1: what is read in any form is written as the seed, byte for byte as the RFC has it; where
// there is no seed, as the expanded key.
TEST_P(MlDsaPki, KeysAreWrittenAsTheirSeed) {
  for (const char* form : {"-seed.priv", "-both.priv"}) {
    const auto key = KeyPair::load(as_bytes(example(form)));
    ASSERT_TRUE(key) << key.error().message();
    EXPECT_EQ(as_text(key->to_pem().reveal()), example("-seed.priv")) << form;
  }
  const auto expanded = KeyPair::load(as_bytes(example("-expanded.priv")));
  ASSERT_TRUE(expanded) << expanded.error().message();
  EXPECT_EQ(as_text(expanded->to_pem().reveal()), example("-expanded.priv"));
  const auto blocks = asn1::decode_pem(as_bytes(example(".pub"))).value();
  EXPECT_TRUE(equal_vartime(encode_public_key(expanded->public_key()), blocks.front().content.reveal()));
}

TEST_P(MlDsaPki, EncryptedKeysAreRead) {
  for (const char* form : {"-seed.priv", "-expanded.priv"}) {
    const auto key = KeyPair::load(as_bytes(example(form))).value();
    const auto pem = key.to_encrypted_pem({.passphrase = "correct horse", .iterations = 1000});
    ASSERT_TRUE(pem) << pem.error().message();
    const auto back = KeyPair::load(as_bytes(*pem), "correct horse");
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_TRUE(equal_vartime(back->to_pkcs8().reveal(), key.to_pkcs8().reveal()));
    // openssl 3.0 does not know the key, but opens its envelope.
    put("key.pem", *pem);
    const std::string shape = must("openssl asn1parse -in key.pem");
    EXPECT_THAT(shape, HasSubstr(":PBES2"));
  }
}

TEST_P(MlDsaPki, SelfSigned) {
  const auto issued = pki::SelfSigned{.names = {"localhost"}, .key = kind()}.issue();
  ASSERT_TRUE(issued) << issued.error().message();
  EXPECT_TRUE(issued->identity());
  EXPECT_TRUE(verify(issued->certificate(), issued->chain));
  EXPECT_EQ(name_of(issued->certificate().signature_algorithm().value()), name());
  EXPECT_THAT(describe(issued->certificate(), bulla::now()), HasSubstr("Key:          " + name()));
  EXPECT_THAT(describe_json(issued->certificate(), bulla::now()), HasSubstr("\"key\":\"" + name() + '"'));
  // RFC 9881 §2, §5, as somebody else reads it: the OID without parameters, and a key that only signs.
  put("cert.pem", issued->chain_pem());
  const std::string text = run("openssl x509 -noout -text -in cert.pem").output;
  EXPECT_THAT(text, HasSubstr("Key Usage: critical\n                Digital Signature\n"));
  EXPECT_THAT(must("openssl asn1parse -in cert.pem"), HasSubstr(":2.16.840.1.101.3.4.3.1"));
}

TEST_P(MlDsaPki, ACaOfItIssuesEveryKind) {
  const auto root = NewCa{.name = "Root", .key = kind()}.issue();
  ASSERT_TRUE(root) << root.error().message();
  const auto ca = CertificateAuthority::create(root->chain, root->key.signer()).value();
  for (const char* leaf_kind : {GetParam(), "ecdsa-p256", "ed25519", "ml-dsa-65"}) {
    const std::vector<std::string> names = {"localhost"};
    const auto issued = ca.issue(names, 30, KeyKind::parse(leaf_kind).value());
    ASSERT_TRUE(issued) << issued.error().message();
    EXPECT_EQ(name_of(issued->certificate().signature_algorithm().value()), name());
    for (const auto purpose : {CertificatePurpose::server, CertificatePurpose::client})
      EXPECT_TRUE(verify(root->certificate(), issued->chain, purpose)) << leaf_kind;
    EXPECT_TRUE(chain_problems(issued->chain).empty());
  }
}

TEST_P(MlDsaPki, RequestsAreSignedAndChecked) {
  const auto request = NewRequest{.names = {"localhost"}, .key = kind()}.create();
  ASSERT_TRUE(request) << request.error().message();
  const auto read = CertificationRequest::from_pem_or_der(as_bytes(request->pem()));
  ASSERT_TRUE(read) << read.error().message();
  EXPECT_EQ(read->public_key().type, kind().type);

  const auto root = NewCa{.name = "Root"}.issue().value();
  const auto ca = CertificateAuthority::create(root.chain, root.key.signer()).value();
  const auto chain = ca.sign(*read, 30);
  ASSERT_TRUE(chain) << chain.error().message();
  EXPECT_TRUE(verify(root.certificate(), *chain));
  EXPECT_TRUE(Identity::create(*chain, request->key.signer()));

  auto altered = request->der;
  altered.back() ^= 1;
  EXPECT_EQ(CertificationRequest::from_pem_or_der(altered).error().code, ErrorCode::csr_bad_signature);
}

// A request with an ML-DSA key for a CA certificate below one of ECDSA.
TEST_P(MlDsaPki, IntermediatesOfIt) {
  const auto root = NewCa{.name = "Root", .path_length = 1}.issue().value();
  const auto ca = CertificateAuthority::create(root.chain, root.key.signer()).value();
  const auto request = NewRequest{.names = {"intermediate.example"}, .key = kind()}.create().value();
  const auto read = CertificationRequest::from_pem_or_der(request.der).value();
  const auto chain = ca.sign(read, 30, CertificateRole::ca);
  ASSERT_TRUE(chain) << chain.error().message();
  const auto below = CertificateAuthority::create(*chain, request.key.signer()).value();
  const std::vector<std::string> names = {"localhost"};
  const auto leaf = below.issue(names, 10, kind());
  ASSERT_TRUE(leaf) << leaf.error().message();
  EXPECT_TRUE(verify(root.certificate(), leaf->chain));
}

// Whoever chose a provider without it is told.
TEST_P(MlDsaPki, AProviderWithoutItSaysSo) {
  BULLA_NEED_WITNESS();
  const Surroundings theirs = {.provider = test::witness()};
  const auto made = KeyPair::generate(kind(), theirs);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::private_key_unsupported);
  EXPECT_THAT(made.error().explain(), HasSubstr("builtin provider"));
  EXPECT_EQ(KeyPair::load(as_bytes(example("-seed.priv")), {}, theirs).error().code,
            ErrorCode::private_key_unsupported);
  const auto request = NewRequest{.names = {"localhost"}, .key = kind()}.create().value();
  const auto read = CertificationRequest::from_pem_or_der(request.der, *test::witness());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, ErrorCode::csr_unacceptable);
  EXPECT_THAT(read.error().explain(), HasSubstr(name()));
}

}  // namespace
}  // namespace bulla::pki
