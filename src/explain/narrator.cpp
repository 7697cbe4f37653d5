#include "explain/narrator.h"

#include "explain/message_text.h"

#include <array>
#include <utility>

namespace bulla::explain {
namespace {

/// Decisions of the engine as they are told; those left out stand in a message beside them anyway.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> agreements = {{
    {"version", "agreed: version "},
    {"cipher_suite", "agreed: cipher suite "},
    {"group", "agreed: key exchange on "},
    {"alpn", "agreed: application protocol "},
    {"hello_retry_request", "the first ClientHello does not do; wanted: "},
    {"resumption", "agreed: the session is resumed, "},
    {"client_authentication", "the client's certificate is "},
}};

/// What a secret's appearance means, by its RFC 9850 label; the client's stands for both directions.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> key_changes = {{
    {"CLIENT_HANDSHAKE_TRAFFIC_SECRET", "keys: both sides now have the handshake traffic keys"},
    {"CLIENT_TRAFFIC_SECRET_0", "keys: the application traffic keys follow from the handshake"},
    {"CLIENT_RANDOM", "keys: both sides now have the master secret and the traffic keys"},
}};

std::string facts_in_one_line(const ConnectionInfo& info) {
  std::string out = name_of(info.version) + ", " + name_of(info.suite);
  if (info.group) out += ", " + name_of(*info.group);
  if (!info.alpn.empty()) out += ", ALPN " + printable(info.alpn);
  switch (info.kind) {
    case HandshakeKind::full: break;
    case HandshakeKind::retried: out += ", after a HelloRetryRequest"; break;
    case HandshakeKind::resumed: out += ", resumed"; break;
  }
  return out;
}

}  // namespace

void Narrator::step(Direction direction, const std::string& text) {
  lines_((direction == Direction::sent ? "→ " : "← ") + text);
}

void Narrator::note(const std::string& text) {
  lines_("  " + text);
}

/// A new connection over the same narrator: a client's redirect, or a server's next guest.
void Narrator::begin_connection() {
  version_.reset();
  finished_open_ = retried_ = done_ = false;
}

void Narrator::on_record(const RecordSeen& record) {
  if (record.outer_type != ContentType::change_cipher_spec || done_) return;
  // Sent records leave after the messages of their flight were told; on_message tells that one in its place.
  if (record.direction == Direction::sent) return;
  const bool means_nothing = version_ == ProtocolVersion::tls13 || !version_;
  step(record.direction, means_nothing ? "ChangeCipherSpec (means nothing in TLS 1.3; for old middleboxes)"
                                       : "ChangeCipherSpec: the " + std::string(peer()) + " now encrypts");
}

void Narrator::on_message(const MessageSeen& message) {
  const bool opening = message.type == HandshakeType::client_hello;
  if (opening && !std::exchange(retried_, false)) begin_connection();
  if (message.direction == Direction::sent) {
    peer_finished();
    // RFC 5246 §7.1: in TLS 1.2 a ChangeCipherSpec stands before each Finished.
    if (message.type == HandshakeType::finished && version_ == ProtocolVersion::tls12)
      step(Direction::sent, "ChangeCipherSpec: the " + std::string(self()) + " now encrypts");
  }
  const MessageText text = describe_message(message, version_);
  const bool is_protected = message.level != EncryptionLevel::initial;
  step(message.direction, text.headline + (is_protected ? ", encrypted" : ""));
  for (const std::string& fact : text.facts) lines_("    " + fact);
  if (message.type == HandshakeType::server_hello) retried_ = text.headline.starts_with("HelloRetryRequest");
  if (message.type == HandshakeType::finished && message.direction == Direction::received)
    finished_open_ = true;
}

void Narrator::peer_finished() {
  if (std::exchange(finished_open_, false))
    note("verified: the " + std::string(peer()) + "'s Finished; both sides saw the same handshake");
}

void Narrator::on_secret(const SecretSeen& secret) {
  peer_finished();
  for (const auto& [label, text] : key_changes)
    if (secret.label == label) note(std::string(text));
}

void Narrator::on_decision(const DecisionSeen& decision) {
  if (decision.what == "version")
    version_ =
        decision.value == name_of(ProtocolVersion::tls13) ? ProtocolVersion::tls13 : ProtocolVersion::tls12;
  for (const auto& [what, text] : agreements)
    if (decision.what == what) return note(std::string(text) + printable(decision.value));
  const std::string_view peer_signature = role_ == Role::client ? "server_signature" : "client_signature";
  if (decision.what == peer_signature)
    note("verified: the " + std::string(peer()) + " holds its certificate's key (" +
         printable(decision.value) + ")");
  if (decision.what == "client_certificate" && decision.value == "none")
    note("the client has no certificate to show");
}

void Narrator::on_alert(Direction direction, AlertDescription alert) {
  step(direction, "alert " + name_of(alert) +
                      (alert == AlertDescription::close_notify ? ": no more data will come" : ""));
}

void Narrator::on_error(const Error& error) {
  finished_open_ = false;
  lines_("✘ " + printable(error.message()));
}

void Narrator::handshake_done(const ConnectionInfo& info) {
  peer_finished();
  done_ = true;
  lines_("✔ handshake complete: " + facts_in_one_line(info));
  if (!info.asserted_because.empty())
    note("NOT verified who the " + std::string(peer()) + " is: " + printable(info.asserted_because));
  else if (!info.verified_path.empty())
    note("verified: " + printable(info.verified_path.front()->subject()) + ", up to the trusted " +
         printable(info.verified_path.back()->subject()));
  else if (info.kind == HandshakeKind::resumed && !info.peer_chain.empty())
    note("the " + std::string(peer()) +
         " was verified by the earlier connection: " + printable(info.peer_chain.front()->subject()));
  else if (role_ == Role::server)
    note("the client showed no certificate");
}

}  // namespace bulla::explain
