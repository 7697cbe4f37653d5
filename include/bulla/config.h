// Configuration: one options struct a role, checked once by make_*_config, then immutable and shared by
// connections. Every field has a safe default.
#pragma once

#include <bulla/certificate.h>
#include <bulla/operation.h>
#include <bulla/session.h>
#include <bulla/tap.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace bulla {

/// The TLS versions that may be negotiated, both ends included. Only 1.2 and 1.3 can be named.
struct VersionRange {
  ProtocolVersion lowest = ProtocolVersion::tls12;   ///< refused below: unsupported_version
  ProtocolVersion highest = ProtocolVersion::tls13;  ///< preferred
  /// Whether `v` may be negotiated.
  bool has(ProtocolVersion v) const noexcept { return v >= lowest && v <= highest; }
};

/// Bounds on what a peer can make us do or hold. The rows of errors.def that say which one was passed:
/// handshake_too_large, certificate_list_too_large, too_many_..., too_much_early_data, handshake_timeout.
struct Limits {
  size_t handshake_message = 32 * 1024;     ///< bytes of one handshake message other than Certificate
  size_t certificate_message = 100 * 1024;  ///< bytes of a Certificate message
  unsigned certificates = 16;               ///< certificates in a chain
  unsigned empty_records = 32;              ///< in a row; also change_cipher_spec records in one handshake
  unsigned warning_alerts = 4;              ///< with no application data between
  unsigned key_updates = 32;                ///< from the peer, with no application data between
  unsigned tickets = 32;                    ///< TLS 1.3: that a client takes from a server in one connection
  unsigned psk_identities = 4;              ///< of a ClientHello, that a server tries to open as tickets
  size_t skipped_early_data = 16384;        ///< bytes of refused 0-RTT data that a server skips
  size_t max_fragment = 16384;  ///< plaintext bytes in one record that we send, 64 to 16384 (else bad_config)
  Seconds handshake_timeout{30};  ///< from the first call of next, up to a year; zero: none
};

/// Whether a TLS 1.2 handshake must use extended_master_secret (RFC 7627); required: else
/// extended_master_secret_required. TLS 1.3 has it built in.
enum class ExtendedMasterSecret : uint8_t { when_offered, required };
/// Whether a server asks for a client's certificate. optional: a client without one gets in, one with a bad
/// one does not. required: else client_certificate_required.
enum class ClientAuth : uint8_t { none, optional, required };
/// RFC 9846 §E.4: dummy change_cipher_spec records and a session id, so that middleboxes see what they know.
enum class MiddleboxCompatibility : uint8_t { on, off };

/// Whether a HelloRetryRequest carries a cookie that the client must give back (RFC 9846 §4.3.2).
enum class RetryCookie : uint8_t { none, sent };

/// What a resumed session says about the client: the server's verifier judges the remembered chain again
/// (roots, intermediates, revocation and the verifier itself may have changed since; if it says no, a full
/// handshake follows), or what it said then is good for as long as the session.
enum class ResumedClients : uint8_t { verified_again, remembered };

/// Chooses the identity to present; answers the SelectIdentity operation when it is answered inline. Called
/// from the threads of all connections of the config, several at once; nullptr: none fits. May not throw.
using IdentitySelector = std::function<IdentityPtr(const SelectIdentity&)>;

/// What operations are answered with: see perform(). Shared by all connections of a config and immutable
/// after make_*_config, so that each member is safe in several threads.
struct Services {
  const Provider* provider = nullptr;  ///< never nullptr after make_*_config
  Random* random = nullptr;            ///< the config's or the provider's; never nullptr after make_*_config
  VerifierPtr verifier = {};           ///< none where a server asks for no client certificate
  IdentitySelector select_identity = {};                   ///< empty: no identity
  TicketSealerPtr tickets = {};                            ///< servers only; none: no tickets
  std::shared_ptr<ServerSessionCache> session_cache = {};  ///< servers only, TLS 1.2; none: off
};

namespace dangerous {
/// For tests alone: which extensions our TLS 1.3 messages carry, and in what order, so that other
/// implementations' handshakes can be replayed byte for byte and peers can be shown what they do not know.
struct WireShape {
  /// What is changed in one kind of message.
  struct Extensions {
    std::vector<ExtensionType> order = {};  ///< written first, in this order; the others follow as usual
    /// Added to the message; the body of an extension that stands there already is replaced.
    std::vector<std::pair<ExtensionType, std::vector<uint8_t>>> bodies = {};
  };
  Extensions client_hello = {},            ///< the first
      second_client_hello = {};            ///< after a HelloRetryRequest
  Extensions hello_retry_request = {},     ///< RFC 9846 §4.2.4
      server_hello = {},                   ///< RFC 9846 §4.2.3
      encrypted_extensions = {},           ///< RFC 9846 §4.4.1
      certificate_request = {};            ///< RFC 9846 §4.4.2
  Extensions new_session_ticket = {};      ///< RFC 9846 §4.7.1
  std::vector<uint8_t> retry_cookie = {};  ///< what RetryCookie::sent sends; empty: random bytes as usual
};
}  // namespace dangerous

/// What both roles share.
struct CommonOptions {
  /// Narrowed to those that a suite is enabled for; a server's also to those in which the key of `identity`
  /// signs (ML-DSA: TLS 1.3 alone). bad_config where none is left.
  VersionRange versions = {};
  /// In order of preference; one twice, or unknown to the provider: bad_config. Empty: the default order. The
  /// same holds for the three lists below.
  std::vector<CipherSuite> cipher_suites = {};
  /// By default those of x25519mlkem768, x25519, secp256r1, secp384r1 that the provider has, in this order.
  /// TLS 1.2 has no use for the hybrids with ML-KEM.
  std::vector<NamedGroup> groups = {};
  /// What we verify, which peers are told. By default all that the provider has, ML-DSA after those that
  /// every peer knows. ML-DSA is dropped where TLS 1.3 is not enabled.
  std::vector<SignatureScheme> signature_schemes = {};
  std::vector<SignatureScheme> signing_schemes = {};  ///< what we sign with; empty: whatever fits the key
  /// Protocols (RFC 7301) in order of preference, 1 to 255 bytes each, 8192 together. Empty: no ALPN. A
  /// server whose list has nothing in common with the client's fails with no_common_alpn.
  std::vector<std::string> alpn = {};
  ExtendedMasterSecret extended_master_secret = ExtendedMasterSecret::when_offered;  ///< TLS 1.2
  MiddleboxCompatibility middlebox_compatibility = MiddleboxCompatibility::on;       ///< TLS 1.3
  /// Pads the plaintext of each protected TLS 1.3 record to a multiple of this (RFC 9846 §5.4); 0: no
  /// padding.
  uint16_t record_padding = 0;
  Limits limits = {};  ///< against peers that are broken or hostile
  /// Operations that leave Connection::next as events; the others are answered inline with `Services`.
  OperationSet external_operations = {};
  const Provider* provider = nullptr;   ///< default_provider() if not given
  std::shared_ptr<Random> random = {};  ///< the provider's if not given; deterministic ones are for tests
  std::shared_ptr<Tap> tap = {};        ///< sees everything, secrets too; none: nobody looks
  KeyLogPtr key_log = {};               ///< gets the secrets; whoever reads it reads the connection
  std::shared_ptr<const dangerous::WireShape> wire_shape = {};  ///< for tests
};

/// What a client may choose.
struct ClientOptions {
  CommonOptions common = {};  ///< versions, algorithms, ALPN, limits
  /// Who may prove to be the server: the CAs whose certificates are accepted, checked by a WebPkiVerifier.
  /// Exactly one of `roots` and `verifier`.
  std::optional<RootStore> roots = {};
  VerifierPtr verifier = {};                          ///< decides by itself
  IdentityPtr identity = {};                          ///< sent when the server asks for a certificate
  IdentitySelector select_identity = {};              ///< instead of `identity`: choose when asked
  std::shared_ptr<ClientSessionStore> sessions = {};  ///< none: no resumption
  OcspStapling ocsp = OcspStapling::not_requested;    ///< ask for a stapled response
  /// Groups to send a key share for in the first ClientHello, all of them among `groups`. Empty: the first of
  /// those and, if that is a hybrid, which not every server knows, the first that is none. Another group
  /// costs a HelloRetryRequest, one round trip.
  std::vector<NamedGroup> key_shares = {};
};

/// What a server may choose.
struct ServerOptions {
  CommonOptions common = {};                   ///< versions, algorithms, ALPN, limits
  IdentityPtr identity = {};                   ///< what every client is shown
  IdentitySelector select_identity = {};       ///< instead of `identity`: by SNI and the client's abilities
  ClientAuth client_auth = ClientAuth::none;   ///< anything but none wants client_roots or client_verifier
  std::optional<RootStore> client_roots = {};  ///< who may issue client certificates; or client_verifier
  VerifierPtr client_verifier = {};            ///< decides by itself; instead of client_roots
  TicketSealerPtr tickets = {};                ///< none: no tickets; see RotatingTickets
  unsigned tickets_per_handshake = 2;          ///< TLS 1.3; at most 16
  Seconds ticket_lifetime{2 * 3600};           ///< one second to seven days (RFC 9846 §4.7.1)
  /// How long after its full handshake a session may be resumed, through however many tickets (RFC 9846
  /// §4.7.1); one second to a year.
  Seconds authentication_lifetime{7 * 24 * 3600};
  ResumedClients resumed_clients = ResumedClients::verified_again;  ///< judged again, or not
  std::shared_ptr<ServerSessionCache> session_cache = {};  ///< TLS 1.2 resumption by session id; none: off
  RetryCookie retry_cookie = RetryCookie::none;  ///< sent only where a HelloRetryRequest is due anyway
  bool prefer_client_order = false;              ///< choose suites and groups in the client's order
};

class ClientConfig;
class ServerConfig;
/// A config, shared by connections in any number of threads.
using ClientConfigPtr = std::shared_ptr<const ClientConfig>;
/// A config, shared by connections in any number of threads.
using ServerConfigPtr = std::shared_ptr<const ServerConfig>;

/// Checks the options and makes the shared, immutable config; ErrorCode::bad_config says what cannot work.
/// Nothing else fails here.
Result<ClientConfigPtr> make_client_config(ClientOptions options);
/// The same for a server.
Result<ServerConfigPtr> make_server_config(ServerOptions options);

/// A checked ClientOptions: lists filled in, services bound.
class ClientConfig {
 public:
  const ClientOptions& options() const noexcept { return options_; }        ///< as completed
  const CommonOptions& common() const noexcept { return options_.common; }  ///< options().common
  const Services& services() const noexcept { return services_; }           ///< lives as long as the config
  /// Stands for this config and no other, ever: sessions made under it keep it, so that no later config can
  /// have its address and be taken for this one.
  const std::shared_ptr<const void>& mark() const noexcept { return mark_; }

 private:
  friend Result<ClientConfigPtr> make_client_config(ClientOptions);
  ClientConfig() = default;
  ClientOptions options_;
  Services services_;
  std::shared_ptr<const void> mark_ = std::make_shared<char>();
};

/// A checked ServerOptions: lists filled in, services bound.
class ServerConfig {
 public:
  const ServerOptions& options() const noexcept { return options_; }        ///< as completed
  const CommonOptions& common() const noexcept { return options_.common; }  ///< options().common
  const Services& services() const noexcept { return services_; }           ///< lives as long as the config

 private:
  friend Result<ServerConfigPtr> make_server_config(ServerOptions);
  ServerConfig() = default;
  ServerOptions options_;
  Services services_;
};

namespace dangerous {
/// A verifier that accepts every certificate: nobody is authenticated. `reason` (not empty) stands in
/// ConnectionInfo::asserted_because; nullptr for an empty one, which make_*_config refuses with bad_config.
VerifierPtr accept_any_certificate(std::string reason);
}  // namespace dangerous

}  // namespace bulla
