#include "explain/message_text.h"

#include "tls/msg/authentication.h"
#include "tls/msg/client_hello.h"
#include "tls/msg/post_handshake.h"
#include "tls/msg/server_hello.h"
#include "tls/msg/server_parameters.h"
#include "tls/msg/tls12.h"

#include <bulla/certificate.h>

#include <chrono>
#include <cstdio>

namespace bulla::explain {
namespace {

using Facts = std::vector<std::string>;

/// Certificates of a chain that are named one by one; a peer may send more, and none of them is verified yet.
constexpr unsigned most_certificates = 16;

// ---- parts
// --------------------------------------------------------------------------------------------------

void fact(Facts& facts, std::string_view label, std::string_view value) {
  std::string line(label);
  if (!value.empty()) {
    line.resize(std::max<size_t>(line.size() + 2, 18), ' ');
    line += value;
  }
  facts.push_back(std::move(line));
}

template <class List>
std::string names_of(const List& list) {
  std::string out;
  for (const auto item : list) out += (out.empty() ? "" : ", ") + name_of(item);
  return out;
}

std::string texts_of(const std::vector<Bytes>& list) {
  std::string out;
  for (const Bytes item : list) out += (out.empty() ? "" : ", ") + printable(as_text(item));
  return out;
}

std::string count_of(size_t n, std::string_view what) {
  return std::to_string(n) + " " + std::string(what) + (n == 1 ? "" : "s");
}

std::string date_of(Time time) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(time));
  char out[32];
  std::snprintf(out, sizeof out, "%04d-%02u-%02u", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  return out;
}

std::string shares_of(const std::vector<tls::KeyShareEntry>& shares) {
  std::string out;
  for (const auto& share : shares) out += (out.empty() ? "" : ", ") + name_of(share.group);
  return out.empty() ? "none: the server is asked to choose" : out;
}

// ---- hellos
// -------------------------------------------------------------------------------------------------

Result<void> client_hello(Bytes body, Facts& facts) {
  BULLA_TRY(const auto hello, tls::ClientHello::decode(body));
  if (hello.server_name) fact(facts, "server name", printable(as_text(*hello.server_name)));
  fact(facts, "versions",
       hello.supported_versions ? names_of(*hello.supported_versions) : name_of(hello.legacy_version));
  fact(facts, "cipher suites", names_of(hello.cipher_suites));
  if (hello.supported_groups) fact(facts, "groups", names_of(*hello.supported_groups));
  if (hello.key_share) fact(facts, "key shares", shares_of(*hello.key_share));
  if (hello.signature_algorithms) fact(facts, "signatures", names_of(*hello.signature_algorithms));
  if (hello.alpn) fact(facts, "ALPN", texts_of(*hello.alpn));
  if (hello.cookie) fact(facts, "cookie", std::to_string(hello.cookie->size()) + " bytes, given back");
  if (hello.session_ticket && !hello.session_ticket->empty()) fact(facts, "session ticket", "offered");
  if (hello.pre_shared_key)
    fact(facts, "resumption",
         count_of(hello.pre_shared_key->identities.size(), "pre-shared key") + " offered");
  if (hello.early_data) fact(facts, "early data", "announced");
  if (hello.status_request) fact(facts, "OCSP stapling", "asked for");
  return {};
}

Result<std::string> server_hello(Bytes body, Facts& facts) {
  BULLA_TRY(const auto any, tls::decode_server_hello(body));
  if (const auto* retry = std::get_if<tls::HelloRetryRequest>(&any)) {
    if (retry->selected_group)
      fact(facts, "group", name_of(*retry->selected_group) + ", a key share for it is wanted");
    if (retry->cookie) fact(facts, "cookie", std::to_string(retry->cookie->size()) + " bytes");
    return std::string("HelloRetryRequest");
  }
  if (const auto* hello = std::get_if<tls::ServerHello>(&any)) {
    fact(facts, "version", name_of(hello->selected_version));
    fact(facts, "cipher suite", name_of(hello->cipher_suite));
    if (hello->key_share) fact(facts, "key share", name_of(hello->key_share->group));
    if (hello->selected_psk) fact(facts, "resumption", "the pre-shared key is accepted");
    return std::string("ServerHello");
  }
  const auto& hello = std::get<tls::ServerHello12>(any);
  fact(facts, "version", name_of(hello.version));
  fact(facts, "cipher suite", name_of(hello.cipher_suite));
  if (hello.alpn) fact(facts, "ALPN", printable(as_text(*hello.alpn)));
  fact(facts, "extended master secret", hello.extended_master_secret ? "yes" : "no");
  if (hello.session_ticket_ack) fact(facts, "session ticket", "will follow");
  return std::string("ServerHello");
}

// ---- parameters and authentication
// --------------------------------------------------------------------------

Result<void> encrypted_extensions(Bytes body, Facts& facts) {
  BULLA_TRY(const auto message, tls::EncryptedExtensions::decode(body));
  if (message.alpn) fact(facts, "ALPN", printable(as_text(*message.alpn)));
  if (message.server_name_ack) fact(facts, "server name", "known");
  if (message.supported_groups) fact(facts, "groups", names_of(*message.supported_groups));
  return {};
}

void certificates(const std::vector<Bytes>& chain, Facts& facts) {
  if (chain.empty()) fact(facts, "no certificate", "");
  for (size_t i = 0; i < chain.size(); ++i) {
    const std::string label = std::to_string(i + 1) + ". " + (i == 0 ? "leaf" : "issuer");
    const auto certificate = Certificate::from_der(chain[i]);
    if (!certificate) {
      fact(facts, label, "cannot be parsed");
      continue;
    }
    const Certificate& c = **certificate;
    fact(facts, label, printable(c.subject()));
    fact(facts, "   issued by", printable(c.issuer()));
    fact(facts, "   valid", date_of(c.not_before()) + " to " + date_of(c.not_after()));
    std::string names;
    for (const std::string& name : c.names()) names += (names.empty() ? "" : ", ") + printable(name);
    if (i == 0 && !names.empty()) fact(facts, "   names", names);
  }
}

Result<void> certificate(Bytes body, bool tls13, Facts& facts) {
  std::vector<Bytes> chain;
  if (tls13) {
    BULLA_TRY(const auto message, tls::CertificateMessage::decode(body, most_certificates));
    for (const auto& entry : message.entries) chain.push_back(entry.data);
    certificates(chain, facts);
    if (!message.entries.empty() && message.entries.front().ocsp_response)
      fact(facts, "OCSP response", "stapled");
    return {};
  }
  BULLA_TRY(const auto message, tls::Certificate12::decode(body, most_certificates));
  certificates(message.entries, facts);
  return {};
}

Result<void> certificate_request(Bytes body, bool tls13, Facts& facts) {
  size_t authorities;
  if (tls13) {
    BULLA_TRY(const auto message, tls::CertificateRequest::decode(body));
    fact(facts, "signatures", names_of(message.signature_algorithms));
    authorities = message.certificate_authorities.size();
  } else {
    BULLA_TRY(const auto message, tls::CertificateRequest12::decode(body));
    fact(facts, "signatures", names_of(message.signature_algorithms));
    authorities = message.authorities.size();
  }
  fact(facts, "accepted CAs", authorities ? count_of(authorities, "name") : "any");
  return {};
}

Result<void> new_session_ticket(Bytes body, bool tls13, Facts& facts) {
  uint32_t lifetime;
  size_t size;
  if (tls13) {
    BULLA_TRY(const auto message, tls::NewSessionTicket::decode(body));
    lifetime = message.lifetime;
    size = message.ticket.size();
  } else {
    BULLA_TRY(const auto message, tls::NewSessionTicket12::decode(body));
    lifetime = message.lifetime_hint;
    size = message.ticket.size();
  }
  fact(facts, "ticket", std::to_string(size) + " bytes, good for " + std::to_string(lifetime) + " seconds");
  return {};
}

Result<void> server_key_exchange(Bytes body, Facts& facts) {
  BULLA_TRY(const auto message, tls::ServerKeyExchange::decode(body));
  fact(facts, "key share", name_of(message.group));
  fact(facts, "signed with", name_of(message.algorithm));
  return {};
}

Result<void> certificate_verify(Bytes body, Facts& facts) {
  BULLA_TRY(const auto message, tls::CertificateVerify::decode(body));
  fact(facts, "signed with", name_of(message.algorithm));
  return {};
}

Result<void> key_update(Bytes body, Facts& facts) {
  BULLA_TRY(const auto message, tls::KeyUpdate::decode(body));
  if (message.request == KeyUpdateRequest::update_requested)
    fact(facts, "the other side is asked to follow", "");
  return {};
}

Result<void> facts_of(const MessageSeen& seen, bool tls13, Facts& facts) {
  const Bytes body = seen.bytes.subspan(tls::handshake_header_size);
  switch (seen.type) {
    case HandshakeType::client_hello: return client_hello(body, facts);
    case HandshakeType::encrypted_extensions: return encrypted_extensions(body, facts);
    case HandshakeType::certificate: return certificate(body, tls13, facts);
    case HandshakeType::certificate_request: return certificate_request(body, tls13, facts);
    case HandshakeType::certificate_verify: return certificate_verify(body, facts);
    case HandshakeType::server_key_exchange: return server_key_exchange(body, facts);
    case HandshakeType::new_session_ticket: return new_session_ticket(body, tls13, facts);
    case HandshakeType::key_update: return key_update(body, facts);
    default: return {};
  }
}

/// The RFC's name of a message: name_of says "encrypted_extensions", the RFC's text EncryptedExtensions.
std::string title_of(HandshakeType type) {
  std::string out;
  bool upper = true;
  for (const char c : name_of(type)) {
    if (c == '_') {
      upper = true;
    } else {
      out += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
      upper = false;
    }
  }
  return out;
}

}  // namespace

MessageText describe_message(const MessageSeen& seen, std::optional<ProtocolVersion> version) {
  MessageText text;
  std::string title = title_of(seen.type);
  Result<void> read;
  if (seen.bytes.size() < tls::handshake_header_size) {
    read = ErrorCode::decode_error;
  } else if (seen.type == HandshakeType::server_hello) {
    auto kind = server_hello(seen.bytes.subspan(tls::handshake_header_size), text.facts);
    if (kind) title = *kind;
    if (!kind) read = kind.error();
  } else {
    read = facts_of(seen, version == ProtocolVersion::tls13, text.facts);
  }
  text.headline = title + ", " + std::to_string(seen.bytes.size()) + " bytes";
  if (!read) text.facts.push_back("cannot be parsed: " + printable(read.error().message()));
  return text;
}

}  // namespace bulla::explain
