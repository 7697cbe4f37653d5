// An OCSP request taken apart and written (RFC 6960 §4.1.1). Everything is a view into `der`.
#pragma once

#include "x509/ocsp_cert_id.h"

#include <bulla/revocation.h>

#include <memory>
#include <vector>

namespace bulla::x509 {

struct ParsedOcspRequest {
  std::vector<uint8_t> der = {};
  std::vector<CertId> ids = {};
  Bytes nonce = {};             ///< empty for none
  Bytes unknown_critical = {};  ///< the OID of a critical extension that is not processed; empty for none

  ParsedOcspRequest() = default;
  ParsedOcspRequest(const ParsedOcspRequest&) = delete;
  ParsedOcspRequest& operator=(const ParsedOcspRequest&) = delete;
};

Result<std::shared_ptr<const ParsedOcspRequest>> parse_ocsp_request(Bytes der);

}  // namespace bulla::x509
