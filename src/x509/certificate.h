// A certificate taken apart (RFC 5280 §4.1). Everything is a view into `der`, which the object owns.
#pragma once

#include "x509/algorithm.h"
#include "x509/extensions.h"

#include <bulla/certificate.h>

#include <memory>
#include <vector>

namespace bulla::x509 {

struct ParsedCertificate {
  std::vector<uint8_t> der = {};

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

Result<std::unique_ptr<const ParsedCertificate>> parse_certificate(Bytes der);

}  // namespace bulla::x509
