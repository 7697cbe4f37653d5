#include "x509/dns_name.h"

#include "x509/certificate.h"

#include <algorithm>

namespace bulla::x509 {
namespace {

char lower_char(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower_char);
  return out;
}

bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(),
                                            [](char x, char y) { return lower_char(x) == lower_char(y); });
}

const char* why_no_dns_name(std::string_view text) noexcept {
  if (text.empty()) return "is empty";
  if (text.size() > 253) return "is longer than 253 characters";
  bool all_digits = true;
  while (true) {
    const size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty()) return "has an empty label";
    if (label.size() > 63) return "has a label longer than 63 characters";
    if (label.front() == '-' || label.back() == '-') return "has a label that starts or ends with a hyphen";
    all_digits = true;
    for (const char c : label) {
      const char l = lower_char(c);
      if (!is_digit(c) && !(l >= 'a' && l <= 'z') && c != '-' && c != '_')
        return "has a character that no host name has";
      all_digits = all_digits && is_digit(c);
    }
    if (dot == std::string_view::npos) break;
    text.remove_prefix(dot + 1);
  }
  return all_digits ? "looks like an IP address and is none" : nullptr;
}

bool is_dns_pattern(std::string_view text) noexcept {
  if (text.starts_with("*.")) text.remove_prefix(2);
  return why_no_dns_name(text) == nullptr;
}

bool dns_name_matches(std::string_view pattern, std::string_view host) noexcept {
  if (!is_dns_pattern(pattern)) return false;
  if (!pattern.starts_with("*.")) return equal_ignoring_case(pattern, host);
  pattern.remove_prefix(1);  // ".example.com"
  const size_t dot = host.find('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  if (pattern.find('.', 1) == std::string_view::npos) return false;
  return equal_ignoring_case(pattern, host.substr(dot));
}

std::optional<GeneralName> matching_name(const Certificate& certificate, const ServerName& name) noexcept {
  const auto& names = certificate.parsed().extensions.subject_alt_name;
  if (!names) return {};
  const auto matches = [&](const GeneralName& one) {
    if (name.kind() == ServerName::Kind::ip)
      return one.kind == GeneralNameKind::ip && equal_vartime(one.value, name.address());
    return one.kind == GeneralNameKind::dns && dns_name_matches(as_text(one.value), name.text());
  };
  const auto found = std::find_if(names->begin(), names->end(), matches);
  if (found == names->end()) return {};
  return *found;
}

}  // namespace bulla::x509
