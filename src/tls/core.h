// The handshake core: takes and emits handshake messages tagged with an encryption level, and announces the
// keys of each level. It knows no records: the record layer is its first driver (connection_state.h), QUIC
// can be another, and a test drives two cores against each other with nothing between them.
#pragma once

#include "tls/change_cipher_spec.h"
#include "tls/connected.h"

#include <bulla/event.h>

#include <memory>

namespace bulla::tls {

/// One handshake of either role. Freed when it is done: see ConnectionState.
class HandshakeCore {
 public:
  virtual ~HandshakeCore() = default;

  /// A client sends its ClientHello; a server does nothing.
  virtual Result<void> start(Time now) = 0;
  /// One whole handshake message that arrived under `level`.
  virtual Result<void> receive(EncryptionLevel level, Bytes whole, Time now) = 0;
  /// A change_cipher_spec record: expected in TLS 1.2, dropped during a 1.3 handshake, refused otherwise.
  virtual Result<void> receive_change_cipher_spec(Time now) = 0;
  /// Whether `answer` is of the type that the pending operation `id` wants: unknown_operation.
  virtual Result<void> check_answer(OperationId id, const Answer& answer) const = 0;
  /// The answer to an operation that take_operation() gave out.
  virtual Result<void> complete(OperationId id, Answer answer, Time now) = 0;
  /// Operations of these kinds are to be answered outside too, beside those of the config.
  virtual void hand_out(OperationSet kinds) = 0;
  /// The next operation that is to be answered outside, if any.
  virtual std::optional<Operation> take_operation() = 0;

  /// Only answers bring the present state forward: give it no message.
  virtual bool awaits_answer() const noexcept = 0;
  /// Answers are outstanding, whether or not the state needs them.
  virtual bool has_pending_operations() const noexcept = 0;
  /// The state's name as the RFC spells it.
  virtual std::string_view state() const noexcept = 0;
  /// What the handshake left behind once it is in CONNECTED; nullptr before.
  virtual Connected* connected() noexcept = 0;
  virtual const Context& context() const noexcept = 0;
};

std::unique_ptr<HandshakeCore> make_client_core(const ClientConfig& config, ServerName name, Driver& driver,
                                                ConnectionInfo& info);
std::unique_ptr<HandshakeCore> make_server_core(const ServerConfig& config, Driver& driver,
                                                ConnectionInfo& info);

}  // namespace bulla::tls
