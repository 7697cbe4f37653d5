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

/// What a client needs to resume a connection. Immutable; made by the engine, held by a ClientSessionStore.
struct ClientSession {
  ProtocolVersion version = ProtocolVersion::tls13;  ///< of the original connection, and of the resumed one
  CipherSuite suite = CipherSuite::aes_128_gcm_sha256;  ///< likewise; in TLS 1.3 its hash must be the same
  /// TLS 1.3: the PSK of this ticket (RFC 9846 §4.7.1). TLS 1.2: the master secret.
  SecretBytes secret = {};
  /// As the server sent it, opaque; empty where there is a session id instead.
  std::vector<uint8_t> ticket = {};
  std::vector<uint8_t> session_id = {};  ///< TLS 1.2 without a ticket
  uint32_t age_add = 0;                  ///< TLS 1.3: ticket_age_add
  Seconds lifetime = {};                 ///< from `received` on; at most seven days (RFC 9846 §4.7.1)
  Time received = {};                    ///< when the ticket or the session id came
  Time authenticated = {};               ///< of the full handshake from which this session descends
  bool extended_master_secret = true;    ///< TLS 1.2, RFC 7627 §5.3
  std::string alpn = {};                 ///< what the original connection spoke; empty: none
  /// How the original connection authenticated the server; told again by the resumed one.
  std::vector<CertificatePtr> peer_chain = {};
  /// Why the original connection was not verified, where it was not (see dangerous::assert_verified).
  std::string asserted_because = {};
  std::shared_ptr<const void> config = {};  ///< ClientConfig::mark of the config that made it

  /// Too old to be offered; also where the clock stands before `received`.
  bool expired(Time now) const noexcept { return now < received || now - received >= lifetime; }
};
/// A session, shared by a store and connections.
using ClientSessionPtr = std::shared_ptr<const ClientSession>;

/// Where a client keeps sessions. One store may serve many connections and threads; the implementation locks.
/// Tickets are used once (RFC 9846 §C.4): take() removes what it returns.
class ClientSessionStore {
 public:
  virtual ~ClientSessionStore() = default;
  /// Keeps a session. `key` names peer, ALPN and config; sessions under different keys are never mixed. The
  /// store decides how many it keeps.
  virtual void put(const std::string& key, ClientSessionPtr session) = 0;
  /// A session of this key, which the store forgets; nullptr where there is none. Expired ones may be
  /// returned: the engine drops them.
  virtual ClientSessionPtr take(const std::string& key) = 0;
};

/// Seals and opens the server's tickets. Implement it to share keys over a fleet. Called from the threads of
/// all connections of its config, several at once.
class TicketSealer {
 public:
  virtual ~TicketSealer() = default;
  /// An opaque ticket of 1 to 65535 bytes for `state`, which is secret; empty if no ticket is to be issued
  /// now.
  virtual std::vector<uint8_t> seal(Bytes state, Time now) const = 0;
  /// The state, or nothing if the ticket is not ours, was altered, or its key has been retired.
  virtual std::optional<SecretBytes> open(Bytes ticket, Time now) const = 0;
};
/// A sealer, shared by configs.
using TicketSealerPtr = std::shared_ptr<const TicketSealer>;

/// Tickets under keys that change by themselves: key number i = HKDF(secret, i) serves the i-th slice of
/// `rotation`, and is accepted for one slice more; so a ticket opens for one to two rotations. The AEAD is
/// AES-256-GCM, or where the provider has none, ChaCha20-Poly1305 or AES-128-GCM. Servers that share `secret`
/// and AEAD accept each other's tickets, with nothing to synchronise but the clock. A ticket is 36 bytes
/// longer than its state; a state that is sealed twice in a slice gives the same ticket. Immutable: any
/// number of threads may use it.
class RotatingTickets : public TicketSealer {
 public:
  /// `secret`: 32 bytes or more, kept secret for as long as any ticket under it should protect anything.
  /// `rotation`: above zero. `provider`: has an AEAD. Anything else ends the process.
  RotatingTickets(SecretBytes secret, Seconds rotation, const Provider& provider = default_provider());
  /// A fresh secret out of the provider's random source: tickets end with the process.
  static std::shared_ptr<const RotatingTickets> fresh(Seconds rotation = Seconds{12 * 3600},
                                                      const Provider& provider = default_provider());
  /// See TicketSealer; empty only for a time before 1970.
  std::vector<uint8_t> seal(Bytes state, Time now) const override;
  /// See TicketSealer. Costs one key derivation and one decryption.
  std::optional<SecretBytes> open(Bytes ticket, Time now) const override;

 private:
  std::unique_ptr<AeadKey> key_of(uint64_t slice) const;
  SecretBytes secret_;
  Seconds rotation_;
  const Provider& provider_;
};

/// A server's cache of TLS 1.2 sessions by session id (RFC 5246 §7.4.1.2). One cache may serve many threads;
/// the implementation locks, bounds its size, and forgets sessions after their time. The states are secret:
/// it wipes them.
class ServerSessionCache {
 public:
  virtual ~ServerSessionCache() = default;
  /// Keeps a copy of `state`, in place of an earlier one under this id.
  virtual void put(Bytes session_id, Bytes state, Time now) = 0;
  /// A copy of the state, which stays in the cache; nothing where it is unknown or too old.
  virtual std::optional<SecretBytes> find(Bytes session_id, Time now) = 0;
};

}  // namespace bulla
