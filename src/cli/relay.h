// Standard input to TLS, TLS to standard output: what connect and listen do with a connection. It drives the
// sans-I/O engine by hand, so that both directions move at the same time and neither holds up the other.
#pragma once

#include <bulla/connection.h>
#include <bulla/os.h>

#include <functional>

namespace bulla::cli {

class Relay {
 public:
  struct Hooks {
    /// Called once, after the handshake.
    std::function<void(const ConnectionInfo&)> on_handshake = {};
    /// Readable: end the connection in good order and return. -1: none.
    int stop_descriptor = -1;
  };
  Relay(Connection tls, Descriptor socket, Hooks hooks);

  enum class End : uint8_t { closed, stopped };
  /// Runs until both sides said that they send no more, the peer is gone after saying so, or a stop was
  /// wished. Errors: those of the handshake; truncated where the peer went away without close_notify.
  Result<End> run();

 private:
  enum class Turn : uint8_t { again, wait, end };
  Result<Turn> engine_turn();
  Result<Turn> deliver(Bytes bytes);
  Result<void> wait();
  Result<void> receive();
  Result<void> take_input();
  Result<void> flush();
  Result<void> close_write();
  Error cut_off();
  void hang_up() noexcept;
  bool wants_input() const noexcept;

  Connection tls_;
  Descriptor socket_;
  Hooks hooks_;
  ReceiveBuffer in_;
  Output out_;
  bool connected_ = false, peer_closed_ = false, peer_gone_ = false, write_closed_ = false;
  bool send_broken_ = false, stop_wished_ = false;
};

}  // namespace bulla::cli
