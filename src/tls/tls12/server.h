// The TLS 1.2 server, RFC 5246 §7.3, from the ClientHello on:
//
//   ClientHello --> (choices: session, identity)
//     full:    --> (share) --> (signature) -- our flight --> [WAIT_CERTIFICATE] --> WAIT_CLIENT_KEY_EXCHANGE
//                --> (key agreement) --> [WAIT_CERTIFICATE_VERIFY --> (proofs)] --.
//     resumed: -- our flight, Finished included ---------------------------------+
//                .----------------------------------------------------------------'
//                '--> WAIT_CHANGE_CIPHER_SPEC --> WAIT_FINISHED --> (ticket) --> CONNECTED
//
// States in parentheses wait for answers of operations.
#pragma once

#include "tls/change_cipher_spec.h"
#include "tls/connected.h"
#include "tls/hello/offer.h"
#include "tls/msg/authentication.h"
#include "tls/msg/server_hello.h"
#include "tls/msg/tls12.h"
#include "tls/one_of.h"
#include "tls/session_state.h"
#include "tls/tls12/key_schedule.h"

namespace bulla::tls::tls12::server {

struct WaitChoices;
struct WaitClientChain;
struct WaitShare;
struct WaitSignature;
struct WaitCertificate;
struct WaitClientKeyExchange;
struct WaitSecret;
struct WaitCertificateVerify;
struct WaitProofs;
struct WaitChangeCipherSpec;
struct WaitFinished;
struct WaitTicket;

/// What the ServerHello settled.
struct Agreed {
  const Suite* suite = nullptr;
  NamedGroup group = {};
  std::vector<uint8_t> session_id = {};  ///< not empty: the session goes into the cache under it
  bool ticket = false;                   ///< a NewSessionTicket was promised
};

/// Session and identity are asked for at once; each answer may come first.
struct WaitChoices {
  static constexpr std::string_view name = "WAIT_CLIENT_HELLO (choices)";
  static constexpr bool awaits_answer = true;
  ReceivedHello received;
  bool session_pending;
  std::optional<ServerSession> session = {};
  std::optional<SelectedIdentity> identity = {};
  using Next = Result<OneOf<WaitChoices, WaitClientChain, WaitShare, WaitChangeCipherSpec>>;
  Next on(Answered<SessionState>&&, ServerContext&) &&;
  Next on(Answered<SelectedIdentity>&&, ServerContext&) &&;

 private:
  Next when_both(ServerContext&) &&;
};

/// The session may be resumed; whether the certificate that the client once showed is still acceptable is for
/// the verifier to say again. If not, a full handshake follows.
struct WaitClientChain {
  static constexpr std::string_view name = "WAIT_CLIENT_HELLO (client certificate)";
  static constexpr bool awaits_answer = true;
  ReceivedHello received;
  ServerSession session;
  SelectedIdentity identity;
  using Next = Result<OneOf<WaitShare, WaitChangeCipherSpec>>;
  Next on(Answered<ChainVerified>&&, ServerContext&) &&;
  Next on(Answered<Error>&&, ServerContext&) &&;
};

struct WaitShare {
  static constexpr std::string_view name = "WAIT_CLIENT_HELLO (share)";
  static constexpr bool awaits_answer = true;
  Agreed agreed;
  IdentityPtr identity;
  SignatureScheme scheme;
  Result<WaitSignature> on(Answered<KeyPair>&&, ServerContext&) &&;
};

struct WaitSignature {
  static constexpr std::string_view name = "WAIT_CLIENT_HELLO (signature)";
  static constexpr bool awaits_answer = true;
  Agreed agreed;
  SignatureScheme scheme;
  KeyPair share;
  Result<OneOf<WaitCertificate, WaitClientKeyExchange>> on(Answered<Signature>&&, ServerContext&) &&;
};

/// The client was asked for a certificate: its Certificate message comes, though its list may be empty.
struct WaitCertificate {
  static constexpr std::string_view name = "WAIT_CERTIFICATE";
  Agreed agreed;
  SecretBytes private_key;
  Result<WaitClientKeyExchange> on(const Certificate12&, ServerContext&) &&;
};

/// What a client has shown of itself; the chain's proof may come late.
struct ClientEvidence {
  CertificatePtr leaf = {};  ///< null: no certificate, nothing to prove
  std::optional<ChainVerified> chain = {};
};

struct WaitClientKeyExchange {
  static constexpr std::string_view name = "WAIT_CLIENT_KEY_EXCHANGE";
  Agreed agreed;
  SecretBytes private_key;
  ClientEvidence client = {};
  Result<WaitClientKeyExchange> on(Answered<ChainVerified>&&, ServerContext&) &&;
  Result<WaitSecret> on(const ClientKeyExchange&, ServerContext&) &&;
};

struct WaitSecret {
  static constexpr std::string_view name = "WAIT_CLIENT_KEY_EXCHANGE (key agreement)";
  static constexpr bool awaits_answer = true;
  Agreed agreed;
  ClientEvidence client;
  Result<WaitSecret> on(Answered<ChainVerified>&&, ServerContext&) &&;
  Result<OneOf<WaitCertificateVerify, WaitChangeCipherSpec>> on(Answered<SharedSecret>&&, ServerContext&) &&;
};

struct WaitCertificateVerify {
  static constexpr std::string_view name = "WAIT_CERTIFICATE_VERIFY";
  Agreed agreed;
  MasterSecret master;
  ClientEvidence client;
  Result<WaitCertificateVerify> on(Answered<ChainVerified>&&, ServerContext&) &&;
  Result<WaitProofs> on(const CertificateVerify&, ServerContext&) &&;
};

struct WaitProofs {
  static constexpr std::string_view name = "WAIT_CERTIFICATE_VERIFY (proofs)";
  static constexpr bool awaits_answer = true;
  Agreed agreed;
  MasterSecret master;
  ClientEvidence client;
  std::vector<uint8_t> signed_messages;
  std::optional<SignatureVerified> signature = {};
  using Next = Result<OneOf<WaitProofs, WaitChangeCipherSpec>>;
  Next on(Answered<ChainVerified>&&, ServerContext&) &&;
  Next on(Answered<SignatureVerified>&&, ServerContext&) &&;

 private:
  Next when_both(ServerContext&) &&;
};

/// A full handshake: the client is who it proved to be, or nobody; our Finished follows the client's.
struct Full {
  std::variant<CertificateAuthenticated, ClientUnauthenticated> client;
  ServerWriteKeys keys;
};
/// An abbreviated one: our Finished is out already.
struct Abbreviated {};

struct WaitChangeCipherSpec {
  static constexpr std::string_view name = "WAIT_CHANGE_CIPHER_SPEC";
  Agreed agreed;
  MasterSecret master;
  ClientWriteKeys keys;
  std::variant<Full, Abbreviated> kind;
  Result<WaitFinished> on(const ChangeCipherSpec&, ServerContext&) &&;
};

struct WaitFinished {
  static constexpr std::string_view name = "WAIT_FINISHED";
  Agreed agreed;
  MasterSecret master;
  std::variant<Full, Abbreviated> kind;
  Result<OneOf<WaitTicket, Connected>> on(const Finished&, ServerContext&) &&;
};

struct WaitTicket {
  static constexpr std::string_view name = "WAIT_FINISHED (ticket)";
  static constexpr bool awaits_answer = true;
  const Suite* suite;
  MasterSecret master;
  Full full;
  FinishedVerified finished;
  Result<Connected> on(Answered<Ticket>&&, ServerContext&) &&;
};

using AfterHello = OneOf<WaitChoices>;
using States =
    OneOf<WaitChoices, WaitClientChain, WaitShare, WaitSignature, WaitCertificate, WaitClientKeyExchange,
          WaitSecret, WaitCertificateVerify, WaitProofs, WaitChangeCipherSpec, WaitFinished, WaitTicket>;

// Skipping a message is not a state: these would compile if it were.
static_assert(!Accepts<WaitCertificate, const ClientKeyExchange&, ServerContext>);
static_assert(!Accepts<WaitCertificate, const ChangeCipherSpec&, ServerContext>);
static_assert(!Accepts<WaitClientKeyExchange, const Certificate12&, ServerContext>);
static_assert(!Accepts<WaitClientKeyExchange, const ChangeCipherSpec&, ServerContext>);
static_assert(!Accepts<WaitClientKeyExchange, const Finished&, ServerContext>);
static_assert(!Accepts<WaitCertificateVerify, const ChangeCipherSpec&, ServerContext>);
static_assert(!Accepts<WaitCertificateVerify, const Finished&, ServerContext>);
static_assert(!Accepts<WaitChangeCipherSpec, const CertificateVerify&, ServerContext>);
static_assert(!Accepts<WaitChangeCipherSpec, const Finished&, ServerContext>);
static_assert(!Accepts<WaitFinished, const ChangeCipherSpec&, ServerContext>);

}  // namespace bulla::tls::tls12::server

namespace bulla::tls::tls12 {

using ServerAfterHello = server::AfterHello;
using ServerStates = server::States;

/// WAIT_CLIENT_HELLO for 1.2. The version is settled and the ClientHello is in the transcript, whose hash is
/// chosen here; so is our random.
Result<ServerAfterHello> on_client_hello(ReceivedHello&&, ServerContext&);

}  // namespace bulla::tls::tls12
