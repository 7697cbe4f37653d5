// Certificates in words, for a person and as JSON.
#include "pki/describe.h"

#include "asn1/time.h"
#include "x509/certificate.h"
#include "x509/evidence.h"
#include "x509/fingerprint.h"
#include "x509/general_name.h"
#include "x509/name.h"

#include <bulla/pki.h>

#include <algorithm>

namespace bulla::pki {
namespace {

using namespace asn1;
using x509::KeyUsage;

struct NamedUsage {
  KeyUsage usage;
  std::string_view name;
};
constexpr NamedUsage usages[] = {
    {KeyUsage::digital_signature, "digitalSignature"},
    {KeyUsage::content_commitment, "contentCommitment"},
    {KeyUsage::key_encipherment, "keyEncipherment"},
    {KeyUsage::data_encipherment, "dataEncipherment"},
    {KeyUsage::key_agreement, "keyAgreement"},
    {KeyUsage::key_cert_sign, "keyCertSign"},
    {KeyUsage::crl_sign, "cRLSign"},
    {KeyUsage::encipher_only, "encipherOnly"},
    {KeyUsage::decipher_only, "decipherOnly"},
};

std::string joined(const std::vector<std::string>& parts, std::string_view absent) {
  if (parts.empty()) return std::string(absent);
  std::string out;
  for (const std::string& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

std::string ca_text(const x509::ParsedCertificate& parsed) {
  if (!parsed.is_ca()) return "no";
  const auto& limit = parsed.extensions.basic_constraints->path_length;
  return limit ? "yes, with at most " + std::to_string(*limit) + " CAs below it" : "yes";
}

std::string signature_text(const x509::ParsedCertificate& parsed) {
  return x509::print_algorithm(parsed.signature) +
         (x509::is_weak_signature(parsed.signature) ? " (broken)" : "");
}

void json_field(std::string& out, std::string_view name, std::string_view value) {
  out += (out.size() > 1 ? ",\"" : "\"") + std::string(name) + "\":\"" + json_escaped(value) + '"';
}
void json_list(std::string& out, std::string_view name, const std::vector<std::string>& values) {
  out += (out.size() > 1 ? ",\"" : "\"") + std::string(name) + "\":[";
  for (size_t i = 0; i < values.size(); ++i) out += (i ? ",\"" : "\"") + json_escaped(values[i]) + '"';
  out += ']';
}

}  // namespace

std::vector<std::string> key_usage_names(const x509::Extensions& extensions) {
  std::vector<std::string> out;
  if (!extensions.key_usage) return out;
  for (const NamedUsage& known : usages)
    if (extensions.allows(known.usage)) out.emplace_back(known.name);
  return out;
}

std::vector<std::string> purpose_names(const x509::Extensions& extensions) {
  std::vector<std::string> out;
  if (!extensions.extended_key_usage) return out;
  for (const Bytes oid : *extensions.extended_key_usage) out.push_back(x509::purpose_name(oid));
  return out;
}

std::string duration_text(std::chrono::milliseconds d) {
  const auto text = [](auto count, std::string_view unit) {
    return std::to_string(count) + ' ' + std::string(unit) + (count == 1 ? "" : "s");
  };
  constexpr int hour = 60, day = 24 * hour;
  const auto minutes = std::chrono::round<std::chrono::minutes>(d).count();
  if (minutes >= 2 * day) return text((minutes + day / 2) / day, "day");
  if (minutes >= 2 * hour) return text((minutes + hour / 2) / hour, "hour");
  return text(minutes, "minute");
}

std::string describe_validity(const Certificate& certificate, Time now) {
  if (now < certificate.not_before())
    return "not valid yet, but in " + duration_text(certificate.not_before() - now);
  if (now > certificate.not_after())
    return "expired " + duration_text(now - certificate.not_after()) + " ago";
  return "expires in " + duration_text(certificate.not_after() - now);
}

std::string describe(const Certificate& certificate, Time now, const Provider& provider) {
  const x509::ParsedCertificate& parsed = certificate.parsed();
  std::string out;
  const auto line = [&](std::string_view label, std::string_view value) {
    constexpr size_t width = 13;
    out +=
        "  " + std::string(label) + ':' + std::string(width - label.size(), ' ') + std::string(value) + '\n';
  };
  line("Subject", certificate.subject());
  line("Issuer", certificate.issuer() + (parsed.self_issued ? " (itself)" : ""));
  line("Names", joined(certificate.alternative_names(), "none"));
  line("Valid", format_time(certificate.not_before()) + " to " + format_time(certificate.not_after()) + ", " +
                    describe_validity(certificate, now));
  line("Key", x509::print_key(parsed.public_key));
  line("Signature", signature_text(parsed));
  line("CA", ca_text(parsed));
  line("Key usage", joined(key_usage_names(parsed.extensions), "any"));
  line("Purposes", joined(purpose_names(parsed.extensions), "any"));
  line("Serial", certificate.serial());
  line("SHA-256", fingerprint_sha256(certificate, provider));
  if (!parsed.extensions.unknown_critical.empty())
    line("Note", "the critical extension " + to_dotted(parsed.extensions.unknown_critical) +
                     " is not known here: the certificate will be refused");
  return out;
}

std::string describe_json(const Certificate& certificate, Time now, const Provider& provider) {
  const x509::ParsedCertificate& parsed = certificate.parsed();
  const auto seconds = [](Time t) {
    return std::to_string(std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count());
  };
  std::string out = "{";
  json_field(out, "subject", certificate.subject());
  json_field(out, "issuer", certificate.issuer());
  json_list(out, "names", certificate.alternative_names());
  json_field(out, "not_before", format_time(certificate.not_before()));
  json_field(out, "not_after", format_time(certificate.not_after()));
  out += ",\"not_before_unix\":" + seconds(certificate.not_before());
  out += ",\"not_after_unix\":" + seconds(certificate.not_after());
  json_field(out, "validity", describe_validity(certificate, now));
  json_field(out, "key", x509::print_key(parsed.public_key));
  json_field(out, "signature", x509::print_algorithm(parsed.signature));
  out += std::string(",\"ca\":") + (parsed.is_ca() ? "true" : "false");
  out += std::string(",\"self_issued\":") + (parsed.self_issued ? "true" : "false");
  json_list(out, "key_usage", key_usage_names(parsed.extensions));
  json_list(out, "purposes", purpose_names(parsed.extensions));
  json_field(out, "serial", certificate.serial());
  json_field(out, "sha256", fingerprint_sha256(certificate, provider));
  return out + '}';
}

std::vector<std::string> chain_problems(std::span<const CertificatePtr> chain) {
  std::vector<std::string> out;
  const auto nth = [](size_t i) { return "certificate " + std::to_string(i + 1); };
  for (size_t i = 0; i + 1 < chain.size(); ++i) {
    const Certificate& here = *chain[i];
    if (equal_vartime(here.der(), chain[i + 1]->der())) {
      out.push_back(nth(i + 1) + " repeats " + nth(i));
      continue;
    }
    if (x509::names_equal(here.issuer_der(), chain[i + 1]->subject_der())) continue;
    std::string problem = nth(i + 1) + " did not issue " + nth(i);
    // RFC 9846 §4.5.1: each certificate should certify the one before it.
    for (size_t k = 0; k < chain.size(); ++k)
      if (k != i && k != i + 1 && x509::names_equal(here.issuer_der(), chain[k]->subject_der()))
        problem += "; " + nth(k) + " did, so the order is wrong";
    out.push_back(std::move(problem));
  }
  for (size_t i = 1; i < chain.size(); ++i)
    if (!chain[i]->is_ca()) out.push_back(nth(i) + " is no CA: " + chain[i]->subject());
  return out;
}

}  // namespace bulla::pki
