// SignedCertificateTimestampList (RFC 6962 §3.3): which logs promised to publish a certificate, and when.
#pragma once

#include <bulla/bytes.h>
#include <bulla/time.h>

#include <optional>
#include <vector>

namespace bulla::pki {

/// Views into the certificate. The signature is not checked: that takes the log's key.
struct Sct {
  uint8_t version = 0;  ///< 0 is v1; of others nothing else is known
  Bytes log_id = {};    ///< SHA-256 of the log's key
  Time time = {};
  Bytes extensions = {};
  uint8_t hash = 0, signature_algorithm = 0;  ///< RFC 5246 §7.4.1.4.1
  Bytes signature = {};
};

/// The value of the certificate extension: an OCTET STRING with a list in TLS's form. Nothing where it is
/// malformed.
std::optional<std::vector<Sct>> read_sct_list(Bytes extension_value);

}  // namespace bulla::pki
