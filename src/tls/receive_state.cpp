#include "tls/receive_state.h"

#include "tls/msg/post_handshake.h"
#include "tls/session_state.h"
#include "tls/tls13/key_schedule.h"

#include <algorithm>

namespace bulla::tls {

// ------------------------------------------------------------------------------------------------- records

Result<std::optional<Protection::Opened>> ReceiveState::read_record(MutBytes& in) {
  while (true) {
    if (in.size() < record_header_size) return std::optional<Protection::Opened>();
    const MutBytes five = in.first(record_header_size);
    BULLA_TRY(check_header(five, !received_any, receiver == Role::client));
    const RecordHeader header = read_header(five);
    const size_t expansion = !protection.active()    ? 0
                             : protection.is_tls13() ? max_expansion13
                                                     : max_expansion12;
    if (header.length > max_plaintext + expansion) {
      // Refused early data comes under keys that we do not have, and is longer than what is in the clear.
      if (!skippable || header.length > max_plaintext + max_expansion13)
        return Error{ErrorCode::record_overflow, std::to_string(header.length) + " bytes"};
    }
    if (in.size() < record_header_size + header.length) return std::optional<Protection::Opened>();
    received_any = true;
    const MutBytes wire = in.first(record_header_size + header.length);
    in = in.subspan(wire.size());
    BULLA_TRY(auto record, open(wire));
    if (record) return record;
  }
}

Result<bool> ReceiveState::skip(const RecordHeader& header, size_t size) {
  // RFC 9846 §5.1: no record of another type, skipped or not, in the midst of a handshake message.
  if (!skippable || header.type != ContentType::application_data || joiner.in_the_middle()) return false;
  // An empty record costs a byte too: without that, a peer could send them for ever.
  const size_t cost = std::max<size_t>(size, 1);
  if (cost > *skippable) return ErrorCode::too_much_early_data;
  *skippable -= cost;
  return true;
}

Result<std::optional<Protection::Opened>> ReceiveState::open(MutBytes wire) {
  const RecordHeader header = read_header(wire);
  const MutBytes fragment = wire.subspan(record_header_size);
  const bool is_protected =
      protection.active() && !(protection.is_tls13() && header.type == ContentType::change_cipher_spec);
  if (!protection.active()) {
    BULLA_TRY(const bool skipped, skip(header, fragment.size()));
    if (skipped) return std::optional<Protection::Opened>();
  }
  // A client that cannot go on after our ServerHello may have no keys yet for its alert (RFC 9846 §6.2): the
  // first thing after a key change may be an alert in the clear.
  const bool clear_alert = is_protected && protection.is_tls13() && level == EncryptionLevel::handshake &&
                           receiver == Role::server && protection.sequence() == 0 &&
                           header.type == ContentType::alert && fragment.size() == 2;
  Protection::Opened record{header.type, fragment};
  if (is_protected && !clear_alert) {
    // RFC 9846 §5.2: protected records are application_data on the outside.
    if (protection.is_tls13() && header.type != ContentType::application_data)
      return Error{ErrorCode::unexpected_record, name_of(header.type) + " in the clear"};
    // RFC 9846 §5.2, RFC 5246 §6.2.1: by now the version is agreed, and this is how both write it. Only in
    // front of plaintext is it ignored.
    if (header.version != record_version)
      return Error{ErrorCode::bad_record_version, "a protected record of " + to_hex(wire.first(3))};
    auto opened = protection.open(header, fragment);
    if (!opened && opened.error().code == ErrorCode::bad_record_mac && protection.sequence() == 0) {
      BULLA_TRY(const bool skipped, skip(header, fragment.size()));
      if (skipped) return std::optional<Protection::Opened>();
    }
    if (!opened) return std::move(opened).error();
    record = *opened;
    skippable.reset();
    // RFC 9846 §5: only one in the clear is there for middleboxes.
    if (protection.is_tls13() && record.type == ContentType::change_cipher_spec)
      return Error{ErrorCode::unexpected_change_cipher_spec, "a protected one"};
  }
  if (common->tap) [[unlikely]]
    common->tap->on_record({Direction::received, header.type, record.type,
                            is_protected ? Bytes() : Bytes(wire), wire.size(), record.plaintext,
                            is_protected});
  if (!record.plaintext.empty()) {
    empty_records = 0;
  } else if (record.type != ContentType::application_data) {
    // RFC 9846 §5.1: zero-length fragments of other types are forbidden.
    return Error{ErrorCode::empty_handshake_record, name_of(record.type)};
  } else if (++empty_records > common->limits.empty_records) {
    return ErrorCode::too_many_empty_records;
  }
  return std::optional(record);
}

Result<void> ReceiveState::install(RecordAligned, EncryptionLevel at, ReadKeys keys) {
  level = at;
  protection.install(*provider, std::move(keys));
  return {};
}

// -------------------------------------------------------------------------------------------------- alerts

Result<std::optional<Event>> ReceiveState::take_alert(Bytes content) {
  // struct { AlertLevel level; AlertDescription description; } Alert; one to a record (RFC 9846 §5.1).
  if (content.size() != 2) return Error{ErrorCode::bad_alert, std::to_string(content.size()) + " bytes"};
  const auto alert = static_cast<AlertDescription>(content[1]);
  const bool fatal = content[0] == 2;
  if (content[0] != 1 && content[0] != 2) return Error{ErrorCode::illegal_parameter, "alert level"};
  if (common->tap) common->tap->on_alert(Direction::received, alert);
  if (alert == AlertDescription::close_notify) {
    peer_closed = true;
    if (connected) return std::optional<Event>(PeerClosed{});
    return Error{ErrorCode::peer_sent_alert, "close_notify in the midst of the handshake", {}, alert};
  }
  // RFC 9846 §6: the level is ignored in 1.3, where all but these two are fatal; 1.2 has warnings.
  const bool warning = alert == AlertDescription::user_canceled || (!tls13 && !fatal);
  // RFC 9846 §6: an error alert ends the connection whatever its level, but its sender must have said fatal.
  if (tls13 && !warning && !fatal) return Error{ErrorCode::bad_alert, name_of(alert) + " as a warning"};
  if (!warning) return Error{ErrorCode::peer_sent_alert, name_of(alert), {}, alert};
  if (++warnings > common->limits.warning_alerts) return ErrorCode::too_many_warning_alerts;
  return std::optional<Event>();
}

// ------------------------------------------------------------------------------------ after the handshake

Event ReceiveState::next(MutBytes& in, Time now) {
  if (failed) return Failed{Error{ErrorCode::connection_failed_before}};
  const auto fail = [&](Error error) -> Event {
    give_up();
    const AlertDescription alert = error.alert_to_send();
    if (alert != AlertDescription::close_notify) owed = Reply{Reply::Kind::alert, alert};
    if (common->tap) common->tap->on_error(error);
    return Failed{std::move(error)};
  };
  // Without keys of its own this side would take anything: what the kernel has not opened is not for here.
  if (in_kernel && !peer_closed && !in.empty())
    return fail(Error{ErrorCode::bad_argument, "records of this connection are opened by the kernel"});
  while (true) {
    if (peer_closed) {
      // RFC 9846 §6.1: what comes after close_notify is ignored.
      in = in.subspan(in.size());
      return PeerClosed{};
    }
    auto record = read_record(in);
    if (!record) return fail(std::move(record).error());
    if (!*record) return NeedInput{};
    auto event = take(**record, now);
    if (!event) return fail(std::move(event).error());
    if (*event) return **std::move(event);
  }
}

void ReceiveState::give_up() noexcept {
  failed = true;
  protection = {};
  tickets.reset();
}

Event ReceiveState::end_of_input() {
  if (failed) return Failed{Error{ErrorCode::connection_failed_before}};
  if (peer_closed) return PeerClosed{};
  return Truncated{};
}

Result<std::optional<Event>> ReceiveState::take(const Protection::Opened& record, Time now) {
  if (record.type != ContentType::handshake && record.type != ContentType::alert && joiner.in_the_middle())
    return ErrorCode::interleaved_handshake;
  switch (record.type) {
    case ContentType::application_data:
      if (record.plaintext.empty()) return std::optional<Event>();
      key_updates = warnings = 0;
      return std::optional<Event>(AppData{record.plaintext});
    case ContentType::alert: return take_alert(record.plaintext);
    case ContentType::handshake: {
      joiner.add(record.plaintext);
      while (true) {
        BULLA_TRY(const auto whole, joiner.next(common->limits));
        if (!whole) break;
        BULLA_TRY(take_post_handshake(*whole, now));
      }
      BULLA_TRY(check_begun());
      if (!joiner.in_the_middle()) joiner.release();
      return std::optional<Event>();
    }
    // RFC 9846 §5: change_cipher_spec after the handshake is as unexpected as any other type.
    case ContentType::change_cipher_spec: return ErrorCode::unexpected_change_cipher_spec;
    default: return Error{ErrorCode::unexpected_record, name_of(record.type)};
  }
}

/// A message that has only begun: what will be refused anyway is refused before memory is held for it, so
/// that a peer cannot make an idle connection a large one.
Result<void> ReceiveState::check_begun() const {
  const Bytes begun = joiner.begun();
  if (begun.empty()) return {};
  const auto type = static_cast<HandshakeType>(begun[0]);
  const bool client = receiver == Role::client;
  if (!tls13 && !client && type == HandshakeType::client_hello) return ErrorCode::renegotiation_refused;
  // Three more bytes of a HelloRequest may come; a body may not.
  if (!tls13 && client && type == HandshakeType::hello_request) {
    if (begun.size() < handshake_header_size) return {};
    return cannot_decode(type);
  }
  if (!tls13 || (type != HandshakeType::key_update && !(client && type == HandshakeType::new_session_ticket)))
    return Error{ErrorCode::unexpected_message, name_of(type) + " after the handshake"};
  if (type != HandshakeType::key_update || begun.size() < handshake_header_size) return {};
  if (Reader(begun.subspan(1)).u24() != 1) return cannot_decode(type);
  return {};
}

Result<void> ReceiveState::take_post_handshake(Bytes whole, Time now) {
  const HandshakeMessage message = view_message(whole);
  if (common->tap)
    common->tap->on_message({Direction::received, EncryptionLevel::application, message.type, whole});
  if (!tls13) {
    if (message.type == HandshakeType::hello_request && receiver == Role::client)
      return take_hello_request(message);
    if (message.type == HandshakeType::client_hello && receiver == Role::server)
      return ErrorCode::renegotiation_refused;
  } else if (message.type == HandshakeType::key_update) {
    return take_key_update(message);
  } else if (message.type == HandshakeType::new_session_ticket && receiver == Role::client) {
    return take_ticket(message, now);
  }
  return Error{ErrorCode::unexpected_message, name_of(message.type) + " after the handshake"};
}

/// RFC 5246 §7.4.1.1, §7.2.2: a client that does not want to renegotiate says so with a warning, and goes on;
/// but a server that never stops asking is not listened to for ever.
Result<void> ReceiveState::take_hello_request(const HandshakeMessage& message) {
  if (!message.body.empty()) return cannot_decode(message.type);
  if (++warnings > common->limits.warning_alerts) return ErrorCode::renegotiation_refused;
  owed = Reply{Reply::Kind::alert, AlertDescription::no_renegotiation};
  return {};
}

Result<void> ReceiveState::take_key_update(const HandshakeMessage& message) {
  BULLA_TRY(const KeyUpdate update, KeyUpdate::decode(message.body));
  if (++key_updates > common->limits.key_updates) return ErrorCode::too_many_key_updates;
  BULLA_TRY(joiner.aligned());
  protection.update(*provider);
  // RFC 9846 §4.7.3: one answer to any number of requests; and whatever the peer asks, it may be asked again.
  if (update.request == KeyUpdateRequest::update_requested)
    owed = Reply{Reply::Kind::key_update};
  else if (owed.kind == Reply::Kind::none)
    owed = Reply{Reply::Kind::peer_updated};
  return {};
}

Result<void> ReceiveState::take_ticket(const HandshakeMessage& message, Time now) {
  BULLA_TRY(const NewSessionTicket ticket, NewSessionTicket::decode(message.body));
  if (++tickets_taken > common->limits.tickets) return ErrorCode::too_many_tickets;
  if (!tickets) return {};
  // RFC 9846 §4.7.1: a lifetime of zero: discard; more than seven days: treated as an error of the server,
  // ignored. Nor do tickets that come from tickets make the server's one signature last longer than that.
  if (ticket.lifetime == 0 || Seconds{ticket.lifetime} > seven_days) return {};
  if (ticket.ticket.size() > longest_ticket) return {};
  const ClientSession& base = tickets->session;
  const Seconds left = std::chrono::duration_cast<Seconds>(base.authenticated + seven_days - now);
  if (now < base.authenticated || left <= Seconds{0}) return {};
  const HashAlgorithm& hash = *provider->hash(protection.suite()->hash);
  auto session = std::make_shared<ClientSession>();
  session->version = base.version;
  session->suite = base.suite;
  session->alpn = base.alpn;
  session->peer_chain = base.peer_chain;
  session->asserted_because = base.asserted_because;
  session->secret = SecretBytes(tls13::resumption_psk(hash, tickets->secret, ticket.nonce).reveal());
  session->ticket = to_vector(ticket.ticket);
  session->age_add = ticket.age_add;
  session->lifetime = std::min(Seconds{ticket.lifetime}, left);
  session->received = now;
  session->authenticated = base.authenticated;
  session->config = base.config;
  tickets->store->put(tickets->key, std::move(session));
  return {};
}

}  // namespace bulla::tls
