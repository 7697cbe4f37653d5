// Specimens that are about revocation, and who tells of it.
#include "pki/certificate_writer.h"
#include "pki/zoo/kept.h"

namespace bulla::pki::zoo {

using namespace asn1;

namespace {

/// TLS feature status_request (RFC 7633 §4.1).
Draft must_staple_draft(const Visit& visit) {
  Draft draft = leaf_draft(visit);
  draft.more_extensions = [](DerWriter& w) {
    write_extension(w, oids::tls_feature, Criticality::not_critical,
                    [](DerWriter& w) { w.sequence([](DerWriter& w) { w.integer(5); }); });
  };
  return draft;
}

Result<Shown> show_leaf(const Visit& visit, const Draft& draft) {
  return show(visit, draft, &visit.intermediate, {&visit.intermediate});
}

}  // namespace

Result<CertificateAuthority> speaker(const Keeper& ca) {
  BULLA_TRY(CertificatePtr certificate, Certificate::from_der(ca.der));
  return CertificateAuthority::create({std::move(certificate)}, ca.key);
}

Result<Shown> stapled(Shown shown, const Keeper& ca, const OcspAnswer& answer, const Means& means) {
  BULLA_TRY(const CertificateAuthority authority, speaker(ca));
  BULLA_TRY(const CertificatePtr leaf, Certificate::from_der(shown.chain.front()));
  BULLA_TRY(const OcspRequest request,
            OcspRequest::create(*leaf, authority.certificate(), {}, means.provider));
  BULLA_TRY(const OcspResponsePtr response,
            authority.ocsp_response(request,
                                    {.status_of = [&](std::string_view) { return answer; },
                                     .this_update = means.now - std::chrono::hours(1),
                                     .next_update = means.now + std::chrono::days(90)},
                                    surroundings_of(means)));
  shown.ocsp_response = to_vector(response->der());
  return shown;
}

Result<Shown> sound_must_staple(const Visit& visit) {
  BULLA_TRY(Shown shown, show_leaf(visit, must_staple_draft(visit)));
  return stapled(std::move(shown), visit.intermediate, {.status = RevocationStatus::good}, visit.means);
}

Result<Shown> revoked(const Visit& visit) {
  Draft draft = leaf_draft(visit);
  draft.serial = visit.revoked;
  BULLA_TRY(Shown shown, show_leaf(visit, draft));
  return stapled(std::move(shown), visit.intermediate,
                 {.status = RevocationStatus::revoked,
                  .revoked_at = visit.means.now - std::chrono::hours(2),
                  .reason = RevocationReason::key_compromise},
                 visit.means);
}

Result<Shown> revoked_by_list(const Visit& visit) {
  Draft draft = leaf_draft(visit);
  draft.serial = visit.revoked_by_list;
  return show_leaf(visit, draft);
}

Result<Shown> must_staple(const Visit& visit) {
  return show_leaf(visit, must_staple_draft(visit));
}

}  // namespace bulla::pki::zoo
