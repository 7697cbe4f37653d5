#include "x509/checks.h"

#include "asn1/time.h"
#include "base/assert.h"
#include "x509/dns_name.h"
#include "x509/evidence.h"
#include "x509/ml_dsa.h"
#include "x509/name.h"
#include "x509/profile.h"

#include <algorithm>

namespace bulla::x509 {
namespace {

using namespace asn1;

// ---- validity: RFC 5280 §6.1.3 (a) (2) --------------------------------------------------------------------

/// notAfter names a whole second, which still counts (§4.1.2.5).
bool is_over(const Certificate& certificate, Time now) {
  return now >= certificate.not_after() + Seconds(1);
}

bool is_valid_now(const Certificate& certificate, const Question& question) {
  return is_valid_at(certificate, question.request.now);
}

/// What a person does about a leaf is different from what is done about a CA above it.
std::string renew(const Certificate& certificate, Position position) {
  if (position == Position::leaf || position == Position::trusted_leaf)
    return "have the certificate renewed, or check this machine's clock with `date -u`";
  return "the chain needs a newer certificate of " + label(certificate) +
         ": ask the server's owner, update this machine's roots (`apt-get install ca-certificates`), or "
         "check its clock with `date -u`";
}

Error not_valid_now(const Certificate& certificate, const Question& question, Position position) {
  const Time now = question.request.now;
  if (!is_over(certificate, now))
    return {ErrorCode::certificate_not_yet_valid,
            "it begins on " + format_time(certificate.not_before()) + ", in " +
                describe_span(certificate.not_before() - now) + "; now it is " + format_time(now),
            "check this machine's clock with `date -u`, or wait until the certificate's first day"};
  return {ErrorCode::certificate_expired,
          "it ended on " + format_time(certificate.not_after()) + ", " +
              describe_span(now - certificate.not_after()) + " ago; now it is " + format_time(now),
          renew(certificate, position)};
}

std::string validity_text(const Certificate& certificate, const Question& question) {
  return format_time(certificate.not_before()) + " to " + format_time(certificate.not_after()) + ", " +
         describe_span(certificate.not_after() - question.request.now) + " left";
}

// ---- name: RFC 9525 §6 ------------------------------------------------------------------------------------

bool has_name(const Certificate& certificate, const Question& question) {
  return !question.request.name || matching_name(certificate, *question.request.name).has_value();
}

Error other_name(const Certificate& leaf, const Question& question, Position) {
  constexpr size_t most = 10;
  const std::string& wanted = question.request.name->text();
  const auto names = leaf.names();
  std::string list;
  for (size_t i = 0; i < names.size() && i < most; ++i) list += (i ? ", " : "") + names[i].substr(0, 100);
  if (names.size() > most) list += " and " + std::to_string(names.size() - most) + " more";
  if (names.empty()) list = "no name at all: it has no DNS name or address in its subjectAltName";
  std::string remedy =
      "connect to a name that the certificate carries, or have one issued for this name: `bulla cert new " +
      wanted + "`";
  if (names.empty())
    remedy =
        "a commonName does not count (RFC 9525 §2): have the certificate issued with the name in its "
        "subjectAltName, as `bulla cert new " +
        wanted + "` does";
  return {ErrorCode::certificate_name_mismatch, "it is for " + list + "; wanted is " + wanted,
          std::move(remedy)};
}

std::string name_text(const Certificate& certificate, const Question& question) {
  if (!question.request.name) return {};
  return question.request.name->text() + " is " +
         shortened(print_general_name(*matching_name(certificate, *question.request.name)));
}

// ---- purpose: extendedKeyUsage in the leaf and in each CA above it ----------------------------------------

// That CAs are constrained by it is a rule of the Web's, older than any RFC's.

Oid wanted_purpose(const Question& question) {
  return question.request.purpose == CertificatePurpose::server ? oids::server_auth : oids::client_auth;
}
std::string_view wanted_purpose_name(const Question& question) {
  return question.request.purpose == CertificatePurpose::server ? "serverAuth" : "clientAuth";
}

bool has_purpose(const Certificate& certificate, const Question& question) {
  const auto& purposes = certificate.parsed().extensions.extended_key_usage;
  if (!purposes) return true;
  const Oid wanted = wanted_purpose(question);
  return std::any_of(purposes->begin(), purposes->end(),
                     [&](Bytes oid) { return wanted == oid || oids::any_extended_key_usage == oid; });
}

std::string purposes_text(const Certificate& certificate) {
  const auto& purposes = certificate.parsed().extensions.extended_key_usage;
  std::string out;
  for (size_t i = 0; i < purposes->size() && i < 8; ++i)
    out += (out.empty() ? "" : ", ") + shortened(purpose_name((*purposes)[i]));
  return out;
}

Error other_purpose(const Certificate& certificate, const Question& question, Position) {
  const std::string wanted(wanted_purpose_name(question));
  return {ErrorCode::certificate_bad_usage,
          "extendedKeyUsage is " + purposes_text(certificate) + ", wanted is " + wanted,
          "have it issued with extendedKeyUsage " + wanted +
              "; `openssl x509 -in FILE -noout -ext extendedKeyUsage` shows what it has"};
}

std::string purpose_text(const Certificate& certificate, const Question&) {
  if (!certificate.parsed().extensions.extended_key_usage) return "no extendedKeyUsage: any purpose";
  return purposes_text(certificate);
}

// ---- extensions: RFC 5280 §4.2 ----------------------------------------------------------------------------

bool understood(const Certificate& certificate, const Question&) {
  return is_understood(certificate);
}

Error not_understood(const Certificate& certificate, const Question&, Position) {
  const Bytes oid = certificate.parsed().extensions.unknown_critical;
  return {ErrorCode::certificate_unknown_critical_extension,
          "the extension " + to_dotted(oid).substr(0, 120)};
}

std::string extensions_text(const Certificate& certificate, const Question&) {
  const auto& all = certificate.parsed().extensions.all;
  const auto critical = std::count_if(all.begin(), all.end(), [](const Extension& e) { return e.critical; });
  return std::to_string(all.size()) + ", " + std::to_string(critical) + " critical, all of those known";
}

// ---- key: of a known kind, RSA of enough bits -------------------------------------------------------------

/// No provider verifies with less: better said here than as a failed signature later.
constexpr unsigned least_rsa_bits = 1024;

bool has_strong_key(const Certificate& certificate, const Question& question) {
  return has_usable_key(certificate, question.options.min_rsa_bits);
}
bool has_trusted_key(const Certificate& certificate, const Question&) {
  return has_usable_key(certificate, least_rsa_bits);
}

Error key_refused(const Certificate& certificate, unsigned min_rsa_bits) {
  const SubjectPublicKey& key = certificate.parsed().public_key;
  if (!key.key) return {ErrorCode::certificate_unsupported_algorithm, "its key: " + print_key(key)};
  return {ErrorCode::certificate_weak_key,
          "its key is " + print_key(key) + ", wanted are at least " + std::to_string(min_rsa_bits) + " bits"};
}
Error weak_key(const Certificate& certificate, const Question& question, Position) {
  return key_refused(certificate, question.options.min_rsa_bits);
}
Error weak_trusted_key(const Certificate& certificate, const Question&, Position) {
  return key_refused(certificate, least_rsa_bits);
}

std::string key_text(const Certificate& certificate, const Question&) {
  return print_key(certificate.parsed().public_key);
}

// ---- key usage: what a key of its kind can do (RFC 9881 §5) -----------------------------------------------

bool usage_fits_key(const Certificate& certificate, const Question&) {
  return !wrong_usage_of_key(certificate);
}

Error usage_of_another_key(const Certificate& certificate, const Question&, Position) {
  return {ErrorCode::certificate_bad_usage,
          "its keyUsage has " + std::string(wrong_usage_of_key(certificate)) + ", and its key is " +
              print_key(certificate.parsed().public_key) + ", which only signs (RFC 9881 §5)",
          "have it issued with a keyUsage of digitalSignature, or of keyCertSign and cRLSign for a CA"};
}

std::string nothing_to_say(const Certificate&, const Question&) {
  return {};
}

// ---- CA: RFC 5280 §6.1.4 (k), (n) -------------------------------------------------------------------------

/// Why the certificate may not sign others; empty where it may.
std::string_view why_no_ca(const ParsedCertificate& certificate) {
  if (!certificate.extensions.basic_constraints) return "it has no basicConstraints, so it is no CA";
  if (!certificate.is_ca()) return "its basicConstraints say CA:FALSE";
  if (!certificate.extensions.allows(KeyUsage::key_cert_sign)) return "its keyUsage lacks keyCertSign";
  if (is_empty_name(certificate.subject)) return "it has no subject";  // RFC 5280 §4.1.2.6
  return {};
}

bool may_sign(const Certificate& certificate, const Question&) {
  return why_no_ca(certificate.parsed()).empty();
}

/// A root of version 1 or 2 cannot say CA:TRUE, and was chosen as a root; but an old certificate that
/// somebody else issued may have been trusted for itself alone (RFC 5280 §6.1.4 (k)).
bool is_old_root(const ParsedCertificate& certificate) {
  return certificate.version < 3 && certificate.self_issued && !is_empty_name(certificate.subject);
}
bool may_anchor(const Certificate& certificate, const Question& question) {
  return is_old_root(certificate.parsed()) || may_sign(certificate, question);
}

Error no_ca(const Certificate& certificate, const Question&, Position) {
  return {ErrorCode::certificate_not_ca, std::string(why_no_ca(certificate.parsed())),
          "sign with a CA certificate; `openssl x509 -in FILE -noout -ext basicConstraints,keyUsage` shows "
          "what it has"};
}

std::string ca_text(const Certificate& certificate, const Question&) {
  const auto& constraints = certificate.parsed().extensions.basic_constraints;
  if (!constraints) return "a root of version " + std::to_string(certificate.parsed().version);
  return constraints->path_length ? "CA:TRUE, pathlen " + std::to_string(*constraints->path_length)
                                  : "CA:TRUE";
}

// ---- profile: where the Web's rules are asked for ---------------------------------------------------------

const ProfileRule* rule_broken_by_leaf(const Certificate& certificate, const Question& question) {
  const bool asked = question.options.profile == CertificateProfile::webpki &&
                     question.request.purpose == CertificatePurpose::server;
  return asked ? broken_leaf_rule(certificate) : nullptr;
}
const ProfileRule* rule_broken_by_ca(const Certificate& certificate, const Question& question) {
  return question.options.profile == CertificateProfile::webpki ? broken_ca_rule(certificate) : nullptr;
}

bool leaf_fits(const Certificate& certificate, const Question& question) {
  return !rule_broken_by_leaf(certificate, question);
}
bool ca_fits(const Certificate& certificate, const Question& question) {
  return !rule_broken_by_ca(certificate, question);
}

Error against_profile(const Certificate& certificate, const Question& question, Position position) {
  const ProfileRule* rule = position == Position::leaf ? rule_broken_by_leaf(certificate, question)
                                                       : rule_broken_by_ca(certificate, question);
  BULLA_ASSERT(rule, "a failure is asked for where the check does not hold");
  return {ErrorCode::certificate_profile,
          std::string(rule->broken) + " (" + std::string(rule->section) + ')'};
}

std::string profile_text(const Certificate&, const Question& question) {
  return question.options.profile == CertificateProfile::webpki ? "CA/Browser Forum" : "";
}

// ---- the tables -------------------------------------------------------------------------------------------

constexpr Check validity = {"validity", is_valid_now, not_valid_now, validity_text},
                name = {"name", has_name, other_name, name_text},
                purpose = {"purpose", has_purpose, other_purpose, purpose_text},
                extensions = {"extensions", understood, not_understood, extensions_text},
                key = {"key", has_strong_key, weak_key, key_text},
                trusted_key = {"key", has_trusted_key, weak_trusted_key, key_text},
                key_usage = {"key usage", usage_fits_key, usage_of_another_key, nothing_to_say},
                leaf_profile = {"profile", leaf_fits, against_profile, profile_text},
                ca_profile = {"profile", ca_fits, against_profile, profile_text},
                ca = {"ca", may_sign, no_ca, ca_text}, anchor_ca = {"ca", may_anchor, no_ca, ca_text};

constexpr Check leaf_checks[] = {validity, name, purpose, extensions, key, key_usage, leaf_profile};
constexpr Check trusted_leaf_checks[] = {validity, name, purpose, extensions, trusted_key, key_usage};
constexpr Check intermediate_checks[] = {ca, validity, purpose, extensions, key, key_usage, ca_profile};
constexpr Check anchor_checks[] = {anchor_ca, validity, purpose, extensions, key, key_usage};

}  // namespace

bool is_valid_at(const Certificate& certificate, Time now) noexcept {
  return now >= certificate.not_before() && !is_over(certificate, now);
}

bool is_understood(const Certificate& certificate) noexcept {
  return certificate.parsed().extensions.unknown_critical.empty();
}

bool has_usable_key(const Certificate& certificate, unsigned min_rsa_bits) noexcept {
  const auto& key = certificate.parsed().public_key.key;
  const bool rsa = key && (key->type == KeyType::rsa || key->type == KeyType::rsa_pss);
  return key && (!rsa || key_bits(*key) >= min_rsa_bits);
}

const char* wrong_usage_of_key(const Certificate& certificate) noexcept {
  const ParsedCertificate& parsed = certificate.parsed();
  return parsed.public_key.key ? wrong_ml_dsa_usage(*parsed.public_key.key, parsed.extensions) : nullptr;
}

std::span<const Check> checks_for(Position position) noexcept {
  switch (position) {
    case Position::leaf: return leaf_checks;
    case Position::trusted_leaf: return trusted_leaf_checks;
    case Position::intermediate: return intermediate_checks;
    case Position::anchor: return anchor_checks;
  }
  return {};
}

bool passes(Position position, const Certificate& certificate, const Question& question) {
  const auto checks = checks_for(position);
  return std::all_of(checks.begin(), checks.end(),
                     [&](const Check& check) { return check.holds(certificate, question); });
}

}  // namespace bulla::x509
