// RSA-PSS keys that are bound to one hash (RFC 4055 §1.2): a signature's parameters "MUST be identical to
// those in the public key" (RFC 9846 §4.3.3).
#include "tls/pair.h"
#include "tls/schemes.h"

#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using enum ProtocolVersion;
constexpr ProtocolVersion both[] = {tls12, tls13};

TEST(PssKeys, SignWithTheHashThatTheyAreBoundTo) {
  for (const ProtocolVersion version : both) {
    ClientOptions client = client_options();
    client.common.versions = {version, version};
    client.identity = identity("rsa-pss-sha384");
    ServerOptions server = server_options("rsa-pss-sha384");
    server.client_auth = ClientAuth::required;
    server.client_roots = roots();
    Pair pair = make_pair(client, server);
    pair.run();
    ASSERT_TRUE(pair.both_done()) << pair.errors();
    for (const Side* side : {&pair.client, &pair.server}) {
      EXPECT_EQ(side->connection.info().peer_signature, SignatureScheme::rsa_pss_pss_sha384);
      EXPECT_EQ(side->connection.info().own_signature, SignatureScheme::rsa_pss_pss_sha384);
    }
  }
}

TEST(PssKeys, SignNothingForAPeerThatDoesNotTakeTheirHash) {
  for (const ProtocolVersion version : both) {
    ClientOptions client = client_options();
    client.common.versions = {version, version};
    client.common.signature_schemes = {SignatureScheme::rsa_pss_pss_sha256,
                                       SignatureScheme::rsa_pss_pss_sha512,
                                       SignatureScheme::ecdsa_secp256r1_sha256};
    Pair pair = make_pair(client, server_options("rsa-pss-sha384"));
    pair.run();
    ASSERT_TRUE(pair.server.error);
    EXPECT_EQ(pair.server.error->code, ErrorCode::no_common_signature_scheme);
  }
}

TEST(PssKeys, TheirCertificatesFitNoOtherScheme) {
  const PublicKeyView bound = identity("rsa-pss-sha384")->leaf().public_key();
  for (const tls::Scheme& scheme : tls::all_schemes())
    for (const ProtocolVersion version : both)
      EXPECT_EQ(tls::fits(scheme, bound, version), scheme.id == SignatureScheme::rsa_pss_pss_sha384)
          << name_of(scheme.id);
}

/// Signs with the key of "rsa-pss-sha384" as if it were bound to nothing.
SigningKeyPtr unbound_key() {
  auto material = parse_private_key(as_bytes(data_file("rsa-pss-sha384.key.pem")), {}).value();
  EXPECT_EQ(std::exchange(material.pss_hash, std::nullopt), HashId::sha384);
  return default_provider().signing.load(material).value();
}

TEST(PssKeys, SignaturesWithAnotherHashProveNothing) {
  const SigningKeyPtr key = unbound_key();
  const std::pair<SignatureAlgorithm, SignatureScheme> cases[] = {
      {SignatureAlgorithm::rsa_pss_sha256, SignatureScheme::rsa_pss_pss_sha256},
      {SignatureAlgorithm::rsa_pss_sha384, SignatureScheme::rsa_pss_pss_sha384}};
  for (const auto& [algorithm, scheme] : cases) {
    VerifySignature request{identity("rsa-pss-sha384")->chain().front(), scheme, {1, 2, 3}, {}};
    SignJob job{.algorithm = algorithm, .message = request.message};
    key->sign(*default_provider().random, {&job, 1});
    ASSERT_TRUE(job.ok);
    request.signature = job.signature;
    EXPECT_EQ(verify_handshake_signature(default_provider(), request).ok(),
              scheme == SignatureScheme::rsa_pss_pss_sha384);
  }
}

/// A key that says it is bound to another hash.
class OtherwiseBound final : public SigningKey {
 public:
  KeyType type() const noexcept override { return KeyType::rsa_pss; }
  PublicKeyView public_key() const noexcept override {
    PublicKeyView key = key_->public_key();
    key.pss_hash = HashId::sha512;
    return key;
  }
  void sign(Random&, std::span<SignJob>) const noexcept override {}

 private:
  SigningKeyPtr key_ = unbound_key();
};

TEST(PssKeys, MayBeBoundLessThanTheirCertificateButNotOtherwise) {
  const auto& chain = identity("rsa-pss-sha384")->chain();
  EXPECT_TRUE(Identity::create(chain, unbound_key()));
  const auto refused = Identity::create(chain, std::make_shared<OtherwiseBound>());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::key_mismatch);
  EXPECT_NE(refused.error().detail.find("bound to one hash"), std::string::npos) << refused.error().detail;
}

}  // namespace
}  // namespace bulla::test
