// The narrator, on whole handshakes in memory and on messages made by hand.
#include "explain/narrator.h"
#include "explain/message_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace bulla::explain {
namespace {

using testing::HasSubstr;
using testing::Not;

/// 2026-12-01T00:00:00Z: within the validity of the certificates in tests/tls/data.
const Time clock_of_tests = Time(Milliseconds(1796083200000));

std::string data_file(const std::string& name) {
  std::ifstream file(std::string(BULLA_SOURCE_DIR) + "/tests/tls/data/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The lines of one narrator, one text.
struct Told {
  std::string text;
  std::shared_ptr<Narrator> narrator;
  explicit Told(Role role)
      : narrator(std::make_shared<Narrator>(
            role, [this](std::string_view line) { text += std::string(line) + '\n'; })) {}
};

/// A client and a server that were driven as far as they come.
struct Conversation {
  Told client{Role::client}, server{Role::server};
  std::vector<std::string> secrets;

  /// Notes down every secret, so that tests can look for it.
  struct Listener : KeyLog {
    explicit Listener(std::vector<std::string>& lines) : to(lines) {}
    void write(std::string_view line) override { to.emplace_back(line.substr(line.rfind(' ') + 1)); }
    std::vector<std::string>& to;
  };

  void run(ClientOptions client_options, ServerOptions server_options) {
    client_options.common.tap = client.narrator;
    client_options.common.key_log = std::make_shared<Listener>(secrets);
    server_options.common.tap = server.narrator;
    if (!client_options.roots) {
      client_options.roots.emplace();
      ASSERT_TRUE(client_options.roots->add(as_bytes(data_file("ca.pem"))));
    }
    server_options.identity =
        Identity::from_bytes(as_bytes(data_file("p256.pem")), as_bytes(data_file("p256.key.pem"))).value();
    auto a = Connection::client(make_client_config(std::move(client_options)).value(),
                                ServerName::parse("localhost").value());
    auto b = Connection::server(make_server_config(std::move(server_options)).value());
    Output from_a, from_b;
    for (int round = 0; round < 8; ++round) {
      step(a, from_b, from_a, *client.narrator);
      step(b, from_a, from_b, *server.narrator);
    }
  }

  static void step(Connection& connection, Output& in, Output& out, Narrator& narrator) {
    std::vector<uint8_t> input = to_vector(in.pending());
    in.clear();
    MutBytes unread = input;
    for (;;) {
      const Event event = connection.next(unread, out, clock_of_tests);
      if (std::holds_alternative<HandshakeDone>(event)) narrator.handshake_done(connection.info());
      if (std::holds_alternative<NeedInput>(event) || std::holds_alternative<Failed>(event)) return;
    }
  }
};

/// The pieces stand in this order.
void expect_in_order(const std::string& text, std::initializer_list<const char*> pieces) {
  size_t at = 0;
  for (const char* piece : pieces) {
    const size_t found = text.find(piece, at);
    ASSERT_NE(found, std::string::npos) << "no \"" << piece << "\" behind position " << at << " in\n" << text;
    at = found + 1;
  }
}

TEST(Narrator, TellsBothSidesOfATls13HandshakeInOrder) {
  Conversation talk;
  talk.run({}, {});
  expect_in_order(
      talk.client.text,
      {"→ ClientHello", "versions", "← ServerHello", "agreed: version TLS 1.3",
       "keys:", "← EncryptedExtensions", "← Certificate", "← CertificateVerify", "verified: the server holds",
       "← Finished", "verified: the server's Finished", "→ Finished", "✔ handshake complete", "verified: "});
  expect_in_order(talk.server.text, {"← ClientHello", "agreed: version TLS 1.3", "→ ServerHello",
                                     "→ EncryptedExtensions", "→ Certificate", "→ CertificateVerify",
                                     "→ Finished", "← Finished", "verified: the client's Finished", "✔"});
}

TEST(Narrator, TellsATls12Handshake) {
  Conversation talk;
  ClientOptions client;
  client.common.versions = {ProtocolVersion::tls12, ProtocolVersion::tls12};
  talk.run(std::move(client), {});
  expect_in_order(talk.client.text,
                  {"← ServerHello", "agreed: version TLS 1.2", "← Certificate", "← ServerKeyExchange",
                   "→ ClientKeyExchange", "→ ChangeCipherSpec", "→ Finished", "← ChangeCipherSpec",
                   "← Finished", "✔ handshake complete: TLS 1.2"});
}

TEST(Narrator, KeepsSecretsToItself) {
  Conversation talk;
  talk.run({}, {});
  ASSERT_GE(talk.secrets.size(), 5u);
  for (const std::string& secret : talk.secrets)
    EXPECT_THAT(talk.client.text + talk.server.text, Not(HasSubstr(secret)));
}

TEST(Narrator, TellsARetryWithinOneConnection) {
  Conversation talk;
  ServerOptions server;
  server.common.groups = {NamedGroup::secp384r1};
  talk.run({}, std::move(server));
  expect_in_order(talk.client.text, {"→ ClientHello", "← HelloRetryRequest", "→ ClientHello", "← ServerHello",
                                     "after a HelloRetryRequest"});
}

TEST(Narrator, SaysThatNobodyWasVerified) {
  Told told(Role::client);
  ConnectionInfo info;
  info.asserted_because = "a test wants it so";
  told.narrator->handshake_done(info);
  EXPECT_THAT(told.text, HasSubstr("NOT verified who the server is: a test wants it so"));
}

TEST(Narrator, TellsAFailureAndNoVerification) {
  Conversation talk;
  ClientOptions client;
  client.roots.emplace();  // trusts nobody
  talk.run(std::move(client), {});
  EXPECT_THAT(talk.client.text, HasSubstr("→ alert unknown_ca"));
  EXPECT_THAT(talk.client.text, HasSubstr("✘ "));
  EXPECT_THAT(talk.client.text, Not(HasSubstr("✔")));
  EXPECT_THAT(talk.client.text, Not(HasSubstr("verified")));
  EXPECT_THAT(talk.server.text, HasSubstr("← alert unknown_ca"));
}

TEST(Narrator, DoesNotCallARefusedFinishedVerified) {
  Told told(Role::client);
  const uint8_t finished[] = {20, 0, 0, 4, 1, 2, 3, 4};
  told.narrator->on_message(
      {Direction::received, EncryptionLevel::handshake, HandshakeType::finished, finished});
  told.narrator->on_error(Error{ErrorCode::finished_mismatch});
  told.narrator->on_alert(Direction::sent, AlertDescription::decrypt_error);
  EXPECT_THAT(told.text, Not(HasSubstr("verified")));
  EXPECT_THAT(told.text, HasSubstr("→ alert decrypt_error"));
}

TEST(Narrator, WhatThePeerChoseIsSafeForATerminal) {
  Told told(Role::server);
  told.narrator->on_decision({"alpn", "\x1b[31mred"});
  told.narrator->on_error(Error{ErrorCode::decode_error, "\x1b]0;title\x07"});
  EXPECT_THAT(told.text, Not(HasSubstr("\x1b")));
}

TEST(MessageText, WhatDoesNotParseIsSaid) {
  const std::vector<std::vector<uint8_t>> broken = {{},
                                                    {1},
                                                    {1, 0, 0, 0},
                                                    {2, 0, 0, 2, 3, 3},
                                                    {11, 0, 0, 1, 9},
                                                    {13, 0, 0, 0},
                                                    {15, 0, 0, 1, 0},
                                                    {12, 0, 0, 1, 3},
                                                    {4, 0, 0, 1, 0}};
  for (const auto& bytes : broken) {
    const auto type = bytes.empty() ? HandshakeType::client_hello : static_cast<HandshakeType>(bytes[0]);
    for (const auto version : {ProtocolVersion::tls12, ProtocolVersion::tls13}) {
      const MessageText text =
          describe_message({Direction::received, EncryptionLevel::initial, type, bytes}, version);
      ASSERT_FALSE(text.facts.empty()) << text.headline;
      EXPECT_THAT(text.facts.back(), HasSubstr("cannot be parsed")) << text.headline;
    }
  }
}

TEST(MessageText, UnknownTypesKeepTheirNumber) {
  const uint8_t bytes[] = {99, 0, 0, 0};
  const auto text =
      describe_message({Direction::received, EncryptionLevel::initial, HandshakeType{99}, bytes}, {});
  EXPECT_EQ(text.headline, "0x63, 4 bytes");
}

}  // namespace
}  // namespace bulla::explain
