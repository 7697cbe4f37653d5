#include "x509/revocation.h"

#include "asn1/time.h"
#include "x509/evidence.h"
#include "x509/name.h"

#include <algorithm>

namespace bulla::x509 {
namespace {

/// More distribution points than anybody writes; those beyond are not looked at.
constexpr size_t max_points = 32;
/// RFC 7633 §4.1: the features are numbers of TLS extensions; status_request is RFC 6066 §8.
constexpr uint16_t status_request = 5;

PaidSignatures::Signed signature_of(const ParsedRevocationList& list) {
  return {list.tbs, list.signature_algorithm, list.signature_value};
}

/// RFC 5280 §6.3.3 (b) (1), (2) (i): whether the list belongs to this distribution point of the certificate.
bool is_at(const DistributionPoint& point, const ParsedRevocationList& list) {
  if (!point.crl_issuer.empty()) return false;  // (b) (1): an indirect list
  const auto& issuing = list.distribution_point;
  if (!issuing || !issuing->name) return true;
  return point.name && share_a_name(*issuing->name, *point.name, list.issuer);
}

/// §6.3.3 (b), (d): the reasons for which the list would name this certificate; none where it does not speak
/// of it at all.
ReasonMask reasons_covered(const ParsedRevocationList& list, const ParsedCertificate& certificate) {
  const auto& issuing = list.distribution_point;
  if (issuing) {  // (b) (2) (ii), (iii), (iv)
    if (issuing->scope == ListScope::user_certificates && certificate.is_ca()) return 0;
    if (issuing->scope == ListScope::ca_certificates && !certificate.is_ca()) return 0;
    if (issuing->scope == ListScope::attribute_certificates) return 0;
  }
  const ReasonMask of_list = issuing ? issuing->reasons : all_reasons;
  const auto& points = certificate.extensions.crl_distribution_points;
  ReasonMask out = 0;
  for (size_t i = 0; i < points.size() && i < max_points; ++i)
    if (is_at(points[i], list)) out = static_cast<ReasonMask>(out | (points[i].reasons & of_list));
  // The end of §6.3.3: a list of the issuer that no distribution point names counts as one at a point whose
  // name is the issuer's.
  const std::vector<GeneralName> issuer = {{GeneralNameKind::directory, certificate.issuer}};
  if (is_at({.name = DistributionPointName{.full = issuer}}, list)) out = of_list;
  return out;
}

Error revoked(Path path, size_t index, std::string_view evidence) {
  Error out{ErrorCode::certificate_revoked, describe(path, index) + "; " + std::string(evidence)};
  if (index > 0)
    out.remedy = "the CA " + label(*path[index]) +
                 " may no longer be trusted: get a certificate from another one, or a chain over its "
                 "successor";
  return out;
}

Error revoked_by_list(Path path, size_t index, const ParsedRevocationList& list, const ListEntry& entry) {
  return revoked(path, index,
                 describe_revocation(entry.revoked_at, entry.reason) + " by " + describe_list(list));
}

Error status_unknown(Path path, size_t index, const std::string& why) {
  Error out{ErrorCode::certificate_status_unknown, describe(path, index) + "; " + why};
  const std::string url = list_url(path[index]->parsed());
  if (!url.empty())
    out.remedy = "its CA publishes a list, `curl -sO " + url + "`: give it to the verifier" +
                 (index == 0 ? ", or have the server staple an OCSP response" : "");
  return out;
}

}  // namespace

std::string describe_list(const ParsedRevocationList& list) {
  const std::string issuer = shortened(print_name(list.issuer));
  const std::string number = list.number ? " number " + shortened(to_hex(*list.number), 40) : "";
  return "the revocation list" + number + " of " + issuer + ", " +
         describe(StatusDates{list.this_update, list.next_update});
}

std::string list_url(const ParsedCertificate& certificate) {
  for (const DistributionPoint& point : certificate.extensions.crl_distribution_points) {
    if (!point.name) continue;
    for (const GeneralName& name : point.name->full)
      if (const std::string url = shell_safe_url(name.value);
          name.kind == GeneralNameKind::uri && !url.empty())
        return url;
  }
  return {};
}

std::string explain(ListFlaw flaw, const ParsedRevocationList& list, Time now) {
  switch (flaw) {
    case ListFlaw::none: break;
    case ListFlaw::not_processed: return explain_problem(list);
    case ListFlaw::other_scope: return "it does not speak of this certificate (issuingDistributionPoint)";
    case ListFlaw::stale: return "it is too old; now it is " + asn1::format_time(now);
    case ListFlaw::early: return "it lies in the future; now it is " + asn1::format_time(now);
    case ListFlaw::not_signed: return "it is not signed by a key of the issuer that may sign lists (cRLSign)";
  }
  return {};
}

Failure RevocationSearch::check(Path path) {
  if (options_.revocation == RevocationPolicy::ignore) return {};
  // From the anchor down: what a revoked CA says of those below is worth nothing.
  for (size_t index = path.size() - 1; index-- > 0;) {
    auto failure = index == 0 ? check_leaf(path) : check_ca(path, index);
    if (exhausted()) return exhausted_failure();
    if (failure) return failure;
  }
  return {};
}

Failure RevocationSearch::exhausted_failure() {
  return Error{ErrorCode::certificate_budget_exhausted,
               "too many signatures of certificates, revocation lists and OCSP responses to check"};
}

Failure RevocationSearch::check_ca(Path path, size_t index) {
  const bool required = options_.revocation == RevocationPolicy::required;
  const Finding& finding = look_up(path, index, required ? Wanted::proof : Wanted::if_revoked);
  if (finding.known == Known::revoked)
    return revoked_by_list(path, index, finding.list->parsed(), finding.entry);
  if (!required || finding.known == Known::good) return {};
  return status_unknown(path, index, finding.why);
}

Failure RevocationSearch::check_leaf(Path path) {
  bool good = false;
  auto staple = check_staple(path, good);
  if (staple && staple->code == ErrorCode::certificate_revoked) return staple;
  const bool required = options_.revocation >= RevocationPolicy::leaf_required;
  const Finding& finding = look_up(path, 0, required && !good ? Wanted::proof : Wanted::if_revoked);
  if (finding.known == Known::revoked) return revoked_by_list(path, 0, finding.list->parsed(), finding.entry);
  if (staple) return staple;
  if (!required || good || finding.known == Known::good) return {};
  return status_unknown(path, 0, "no OCSP response was stapled; " + finding.why);
}

/// The stapled response, or its absence. `good`: it proves the leaf good.
Failure RevocationSearch::check_staple(Path path, bool& good) {
  const auto refuse = [&](ErrorCode code, const std::string& why) {
    return Error{code, describe(path, 0) + why};
  };
  if (request_.ocsp_response.empty()) {
    // RFC 7633 §4.3.3: what the certificate promises and the client asked for, the server must do.
    const auto& features = path[0]->parsed().extensions.tls_features;
    const bool promised = std::ranges::find(features, status_request) != features.end();
    if (promised && request_.stapling == OcspStapling::requested)
      return refuse(ErrorCode::certificate_must_staple, "; its TLS feature extension names status_request");
    return {};
  }
  if (!staple_ && staple_problem_.empty()) {
    auto parsed = OcspResponse::from_der(request_.ocsp_response);
    if (parsed)
      staple_.emplace(*std::move(parsed));
    else
      staple_problem_ = "it cannot be parsed: " + parsed.error().detail;
  }
  const std::string stapled = "; the stapled OCSP response: ";
  if (!staple_) return refuse(ErrorCode::ocsp_response_bad, stapled + staple_problem_);
  const OcspFinding finding =
      find_answer(*staple_, *path[0], *path[1], request_.now, options_.max_status_age, signatures_);
  if (!finding.answer) return refuse(ErrorCode::ocsp_response_bad, stapled + finding.why);
  // RFC 6960 §4.2.2.2.1: a responder without id-pkix-ocsp-nocheck may have been revoked itself.
  if (finding.delegate && !finding.delegate->parsed().extensions.ocsp_no_check &&
      is_listed(finding.delegate, path, 1))
    return refuse(ErrorCode::ocsp_response_bad, stapled + "the certificate of its responder (" +
                                                    label(*finding.delegate) + ") was revoked");
  const SingleResponse& answer = *finding.answer;
  if (answer.status == RevocationStatus::revoked)
    return revoked(path, 0,
                   describe_revocation(answer.revoked_at, answer.reason) + " by the stapled OCSP response " +
                       describe(StatusDates{answer.this_update, answer.next_update}));
  if (answer.status == RevocationStatus::unknown)
    return refuse(
        ErrorCode::ocsp_response_bad,
        stapled + "the responder does not know this certificate, so the CA may never have issued it");
  good = true;
  return {};
}

// ---- lists ------------------------------------------------------------------------------------------------

const RevocationSearch::Finding& RevocationSearch::look_up(Path path, size_t index, Wanted wanted) {
  // Which keys may sign depends on who stands above; in a given path that is mostly the same.
  const Certificate* above = index + 2 < path.size() ? path[index + 2].get() : nullptr;
  const auto [entry, is_new] = found_.try_emplace({path[index].get(), path[index + 1].get(), above});
  if (is_new) entry->second = search_lists(path, index, wanted);
  return entry->second;
}

/// RFC 5280 §6.3.3 but for the signature.
RevocationSearch::Reading RevocationSearch::read(const ParsedRevocationList& list,
                                                 const ParsedCertificate& certificate) const {
  if (list.problem != ListProblem::none) return {.flaw = ListFlaw::not_processed};  // (c); §5.2, §5.3
  Reading out = {.reasons = reasons_covered(list, certificate)};
  if (!out.reasons) return {.flaw = ListFlaw::other_scope};
  const Freshness fresh =
      freshness_of({list.this_update, list.next_update}, request_.now, options_.max_status_age);
  auto entry = list.find(certificate.serial);  // (j)
  if (entry && fresh != Freshness::early && (fresh == Freshness::fresh || is_lasting(entry->reason)))
    out.entry = std::move(entry);
  else if (fresh != Freshness::fresh)  // (a)
    out.flaw = fresh == Freshness::stale ? ListFlaw::stale : ListFlaw::early;
  return out;
}

ListFlaw RevocationSearch::flaw_of(const ParsedRevocationList& list, Path path, size_t index) {
  const ListFlaw flaw = read(list, path[index]->parsed()).flaw;
  if (flaw != ListFlaw::none) return flaw;
  return is_signed(list, path, index) ? ListFlaw::none : ListFlaw::not_signed;
}

/// RFC 5280 §6.3.3 over all lists of the issuer.
RevocationSearch::Finding RevocationSearch::search_lists(Path path, size_t index, Wanted wanted) {
  const ParsedCertificate& certificate = path[index]->parsed();
  const auto lists = options_.lists.of_issuer(certificate.issuer);  // (b) (1)
  Finding out;
  if (lists.empty()) out.why = "there is no revocation list of its issuer";
  ReasonMask covered = 0;
  for (const RevocationListPtr& one : lists) {
    const ParsedRevocationList& list = one->parsed();
    Reading reading = read(list, certificate);
    // Whether one who is not listed is good, or nothing is known, matters only where a proof is wanted. (e)
    const bool adds = reading.entry || (wanted == Wanted::proof && (reading.reasons & ~covered));
    if (reading.flaw == ListFlaw::none) {
      if (!adds) continue;
      if (!is_signed(list, path, index)) reading.flaw = ListFlaw::not_signed;
    }
    if (reading.flaw != ListFlaw::none) {
      if (out.why.empty())
        out.why = describe_list(list) + ", is of no use: " + explain(reading.flaw, list, request_.now);
      continue;
    }
    if (reading.entry) return {.known = Known::revoked, .list = one, .entry = *reading.entry};
    covered = static_cast<ReasonMask>(covered | reading.reasons);  // (l)
  }
  if (covered == all_reasons)
    out.known = Known::good;
  else if (out.why.empty())
    out.why = "the lists of its issuer do not speak of all reasons";
  return out;
}

/// §6.3.3 (f), (g): by a certificate of the path that has the issuer's name, or by one that was sent and
/// whose path goes to the same anchor.
bool RevocationSearch::is_signed(const ParsedRevocationList& list, Path path, size_t index) {
  for (size_t i = index + 1; i < path.size(); ++i) {
    const Certificate& signer = *path[i];
    if (!signer.parsed().extensions.allows(KeyUsage::crl_sign)) continue;
    if (i > index + 1 && !names_equal(signer.subject_der(), list.issuer)) continue;
    if (signatures_.verifies(signature_of(list), signer)) return true;
  }
  return is_signed_by_another_key(list, path, index);
}

/// A CA may sign lists with a key of its own for that.
bool RevocationSearch::is_signed_by_another_key(const ParsedRevocationList& list, Path path, size_t index) {
  for (const CertificatePtr& signer : request_.chain) {
    const bool in_path = std::ranges::any_of(
        path, [&](const CertificatePtr& one) { return equal_vartime(one->der(), signer->der()); });
    if (in_path || !names_equal(signer->subject_der(), list.issuer)) continue;
    if (is_appointed(signer, path, index) && signatures_.verifies(signature_of(list), *signer)) return true;
  }
  return false;
}

/// A certificate beside the path that signs lists: issued by the issuer itself, or by one above it, and in
/// order in every other respect.
bool RevocationSearch::is_appointed(const CertificatePtr& signer, Path path, size_t index) {
  const ParsedCertificate& parsed = signer->parsed();
  if (!parsed.extensions.key_usage || !parsed.extensions.allows(KeyUsage::crl_sign)) return false;
  if (!is_valid_at(*signer, request_.now) || !is_understood(*signer) ||
      !has_usable_key(*signer, options_.min_rsa_bits) || wrong_usage_of_key(*signer))
    return false;
  for (size_t i = index + 1; i < path.size(); ++i) {
    const Certificate& issuer = *path[i];
    if (!names_equal(parsed.issuer, issuer.subject_der())) continue;
    if (!signatures_.verifies(certificate_signature(*signer), issuer)) continue;
    return !is_listed(signer, path, i);
  }
  return false;
}

/// Whether a list that path[issuer] signed itself names a certificate that it issued.
bool RevocationSearch::is_listed(const CertificatePtr& certificate, Path path, size_t issuer) {
  const Certificate& signer = *path[issuer];
  if (!signer.parsed().extensions.allows(KeyUsage::crl_sign)) return false;
  for (const RevocationListPtr& one : options_.lists.of_issuer(certificate->issuer_der())) {
    const ParsedRevocationList& list = one->parsed();
    if (list.problem != ListProblem::none || !reasons_covered(list, certificate->parsed())) continue;
    if (list.find(certificate->parsed().serial) && signatures_.verifies(signature_of(list), signer))
      return true;
  }
  return false;
}

}  // namespace bulla::x509
