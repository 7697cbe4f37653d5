// ML-DSA in TLS 1.2: not at all (draft-ietf-tls-mldsa §3.3).
#include "tls/ml_dsa_sets.h"
#include "tls/schemes.h"
#include "tls/tls12/exchange.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace bulla::test {
namespace {

using namespace bulla::tls;
using enum ProtocolVersion;

struct MlDsaTls12 : WithMlDsa<testing::TestWithParam<MlDsaSet>> {};
INSTANTIATE_TEST_SUITE_P(Sets, MlDsaTls12, testing::ValuesIn(ml_dsa_sets),
                         [](const auto& info) { return info.param.identity; });

/// Of TLS 1.2, by a server of both versions, with certificates on both sides.
std::unique_ptr<Exchange> mutual_exchange() {
  ServerOptions server = server_options();
  server.client_auth = ClientAuth::required;
  server.client_roots = roots();
  ClientOptions client = client12();
  client.identity = identity("client");
  return exchange(client, server);
}

// draft-ietf-tls-mldsa §3.3: "MUST NOT be used in TLS 1.2".
TEST_P(MlDsaTls12, FitNoSchemeOfTls12) {
  const PublicKeyView key = identity(GetParam().identity)->leaf().public_key();
  for (const Scheme& scheme : all_schemes()) {
    EXPECT_FALSE(fits(scheme, key, tls12)) << name_of(scheme.id);
    EXPECT_EQ(fits(scheme, key, tls13), scheme.id == GetParam().scheme) << name_of(scheme.id);
  }
}

TEST_P(MlDsaTls12, IsNotOfferedWhereTls13IsOff) {
  std::vector<SignatureScheme> offered;
  auto e = exchange(client12(), server12());
  e->wire = altering<ClientHello>([&](ClientHello& m) { offered = m.signature_algorithms->to_vector(); });
  e->run();
  ASSERT_TRUE(e->done()) << e->errors();
  EXPECT_FALSE(offered.empty());
  EXPECT_FALSE(contains(offered, GetParam().scheme));
  ClientOptions client = client12();
  client.common.signature_schemes = {GetParam().scheme};
  const auto refused = make_client_config(client);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_config);
}

// A server of both versions asks a client of TLS 1.2 for what that version has.
TEST_P(MlDsaTls12, IsNotAskedForInTls12) {
  auto e = mutual_exchange();
  std::vector<SignatureScheme> asked;
  e->wire = altering<CertificateRequest12>(
      [&](CertificateRequest12& m) { asked = m.signature_algorithms.to_vector(); });
  e->run();
  ASSERT_TRUE(e->done()) << e->errors();
  EXPECT_TRUE(contains(asked, SignatureScheme::ecdsa_secp256r1_sha256));
  EXPECT_FALSE(contains(asked, GetParam().scheme));
}

TEST_P(MlDsaTls12, AServerThatHasNothingElseSpeaksTls13Only) {
  EXPECT_EQ(make_server_config(server_options(GetParam().identity)).value()->common().versions.lowest, tls13);
  ClientOptions client = client_options();
  client.common.versions = {tls12, tls12};
  Pair pair = make_pair(client, server_options(GetParam().identity));
  pair.run();
  ASSERT_TRUE(pair.server.error);
  EXPECT_EQ(pair.server.error->code, ErrorCode::unsupported_version);
  EXPECT_EQ(pair.server.error->alert_to_send(), AlertDescription::protocol_version);
  const auto refused = make_server_config(server12(GetParam().identity));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_config);
  EXPECT_THAT(refused.error().detail, testing::HasSubstr(name_of(GetParam().type)));
}

TEST_P(MlDsaTls12, ASelectedKeyDoesNotSignTls12) {
  ServerOptions server = server12();
  server.identity = nullptr;
  server.select_identity = [](const SelectIdentity&) { return identity(GetParam().identity); };
  auto e = exchange(client12(), server);
  e->run();
  EXPECT_EQ(e->server_code(), ErrorCode::no_common_cipher_suite) << e->errors();
}

TEST_P(MlDsaTls12, AClientsKeyDoesNotSignTls12) {
  ClientOptions client = client12();
  client.identity = identity(GetParam().identity);
  ServerOptions server = server12();
  server.client_auth = ClientAuth::optional;
  server.client_roots = roots();
  auto e = exchange(client, server);
  e->run();
  ASSERT_TRUE(e->done()) << e->errors();
  EXPECT_TRUE(e->server_info.peer_chain.empty());
}

// "... MUST abort the connection with an illegal_parameter alert", also a client that offers TLS 1.3 too.
TEST_P(MlDsaTls12, AreRefusedInMessagesOfTls12) {
  ClientOptions client = client_options();
  client.common.versions = {};
  auto e = exchange(client, server12());
  e->wire = altering<ServerKeyExchange>([](ServerKeyExchange& m) { m.algorithm = GetParam().scheme; });
  e->run();
  EXPECT_EQ(e->client_code(), ErrorCode::signature_scheme_not_offered);
  EXPECT_EQ(e->client_error->alert_to_send(), AlertDescription::illegal_parameter);

  // With a certificate of that key as well.
  e = exchange(client, server12());
  const IdentityPtr other = identity(GetParam().identity);
  e->wire = altering<Certificate12>([&](Certificate12& m) { m.entries = {other->leaf().der()}; });
  e->run();
  EXPECT_EQ(e->client_code(), ErrorCode::wrong_cipher_returned);
  EXPECT_EQ(e->client_error->alert_to_send(), AlertDescription::illegal_parameter);

  e = mutual_exchange();
  e->wire = altering<CertificateVerify>([](CertificateVerify& m) { m.algorithm = GetParam().scheme; });
  e->run();
  EXPECT_EQ(e->server_code(), ErrorCode::signature_scheme_not_offered);
  EXPECT_EQ(e->server_error->alert_to_send(), AlertDescription::illegal_parameter);
}

// A client's ML-DSA certificate in TLS 1.2, as a client that breaks the rule would send it.
TEST_P(MlDsaTls12, AClientsCertificateInTls12IsRefused) {
  auto e = mutual_exchange();
  const IdentityPtr other = identity(GetParam().identity);
  const auto swap = altering<Certificate12>([&](Certificate12& m) { m.entries = {other->leaf().der()}; });
  const auto claim =
      altering<CertificateVerify>([](CertificateVerify& m) { m.algorithm = GetParam().scheme; });
  e->wire = [&](Toward toward, Letter letter) -> std::vector<Letter> {
    if (toward == Toward::client) return {std::move(letter)};
    return letter.is(HandshakeType::certificate) ? swap(toward, std::move(letter))
                                                 : claim(toward, std::move(letter));
  };
  e->run();
  EXPECT_EQ(e->server_code(), ErrorCode::signature_scheme_not_offered);
  EXPECT_EQ(e->server_error->alert_to_send(), AlertDescription::illegal_parameter);
}

}  // namespace
}  // namespace bulla::test
