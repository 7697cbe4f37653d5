#include "x509/signatures.h"

#include "x509/evidence.h"

namespace bulla::x509 {
SignatureState Signatures::state(const Certificate& child, const Certificate& issuer) {
  const ParsedCertificate& parsed = child.parsed();
  if (is_weak_signature(parsed.signature)) return SignatureState::weak;
  const auto algorithm = child.signature_algorithm();
  if (!algorithm || !provider_.supports(*algorithm)) return SignatureState::unsupported;
  if (!issuer.has_usable_key()) return SignatureState::unusable_key;
  if (!issuer.key_allows(*algorithm)) return SignatureState::other_key;
  auto entry = verified_.find({&child, &issuer});
  if (entry == verified_.end()) {
    if (spent_ >= budget_) return SignatureState::unpaid;
    const PublicKeyView key = issuer.public_key();
    spent_ += signature_cost(key);
    VerifyJob job{
        .key = &key, .algorithm = *algorithm, .message = parsed.tbs, .signature = parsed.signature_value};
    provider_.signing.verify({&job, 1});
    entry = verified_.emplace(std::pair(&child, &issuer), job.ok).first;
  }
  if (entry->second) return SignatureState::good;
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
