// Signing, and recording what is signed, in that order, before it is handed out.
#include "ca/records.h"
#include "pki/means.h"
#include "x509/algorithm.h"
#include "x509/certificate.h"

#include <bulla/ca.h>

#include <algorithm>

namespace bulla::ca {
namespace {

/// A serial number has 126 random bits (CA/Browser Forum, Baseline Requirements §7.1: at least 64). If one is
/// there already, the random source is broken; it is asked once more, and then not trusted.
constexpr int attempts = 2;

Template template_for(pki::CertificateUse use) noexcept {
  switch (use) {
    case pki::CertificateUse::server: return Template::server;
    case pki::CertificateUse::client: return Template::client;
    case pki::CertificateUse::both: break;
  }
  return Template::both;
}

const Certificate& leaf_of(const pki::Issued& issued) {
  return issued.certificate();
}
const Certificate& leaf_of(const std::vector<CertificatePtr>& chain) {
  return *chain.front();
}

/// What is said of a certificate that is to be made.
struct Plan {
  Template made_for = Template::both;
  Origin origin = Origin::issue;
  std::string predecessor = {};
};

/// In a transaction: nobody can revoke the CA, or what is renewed, before the new certificate is recorded.
Result<void> check_not_revoked(const Records& records, const Certificate& ca, const Plan& plan) {
  BULLA_TRY(const auto own, records.with_serial(ca.serial()));
  if (own && own->revocation)
    return Error{ErrorCode::ca_cannot_sign, ca.subject() + " was revoked",
                 "make a new CA: `bulla ca init --dir DIR`"};
  if (plan.predecessor.empty()) return {};
  BULLA_TRY(const auto old, records.with_serial(plan.predecessor));
  if (!old) return Error{ErrorCode::ca_certificate_unknown, '"' + plan.predecessor + '"'};
  if (old->revocation)
    return Error{ErrorCode::ca_revoked, old->certificate->subject() + ", serial number " + old->serial()};
  return {};
}

/// `make` signs; what it returns leaves this function after the commit, and only then.
template <class Make>
std::invoke_result_t<Make> record(const Records& records, const Certificate& ca, const Plan& plan, Time now,
                                  Make&& make) {
  for (int attempt = 0; attempt < attempts; ++attempt) {
    auto made = make();
    if (!made) return made;
    BULLA_TRY(Transaction change, records.begin());
    BULLA_TRY(check_not_revoked(records, ca, plan));
    BULLA_TRY(const bool added, records.add({.certificate = leaf_of(*made),
                                             .issuer = ca,
                                             .made_for = plan.made_for,
                                             .origin = plan.origin,
                                             .at = now,
                                             .predecessor = plan.predecessor}));
    if (!added) continue;
    BULLA_TRY(change.commit());
    return made;
  }
  return Error{ErrorCode::internal,
               "the random source repeats itself: it gave serial numbers that were issued"};
}

Result<pki::Terms> terms_of(const Records& records, unsigned days, pki::CertificateUse use,
                            const RevocationUrls& given) {
  BULLA_TRY(RevocationUrls urls, records.urls());
  if (!given.crl.empty()) urls.crl = given.crl;
  if (!given.ocsp.empty()) urls.ocsp = given.ocsp;
  return pki::Terms{
      .days = days, .use = use, .crl_url = std::move(urls.crl), .ocsp_url = std::move(urls.ocsp)};
}

/// As many days as `old` was made for; it began an hour early, and may have been cut off by its CA's end.
unsigned days_of(const Certificate& old) {
  const auto whole = std::chrono::round<std::chrono::days>(old.not_after() - old.not_before()).count();
  return static_cast<unsigned>(std::clamp<int64_t>(whole, 1, 36'500));
}

pki::KeyKind kind_of(const Certificate& old) {
  const PublicKeyView key = old.public_key();
  const bool rsa = key.type == KeyType::rsa || key.type == KeyType::rsa_pss;
  return {.type = key.type, .rsa_bits = rsa ? static_cast<unsigned>(x509::key_bits(key)) : 0};
}

/// What renewing starts from.
struct Old {
  Record record;
  Plan plan;
  pki::Terms terms;
};

Result<Old> old_one(const Records& records, std::string_view serial, const Renewal& renewal) {
  BULLA_TRY(auto found, records.with_serial(serial));
  if (!found) return Error{ErrorCode::ca_certificate_unknown, '"' + printable(serial.substr(0, 64)) + '"'};
  if (found->made_for == Template::ocsp)
    return Error{ErrorCode::bad_argument, found->certificate->subject() + " answers OCSP requests for the CA",
                 "`bulla ca ocsp` appoints another one by itself"};
  BULLA_TRY(pki::Terms terms, terms_of(records, renewal.days ? renewal.days : days_of(*found->certificate),
                                       pki::CertificateUse::both, renewal.urls));
  Plan plan = {.made_for = found->made_for, .origin = Origin::renew, .predecessor = found->serial()};
  return Old{*std::move(found), std::move(plan), std::move(terms)};
}

pki::Surroundings at_a_moment(const pki::Surroundings& around) {
  pki::Surroundings out = surroundings_of(pki::means_of(around));
  out.now = std::chrono::floor<std::chrono::seconds>(*out.now);
  return out;
}

}  // namespace

Result<pki::Issued> Issuer::issue(const pki::Subject& subject, const Order& order,
                                  const pki::Surroundings& given) const {
  const pki::Surroundings around = at_a_moment(given);
  const unsigned days = order.days ? order.days : default_days(order.use);
  BULLA_TRY(const pki::Terms terms, terms_of(*records_, days, order.use, order.urls));
  const Plan plan = {.made_for = template_for(order.use), .origin = Origin::issue};
  return record(*records_, authority_.certificate(), plan, *around.now,
                [&] { return authority_.issue(subject, terms, order.key, around); });
}

Result<std::vector<CertificatePtr>> Issuer::sign(const pki::CertificationRequest& request, const Order& order,
                                                 const pki::Surroundings& given) const {
  const pki::Surroundings around = at_a_moment(given);
  const unsigned days = order.days ? order.days : default_days(order.use);
  BULLA_TRY(const pki::Terms terms, terms_of(*records_, days, order.use, order.urls));
  const Plan plan = {.made_for = template_for(order.use), .origin = Origin::sign};
  return record(*records_, authority_.certificate(), plan, *around.now,
                [&] { return authority_.sign(request, terms, around); });
}

Result<pki::Issued> Issuer::renew(std::string_view serial, const Renewal& renewal,
                                  const pki::Surroundings& given) const {
  const pki::Surroundings around = at_a_moment(given);
  BULLA_TRY(const Old old, old_one(*records_, serial, renewal));
  const Certificate& certificate = *old.record.certificate;
  const pki::KeyKind kind = renewal.key ? *renewal.key : kind_of(certificate);
  return record(*records_, authority_.certificate(), old.plan, *around.now,
                [&] { return authority_.renew(certificate, old.terms, kind, around); });
}

Result<std::vector<CertificatePtr>> Issuer::renew_same_key(std::string_view serial, const Renewal& renewal,
                                                           const pki::Surroundings& given) const {
  const pki::Surroundings around = at_a_moment(given);
  BULLA_TRY(const Old old, old_one(*records_, serial, renewal));
  return record(*records_, authority_.certificate(), old.plan, *around.now,
                [&] { return authority_.renew_same_key(*old.record.certificate, old.terms, around); });
}

Result<pki::Issued> Issuer::issue_responder(unsigned days, const pki::Surroundings& given) const {
  const pki::Surroundings around = at_a_moment(given);
  const Plan plan = {.made_for = Template::ocsp, .origin = Origin::issue};
  return record(*records_, authority_.certificate(), plan, *around.now,
                [&] { return authority_.issue_ocsp_responder("OCSP responder", days, {}, around); });
}

}  // namespace bulla::ca
