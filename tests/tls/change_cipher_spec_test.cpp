// RFC 9846 §5: change_cipher_spec is dropped in one window, in one form, in the clear; RFC 9846 §E.4: who
// sends it.
#include "tls/forge.h"
#include "tls/pair.h"

#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using Wire = std::vector<uint8_t>;
const Wire ccs = {20, 3, 3, 0, 1, 1};

ClientOptions only(ClientOptions options, ProtocolVersion version) {
  options.common.versions = {version, version};
  return options;
}

/// A client that has sent its ClientHello, and what it says to `bytes`.
std::optional<ErrorCode> waiting_client_says(ClientOptions options, const Wire& bytes) {
  Side client{Connection::client(make_client_config(std::move(options)).value(),
                                 ServerName::parse("localhost").value())};
  client.run(test_now);
  client.input = bytes;
  client.run(test_now);
  if (!client.error) return std::nullopt;
  return client.error->code;
}

TEST(ChangeCipherSpec13, DroppedFromTheFirstClientHelloOn) {
  EXPECT_EQ(waiting_client_says(client_options(), ccs), std::nullopt);
  Pair pair = make_pair(client_options(), server_options());
  pair.wire = [first = true](Toward toward, Wire bytes) mutable {
    if (toward == Toward::client && std::exchange(first, false))
      bytes.insert(bytes.begin(), ccs.begin(), ccs.end());
    return bytes;
  };
  pair.run();
  EXPECT_TRUE(pair.both_done()) << pair.errors();
}

TEST(ChangeCipherSpec13, OtherValuesAndFloodsAreRefused) {
  EXPECT_EQ(waiting_client_says(client_options(), {20, 3, 3, 0, 1, 2}),
            ErrorCode::unexpected_change_cipher_spec);
  EXPECT_EQ(waiting_client_says(client_options(), {20, 3, 3, 0, 2, 1, 1}),
            ErrorCode::unexpected_change_cipher_spec);
  Wire many;
  for (int i = 0; i < 40; ++i) many.insert(many.end(), ccs.begin(), ccs.end());
  EXPECT_EQ(waiting_client_says(client_options(), many), ErrorCode::unexpected_change_cipher_spec);
}

TEST(ChangeCipherSpec13, NotBeforeTheClientHello) {
  Side server{Connection::server(make_server_config(server_options()).value())};
  server.input = ccs;
  server.run(test_now);
  ASSERT_TRUE(server.error);
  EXPECT_EQ(server.error->code, ErrorCode::unexpected_change_cipher_spec);
  EXPECT_EQ(server.error->alert_to_send(), AlertDescription::unexpected_message);
}

TEST(ChangeCipherSpec13, NotAfterTheHandshake) {
  Pair pair = make_pair(client_options(), server_options());
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  pair.server.input = ccs;
  pair.server.run(test_now);
  ASSERT_TRUE(pair.server.error);
}

// RFC 9846 §5: "which receives a protected change_cipher_spec record MUST abort the handshake".
TEST(ChangeCipherSpec13, ProtectedOnesAreRefusedByBothSides) {
  const auto forger = std::make_shared<Forger>();
  ClientOptions c = client_options();
  c.common.tap = forger;
  Pair pair = make_pair(c, server_options());
  const ForgedRecord forged{.type = ContentType::change_cipher_spec, .content = {1}};
  // The server holds the keys before the client does; a client that is told them plays the attacker here.
  pair.wire = [&](Toward toward, Wire bytes) {
    if (toward == Toward::server && forger->knows("CLIENT_HANDSHAKE_TRAFFIC_SECRET"))
      return forger->record("CLIENT_HANDSHAKE_TRAFFIC_SECRET", forged);
    return bytes;
  };
  pair.run();
  ASSERT_TRUE(pair.server.error);
  EXPECT_EQ(pair.server.error->code, ErrorCode::unexpected_change_cipher_spec);

  const auto insider = std::make_shared<Forger>();
  ServerOptions s = server_options();
  s.common.tap = insider;
  Pair other = make_pair(client_options(), s);
  other.wire = [&](Toward toward, Wire bytes) {
    if (toward == Toward::server) return bytes;
    auto records = split_records(bytes);
    for (size_t i = 0; i < records.size(); ++i)
      if (records[i][0] == 23) {
        records[i] = insider->record("SERVER_HANDSHAKE_TRAFFIC_SECRET", forged);
        break;
      }
    return join_records(records);
  };
  other.run();
  ASSERT_TRUE(other.client.error);
  EXPECT_EQ(other.client.error->code, ErrorCode::unexpected_change_cipher_spec);
}

// RFC 5246 §7.1: in TLS 1.2 it means something, and must not come early (CVE-2014-0224).
TEST(ChangeCipherSpec12, NotBeforeTheServerHello) {
  EXPECT_EQ(waiting_client_says(only(client_options(), ProtocolVersion::tls12), ccs),
            ErrorCode::unexpected_change_cipher_spec);
  // A client of both versions cannot know yet, and says so as soon as it does.
  ServerOptions s = server_options();
  s.common.versions = {ProtocolVersion::tls12, ProtocolVersion::tls12};
  Pair pair = make_pair(client_options(), s);
  pair.wire = [](Toward toward, Wire bytes) {
    if (toward == Toward::client) bytes.insert(bytes.begin(), ccs.begin(), ccs.end());
    return bytes;
  };
  pair.run();
  ASSERT_TRUE(pair.client.error);
  EXPECT_EQ(pair.client.error->code, ErrorCode::unexpected_change_cipher_spec);
}

/// How many change_cipher_spec records are in `wire`, counted up to the first protected one.
size_t clear_ccs(const Wire& wire) {
  size_t count = 0;
  for (const Wire& record : split_records(wire)) count += record == ccs;
  return count;
}

TEST(MiddleboxCompatibility, Rfc9846SectionE4OneEachWayAndNoneWithout) {
  Pair with = make_pair(client_options(), server_options());
  with.run();
  EXPECT_EQ(clear_ccs(with.to_server), 1u);
  EXPECT_EQ(clear_ccs(with.to_client), 1u);

  ServerOptions retrying = server_options();
  retrying.common.groups = {NamedGroup::secp384r1};
  Pair retried = make_pair(client_options(), retrying);
  retried.run();
  ASSERT_TRUE(retried.both_done()) << retried.errors();
  EXPECT_EQ(clear_ccs(retried.to_server), 1u);
  EXPECT_EQ(clear_ccs(retried.to_client), 1u);

  ClientOptions c = only(client_options(), ProtocolVersion::tls13);
  c.common.middlebox_compatibility = MiddleboxCompatibility::off;
  Pair without = make_pair(c, server_options());
  without.run();
  ASSERT_TRUE(without.both_done()) << without.errors();
  EXPECT_EQ(clear_ccs(without.to_server), 0u);
  EXPECT_EQ(clear_ccs(without.to_client), 0u);
}

}  // namespace
}  // namespace bulla::test
