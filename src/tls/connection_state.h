// A connection: two halves, the facts, and, while it lasts, the handshake core whose driver this is.
#pragma once

#include "tls/core.h"
#include "tls/receive_state.h"
#include "tls/send_state.h"

#include <variant>

namespace bulla::tls {

struct ConnectionState final : Driver {
  ConnectionState(ClientConfigPtr config, ServerName name);
  explicit ConnectionState(ServerConfigPtr config);

  SendState send_half;
  ReceiveState receive_half;
  ConnectionInfo info = {};
  /// The handshake; freed when it is done and no operation of it is pending.
  std::unique_ptr<HandshakeCore> core;
  ExporterSecret exporter = {};
  HelloRandom client_random = {}, server_random = {};  ///< TLS 1.2 exporters need them
  const Suite* suite = nullptr;
  std::optional<Time> deadline = {};
  bool started = false;
  bool done = false;

  Event next(MutBytes& in, Output& out, Time now);
  Event end_of_input();
  Result<void> complete(OperationId id, Answer answer);
  Event kernel_record(ContentType type, Bytes plaintext, Output& out, Time now);
  Event fail(Error error, Output& out);
  /// Sends the alert (close_notify: none) and lets go of everything.
  void abandon(AlertDescription alert, Output& out);

  // Driver
  void send(EncryptionLevel level, Bytes message) override;
  void send_change_cipher_spec() override;
  Result<void> read_with(EncryptionLevel level, ReadKeys keys) override;
  Result<void> end_of_flight() override;
  void write_with(EncryptionLevel level, WriteKeys keys) override;
  void skip_early_data() override;

 private:
  using Step = Result<std::optional<Event>>;  ///< nothing: go on
  Step handshake_step(MutBytes& in, Time now);
  Step take_record(const Protection::Opened& record, Time now);
  Step finish();
  Result<void> begin(Time now);
  void flush_flight();
  void forget_secrets() noexcept;
  Event connected_event(Event event, Output& out);
  std::unique_ptr<TicketTaker> client_tickets(Connected& connected);

  std::vector<std::pair<OperationId, Answer>> answers_ = {};
  std::vector<uint8_t> flight_ = {};  ///< handshake messages of ours that share the next record
  Output* out_ = nullptr;             ///< during a call
  bool started_writing_ = false;
  bool resting_ = false;  ///< the core is in CONNECTED and has nothing to do before the next answer
};

}  // namespace bulla::tls
