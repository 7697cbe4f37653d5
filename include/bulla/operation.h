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

enum class OperationId : uint32_t {};

/// The peer's certificate chain as an operation carries it: owned, so that it can cross threads.
using Chain = std::vector<CertificatePtr>;

/// Make a key pair of `group` → KeyPair.
struct GenerateShare {
  NamedGroup group;
};
/// Answer the peer's share with our own and the common secret → Encapsulated.
struct Encapsulate {
  NamedGroup group;
  std::vector<uint8_t> peer_share;
};
/// Compute the common secret from our private key and the peer's answer → SharedSecret.
struct Decapsulate {
  NamedGroup group;
  SecretBytes private_key;
  std::vector<uint8_t> peer_share;
};
/// Choose what to prove our identity with → IdentityPtr, or nullptr for none.
struct SelectIdentity {
  bool server;                                    ///< which role we play
  std::string server_name;                        ///< SNI as the client sent it; empty if none
  std::vector<SignatureScheme> schemes;           ///< what the peer verifies
  std::vector<std::vector<uint8_t>> authorities;  ///< DER names of the CAs the peer trusts; empty: any
  std::vector<CipherSuite> cipher_suites;         ///< what the client offered (server role)
  ProtocolVersion version;
};
/// Sign `message` → Signature.
struct Sign {
  IdentityPtr identity;
  SignatureScheme scheme;
  std::vector<uint8_t> message;
};
/// Check the peer's handshake signature → SignatureVerified or an error.
struct VerifySignature {
  CertificatePtr leaf;
  SignatureScheme scheme;
  std::vector<uint8_t> message;
  std::vector<uint8_t> signature;
};
/// Check the peer's chain → ChainVerified or an error.
struct VerifyChain {
  Chain chain;
  std::optional<ServerName> name;  ///< what the leaf must be called; none when a server checks a client
  CertificatePurpose purpose;
  Time now;
  std::vector<uint8_t> ocsp_response;
};
/// Seal a session into a ticket → Ticket.
struct SealTicket {
  SecretBytes state;
  Time now;
};
/// Open a ticket → SessionState, empty if it is not ours.
struct OpenTicket {
  std::vector<uint8_t> ticket;
  Time now;
};
/// Find a TLS 1.2 session by id → SessionState, empty if unknown.
struct LookupSession {
  std::vector<uint8_t> session_id;
  Time now;
};

/// Something that a connection wants done. Owns all it needs; may be moved to another thread.
struct Operation {
  OperationId id;
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
inline OperationKind kind_of(const Operation& operation) noexcept {
  return static_cast<OperationKind>(operation.request.index());
}
std::string name_of(OperationKind kind);

/// A set of operation kinds.
class OperationSet {
 public:
  constexpr OperationSet() noexcept = default;
  constexpr OperationSet(std::initializer_list<OperationKind> kinds) noexcept {
    for (const auto kind : kinds) bits_ = static_cast<uint16_t>(bits_ | 1u << static_cast<unsigned>(kind));
  }
  static constexpr OperationSet all() noexcept {
    OperationSet set;
    set.bits_ = 0x3ff;
    return set;
  }
  constexpr bool has(OperationKind kind) const noexcept { return bits_ >> static_cast<unsigned>(kind) & 1; }

 private:
  uint16_t bits_ = 0;
};

struct KeyPair {
  SecretBytes private_key;
  std::vector<uint8_t> share;
};
struct Encapsulated {
  std::vector<uint8_t> share;
  SecretBytes secret;
};
struct SharedSecret {
  SecretBytes secret;
};
struct SelectedIdentity {
  IdentityPtr identity;
};
struct Signature {
  std::vector<uint8_t> bytes;
};
struct Ticket {
  std::vector<uint8_t> bytes;
};
struct SessionState {
  std::optional<SecretBytes> state;
};

/// Proof that a handshake signature was checked with the leaf's key. Made by verify_handshake_signature only.
class SignatureVerified {
 public:
  bool is_for(const Certificate& leaf, Bytes message) const noexcept;
  SignatureScheme scheme() const noexcept { return scheme_; }

 private:
  friend Result<SignatureVerified> verify_handshake_signature(const Provider&, const VerifySignature&);
  SignatureVerified(const Certificate& leaf, SignatureScheme scheme, std::vector<uint8_t> message) noexcept
      : leaf_(&leaf), scheme_(scheme), message_(std::move(message)) {}
  const Certificate* leaf_;
  SignatureScheme scheme_;
  std::vector<uint8_t> message_;
};
Result<SignatureVerified> verify_handshake_signature(const Provider& provider,
                                                     const VerifySignature& request);

/// An answer to an operation; the alternatives are named at the requests above. Error: the operation failed.
using Answer = std::variant<KeyPair, Encapsulated, SharedSecret, SelectedIdentity, Signature,
                            SignatureVerified, ChainVerified, Ticket, SessionState, Error>;

struct Services;  // config.h: what operations are answered with

/// Answers one operation with the config's own services: what the engine does by default, for callers that
/// only want it done elsewhere. Safe in any thread.
Answer perform(const Operation& operation, const Services& services);
/// Answers many operations, possibly of many connections with the same services; key agreements and
/// verifications of one kind go to the provider in one call. `answers` is as long as `operations`.
void perform_batch(std::span<const Operation* const> operations, const Services& services,
                   std::span<Answer> answers);

}  // namespace bulla
