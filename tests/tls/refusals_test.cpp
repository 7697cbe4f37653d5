// What the engine refuses at the level of records and in the order of messages; one test a rule.
#include "tls/core_between.h"
#include "tls/msg/server_parameters.h"

#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using namespace bulla::tls;

/// What a fresh server says to these bytes.
ErrorCode server_says(const Wire& bytes) {
  Side server{Connection::server(make_server_config(server_options()).value())};
  server.input = bytes;
  server.run(test_now);
  EXPECT_TRUE(server.error);
  return server.error ? server.error->code : ErrorCode::internal;
}

Wire repeated(const Wire& once, int times) {
  Wire all;
  for (int i = 0; i < times; ++i) all.insert(all.end(), once.begin(), once.end());
  return all;
}

TEST(RecordRefusals, Rfc9846Section5) {
  EXPECT_EQ(server_says({0, 1, 2, 3, 4}), ErrorCode::not_tls);
  EXPECT_EQ(server_says({22, 9, 9, 0, 1}), ErrorCode::bad_record_version);
  EXPECT_EQ(server_says({22, 3, 1, 0xff, 0xff}), ErrorCode::record_overflow);
  EXPECT_EQ(server_says({23, 3, 3, 0, 1, 0}), ErrorCode::unexpected_record);
  EXPECT_EQ(server_says({22, 3, 1, 0, 0}), ErrorCode::empty_handshake_record);
  EXPECT_EQ(server_says({22, 3, 1, 0, 2, 1, 0, 23, 3, 3, 0, 1, 0}), ErrorCode::interleaved_handshake);
  EXPECT_EQ(server_says({22, 3, 1, 0, 4, 1, 0xff, 0xff, 0xff}), ErrorCode::handshake_too_large);
  EXPECT_EQ(server_says({22, 3, 1, 0, 1, 1, 99, 3, 3, 0, 1, 0}), ErrorCode::unknown_record_type);
}

TEST(RecordRefusals, Rfc9846Section6Alerts) {
  EXPECT_EQ(server_says({21, 3, 1, 0, 1, 1}), ErrorCode::bad_alert);
  EXPECT_EQ(server_says(repeated({21, 3, 1, 0, 2, 1, 90}, 5)), ErrorCode::too_many_warning_alerts);
}

TEST(RecordRefusals, NothingWorksAfterAFailure) {
  Side server{Connection::server(make_server_config(server_options()).value())};
  server.input = {0, 1, 2, 3, 4};
  server.run(test_now);
  MutBytes none;
  const Event again = server.connection.next(none, server.output, test_now);
  ASSERT_TRUE(std::holds_alternative<Failed>(again));
  EXPECT_EQ(std::get<Failed>(again).error.code, ErrorCode::connection_failed_before);
}

/// A record sealed with keys that were handed out for a kernel (TLS 1.3).
Wire sealed(const TrafficKeys& keys, uint64_t sequence, ContentType type, const Wire& content) {
  const auto key = default_provider().aead(AeadId::aes_128_gcm)->make_key(keys.key.reveal());
  AeadNonce nonce = keys.iv;
  for (size_t i = 0; i < 8; ++i) nonce[11 - i] = static_cast<uint8_t>(nonce[11 - i] ^ (sequence >> (8 * i)));
  const size_t length = content.size() + 1 + aead_tag_size;
  const uint8_t header[] = {23, 3, 3, static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length)};
  Wire record(sizeof header + length);
  std::ranges::copy(header, record.begin());
  const auto inner = static_cast<uint8_t>(type);
  const Bytes parts[] = {content, Bytes(&inner, 1)};
  key->seal(MutBytes(record).subspan(5), nonce, Bytes(record).first(5), parts);
  return record;
}

TEST(RecordRefusals, EndlessEmptyRecords) {
  Pair pair = make_pair(client_options(), server_options());
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  const TrafficKeys keys = pair.client.connection.hand_to_kernel().value().send.value();
  for (uint64_t i = 0; i < 40 && !pair.server.error; ++i) {
    pair.server.input = sealed(keys, keys.sequence + i, ContentType::application_data, {});
    pair.server.run(test_now);
  }
  ASSERT_TRUE(pair.server.error);
  EXPECT_EQ(pair.server.error->code, ErrorCode::too_many_empty_records);
}

TEST(PostHandshakeRefusals, KeyUpdatesWithoutEnd) {
  Pair pair = make_pair(client_options(), server_options());
  pair.run();
  for (int i = 0; i < 33; ++i)
    pair.client.connection.update_keys(KeyUpdateRequest::update_not_requested, pair.client.output).value();
  pair.run();
  ASSERT_TRUE(pair.server.error);
  EXPECT_EQ(pair.server.error->code, ErrorCode::too_many_key_updates);
}

TEST(PostHandshakeRefusals, BytesBehindAKeyUpdate) {
  Pair pair = make_pair(client_options(), server_options());
  pair.run();
  const TrafficKeys keys = pair.client.connection.hand_to_kernel().value().send.value();
  pair.server.input = sealed(keys, keys.sequence, ContentType::handshake, {24, 0, 0, 1, 0, 24});
  pair.server.run(test_now);
  ASSERT_TRUE(pair.server.error);
  EXPECT_EQ(pair.server.error->code, ErrorCode::message_across_key_change);
}

TEST(PostHandshakeRefusals, MoreTicketsThanTheLimit) {
  ClientOptions c = client_options();
  c.sessions = std::make_shared<PlainSessionStore>();
  c.common.limits.tickets = 1;
  ServerOptions s = server_options();
  s.tickets = RotatingTickets::fresh();
  Pair pair = make_pair(c, s);
  pair.run();
  ASSERT_TRUE(pair.client.error);
  EXPECT_EQ(pair.client.error->code, ErrorCode::too_many_tickets);
}

// RFC 9846 §4.7.1: tickets that nobody keeps are passed over, and no more of them than of the others.
TEST(PostHandshakeRefusals, MoreTicketsThanTheLimitWhereNoneAreKept) {
  ClientOptions c = client_options();
  c.common.limits.tickets = 1;
  ServerOptions s = server_options();
  s.tickets = RotatingTickets::fresh();
  Pair pair = make_pair(c, s);
  pair.run();
  ASSERT_TRUE(pair.client.error);
  EXPECT_EQ(pair.client.error->code, ErrorCode::too_many_tickets);
}

Pair connected_tls12() {
  ClientOptions c = client_options();
  c.common.versions = {ProtocolVersion::tls12, ProtocolVersion::tls12};
  Pair pair = make_pair(c, server_options());
  pair.run();
  EXPECT_TRUE(pair.both_done()) << pair.errors();
  return pair;
}

/// Why a connection that is in a kernel's hands fails at this handshake message; nothing if it does not.
std::optional<Error> refusal_after_handshake(Side& side, const Wire& content) {
  const Event event = side.connection.kernel_record(ContentType::handshake, content, side.output, test_now);
  if (const auto* failed = std::get_if<Failed>(&event)) return failed->error;
  EXPECT_TRUE(std::holds_alternative<NeedInput>(event));
  return std::nullopt;
}

// RFC 5246 §7.4.1.1, §7.2.2: a client declines with a warning and goes on, but not for ever.
TEST(PostHandshakeRefusals, HelloRequestInTls12IsAnsweredWithAWarning) {
  Pair pair = connected_tls12();
  Side& client = pair.client;
  (void)client.connection.hand_to_kernel().value();
  const Wire warning = {21, 3, 3, 0, 2, 1, 100};
  for (int i = 1; i <= 4; ++i) {
    EXPECT_FALSE(refusal_after_handshake(client, {0, 0}));  // may come in pieces
    EXPECT_FALSE(refusal_after_handshake(client, {0, 0}));
    EXPECT_EQ(to_vector(client.output.pending()), repeated(warning, i));
  }
  EXPECT_TRUE(client.connection.send(as_bytes("going on"), client.output));
  const auto error = refusal_after_handshake(client, {0, 0, 0, 0});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::renegotiation_refused);
  EXPECT_EQ(error->alert_to_send(), AlertDescription::handshake_failure);
}

TEST(PostHandshakeRefusals, HelloRequestWithABody) {
  for (const Wire& content : {Wire{0, 0, 0, 1, 1}, Wire{0, 0, 0, 1}}) {
    Pair pair = connected_tls12();
    (void)pair.client.connection.hand_to_kernel().value();
    const auto error = refusal_after_handshake(pair.client, content);
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, ErrorCode::decode_error);
  }
}

// RFC 5246 §7.2.1: nothing follows close_notify, no warning either.
TEST(PostHandshakeRefusals, HelloRequestThatCannotBeDeclined) {
  Pair pair = connected_tls12();
  (void)pair.client.connection.hand_to_kernel().value();
  ASSERT_TRUE(pair.client.connection.close_write(pair.client.output));
  const auto error = refusal_after_handshake(pair.client, {0, 0, 0, 0});
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::renegotiation_refused);
}

// The peer of one that declines goes on as well.
TEST(PostHandshakeRefusals, NoRenegotiationIsAWarningOnTheWire) {
  Pair pair = connected_tls12();
  auto halves = std::move(pair.client.connection).split().value();
  const Reply declined{Reply::Kind::alert, AlertDescription::no_renegotiation};
  ASSERT_TRUE(halves.send.answer(declined, pair.client.output));
  ASSERT_TRUE(halves.send.send(as_bytes("going on"), pair.client.output));
  pair.server.input = to_vector(pair.client.output.pending());
  pair.server.run(test_now);
  EXPECT_FALSE(pair.server.error);
  EXPECT_EQ(pair.server.text(), "going on");
}

TEST(KeyLimits, Rfc9846Section55InTls12) {
  static const AeadAlgorithm weak = [] {
    AeadAlgorithm aead = *default_provider().aead(AeadId::aes_128_gcm);
    aead.confidentiality_limit = 3;
    return aead;
  }();
  static const AeadAlgorithm* const aeads[] = {&weak};
  static const Provider provider = [] {
    Provider p = default_provider();
    p.aeads = aeads;
    return p;
  }();
  ClientOptions c = client_options();
  c.common.versions = {ProtocolVersion::tls12, ProtocolVersion::tls12};
  c.common.provider = &provider;
  Pair pair = make_pair(c, server_options());
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  Result<size_t> sent = size_t{0};
  for (int i = 0; i < 4 && sent; ++i) sent = pair.client.connection.send(as_bytes("x"), pair.client.output);
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().code, ErrorCode::key_exhausted);
}

// ----------------------------------------------------------------- messages altered between two cores

TEST(NegotiationRefusals, Versions) {
  ClientOptions c = client_options();
  c.common.versions = {ProtocolVersion::tls12, ProtocolVersion::tls12};
  ServerOptions s = server_options();
  s.common.versions = {ProtocolVersion::tls13, ProtocolVersion::tls13};
  EXPECT_EQ(refusal(c, s, leave_alone), ErrorCode::unsupported_version);
}

TEST(NegotiationRefusals, Rfc7507FallbackScsv) {
  ClientOptions c = client_options();
  c.common.versions = {ProtocolVersion::tls12, ProtocolVersion::tls12};
  const Wire suites = {0xc0, 0x2b, 0x56, 0x00};
  EXPECT_EQ(refusal(c, server_options(),
                    alter_hello(1, [&](ClientHello& h) { h.cipher_suites = U16List<CipherSuite>(suites); })),
            ErrorCode::inappropriate_fallback);
}

TEST(ServerHelloRefusals, AVersionThatWasNotOffered) {
  EXPECT_EQ(refusal(client_options(), server_options(),
                    alter_server_hello([](ServerHello& h) { h.selected_version = ProtocolVersion::tls11; })),
            ErrorCode::version_not_offered);
}

// RFC 5246 §E.1: no version before TLS 1.2 is spoken, whether it was offered or not.
TEST(ServerHelloRefusals, SslThreeAndTlsBeforeOnePointTwo) {
  ServerOptions s = server_options();
  s.common.versions = {ProtocolVersion::tls12, ProtocolVersion::tls12};
  for (const uint8_t minor : std::initializer_list<uint8_t>{0, 1, 2, 4}) {
    const Alter other_version = [minor](Toward toward, Wire& message) {
      if (toward == Toward::client && type_of(message) == HandshakeType::server_hello) message[5] = minor;
    };
    EXPECT_EQ(refusal(client_options(), s, other_version), ErrorCode::unsupported_version) << int{minor};
  }
}

TEST(ServerHelloRefusals, APskThatWasNotOffered) {
  const auto store = std::make_shared<PlainSessionStore>();
  ClientOptions c = client_options();
  c.sessions = store;
  ServerOptions s = server_options();
  s.tickets = RotatingTickets::fresh();
  const auto client_config = make_client_config(c).value();
  Pair first = make_pair(client_config, make_server_config(s).value());
  first.run();
  ASSERT_TRUE(first.both_done()) << first.errors();
  // Sessions belong to a config: carry it over to the one that refusal() makes.
  const auto sessions = store->sessions.begin()->second;
  struct Always : ClientSessionStore {
    explicit Always(ClientSessionPtr s) : session(std::move(s)) {}
    void put(const std::string&, ClientSessionPtr) override {}
    ClientSessionPtr take(const std::string&) override { return session; }
    ClientSessionPtr session;
  };
  c.sessions = std::make_shared<Always>(sessions.back());
  EXPECT_EQ(refusal(c, s, leave_alone), std::nullopt);
  EXPECT_EQ(refusal(c, s, alter_server_hello([](ServerHello& h) { h.selected_psk = 1; })),
            ErrorCode::psk_selected_unknown);
  // A client that does not know the ticket's secret (RFC 9846 §4.3.11.2).
  auto forged = std::make_shared<ClientSession>();
  const ClientSession& known = *sessions.back();
  forged->suite = known.suite;
  forged->ticket = known.ticket;
  forged->age_add = known.age_add;
  forged->lifetime = known.lifetime;
  forged->received = known.received;
  forged->secret = SecretBytes(size_t{32});
  c.sessions = std::make_shared<Always>(forged);
  EXPECT_EQ(refusal(c, s, leave_alone), ErrorCode::psk_binder_mismatch);
}

TEST(HelloRetryRefusals, ARetryThatChangesNothing) {
  const auto answer_with_retry = [](Toward toward, Wire& message) {
    if (toward != Toward::client || type_of(message) != HandshakeType::server_hello) return;
    const Wire original = message;
    const auto any = decode_server_hello(Bytes(original).subspan(4));
    const ServerHello hello = std::get<ServerHello>(any.value());
    HelloRetryRequest retry;
    retry.session_id_echo = hello.session_id_echo;
    retry.cipher_suite = hello.cipher_suite;
    retry.selected_version = ProtocolVersion::tls13;
    message = encode_message(retry);
  };
  EXPECT_EQ(refusal(client_options(), server_options(), answer_with_retry),
            ErrorCode::unnecessary_hello_retry);
}

TEST(HelloRetryRefusals, Rfc9846Section422) {
  ServerOptions s = server_options();
  s.common.groups = {NamedGroup::secp384r1};
  s.retry_cookie = RetryCookie::sent;
  const Wire other(32, 7);
  EXPECT_EQ(refusal(client_options(), s, leave_alone), std::nullopt);
  EXPECT_EQ(refusal(client_options(), s, alter_hello(2, [&](ClientHello& h) { h.cookie = other; })),
            ErrorCode::bad_cookie);
  EXPECT_EQ(refusal(client_options(), s, alter_hello(2, [&](ClientHello& h) { h.random = other; })),
            ErrorCode::hello_changed_after_retry);
}

TEST(CertificateRequestRefusals, AContextInTheHandshake) {
  ServerOptions s = server_options();
  s.client_auth = ClientAuth::required;
  s.client_roots = roots();
  const auto with_context = [](Toward toward, Wire& message) {
    if (toward != Toward::client || type_of(message) != HandshakeType::certificate_request) return;
    const Wire original = message;
    CertificateRequest request = CertificateRequest::decode(Bytes(original).subspan(4)).value();
    const uint8_t context[] = {1};
    request.context = context;
    message = encode_message(request);
  };
  EXPECT_EQ(refusal(client_options(), s, with_context), ErrorCode::nonempty_request_context);
}

TEST(EarlyData, RefusedDataIsSkippedUpToTheLimit) {
  Side client{Connection::client(make_client_config(client_options()).value(),
                                 ServerName::parse("localhost").value())};
  client.run(test_now);
  const Bytes pending = client.output.pending();
  const Wire original = bulla::to_vector(pending.subspan(5));
  ClientHello hello = ClientHello::decode(Bytes(original).subspan(4)).value();
  hello.early_data = true;
  const Wire altered = encode_client_hello(hello);
  Wire input = {22, 3, 1, static_cast<uint8_t>(altered.size() >> 8), static_cast<uint8_t>(altered.size())};
  input.insert(input.end(), altered.begin(), altered.end());
  Wire record = {23, 3, 3, 0x20, 0x00};
  record.resize(5 + 0x2000, 0x55);
  Side server{Connection::server(make_server_config(server_options()).value())};
  server.input = input;
  for (int i = 0; i < 2; ++i) server.input.insert(server.input.end(), record.begin(), record.end());
  server.run(test_now);
  EXPECT_FALSE(server.error) << server.error->explain();
  server.input = record;
  server.run(test_now);
  ASSERT_TRUE(server.error);
  EXPECT_EQ(server.error->code, ErrorCode::too_much_early_data);
}

}  // namespace
}  // namespace bulla::test
