// What a server remembers of a connection, sealed into a ticket or kept in a cache, and given back to it
// later.
#pragma once

#include "tls/context.h"

#include <bulla/session.h>

namespace bulla::tls {

struct ServerSession {
  ProtocolVersion version = ProtocolVersion::tls13;
  CipherSuite suite = {};
  /// TLS 1.3: the PSK. TLS 1.2: the master secret.
  InlineSecret<struct SessionRole, 48> secret = {};
  Time issued = {};
  uint32_t age_add = 0;
  bool extended_master_secret = true;
  std::string alpn = {};
  std::string server_name = {};
  /// Digest of the server's client-authentication policy: a session is good only under the policy that made
  /// it.
  std::array<uint8_t, 32> policy = {};
  std::string asserted_because = {};
  Chain peer_chain = {};

  SecretBytes encode() const;
  /// Nothing where the bytes are not a session of this version of the format, or a certificate does not
  /// parse.
  static std::optional<ServerSession> decode(Bytes bytes);
};

/// SHA-256 over what decides who may connect: ClientAuth and the accepted authorities.
std::array<uint8_t, 32> policy_digest(const ServerConfig& config);

/// The session of a finished handshake, without `secret` and `age_add`.
ServerSession session_of(const ServerContext& ctx);

/// Whether the server may resume it now: version, suite still enabled, age within ticket_lifetime, the same
/// SNI (RFC 6066 §3), the same policy.
bool resumable(const ServerSession& session, ProtocolVersion version, std::string_view server_name,
               const ServerContext& ctx);
/// Tells the connection's facts what the session knows of the peer.
void recall(const ServerSession& session, ConnectionInfo& info);

/// Under what name a client keeps sessions: server name, and everything in the config that decides what a
/// connection means (ALPN, identity, verifier).
std::string session_key(const ClientContext& ctx);
/// A client's session of a finished handshake; the caller fills in secret, ticket and times.
ClientSession client_session_of(const ClientContext& ctx);
void recall(const ClientSession& session, ConnectionInfo& info);

}  // namespace bulla::tls
