#include "x509/checks.h"

#include "asn1/time.h"
#include "x509/dns_name.h"
#include "x509/evidence.h"
#include "x509/ml_dsa.h"
#include "x509/name.h"

#include <algorithm>

namespace bulla::x509 {
namespace {

using namespace asn1;

const Extensions& extensions_of(PathView path, size_t index) {
  return path[index]->parsed().extensions;
}

/// What a person does about a leaf is different from what is done about a CA above it.
std::string renew(PathView path, size_t index) {
  if (index == 0) return "have the certificate renewed, or check this machine's clock with `date -u`";
  return "the chain needs a newer certificate of " + label(*path[index]) +
         ": ask the server's owner, update this machine's roots (`apt-get install ca-certificates`), or "
         "check its "
         "clock with `date -u`";
}

std::string_view purpose_name(CertificatePurpose purpose) {
  return purpose == CertificatePurpose::server ? "serverAuth" : "clientAuth";
}

std::string purposes_text(const std::vector<Bytes>& purposes) {
  struct Known {
    Oid oid;
    std::string_view name;
  };
  constexpr Known known[] = {
      {oids::server_auth, "serverAuth"},     {oids::client_auth, "clientAuth"},
      {oids::code_signing, "codeSigning"},   {oids::email_protection, "emailProtection"},
      {oids::time_stamping, "timeStamping"}, {oids::ocsp_signing, "OCSPSigning"}};
  std::string out;
  for (size_t i = 0; i < purposes.size() && i < 8; ++i) {
    std::string name = to_dotted(purposes[i]);
    for (const Known& one : known)
      if (one.oid == purposes[i]) name = one.name;
    out += (out.empty() ? "" : ", ") + name;
  }
  return out;
}

}  // namespace

Failure check_dates(PathView path, size_t index, Time now) {
  const ParsedCertificate& certificate = path[index]->parsed();
  const bool early = now < certificate.not_before;
  // notAfter names a whole second, which still counts.
  if (!early && now < certificate.not_after + Seconds(1)) return {};
  const ErrorCode code = early ? ErrorCode::certificate_not_yet_valid : ErrorCode::certificate_expired;
  if (!path.is_worded()) return Error{code};
  if (early)
    return Error{code,
                 describe(path.path(), index) + "; it begins on " + format_time(certificate.not_before) +
                     ", in " + describe_span(certificate.not_before - now) + "; now it is " +
                     format_time(now),
                 "check this machine's clock with `date -u`, or wait until the certificate's first day"};
  return Error{code,
               describe(path.path(), index) + "; it ended on " + format_time(certificate.not_after) + ", " +
                   describe_span(now - certificate.not_after) + " ago; now it is " + format_time(now),
               renew(path, index)};
}

Failure check_purpose(PathView path, size_t index, CertificatePurpose purpose) {
  const auto& purposes = extensions_of(path, index).extended_key_usage;
  if (!purposes) return {};
  const Oid& wanted = purpose == CertificatePurpose::server ? oids::server_auth : oids::client_auth;
  const bool allowed = std::any_of(purposes->begin(), purposes->end(), [&](Bytes oid) {
    return wanted == oid || oids::any_extended_key_usage == oid;
  });
  if (allowed) return {};
  if (!path.is_worded()) return Error{ErrorCode::certificate_bad_usage};
  return Error{ErrorCode::certificate_bad_usage,
               describe(path.path(), index) + "; extendedKeyUsage is " + purposes_text(*purposes) +
                   ", wanted is " + std::string(purpose_name(purpose)),
               "have it issued with extendedKeyUsage " + std::string(purpose_name(purpose)) +
                   "; `openssl x509 -in FILE -noout -ext extendedKeyUsage` shows what it has"};
}

Failure check_key(PathView path, size_t index, unsigned min_rsa_bits) {
  const SubjectPublicKey& key = path[index]->parsed().public_key;
  if (const char* usage = key.key ? wrong_ml_dsa_usage(*key.key, extensions_of(path, index)) : nullptr) {
    if (!path.is_worded()) return Error{ErrorCode::certificate_bad_usage};
    return Error{
        ErrorCode::certificate_bad_usage,
        describe(path.path(), index) + "; its keyUsage has " + usage + ", and its key is " + print_key(key) +
            ", which only signs (RFC 9881 §5)",
        "have it issued with a keyUsage of digitalSignature, or of keyCertSign and cRLSign for a CA"};
  }
  const bool rsa = key.key && (key.key->type == KeyType::rsa || key.key->type == KeyType::rsa_pss);
  if (key.key && (!rsa || key_bits(*key.key) >= min_rsa_bits)) return {};
  const ErrorCode code =
      key.key ? ErrorCode::certificate_weak_key : ErrorCode::certificate_unsupported_algorithm;
  if (!path.is_worded()) return Error{code};
  if (!key.key) return Error{code, describe(path.path(), index) + "; its key: " + print_key(key)};
  return Error{code, describe(path.path(), index) + "; its key is " + print_key(key) +
                         ", wanted are at least " + std::to_string(min_rsa_bits) + " bits"};
}

Failure check_extensions(PathView path, size_t index) {
  const Bytes oid = extensions_of(path, index).unknown_critical;
  if (oid.empty()) return {};
  if (!path.is_worded()) return Error{ErrorCode::certificate_unknown_critical_extension};
  return Error{ErrorCode::certificate_unknown_critical_extension,
               describe(path.path(), index) + "; the extension " + to_dotted(oid).substr(0, 120)};
}

Failure check_ca(PathView path, size_t index, Position position) {
  const ParsedCertificate& certificate = path[index]->parsed();
  const auto refuse = [&](std::string_view why) {
    if (!path.is_worded()) return Error{ErrorCode::certificate_not_ca};
    return Error{ErrorCode::certificate_not_ca, describe(path.path(), index) + "; " + std::string(why),
                 "sign with a CA certificate; `openssl x509 -in FILE -noout -ext basicConstraints,keyUsage` "
                 "shows what it has"};
  };
  // An old certificate that somebody else issued may have been trusted for itself alone (RFC 5280 §6.1.4
  // (k)).
  const bool old_anchor = position == Position::anchor && certificate.version < 3 && certificate.self_issued;
  if (!certificate.extensions.basic_constraints && !old_anchor)
    return refuse("it has no basicConstraints, so it is no CA");
  if (!certificate.is_ca() && !old_anchor) return refuse("its basicConstraints say CA:FALSE");
  if (!certificate.extensions.allows(KeyUsage::key_cert_sign))
    return refuse("its keyUsage lacks keyCertSign");
  if (is_empty_name(certificate.subject)) return refuse("it has no subject");  // RFC 5280 §4.1.2.6
  return {};
}

Failure check_name(PathView path, const ServerName& name) {
  const Certificate& leaf = *path[0];
  if (certificate_matches(leaf, name)) return {};
  const auto names = leaf.names();
  std::string list;
  for (size_t i = 0; i < names.size() && i < 10; ++i) list += (i ? ", " : "") + names[i].substr(0, 100);
  if (names.size() > 10) list += " and " + std::to_string(names.size() - 10) + " more";
  std::string detail =
      "certificate 1 (" + label(leaf) + ") is for " +
      (names.empty() ? "no name at all: it has no DNS name or address in its subjectAltName" : list) +
      "; wanted is " + name.text();
  std::string remedy =
      "connect to a name that the certificate carries, or have one issued for this name: `bulla cert "
      "new " +
      name.text() + "`";
  if (names.empty())
    remedy =
        "a commonName does not count (RFC 9525 §2): have the certificate issued with the name in its "
        "subjectAltName, as `bulla cert new " +
        name.text() + "` does";
  return Error{ErrorCode::certificate_name_mismatch, std::move(detail), std::move(remedy)};
}

}  // namespace bulla::x509
