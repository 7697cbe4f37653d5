// ML-DSA in handshakes: draft-ietf-tls-mldsa, RFC 9846 §4.3.3, §4.5.2.
#include "support/witness.h"
#include "tls/core_between.h"
#include "tls/ml_dsa_sets.h"
#include "tls/schemes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace bulla::test {
namespace {

using namespace bulla::tls;
using enum ProtocolVersion;

struct MlDsaTls : WithMlDsa<testing::Test> {};
struct MlDsaSets : WithMlDsa<testing::TestWithParam<MlDsaSet>> {};
INSTANTIATE_TEST_SUITE_P(Sets, MlDsaSets, testing::ValuesIn(ml_dsa_sets),
                         [](const auto& info) { return info.param.identity; });

void expect_works(Pair& pair) {
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  pair.client.send("question");
  pair.server.send("answer");
  pair.run();
  EXPECT_EQ(pair.server.text(), "question");
  EXPECT_EQ(pair.client.text(), "answer");
}

bool has_ml_dsa(const std::vector<SignatureScheme>& list) {
  return std::ranges::any_of(ml_dsa_sets, [&](const MlDsaSet& set) { return contains(list, set.scheme); });
}

// ------------------------------------------------------------------------------------------- it works

TEST_P(MlDsaSets, ServersSignWithTheirSet) {
  Pair pair = make_pair(client_options(), server_options(GetParam().identity));
  expect_works(pair);
  for (const Side* side : {&pair.client, &pair.server}) EXPECT_EQ(side->connection.info().version, tls13);
  EXPECT_EQ(pair.client.connection.info().peer_signature, GetParam().scheme);
  EXPECT_EQ(pair.server.connection.info().own_signature, GetParam().scheme);
  EXPECT_EQ(name_of(GetParam().scheme), GetParam().identity);  // as IANA's registry spells it
  EXPECT_EQ(pair.client.connection.info().verified_path.front()->public_key().type, GetParam().type);
}

// Certificate and CertificateVerify are longer than a record may be here, and come byte by byte.
TEST_P(MlDsaSets, MessagesMayBeCutIntoManyRecords) {
  for (const size_t chunk : {size_t{0}, size_t{1}}) {
    ServerOptions server = server_options(GetParam().identity);
    server.common.limits.max_fragment = 512;
    Pair pair = make_pair(client_options(), server);
    pair.chunk = chunk;
    expect_works(pair);
  }
}

TEST_P(MlDsaSets, AHelloRetryRequestChangesNothing) {
  ClientOptions client = client_options();
  client.common.groups = {NamedGroup::x25519, NamedGroup::secp384r1};
  client.key_shares = {NamedGroup::x25519};
  ServerOptions server = server_options(GetParam().identity);
  server.common.groups = {NamedGroup::secp384r1};
  Pair pair = make_pair(client, server);
  expect_works(pair);
  EXPECT_EQ(pair.client.connection.info().kind, HandshakeKind::retried);
  EXPECT_EQ(pair.client.connection.info().peer_signature, GetParam().scheme);
}

// A ticket remembers the client's chain, which is verified again.
TEST_P(MlDsaSets, MutualAuthenticationAndResumption) {
  ClientOptions client = client_options();
  client.identity = identity(GetParam().identity);
  client.sessions = std::make_shared<PlainSessionStore>();
  ServerOptions server = server_options(GetParam().identity);
  server.client_auth = ClientAuth::required;
  server.client_roots = roots();
  server.tickets = RotatingTickets::fresh();
  const auto client_config = make_client_config(client).value();
  const auto server_config = make_server_config(server).value();
  for (const HandshakeKind kind : {HandshakeKind::full, HandshakeKind::resumed, HandshakeKind::resumed}) {
    Pair pair = make_pair(client_config, server_config);
    expect_works(pair);
    EXPECT_EQ(pair.server.connection.info().kind, kind);
    ASSERT_FALSE(pair.server.connection.info().peer_chain.empty());
    EXPECT_EQ(pair.server.connection.info().peer_chain.front()->public_key().type, GetParam().type);
    if (kind != HandshakeKind::full) continue;
    EXPECT_EQ(pair.server.connection.info().peer_signature, GetParam().scheme);
    EXPECT_EQ(pair.client.connection.info().own_signature, GetParam().scheme);
  }
}

// An ML-DSA-44 key, certified by ML-DSA-65, by ML-DSA-87: 12 KB of chain.
TEST_F(MlDsaTls, AWholeChainOfIt) {
  ClientOptions client = client_options();
  client.roots = roots("mldsa-ca");
  Pair pair = make_pair(client, server_options("mldsa-chain"));
  expect_works(pair);
  EXPECT_EQ(pair.client.connection.info().verified_path.size(), 3u);
  EXPECT_GT(pair.to_client.size(), 12'000u);
}

// The key signs by itself; what its config's provider knows does not matter to it.
TEST_F(MlDsaTls, AServersProviderNeedNotHaveIt) {
  BULLA_NEED_WITNESS();
  ServerOptions server = server_options("mldsa65");
  server.common.provider = witness();
  Pair pair = make_pair(client_options(), server);
  expect_works(pair);
  EXPECT_EQ(pair.client.connection.info().peer_signature, SignatureScheme::mldsa65);
}

// ------------------------------------------------------------------------------------- what is offered

TEST_F(MlDsaTls, IsOfferedByDefaultAfterWhatEveryPeerKnows) {
  std::vector<SignatureScheme> offered;
  EXPECT_EQ(refusal(client_options(), server_options(),
                    alter_hello(1, [&](ClientHello& m) { offered = m.signature_algorithms->to_vector(); })),
            std::nullopt);
  for (const MlDsaSet& set : ml_dsa_sets) {
    ASSERT_TRUE(contains(offered, set.scheme));
    for (const SignatureScheme other : {SignatureScheme::ecdsa_secp256r1_sha256, SignatureScheme::ed25519,
                                        SignatureScheme::rsa_pss_rsae_sha256})
      EXPECT_LT(std::ranges::find(offered, other), std::ranges::find(offered, set.scheme));
  }
}

TEST_F(MlDsaTls, AProviderWithoutItOffersNone) {
  BULLA_NEED_WITNESS();
  ClientOptions client = client_options();
  client.common.provider = witness();
  EXPECT_FALSE(has_ml_dsa(make_client_config(client).value()->common().signature_schemes));
  client.common.signature_schemes = {SignatureScheme::mldsa65};
  const auto refused = make_client_config(client);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::bad_config);
  EXPECT_THAT(refused.error().detail, testing::HasSubstr("mldsa65 is not supported by the provider"));
  // And a server's ML-DSA certificate is then of no use to it.
  client.common.signature_schemes = {};
  Pair pair = make_pair(client, server_options("mldsa65"));
  pair.run();
  ASSERT_TRUE(pair.server.error);
  EXPECT_EQ(pair.server.error->code, ErrorCode::no_common_signature_scheme);
}

// RFC 9846 §4.3.3: a server signs with what the client lists, or not at all.
TEST_P(MlDsaSets, AreNotUsedWhereAPeerDoesNotListThem) {
  ClientOptions client = client_options();
  for (const Scheme& scheme : all_schemes())
    if (scheme.id != GetParam().scheme) client.common.signature_schemes.push_back(scheme.id);
  Pair pair = make_pair(client, server_options(GetParam().identity));
  pair.run();
  ASSERT_TRUE(pair.server.error);
  EXPECT_EQ(pair.server.error->code, ErrorCode::no_common_signature_scheme);
  EXPECT_EQ(pair.server.error->alert_to_send(), AlertDescription::handshake_failure);
  EXPECT_THAT(pair.server.error->detail, testing::HasSubstr(name_of(GetParam().type)));
}

// RFC 9846 §4.5.1: a client without a certificate that fits the request sends none.
TEST_P(MlDsaSets, AClientsAreWithheldWhereTheServerDoesNotListThem) {
  ClientOptions client = client_options();
  client.identity = identity(GetParam().identity);
  ServerOptions server = server_options();
  server.client_auth = ClientAuth::optional;
  server.client_roots = roots();
  server.common.signature_schemes = {SignatureScheme::ecdsa_secp256r1_sha256};
  Pair pair = make_pair(client, server);
  expect_works(pair);
  EXPECT_TRUE(pair.server.connection.info().peer_chain.empty());
}

TEST_F(MlDsaTls, ASelectorSeesThemInTls13Only) {
  for (const ProtocolVersion version : {tls12, tls13}) {
    ClientOptions client = client_options();
    ServerOptions server = server_options();
    std::vector<SignatureScheme> seen;
    server.select_identity = [&,
                              chosen = std::exchange(server.identity, nullptr)](const SelectIdentity& asked) {
      seen = asked.schemes;
      return chosen;
    };
    server.common.versions = {version, version};
    Pair pair = make_pair(client, server);
    expect_works(pair);
    EXPECT_EQ(has_ml_dsa(seen), version == tls13);
    EXPECT_TRUE(contains(seen, SignatureScheme::ecdsa_secp256r1_sha256));
  }
}

// -------------------------------------------------------------------------------------- what is refused

/// Changes the scheme of every CertificateVerify, or its last octet.
Alter alter_verify(std::optional<SignatureScheme> scheme) {
  return [scheme](Toward, Wire& message) {
    if (type_of(message) != HandshakeType::certificate_verify) return;
    if (!scheme) {
      message.back() ^= 1;
      return;
    }
    message[4] = static_cast<uint8_t>(static_cast<uint16_t>(*scheme) >> 8);
    message[5] = static_cast<uint8_t>(*scheme);
  };
}

// draft-ietf-tls-mldsa §3.2: "The corresponding end-entity certificate MUST use the corresponding
// AlgorithmIdentifier".
TEST_P(MlDsaSets, SignaturesOfAnotherSetAreRefused) {
  for (const MlDsaSet& other : ml_dsa_sets) {
    if (other.scheme == GetParam().scheme) continue;
    const auto error =
        refusal_of(client_options(), server_options(GetParam().identity), alter_verify(other.scheme));
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::signature_scheme_not_offered);
    EXPECT_EQ(error->alert_to_send(), AlertDescription::illegal_parameter);
  }
  EXPECT_EQ(refusal(client_options(), server_options(), alter_verify(GetParam().scheme)),
            ErrorCode::signature_scheme_not_offered)
      << "an ECDSA key";
}

TEST_P(MlDsaSets, AlteredSignaturesAreRefused) {
  const auto error = refusal_of(client_options(), server_options(GetParam().identity), alter_verify({}));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::bad_handshake_signature);
  EXPECT_EQ(error->alert_to_send(), AlertDescription::decrypt_error);
}

// RFC 9846 §4.5.2: the scheme is one that was offered.
TEST_P(MlDsaSets, SchemesThatWereNotOfferedAreRefused) {
  ClientOptions client = client_options();
  client.common.signature_schemes = {SignatureScheme::ecdsa_secp256r1_sha256};
  const auto offering = alter_hello(1, [&](ClientHello& m) {
    static std::vector<uint8_t> list;
    list = {0x04, 0x03, 0x09, static_cast<uint8_t>(GetParam().scheme)};
    m.signature_algorithms = U16List<SignatureScheme>(list);
  });
  EXPECT_EQ(refusal(client, server_options(GetParam().identity), offering),
            ErrorCode::signature_scheme_not_offered);
}

// draft-ietf-tls-mldsa §3.2: the context of FIPS 204 is empty; that of RFC 9846 §4.5.2 is part of the
// message.
TEST_P(MlDsaSets, AServersSignatureIsNoClients) {
  const CertificatePtr leaf = identity(GetParam().identity)->chain().front();
  VerifySignature request{leaf, GetParam().scheme, {1, 2, 3}, {}};
  const Scheme* scheme = find_scheme(GetParam().scheme);
  SignJob job{.algorithm = scheme->algorithm, .message = request.message};
  identity(GetParam().identity)->key().sign(*default_provider().random, {&job, 1});
  ASSERT_TRUE(job.ok);
  request.signature = job.signature;
  EXPECT_TRUE(verify_handshake_signature(default_provider(), request));
  request.message.back() ^= 1;
  EXPECT_FALSE(verify_handshake_signature(default_provider(), request));
}

}  // namespace
}  // namespace bulla::test
