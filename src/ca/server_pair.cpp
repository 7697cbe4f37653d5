// The certificate that a server of this machine shows, kept in the CA's folder.
#include "pki/kept_pair.h"

#include <bulla/ca.h>

namespace bulla::ca {

Result<pki::LocalCa::Fitting> Authority::fitting_identity(std::vector<std::string> names,
                                                          std::string_view passphrase,
                                                          const pki::Surroundings& around) const {
  const pki::Means means = pki::means_of(around);
  const auto issue = [&](const std::vector<std::string>& wanted) -> Result<pki::Issued> {
    BULLA_TRY(const Issuer issuer, unlock(passphrase, means.provider));
    return issuer.issue({.names = wanted}, {}, surroundings_of(means));
  };
  // What clients are told to refuse is not shown to them.
  const auto is_welcome = [&](const Certificate& leaf) {
    const auto record = by_serial(leaf.serial());
    return record && !record->revocation;
  };
  return pki::kept_pair(
      {.folder = folder_, .issuer = certificate(), .issue = issue, .is_welcome = is_welcome},
      std::move(names), means);
}

}  // namespace bulla::ca
