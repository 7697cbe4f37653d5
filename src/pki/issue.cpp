// Issuing: self-signed certificates, CAs, and certificates that a CA signs.
#include "asn1/pem.h"
#include "pki/algorithm.h"
#include "pki/certificate_writer.h"
#include "pki/profile.h"
#include "pki/request.h"
#include "x509/certificate.h"
#include "x509/ip_address.h"
#include "x509/name.h"
#include "x509/path_check.h"

#include <algorithm>

namespace bulla::pki {
namespace {

std::vector<uint8_t> subject_of(std::span<const AltName> names) {
  return common_name(names.front().text());
}

/// Signs what `profile` says with the very key that it speaks of.
Result<Issued> issue_to_self(Profile profile, KeyPair key, const Means& means) {
  const std::vector<uint8_t> spki = encode_public_key(key.public_key());
  const std::vector<uint8_t> key_id = key_identifier(spki, means.provider);
  const std::vector<uint8_t> name = profile.subject;
  profile.spki = spki;
  BULLA_TRY(CertificatePtr certificate, sign_certificate(profile,
                                                         {.name = name,
                                                          .key_id = key_id,
                                                          .key = *key.signer(),
                                                          .algorithm = signature_for(key.public_key())},
                                                         means));
  return Issued{.chain = {std::move(certificate)}, .key = std::move(key)};
}

Error cannot_sign(const Certificate& ca, std::string_view why) {
  return {ErrorCode::ca_cannot_sign, ca.subject() + ' ' + std::string(why)};
}

/// `days` from `now`, within the CA's own validity: what outlives its issuer is refused everywhere.
Result<Validity> validity_under(const Certificate& ca, unsigned days, Time now) {
  BULLA_TRY(Validity out, validity_of(days, now));
  if (now > ca.not_after()) return cannot_sign(ca, describe_validity(ca, now));
  if (now < ca.not_before()) return cannot_sign(ca, "is " + describe_validity(ca, now));
  out.not_before = std::max(out.not_before, ca.not_before());
  out.not_after = std::min(out.not_after, ca.not_after());
  return out;
}

/// What every verifier will hold against the new certificate is told before it is handed out: path lengths,
/// name constraints and required policies of the CA and of those above it, as far as they are known.
Result<void> check_below(const std::vector<CertificatePtr>& cas, const CertificatePtr& issued) {
  std::vector<CertificatePtr> path = {issued};
  for (const CertificatePtr& ca : cas)
    if (x509::names_equal(path.back()->issuer_der(), ca->subject_der())) path.push_back(ca);
  x509::ConstraintBudget names;
  const PolicyDemands nothing_more;
  if (const auto violation = x509::check_path(path, {nothing_more, names}))
    return x509::explain(*violation, path);
  return {};
}

Issuer issuer_of(const Certificate& ca, const SigningKey& key) {
  const auto& parsed = ca.parsed();
  return {.name = parsed.subject,
          .key_id = parsed.extensions.subject_key_id.value_or(Bytes{}),
          .key = key,
          .algorithm = signature_for(ca.public_key())};
}

/// A CA's profile but for its key.
Result<Profile> ca_profile(const NewCa& wanted, const Validity& validity) {
  BULLA_TRY(check_common_name(wanted.name, "a CA's name"));
  BULLA_TRY(std::vector<Subtree> permitted, parse_subtrees(wanted.permitted));
  return Profile{.role = CertificateRole::ca,
                 .subject = common_name(wanted.name),
                 .not_before = validity.not_before,
                 .not_after = validity.not_after,
                 .path_length = wanted.path_length,
                 .permitted = std::move(permitted)};
}

/// What a CA may not sign: a subject that is its own (RFC 5280 §6.1: the certificate would be taken for its
/// own, self-issued), and CAs that its path length forbids.
Result<void> check_subject_below(const Certificate& ca, const Profile& profile) {
  if (x509::names_equal(profile.subject, ca.subject_der()))
    return Error{ErrorCode::csr_unacceptable,
                 "its subject is the CA's own: " + x509::print_name(profile.subject)};
  if (profile.role != CertificateRole::ca) return {};
  const auto& limit = ca.parsed().extensions.basic_constraints->path_length;
  if (limit && *limit == 0) return cannot_sign(ca, "may not sign CA certificates (path length 0)");
  if (x509::is_empty_name(profile.subject)) return Error{ErrorCode::csr_unacceptable, "a CA needs a subject"};
  return {};
}

/// The names of a certificate as they would be ordered.
Result<std::vector<AltName>> alt_names_of(const Certificate& certificate) {
  std::vector<AltName> out;
  const auto& names = certificate.parsed().extensions.subject_alt_name;
  if (!names) return out;
  for (const x509::GeneralName& name : *names) {
    const bool is_mailbox = name.kind == x509::GeneralNameKind::email;
    const bool is_host = name.kind == x509::GeneralNameKind::dns || name.kind == x509::GeneralNameKind::ip;
    if (!is_mailbox && !is_host)
      return Error{ErrorCode::bad_name,
                   x509::print_general_name(name) + " is of a kind that is not issued here"};
    const std::string text = name.kind == x509::GeneralNameKind::ip ? x509::format_ip_address(name.value)
                                                                    : std::string(as_text(name.value));
    BULLA_TRY(AltName one, is_mailbox ? AltName::parse_mailbox(text) : AltName::parse(text));
    out.push_back(std::move(one));
  }
  return out;
}

/// Whether a certificate's extensions have this purpose; absent: all of them (RFC 5280 §4.2.1.12).
bool has_purpose(const x509::Extensions& extensions, const asn1::Oid& purpose) {
  const auto& purposes = extensions.extended_key_usage;
  return !purposes ||
         std::any_of(purposes->begin(), purposes->end(), [&](Bytes oid) { return purpose == oid; });
}

bool has_tls_feature(const x509::Extensions& extensions) {
  return std::any_of(extensions.all.begin(), extensions.all.end(),
                     [](const x509::Extension& one) { return asn1::oids::tls_feature == one.oid; });
}

/// `old` once more, but for its key. Its TLS feature can only be status_request, or a request's that we
/// granted as that.
Result<Profile> profile_like(const Certificate& old, const Terms& terms, const Validity& validity) {
  BULLA_TRY(check_urls(terms));
  if (old.is_ca()) return Error{ErrorCode::bad_argument, old.subject() + " is a CA, no end entity"};
  const x509::Extensions& extensions = old.parsed().extensions;
  Profile out = {.role = CertificateRole::end_entity,
                 .subject = to_vector(old.subject_der()),
                 .not_before = validity.not_before,
                 .not_after = validity.not_after,
                 .purposes = {.server = has_purpose(extensions, asn1::oids::server_auth),
                              .client = has_purpose(extensions, asn1::oids::client_auth)},
                 .must_staple = has_tls_feature(extensions),
                 .crl_url = terms.crl_url,
                 .ocsp_url = terms.ocsp_url};
  BULLA_TRY(out.names, alt_names_of(old));
  return out;
}

}  // namespace

std::string to_pem(std::span<const CertificatePtr> chain) {
  std::string out;
  for (const CertificatePtr& certificate : chain) out += asn1::encode_pem("CERTIFICATE", certificate->der());
  return out;
}

Result<Issued> SelfSigned::issue(const Surroundings& around) const {
  const Means means = means_of(around);
  BULLA_TRY(std::vector<AltName> alt_names, parse_names(names));
  BULLA_TRY(const Validity validity, validity_of(days, means.now));
  BULLA_TRY(KeyPair pair, KeyPair::generate(key, surroundings_of(means)));
  Profile profile = {.role = CertificateRole::end_entity,
                     .subject = subject_of(alt_names),
                     .names = std::move(alt_names),
                     .not_before = validity.not_before,
                     .not_after = validity.not_after};
  return issue_to_self(std::move(profile), std::move(pair), means);
}

Result<Issued> NewCa::issue(const Surroundings& around) const {
  const Means means = means_of(around);
  BULLA_TRY(const Validity validity, validity_of(days, means.now));
  BULLA_TRY(Profile profile, ca_profile(*this, validity));
  BULLA_TRY(KeyPair pair, KeyPair::generate(key, surroundings_of(means)));
  return issue_to_self(std::move(profile), std::move(pair), means);
}

Result<CertificateAuthority> CertificateAuthority::create(std::vector<CertificatePtr> chain,
                                                          SigningKeyPtr key) {
  BULLA_TRY(const IdentityPtr both, Identity::create(chain, key));
  const Certificate& ca = both->leaf();
  // RFC 5280 §4.2.1.9, §4.2.1.3: what a verifier will ask of it.
  if (!ca.is_ca()) return cannot_sign(ca, "is no CA certificate (basicConstraints)");
  if (!ca.parsed().extensions.allows(x509::KeyUsage::key_cert_sign))
    return cannot_sign(ca, "may not sign certificates (keyUsage)");
  if (x509::is_empty_name(ca.subject_der())) return cannot_sign(ca, "has no name");
  CertificateAuthority out;
  out.chain_ = std::move(chain);
  out.key_ = std::move(key);
  return out;
}

Result<CertificateAuthority> CertificateAuthority::from_bytes(Bytes chain, Bytes key,
                                                              std::string_view passphrase,
                                                              const Provider& provider) {
  BULLA_TRY(std::vector<CertificatePtr> certificates, Certificate::from_pem_or_der(chain));
  BULLA_TRY(const KeyPair pair, KeyPair::load(key, passphrase, {.provider = &provider}));
  return create(std::move(certificates), pair.signer());
}

Result<std::vector<CertificatePtr>> CertificateAuthority::certify(const Profile& profile,
                                                                  const Surroundings& around) const {
  BULLA_TRY(check_subject_below(certificate(), profile));
  BULLA_TRY(CertificatePtr issued,
            sign_certificate(profile, issuer_of(certificate(), *key_), means_of(around)));
  BULLA_TRY(check_below(chain_, issued));
  return with_intermediates(std::move(issued));
}

Result<Issued> CertificateAuthority::certify_new_key(Profile profile, KeyKind kind,
                                                     const Surroundings& around) const {
  BULLA_TRY(KeyPair pair, KeyPair::generate(kind, around));
  const std::vector<uint8_t> spki = encode_public_key(pair.public_key());
  profile.spki = spki;
  BULLA_TRY(std::vector<CertificatePtr> chain, certify(profile, around));
  return Issued{.chain = std::move(chain), .key = std::move(pair)};
}

Result<Issued> CertificateAuthority::issue(std::span<const std::string> names, unsigned days, KeyKind key,
                                           const Surroundings& around) const {
  return issue(Subject{.names = {names.begin(), names.end()}}, Terms{.days = days}, key, around);
}

Result<Issued> CertificateAuthority::issue(const Subject& subject, const Terms& terms, KeyKind key,
                                           const Surroundings& around) const {
  const Means means = means_of(around);
  BULLA_TRY(CheckedSubject who, check_subject(subject, terms.use));
  BULLA_TRY(check_urls(terms));
  BULLA_TRY(const Validity validity, validity_under(certificate(), terms.days, means.now));
  return certify_new_key({.role = CertificateRole::end_entity,
                          .subject = std::move(who.name),
                          .names = std::move(who.alt_names),
                          .not_before = validity.not_before,
                          .not_after = validity.not_after,
                          .purposes = purposes_for(terms.use),
                          .crl_url = terms.crl_url,
                          .ocsp_url = terms.ocsp_url},
                         key, surroundings_of(means));
}

Result<Issued> CertificateAuthority::issue_ca(const NewCa& wanted, const Surroundings& around) const {
  const Means means = means_of(around);
  BULLA_TRY(const Validity validity, validity_under(certificate(), wanted.days, means.now));
  BULLA_TRY(Profile profile, ca_profile(wanted, validity));
  BULLA_TRY(check_urls({.crl_url = wanted.crl_url}));
  profile.crl_url = wanted.crl_url;
  return certify_new_key(std::move(profile), wanted.key, surroundings_of(means));
}

Result<std::vector<CertificatePtr>> CertificateAuthority::sign(const CertificationRequest& request,
                                                               unsigned days, CertificateRole role,
                                                               const Surroundings& around) const {
  if (role == CertificateRole::end_entity) return sign(request, Terms{.days = days}, around);
  const Means means = means_of(around);
  BULLA_TRY(check_subject_text(*request.parsed_));
  BULLA_TRY(const Validity validity, validity_under(certificate(), days, means.now));
  return certify({.role = role,
                  .subject = to_vector(request.subject_der()),
                  .spki = request.parsed_->public_key.spki,
                  .not_before = validity.not_before,
                  .not_after = validity.not_after,
                  .path_length = 0},
                 surroundings_of(means));
}

Result<std::vector<CertificatePtr>> CertificateAuthority::sign(const CertificationRequest& request,
                                                               const Terms& terms,
                                                               const Surroundings& around) const {
  const Means means = means_of(around);
  BULLA_TRY(check_urls(terms));
  BULLA_TRY(const Validity validity, validity_under(certificate(), terms.days, means.now));
  const CertificationRequest::Parsed& asked = *request.parsed_;
  Profile profile = {.role = CertificateRole::end_entity,
                     .names = asked.names,
                     .spki = asked.public_key.spki,
                     .not_before = validity.not_before,
                     .not_after = validity.not_after,
                     .purposes = purposes_for(terms.use),
                     .must_staple = asked.must_staple,
                     .crl_url = terms.crl_url,
                     .ocsp_url = terms.ocsp_url};
  BULLA_TRY(profile.subject, subject_for(asked, terms.use));
  if (asked.purposes) {
    profile.purposes.server = profile.purposes.server && asked.purposes->server;
    profile.purposes.client = profile.purposes.client && asked.purposes->client;
    if (!profile.purposes.server && !profile.purposes.client)
      return Error{ErrorCode::csr_unacceptable, std::string("it asks for a certificate of a ") +
                                                    (asked.purposes->server ? "server" : "client") + " only"};
  }
  const bool client_only = terms.use == CertificateUse::client;
  if (client_only) profile.names.insert(profile.names.end(), asked.mailboxes.begin(), asked.mailboxes.end());
  if (profile.names.empty() && !(client_only && !x509::is_empty_name(profile.subject)))
    return Error{ErrorCode::csr_unacceptable, "it asks for no DNS name and no address: " + request.subject()};
  return certify(profile, surroundings_of(means));
}

Result<Issued> CertificateAuthority::renew(const Certificate& old, const Terms& terms, KeyKind key,
                                           const Surroundings& around) const {
  const Means means = means_of(around);
  BULLA_TRY(const Validity validity, validity_under(certificate(), terms.days, means.now));
  BULLA_TRY(Profile profile, profile_like(old, terms, validity));
  return certify_new_key(std::move(profile), key, surroundings_of(means));
}

Result<std::vector<CertificatePtr>> CertificateAuthority::renew_same_key(const Certificate& old,
                                                                         const Terms& terms,
                                                                         const Surroundings& around) const {
  const Means means = means_of(around);
  BULLA_TRY(const Validity validity, validity_under(certificate(), terms.days, means.now));
  BULLA_TRY(Profile profile, profile_like(old, terms, validity));
  profile.spki = old.spki();
  return certify(profile, surroundings_of(means));
}

Result<Issued> CertificateAuthority::issue_ocsp_responder(const std::string& name, unsigned days, KeyKind key,
                                                          const Surroundings& around) const {
  const Means means = means_of(around);
  BULLA_TRY(check_common_name(name, "a responder's name"));
  BULLA_TRY(const Validity validity, validity_under(certificate(), days, means.now));
  return certify_new_key({.role = CertificateRole::end_entity,
                          .subject = common_name(name),
                          .not_before = validity.not_before,
                          .not_after = validity.not_after,
                          .purposes = {.server = false, .client = false, .ocsp_signing = true}},
                         key, surroundings_of(means));
}

/// What a server sends (RFC 9846 §4.5.1): the root may be left out, since whoever trusts it has it.
std::vector<CertificatePtr> CertificateAuthority::with_intermediates(CertificatePtr leaf) const {
  std::vector<CertificatePtr> out = {std::move(leaf)};
  for (const CertificatePtr& above : chain_) {
    if (above->parsed().self_issued) break;
    out.push_back(above);
  }
  return out;
}

}  // namespace bulla::pki
