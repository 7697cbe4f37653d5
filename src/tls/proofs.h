// Security facts as types: each can be made in one place only, and Connected requires them.
#pragma once

#include <bulla/certificate.h>
#include <bulla/operation.h>
#include <bulla/secret.h>

#include <variant>

namespace bulla::tls {

/// Proof that the peer's Finished value was checked: made by check_finished alone.
class FinishedVerified {
 private:
  friend Result<FinishedVerified> check_finished(Bytes expected, Bytes received);
  FinishedVerified() = default;
};
/// RFC 9846 §4.5.3, RFC 5246 §7.4.9: decode_error where the length is wrong, finished_mismatch where the
/// value is; compared in constant time.
Result<FinishedVerified> check_finished(Bytes expected, Bytes received);

/// The peer proved its identity with a certificate: chain and handshake signature, both of the same leaf.
class CertificateAuthenticated {
 public:
  const ChainVerified& chain() const noexcept { return chain_; }

 private:
  friend Result<CertificateAuthenticated> authenticate(const Certificate&, const ServerName*, Bytes,
                                                       ChainVerified, SignatureVerified);
  explicit CertificateAuthenticated(ChainVerified chain) : chain_(std::move(chain)) {}
  ChainVerified chain_;
};
/// Joins the two proofs; ErrorCode::internal unless both speak of this leaf, name and signed message.
Result<CertificateAuthenticated> authenticate(const Certificate& leaf, const ServerName* name,
                                              Bytes signed_message, ChainVerified chain,
                                              SignatureVerified signature);

/// The peer knows the secret of an earlier, authenticated connection (RFC 9846 §2.2): its Finished proved it.
class ResumptionAuthenticated {
 private:
  friend ResumptionAuthenticated resumed(const FinishedVerified&);
  ResumptionAuthenticated() = default;
};
ResumptionAuthenticated resumed(const FinishedVerified& finished);

/// A server that did not ask, or a client that did not answer an optional request.
struct ClientUnauthenticated {};

using PeerProof = std::variant<CertificateAuthenticated, ResumptionAuthenticated, ClientUnauthenticated>;

}  // namespace bulla::tls
