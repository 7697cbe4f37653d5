// dangerous::WireShape, and with it: how both sides take extensions that they do not know, or know elsewhere.
#include "tls/ext/shape.h"

#include "tls/msg/client_hello.h"
#include "tls/pair.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace bulla::test {
namespace {

constexpr auto unknown = static_cast<ExtensionType>(0x7a7a);
using Extensions = dangerous::WireShape::Extensions;

/// The messages that one side received.
struct Ear : Tap {
  void on_message(const MessageSeen& m) override {
    if (m.direction == Direction::received) heard.push_back(to_vector(m.bytes));
  }
  std::vector<std::vector<uint8_t>> heard;
};

struct Shaped {
  Pair pair;
  std::shared_ptr<Ear> client_ear, server_ear;
  const ErrorCode* client_error() const { return pair.client.error ? &pair.client.error->code : nullptr; }
};

Shaped shaped(const dangerous::WireShape& client, const dangerous::WireShape& server,
              bool client_auth = false) {
  ClientOptions c = client_options();
  ServerOptions s = server_options();
  const auto client_ear = std::make_shared<Ear>(), server_ear = std::make_shared<Ear>();
  c.common.tap = client_ear;
  s.common.tap = server_ear;
  c.common.versions = {ProtocolVersion::tls13, ProtocolVersion::tls13};
  c.common.wire_shape = std::make_shared<dangerous::WireShape>(client);
  s.common.wire_shape = std::make_shared<dangerous::WireShape>(server);
  c.sessions = std::make_shared<PlainSessionStore>();
  s.tickets = RotatingTickets::fresh();
  if (client_auth) {
    c.identity = identity("client");
    s.client_auth = ClientAuth::required;
    s.client_roots = roots();
  }
  Shaped all{make_pair(std::move(c), std::move(s)), client_ear, server_ear};
  all.pair.run();
  return all;
}

dangerous::WireShape with(Extensions dangerous::WireShape::* part, ExtensionType type,
                          std::vector<uint8_t> body = {1}) {
  dangerous::WireShape shape;
  (shape.*part).bodies = {{type, std::move(body)}};
  return shape;
}

TEST(Shape, OrdersAndReplacesAndAddsInAClientHello) {
  dangerous::WireShape client;
  client.client_hello.order = {ExtensionType::supported_versions, unknown, ExtensionType::key_share};
  client.client_hello.bodies = {{unknown, {9, 9}}, {ExtensionType::signature_algorithms, {0, 4, 4, 3, 8, 4}}};
  const Shaped run = shaped(client, {});
  ASSERT_TRUE(run.pair.both_done()) << run.pair.errors();
  const auto hello = tls::ClientHello::decode(Bytes(run.server_ear->heard.at(0)).subspan(4)).value();
  EXPECT_EQ(hello.signature_algorithms->size(), 2u);
  ASSERT_EQ(hello.others.size(), 1u);
  EXPECT_EQ(hello.others[0].type, unknown);
  // The first extension behind the fixed fields is the one that was to be first.
  const std::vector<uint8_t>& bytes = run.server_ear->heard[0];
  const uint8_t first_two[] = {0x00, 0x2b, 0x00, 0x03, 0x02, 0x03, 0x04, 0x7a,
                               0x7a, 0x00, 0x02, 9,    9,    0x00, 0x33};
  EXPECT_NE(std::ranges::search(bytes, first_two).begin(), bytes.end());
}

TEST(Shape, NoShapeChangesNothing) {
  std::vector<uint8_t> message = {8, 0, 0, 2, 0, 0};
  const std::vector<uint8_t> before = message;
  tls::apply_shape({}, false, message);
  EXPECT_EQ(message, before);
}

TEST(Shape, LeavesPreSharedKeyAtTheEnd) {
  ClientOptions c = client_options();
  dangerous::WireShape shape;
  shape.client_hello.order = {ExtensionType::pre_shared_key};
  shape.client_hello.bodies = {{unknown, {}}};
  c.common.wire_shape = std::make_shared<dangerous::WireShape>(shape);
  c.sessions = std::make_shared<PlainSessionStore>();
  ServerOptions s = server_options();
  s.tickets = RotatingTickets::fresh();
  const auto client = make_client_config(c).value();
  const auto server = make_server_config(s).value();
  for (const HandshakeKind kind : {HandshakeKind::full, HandshakeKind::resumed}) {
    Pair pair = make_pair(client, server);
    pair.run();
    ASSERT_TRUE(pair.both_done()) << pair.errors();
    EXPECT_EQ(pair.server.connection.info().kind, kind);
  }
}

/// RFC 9846 §4.2.2: servers ignore what they do not know.
TEST(UnknownExtension, InBothClientHellosIsIgnored) {
  dangerous::WireShape client = with(&dangerous::WireShape::client_hello, unknown);
  client.second_client_hello = client.client_hello;
  EXPECT_TRUE(shaped(client, {}).pair.both_done());
}

/// RFC 9846 §4.3: a response to what was not offered is refused.
TEST(UnknownExtension, UnsolicitedInServerHelloAndEncryptedExtensionsIsRefused) {
  for (const auto part : {&dangerous::WireShape::server_hello, &dangerous::WireShape::encrypted_extensions}) {
    const Shaped run = shaped({}, with(part, unknown));
    ASSERT_TRUE(run.client_error());
    EXPECT_EQ(*run.client_error(), ErrorCode::unsolicited_extension);
    ASSERT_TRUE(run.pair.server.error);
    EXPECT_EQ(run.pair.server.error->alert, AlertDescription::unsupported_extension);
  }
}

TEST(UnknownExtension, SolicitedInEncryptedExtensionsIsIgnored) {
  const Shaped run = shaped(with(&dangerous::WireShape::client_hello, unknown),
                            with(&dangerous::WireShape::encrypted_extensions, unknown));
  EXPECT_TRUE(run.pair.both_done()) << run.pair.errors();
}

/// RFC 9846 §4.4.2 and §4.7.1: clients ignore what they do not know in requests.
TEST(UnknownExtension, InCertificateRequestAndNewSessionTicketIsIgnored) {
  dangerous::WireShape server = with(&dangerous::WireShape::certificate_request, unknown);
  server.new_session_ticket.bodies = {{unknown, {1, 2, 3}}};
  Shaped run = shaped({}, server, true);
  ASSERT_TRUE(run.pair.both_done()) << run.pair.errors();
  run.pair.server.send("data");
  run.pair.run();
  EXPECT_EQ(run.pair.client.text(), "data");
  const uint8_t extension[] = {0x7a, 0x7a, 0, 3, 1, 2, 3};
  const auto& ticket = run.client_ear->heard.back();
  EXPECT_EQ(ticket[0], static_cast<uint8_t>(HandshakeType::new_session_ticket));
  EXPECT_NE(std::ranges::search(ticket, extension).begin(), ticket.end());
}

/// RFC 9846 §4.3: an extension that is known, but not in this message.
TEST(KnownExtension, WhereItMayNotStandIsRefused) {
  const Shaped run = shaped(
      {}, with(&dangerous::WireShape::encrypted_extensions, ExtensionType::supported_versions, {3, 4}));
  ASSERT_TRUE(run.client_error());
  EXPECT_EQ(*run.client_error(), ErrorCode::misplaced_extension);
}

}  // namespace
}  // namespace bulla::test
