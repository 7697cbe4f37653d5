// Calls that a program should not make, or makes too late: none may send in the clear, crash, or bring a
// failed connection back.
#include "tls/connection_state.h"
#include "tls/pair.h"

#include <gtest/gtest.h>

namespace bulla::test {
namespace {

Pair connected(ClientOptions client = client_options(), ServerOptions server = server_options()) {
  Pair pair = make_pair(std::move(client), std::move(server));
  pair.run();
  EXPECT_TRUE(pair.both_done()) << pair.errors();
  return pair;
}

TEST(Misuse, BeforeTheHandshakeNothingCanBeSent) {
  Pair pair = make_pair(client_options(), server_options());
  Connection& c = pair.client.connection;
  Output out;
  EXPECT_EQ(c.send(as_bytes("early"), out).error().code, ErrorCode::not_connected);
  EXPECT_EQ(c.close_write(out).error().code, ErrorCode::not_connected);
  EXPECT_EQ(c.update_keys(KeyUpdateRequest::update_requested, out).error().code, ErrorCode::not_connected);
  EXPECT_EQ(c.export_secret("EXPERIMENTAL x", std::nullopt, 32).error().code, ErrorCode::not_connected);
  EXPECT_EQ(c.hand_to_kernel().error().code, ErrorCode::not_connected);
  const Event event = c.kernel_record(ContentType::handshake, as_bytes("x"), out, test_now);
  ASSERT_TRUE(std::holds_alternative<Failed>(event));
  EXPECT_EQ(std::get<Failed>(event).error.code, ErrorCode::not_connected);
  EXPECT_EQ(std::move(c).split().error().code, ErrorCode::not_connected);
  EXPECT_TRUE(out.empty());
}

/// What a connection is left with by `end`: nothing can be sent, received or derived.
void expect_dead(Connection& c) {
  Output out;
  EXPECT_FALSE(c.send(as_bytes("secret"), out));
  EXPECT_FALSE(c.update_keys(KeyUpdateRequest::update_requested, out));
  EXPECT_EQ(c.export_secret("EXPERIMENTAL x", std::nullopt, 32).error().code,
            ErrorCode::connection_failed_before);
  EXPECT_EQ(c.hand_to_kernel().error().code, ErrorCode::connection_failed_before);
  EXPECT_EQ(c.fail(AlertDescription::internal_error, out).error().code, ErrorCode::connection_failed_before);
  EXPECT_TRUE(
      std::holds_alternative<Failed>(c.kernel_record(ContentType::alert, as_bytes("x"), out, test_now)));
  EXPECT_TRUE(std::holds_alternative<Failed>(c.end_of_input()));
  EXPECT_EQ(std::move(c).split().error().code, ErrorCode::connection_failed_before);
  EXPECT_TRUE(out.empty());
}

TEST(Misuse, AfterAFailureNothingWorks) {
  Pair pair = connected();
  pair.server.input = {23, 3, 3, 0, 17, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};
  pair.server.run(test_now);
  ASSERT_TRUE(pair.server.error);
  EXPECT_EQ(pair.server.error->code, ErrorCode::bad_record_mac);
  expect_dead(pair.server.connection);
}

// RFC 9846 §6.2: after an error alert no more data, in either direction.
TEST(Misuse, AfterThePeersAlertNothingWorks) {
  Pair pair = connected();
  pair.client.connection.fail(AlertDescription::access_denied, pair.client.output).value();
  expect_dead(pair.client.connection);
  pair.run();
  ASSERT_TRUE(pair.server.error);
  EXPECT_EQ(pair.server.error->code, ErrorCode::peer_sent_alert);
  EXPECT_EQ(pair.server.error->alert, AlertDescription::access_denied);
  expect_dead(pair.server.connection);
}

// RFC 9846 §6.1: user_canceled MUST be followed by close_notify; a receiver goes on until that comes.
TEST(Misuse, UserCanceledIsFollowedByCloseNotify) {
  Pair pair = connected();
  pair.client.connection.fail(AlertDescription::user_canceled, pair.client.output).value();
  expect_dead(pair.client.connection);
  pair.run();
  EXPECT_FALSE(pair.server.error);
  EXPECT_TRUE(pair.server.closed);
}

// Durations that no clock can be added to are refused where they are said.
TEST(Misuse, DurationsBeyondReason) {
  for (const Seconds seconds : {Seconds::max(), Seconds::min(), Seconds{-1}, Seconds{366 * 24 * 3600}}) {
    ClientOptions client = client_options();
    client.common.limits.handshake_timeout = seconds;
    EXPECT_EQ(make_client_config(client).error().code, ErrorCode::bad_config);
    ServerOptions server = server_options();
    server.authentication_lifetime = seconds;
    EXPECT_EQ(make_server_config(server).error().code, ErrorCode::bad_config);
  }
}

// RFC 9846 §6.1, RFC 5246 §7.2.1: whoever hears close_notify in the midst of a handshake says it as well.
TEST(Misuse, CloseNotifyInTheHandshakeIsAnswered) {
  const std::vector<uint8_t> close_notify = {21, 3, 3, 0, 2, 1, 0};
  for (const auto version : {ProtocolVersion::tls12, ProtocolVersion::tls13}) {
    ClientOptions options = client_options();
    options.common.versions = {version, version};
    Pair pair = make_pair(options, server_options());
    for (Side* side : {&pair.client, &pair.server}) {
      side->run(test_now);
      side->output = {};
      side->input = close_notify;
      side->run(test_now);
      ASSERT_TRUE(side->error);
      EXPECT_EQ(side->error->code, ErrorCode::peer_sent_alert);
      EXPECT_EQ(to_vector(side->output.pending()), close_notify);
    }
  }
}

// But not where that would pass for the end of our data: the attacker's close_notify is in the clear, ours
// would be under keys that the peer trusts already.
TEST(Misuse, CloseNotifyFromAnAttackerIsNotMadeATrustedOne) {
  ServerOptions options = server_options();
  options.tickets = RotatingTickets::fresh();
  ClientOptions client = client_options();
  client.sessions = std::make_shared<PlainSessionStore>();
  for (const auto version : {ProtocolVersion::tls12, ProtocolVersion::tls13}) {
    client.common.versions = {version, version};
    const auto c = make_client_config(client).value();
    const auto s = make_server_config(options).value();
    make_pair(c, s).run();
    Pair pair = make_pair(c, s);
    // The client's first flight goes through, and the server's; then the attacker speaks for the client.
    int flights = 0;
    pair.wire = [&](Toward toward, std::vector<uint8_t> batch) {
      if (toward == Toward::client || ++flights == 1) return batch;
      return std::vector<uint8_t>{21, 3, 3, 0, 2, 1, 0};
    };
    pair.run();
    EXPECT_TRUE(pair.client.done);
    EXPECT_EQ(pair.client.connection.info().kind, HandshakeKind::resumed);
    ASSERT_TRUE(pair.server.error);
    EXPECT_EQ(pair.server.error->code, ErrorCode::peer_sent_alert);
    EXPECT_FALSE(pair.client.closed);
    EXPECT_TRUE(std::holds_alternative<Truncated>(pair.client.connection.end_of_input()));
  }
}

// RFC 5246 §7.2.2: no_renegotiation is always a warning: nothing to end a connection with.
TEST(Misuse, NoRenegotiationIsNoEnd) {
  Pair pair = connected();
  EXPECT_EQ(pair.client.connection.fail(AlertDescription::no_renegotiation, pair.client.output).error().code,
            ErrorCode::bad_argument);
  EXPECT_TRUE(pair.client.output.empty());
  pair.client.send("going on");
  pair.run();
  EXPECT_EQ(pair.server.text(), "going on");
}

// The buffer's memory may move while it is written to.
TEST(MisuseDeathTest, WhatIsSentLiesInTheOutput) {
  Pair pair = connected();
  Output& out = pair.client.output;
  pair.client.send("pending");
  EXPECT_DEATH((void)pair.client.connection.send(out.pending(), out), "lies in the buffer");
  const Bytes pieces[] = {as_bytes("x"), out.pending().last(1)};
  EXPECT_DEATH((void)pair.client.connection.send(pieces, out), "lies in the buffer");
}

TEST(MisuseDeathTest, WithoutAConfigTheProgramEndsWithAReason) {
  EXPECT_DEATH(Connection::client(nullptr, ServerName::parse("localhost").value()),
               "make_client_config looked at");
  EXPECT_DEATH(Connection::server(nullptr), "make_server_config looked at");
}

// A proof needs a reason: without one the config is refused, not the certificate when it comes.
TEST(Misuse, AcceptingAnyCertificateForNoReason) {
  ClientOptions client = client_options();
  client.roots.reset();
  client.verifier = dangerous::accept_any_certificate("");
  EXPECT_EQ(make_client_config(client).error().code, ErrorCode::bad_config);
  ServerOptions server = server_options();
  server.client_auth = ClientAuth::optional;
  server.client_verifier = dangerous::accept_any_certificate("");
  EXPECT_EQ(make_server_config(server).error().code, ErrorCode::bad_config);
}

// What a connection leaves behind when it is split has no keys: it must not write without them.
TEST(Misuse, AConnectionThatWasSplitIsEmpty) {
  Pair pair = connected();
  Connection& c = pair.client.connection;
  auto halves = std::move(c).split();
  ASSERT_TRUE(halves);
  Output out;
  EXPECT_EQ(c.send(as_bytes("secret"), out).error().code, ErrorCode::write_side_closed);
  EXPECT_TRUE(c.close_write(out));
  EXPECT_FALSE(c.update_keys(KeyUpdateRequest::update_requested, out));
  EXPECT_FALSE(c.fail(AlertDescription::internal_error, out));
  EXPECT_FALSE(std::move(c).split());
  EXPECT_FALSE(c.hand_to_kernel());
  uint8_t clear[] = {23, 3, 3, 0, 2, 'h', 'i'};
  MutBytes in(clear);
  EXPECT_TRUE(std::holds_alternative<Failed>(c.next(in, out, test_now)));
  EXPECT_TRUE(out.empty());
  // Exporting comes before: no secret outlives the halves here. The facts are in both places.
  EXPECT_EQ(c.export_secret("EXPERIMENTAL x", std::nullopt, 32).error().code, ErrorCode::not_connected);
  EXPECT_FALSE(c.handshake_done());
  EXPECT_EQ(c.info().version, halves->info.version);
}

// Once the kernel opens the records, next() has no keys: plaintext off the wire must not pass for data.
TEST(Misuse, AfterTheKernelTookOverNoRecordsComeThroughNext) {
  Pair pair = connected();
  Connection& c = pair.client.connection;
  (void)c.hand_to_kernel().value();
  MutBytes none;
  Output out;
  EXPECT_TRUE(std::holds_alternative<NeedInput>(c.next(none, out, test_now)));
  uint8_t clear[] = {23, 3, 3, 0, 2, 'h', 'i'};
  MutBytes in(clear);
  const Event event = c.next(in, out, test_now);
  ASSERT_TRUE(std::holds_alternative<Failed>(event));
  EXPECT_EQ(std::get<Failed>(event).error.code, ErrorCode::bad_argument);
}

TEST(Misuse, KernelRecordsWithoutAKernel) {
  Pair pair = connected();
  const uint8_t key_update[] = {24, 0, 0, 1, 0};
  Output out;
  EXPECT_TRUE(std::holds_alternative<Failed>(
      pair.client.connection.kernel_record(ContentType::handshake, key_update, out, test_now)));
  pair.client.send("still alive");
  pair.run();
  EXPECT_EQ(pair.server.text(), "still alive");
}

// RFC 9846 §6.1: close_notify comes before the end of the write side, whatever the peer has ended before.
TEST(Misuse, CloseWriteWorksAfterTheEndOfInput) {
  for (const bool in_order : {false, true}) {
    Pair pair = connected();
    if (in_order) pair.server.connection.close_write(pair.server.output).value();
    pair.run();
    const Event end = pair.client.connection.end_of_input();
    EXPECT_EQ(std::holds_alternative<PeerClosed>(end), in_order);
    EXPECT_EQ(std::holds_alternative<Truncated>(end), !in_order);
    EXPECT_TRUE(pair.client.connection.close_write(pair.client.output));
    pair.run();
    EXPECT_TRUE(pair.server.closed);
  }
}

TEST(Misuse, AfterCloseWriteNothingIsSent) {
  Pair pair = connected();
  pair.client.connection.close_write(pair.client.output).value();
  EXPECT_EQ(pair.client.connection.send(as_bytes("late"), pair.client.output).error().code,
            ErrorCode::write_side_closed);
  EXPECT_EQ(
      pair.client.connection.update_keys(KeyUpdateRequest::update_requested, pair.client.output).error().code,
      ErrorCode::write_side_closed);
  const size_t before = pair.client.output.pending().size();
  EXPECT_TRUE(pair.client.connection.close_write(pair.client.output));
  EXPECT_EQ(pair.client.output.pending().size(), before);
  // RFC 9846 §6.1: the other direction stays open.
  pair.server.send("half-close");
  pair.run();
  EXPECT_TRUE(pair.server.closed);
  EXPECT_EQ(pair.client.text(), "half-close");
}

// RFC 9846 §6.1: nothing follows close_notify, not even a ticket whose sealing took its time.
TEST(Misuse, NoTicketAfterCloseNotify) {
  ServerOptions s = server_options();
  s.tickets = RotatingTickets::fresh();
  s.common.external_operations = OperationSet{OperationKind::seal_ticket};
  const auto config = make_server_config(s).value();
  Pair pair = make_pair(make_client_config(client_options()).value(), config);
  pair.run();
  ASSERT_TRUE(pair.both_done()) << pair.errors();
  ASSERT_FALSE(pair.server.operations.empty());
  pair.server.connection.close_write(pair.server.output).value();
  const size_t closed = pair.server.output.pending().size();
  for (const Operation& operation : pair.server.operations)
    pair.server.connection.complete(operation.id, perform(operation, config->services())).value();
  pair.server.run(test_now);
  EXPECT_EQ(pair.server.output.pending().size(), closed);
}

// --------------------------------------------------------------------------------------- useless answers

/// A client handshake whose first operation of `kind` is answered with `answer`.
std::optional<ErrorCode> answered_with(OperationKind kind, Answer answer) {
  ClientOptions c = client_options();
  c.common.external_operations = OperationSet{kind};
  Pair pair = make_pair(c, server_options());
  pair.run();
  EXPECT_FALSE(pair.client.operations.empty());
  if (pair.client.operations.empty()) return std::nullopt;
  pair.client.connection.complete(pair.client.operations.front().id, std::move(answer)).value();
  pair.client.run(test_now);
  if (!pair.client.error) return std::nullopt;
  return pair.client.error->code;
}

// An empty secret is one that everybody knows.
TEST(UselessAnswers, EmptySecretsAndSharesAreRefused) {
  EXPECT_EQ(answered_with(OperationKind::decapsulate, SharedSecret{}), ErrorCode::operation_failed);
  EXPECT_EQ(answered_with(OperationKind::generate_share, KeyPair{}), ErrorCode::operation_failed);
  EXPECT_EQ(answered_with(OperationKind::generate_share,
                          KeyPair{SecretBytes(size_t{32}), std::vector<uint8_t>(70000)}),
            ErrorCode::operation_failed);
}

TEST(UselessAnswers, EmptyAndOversizedSignaturesAreRefused) {
  for (const size_t size : {size_t{0}, size_t{70000}}) {
    ServerOptions s = server_options();
    s.common.external_operations = OperationSet{OperationKind::sign};
    Pair pair = make_pair(client_options(), s);
    pair.run();
    ASSERT_FALSE(pair.server.operations.empty());
    pair.server.connection.complete(pair.server.operations.front().id, Signature{std::vector<uint8_t>(size)})
        .value();
    pair.server.run(test_now);
    ASSERT_TRUE(pair.server.error);
    EXPECT_EQ(pair.server.error->code, ErrorCode::operation_failed);
  }
}

TEST(UselessAnswers, AnOversizedTicketIsNone) {
  struct Vast : TicketSealer {
    std::vector<uint8_t> seal(Bytes, Time) const override { return std::vector<uint8_t>(70000); }
    std::optional<SecretBytes> open(Bytes, Time) const override { return std::nullopt; }
  };
  for (const auto version : {ProtocolVersion::tls12, ProtocolVersion::tls13}) {
    const auto store = std::make_shared<PlainSessionStore>();
    ClientOptions c = client_options();
    c.sessions = store;
    c.common.versions = {version, version};
    ServerOptions s = server_options();
    s.tickets = std::make_shared<Vast>();
    Pair pair = make_pair(c, s);
    pair.run();
    EXPECT_TRUE(pair.both_done()) << pair.errors();
    for (const auto& [key, sessions] : store->sessions) EXPECT_TRUE(sessions.empty());
  }
}

// --------------------------------------------------------------------------------------------- exporters

TEST(Exporter, Rfc9846Section75BothSidesAgreeAndContextsDiffer) {
  for (const auto version : {ProtocolVersion::tls12, ProtocolVersion::tls13}) {
    ClientOptions c = client_options();
    c.common.versions = {version, version};
    Pair pair = connected(c);
    const auto of = [](Side& side, std::string_view label, std::optional<Bytes> context) {
      return to_hex(side.connection.export_secret(label, context, 32).value().reveal());
    };
    const Bytes context = as_bytes("context"), empty;
    EXPECT_EQ(of(pair.client, "EXPERIMENTAL a", context), of(pair.server, "EXPERIMENTAL a", context));
    EXPECT_NE(of(pair.client, "EXPERIMENTAL a", context), of(pair.client, "EXPERIMENTAL b", context));
    EXPECT_NE(of(pair.client, "EXPERIMENTAL a", context), of(pair.client, "EXPERIMENTAL a", std::nullopt));
    // RFC 9846 §7.5: no context and an empty one are the same, which they are not in RFC 5705 §4.
    EXPECT_EQ(of(pair.client, "EXPERIMENTAL a", empty) == of(pair.client, "EXPERIMENTAL a", std::nullopt),
              version == ProtocolVersion::tls13);
  }
}

// RFC 7627 §5.4: "it MUST NOT export any key material" from a session resumed without the extension.
TEST(Exporter, NotFromASessionResumedWithoutExtendedMasterSecret) {
  using enum HandshakeKind;
  const auto may = [](HandshakeKind kind, bool extended) {
    ConnectionInfo info;
    info.kind = kind;
    info.extended_master_secret = extended;
    return tls::may_export(info);
  };
  EXPECT_FALSE(may(resumed, false));
  EXPECT_TRUE(may(resumed, true));
  EXPECT_TRUE(may(full, false));
  EXPECT_TRUE(may(full, true));
}

TEST(Exporter, LabelsAndSizesThatCannotBe) {
  Pair pair = connected();
  const auto refused = [&](std::string_view label, size_t size) {
    const auto result = pair.client.connection.export_secret(label, std::nullopt, size);
    return !result && result.error().code == ErrorCode::bad_argument;
  };
  EXPECT_TRUE(refused("EXPERIMENTAL x", 0));
  EXPECT_TRUE(refused("EXPERIMENTAL x", 255 * 32 + 1));
  EXPECT_TRUE(refused(std::string(241, 'x'), 32));
  // RFC 5705 §4, §6: reserved, since TLS itself derives with them.
  for (const char* label :
       {"client finished", "server finished", "master secret", "extended master secret", "key expansion"})
    EXPECT_TRUE(refused(label, 32)) << label;
  const std::vector<uint8_t> long_context(0x10000);
  EXPECT_EQ(pair.client.connection.export_secret("EXPERIMENTAL x", Bytes(long_context), 32).error().code,
            ErrorCode::bad_argument);
}

}  // namespace
}  // namespace bulla::test
