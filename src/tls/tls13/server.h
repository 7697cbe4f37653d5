// The TLS 1.3 server, RFC 9846 §A.2:
//
//   RECVD_CH (identity, tickets) --> [HelloRetryRequest --> START] --> NEGOTIATED (key agreement)
//      --> (signature) --> WAIT_CERT --> WAIT_CV --> (proofs) --> WAIT_FINISHED --> CONNECTED
//
// States in parentheses wait for the answers of operations. Without client authentication, and with a PSK,
// the way leads straight to WAIT_FINISHED.
#pragma once

#include "tls/connected.h"
#include "tls/hello/offer.h"
#include "tls/msg/authentication.h"
#include "tls/one_of.h"
#include "tls/session_state.h"
#include "tls/tls13/key_schedule.h"

namespace bulla::tls::tls13::server {

struct RecvdCh;
struct WaitClientChain;
struct WaitRetriedCh;
struct Negotiated;
struct WaitSignature;
struct WaitCert;
struct WaitCv;
struct WaitProofs;
struct WaitFinished;

/// What a HelloRetryRequest of ours fixed, and the hello that it answered.
struct Retried {
  ReceivedHello first;
  const Suite* suite;
  NamedGroup group;
  std::vector<uint8_t> cookie;
  bool resuming;  ///< the first hello's PSK was good, and the suite that was chosen goes with it
};

using AfterClientHello = OneOf<RecvdCh, WaitClientChain, WaitRetriedCh, Negotiated>;

/// START, once the version is settled as 1.3. The transcript does not have the hello yet.
Result<AfterClientHello> on_client_hello(ReceivedHello&&, std::optional<Retried>&&, ServerContext&);

/// One identity of pre_shared_key: a ticket of ours, perhaps.
struct OfferedTicket {
  OperationId opening;
  std::optional<ServerSession> session = {};  ///< once it is opened, and may be resumed
};

/// The hello is in hand; identity and tickets are being looked up, side by side.
struct RecvdCh {
  static constexpr std::string_view name = "RECVD_CH";
  static constexpr bool awaits_answer = true;
  ReceivedHello received;
  std::optional<Retried> retried;
  unsigned missing = 0;
  IdentityPtr identity = {};
  std::vector<OfferedTicket> tickets = {};  ///< in the client's order, as many as the limit lets us look at
  Result<AfterClientHello> on(Answered<SelectedIdentity>&&, ServerContext&) &&;
  Result<AfterClientHello> on(Answered<SessionState>&&, ServerContext&) &&;

 private:
  friend Result<AfterClientHello> on_client_hello(ReceivedHello&&, std::optional<Retried>&&, ServerContext&);
  Result<AfterClientHello> when_all(ServerContext&) &&;
};

/// What is settled once the hello has a share that we want.
struct Choice {
  const Suite* suite;
  NamedGroup group;
  std::string alpn;
  uint16_t psk_index = 0;                     ///< of the session among the client's identities
  std::optional<ServerSession> session = {};  ///< to be resumed; its binder is right
};

/// The session is good and the client holds it; whether the certificate that it once showed is still
/// acceptable is for the verifier to say again. If not, a full handshake follows.
struct WaitClientChain {
  static constexpr std::string_view name = "RECVD_CH (client certificate)";
  static constexpr bool awaits_answer = true;
  ReceivedHello received;
  bool retried;
  IdentityPtr identity;
  Choice choice;
  Result<Negotiated> on(Answered<ChainVerified>&&, ServerContext&) &&;
  Result<Negotiated> on(Answered<Error>&&, ServerContext&) &&;
};

/// START again: a HelloRetryRequest is out.
struct WaitRetriedCh {
  static constexpr std::string_view name = "START (retried)";
  static constexpr bool drops_change_cipher_spec = true;
  Retried retried;
  Result<AfterClientHello> on(ReceivedHello&&, ServerContext&) &&;
};

/// All is chosen; the key agreement runs.
struct Negotiated {
  static constexpr std::string_view name = "NEGOTIATED (key agreement)";
  static constexpr bool awaits_answer = true;
  const Suite* suite;
  NamedGroup group;
  std::vector<uint8_t> session_id;
  bool retried;
  bool server_name_ack;
  bool staple_wanted;
  bool tickets_wanted;  ///< the client can resume with psk_dhe_ke
  IdentityPtr identity;
  SignatureScheme scheme;  ///< meaningless where a session is resumed
  uint16_t psk_index;      ///< meaningless where none is
  std::optional<ServerSession> session;
  Result<OneOf<WaitSignature, WaitFinished>> on(Answered<Encapsulated>&&, ServerContext&) &&;
};

struct Secrets {
  const Suite* suite = nullptr;
  HandshakeStage stage;
  ClientHandshakeTrafficSecret client;
  ServerHandshakeTrafficSecret server;
  bool tickets_wanted = false;
};

struct WaitSignature {
  static constexpr std::string_view name = "NEGOTIATED (signature)";
  static constexpr bool awaits_answer = true;
  Secrets secrets;
  SignatureScheme scheme;
  Result<OneOf<WaitCert, WaitFinished>> on(Answered<Signature>&&, ServerContext&) &&;
};

/// Our flight is out. What is left of the schedule, and the keys that the client's Finished brings into use.
struct Sent {
  const Suite* suite;
  MainStage stage;
  ClientHandshakeTrafficSecret client_handshake;
  ClientApplicationTrafficSecret client_application;
  ExporterSecret exporter;
  bool tickets_wanted;
};

struct WaitCert {
  static constexpr std::string_view name = "WAIT_CERT";
  static constexpr bool drops_change_cipher_spec = true;
  Sent sent;
  Result<OneOf<WaitCv, WaitFinished>> on(const CertificateMessage&, ServerContext&) &&;
};

struct WaitCv {
  static constexpr std::string_view name = "WAIT_CV";
  static constexpr bool drops_change_cipher_spec = true;
  Sent sent;
  CertificatePtr leaf;
  std::optional<ChainVerified> chain;
  Result<WaitCv> on(Answered<ChainVerified>&&, ServerContext&) &&;
  Result<WaitProofs> on(const CertificateVerify&, ServerContext&) &&;
};

struct WaitProofs {
  static constexpr std::string_view name = "WAIT_CV (proofs)";
  static constexpr bool awaits_answer = true;
  Sent sent;
  CertificatePtr leaf;
  std::vector<uint8_t> signed_message;
  std::optional<ChainVerified> chain;
  std::optional<SignatureVerified> signature;
  using Next = Result<OneOf<WaitProofs, WaitFinished>>;
  Next on(Answered<ChainVerified>&&, ServerContext&) &&;
  Next on(Answered<SignatureVerified>&&, ServerContext&) &&;

 private:
  Next when_both(ServerContext&) &&;
};

struct WaitFinished {
  static constexpr std::string_view name = "WAIT_FINISHED";
  static constexpr bool drops_change_cipher_spec = true;
  Sent sent;
  /// Nothing where the client's certificate was not asked for or not given; a resumption proves itself.
  std::optional<CertificateAuthenticated> client;
  bool resuming;
  Result<Connected> on(const Finished&, ServerContext&) &&;
};

static_assert(!Accepts<WaitCert, const Finished&, ServerContext>);
static_assert(!Accepts<WaitCv, const Finished&, ServerContext>);
static_assert(!Accepts<WaitFinished, const CertificateVerify&, ServerContext>);

}  // namespace bulla::tls::tls13::server
