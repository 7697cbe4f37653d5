// Tells a connection as it happens: a Tap that turns messages, decisions, key changes and alerts into lines
// for a person, in the order of the handshake. It writes nowhere; each line goes to the caller's function.
#pragma once

#include <bulla/connection.h>
#include <bulla/tap.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace bulla::explain {

/// Takes one line, without its end; safe for a terminal. The view lives during the call.
using LineSink = std::function<void(std::string_view line)>;

/// One narrator tells one connection at a time; a client's may tell one connection after another. It does not
/// lock: connections that run at the same time have one each. Never tells a secret.
class Narrator : public Tap {
 public:
  Narrator(Role role, LineSink lines) : role_(role), lines_(std::move(lines)) {}

  void on_record(const RecordSeen& record) override;
  void on_message(const MessageSeen& message) override;
  void on_secret(const SecretSeen& secret) override;
  void on_decision(const DecisionSeen& decision) override;
  void on_alert(Direction direction, AlertDescription alert) override;
  void on_error(const Error& error) override;

  /// To be called after HandshakeDone: tells what was agreed and who the peer is.
  void handshake_done(const ConnectionInfo& info);

 private:
  void step(Direction direction, const std::string& text);
  void note(const std::string& text);
  void peer_finished();
  void begin_connection();
  std::string_view peer() const noexcept { return role_ == Role::client ? "server" : "client"; }
  std::string_view self() const noexcept { return role_ == Role::client ? "client" : "server"; }

  const Role role_;
  const LineSink lines_;
  std::optional<ProtocolVersion> version_;
  /// The peer's Finished came, and what the engine says of it is still to be heard.
  bool finished_open_ = false;
  bool retried_ = false;
  bool done_ = false;
};

}  // namespace bulla::explain
