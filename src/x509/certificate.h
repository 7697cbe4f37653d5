// A certificate taken apart (RFC 5280 §4.1). Everything is a view into `storage`, which the object owns.
#pragma once

#include "x509/algorithm.h"
#include "x509/extensions.h"

#include <bulla/certificate.h>

#include <memory>
#include <vector>

namespace bulla::x509 {

struct ParsedCertificate {
  std::vector<uint8_t> storage = {};

  Bytes der = {};
  Bytes tbs = {};  ///< the TBSCertificate with its tag: what is signed
  uint8_t version = 1;
  Bytes serial = {};  ///< INTEGER content
  AlgorithmIdentifier signature = {};
  std::optional<SignatureAlgorithm> signature_algorithm = {};
  Bytes signature_value = {};
  Bytes issuer = {}, subject = {};  ///< the whole Name
  Time not_before = {}, not_after = {};
  SubjectPublicKey public_key = {};
  Extensions extensions = {};

  /// Subject and issuer are the same (RFC 5280 §3.2: self-issued; nothing about the signature).
  bool self_issued = false;
  bool is_ca() const noexcept { return extensions.basic_constraints && extensions.basic_constraints->ca; }

  ParsedCertificate() = default;
  ParsedCertificate(const ParsedCertificate&) = delete;
  ParsedCertificate& operator=(const ParsedCertificate&) = delete;
};

Result<std::unique_ptr<ParsedCertificate>> parse_certificate(Bytes der);
/// The same of the first `size` bytes of `storage`, which is kept.
Result<std::unique_ptr<ParsedCertificate>> parse_storage(std::vector<uint8_t> storage, size_t size);

/// A certificate that is `good` to whoever looks into it, and goes over the wire as `shown`, which need be
/// none: for who shows bad certificates on purpose. Error: certificate_malformed for `good`.
Result<CertificatePtr> disguised(Bytes good, Bytes shown);

}  // namespace bulla::x509
