// A certification request taken apart (RFC 2986 §4). Views into `der`, which the object owns.
#pragma once

#include "pki/certificate_writer.h"
#include "x509/algorithm.h"

namespace bulla::pki {

struct CertificationRequest::Parsed {
  std::vector<uint8_t> der = {};
  Bytes info = {};  ///< CertificationRequestInfo with its tag: what is signed
  Bytes subject = {};
  x509::SubjectPublicKey public_key = {};
  x509::AlgorithmIdentifier signature = {};
  Bytes signature_value = {};

  std::vector<AltName> names = {}, mailboxes = {};
  std::optional<Purposes> purposes = {};  ///< those of TLS that it asks for; none: it asks for no purpose
  bool must_staple = false, wants_ca = false;
  std::vector<std::string> not_granted = {};
  std::vector<std::string> subject_mailboxes = {};  ///< emailAddress attributes of the subject
};

/// The subject that a certificate for `use` gets: text that can be shown, without the mailboxes that it would
/// not get in its subjectAltName either. Error: csr_unacceptable.
Result<std::vector<uint8_t>> subject_for(const CertificationRequest::Parsed& request, CertificateUse use);
/// The subject as it is, for a CA. Error: csr_unacceptable where it is no text that can be shown.
Result<void> check_subject_text(const CertificationRequest::Parsed& request);

}  // namespace bulla::pki
