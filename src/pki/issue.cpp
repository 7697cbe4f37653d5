// Issuing: self-signed certificates, CAs, and certificates that a CA signs.
#include "asn1/pem.h"
#include "pki/algorithm.h"
#include "pki/certificate_writer.h"
#include "pki/request.h"
#include "x509/certificate.h"
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
  x509::ConstraintBudget budget;
  if (auto failure = x509::check_path(path, budget)) return *std::move(failure);
  return {};
}

Issuer issuer_of(const Certificate& ca, const SigningKey& key) {
  const auto& parsed = ca.parsed();
  return {.name = parsed.subject,
          .key_id = parsed.extensions.subject_key_id.value_or(Bytes{}),
          .key = key,
          .algorithm = signature_for(ca.public_key())};
}

Result<void> check_ca_name(std::string_view name) {
  const bool printable_text = !name.empty() && name.size() <= 64 && printable(name) == name &&
                              name.front() != ' ' && name.back() != ' ';
  if (printable_text) return {};
  return Error{ErrorCode::bad_name,
               "this name has 1 to 64 bytes of UTF-8 without control characters, and no blank "
               "at its ends"};
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
  BULLA_TRY(check_ca_name(name));
  BULLA_TRY(const Validity validity, validity_of(days, means.now));
  BULLA_TRY(KeyPair pair, KeyPair::generate(key, surroundings_of(means)));
  Profile profile = {.role = CertificateRole::ca,
                     .subject = common_name(name),
                     .not_before = validity.not_before,
                     .not_after = validity.not_after,
                     .path_length = path_length};
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

Result<Issued> CertificateAuthority::issue(std::span<const std::string> names, unsigned days, KeyKind key,
                                           const Surroundings& around) const {
  const Means means = means_of(around);
  BULLA_TRY(std::vector<AltName> alt_names, parse_names(names));
  BULLA_TRY(const Validity validity, validity_under(certificate(), days, means.now));
  BULLA_TRY(KeyPair pair, KeyPair::generate(key, surroundings_of(means)));
  const std::vector<uint8_t> spki = encode_public_key(pair.public_key());
  Profile profile = {.role = CertificateRole::end_entity,
                     .subject = subject_of(alt_names),
                     .names = std::move(alt_names),
                     .spki = spki,
                     .not_before = validity.not_before,
                     .not_after = validity.not_after};
  BULLA_TRY(CertificatePtr leaf, sign_certificate(profile, issuer_of(certificate(), *key_), means));
  BULLA_TRY(check_below(chain_, leaf));
  return Issued{.chain = with_intermediates(std::move(leaf)), .key = std::move(pair)};
}

Result<std::vector<CertificatePtr>> CertificateAuthority::sign(const CertificationRequest& request,
                                                               unsigned days, CertificateRole role,
                                                               const Surroundings& around) const {
  const Means means = means_of(around);
  BULLA_TRY(const Validity validity, validity_under(certificate(), days, means.now));
  Profile profile = {.role = role,
                     .subject = to_vector(request.subject_der()),
                     .spki = request.parsed_->public_key.spki,
                     .not_before = validity.not_before,
                     .not_after = validity.not_after};
  // The new certificate would be taken for the CA's own (RFC 5280 §6.1: self-issued).
  if (x509::names_equal(profile.subject, certificate().subject_der()))
    return Error{ErrorCode::csr_unacceptable, "its subject is the CA's own: " + request.subject()};
  if (role == CertificateRole::ca) {
    const auto& limit = certificate().parsed().extensions.basic_constraints->path_length;
    if (limit && *limit == 0)
      return cannot_sign(certificate(), "may not sign CA certificates (path length 0)");
    if (x509::is_empty_name(profile.subject))
      return Error{ErrorCode::csr_unacceptable, "a CA needs a subject"};
    profile.path_length = 0;
  } else {
    if (request.names().empty())
      return Error{ErrorCode::csr_unacceptable,
                   "it asks for no DNS name and no address: " + request.subject()};
    profile.names = request.names();
    profile.purposes = request.parsed_->purposes;
    profile.must_staple = request.parsed_->must_staple;
  }
  BULLA_TRY(CertificatePtr leaf, sign_certificate(profile, issuer_of(certificate(), *key_), means));
  BULLA_TRY(check_below(chain_, leaf));
  return with_intermediates(std::move(leaf));
}

Result<Issued> CertificateAuthority::issue_ocsp_responder(const std::string& name, unsigned days, KeyKind key,
                                                          const Surroundings& around) const {
  const Means means = means_of(around);
  BULLA_TRY(check_ca_name(name));
  BULLA_TRY(const Validity validity, validity_under(certificate(), days, means.now));
  BULLA_TRY(KeyPair pair, KeyPair::generate(key, surroundings_of(means)));
  const std::vector<uint8_t> spki = encode_public_key(pair.public_key());
  const Profile profile = {.role = CertificateRole::end_entity,
                           .subject = common_name(name),
                           .spki = spki,
                           .not_before = validity.not_before,
                           .not_after = validity.not_after,
                           .purposes = {.server = false, .client = false, .ocsp_signing = true}};
  BULLA_TRY(CertificatePtr leaf, sign_certificate(profile, issuer_of(certificate(), *key_), means));
  BULLA_TRY(check_below(chain_, leaf));
  return Issued{.chain = with_intermediates(std::move(leaf)), .key = std::move(pair)};
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
