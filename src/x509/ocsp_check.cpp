#include "x509/ocsp_check.h"

#include "asn1/oid.h"
#include "asn1/time.h"
#include "x509/checks.h"
#include "x509/evidence.h"
#include "x509/name.h"

#include <algorithm>

namespace bulla {
namespace x509 {
namespace {

/// One is usual. Those beyond are not looked at.
constexpr size_t max_certificates = 8;

/// ResponderID names this certificate: by its subject, or by the SHA-1 of its key.
bool names_responder(const ParsedOcspResponse& response, const Certificate& certificate,
                     const Provider& provider) {
  if (response.responder_key.empty()) return names_equal(response.responder_name, certificate.subject_der());
  return equal_vartime(key_hash_of(certificate.parsed().public_key, provider), response.responder_key);
}

PaidSignatures::Signed signature_of(const ParsedOcspResponse& response) {
  return {response.tbs, response.signature_algorithm, response.signature_value};
}

/// §3.2 (2), (4): signed by the issuer itself, or by a responder that it appointed. Returns why not, or
/// nothing.
std::string check_signer(const OcspEvidence& evidence, const Certificate& issuer, Time now,
                         StatusSignatures& signatures, CertificatePtr& delegate) {
  const ParsedOcspResponse& response = evidence.response->parsed();
  std::string why = "no certificate of the responder that it names (" +
                    shortened(evidence.response->responder()) + ") came along";
  if (names_responder(response, issuer, signatures.provider())) {
    if (signatures.verifies(signature_of(response), issuer)) return {};
    why = "its signature was not made by the key of " + label(issuer);
  }
  for (const CertificatePtr& responder : evidence.certificates) {
    if (!names_responder(response, *responder, signatures.provider())) continue;
    const std::string who = "the certificate of the responder (" + label(*responder) + ") ";
    if (const char* lacks = why_no_responder(responder, issuer, now, signatures.min_rsa_bits()))
      why = who + lacks;
    else if (!signatures.verifies(certificate_signature(*responder), issuer))
      why = who + "is not signed by " + label(issuer);
    else if (!signatures.verifies(signature_of(response), *responder))
      why = "its signature was not made by the key of the responder (" + label(*responder) + ')';
    else
      return delegate = responder, std::string();
  }
  return why;
}

/// §3.2 (1): the answer for this certificate; of several the worst.
const SingleResponse* matching_answer(const ParsedOcspResponse& response, const Certificate& certificate,
                                      const Certificate& issuer, const Provider& provider) {
  const auto badness = [](RevocationStatus status) {
    return status == RevocationStatus::revoked ? 2 : status == RevocationStatus::unknown ? 1 : 0;
  };
  IssuerHashes hashes(certificate.issuer_der(), issuer.parsed().public_key, provider);
  const SingleResponse* worst = nullptr;
  for (const SingleResponse& one : response.responses) {
    if (!equal_vartime(one.id.serial, certificate.parsed().serial) || !hashes.are_in(one.id)) continue;
    if (!worst || badness(one.status) > badness(worst->status)) worst = &one;
  }
  return worst;
}

/// §3.2 (5), (6), §4.2.2.1. Returns what is wrong with the dates, or nothing.
std::string check_answer_dates(const ParsedOcspResponse& response, const SingleResponse& answer, Time now,
                               Seconds max_age) {
  const StatusDates dates = {answer.this_update, answer.next_update};
  const std::string today = "; now it is " + asn1::format_time(now);
  if (freshness_of({response.produced_at}, now, Seconds::max()) == Freshness::early)
    return "it was made on " + asn1::format_time(response.produced_at) + ", in the future" + today;
  switch (freshness_of(dates, now, max_age)) {
    case Freshness::fresh: return {};
    case Freshness::early: return "its answer, " + describe(dates) + ", lies in the future" + today;
    case Freshness::stale: break;
  }
  const bool lasts = answer.status == RevocationStatus::revoked && is_lasting(answer.reason);
  return lasts ? std::string() : "its answer, " + describe(dates) + ", is too old" + today;
}

}  // namespace

const char* why_no_responder(const CertificatePtr& responder, const Certificate& issuer, Time now,
                             unsigned min_rsa_bits) {
  const ParsedCertificate& parsed = responder->parsed();
  if (!names_equal(parsed.issuer, issuer.subject_der())) return "was not issued by the certificate's issuer";
  // anyExtendedKeyUsage does not do: a CA appoints responders by this very purpose.
  const auto& purposes = parsed.extensions.extended_key_usage;
  const bool appointed =
      purposes && std::ranges::any_of(*purposes, [](Bytes oid) { return asn1::oids::ocsp_signing == oid; });
  if (!appointed) return "lacks the purpose OCSPSigning";
  if (!parsed.extensions.allows(KeyUsage::digital_signature)) return "may not sign (keyUsage)";
  if (!is_valid_at(*responder, now)) return "has expired, or is not valid yet";
  if (!is_understood(*responder)) return "has a critical extension that is not processed";
  if (!has_usable_key(*responder, min_rsa_bits)) return "has a key that is too weak, or of an unknown kind";
  if (wrong_usage_of_key(*responder)) return "has a keyUsage that no ML-DSA key may have (RFC 9881 §5)";
  return nullptr;
}

OcspEvidence::OcspEvidence(OcspResponsePtr from) : response(std::move(from)) {
  for (const Bytes der : response->parsed().certificates) {
    if (certificates.size() >= max_certificates) break;
    if (auto certificate = Certificate::from_der(der)) certificates.push_back(*std::move(certificate));
  }
}

OcspFinding find_answer(const OcspEvidence& evidence, const Certificate& certificate,
                        const Certificate& issuer, Time now, Seconds max_age, StatusSignatures& signatures) {
  const ParsedOcspResponse& response = evidence.response->parsed();
  const auto nothing = [](std::string why) { return OcspFinding{.why = std::move(why)}; };
  if (response.status != OcspResponseStatus::successful)
    return nothing("the responder answered " + std::string(name_of(response.status)));
  if (!response.unknown_critical.empty())
    return nothing("its critical extension " + asn1::to_dotted(response.unknown_critical) +
                   " is not processed");
  const SingleResponse* answer = matching_answer(response, certificate, issuer, signatures.provider());
  if (!answer) return nothing("it has no answer for this certificate");
  if (!answer->unknown_critical.empty())
    return nothing("the critical extension " + asn1::to_dotted(answer->unknown_critical) +
                   " of its answer is not processed");
  if (std::string why = check_answer_dates(response, *answer, now, max_age); !why.empty())
    return nothing(std::move(why));
  OcspFinding out;
  out.why = check_signer(evidence, issuer, now, signatures, out.delegate);
  if (out.why.empty()) out.answer = answer;
  return out;
}

}  // namespace x509

Result<OcspStatus> OcspResponse::verify(const Certificate& certificate, const Certificate& issuer, Time now,
                                        const Provider& provider) const {
  const WebPkiVerifier::Options options;
  x509::PaidSignatures paid(provider, options.max_signatures);
  x509::StatusSignatures signatures(paid, options.min_rsa_bits);
  // The evidence shares this object for the length of the call.
  const x509::OcspEvidence evidence(OcspResponsePtr(OcspResponsePtr(), this));
  const auto finding =
      x509::find_answer(evidence, certificate, issuer, now, options.max_status_age, signatures);
  if (!finding.answer) return Error{ErrorCode::ocsp_response_bad, finding.why};
  return answer(static_cast<size_t>(finding.answer - parsed_->responses.data()));
}

}  // namespace bulla
