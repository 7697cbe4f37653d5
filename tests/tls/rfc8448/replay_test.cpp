// RFC 8448's traces through the real engine, in both roles: every record of ours is the trace's, byte for
// byte.
#include "tls/rfc8448/replay.h"
#include "tls/session_state.h"

#include <gtest/gtest.h>

namespace bulla::test::rfc8448 {
namespace {

class Replayed : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    trace_ = load_trace(GetParam());
    BULLA_NEED_VECTORS(trace_, set);
  }
  const Trace& trace() const { return *trace_; }
  bool is_retried() const { return trace().has("Record_HelloRetryRequest"); }
  void expect(const std::string& name, Bytes value) const {
    EXPECT_EQ(to_hex(value), to_hex(trace()[name])) << name;
  }

  void expect_secrets(const Replay& replay) const {
    const auto& secrets = replay.tap->secrets;
    for (const auto& [label, name] :
         {std::pair{"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "client_handshake_traffic_secret"},
          {"SERVER_HANDSHAKE_TRAFFIC_SECRET", "server_handshake_traffic_secret"},
          {"CLIENT_TRAFFIC_SECRET_0", "client_application_traffic_secret_0"},
          {"SERVER_TRAFFIC_SECRET_0", "server_application_traffic_secret_0"},
          {"EXPORTER_SECRET", "exporter_master_secret"}})
      EXPECT_EQ(secrets.contains(label) ? secrets.at(label) : "none", to_hex(trace()[name])) << label;
  }
  void expect_facts(const Replay& replay) const {
    const ConnectionInfo& info = replay.side.connection.info();
    EXPECT_EQ(info.version, ProtocolVersion::tls13);
    EXPECT_EQ(info.suite, CipherSuite::aes_128_gcm_sha256);
    EXPECT_EQ(info.group, is_retried() ? NamedGroup::secp256r1 : NamedGroup::x25519);
    EXPECT_EQ(info.kind, is_retried() ? HandshakeKind::retried : HandshakeKind::full);
    EXPECT_EQ(info.server_name, "server");
  }
  /// Data and close_notify of both sides, where the trace has them.
  void expect_data(Replay& us, const std::string& ours, const std::string& theirs) const {
    if (trace().has(ours + "_AppData")) {
      (void)us.side.connection.send(trace()[ours + "_AppData"], us.side.output).value();
      expect("Record_" + ours + "_AppData", us.take_output());
      EXPECT_TRUE(us.hear(trace()["Record_" + theirs + "_AppData"]).empty());
      expect(theirs + "_AppData", us.side.received);
    }
    us.side.connection.close_write(us.side.output).value();
    expect("Record_" + ours + "_CloseNotify", us.take_output());
    EXPECT_TRUE(us.hear(trace()["Record_" + theirs + "_CloseNotify"]).empty());
    EXPECT_TRUE(us.side.closed);
  }

 private:
  std::optional<Trace> trace_;
};

INSTANTIATE_TEST_SUITE_P(Traces, Replayed,
                         testing::Values(simple_1rtt, retried, client_authentication, compatibility_mode),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(Replayed, AsItsClient) {
  Replay client = client_of(trace());
  expect("Record_ClientHello_1", client.hear({}));
  if (is_retried()) expect("Record_ClientHello_2", client.hear(trace()["Record_HelloRetryRequest"]));
  std::vector<uint8_t> ours = client.hear(trace()["Record_ServerHello"]);
  const auto rest = client.hear(trace()["Record_ServerHandshakeMessages"]);
  ours.insert(ours.end(), rest.begin(), rest.end());
  expect("Record_ClientFinished", ours);
  ASSERT_TRUE(client.side.done);
  EXPECT_EQ(client.random->left(), 0u);
  expect_secrets(client);
  expect_facts(client);
  EXPECT_EQ(to_hex(client.side.connection.info().peer_chain.at(0)->der()),
            to_hex(certificate_in(trace(), "server_flight_plaintext")->der()));
  if (trace().has("Record_NewSessionTicket")) {
    EXPECT_TRUE(client.hear(trace()["Record_NewSessionTicket"]).empty());
    ASSERT_EQ(client.store->sessions.size(), 1u);
    const ClientSessionPtr session = client.store->sessions.begin()->second.at(0);
    expect("SessionTicket", session->ticket);
    expect("resumption_psk", session->secret.reveal());
    EXPECT_EQ(session->lifetime, Seconds{30});
    EXPECT_EQ(session->age_add, 0xfad6aac5u);
  }
  expect_data(client, "Client", "Server");
}

TEST_P(Replayed, AsItsServer) {
  Replay server = server_of(trace());
  if (is_retried()) {
    expect("Record_HelloRetryRequest", server.hear(trace()["Record_ClientHello_1"]));
  }
  const auto flight = server.hear(trace()[is_retried() ? "Record_ClientHello_2" : "Record_ClientHello_1"]);
  EXPECT_EQ(to_hex(flight),
            to_hex(trace()["Record_ServerHello"]) + to_hex(trace()["Record_ServerHandshakeMessages"]));
  const auto after = server.hear(trace()["Record_ClientFinished"]);
  ASSERT_TRUE(server.side.done);
  EXPECT_EQ(server.random->left(), 0u);
  expect_secrets(server);
  expect_facts(server);
  if (trace().has("Record_NewSessionTicket")) {
    expect("Record_NewSessionTicket", after);
    const auto session = tls::ServerSession::decode(server.tickets->sealed);
    ASSERT_TRUE(session);
    expect("resumption_psk", session->secret.reveal());
  } else {
    EXPECT_TRUE(after.empty());
  }
  if (trace().has("Message_CertificateRequest")) {
    EXPECT_EQ(to_hex(server.side.connection.info().peer_chain.at(0)->der()),
              to_hex(certificate_in(trace(), "client_flight_plaintext")->der()));
  }
  expect_data(server, "Server", "Client");
}

}  // namespace
}  // namespace bulla::test::rfc8448
