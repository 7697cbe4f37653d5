// What an OCSP response proves of a certificate (RFC 6960 §3.2).
#pragma once

#include "x509/ocsp_response.h"
#include "x509/status_signature.h"

#include <bulla/certificate.h>

#include <string>
#include <vector>

namespace bulla::x509 {

/// A response with the certificates that came along and may be the responder's, parsed once.
struct OcspEvidence {
  OcspResponsePtr response = {};
  std::vector<CertificatePtr> certificates = {};

  explicit OcspEvidence(OcspResponsePtr from);
};

/// RFC 6960 §4.2.2.2: what the certificate of a responder must be, apart from being signed by `issuer`.
/// Returns what it lacks, or nullptr.
const char* why_no_responder(const CertificatePtr& responder, const Certificate& issuer, Time now,
                             unsigned min_rsa_bits);

/// One answer that is proved, or why there is none.
struct OcspFinding {
  const SingleResponse* answer = nullptr;
  std::string why = {};
  CertificatePtr delegate = {};  ///< the responder that the issuer appointed; none where it signed itself
};
OcspFinding find_answer(const OcspEvidence& evidence, const Certificate& certificate,
                        const Certificate& issuer, Time now, Seconds max_age, StatusSignatures& signatures);

}  // namespace bulla::x509
