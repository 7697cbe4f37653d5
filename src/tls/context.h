// What all states of one handshake share, and the driver below them: the record layer, or QUIC, or a test.
#pragma once

#include "tls/msg/message.h"
#include "tls/record/keys.h"
#include "tls/transcript.h"

#include <bulla/config.h>
#include <bulla/connection.h>

#include <array>

namespace bulla::tls {

/// The handshake core's only way out. Calls come in the order in which things must happen.
class Driver {
 public:
  virtual ~Driver() = default;
  /// Sends one whole handshake message under `level`.
  virtual void send(EncryptionLevel level, Bytes message) = 0;
  /// TLS 1.2, and 1.3 for the sake of middleboxes (RFC 9846 §E.4).
  virtual void send_change_cipher_spec() = 0;
  /// Everything received after the present message is under these keys. message_across_key_change if
  /// handshake bytes of the old keys are left over (RFC 9846 §5.1).
  virtual Result<void> read_with(EncryptionLevel level, ReadKeys keys) = 0;
  virtual void write_with(EncryptionLevel level, WriteKeys keys) = 0;
  /// The present message ends the peer's flight: message_across_key_change if it has begun another one, which
  /// it can only write when it knows our answer.
  virtual Result<void> end_of_flight() { return {}; }
  /// A server without 0-RTT: records that do not decrypt are early data, skipped up to the limit (RFC 9846
  /// §4.3.10).
  virtual void skip_early_data() {}
};

/// An answer together with the operation that it answers.
template <class T>
struct Answered {
  OperationId id;
  T value;
};

using HelloRandom = std::array<uint8_t, 32>;

struct Context {
  Context(const CommonOptions& common_options, const Services& bound_services, Driver& below,
          ConnectionInfo& facts)
      : common(common_options), services(bound_services), driver(below), info(facts) {}

  const CommonOptions& common;
  const Services& services;
  Driver& driver;
  ConnectionInfo& info;
  Time now = {};
  Bytes received =
      {};  ///< the whole message being handled, header included; handlers add it to the transcript
  Transcript transcript = {};
  HelloRandom client_random = {}, server_random = {};
  /// A resumed session's: when the full handshake was from which it descends.
  std::optional<Time> authenticated = {};
  /// Operations that the present handler asked for; the core answers them or hands them out.
  std::vector<Operation> operations = {};

  const Provider& provider() const noexcept { return *services.provider; }
  Random& random() const noexcept { return *services.random; }
  const HashAlgorithm& hash_of(const Suite& suite) const noexcept { return *provider().hash(suite.hash); }

  /// Asks for slow work; the answer comes to a later state's on(Answered<…>).
  template <class Request>
  OperationId request(Request request) {
    const auto id = OperationId{++last_operation_};
    operations.push_back(Operation{id, std::move(request)});
    return id;
  }

  /// Adds a message of ours to the transcript and sends it.
  void send(EncryptionLevel level, Bytes whole);
  template <class Message>
  void send(EncryptionLevel level, const Message& message) {
    std::vector<uint8_t> whole = encode_message(message);
    shape(whole);
    send(level, Bytes(whole));
  }
  /// What the config's wire_shape makes of a message of ours: nothing, where there is none.
  void shape(std::vector<uint8_t>& whole) const;
  /// Tells key log and tap (RFC 9850).
  void log_secret(std::string_view label, Bytes secret) const;
  /// Tells the tap what was decided.
  void decided(std::string_view what, std::string value) const;

 private:
  uint32_t last_operation_ = 0;
};

struct ClientContext : Context {
  ClientContext(const ClientConfig& configuration, ServerName peer, Driver& below, ConnectionInfo& facts)
      : Context(configuration.common(), configuration.services(), below, facts),
        config(configuration),
        name(std::move(peer)) {}
  const ClientConfig& config;
  ServerName name;                      ///< what the server's certificate must carry
  bool compatibility_ccs_sent = false;  ///< RFC 9846 §E.4: once in a handshake
};

struct ServerContext : Context {
  ServerContext(const ServerConfig& configuration, Driver& below, ConnectionInfo& facts)
      : Context(configuration.common(), configuration.services(), below, facts), config(configuration) {}
  const ServerConfig& config;
};

}  // namespace bulla::tls
