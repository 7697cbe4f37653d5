#include "pki/signed_by.h"

#include "x509/certificate.h"
#include "x509/name.h"

namespace bulla::pki {

bool is_signed_by(const Certificate& certificate, const Certificate& ca, const Provider& provider) {
  const x509::ParsedCertificate& parsed = certificate.parsed();
  if (!x509::names_equal(parsed.issuer, ca.subject_der()) || !parsed.signature_algorithm) return false;
  if (!ca.key_allows(*parsed.signature_algorithm)) return false;
  const PublicKeyView key = ca.public_key();
  VerifyJob job = {.key = &key,
                   .algorithm = *parsed.signature_algorithm,
                   .message = parsed.tbs,
                   .signature = parsed.signature_value};
  provider.signing.verify({&job, 1});
  return job.ok;
}

}  // namespace bulla::pki
