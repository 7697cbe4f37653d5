// The TLS 1.3 client, RFC 9846 §A.1, from the ServerHello on:
//
//   WAIT_SH --ServerHello--> (key agreement) --> WAIT_EE --> WAIT_CERT_CR --> WAIT_CERT --> WAIT_CV
//      --> (proofs) --> WAIT_FINISHED --> (identity, signature) --> CONNECTED
//
// States in parentheses wait for the answer of an operation. With a PSK, WAIT_EE leads to WAIT_FINISHED.
#pragma once

#include "tls/connected.h"
#include "tls/hello/offer.h"
#include "tls/msg/authentication.h"
#include "tls/msg/server_hello.h"
#include "tls/msg/server_parameters.h"
#include "tls/one_of.h"
#include "tls/tls13/key_schedule.h"

namespace bulla::tls::tls13::client {

/// What the states after the ServerHello hand on.
struct Secrets {
  const Suite* suite = nullptr;
  HandshakeStage stage;
  ClientHandshakeTrafficSecret client;
  ServerHandshakeTrafficSecret server;
};

struct WaitEe;
struct WaitCertCr;
struct WaitCert;
struct WaitCv;
struct WaitProofs;
struct WaitFinished;
struct WaitIdentity;
struct WaitSignature;

/// The server asked for our certificate.
struct CertificateAsked {
  std::vector<uint8_t> context = {};
  std::vector<SignatureScheme> schemes = {};
  std::vector<std::vector<uint8_t>> authorities = {};
};

struct WaitSecret {
  static constexpr std::string_view name = "WAIT_SH (key agreement)";
  static constexpr bool awaits_answer = true;
  const Suite* suite;
  Offer offer;
  bool psk_selected;
  OperationId agreement;
  Result<WaitEe> on(Answered<SharedSecret>&&, ClientContext&) &&;
};

struct WaitEe {
  static constexpr std::string_view name = "WAIT_EE";
  static constexpr bool drops_change_cipher_spec = true;
  Secrets secrets;
  Offer offer;
  bool psk_selected;
  Result<OneOf<WaitCertCr, WaitFinished>> on(const EncryptedExtensions&, ClientContext&) &&;
};

struct WaitCertCr {
  static constexpr std::string_view name = "WAIT_CERT_CR";
  static constexpr bool drops_change_cipher_spec = true;
  Secrets secrets;
  std::vector<ExtensionType> offered;
  Result<WaitCert> on(const CertificateRequest&, ClientContext&) &&;
  Result<WaitCv> on(const CertificateMessage&, ClientContext&) &&;
};

struct WaitCert {
  static constexpr std::string_view name = "WAIT_CERT";
  static constexpr bool drops_change_cipher_spec = true;
  Secrets secrets;
  std::vector<ExtensionType> offered;
  CertificateAsked asked;
  Result<WaitCv> on(const CertificateMessage&, ClientContext&) &&;
};

/// The chain is being verified while the CertificateVerify is on its way.
struct WaitCv {
  static constexpr std::string_view name = "WAIT_CV";
  static constexpr bool drops_change_cipher_spec = true;
  Secrets secrets;
  std::optional<CertificateAsked> asked;
  CertificatePtr leaf;
  std::optional<ChainVerified> chain;
  Result<WaitCv> on(Answered<ChainVerified>&&, ClientContext&) &&;
  Result<WaitProofs> on(const CertificateVerify&, ClientContext&) &&;
};

struct WaitProofs {
  static constexpr std::string_view name = "WAIT_CV (proofs)";
  static constexpr bool awaits_answer = true;
  Secrets secrets;
  std::optional<CertificateAsked> asked;
  CertificatePtr leaf;
  std::vector<uint8_t> signed_message;
  std::optional<ChainVerified> chain;
  std::optional<SignatureVerified> signature;
  using Next = Result<OneOf<WaitProofs, WaitFinished>>;
  Next on(Answered<ChainVerified>&&, ClientContext&) &&;
  Next on(Answered<SignatureVerified>&&, ClientContext&) &&;

 private:
  Next when_both(ClientContext&) &&;
};

struct WaitFinished {
  static constexpr std::string_view name = "WAIT_FINISHED";
  static constexpr bool drops_change_cipher_spec = true;
  Secrets secrets;
  std::optional<CertificateAsked> asked;
  /// Nothing where a PSK authenticates: the Finished itself is the proof then.
  std::optional<CertificateAuthenticated> server;
  Result<OneOf<WaitIdentity, Connected>> on(const Finished&, ClientContext&) &&;
};

/// All of the server's flight is verified; only our own answer is missing.
struct Answering {
  const Suite* suite;
  ClientHandshakeTrafficSecret client_handshake;
  ClientApplicationTrafficSecret client_application;
  MainStage stage;
  ExporterSecret exporter;
  FinishedVerified finished;
  PeerProof server;
};

struct WaitIdentity {
  static constexpr std::string_view name = "WAIT_FINISHED (identity)";
  static constexpr bool awaits_answer = true;
  Answering answering;
  CertificateAsked asked;
  Result<OneOf<WaitSignature, Connected>> on(Answered<SelectedIdentity>&&, ClientContext&) &&;
};

struct WaitSignature {
  static constexpr std::string_view name = "WAIT_FINISHED (signature)";
  static constexpr bool awaits_answer = true;
  Answering answering;
  SignatureScheme scheme;
  Result<Connected> on(Answered<Signature>&&, ClientContext&) &&;
};

/// WAIT_SH for 1.3. The transcript has everything before this message; `retried_suite` is what a
/// HelloRetryRequest had chosen.
Result<WaitSecret> on_server_hello(const ServerHello&, Offer&&, std::optional<CipherSuite> retried_suite,
                                   ClientContext&);

// Skipping a message is not a state: these would compile if it were.
static_assert(!Accepts<WaitCertCr, const Finished&, ClientContext>);
static_assert(!Accepts<WaitCv, const Finished&, ClientContext>);
static_assert(!Accepts<WaitCert, const CertificateVerify&, ClientContext>);
static_assert(!Accepts<WaitFinished, const CertificateMessage&, ClientContext>);

}  // namespace bulla::tls::tls13::client
