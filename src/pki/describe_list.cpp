// Lists of revoked certificates in words, for a person and as JSON. However long a list is, what is said of
// it is not: entries are counted, and so many of them shown.
#include "asn1/time.h"
#include "pki/describe.h"
#include "pki/extension_text.h"
#include "x509/crl.h"
#include "x509/fingerprint.h"

#include <bulla/revocation_authority.h>

#include <algorithm>

namespace bulla::pki {
namespace {

constexpr size_t entries_at_a_glance = 10, most_entries = 1000;

std::string line(std::string_view label, std::string_view value) {
  constexpr size_t width = 13;
  return "  " + std::string(label) + ':' + std::string(width - label.size(), ' ') + std::string(value) + '\n';
}

/// A number of 20 octets and less: decimal where that is what people count in.
std::string number_text(const std::optional<std::string>& hex) {
  if (!hex) return "none";
  if (hex->size() > 15) return "0x" + *hex;
  return std::to_string(std::stoull(*hex, nullptr, 16));
}

std::string next_text(const RevocationList& list, Time now) {
  const auto next = list.next_update();
  if (!next) return "not said";
  const std::string when =
      now > *next ? "due " + duration_text(now - *next) + " ago" : "in " + duration_text(*next - now);
  return asn1::format_time(*next) + ", " + when;
}

std::string signature_text(const RevocationList& list) {
  const x509::AlgorithmIdentifier& signature = list.parsed().signature;
  return x509::print_algorithm(signature) + (x509::is_weak_signature(signature) ? " (broken)" : "");
}

std::string entry_text(const RevokedCertificate& one) {
  std::string out = "    " + one.serial + "  " + asn1::format_time(one.revoked_at);
  if (one.reason) out += "  " + std::string(name_of(*one.reason));
  if (one.invalid_since) out += "  (invalid since " + asn1::format_time(*one.invalid_since) + ')';
  return out + '\n';
}

std::string entries_text(const RevocationList& list, size_t most) {
  const size_t size = list.size(), shown = std::min(size, most);
  std::string out = line("Revoked", size == 1 ? "1 certificate" : std::to_string(size) + " certificates");
  for (size_t i = 0; i < shown; ++i) out += entry_text(list.entry(i));
  if (shown < size) out += "    and " + std::to_string(size - shown) + " more\n";
  return out;
}

std::string head_text(const RevocationList& list, Time now) {
  return line("Issuer", list.issuer()) + line("Number", number_text(list.number())) +
         line("This update", asn1::format_time(list.this_update())) +
         line("Next update", next_text(list, now));
}

std::string note_text(const RevocationList& list) {
  const std::string why = list.why_not_used();
  return why.empty() ? "" : line("Note", "not used here: " + why);
}

std::string json_text(std::string_view name, std::string_view value) {
  return '"' + std::string(name) + "\":\"" + json_escaped(value) + '"';
}
std::string json_or_null(std::string_view name, std::string_view value) {
  return value.empty() ? '"' + std::string(name) + "\":null" : json_text(name, value);
}

}  // namespace

std::string describe(const RevocationList& list, Time now) {
  return head_text(list, now) + entries_text(list, entries_at_a_glance) +
         line("Signature", signature_text(list)) + note_text(list);
}

std::string describe_whole(const RevocationList& list, Time now, const Provider& provider) {
  const x509::ParsedRevocationList& parsed = list.parsed();
  std::string out = line("Version", std::to_string(parsed.version)) + head_text(list, now);
  if (parsed.authority_key_id) out += line("Issuer key", x509::octets_text(*parsed.authority_key_id));
  out += entries_text(list, most_entries) + line("Signature", signature_text(list));
  for (const std::string& one : hex_lines(parsed.signature_value)) out += "    " + one + '\n';
  return out + line("SHA-256", x509::fingerprint_text(list.der(), provider)) + note_text(list);
}

std::string describe_json(const RevocationList& list) {
  std::string out = '{' + json_text("issuer", list.issuer()) + ',' +
                    json_or_null("number", list.number() ? number_text(list.number()) : "") + ',' +
                    json_text("this_update", asn1::format_time(list.this_update())) + ',' +
                    json_or_null("next_update", list.next_update() ? asn1::format_time(*list.next_update())
                                                                   : std::string()) +
                    ',' + json_text("signature", signature_text(list)) + ',' +
                    json_or_null("why_not_used", list.why_not_used()) +
                    ",\"revoked\":" + std::to_string(list.size()) + ",\"entries\":[";
  const size_t shown = std::min(list.size(), most_entries);
  for (size_t i = 0; i < shown; ++i) {
    const RevokedCertificate one = list.entry(i);
    out +=
        (i ? ",{" : "{") + json_text("serial", one.serial) + ',' +
        json_text("revoked_at", asn1::format_time(one.revoked_at)) + ',' +
        json_or_null("reason", one.reason ? name_of(*one.reason) : std::string_view()) +
        (one.invalid_since ? ',' + json_text("invalid_since", asn1::format_time(*one.invalid_since)) : "") +
        '}';
  }
  return out + "],\"entries_left_out\":" + std::to_string(list.size() - shown) + '}';
}

}  // namespace bulla::pki
