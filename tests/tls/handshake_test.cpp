// Whole handshakes between our two sides, both versions.
#include "tls/pair.h"

#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using enum ProtocolVersion;

struct Case {
  ProtocolVersion version;
  std::string identity;
  CipherSuite suite;
  NamedGroup group;
};

std::string case_name(const testing::TestParamInfo<Case>& info) {
  std::string name = name_of(info.param.version) + "_" + info.param.identity + "_" +
                     name_of(info.param.suite) + "_" + name_of(info.param.group);
  for (char& c : name)
    if (!isalnum(c)) c = '_';
  return name;
}

class Handshake : public testing::TestWithParam<Case> {};

TEST_P(Handshake, CompletesAndCarriesData) {
  const Case& c = GetParam();
  ClientOptions client = client_options();
  client.common.versions = {c.version, c.version};
  client.common.cipher_suites = {c.suite};
  client.common.groups = {c.group};
  Pair pair = make_pair(client, server_options(c.identity));
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  for (const Side* side : {&pair.client, &pair.server}) {
    EXPECT_EQ(side->connection.info().version, c.version);
    EXPECT_EQ(side->connection.info().suite, c.suite);
    EXPECT_EQ(side->connection.info().group, c.group);
    EXPECT_EQ(side->connection.info().kind, HandshakeKind::full);
    EXPECT_TRUE(side->connection.info().extended_master_secret);
    EXPECT_EQ(side->connection.info().server_name, "localhost");
  }
  EXPECT_EQ(pair.client.connection.info().verified_path.size(), 2u);
  EXPECT_EQ(pair.client.connection.info().peer_signature, pair.server.connection.info().own_signature);
  pair.client.send("question");
  pair.server.send(std::string(100000, 'x'));
  pair.run();
  EXPECT_EQ(pair.server.text(), "question");
  EXPECT_EQ(pair.client.text(), std::string(100000, 'x'));
  const auto ours = pair.client.connection.export_secret("EXPORTER-test", as_bytes("context"), 40).value();
  const auto theirs = pair.server.connection.export_secret("EXPORTER-test", as_bytes("context"), 40).value();
  EXPECT_TRUE(equal_vartime(ours.reveal(), theirs.reveal()));
  pair.client.connection.close_write(pair.client.output).value();
  pair.run();
  EXPECT_TRUE(pair.server.closed);
  pair.server.send("half-closed");
  pair.run();
  EXPECT_TRUE(pair.client.text().ends_with("half-closed"));
}

std::vector<Case> cases() {
  std::vector<Case> all;
  using enum CipherSuite;
  for (const NamedGroup group : {NamedGroup::x25519, NamedGroup::secp256r1, NamedGroup::secp384r1}) {
    for (const CipherSuite suite : {aes_128_gcm_sha256, aes_256_gcm_sha384, chacha20_poly1305_sha256})
      for (const char* id : {"p256", "p384", "ed25519", "rsa", "rsa-pss", "rsa-pss-sha384"})
        all.push_back({tls13, id, suite, group});
    for (const CipherSuite suite : {ecdhe_ecdsa_with_aes_128_gcm_sha256, ecdhe_ecdsa_with_aes_256_gcm_sha384,
                                    ecdhe_ecdsa_with_chacha20_poly1305_sha256})
      for (const char* id : {"p256", "p384", "ed25519"}) all.push_back({tls12, id, suite, group});
    for (const CipherSuite suite : {ecdhe_rsa_with_aes_128_gcm_sha256, ecdhe_rsa_with_aes_256_gcm_sha384,
                                    ecdhe_rsa_with_chacha20_poly1305_sha256})
      for (const char* id : {"rsa", "rsa-pss", "rsa-pss-sha384"}) all.push_back({tls12, id, suite, group});
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, Handshake, testing::ValuesIn(cases()), case_name);

class BothVersions : public testing::TestWithParam<ProtocolVersion> {
 protected:
  ClientOptions client() const {
    ClientOptions options = client_options();
    options.common.versions = {GetParam(), GetParam()};
    return options;
  }
};

INSTANTIATE_TEST_SUITE_P(All, BothVersions, testing::Values(tls12, tls13),
                         [](const auto& info) { return info.param == tls12 ? "Tls12" : "Tls13"; });

TEST_P(BothVersions, OneByteAtATime) {
  Pair pair = make_pair(client(), server_options());
  pair.chunk = 1;
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  pair.client.send("question");
  pair.run();
  EXPECT_EQ(pair.server.text(), "question");
}

TEST_P(BothVersions, MutualAuthentication) {
  ClientOptions c = client();
  c.identity = identity("client");
  ServerOptions s = server_options();
  s.client_auth = ClientAuth::required;
  s.client_roots = roots();
  Pair pair = make_pair(c, s);
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  ASSERT_EQ(pair.server.connection.info().peer_chain.size(), 1u);
  EXPECT_EQ(pair.server.connection.info().peer_chain[0]->subject(), "CN=client");
  EXPECT_EQ(pair.server.connection.info().verified_path.size(), 2u);
}

TEST_P(BothVersions, RequiredClientCertificateMissing) {
  ServerOptions s = server_options();
  s.client_auth = ClientAuth::required;
  s.client_roots = roots();
  Pair pair = make_pair(client(), s);
  pair.run();
  ASSERT_TRUE(pair.server.error);
  EXPECT_EQ(pair.server.error->code, ErrorCode::client_certificate_required);
  ASSERT_TRUE(pair.client.error);
  EXPECT_EQ(pair.client.error->code, ErrorCode::peer_sent_alert);
}

TEST_P(BothVersions, OptionalClientCertificateMissing) {
  ServerOptions s = server_options();
  s.client_auth = ClientAuth::optional;
  s.client_roots = roots();
  Pair pair = make_pair(client(), s);
  pair.run();
  EXPECT_TRUE(pair.both_done()) << pair.errors();
  EXPECT_TRUE(pair.server.connection.info().peer_chain.empty());
}

TEST_P(BothVersions, ResumesWithTickets) {
  auto store = std::make_shared<PlainSessionStore>();
  ClientOptions c = client();
  c.sessions = store;
  ServerOptions s = server_options();
  s.tickets = RotatingTickets::fresh();
  const auto client_config = make_client_config(c).value();
  const auto server_config = make_server_config(s).value();
  for (int i = 0; i < 3; ++i) {
    Pair pair = make_pair(client_config, server_config);
    pair.run();
    ASSERT_TRUE(pair.both_done()) << pair.errors();
    const auto kind = i == 0 ? HandshakeKind::full : HandshakeKind::resumed;
    EXPECT_EQ(pair.client.connection.info().kind, kind);
    EXPECT_EQ(pair.server.connection.info().kind, kind);
    EXPECT_FALSE(pair.client.connection.info().peer_chain.empty());
    pair.server.send("data");
    pair.run();
    EXPECT_EQ(pair.client.text(), "data");
  }
}

TEST_P(BothVersions, WrongNameUnknownCaAndExpiry) {
  Pair wrong_name = make_pair(client(), server_options(), "example.com");
  wrong_name.run();
  ASSERT_TRUE(wrong_name.client.error);
  EXPECT_EQ(wrong_name.client.error->code, ErrorCode::certificate_name_mismatch);
  ClientOptions other = client();
  other.roots = roots("other-ca");
  Pair unknown = make_pair(other, server_options());
  unknown.run();
  ASSERT_TRUE(unknown.client.error);
  EXPECT_EQ(unknown.client.error->code, ErrorCode::certificate_unknown_issuer);
  Pair late = make_pair(client(), server_options());
  late.now = test_now + std::chrono::hours(24 * 365 * 101);
  late.run();
  ASSERT_TRUE(late.client.error);
  EXPECT_EQ(late.client.error->code, ErrorCode::certificate_expired);
}

TEST_P(BothVersions, AlpnIsChosenByTheServer) {
  ClientOptions c = client();
  c.common.alpn = {"h2", "http/1.1"};
  ServerOptions s = server_options();
  s.common.alpn = {"http/1.1"};
  Pair pair = make_pair(c, s);
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  EXPECT_EQ(pair.client.connection.info().alpn, "http/1.1");
  EXPECT_EQ(pair.server.connection.info().alpn, "http/1.1");
  s.common.alpn = {"spdy"};
  Pair none = make_pair(c, s);
  none.run();
  ASSERT_TRUE(none.server.error);
  EXPECT_EQ(none.server.error->code, ErrorCode::no_common_alpn);
}

TEST(Handshake13, HelloRetryRequestWithAndWithoutCookie) {
  for (const RetryCookie cookie : {RetryCookie::none, RetryCookie::sent}) {
    ServerOptions s = server_options();
    s.common.groups = {NamedGroup::secp384r1};
    s.retry_cookie = cookie;
    Pair pair = make_pair(client_options(), s);
    pair.run();
    ASSERT_TRUE(pair.both_done()) << pair.errors();
    EXPECT_EQ(pair.client.connection.info().kind, HandshakeKind::retried);
    EXPECT_EQ(pair.server.connection.info().kind, HandshakeKind::retried);
    EXPECT_EQ(pair.server.connection.info().group, NamedGroup::secp384r1);
  }
}

TEST(Handshake13, KeyUpdateBothWays) {
  Pair pair = make_pair(client_options(), server_options());
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  for (int i = 0; i < 3; ++i) {
    pair.client.connection.update_keys(KeyUpdateRequest::update_requested, pair.client.output).value();
    pair.client.send("a");
    pair.run();
    pair.server.connection.update_keys(KeyUpdateRequest::update_requested, pair.server.output).value();
    pair.server.send("b");
    pair.run();
  }
  EXPECT_EQ(pair.server.text(), "aaa") << pair.errors();
  EXPECT_EQ(pair.client.text(), "bbb") << pair.errors();
}

}  // namespace
}  // namespace bulla::test
