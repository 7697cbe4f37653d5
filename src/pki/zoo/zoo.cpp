#include <bulla/zoo.h>

#include "asn1/pem.h"
#include "pki/zoo/kept.h"
#include "x509/certificate.h"

#include <algorithm>

namespace bulla::pki {

struct Zoo::Keepers {
  zoo::Keeper root, intermediate;
};

namespace {

/// What a server is given to show: a certificate that cannot be parsed is shown by a sound one of the same
/// key, which goes over the wire as the other's bytes.
Result<IdentityPtr> identity_of(const zoo::Shown& shown, const zoo::Visit& visit) {
  std::vector<CertificatePtr> chain;
  for (const auto& der : shown.chain) {
    if (auto read = Certificate::from_der(der)) {
      chain.push_back(*std::move(read));
      continue;
    }
    BULLA_TRY(const zoo::Keeper double_of_it,
              zoo::make(zoo::leaf_draft(visit), shown.key.signer(), &visit.intermediate, visit.means));
    BULLA_TRY(CertificatePtr disguised, x509::disguised(double_of_it.der, der));
    chain.push_back(std::move(disguised));
  }
  return Identity::create(std::move(chain), shown.key.signer());
}

}  // namespace

std::string Specimen::host() const {
  return std::string(name) + ".zoo.localhost";
}

std::string Exhibit::chain_pem() const {
  std::string out;
  for (const auto& der : chain) out += asn1::encode_pem("CERTIFICATE", der);
  return out;
}

Result<Zoo> Zoo::open(const Surroundings& around) {
  const Means means = means_of(around);
  auto keepers = std::make_shared<Keepers>();
  const zoo::Visit visit{keepers->root, keepers->intermediate, {}, means};
  zoo::Draft root = zoo::ca_draft(visit, "Zoo root CA, for tests only");
  root.not_before -= std::chrono::days(3650);  // older than anything that it certified
  BULLA_TRY(keepers->root, zoo::make_ca(visit, root, nullptr));
  BULLA_TRY(keepers->intermediate,
            zoo::make_ca(visit, zoo::ca_draft(visit, "Zoo intermediate CA"), &keepers->root));
  BULLA_TRY(CertificatePtr certificate, Certificate::from_der(keepers->root.der));
  return Zoo(std::move(certificate), std::move(keepers));
}

std::string Zoo::root_pem() const {
  return asn1::encode_pem("CERTIFICATE", root_->der());
}

Result<Exhibit> Zoo::exhibit(const Specimen& specimen, const Surroundings& around) const {
  const auto all = zoo::all_kept();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const zoo::Kept& one) { return one.specimen.name == specimen.name; });
  if (found == all.end()) return Error{ErrorCode::bad_argument, "the zoo has no " + printable(specimen.name)};
  const Means means = means_of(around);
  const zoo::Visit visit{keepers_->root, keepers_->intermediate, specimen.host(), means};
  BULLA_TRY(zoo::Shown shown, found->make(visit));
  BULLA_TRY(IdentityPtr identity, identity_of(shown, visit));
  return Exhibit{
      .chain = std::move(shown.chain), .key = std::move(shown.key), .identity = std::move(identity)};
}

}  // namespace bulla::pki
