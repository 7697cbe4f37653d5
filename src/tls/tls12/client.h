// The TLS 1.2 client, RFC 5246 §7.3, from the ServerHello on:
//
//   full:  ServerHello --> WAIT_CERTIFICATE --> [WAIT_CERTIFICATE_STATUS] --> WAIT_SERVER_KEY_EXCHANGE
//            --> WAIT_SERVER_HELLO_DONE --> (proofs) --> (signature) -- our flight --.
//   resumed: ServerHello ------------------------------------------------------------+
//            .----------------------------------------------------------------------'
//            '--> [WAIT_NEW_SESSION_TICKET] --> WAIT_CHANGE_CIPHER_SPEC --> WAIT_FINISHED --> CONNECTED
//
// States in parentheses wait for answers of operations. Nothing of ours is sent before the server has proved
// who it is: chain and signature are both verified before the ClientKeyExchange leaves.
#pragma once

#include "tls/change_cipher_spec.h"
#include "tls/connected.h"
#include "tls/hello/offer.h"
#include "tls/msg/authentication.h"
#include "tls/msg/server_hello.h"
#include "tls/msg/tls12.h"
#include "tls/one_of.h"
#include "tls/tls12/key_schedule.h"

namespace bulla::tls::tls12::client {

struct WaitCertificate;
struct WaitCertificateStatus;
struct WaitServerKeyExchange;
struct WaitCertificateRequest;
struct WaitServerHelloDone;
struct WaitProofs;
struct WaitSignature;
struct WaitNewSessionTicket;
struct WaitChangeCipherSpec;
struct WaitFinished;

/// What the ServerHello settled.
struct Agreed {
  const Suite* suite = nullptr;
  std::vector<uint8_t> session_id = {};  ///< the server's; not empty: it will remember the session under it
  bool status_request = false;           ///< a CertificateStatus may follow the Certificate
  bool ticket = false;                   ///< a NewSessionTicket will come
};

/// The server asked for our certificate.
struct CertificateAsked {
  std::vector<uint8_t> types = {};  ///< ClientCertificateType
  std::vector<SignatureScheme> schemes = {};
  std::vector<std::vector<uint8_t>> authorities = {};
};

/// What has been said and shown about who the server is; answers come in any order.
struct ServerEvidence {
  CertificatePtr leaf = {};
  std::vector<uint8_t> signed_params = {};
  std::optional<ChainVerified> chain = {};
  std::optional<SignatureVerified> signature = {};
};

/// The server's ephemeral key: signed by it, but not yet proved to be.
struct ServerShare {
  NamedGroup group = {};
  std::vector<uint8_t> point = {};
};

struct WaitCertificate {
  static constexpr std::string_view name = "WAIT_CERTIFICATE";
  Agreed agreed;
  Result<OneOf<WaitCertificateStatus, WaitServerKeyExchange>> on(const Certificate12&, ClientContext&) &&;
};

/// RFC 6066 §8: a server that acknowledged status_request may still leave the message out.
struct WaitCertificateStatus {
  static constexpr std::string_view name = "WAIT_CERTIFICATE_STATUS";
  Agreed agreed;
  Chain chain;
  Result<WaitServerKeyExchange> on(const CertificateStatus&, ClientContext&) &&;
  Result<WaitCertificateRequest> on(const ServerKeyExchange&, ClientContext&) &&;
};

struct WaitServerKeyExchange {
  static constexpr std::string_view name = "WAIT_SERVER_KEY_EXCHANGE";
  Agreed agreed;
  ServerEvidence server;
  Result<WaitServerKeyExchange> on(Answered<ChainVerified>&&, ClientContext&) &&;
  Result<WaitCertificateRequest> on(const ServerKeyExchange&, ClientContext&) &&;
};

struct WaitCertificateRequest {
  static constexpr std::string_view name = "WAIT_CERTIFICATE_REQUEST";
  Agreed agreed;
  ServerEvidence server;
  ServerShare share;
  Result<WaitCertificateRequest> on(Answered<ChainVerified>&&, ClientContext&) &&;
  Result<WaitCertificateRequest> on(Answered<SignatureVerified>&&, ClientContext&) &&;
  Result<WaitServerHelloDone> on(const CertificateRequest12&, ClientContext&) &&;
  Result<WaitProofs> on(const ServerHelloDone&, ClientContext&) &&;
};

struct WaitServerHelloDone {
  static constexpr std::string_view name = "WAIT_SERVER_HELLO_DONE";
  Agreed agreed;
  ServerEvidence server;
  ServerShare share;
  CertificateAsked asked;
  Result<WaitServerHelloDone> on(Answered<ChainVerified>&&, ClientContext&) &&;
  Result<WaitServerHelloDone> on(Answered<SignatureVerified>&&, ClientContext&) &&;
  Result<WaitProofs> on(const ServerHelloDone&, ClientContext&) &&;
};

/// The server has said all; four answers may be outstanding, in any order.
struct WaitProofs {
  static constexpr std::string_view name = "WAIT_SERVER_HELLO_DONE (proofs)";
  static constexpr bool awaits_answer = true;
  Agreed agreed;
  ServerEvidence server;
  std::optional<CertificateAsked> asked;
  std::optional<Encapsulated> agreement = {};
  std::optional<SelectedIdentity> identity = {};
  using Next = Result<OneOf<WaitProofs, WaitSignature, WaitNewSessionTicket, WaitChangeCipherSpec>>;
  Next on(Answered<ChainVerified>&&, ClientContext&) &&;
  Next on(Answered<SignatureVerified>&&, ClientContext&) &&;
  Next on(Answered<Encapsulated>&&, ClientContext&) &&;
  Next on(Answered<SelectedIdentity>&&, ClientContext&) &&;

 private:
  Next when_all(ClientContext&) &&;
};

/// Our half of a full handshake up to the Finished: the server is authenticated, the keys are agreed.
struct Answering {
  Agreed agreed;
  CertificateAuthenticated server;
  MasterSecret master;
};

struct WaitSignature {
  static constexpr std::string_view name = "WAIT_SERVER_HELLO_DONE (signature)";
  static constexpr bool awaits_answer = true;
  Answering answering;
  SignatureScheme scheme;
  Result<OneOf<WaitNewSessionTicket, WaitChangeCipherSpec>> on(Answered<Signature>&&, ClientContext&) &&;
};

/// A full handshake: our Finished is out.
struct Full {
  CertificateAuthenticated server;
};
/// An abbreviated one: the server's Finished proves it; ours follows under these keys.
struct Abbreviated {
  ClientWriteKeys keys;
  ClientSessionPtr session;
};

/// What both kinds of handshake know while they wait for the server's Finished.
struct Ending {
  Agreed agreed;
  MasterSecret master;
  ServerWriteKeys keys;
  std::variant<Full, Abbreviated> kind;
};

/// A ticket, until the Finished behind it is verified.
struct ReceivedTicket {
  std::vector<uint8_t> ticket = {};
  Seconds lifetime = {};
};

struct WaitNewSessionTicket {
  static constexpr std::string_view name = "WAIT_NEW_SESSION_TICKET";
  Ending ending;
  Result<WaitChangeCipherSpec> on(const NewSessionTicket12&, ClientContext&) &&;
};

struct WaitChangeCipherSpec {
  static constexpr std::string_view name = "WAIT_CHANGE_CIPHER_SPEC";
  Ending ending;
  ReceivedTicket ticket = {};
  Result<WaitFinished> on(const ChangeCipherSpec&, ClientContext&) &&;
};

struct WaitFinished {
  static constexpr std::string_view name = "WAIT_FINISHED";
  Agreed agreed;
  MasterSecret master;
  std::variant<Full, Abbreviated> kind;
  ReceivedTicket ticket;
  Result<Connected> on(const Finished&, ClientContext&) &&;
};

using AfterHello = OneOf<WaitCertificate, WaitNewSessionTicket, WaitChangeCipherSpec>;
using States = OneOf<WaitCertificate, WaitCertificateStatus, WaitServerKeyExchange, WaitCertificateRequest,
                     WaitServerHelloDone, WaitProofs, WaitSignature, WaitNewSessionTicket,
                     WaitChangeCipherSpec, WaitFinished>;

// Skipping a message is not a state: these would compile if it were.
static_assert(!Accepts<WaitCertificate, const ServerKeyExchange&, ClientContext>);
static_assert(!Accepts<WaitCertificate, const ServerHelloDone&, ClientContext>);
static_assert(!Accepts<WaitServerKeyExchange, const ServerHelloDone&, ClientContext>);
static_assert(!Accepts<WaitServerKeyExchange, const Finished&, ClientContext>);
static_assert(!Accepts<WaitServerKeyExchange, const CertificateStatus&, ClientContext>);
static_assert(!Accepts<WaitCertificateRequest, const ChangeCipherSpec&, ClientContext>);
static_assert(!Accepts<WaitServerHelloDone, const CertificateRequest12&, ClientContext>);
static_assert(!Accepts<WaitNewSessionTicket, const ChangeCipherSpec&, ClientContext>);
static_assert(!Accepts<WaitChangeCipherSpec, const Finished&, ClientContext>);
static_assert(!Accepts<WaitChangeCipherSpec, const NewSessionTicket12&, ClientContext>);
static_assert(!Accepts<WaitFinished, const ChangeCipherSpec&, ClientContext>);

}  // namespace bulla::tls::tls12::client

namespace bulla::tls::tls12 {

using ClientAfterHello = client::AfterHello;
using ClientStates = client::States;

/// WAIT_SH for 1.2. The version is settled, the server's random is in the context, and the ServerHello is in
/// the transcript, whose hash is chosen here.
Result<ClientAfterHello> on_server_hello(const ServerHello12&, Offer&&, ClientContext&);

}  // namespace bulla::tls::tls12
