#include "tls/connection_state.h"

#include "base/assert.h"
#include "tls/session_state.h"

namespace bulla::tls {

// Connections stay small: what only the handshake needs belongs into the core, which is freed when it is
// done; what a connection keeps for life is looked at twice before it is added here.
static_assert(sizeof(void*) != 8 || sizeof(ConnectionState) <= 832);
static_assert(sizeof(Connection) == sizeof(void*));

ConnectionState::ConnectionState(ClientConfigPtr config, ServerName name)
    : send_half(config, config->common(), *config->services().provider, Role::client),
      receive_half(config, config->common(), *config->services().provider, Role::client),
      core(make_client_core(*config, std::move(name), *this, info)) {
  info.role = Role::client;
}

ConnectionState::ConnectionState(ServerConfigPtr config)
    : send_half(config, config->common(), *config->services().provider, Role::server),
      receive_half(config, config->common(), *config->services().provider, Role::server),
      core(make_server_core(*config, *this, info)) {
  info.role = Role::server;
}

// -------------------------------------------------------------------------------- the handshake's driver

void ConnectionState::send(EncryptionLevel, Bytes message) {
  flight_.insert(flight_.end(), message.begin(), message.end());
}

void ConnectionState::flush_flight() {
  if (flight_.empty()) return;
  // RFC 9846 §6.1: nothing comes after close_notify, not even a ticket that was in the making.
  if (send_half.closed) return flight_.clear();
  const size_t at = out_->pending().size();
  const bool first =
      send_half.protection.sequence() == 0 && !send_half.protection.active() && !started_writing_;
  send_half.write(ContentType::handshake, Bytes(flight_), *out_);
  // RFC 9846 §5.1: the first ClientHello may say 0x0301, for the sake of servers that choke on what they
  // don't know.
  if (first && info.role == Role::client) out_->patch(at + 2, 0x01);
  started_writing_ = true;
  // Only the handshake sends flights: what is idle later should not hold their memory.
  flight_ = std::vector<uint8_t>();  // not {}, which keeps it
}

void ConnectionState::send_change_cipher_spec() {
  flush_flight();
  static constexpr uint8_t one[] = {1};
  const bool is_protected = send_half.protection.active();
  BULLA_ASSERT(!is_protected, "change_cipher_spec goes out before the keys do");
  send_half.write(ContentType::change_cipher_spec, Bytes(one), *out_);
}

Result<void> ConnectionState::read_with(EncryptionLevel level, ReadKeys keys) {
  BULLA_TRY(const RecordAligned aligned, receive_half.joiner.aligned());
  return receive_half.install(aligned, level, std::move(keys));
}

Result<void> ConnectionState::end_of_flight() {
  BULLA_TRY(receive_half.joiner.aligned());
  return {};
}

void ConnectionState::write_with(EncryptionLevel, WriteKeys keys) {
  flush_flight();
  send_half.install(std::move(keys));
}

void ConnectionState::skip_early_data() {
  if (!receive_half.skippable) receive_half.skippable = send_half.common->limits.skipped_early_data;
}

// -------------------------------------------------------------------------------------------------- events

Result<void> ConnectionState::begin(Time now) {
  started = true;
  const Seconds timeout = send_half.common->limits.handshake_timeout;
  if (timeout > Seconds{0}) deadline = now + timeout;
  return core->start(now);
}

Event ConnectionState::next(MutBytes& in, Output& out, Time now) {
  if (receive_half.failed) return Failed{Error{ErrorCode::connection_failed_before}};
  out_ = &out;
  Step step = std::optional<Event>();
  if (!started) {
    if (auto begun = begin(now); !begun) step = std::move(begun).error();
  }
  resting_ = false;
  while (step && !*step && core && !resting_) step = handshake_step(in, now);
  flush_flight();
  out_ = nullptr;
  if (!step) return fail(std::move(step).error(), out);
  if (*step) return **std::move(step);
  return connected_event(receive_half.next(in, now), out);
}

/// What the receiving half owes is sent at once: both halves are here.
Event ConnectionState::connected_event(Event event, Output& out) {
  const Reply owed = std::exchange(receive_half.owed, Reply{});
  if (auto answered = send_half.answer(owed, out); !answered) return fail(std::move(answered).error(), out);
  if (receive_half.failed) forget_secrets();
  return event;
}

ConnectionState::Step ConnectionState::handshake_step(MutBytes& in, Time now) {
  if (!answers_.empty()) {
    auto [id, answer] = std::move(answers_.front());
    answers_.erase(answers_.begin());
    BULLA_TRY(core->complete(id, std::move(answer), now));
    return std::optional<Event>();
  }
  if (auto operation = core->take_operation()) return std::optional<Event>(*std::move(operation));
  if (core->connected()) return finish();
  if (deadline && now >= *deadline)
    return Error{ErrorCode::handshake_timeout, "in state " + std::string(core->state())};
  if (core->awaits_answer()) return std::optional<Event>(NeedAnswer{});
  BULLA_TRY(const auto whole, receive_half.joiner.next(send_half.common->limits));
  if (whole) {
    BULLA_TRY(core->receive(receive_half.level, *whole, now));
    return std::optional<Event>();
  }
  receive_half.tls13 = info.version == ProtocolVersion::tls13;
  BULLA_TRY(const auto record, receive_half.read_record(in));
  if (!record) return std::optional<Event>(NeedInput{});
  return take_record(*record, now);
}

ConnectionState::Step ConnectionState::take_record(const Protection::Opened& record, Time now) {
  const bool middle = receive_half.joiner.in_the_middle();
  if (record.type != ContentType::handshake && record.type != ContentType::alert && middle)
    return ErrorCode::interleaved_handshake;
  switch (record.type) {
    case ContentType::handshake: receive_half.joiner.add(record.plaintext); return std::optional<Event>();
    case ContentType::alert: return receive_half.take_alert(record.plaintext);
    case ContentType::change_cipher_spec:
      // RFC 9846 §5: exactly one byte 0x01; a peer needs one and gets away with a few.
      if (record.plaintext.size() != 1 || record.plaintext[0] != 1 ||
          ++receive_half.change_cipher_specs > send_half.common->limits.empty_records)
        return ErrorCode::unexpected_change_cipher_spec;
      BULLA_TRY(core->receive_change_cipher_spec(now));
      return std::optional<Event>();
    default: return Error{ErrorCode::unexpected_record, name_of(record.type) + " during the handshake"};
  }
}

/// CONNECTED: takes over what the handshake left behind, says so once, and frees the core when it is done.
ConnectionState::Step ConnectionState::finish() {
  Connected& connected = *core->connected();
  if (!done) {
    done = true;
    deadline.reset();
    suite = connected.suite;
    exporter = std::move(connected.exporter);
    client_random = core->context().client_random;
    server_random = core->context().server_random;
    send_half.connected = receive_half.connected = true;
    receive_half.tls13 = info.version == ProtocolVersion::tls13;
    receive_half.skippable.reset();
    if (!receive_half.joiner.in_the_middle()) receive_half.joiner.release();
    receive_half.level = EncryptionLevel::application;
    if (info.role == Role::client && receive_half.tls13) receive_half.tickets = client_tickets(connected);
    if (!core->has_pending_operations()) core.reset();
    return std::optional<Event>(HandshakeDone{});
  }
  // Tickets may still be in the making; data need not wait for them.
  if (!core->has_pending_operations()) core.reset();
  resting_ = true;
  return std::optional<Event>();
}

std::unique_ptr<TicketTaker> ConnectionState::client_tickets(Connected& connected) {
  const auto& ctx = static_cast<const ClientContext&>(core->context());
  if (!ctx.config.options().sessions) return nullptr;
  auto taker = std::make_unique<TicketTaker>();
  taker->store = ctx.config.options().sessions;
  taker->key = session_key(ctx);
  taker->secret = std::move(connected.resumption);
  taker->session = client_session_of(ctx);
  return taker;
}

Event ConnectionState::end_of_input() {
  if (receive_half.failed) return Failed{Error{ErrorCode::connection_failed_before}};
  if (done) return receive_half.end_of_input();
  Error error{ErrorCode::truncated,
              core ? "during the handshake, in state " + std::string(core->state()) : ""};
  forget_secrets();
  if (send_half.common->tap) send_half.common->tap->on_error(error);
  return Failed{std::move(error)};
}

Result<void> ConnectionState::complete(OperationId id, Answer answer) {
  if (!core) return ErrorCode::unknown_operation;
  BULLA_TRY(core->check_answer(id, answer));
  for (const auto& [pending, unused] : answers_)
    if (pending == id) return ErrorCode::unknown_operation;
  answers_.emplace_back(id, std::move(answer));
  return {};
}

/// The one place where alerts for errors are sent.
Event ConnectionState::fail(Error error, Output& out) {
  const AlertDescription alert = error.alert_to_send();
  // RFC 5246 §7.2.1, RFC 9846 §6.1: a close_notify in the midst of a handshake is answered with ours; but not
  // under keys that the peer may trust already: an attacker's would pass for the end of our data.
  const bool closing = receive_half.peer_closed && !send_half.protection.active();
  if (alert != AlertDescription::close_notify || closing) send_half.send_alert(alert, out);
  forget_secrets();
  if (send_half.common->tap) send_half.common->tap->on_error(error);
  return Failed{std::move(error)};
}

void ConnectionState::abandon(AlertDescription alert, Output& out) {
  send_half.send_alert(alert, out);
  // RFC 9846 §6.1: user_canceled is followed by close_notify.
  if (alert == AlertDescription::user_canceled) send_half.send_alert(AlertDescription::close_notify, out);
  forget_secrets();
}

/// RFC 9846 §6: both sides forget the secrets and keys of a failed connection.
void ConnectionState::forget_secrets() noexcept {
  receive_half.give_up();
  send_half.give_up();
  core.reset();
  answers_.clear();
  flight_.clear();
  exporter.reset();
}

Event ConnectionState::kernel_record(ContentType type, Bytes plaintext, Output& out, Time now) {
  if (receive_half.failed) return Failed{Error{ErrorCode::connection_failed_before}};
  if (!receive_half.in_kernel) return Failed{Error{ErrorCode::not_connected, "hand_to_kernel comes first"}};
  // Events view bytes of the caller's; these are a copy, and a kernel delivers data itself.
  if (type == ContentType::application_data)
    return Failed{Error{ErrorCode::bad_argument, "data of this connection is delivered by the kernel"}};
  // What was opened with keys of before a KeyUpdate is not the peer's; what we owe it may need keys of ours.
  if (receive_half.protection.is_due() || send_half.protection.is_due())
    return Failed{Error{ErrorCode::bad_argument, "the keys have changed: hand_to_kernel comes first"}};
  std::vector<uint8_t> copy = to_vector(plaintext);
  auto event = receive_half.take({type, copy}, now);
  if (!event) return fail(std::move(event).error(), out);
  return connected_event(*event ? **std::move(event) : Event(NeedInput{}), out);
}

}  // namespace bulla::tls
