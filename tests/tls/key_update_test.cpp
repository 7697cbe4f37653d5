// RFC 9846 §4.7.3 (KeyUpdate), §5.5 (limits on key usage), §7.2 (the secrets' generations).
#include "tls/forge.h"
#include "tls/pair.h"
#include "tls/send_state.h"

#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using enum KeyUpdateRequest;

/// Handshake messages sent by one side, by type.
struct Counter : Tap {
  void on_message(const MessageSeen& seen) override {
    if (seen.direction == Direction::sent && seen.type == HandshakeType::key_update)
      requests.push_back(static_cast<KeyUpdateRequest>(seen.bytes.back()));
  }
  std::vector<KeyUpdateRequest> requests;
};

struct Counted {
  std::shared_ptr<Counter> client = std::make_shared<Counter>(), server = std::make_shared<Counter>();
  Pair pair = made();

 private:
  Pair made() {
    ClientOptions c = client_options();
    c.common.tap = client;
    ServerOptions s = server_options();
    s.common.tap = server;
    Pair p = make_pair(c, s);
    p.run();
    EXPECT_TRUE(p.both_done()) << p.errors();
    return p;
  }
};

// RFC 9846 §4.7.3: "a single update" answers any number of requests, before the next application data.
TEST(KeyUpdate, AnsweredOnceAndWhenDataGoesOut) {
  Counted c;
  for (int i = 0; i < 3; ++i)
    c.pair.client.connection.update_keys(update_requested, c.pair.client.output).value();
  c.pair.run();
  EXPECT_TRUE(c.server->requests.empty());
  c.pair.server.send("data");
  c.pair.server.send("more");
  c.pair.run();
  EXPECT_EQ(c.server->requests, std::vector{update_not_requested});
  EXPECT_EQ(c.pair.client.text(), "datamore");
}

// RFC 9846 §4.7.3: "the sender MUST NOT send another KeyUpdate with request_update set to update_requested"
// until it receives one.
TEST(KeyUpdate, ThePeerIsNotAskedAgainBeforeItAnswers) {
  Counted c;
  auto& client = c.pair.client;
  client.connection.update_keys(update_requested, client.output).value();
  client.connection.update_keys(update_requested, client.output).value();
  EXPECT_EQ(c.client->requests, (std::vector{update_requested, update_not_requested}));
  c.pair.run();
  c.pair.server.send("the answer goes before this");
  c.pair.run();
  client.connection.update_keys(update_requested, client.output).value();
  EXPECT_EQ(c.client->requests.back(), update_requested);
  client.connection.update_keys(update_requested, client.output).value();
  EXPECT_EQ(c.client->requests.back(), update_not_requested);
  // Any KeyUpdate of the peer will do, asked for or not.
  c.pair.server.connection.update_keys(update_not_requested, c.pair.server.output).value();
  c.pair.run();
  client.connection.update_keys(update_requested, client.output).value();
  EXPECT_EQ(c.client->requests.back(), update_requested);
}

TEST(KeyUpdate, HalvesTellEachOther) {
  Counted c;
  auto halves = std::move(c.pair.client.connection).split().value();
  Output out;
  halves.send.update_keys(update_requested, out).value();
  c.pair.server.connection.update_keys(update_not_requested, c.pair.server.output).value();
  std::vector<uint8_t> bytes = to_vector(c.pair.server.output.pending());
  MutBytes in(bytes);
  EXPECT_TRUE(std::holds_alternative<NeedInput>(halves.receive.next(in, test_now)));
  const Reply reply = halves.receive.reply();
  EXPECT_EQ(reply.kind, Reply::Kind::peer_updated);
  halves.send.answer(reply, out).value();
  halves.send.update_keys(update_requested, out).value();
  EXPECT_EQ(c.client->requests, (std::vector{update_requested, update_requested}));
}

TEST(KeyUpdate, CrossingRequestsMoveBothSidesByTwo) {
  Counted c;
  c.pair.client.connection.update_keys(update_requested, c.pair.client.output).value();
  c.pair.server.connection.update_keys(update_requested, c.pair.server.output).value();
  c.pair.run();
  c.pair.client.send("to server");
  c.pair.server.send("to client");
  c.pair.run();
  EXPECT_EQ(c.pair.server.text(), "to server");
  EXPECT_EQ(c.pair.client.text(), "to client");
  EXPECT_EQ(c.client->requests, (std::vector{update_requested, update_not_requested}));
}

TEST(KeyUpdate, NotInTls12) {
  ClientOptions options = client_options();
  options.common.versions = {ProtocolVersion::tls12, ProtocolVersion::tls12};
  Pair pair = make_pair(options, server_options());
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  EXPECT_EQ(pair.client.connection.update_keys(update_requested, pair.client.output).error().code,
            ErrorCode::bad_argument);
}

// RFC 9846 §4.7.3: a KeyUpdate before the Finished is an unexpected_message.
TEST(KeyUpdate, NotBeforeTheFinished) {
  const auto insider = std::make_shared<Forger>();
  ServerOptions s = server_options();
  s.common.tap = insider;
  Pair pair = make_pair(client_options(), s);
  pair.wire = [&](Toward toward, std::vector<uint8_t> bytes) {
    if (toward == Toward::server) return bytes;
    auto records = split_records(bytes);
    for (auto& record : records)
      if (record[0] == 23) {
        record = insider->record("SERVER_HANDSHAKE_TRAFFIC_SECRET",
                                 {.type = ContentType::handshake, .content = {24, 0, 0, 1, 0}});
        break;
      }
    return join_records(records);
  };
  pair.run();
  ASSERT_TRUE(pair.client.error);
  EXPECT_EQ(pair.client.error->code, ErrorCode::unexpected_message);
}

TEST(KeyUpdate, TheOldKeysAreNoLongerTaken) {
  const auto forger = std::make_shared<Forger>();
  ClientOptions c = client_options();
  c.common.tap = forger;
  Pair pair = make_pair(c, server_options());
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  pair.client.connection.update_keys(update_not_requested, pair.client.output).value();
  pair.run();
  pair.server.input = forger->record("CLIENT_TRAFFIC_SECRET_0", {.sequence = 1, .content = {'x'}});
  pair.server.run(test_now);
  ASSERT_TRUE(pair.server.error);
  EXPECT_EQ(pair.server.error->code, ErrorCode::bad_record_mac);
}

// RFC 9846 §4.7.3: senders stop at 2^48-1 epochs, and then need not heed a request either.
TEST(KeyUpdate, TheSendersEpochsEnd) {
  const auto config = make_client_config(client_options()).value();
  tls::SendState state(config, config->common(), *config->services().provider, Role::client);
  tls::WriteKeys keys;
  keys.suite = tls::find_suite(CipherSuite::aes_128_gcm_sha256);
  keys.secret = decltype(keys.secret)(size_t{32});
  state.install(std::move(keys));
  state.connected = true;
  state.updates = (uint64_t{1} << 48) - 2;
  Output out;
  EXPECT_TRUE(state.update_keys(update_not_requested, out));
  EXPECT_EQ(state.update_keys(update_not_requested, out).error().code, ErrorCode::key_exhausted);
  EXPECT_TRUE(state.answer(Reply{Reply::Kind::key_update}, out));
  const Bytes data = as_bytes("still goes out");
  EXPECT_TRUE(state.send({&data, 1}, out));
}

// ----------------------------------------------------------------------------------- limits on key usage

/// A provider whose AES-128-GCM keys are spent after `limit` records.
const Provider& spent_after_five() {
  static const AeadAlgorithm weak = [] {
    AeadAlgorithm aead = *default_provider().aead(AeadId::aes_128_gcm);
    aead.confidentiality_limit = 5;
    return aead;
  }();
  static const AeadAlgorithm* const aeads[] = {&weak};
  static const Provider provider = [] {
    Provider p = default_provider();
    p.aeads = aeads;
    return p;
  }();
  return provider;
}

// RFC 9846 §5.5: "MUST either close the connection or do a key update prior to reaching these limits".
TEST(KeyLimits, UpdatedInTheMidstOfOneWrite) {
  const auto counter = std::make_shared<Counter>();
  ClientOptions c = client_options();
  c.common.provider = &spent_after_five();
  c.common.limits.max_fragment = 64;
  c.common.tap = counter;
  Pair pair = make_pair(c, server_options());
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  pair.client.send(std::string(64 * 10, 'x'));
  pair.run();
  EXPECT_FALSE(pair.server.error);
  EXPECT_EQ(pair.server.received.size(), 640u);
  EXPECT_EQ(counter->requests.size(), 2u);  // four records of data and a KeyUpdate under each key
}

TEST(KeyLimits, Tls12RefusesAWriteThatWouldNotFit) {
  ClientOptions c = client_options();
  c.common.versions = {ProtocolVersion::tls12, ProtocolVersion::tls12};
  c.common.provider = &spent_after_five();
  c.common.limits.max_fragment = 64;
  Pair pair = make_pair(c, server_options());
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  auto& client = pair.client;
  const std::string five(64 * 5, 'x'), four(64 * 4, 'x');
  EXPECT_EQ(client.connection.send(as_bytes(five), client.output).error().code, ErrorCode::key_exhausted);
  EXPECT_TRUE(client.output.empty());
  EXPECT_TRUE(client.connection.send(as_bytes(four), client.output));
  // Small pieces make more records than their sum says.
  EXPECT_EQ(client.connection.send(as_bytes("x"), client.output).error().code, ErrorCode::key_exhausted);
}

}  // namespace
}  // namespace bulla::test
