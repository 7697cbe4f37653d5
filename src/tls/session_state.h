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
  /// Of the full handshake from which this session descends.
  Time authenticated = {};
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

/// A ticket longer than this is not kept by our clients: a ClientHello has to have room for it.
inline constexpr size_t longest_ticket = 16 * 1024;
/// RFC 9846 §4.7.1: no ticket is used for longer than this, nor (here) any full handshake built upon.
inline constexpr Seconds seven_days{7 * 24 * 3600};

/// The session of a finished handshake, without `secret` and `age_add`.
ServerSession session_of(const ServerContext& ctx);
/// What is left of a new ticket's lifetime: as configured, but no longer than the authentication behind it.
Seconds ticket_lifetime(const ServerContext& ctx);

/// Whether the server may resume it now: version, suite still enabled, age within ticket_lifetime, the full
/// handshake not too long ago, the same SNI (RFC 6066 §3), the same policy.
bool resumable(const ServerSession& session, ProtocolVersion version, std::string_view server_name,
               const ServerContext& ctx);
/// Whether the client's chain is to be verified again before the session is resumed.
bool wants_verification(const ServerSession& session, const ServerContext& ctx);
/// Tells the connection's facts what the session knows of the peer.
void recall(const ServerSession& session, ServerContext& ctx);
/// The same with the chain as it has just been verified again.
void recall(const ServerSession& session, const ChainVerified& chain, ServerContext& ctx);

/// Under what name a client keeps sessions: server name, and everything in the config that decides what a
/// connection means (ALPN, identity, verifier).
std::string session_key(const ClientContext& ctx);
/// A client's session of a finished handshake; the caller fills in secret, ticket and times.
ClientSession client_session_of(const ClientContext& ctx);
void recall(const ClientSession& session, ClientContext& ctx);

}  // namespace bulla::tls
