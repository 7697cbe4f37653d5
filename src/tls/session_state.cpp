#include "tls/session_state.h"

#include "base/reader.h"
#include "base/writer.h"
#include "tls/peer_certificates.h"

#include <algorithm>
#include <cstdio>

namespace bulla::tls {
namespace {

/// Changes whenever the layout does: old tickets are then refused and a full handshake follows.
constexpr uint8_t format = 2;
/// A chain in a ticket makes it long; longer ones are not remembered, and such sessions are not resumed.
constexpr size_t max_chain_bytes = 12 * 1024;

Bytes text_bytes(std::string_view text) {
  return as_bytes(text);
}

size_t chain_bytes(const Chain& chain) {
  size_t sum = 0;
  for (const auto& certificate : chain) sum += certificate->der().size();
  return sum;
}

}  // namespace

SecretBytes ServerSession::encode() const {
  if (chain_bytes(peer_chain) > max_chain_bytes) return {};
  std::vector<uint8_t> out;
  // No reallocation may leave a copy of the secret behind: every field at its largest.
  out.reserve(1024 + alpn.size() + server_name.size() + chain_bytes(peer_chain) + 3 * peer_chain.size());
  Writer w(out);
  w.u8(format);
  w.value(version);
  w.value(suite);
  w.u8_bytes(secret.reveal());
  w.u64(static_cast<uint64_t>(issued.time_since_epoch().count()));
  w.u64(static_cast<uint64_t>(authenticated.time_since_epoch().count()));
  w.u32(age_add);
  w.u8(extended_master_secret);
  w.u8_bytes(text_bytes(alpn));
  w.u16_bytes(text_bytes(server_name));
  w.bytes(policy);
  w.u8_bytes(text_bytes(asserted_because.size() > 255 ? asserted_because.substr(0, 255) : asserted_because));
  w.u24_prefixed([&](Writer& list) {
    for (const auto& certificate : peer_chain) list.u24_bytes(certificate->der());
  });
  SecretBytes encoded{Bytes(out)};
  wipe(out);
  return encoded;
}

namespace {

/// A time that can be reckoned with. Any other is no date of ours, whoever keeps our sessions.
std::optional<Time> decode_time(Reader& r) {
  const uint64_t milliseconds = r.u64();
  if (milliseconds >> 48 != 0) return std::nullopt;  // the year 10889
  return Time(Milliseconds(static_cast<int64_t>(milliseconds)));
}

}  // namespace

std::optional<ServerSession> ServerSession::decode(Bytes bytes) {
  Reader r(bytes);
  ServerSession s;
  if (r.u8() != format) return std::nullopt;
  s.version = static_cast<ProtocolVersion>(r.u16());
  s.suite = static_cast<CipherSuite>(r.u16());
  s.secret = InlineSecret<SessionRole, 48>(r.u8_bytes(1, 48));
  const auto issued = decode_time(r), authenticated = decode_time(r);
  if (!issued || !authenticated || *issued < *authenticated) return std::nullopt;
  s.issued = *issued;
  s.authenticated = *authenticated;
  s.age_add = r.u32();
  s.extended_master_secret = r.u8() != 0;
  s.alpn = as_text(r.u8_bytes());
  s.server_name = as_text(r.u16_bytes());
  const Bytes policy = r.bytes(s.policy.size());
  s.asserted_because = as_text(r.u8_bytes());
  Reader list = r.u24_prefixed();
  if (!r.done()) return std::nullopt;
  std::copy(policy.begin(), policy.end(), s.policy.begin());
  while (list.more()) {
    auto certificate = Certificate::from_der(list.u24_bytes(1));
    if (!list.ok() || !certificate) return std::nullopt;
    s.peer_chain.push_back(*std::move(certificate));
  }
  if (!list.done()) return std::nullopt;
  return s;
}

std::array<uint8_t, 32> policy_digest(const ServerConfig& config) {
  HashContext hash(*config.services().provider->hash(HashId::sha256));
  const uint8_t auth = static_cast<uint8_t>(config.options().client_auth);
  hash.update({&auth, 1});
  if (config.services().verifier)
    for (const auto& name : config.services().verifier->accepted_authorities()) {
      std::vector<uint8_t> framed;
      Writer(framed).u24_bytes(name);
      hash.update(framed);
    }
  std::array<uint8_t, 32> digest;
  hash.finish(digest);
  return digest;
}

ServerSession session_of(const ServerContext& ctx) {
  ServerSession s;
  s.version = ctx.info.version;
  s.suite = ctx.info.suite;
  s.issued = ctx.now;
  s.authenticated = ctx.authenticated.value_or(ctx.now);
  s.extended_master_secret = ctx.info.extended_master_secret;
  s.alpn = ctx.info.alpn;
  s.server_name = ctx.info.server_name;
  s.policy = policy_digest(ctx.config);
  s.asserted_because = ctx.info.asserted_because;
  s.peer_chain = ctx.info.peer_chain;
  return s;
}

Seconds ticket_lifetime(const ServerContext& ctx) {
  const ServerOptions& options = ctx.config.options();
  const Time end = ctx.authenticated.value_or(ctx.now) + options.authentication_lifetime;
  const auto left = std::chrono::duration_cast<Seconds>(end - ctx.now);
  return std::clamp(left, Seconds{0}, options.ticket_lifetime);
}

bool resumable(const ServerSession& session, ProtocolVersion version, std::string_view server_name,
               const ServerContext& ctx) {
  const Seconds lifetime = ctx.config.options().ticket_lifetime;
  if (session.version != version || session.server_name != server_name) return false;
  if (ctx.now < session.issued || ctx.now - session.issued >= lifetime) return false;
  // RFC 9846 §4.7.1: tickets that come from tickets do not make a full handshake last for ever.
  if (ctx.now < session.authenticated ||
      ctx.now - session.authenticated >= ctx.config.options().authentication_lifetime)
    return false;
  const auto& enabled = ctx.common.cipher_suites;
  if (std::find(enabled.begin(), enabled.end(), session.suite) == enabled.end()) return false;
  if (session.policy != policy_digest(ctx.config)) return false;
  // A client certificate that has run out since may not be used by way of an old ticket.
  if (!session.peer_chain.empty() && session.peer_chain.front()->not_after() < ctx.now) return false;
  return ctx.config.options().client_auth != ClientAuth::required || !session.peer_chain.empty();
}

bool wants_verification(const ServerSession& session, const ServerContext& ctx) {
  return !session.peer_chain.empty() &&
         ctx.config.options().resumed_clients == ResumedClients::verified_again;
}

void recall(const ServerSession& session, ServerContext& ctx) {
  ctx.authenticated = session.authenticated;
  ctx.info.kind = HandshakeKind::resumed;
  ctx.info.peer_chain = session.peer_chain;
  ctx.info.asserted_because = session.asserted_because;
  ctx.info.extended_master_secret = session.extended_master_secret;
}

void recall(const ServerSession& session, const ChainVerified& chain, ServerContext& ctx) {
  recall(session, ctx);
  tell_chain(chain, ctx);
}

std::string session_key(const ClientContext& ctx) {
  std::string key = ctx.name.text();
  for (const std::string& protocol : ctx.common.alpn) key += '\n' + protocol;
  // The config stands for verifier and identity: sessions are not carried from one to another. They keep its
  // mark, whose address is therefore not given to another config while a session of this one exists.
  char pointer[2 + 2 * sizeof(void*) + 2];
  std::snprintf(pointer, sizeof pointer, "\n%p", ctx.config.mark().get());
  return key + pointer;
}

ClientSession client_session_of(const ClientContext& ctx) {
  ClientSession s;
  s.version = ctx.info.version;
  s.suite = ctx.info.suite;
  s.received = ctx.now;
  s.authenticated = ctx.authenticated.value_or(ctx.now);
  s.config = ctx.config.mark();
  s.extended_master_secret = ctx.info.extended_master_secret;
  s.alpn = ctx.info.alpn;
  s.peer_chain = ctx.info.peer_chain;
  s.asserted_because = ctx.info.asserted_because;
  return s;
}

void recall(const ClientSession& session, ClientContext& ctx) {
  // A store that does not keep the one time has the other.
  ctx.authenticated = session.authenticated == Time{} ? session.received : session.authenticated;
  ctx.info.kind = HandshakeKind::resumed;
  ctx.info.peer_chain = session.peer_chain;
  ctx.info.asserted_because = session.asserted_because;
  ctx.info.extended_master_secret = session.extended_master_secret;
}

}  // namespace bulla::tls
