#include "tls/session_state.h"

#include "base/reader.h"
#include "base/writer.h"

#include <algorithm>
#include <cstdio>

namespace bulla::tls {
namespace {

/// Changes whenever the layout does: old tickets are then refused and a full handshake follows.
constexpr uint8_t format = 1;
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
  out.reserve(512 + chain_bytes(peer_chain));  // no reallocation may leave a copy of the secret behind
  Writer w(out);
  w.u8(format);
  w.value(version);
  w.value(suite);
  w.u8_bytes(secret.reveal());
  w.u64(static_cast<uint64_t>(issued.time_since_epoch().count()));
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

std::optional<ServerSession> ServerSession::decode(Bytes bytes) {
  Reader r(bytes);
  ServerSession s;
  if (r.u8() != format) return std::nullopt;
  s.version = static_cast<ProtocolVersion>(r.u16());
  s.suite = static_cast<CipherSuite>(r.u16());
  s.secret = InlineSecret<SessionRole, 48>(r.u8_bytes(1, 48));
  s.issued = Time(Milliseconds(static_cast<int64_t>(r.u64())));
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
  s.extended_master_secret = ctx.info.extended_master_secret;
  s.alpn = ctx.info.alpn;
  s.server_name = ctx.info.server_name;
  s.policy = policy_digest(ctx.config);
  s.asserted_because = ctx.info.asserted_because;
  s.peer_chain = ctx.info.peer_chain;
  return s;
}

bool resumable(const ServerSession& session, ProtocolVersion version, std::string_view server_name,
               const ServerContext& ctx) {
  const Seconds lifetime = ctx.config.options().ticket_lifetime;
  if (session.version != version || session.server_name != server_name) return false;
  if (ctx.now < session.issued || ctx.now - session.issued >= lifetime) return false;
  const auto& enabled = ctx.common.cipher_suites;
  if (std::find(enabled.begin(), enabled.end(), session.suite) == enabled.end()) return false;
  if (session.policy != policy_digest(ctx.config)) return false;
  // A client certificate that has run out since may not be used by way of an old ticket.
  if (!session.peer_chain.empty() && session.peer_chain.front()->not_after() < ctx.now) return false;
  return ctx.config.options().client_auth != ClientAuth::required || !session.peer_chain.empty();
}

void recall(const ServerSession& session, ConnectionInfo& info) {
  info.kind = HandshakeKind::resumed;
  info.peer_chain = session.peer_chain;
  info.asserted_because = session.asserted_because;
  info.extended_master_secret = session.extended_master_secret;
}

std::string session_key(const ClientContext& ctx) {
  std::string key = ctx.name.text();
  for (const std::string& protocol : ctx.common.alpn) key += '\n' + protocol;
  // The config object itself stands for verifier and identity: sessions are not carried from one to another.
  char pointer[2 + 2 * sizeof(void*) + 2];
  std::snprintf(pointer, sizeof pointer, "\n%p", static_cast<const void*>(&ctx.config));
  return key + pointer;
}

ClientSession client_session_of(const ClientContext& ctx) {
  ClientSession s;
  s.version = ctx.info.version;
  s.suite = ctx.info.suite;
  s.received = ctx.now;
  s.extended_master_secret = ctx.info.extended_master_secret;
  s.alpn = ctx.info.alpn;
  s.peer_chain = ctx.info.peer_chain;
  s.asserted_because = ctx.info.asserted_because;
  return s;
}

void recall(const ClientSession& session, ConnectionInfo& info) {
  info.kind = HandshakeKind::resumed;
  info.peer_chain = session.peer_chain;
  info.asserted_because = session.asserted_because;
  info.extended_master_secret = session.extended_master_secret;
}

}  // namespace bulla::tls
