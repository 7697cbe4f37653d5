// Any bytes as a certificate, in DER or PEM: whatever is accepted can be described, matched and trusted, and
// what is printed of it is safe for a terminal.
#include "base/assert.h"
#include "work_meter.h"
#include "x509/certificate.h"
#include "x509/dns_name.h"
#include "x509/name.h"

#include <bulla/pki.h>

#include <algorithm>

using namespace bulla;

namespace {

/// 2026-01-01 00:00:00 UTC.
constexpr Time now = Time(std::chrono::sys_days(std::chrono::year(2026) / 1 / 1));

void check_printable(std::string_view text) {
  const bool safe = std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<uint8_t>(c) < ' ' && c != '\n') || c == 0x7f;
  });
  BULLA_ASSERT(safe, "nothing of a certificate reaches a terminal as a control character");
}

/// A name that matches is one that is written in the certificate, and never an address's look.
void check_names(const Certificate& certificate) {
  const auto& names = certificate.parsed().extensions.subject_alt_name;
  if (!names) return;
  for (const x509::GeneralName& name : *names) {
    if (name.kind != x509::GeneralNameKind::dns) continue;
    const auto host = ServerName::parse(as_text(name.value));
    const bool plain = host && host->kind() == ServerName::Kind::dns && name.value.back() != '.';
    BULLA_ASSERT(x509::dns_name_matches(as_text(name.value), host ? host->text() : "") == plain,
                 "a DNS name matches itself, and nothing else is one");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto certificates =
      fuzz::within(fuzz::parser_budget, size, [&] { return Certificate::from_pem_or_der({data, size}); });
  if (!certificates) return 0;
  for (const CertificatePtr& one : *certificates) {
    BULLA_ASSERT(one->parsed().self_issued == x509::names_equal(one->issuer_der(), one->subject_der()),
                 "equality of names is symmetric");
    check_printable(pki::describe(*one, now));
    check_printable(pki::describe_json(*one, now));
    check_names(*one);
    const auto again = Certificate::from_der(one->der());
    BULLA_ASSERT(again.ok() && (*again)->serial() == one->serial(), "the bytes that are kept are the same");
    // Trusted for itself, it is accepted or refused with a reason.
    RootStore roots;
    roots.add(one);
    const auto proof = WebPkiVerifier(std::move(roots)).verify({.chain = {&one, 1}, .now = now});
    BULLA_ASSERT(proof.ok() || !proof.error().detail.empty(), "a refusal says which certificate");
  }
  for (const std::string& problem : pki::chain_problems(*certificates)) check_printable(problem);
  return 0;
}
