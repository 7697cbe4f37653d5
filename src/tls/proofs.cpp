#include "tls/proofs.h"

#include "base/ct.h"
#include "tls/schemes.h"

namespace bulla::tls {

Result<FinishedVerified> check_finished(Bytes expected, Bytes received) {
  // RFC 9846 §4.5.3: whatever is not the expected content, of whatever length, is a decrypt_error.
  if (!ct::equal(expected, received)) return ErrorCode::finished_mismatch;
  return FinishedVerified{};
}

Result<CertificateAuthenticated> authenticate(const Certificate& leaf, const ServerName* name,
                                              Bytes signed_message, ChainVerified chain,
                                              SignatureVerified signature) {
  if (!chain.is_for(leaf, name)) return Error{ErrorCode::internal, "a chain proof of another leaf or name"};
  if (!signature.is_for(leaf, signed_message))
    return Error{ErrorCode::internal, "a signature proof of another message"};
  return CertificateAuthenticated{std::move(chain)};
}

ResumptionAuthenticated resumed(const FinishedVerified&) {
  return {};
}

}  // namespace bulla::tls

namespace bulla {

bool SignatureVerified::is_for(const Certificate& leaf, Bytes message) const noexcept {
  return leaf_ == &leaf && equal_vartime(message_, message);
}

Result<SignatureVerified> verify_handshake_signature(const Provider& provider,
                                                     const VerifySignature& request) {
  const tls::Scheme* scheme = tls::find_scheme(request.scheme);
  if (!scheme) return ErrorCode::signature_scheme_not_offered;
  const PublicKeyView key = request.leaf->public_key();
  VerifyJob job{&key, scheme->algorithm, request.message, request.signature};
  provider.signing.verify({&job, 1});
  if (!job.ok) return Error{ErrorCode::bad_handshake_signature, "certificate of " + request.leaf->subject()};
  return SignatureVerified{*request.leaf, request.scheme, request.message};
}

}  // namespace bulla
