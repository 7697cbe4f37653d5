// http and https URLs (RFC 3986). Our own, since Beast has none and Boost.URL 1.81 must be compiled in and
// resolves the abnormal examples of RFC 3986 §5.4.2 wrongly.
#include "http/text.h"

#include <bulla/http.h>

#include <arpa/inet.h>

namespace bulla::http {
namespace {

/// A reference in its five parts (RFC 3986 §B).
struct Parts {
  std::optional<std::string_view> scheme, authority;
  std::string_view path;
  std::optional<std::string_view> query, fragment;
};

Error bad_url(std::string_view text, std::string_view why) {
  return Error{ErrorCode::http_bad_url, printable(text.substr(0, 200)) + " (" + std::string(why) + ")"};
}

Parts take_apart(std::string_view text) {
  Parts parts;
  if (const size_t hash = text.find('#'); hash != std::string_view::npos) {
    parts.fragment = text.substr(hash + 1);
    text = text.substr(0, hash);
  }
  if (const size_t mark = text.find('?'); mark != std::string_view::npos) {
    parts.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  const size_t colon = text.find_first_of(":/");
  if (colon != std::string_view::npos && colon > 0 && text[colon] == ':' && is_alpha(text[0])) {
    parts.scheme = text.substr(0, colon);
    text = text.substr(colon + 1);
  }
  if (text.substr(0, 2) == "//") {
    const size_t end = text.find('/', 2);
    parts.authority = text.substr(2, end == std::string_view::npos ? end : end - 2);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end);
  }
  parts.path = text;
  return parts;
}

/// Encodes what a person types but a URL may not hold; nothing for control characters and broken escapes.
std::optional<std::string> tidy(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7f) return std::nullopt;
    if (c == '%' && (text.size() - i < 3 || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0))
      return std::nullopt;
    const bool foreign =
        static_cast<uint8_t>(c) >= 0x80 || std::string_view(" \"<>\\^`{|}").find(c) != std::string_view::npos;
    if (foreign) {
      out += percent_encode({&c, 1});
    } else {
      out += c;
    }
  }
  return out;
}

/// RFC 3986 §5.2.4. The path is absolute and comes out absolute.
std::string remove_dot_segments(std::string_view path) {
  std::vector<std::string_view> kept;
  bool slash_at_end = false;
  path.remove_prefix(1);
  for (;;) {
    const size_t end = path.find('/');
    const std::string_view segment = path.substr(0, end);
    slash_at_end = segment == "." || segment == "..";
    if (segment == "..") {
      if (!kept.empty()) kept.pop_back();
    } else if (segment != ".") {
      kept.push_back(segment);
    }
    if (end == std::string_view::npos) break;
    path.remove_prefix(end + 1);
  }
  std::string out;
  for (const std::string_view segment : kept) out.append("/").append(segment);
  if (slash_at_end || out.empty()) out += '/';
  return out;
}

/// An IPv6 literal, a dotted IPv4 address, or a name of letters, digits, '-', '_' and '.'.
Result<std::string> parse_host(std::string_view host, std::string_view whole) {
  if (!host.empty() && host.front() == '[') {
    const std::string literal(host.substr(1, host.size() - 2));
    in6_addr address;
    // inet_pton would stop at a NUL.
    const bool clean = literal.find('\0') == std::string::npos;
    if (!clean || inet_pton(AF_INET6, literal.c_str(), &address) != 1)
      return bad_url(whole, "malformed IPv6 address");
    return to_lower(literal);
  }
  if (host.empty()) return bad_url(whole, "no host");
  if (host.size() > 253) return bad_url(whole, "the host name is too long");
  for (const char c : host)
    if (!is_alpha(c) && !is_digit(c) && c != '-' && c != '_' && c != '.')
      return bad_url(whole,
                     "the host name holds a character that it may not; write international names as xn--…");
  if (host.front() == '.' || host.find("..") != std::string_view::npos)
    return bad_url(whole, "empty label in the host name");
  return to_lower(host);
}

Result<void> set_authority(Url& url, std::string_view authority, std::string_view whole) {
  if (authority.find('@') != std::string_view::npos)
    return bad_url("…" + std::string(authority.substr(authority.find('@'))),
                   "user information in a URL is not supported");
  std::string_view host = authority, port;
  const size_t close = authority.front() == '[' ? authority.find(']') : 0;
  if (close == std::string_view::npos) return bad_url(whole, "malformed IPv6 address");
  if (const size_t colon = authority.find(':', close); colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    port = authority.substr(colon + 1);
  }
  if (authority.front() == '[' && host.size() != close + 1) return bad_url(whole, "malformed IPv6 address");
  BULLA_TRY(url.host, parse_host(host, whole));
  url.port = url.scheme == Scheme::https ? 443 : 80;
  if (port.empty()) return {};  // RFC 3986 §3.2.3: "host:" has the default port
  const auto number = parse_decimal(port);
  if (!number || *number == 0 || *number > 65535)
    return bad_url(whole, "the port is not a number from 1 to 65535");
  url.port = static_cast<uint16_t>(*number);
  return {};
}

Result<void> set_rest(Url& url, std::string_view path, const Parts& parts, std::string_view whole) {
  auto clean = tidy(path.empty() ? std::string_view("/") : path);
  if (!clean) return bad_url(whole, "control character or broken percent-encoding");
  url.path = remove_dot_segments(*clean);
  for (auto [from, to] : {std::pair{&parts.query, &url.query}, std::pair{&parts.fragment, &url.fragment}}) {
    to->reset();
    if (!*from) continue;
    *to = tidy(**from);
    if (!*to) return bad_url(whole, "control character or broken percent-encoding");
  }
  return {};
}

Result<Scheme> parse_scheme(std::string_view scheme, std::string_view whole) {
  if (iequals(scheme, "https")) return Scheme::https;
  if (iequals(scheme, "http")) return Scheme::http;
  return bad_url(whole, "only https and http are supported");
}

}  // namespace

Result<Url> Url::parse(std::string_view text) {
  const Parts parts = take_apart(text);
  if (!parts.scheme) return bad_url(text, "no scheme");
  Url url;
  BULLA_TRY(url.scheme, parse_scheme(*parts.scheme, text));
  if (!parts.authority || parts.authority->empty()) return bad_url(text, "no host");
  BULLA_TRY(set_authority(url, *parts.authority, text));
  BULLA_TRY(set_rest(url, parts.path, parts, text));
  return url;
}

Result<Url> Url::resolve(std::string_view reference) const {
  Parts parts = take_apart(reference);
  if (parts.scheme) return parse(reference);
  Url out = *this;
  if (parts.authority) {
    if (parts.authority->empty()) return bad_url(reference, "no host");
    BULLA_TRY(set_authority(out, *parts.authority, reference));
    BULLA_TRY(set_rest(out, parts.path, parts, reference));
    return out;
  }
  std::string merged(parts.path);
  if (parts.path.empty()) {
    merged = path;
    if (!parts.query && query) parts.query = *query;
  } else if (parts.path.front() != '/') {
    // §5.2.3: everything of the base up to its last slash, then the reference.
    merged = path.substr(0, path.rfind('/') + 1) + merged;
  }
  BULLA_TRY(set_rest(out, merged, parts, reference));
  return out;
}

std::string Url::target() const {
  std::string out = path.empty() ? "/" : path;
  if (query) out += '?' + *query;
  return out;
}

std::string Url::authority() const {
  std::string out = host_is_ipv6() ? '[' + host + ']' : host;
  if (port != (scheme == Scheme::https ? 443 : 80)) out += ':' + std::to_string(port);
  return out;
}

std::string Url::to_string() const {
  std::string out = (scheme == Scheme::https ? "https://" : "http://") + authority() + target();
  if (fragment) out += '#' + *fragment;
  return out;
}

bool Url::same_origin(const Url& other) const noexcept {
  return scheme == other.scheme && host == other.host && port == other.port;
}

}  // namespace bulla::http
