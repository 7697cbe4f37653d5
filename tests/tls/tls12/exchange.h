// A client core and a server core of TLS 1.2 with nothing between them but messages, which tests may look
// into, alter, drop and add to.
#pragma once

#include "tls/core.h"
#include "tls/msg/authentication.h"
#include "tls/msg/client_hello.h"
#include "tls/msg/server_hello.h"
#include "tls/msg/tls12.h"
#include "tls/pair.h"

#include <deque>
#include <functional>
#include <memory>

namespace bulla::test {

/// A handshake message on its way, or a change_cipher_spec.
struct Letter {
  EncryptionLevel level;
  std::vector<uint8_t> bytes;  ///< whole, header included; empty: change_cipher_spec

  bool is_change_cipher_spec() const noexcept { return bytes.empty(); }
  bool is(HandshakeType type) const noexcept {
    return !bytes.empty() && bytes[0] == static_cast<uint8_t>(type);
  }
};

/// Keeps what a core sends, and the keys that it announces.
class Mailbox : public tls::Driver {
 public:
  void send(EncryptionLevel level, Bytes message) override { sent.push_back({level, to_vector(message)}); }
  void send_change_cipher_spec() override { sent.push_back({EncryptionLevel::initial, {}}); }
  Result<void> read_with(EncryptionLevel, tls::ReadKeys keys) override {
    read_key = text_of(keys);
    return {};
  }
  void write_with(EncryptionLevel, tls::WriteKeys keys) override { write_key = text_of(keys); }

  std::deque<Letter> sent;
  std::string read_key, write_key;

 private:
  static std::string text_of(const tls::DirectionKeys& keys) {
    return name_of(keys.version) + ' ' + name_of(keys.suite->id) + ' ' + to_hex(keys.secret.reveal()) + ' ' +
           to_hex(keys.iv);
  }
};

/// The secrets, decisions and key-log lines of one side.
struct Notes : Tap {
  void on_secret(const SecretSeen& s) override {
    secrets.push_back(std::string(s.label) + ' ' + to_hex(s.secret));
  }
  void on_decision(const DecisionSeen& d) override { decisions.push_back(std::string(d.what)); }
  std::vector<std::string> secrets, decisions;
};

struct Exchange {
  ClientConfigPtr client_config;
  ServerConfigPtr server_config;
  Time now = test_now + Seconds{24 * 3600};
  /// What becomes of a letter: nothing, itself, or several. Default: itself.
  std::function<std::vector<Letter>(Toward, Letter)> wire = {};

  Mailbox client_box = {}, server_box = {};
  ConnectionInfo client_info = {}, server_info = {};
  std::unique_ptr<tls::HandshakeCore> client = {}, server = {};
  std::optional<Error> client_error = {}, server_error = {};
  std::vector<Letter> to_server = {}, to_client = {};  ///< as delivered

  /// Goes on until nobody has anything to say, or a side has failed. Operations that leave the engine stop it
  /// too.
  void run();
  bool done() const { return client && client->connected() && server->connected(); }
  std::string errors() const;
  /// What happened to that side, or `internal` if nothing did.
  ErrorCode client_code() const { return client_error ? client_error->code : ErrorCode::internal; }
  ErrorCode server_code() const { return server_error ? server_error->code : ErrorCode::internal; }
  size_t count(Toward toward, HandshakeType type) const;

 private:
  bool move(Mailbox& from, tls::HandshakeCore& to, Toward toward, std::optional<Error>& error);
};

/// Options for TLS 1.2 alone, as most tests here want them; identities as in pair.h.
ClientOptions client12();
ServerOptions server12(const std::string& identity_name = "p256");

std::unique_ptr<Exchange> exchange(ClientOptions client, ServerOptions server);
std::unique_ptr<Exchange> exchange(ClientConfigPtr client, ServerConfigPtr server);

using Wire = std::function<std::vector<Letter>(Toward, Letter)>;

/// A wire that alters the body of every message of that type.
Wire altering_bytes(HandshakeType type, std::function<void(std::vector<uint8_t>& body)> change);
/// A wire that decodes the messages of type `M`, lets `change` alter them, and encodes them again. What the
/// altered message views must outlive the test.
template <class M>
Wire altering(std::function<void(M&)> change);
template <>
Wire altering(std::function<void(tls::ClientHello&)> change);
template <>
Wire altering(std::function<void(tls::ServerHello12&)> change);
template <>
Wire altering(std::function<void(tls::Certificate12&)> change);
template <>
Wire altering(std::function<void(tls::ServerKeyExchange&)> change);
template <>
Wire altering(std::function<void(tls::CertificateRequest12&)> change);
template <>
Wire altering(std::function<void(tls::ClientKeyExchange&)> change);
template <>
Wire altering(std::function<void(tls::CertificateVerify&)> change);
/// A wire that sends `extra` before the first message of that type.
Wire inserting(HandshakeType before, std::vector<uint8_t> extra);
/// Wires that leave out, or double, the n-th letter toward one side.
Wire dropping(Toward toward, size_t n);
Wire doubling(Toward toward, size_t n);

}  // namespace bulla::test
