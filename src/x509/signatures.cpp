#include "x509/signatures.h"

#include "x509/evidence.h"

namespace bulla::x509 {

std::optional<bool> PaidSignatures::verifies(const Signed& what, const Certificate& signer) {
  if (!what.algorithm || !provider_.supports(*what.algorithm) || !signer.key_allows(*what.algorithm))
    return false;
  const std::pair asked(what.message.data(), &signer);
  if (const auto known = verified_.find(asked); known != verified_.end()) return known->second;
  if (spent_ >= budget_) return {};
  const PublicKeyView key = signer.public_key();
  spent_ += signature_cost(key);
  VerifyJob job{
      .key = &key, .algorithm = *what.algorithm, .message = what.message, .signature = what.signature};
  provider_.signing.verify({&job, 1});
  verified_.emplace(asked, job.ok);
  return job.ok;
}

PaidSignatures::Signed certificate_signature(const Certificate& certificate) {
  const ParsedCertificate& parsed = certificate.parsed();
  return {parsed.tbs, parsed.signature_algorithm, parsed.signature_value};
}

SignatureState Signatures::state(const Certificate& child, const Certificate& issuer) {
  if (is_weak_signature(child.parsed().signature)) return SignatureState::weak;
  const auto algorithm = child.signature_algorithm();
  if (!algorithm || !paid_.provider().supports(*algorithm)) return SignatureState::unsupported;
  if (!issuer.has_usable_key()) return SignatureState::unusable_key;
  if (!issuer.key_allows(*algorithm)) return SignatureState::other_key;
  const auto good = paid_.verifies(certificate_signature(child), issuer);
  if (!good) return SignatureState::unpaid;
  if (*good) return SignatureState::good;
  return compare_identifiers(child, issuer) == KeyIdentifiers::differ ? SignatureState::other_key
                                                                      : SignatureState::bad;
}

Error signature_failure(SignatureState state, const Certificate& child, const Certificate& issuer,
                        size_t count) {
  const std::string made_with = "it is signed with " + print_algorithm(child.parsed().signature);
  switch (state) {
    case SignatureState::weak: return {ErrorCode::certificate_weak_signature, made_with};
    case SignatureState::unsupported: return {ErrorCode::certificate_unsupported_algorithm, made_with};
    case SignatureState::unusable_key:
      return {ErrorCode::certificate_unsupported_algorithm,
              "the key of " + label(issuer) + ": " + print_key(issuer.parsed().public_key)};
    case SignatureState::unpaid:
      return {ErrorCode::certificate_budget_exhausted, std::to_string(count) + " signatures were checked"};
    case SignatureState::other_key:
      return {ErrorCode::certificate_unknown_issuer,
              "there is a certificate of that name, but with another key than the one that signed",
              "the issuer was made anew, or it is another CA of the same name: give the certificate of the "
              "CA that really signed (--ca FILE); `openssl x509 -in FILE -noout -ext "
              "authorityKeyIdentifier,subjectKeyIdentifier` shows which"};
    case SignatureState::bad:
    case SignatureState::good: break;
  }
  return {ErrorCode::certificate_bad_signature,
          "the key of " + label(issuer) + " did not make its signature"};
}

}  // namespace bulla::x509
