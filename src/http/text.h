// Small functions on the texts of HTTP, used all over this room. ASCII only, no locale.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace bulla::http {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}
constexpr bool is_alpha(char c) noexcept {
  return lower(c) >= 'a' && lower(c) <= 'z';
}

/// The value of a hexadecimal digit, or -1.
constexpr int hex_value(char c) noexcept {
  if (is_digit(c)) return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

constexpr bool iequals(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

/// Without spaces and tabs at both ends (OWS of RFC 9110 §5.6.3).
constexpr std::string_view trim(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Cuts the text up to `separator` (or all of it) off the front of `rest` and returns it.
constexpr std::string_view take_until(std::string_view& rest, char separator) noexcept {
  const size_t at = rest.find(separator);
  const std::string_view head = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return head;
}

std::string to_lower(std::string_view text);
/// Only digits, at least one, and it fits; otherwise nothing.
std::optional<uint64_t> parse_decimal(std::string_view text) noexcept;
/// RFC 9110 §5.6.2.
bool is_token(std::string_view text) noexcept;
/// RFC 9110 §5.5: no control characters but the tab. Bytes above ASCII are obs-text and pass.
bool is_field_value(std::string_view text) noexcept;
/// uri-host [":" port] of RFC 9110 §7.2; an empty text passes too, as the RFC allows.
bool is_host_field(std::string_view text) noexcept;
/// With & < > " ' as entities.
std::string html_escape(std::string_view text);

}  // namespace bulla::http
