// The public face: each call goes to the state behind it.
#include <bulla/connection.h>

#include "base/assert.h"
#include "tls/connection_state.h"
#include "tls/tls12/key_schedule.h"
#include "tls/tls13/key_schedule.h"

namespace bulla {

Connection Connection::client(ClientConfigPtr config, ServerName name) {
  BULLA_ASSERT(config, "a connection needs a config; was the result of make_client_config looked at?");
  return Connection(std::make_unique<tls::ConnectionState>(std::move(config), std::move(name)));
}
Connection Connection::server(ServerConfigPtr config) {
  BULLA_ASSERT(config, "a connection needs a config; was the result of make_server_config looked at?");
  return Connection(std::make_unique<tls::ConnectionState>(std::move(config)));
}

Connection::Connection(std::unique_ptr<tls::ConnectionState> state) noexcept : state_(std::move(state)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

Event Connection::next(MutBytes& in, Output& out, Time now) {
  return state_->next(in, out, now);
}
Event Connection::end_of_input() {
  return state_->end_of_input();
}
void Connection::hand_out(OperationSet kinds) {
  if (state_->core) state_->core->hand_out(kinds);
}
Result<void> Connection::complete(OperationId id, Answer answer) {
  return state_->complete(id, std::move(answer));
}

Result<size_t> Connection::send(std::span<const Bytes> data, Output& out) {
  return state_->send_half.send(data, out);
}
Result<void> Connection::close_write(Output& out) {
  return state_->send_half.close_write(out);
}
Result<void> Connection::update_keys(KeyUpdateRequest request, Output& out) {
  return state_->send_half.update_keys(request, out);
}

Result<void> Connection::fail(AlertDescription alert, Output& out) {
  if (state_->receive_half.failed) return ErrorCode::connection_failed_before;
  if (alert == AlertDescription::no_renegotiation)
    return Error{ErrorCode::bad_argument, "no_renegotiation ends no connection (RFC 5246 §7.2.2)"};
  state_->abandon(alert, out);
  return {};
}

namespace {

/// RFC 5705 §4, §6: labels that TLS itself uses are not for exporters.
bool exportable(std::string_view label) noexcept {
  for (const std::string_view reserved :
       {"client finished", "server finished", "master secret", "extended master secret", "key expansion"})
    if (label == reserved) return false;
  return label.size() <= 240;
}

}  // namespace

Result<SecretBytes> Connection::export_secret(std::string_view label, std::optional<Bytes> context,
                                              size_t size) const {
  const tls::ConnectionState& s = *state_;
  if (s.exporter.empty()) return s.done ? ErrorCode::connection_failed_before : ErrorCode::not_connected;
  if (!tls::may_export(s.info))
    return Error{ErrorCode::extended_master_secret_required,
                 "exporters are off in a session resumed without"};
  const HashAlgorithm& hash = *s.send_half.provider->hash(s.suite->hash);
  // RFC 5869 §2.3 bounds the size, RFC 5705 §4 the length of the context.
  if (!exportable(label) || size == 0 || size > 255u * hash.digest_size)
    return Error{ErrorCode::bad_argument, "exporter label or size"};
  if (context && context->size() > 0xffff) return Error{ErrorCode::bad_argument, "exporter context"};
  SecretBytes out(size);
  if (s.info.version == ProtocolVersion::tls13) {
    tls::tls13::export_keying_material(hash, s.exporter, label, context.value_or(Bytes()), out.writable());
    return out;
  }
  tls::tls12::export_keying_material(hash, s.exporter, {s.client_random, s.server_random}, label, context,
                                     out.writable());
  return out;
}

const ConnectionInfo& Connection::info() const noexcept {
  return state_->info;
}
bool Connection::handshake_done() const noexcept {
  return state_->done;
}
std::optional<Time> Connection::deadline() const noexcept {
  return state_->deadline;
}

Result<Connection::Halves> Connection::split() && {
  if (!state_->done || state_->core)
    return Error{ErrorCode::not_connected, "split after HandshakeDone, with nothing pending"};
  if (state_->send_half.in_kernel)
    return Error{ErrorCode::bad_argument, "its records are a kernel's: there is nothing to split"};
  if (state_->receive_half.failed) return ErrorCode::connection_failed_before;
  Halves halves{SendHalf(std::make_unique<tls::SendState>(std::move(state_->send_half))),
                ReceiveHalf(std::make_unique<tls::ReceiveState>(std::move(state_->receive_half))),
                state_->info};
  // What stays behind has no keys any more: nothing may be written or read with it, least of all in the
  // clear.
  state_->send_half.closed = true;
  state_->receive_half.failed = true;
  state_->exporter.reset();
  state_->done = false;
  return halves;
}

Result<Connection::KernelKeys> Connection::hand_to_kernel() {
  if (!state_->done || state_->core) return ErrorCode::not_connected;
  if (state_->receive_half.failed) return ErrorCode::connection_failed_before;
  if (!state_->send_half.in_kernel) {
    BULLA_TRY(state_->receive_half.joiner.aligned());
    // RFC 9846 §4.7.3: it goes out before the next application data, which the kernel would not know.
    if (state_->send_half.owes_key_update)
      return Error{ErrorCode::bad_argument, "the peer has asked for a KeyUpdate: update_keys comes first"};
  }
  state_->send_half.in_kernel = state_->receive_half.in_kernel = true;
  return KernelKeys{state_->send_half.protection.release(*state_->send_half.provider),
                    state_->receive_half.protection.release(*state_->receive_half.provider)};
}

Event Connection::kernel_record(ContentType type, Bytes plaintext, Output& out, Time now) {
  return state_->kernel_record(type, plaintext, out, now);
}

SendHalf::SendHalf(std::unique_ptr<tls::SendState> state) noexcept : state_(std::move(state)) {}
SendHalf::SendHalf(SendHalf&&) noexcept = default;
SendHalf& SendHalf::operator=(SendHalf&&) noexcept = default;
SendHalf::~SendHalf() = default;
Result<size_t> SendHalf::send(std::span<const Bytes> data, Output& out) {
  return state_->send(data, out);
}
Result<void> SendHalf::close_write(Output& out) {
  return state_->close_write(out);
}
Result<void> SendHalf::update_keys(KeyUpdateRequest request, Output& out) {
  return state_->update_keys(request, out);
}
Result<void> SendHalf::answer(const Reply& reply, Output& out) {
  return state_->answer(reply, out);
}

ReceiveHalf::ReceiveHalf(std::unique_ptr<tls::ReceiveState> state) noexcept : state_(std::move(state)) {}
ReceiveHalf::ReceiveHalf(ReceiveHalf&&) noexcept = default;
ReceiveHalf& ReceiveHalf::operator=(ReceiveHalf&&) noexcept = default;
ReceiveHalf::~ReceiveHalf() = default;
Event ReceiveHalf::next(MutBytes& in, Time now) {
  return state_->next(in, now);
}
Event ReceiveHalf::end_of_input() {
  return state_->end_of_input();
}
Reply ReceiveHalf::reply() noexcept {
  return std::exchange(state_->owed, Reply{});
}

}  // namespace bulla
