// ServerName: what a user types, parsed once, so that a name that cannot be matched never reaches the
// handshake.
#include "x509/dns_name.h"
#include "x509/ip_address.h"

#include <bulla/certificate.h>

namespace bulla {
namespace {

Error bad(std::string_view text, std::string_view why) {
  return {ErrorCode::bad_server_name, '"' + printable(text.substr(0, 260)) + "\" " + std::string(why)};
}

}  // namespace

Result<ServerName> ServerName::parse(std::string_view text) {
  ServerName out;
  if (text.empty()) return bad(text, "is empty");
  const bool bracketed = text.front() == '[' && text.back() == ']';
  const std::string_view inside = bracketed ? text.substr(1, text.size() - 2) : text;
  if (inside.find('%') != std::string_view::npos)
    return bad(text, "has a zone or an escape, which no certificate names");
  if (auto address = x509::parse_ip_address(inside); address && (!bracketed || address->size() == 16)) {
    out.kind_ = Kind::ip;
    out.text_ = x509::format_ip_address(*address);
    out.address_ = std::move(*address);
    return out;
  }
  if (text.find(':') != std::string_view::npos)
    return bad(text, "is no IPv6 address; a port does not belong here");
  // A final dot says "absolute"; certificates and SNI (RFC 6066 §3) are written without it.
  if (text.size() > 1 && text.back() == '.') text.remove_suffix(1);
  for (const char c : text)
    if (static_cast<uint8_t>(c) >= 0x80) return bad(text, "is not ASCII: write it in its xn-- form");
  if (const char* why = x509::why_no_dns_name(text)) return bad(text, why);
  out.text_ = x509::lower(text);
  return out;
}

}  // namespace bulla
