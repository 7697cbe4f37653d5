#include <bulla/zoo.h>

#include "asn1/pem.h"
#include "pki/zoo/kept.h"
#include "x509/certificate.h"

#include <algorithm>
#include <array>

namespace bulla::pki {

struct Zoo::Keepers {
  zoo::Keeper root, intermediate, lower;
  std::vector<uint8_t> revoked, revoked_by_list;  // serial numbers
  std::string lists_pem;

  zoo::Visit visit(std::string host, const Means& means) const {
    return {root, intermediate, lower, revoked, revoked_by_list, std::move(host), means};
  }
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
  BULLA_TRY(const IdentityPtr identity, Identity::create(std::move(chain), shown.key.signer()));
  return shown.ocsp_response.empty() ? identity : identity->with_ocsp_response(shown.ocsp_response);
}

/// The list of a CA: what it revoked an hour ago, by serial numbers.
Result<std::string> list_of(const zoo::Keeper& ca, std::span<const std::vector<uint8_t>> serials,
                            const Means& means) {
  std::vector<RevokedCertificate> revoked;
  for (const std::vector<uint8_t>& serial : serials)
    revoked.push_back({.serial = to_hex(serial),
                       .revoked_at = means.now - std::chrono::hours(2),
                       .reason = RevocationReason::key_compromise});
  BULLA_TRY(const CertificateAuthority authority, zoo::speaker(ca));
  BULLA_TRY(const RevocationListPtr list,
            authority.revocation_list({.revoked = revoked,
                                       .number = 1,
                                       .this_update = means.now - std::chrono::hours(1),
                                       .next_update = means.now + std::chrono::days(90)},
                                      surroundings_of(means)));
  return to_pem(*list);
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
  const zoo::Visit visit = keepers->visit({}, means);
  zoo::Draft root = zoo::ca_draft(visit, "Zoo root CA, for tests only");
  root.not_before -= std::chrono::days(3650);  // older than anything that it certified
  BULLA_TRY(keepers->root, zoo::make_ca(visit, root, nullptr));
  BULLA_TRY(keepers->intermediate,
            zoo::make_ca(visit, zoo::ca_draft(visit, "Zoo intermediate CA"), &keepers->root));
  BULLA_TRY(keepers->lower,
            zoo::make_ca(visit, zoo::ca_draft(visit, "Zoo lower CA"), &keepers->intermediate));
  keepers->revoked = zoo::new_serial(means.random);
  keepers->revoked_by_list = zoo::new_serial(means.random);
  BULLA_TRY(keepers->lists_pem,
            list_of(keepers->intermediate, std::array{keepers->revoked, keepers->revoked_by_list}, means));
  for (const zoo::Keeper* other : {&keepers->root, &keepers->lower}) {
    BULLA_TRY(const std::string list, list_of(*other, {}, means));
    keepers->lists_pem += list;
  }
  BULLA_TRY(CertificatePtr certificate, Certificate::from_der(keepers->root.der));
  return Zoo(std::move(certificate), std::move(keepers));
}

std::string Zoo::root_pem() const {
  return asn1::encode_pem("CERTIFICATE", root_->der());
}

const std::string& Zoo::lists_pem() const noexcept {
  return keepers_->lists_pem;
}

Result<Exhibit> Zoo::exhibit(const Specimen& specimen, const Surroundings& around) const {
  const auto all = zoo::all_kept();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const zoo::Kept& one) { return one.specimen.name == specimen.name; });
  if (found == all.end()) return Error{ErrorCode::bad_argument, "the zoo has no " + printable(specimen.name)};
  const Means means = means_of(around);
  const zoo::Visit visit = keepers_->visit(specimen.host(), means);
  BULLA_TRY(zoo::Shown shown, found->make(visit));
  BULLA_TRY(IdentityPtr identity, identity_of(shown, visit));
  return Exhibit{.chain = std::move(shown.chain),
                 .key = std::move(shown.key),
                 .ocsp_response = std::move(shown.ocsp_response),
                 .identity = std::move(identity)};
}

}  // namespace bulla::pki
