#include "x509/ip_address.h"

#include <array>
#include <cstdio>

namespace bulla::x509 {
namespace {

std::optional<std::vector<uint8_t>> parse_v4(std::string_view text) {
  std::vector<uint8_t> out;
  while (true) {
    size_t digits = 0;
    unsigned value = 0;
    while (digits < text.size() && digits < 3 && text[digits] >= '0' && text[digits] <= '9')
      value = value * 10 + static_cast<unsigned>(text[digits++] - '0');
    if (digits == 0 || value > 255 || (digits > 1 && text[0] == '0')) return {};
    out.push_back(static_cast<uint8_t>(value));
    text.remove_prefix(digits);
    if (out.size() == 4) return text.empty() ? std::optional(out) : std::nullopt;
    if (text.empty() || text[0] != '.') return {};
    text.remove_prefix(1);
  }
}

std::optional<unsigned> hex_digit(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return {};
}

/// Groups of an IPv6 address without "::"; the last two may be an IPv4 address. False where malformed.
bool parse_groups(std::string_view text, bool may_end_in_v4, std::vector<uint8_t>& out) {
  if (text.empty()) return true;
  while (true) {
    const size_t colon = text.find(':');
    const std::string_view group = text.substr(0, colon);
    if (colon == std::string_view::npos && may_end_in_v4 && group.find('.') != std::string_view::npos) {
      const auto v4 = parse_v4(group);
      if (!v4) return false;
      out.insert(out.end(), v4->begin(), v4->end());
      return true;
    }
    if (group.empty() || group.size() > 4) return false;
    unsigned value = 0;
    for (const char c : group) {
      const auto digit = hex_digit(c);
      if (!digit) return false;
      value = value << 4 | *digit;
    }
    out.push_back(static_cast<uint8_t>(value >> 8));
    out.push_back(static_cast<uint8_t>(value));
    if (out.size() > 16) return false;
    if (colon == std::string_view::npos) return true;
    text.remove_prefix(colon + 1);
  }
}

std::optional<std::vector<uint8_t>> parse_v6(std::string_view text) {
  std::vector<uint8_t> head, tail;
  const size_t gap = text.find("::");
  if (gap == std::string_view::npos) {
    if (!parse_groups(text, true, head) || head.size() != 16) return {};
    return head;
  }
  if (!parse_groups(text.substr(0, gap), false, head) || !parse_groups(text.substr(gap + 2), true, tail))
    return {};
  if (head.size() + tail.size() > 14) return {};  // "::" stands for one group at least
  head.resize(16 - tail.size());
  head.insert(head.end(), tail.begin(), tail.end());
  return head;
}

std::string format_v6(Bytes address) {
  std::array<unsigned, 8> group{};
  for (size_t i = 0; i < 8; ++i) group[i] = static_cast<unsigned>(address[2 * i] << 8 | address[2 * i + 1]);
  // RFC 5952 §4.2: the longest run of two or more zero groups, the first of equals, becomes "::".
  size_t best = 8, best_length = 1;
  for (size_t i = 0; i < 8; ++i) {
    size_t n = 0;
    while (i + n < 8 && group[i + n] == 0) ++n;
    if (n > best_length) best = i, best_length = n;
  }
  std::string out;
  for (size_t i = 0; i < 8; ++i) {
    if (i == best) {
      out += "::";
      i += best_length - 1;
      continue;
    }
    if (!out.empty() && out.back() != ':') out += ':';
    char text[8];
    std::snprintf(text, sizeof text, "%x", group[i]);
    out += text;
  }
  return out;
}

}  // namespace

std::optional<std::vector<uint8_t>> parse_ip_address(std::string_view text) {
  return text.find(':') == std::string_view::npos ? parse_v4(text) : parse_v6(text);
}

std::string format_ip_address(Bytes address) {
  if (address.size() == 16) return format_v6(address);
  if (address.size() != 4) return to_hex(address);
  char text[20];
  std::snprintf(text, sizeof text, "%u.%u.%u.%u", address[0], address[1], address[2], address[3]);
  return text;
}

}  // namespace bulla::x509
