// Resumption: what a client keeps of a connection, and where servers keep tickets' keys and sessions.
#pragma once

#include <bulla/certificate.h>
#include <bulla/provider.h>
#include <bulla/time.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace bulla {

/// What a client needs to resume a connection. Immutable; held by a ClientSessionStore.
struct ClientSession {
  ProtocolVersion version = ProtocolVersion::tls13;
  CipherSuite suite = CipherSuite::aes_128_gcm_sha256;
  /// TLS 1.3: the PSK of this ticket (RFC 9846 §4.7.1). TLS 1.2: the master secret.
  SecretBytes secret = {};
  std::vector<uint8_t> ticket = {};
  std::vector<uint8_t> session_id = {};  ///< TLS 1.2 without a ticket
  uint32_t age_add = 0;                  ///< TLS 1.3: ticket_age_add
  Seconds lifetime = {};                 ///< from `received` on; never more than seven days (RFC 9846 §4.7.1)
  Time received = {};
  Time authenticated = {};             ///< of the full handshake from which this session descends
  bool extended_master_secret = true;  ///< TLS 1.2, RFC 7627 §5.3
  std::string alpn = {};
  /// How the original connection authenticated the server; told again by the resumed one.
  std::vector<CertificatePtr> peer_chain = {};
  /// Why the original connection was not verified, where it was not (see dangerous::assert_verified).
  std::string asserted_because = {};
  std::shared_ptr<const void> config = {};  ///< ClientConfig::mark of the config that made it

  bool expired(Time now) const noexcept { return now < received || now - received >= lifetime; }
};
using ClientSessionPtr = std::shared_ptr<const ClientSession>;

/// Where a client keeps sessions. One store may serve many connections and threads; the implementation locks.
/// Tickets are used once (RFC 9846 §C.4): take() removes what it returns.
class ClientSessionStore {
 public:
  virtual ~ClientSessionStore() = default;
  /// `key` names peer and policy; sessions under different keys are never mixed.
  virtual void put(const std::string& key, ClientSessionPtr session) = 0;
  virtual ClientSessionPtr take(const std::string& key) = 0;
};

/// Seals and opens the server's tickets. Implement it to share keys over a fleet.
class TicketSealer {
 public:
  virtual ~TicketSealer() = default;
  /// An opaque ticket for `state`; empty if no ticket is to be issued now.
  virtual std::vector<uint8_t> seal(Bytes state, Time now) const = 0;
  /// The state, or nothing if the ticket is not ours, was altered, or its key has been retired.
  virtual std::optional<SecretBytes> open(Bytes ticket, Time now) const = 0;
};
using TicketSealerPtr = std::shared_ptr<const TicketSealer>;

/// Tickets under keys that change by themselves: key number i = HKDF(secret, i) serves the i-th slice of
/// `rotation`, and is accepted for one slice more. Servers that share `secret` accept each other's tickets,
/// with nothing to synchronise but the clock.
class RotatingTickets : public TicketSealer {
 public:
  /// `secret`: 32 bytes or more, kept secret for as long as any ticket under it should protect anything.
  RotatingTickets(SecretBytes secret, Seconds rotation, const Provider& provider = default_provider());
  /// A fresh secret out of the provider's random source.
  static std::shared_ptr<const RotatingTickets> fresh(Seconds rotation = Seconds{12 * 3600},
                                                      const Provider& provider = default_provider());
  std::vector<uint8_t> seal(Bytes state, Time now) const override;
  std::optional<SecretBytes> open(Bytes ticket, Time now) const override;

 private:
  std::unique_ptr<AeadKey> key_of(uint64_t slice) const;
  SecretBytes secret_;
  Seconds rotation_;
  const Provider& provider_;
};

/// A server's cache of TLS 1.2 sessions by session id. One cache may serve many threads; the implementation
/// locks, bounds its size, and forgets sessions after their time.
class ServerSessionCache {
 public:
  virtual ~ServerSessionCache() = default;
  virtual void put(Bytes session_id, Bytes state, Time now) = 0;
  virtual std::optional<SecretBytes> find(Bytes session_id, Time now) = 0;
};

}  // namespace bulla
