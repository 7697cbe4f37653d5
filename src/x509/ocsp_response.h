// An OCSP response taken apart (RFC 6960 §4.2.1). Everything is a view into `der`, which the object owns.
#pragma once

#include "x509/ocsp_cert_id.h"

#include <bulla/revocation.h>

#include <memory>
#include <vector>

namespace bulla::x509 {

struct SingleResponse {
  CertId id = {};
  RevocationStatus status = RevocationStatus::unknown;
  Time revoked_at = {};
  std::optional<RevocationReason> reason = {};
  Time this_update = {};
  std::optional<Time> next_update = {};
  Bytes unknown_critical = {};  ///< the OID of a critical extension that is not processed; empty for none
};

struct ParsedOcspResponse {
  std::vector<uint8_t> der = {};
  OcspResponseStatus status = OcspResponseStatus::successful;

  // What a successful one has.
  Bytes tbs = {};  ///< the ResponseData with its tag: what is signed
  AlgorithmIdentifier signature = {};
  std::optional<SignatureAlgorithm> signature_algorithm = {};
  Bytes signature_value = {};
  Bytes responder_name = {};  ///< the whole Name; empty where the responder goes by its key
  Bytes responder_key = {};   ///< SHA-1 of its key; empty where it goes by its name
  Time produced_at = {};
  std::vector<SingleResponse> responses = {};
  Bytes nonce = {};
  Bytes unknown_critical = {};           ///< as in SingleResponse
  std::vector<Bytes> certificates = {};  ///< sent along, DER, not looked at

  ParsedOcspResponse() = default;
  ParsedOcspResponse(const ParsedOcspResponse&) = delete;
  ParsedOcspResponse& operator=(const ParsedOcspResponse&) = delete;
};

Result<std::unique_ptr<const ParsedOcspResponse>> parse_ocsp_response(Bytes der);

/// The extensions of a whole request or response: their nonce, Nonce ::= OCTET STRING (SIZE(1..128)) (RFC
/// 9654 §2.1), and the OID of the first critical one that is not processed.
void read_ocsp_extensions(asn1::DerReader& r, Bytes& nonce, Bytes& unknown_critical);

}  // namespace bulla::x509
