// A client that is asked for a certificate: RFC 9846 §4.4.2, §4.5.1; RFC 5246 §7.4.4, §7.4.6.
#include "tls/pair.h"

#include <gtest/gtest.h>

namespace bulla::test {
namespace {

class Asked : public testing::TestWithParam<ProtocolVersion> {
 protected:
  ClientOptions client(const std::string& identity_name) const {
    ClientOptions options = client_options();
    options.common.versions = {GetParam(), GetParam()};
    options.identity = identity(identity_name);
    return options;
  }
  static ServerOptions server(ClientAuth auth, std::vector<SignatureScheme> schemes) {
    ServerOptions options = server_options();
    options.client_auth = auth;
    options.client_roots = roots();
    options.common.signature_schemes = std::move(schemes);
    return options;
  }
  static constexpr SignatureScheme rsa_only[] = {SignatureScheme::rsa_pss_rsae_sha256};
};
INSTANTIATE_TEST_SUITE_P(Versions, Asked, testing::Values(ProtocolVersion::tls12, ProtocolVersion::tls13),
                         [](const auto& info) {
                           return info.param == ProtocolVersion::tls12 ? "Tls12" : "Tls13";
                         });

// RFC 5246 §7.4.6, RFC 9846 §4.5.1: "If no suitable certificate is available, the client MUST send a
// certificate message containing no certificates"; the server may go on.
TEST_P(Asked, SendsAnEmptyListWhereItsKeyFitsNoScheme) {
  Pair pair = make_pair(client("client"), server(ClientAuth::optional, {rsa_only[0]}));
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  EXPECT_TRUE(pair.server.connection.info().peer_chain.empty());
  EXPECT_FALSE(pair.client.connection.info().own_signature);
}

// What that means is for the server to say.
TEST_P(Asked, TheServerRefusesTheEmptyListIfItMustKnow) {
  Pair pair = make_pair(client("client"), server(ClientAuth::required, {rsa_only[0]}));
  pair.run();
  ASSERT_TRUE(pair.server.error);
  EXPECT_EQ(pair.server.error->code, ErrorCode::client_certificate_required);
  EXPECT_EQ(pair.server.error->alert_to_send(), GetParam() == ProtocolVersion::tls13
                                                    ? AlertDescription::certificate_required
                                                    : AlertDescription::handshake_failure);
}

// RFC 9846 §4.5.2: what it signs with is among what the server listed.
TEST_P(Asked, SignsWithWhatTheServerListed) {
  Pair pair =
      make_pair(client("client"), server(ClientAuth::required, {SignatureScheme::rsa_pss_rsae_sha256,
                                                                SignatureScheme::ecdsa_secp256r1_sha256}));
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  EXPECT_EQ(pair.client.connection.info().own_signature, SignatureScheme::ecdsa_secp256r1_sha256);
}

// The tap says why nothing was sent: silence would hide a mistake in the configuration.
TEST_P(Asked, TheTapHearsWhy) {
  struct Listener : Tap {
    void on_decision(const DecisionSeen& seen) override {
      if (seen.what == "client_certificate_withheld") why = seen.value;
    }
    std::string why;
  };
  const auto listener = std::make_shared<Listener>();
  ClientOptions c = client("client");
  c.common.tap = listener;
  Pair pair = make_pair(c, server(ClientAuth::optional, {rsa_only[0]}));
  pair.run();
  EXPECT_NE(listener->why.find("P-256"), std::string::npos) << listener->why;
}

}  // namespace
}  // namespace bulla::test
