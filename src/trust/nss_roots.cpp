#include "trust/nss_database.h"

#include <bulla/trust.h>

namespace bulla::trust {

Result<RootStore> nss_roots(const std::string& place, CertificatePurpose purpose, const Provider& provider) {
  const std::string path = nss_file_of(place);
  BULLA_TRY(const NssDatabase database, read_nss_file(path, provider));
  std::vector<CertificatePtr> anchors;
  for (const NssEntry& entry : database.entries) {
    const NssTrust trust = purpose == CertificatePurpose::server ? entry.server : entry.client;
    // A root store accepts what is in it also as a leaf; a database's "C" is about what it signed.
    if (trust == NssTrust::anchor && entry.certificate->is_ca()) anchors.push_back(entry.certificate);
  }
  if (anchors.empty())
    return Error{ErrorCode::certificate_not_found,
                 printable(path) + " trusts none of its " + std::to_string(database.entries.size()) +
                     " certificates as a CA of " +
                     (purpose == CertificatePurpose::server ? "servers" : "clients"),
                 "certutil -L -d sql:FOLDER shows what is in it; Mozilla's own roots are not: they are the "
                 "system's, which are used without --ca"};
  RootStore out;
  out.add_all(anchors);
  return out;
}

}  // namespace bulla::trust
