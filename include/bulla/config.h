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

/// The TLS versions that may be negotiated, both ends included.
struct VersionRange {
  ProtocolVersion lowest = ProtocolVersion::tls12;
  ProtocolVersion highest = ProtocolVersion::tls13;
  bool has(ProtocolVersion v) const noexcept { return v >= lowest && v <= highest; }
};

/// Bounds on what a peer can make us do or hold.
struct Limits {
  size_t handshake_message = 32 * 1024;     ///< bytes of one handshake message other than Certificate
  size_t certificate_message = 100 * 1024;  ///< bytes of a Certificate message
  unsigned certificates = 16;               ///< certificates in a chain
  unsigned empty_records = 32;              ///< in a row
  unsigned warning_alerts = 4;              ///< in a row
  unsigned key_updates = 32;                ///< from the peer, with no application data between
  unsigned tickets = 32;                    ///< NewSessionTicket messages that a client takes from a server
  unsigned psk_identities = 4;              ///< of a ClientHello, that a server tries to open as tickets
  size_t skipped_early_data = 16384;        ///< bytes of refused 0-RTT data that a server skips
  size_t max_fragment = 16384;              ///< plaintext bytes in one record that we send, 64 to 16384
  Seconds handshake_timeout{30};            ///< from the first call of next; zero: none
};

/// Which extra facts about the peer a TLS 1.2 handshake must show.
enum class ExtendedMasterSecret : uint8_t { when_offered, required };
enum class ClientAuth : uint8_t { none, optional, required };
enum class OcspStapling : uint8_t { not_requested, requested };
/// RFC 9846 §E.4: dummy change_cipher_spec records and a session id, so that middleboxes see what they know.
enum class MiddleboxCompatibility : uint8_t { on, off };

/// Whether a HelloRetryRequest carries a cookie that the client must give back (RFC 9846 §4.3.2).
enum class RetryCookie : uint8_t { none, sent };

/// What a resumed session says about the client: the server's verifier judges the remembered chain again
/// (roots, intermediates, revocation and the verifier itself may have changed since; if it says no, a full
/// handshake follows), or what it said then is good for as long as the session.
enum class ResumedClients : uint8_t { verified_again, remembered };

/// Chooses the identity to present; answers the SelectIdentity operation when it is answered inline.
using IdentitySelector = std::function<IdentityPtr(const SelectIdentity&)>;

/// What operations are answered with. Shared, immutable after make_*_config.
struct Services {
  const Provider* provider = nullptr;
  Random* random = nullptr;
  VerifierPtr verifier = {};
  IdentitySelector select_identity = {};
  TicketSealerPtr tickets = {};
  std::shared_ptr<ServerSessionCache> session_cache = {};
};

namespace dangerous {
/// For tests alone: which extensions our TLS 1.3 messages carry, and in what order, so that other
/// implementations' handshakes can be replayed byte for byte and peers can be shown what they do not know.
struct WireShape {
  struct Extensions {
    std::vector<ExtensionType> order = {};  ///< written first, in this order; the others follow as usual
    /// Added to the message; the body of an extension that stands there already is replaced.
    std::vector<std::pair<ExtensionType, std::vector<uint8_t>>> bodies = {};
  };
  Extensions client_hello = {}, second_client_hello = {};
  Extensions hello_retry_request = {}, server_hello = {}, encrypted_extensions = {}, certificate_request = {};
  Extensions new_session_ticket = {};
  std::vector<uint8_t> retry_cookie = {};  ///< what RetryCookie::sent sends; empty: random bytes as usual
};
}  // namespace dangerous

/// What both roles share.
struct CommonOptions {
  VersionRange versions = {};
  /// In order of preference; unknown to the provider: an error at make time. Empty: the default order.
  std::vector<CipherSuite> cipher_suites = {};
  std::vector<NamedGroup> groups = {};
  std::vector<SignatureScheme> signature_schemes = {};  ///< what we verify
  std::vector<SignatureScheme> signing_schemes = {};    ///< what we sign with; empty: whatever fits the key
  std::vector<std::string> alpn = {};
  ExtendedMasterSecret extended_master_secret = ExtendedMasterSecret::when_offered;
  MiddleboxCompatibility middlebox_compatibility = MiddleboxCompatibility::on;
  /// Pads the plaintext of each protected TLS 1.3 record to a multiple of this (RFC 9846 §5.4); 0: no
  /// padding.
  uint16_t record_padding = 0;
  Limits limits = {};
  OperationSet external_operations = {};
  const Provider* provider = nullptr;   ///< default_provider() if not given
  std::shared_ptr<Random> random = {};  ///< the provider's if not given; deterministic ones are for tests
  std::shared_ptr<Tap> tap = {};
  KeyLogPtr key_log = {};
  std::shared_ptr<const dangerous::WireShape> wire_shape = {};  ///< for tests
};

struct ClientOptions {
  CommonOptions common = {};
  /// Who may prove to be the server. Exactly one of `roots` and `verifier`.
  std::optional<RootStore> roots = {};
  VerifierPtr verifier = {};
  IdentityPtr identity = {};              ///< sent when the server asks for a certificate
  IdentitySelector select_identity = {};  ///< instead of `identity`: choose when asked
  std::shared_ptr<ClientSessionStore> sessions = {};
  OcspStapling ocsp = OcspStapling::not_requested;
  /// Groups to send a key share for in the first ClientHello; empty: the first of `groups`.
  std::vector<NamedGroup> key_shares = {};
};

struct ServerOptions {
  CommonOptions common = {};
  IdentityPtr identity = {};
  IdentitySelector select_identity = {};  ///< instead of `identity`: choose by SNI and what the client can do
  ClientAuth client_auth = ClientAuth::none;
  std::optional<RootStore> client_roots = {};  ///< who may issue client certificates; or client_verifier
  VerifierPtr client_verifier = {};
  TicketSealerPtr tickets = {};        ///< none: no tickets; see RotatingTickets
  unsigned tickets_per_handshake = 2;  ///< TLS 1.3
  Seconds ticket_lifetime{2 * 3600};
  /// How long after its full handshake a session may be resumed, through however many tickets (RFC 9846
  /// §4.7.1).
  Seconds authentication_lifetime{7 * 24 * 3600};
  ResumedClients resumed_clients = ResumedClients::verified_again;
  std::shared_ptr<ServerSessionCache> session_cache = {};  ///< TLS 1.2 resumption by session id; none: off
  RetryCookie retry_cookie = RetryCookie::none;
  bool prefer_client_order = false;  ///< choose suites and groups in the client's order
};

class ClientConfig;
class ServerConfig;
using ClientConfigPtr = std::shared_ptr<const ClientConfig>;
using ServerConfigPtr = std::shared_ptr<const ServerConfig>;

/// Checks the options and makes the shared, immutable config; ErrorCode::bad_config says what cannot work.
Result<ClientConfigPtr> make_client_config(ClientOptions options);
Result<ServerConfigPtr> make_server_config(ServerOptions options);

/// A checked ClientOptions: lists filled in, services bound.
class ClientConfig {
 public:
  const ClientOptions& options() const noexcept { return options_; }
  const CommonOptions& common() const noexcept { return options_.common; }
  const Services& services() const noexcept { return services_; }
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
  const ServerOptions& options() const noexcept { return options_; }
  const CommonOptions& common() const noexcept { return options_.common; }
  const Services& services() const noexcept { return services_; }

 private:
  friend Result<ServerConfigPtr> make_server_config(ServerOptions);
  ServerConfig() = default;
  ServerOptions options_;
  Services services_;
};

namespace dangerous {
/// A verifier that accepts every certificate and says so in the connection's facts: `--insecure`.
VerifierPtr accept_any_certificate(std::string reason);
}  // namespace dangerous

}  // namespace bulla
