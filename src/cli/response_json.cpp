#include "cli/response_json.h"

#include "asn1/base64.h"
#include "cli/account.h"

namespace bulla::cli {
namespace {

/// json_escaped() puts U+FFFD, as an escape, for what is not UTF-8; nothing else becomes that escape.
bool is_utf8(std::string_view text) {
  const std::string escaped = json_escaped(text);
  for (size_t at = 0; (at = escaped.find("\\", at)) != std::string::npos; at += 2)
    if (std::string_view(escaped).substr(at, 6) == "\\ufffd") return false;
  return true;
}

std::string base64(std::string_view text) {
  std::string out((text.size() + 2) / 3 * 4, '\0');
  asn1::base64_encode(as_bytes(text), MutBytes{reinterpret_cast<uint8_t*>(out.data()), out.size()});
  return out;
}

std::string number_field(std::string_view name, auto value) {
  return "\"" + std::string(name) + "\":" + std::to_string(value);
}

}  // namespace

std::string response_json(const net::ClientResponse& response, const std::optional<std::string>& body,
                          uint64_t body_size) {
  std::string out = "{" + json_field("url", response.url.to_string());
  out += "," + json_field("http_version", "1." + std::to_string(response.head.version_minor));
  out += "," + number_field("status", response.status()) + "," + json_field("reason", response.head.reason);
  out += ",\"headers\":[";
  bool first = true;
  for (const http::Field& field : response.head.headers) {
    out += std::string(std::exchange(first, false) ? "" : ",") + "[\"" + json_escaped(field.name) + "\",\"" +
           json_escaped(field.value) + "\"]";
  }
  out += "]," + number_field("body_size", body_size);
  if (body)
    out += "," + (is_utf8(*body) ? json_field("body", *body) : json_field("body_base64", base64(*body)));
  out += "," + number_field("redirects", response.redirects);
  out += ",\"tls\":" + account_json(response.tls, response.peer);
  const net::ClientTimings& t = response.timings;
  out += ",\"timings\":{" + number_field("resolve", t.resolve.count()) + "," +
         number_field("connect", t.connect.count()) + "," + number_field("handshake", t.handshake.count()) +
         "," + number_field("first_byte", t.first_byte.count()) + "," +
         number_field("total", t.total.count()) + "}";
  return out + "}";
}

}  // namespace bulla::cli
