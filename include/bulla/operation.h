// Slow work as values: what a handshake wants done, and the answers. By default every operation is answered
// inline; operations named in a config's `external_operations` leave Connection::next as events instead, and
// the caller answers with Connection::complete: a turn later, from a thread, a batch, an HSM, another
// machine.
#pragma once

#include <bulla/certificate.h>
#include <bulla/provider.h>
#include <bulla/time.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace bulla {

/// Names an operation within its connection; never used twice there.
enum class OperationId : uint32_t {};

/// The peer's certificate chain as an operation carries it: owned, so that it can cross threads.
using Chain = std::vector<CertificatePtr>;

/// Make a key pair of `group` → KeyPair.
struct GenerateShare {
  NamedGroup group;  ///< one of the config's groups
};
/// Answer the peer's share with our own and the common secret → Encapsulated.
struct Encapsulate {
  NamedGroup group;                 ///< one of the config's groups
  std::vector<uint8_t> peer_share;  ///< as received, not checked yet: bad_key_share if it is none
};
/// Compute the common secret from our private key and the peer's answer → SharedSecret.
struct Decapsulate {
  NamedGroup group;                 ///< the group of the KeyPair
  SecretBytes private_key;          ///< of the KeyPair answered before
  std::vector<uint8_t> peer_share;  ///< as received, not checked yet: bad_key_share if it is none
};
/// Choose what to prove our identity with → SelectedIdentity, which holds nullptr for none: a client then
/// sends no certificate, and a server that needs one fails with no_application_identity.
struct SelectIdentity {
  bool server;                                    ///< which role we play
  std::string server_name;                        ///< SNI as the client sent it; empty if none
  std::vector<SignatureScheme> schemes;           ///< what the peer verifies in `version`
  std::vector<std::vector<uint8_t>> authorities;  ///< DER names of the CAs the peer trusts; empty: any
  std::vector<CipherSuite> cipher_suites;         ///< what the client offered (server role)
  ProtocolVersion version;                        ///< what was negotiated
};
/// Sign `message` with the identity's key → Signature.
struct Sign {
  IdentityPtr identity;          ///< the one that was selected
  SignatureScheme scheme;        ///< fits the key, and the peer accepts it
  std::vector<uint8_t> message;  ///< whole, not its hash
};
/// Check the peer's handshake signature → SignatureVerified, or an error (bad_handshake_signature).
struct VerifySignature {
  CertificatePtr leaf;             ///< whose key must have signed; the proof is for this very object
  SignatureScheme scheme;          ///< one that we offered and that fits the key
  std::vector<uint8_t> message;    ///< whole, not its hash
  std::vector<uint8_t> signature;  ///< as received
};
/// Check the peer's chain → ChainVerified, or an error; see Verifier::verify, whose VerifyRequest has the
/// same fields.
struct VerifyChain {
  Chain chain;                         ///< as the peer sent it, leaf first, never empty
  std::optional<ServerName> name;      ///< what the leaf must be called; none when a server checks a client
  CertificatePurpose purpose;          ///< what the peer is to us
  Time now;                            ///< the time that Connection::next was given
  std::vector<uint8_t> ocsp_response;  ///< stapled, not looked at; empty: none
  OcspStapling stapling = OcspStapling::not_requested;  ///< whether a response was asked for
};
/// Seal a session into a ticket → Ticket, empty if none is to be issued.
struct SealTicket {
  SecretBytes state;  ///< empty where the session is too large to be resumed: answer an empty Ticket
  Time now;           ///< the time that Connection::next was given
};
/// Open a ticket → SessionState, empty if it is not ours.
struct OpenTicket {
  std::vector<uint8_t> ticket;  ///< as the client sent it: anything at all
  Time now;                     ///< the time that Connection::next was given
};
/// Find a TLS 1.2 session by id → SessionState, empty if unknown.
struct LookupSession {
  std::vector<uint8_t> session_id;  ///< as the client sent it, 1 to 32 bytes
  Time now;                         ///< the time that Connection::next was given
};

/// Something that a connection wants done. Owns all it needs; may be moved to another thread.
struct Operation {
  OperationId id;  ///< what Connection::complete is given back
  /// What is wanted; the answer's type stands at each of them.
  std::variant<GenerateShare, Encapsulate, Decapsulate, SelectIdentity, Sign, VerifySignature, VerifyChain,
               SealTicket, OpenTicket, LookupSession>
      request;
};

/// Kinds of operation, in the order of Operation::request; a set of them is an OperationSet.
enum class OperationKind : uint8_t {
  generate_share,
  encapsulate,
  decapsulate,
  select_identity,
  sign,
  verify_signature,
  verify_chain,
  seal_ticket,
  open_ticket,
  lookup_session,
};
/// Which of them an operation is.
inline OperationKind kind_of(const Operation& operation) noexcept {
  return static_cast<OperationKind>(operation.request.index());
}
/// "generate_share", "sign" and so on, as the enumerators are called.
std::string name_of(OperationKind kind);

/// A set of operation kinds.
class OperationSet {
 public:
  constexpr OperationSet() noexcept = default;  ///< none
  /// Just these: `{OperationKind::sign}`.
  constexpr OperationSet(std::initializer_list<OperationKind> kinds) noexcept {
    for (const auto kind : kinds) bits_ = static_cast<uint16_t>(bits_ | 1u << static_cast<unsigned>(kind));
  }
  /// Every kind.
  static constexpr OperationSet all() noexcept {
    OperationSet set;
    set.bits_ = 0x3ff;
    return set;
  }
  /// What is in either.
  constexpr OperationSet operator|(OperationSet other) const noexcept {
    other.bits_ |= bits_;
    return other;
  }
  /// Whether the set holds this kind.
  constexpr bool has(OperationKind kind) const noexcept { return bits_ >> static_cast<unsigned>(kind) & 1; }

 private:
  uint16_t bits_ = 0;
};

/// The answer to GenerateShare.
struct KeyPair {
  SecretBytes private_key;     ///< opaque to the engine, which hands it back in Decapsulate
  std::vector<uint8_t> share;  ///< what the peer is sent: GroupAlgorithm::share_size bytes
};
/// The answer to Encapsulate.
struct Encapsulated {
  std::vector<uint8_t> share;  ///< what the peer is sent: GroupAlgorithm::reply_size bytes
  SecretBytes secret;          ///< what both sides know
};
/// The answer to Decapsulate.
struct SharedSecret {
  SecretBytes secret;  ///< what both sides know
};
/// The answer to SelectIdentity.
struct SelectedIdentity {
  IdentityPtr identity;  ///< nullptr: none
};
/// The answer to Sign.
struct Signature {
  std::vector<uint8_t> bytes;  ///< in the form of the scheme; ECDSA in DER
};
/// The answer to SealTicket.
struct Ticket {
  std::vector<uint8_t> bytes;  ///< 1 to 65535 bytes, opaque; empty: no ticket
};
/// The answer to OpenTicket and LookupSession.
struct SessionState {
  std::optional<SecretBytes> state;  ///< what was sealed or kept; nothing: a full handshake
};

/// Proof that a handshake signature was checked with the leaf's key. Made by verify_handshake_signature only.
class SignatureVerified {
 public:
  /// Whether this proof was made for this very `leaf` object and these bytes. A copy of the certificate
  /// parsed elsewhere is another object.
  bool is_for(const Certificate& leaf, Bytes message) const noexcept;
  SignatureScheme scheme() const noexcept { return scheme_; }  ///< how the peer signed

 private:
  /// The one way to the proof: verifies with the leaf's key. Errors: bad_handshake_signature;
  /// signature_scheme_not_offered for a scheme that is unknown. Safe in any thread.
  friend Result<SignatureVerified> verify_handshake_signature(const Provider&, const VerifySignature&);
  SignatureVerified(const Certificate& leaf, SignatureScheme scheme, std::vector<uint8_t> message) noexcept
      : leaf_(&leaf), scheme_(scheme), message_(std::move(message)) {}
  const Certificate* leaf_;
  SignatureScheme scheme_;
  std::vector<uint8_t> message_;
};
Result<SignatureVerified> verify_handshake_signature(const Provider& provider,
                                                     const VerifySignature& request);

/// An answer to an operation; which alternative it is stands at the requests above. An Error ends the
/// handshake, with the alert of its row; where it answers SealTicket, OpenTicket or LookupSession, it costs
/// the resumption only.
using Answer = std::variant<KeyPair, Encapsulated, SharedSecret, SelectedIdentity, Signature,
                            SignatureVerified, ChainVerified, Ticket, SessionState, Error>;

struct Services;  // config.h: what operations are answered with

/// Answers one operation with the config's own services: what the engine does by default, for callers that
/// only want it done elsewhere. Safe in any thread, as far as the services are.
Answer perform(const Operation& operation, const Services& services);
/// How many operations of this kind the services' provider or key computes side by side; 1 where gathering
/// them gains nothing.
size_t lanes_of(const Operation& operation, const Services& services);
/// Answers many operations, possibly of many connections with the same services; key agreements of one group
/// and signatures of one key go to the provider in one call, all others one by one. `answers` is as long as
/// `operations`.
void perform_batch(std::span<const Operation* const> operations, const Services& services,
                   std::span<Answer> answers);

}  // namespace bulla
