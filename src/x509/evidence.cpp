#include "x509/evidence.h"

#include "x509/certificate.h"
#include "x509/name.h"

#include <algorithm>

namespace bulla::x509 {
std::string shortened(std::string text, size_t most) {
  if (text.size() <= most) return text;
  size_t end = most;
  while (end && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;  // not inside a UTF-8 sequence
  return text.substr(0, end) + "...";
}

namespace {

/// Names have some hundred bytes. One that is far longer was not made to be read.
std::string short_name(Bytes name_der) {
  constexpr size_t most = 4096;
  if (name_der.size() > most) return "a name of " + std::to_string(name_der.size()) + " bytes";
  return shortened(print_name(name_der));
}

}  // namespace

std::string label(const Certificate& certificate) {
  if (!is_empty_name(certificate.subject_der())) return short_name(certificate.subject_der());
  const auto names = certificate.names();
  if (!names.empty()) return shortened("without subject, for " + names.front());
  return shortened("without subject, serial number " + certificate.serial());
}

std::string describe_path(std::span<const CertificatePtr> path) {
  std::string out;
  for (const CertificatePtr& certificate : path) out += (out.empty() ? "" : " <- ") + label(*certificate);
  return out;
}

std::string describe(std::span<const CertificatePtr> path, size_t index) {
  const Certificate& certificate = *path[index];
  std::string out = "certificate " + std::to_string(index + 1) + " of " + std::to_string(path.size()) + " (" +
                    label(certificate) + ')';
  if (certificate.parsed().self_issued)
    out += ", issued by itself";
  else
    out += ", issued by " + short_name(certificate.issuer_der());
  if (path.size() > 1) out += "; path: " + describe_path(path);
  return out;
}

std::string describe_span(Milliseconds span) {
  using namespace std::chrono;
  const auto amount = [](int64_t n, const char* unit) {
    return std::to_string(n) + ' ' + unit + (n == 1 ? "" : "s");
  };
  const int64_t total = std::max<int64_t>(0, duration_cast<seconds>(span).count());
  if (total < 60) return amount(total, "second");
  if (total < 3600) return amount(total / 60, "minute");
  if (total < 2 * 86400) return amount(total / 3600, "hour");
  return amount(total / 86400, "day");
}

std::string purpose_name(Bytes oid) {
  using namespace asn1;
  struct Known {
    Oid oid;
    const char* name;
  };
  constexpr Known known[] = {
      {oids::server_auth, "serverAuth"},     {oids::client_auth, "clientAuth"},
      {oids::code_signing, "codeSigning"},   {oids::email_protection, "emailProtection"},
      {oids::time_stamping, "timeStamping"}, {oids::ocsp_signing, "OCSPSigning"},
      {oids::any_extended_key_usage, "any"}};
  for (const Known& one : known)
    if (one.oid == oid) return one.name;
  return to_dotted(oid);
}

std::string shell_safe_url(Bytes url) {
  constexpr std::string_view others = ":/._-%~";
  const bool safe = !url.empty() && url.size() <= 200 && as_text(url).starts_with("http") &&
                    std::all_of(url.begin(), url.end(), [&](uint8_t c) {
                      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                             others.find(static_cast<char>(c)) != std::string_view::npos;
                    });
  return safe ? std::string(as_text(url)) : std::string();
}

}  // namespace bulla::x509
