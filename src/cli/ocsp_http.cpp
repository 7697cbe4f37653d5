#include "cli/ocsp_http.h"

#include "asn1/base64.h"
#include "http/text.h"
#include "x509/fingerprint.h"

#include <bulla/os.h>

#include <optional>

namespace bulla::cli {
namespace {

constexpr std::string_view request_type = "application/ocsp-request";
constexpr std::string_view response_type = "application/ocsp-response";

http::Response not_allowed() {
  return http::Response::of_status(405, "OCSP requests come by POST, or by GET in the path")
      .header("Allow", "GET, HEAD, POST");
}

/// What follows the site's address in the path, not decoded; nothing for another address.
std::optional<std::string_view> behind_address(const OcspSite& site, std::string_view path) {
  std::string_view address = site.path;
  while (address.ends_with('/')) address.remove_suffix(1);
  if (path == address) return "";
  if (path.starts_with(address) && path[address.size()] == '/') return path.substr(address.size() + 1);
  return path.starts_with('/') ? std::optional(path.substr(1)) : std::nullopt;
}

/// RFC 6960 §A.1: {url}/{url-encoding of base-64 encoding of the DER}. Nothing where it is no base64: the
/// responder then has an empty request before it, and says what it says to that.
std::vector<uint8_t> from_path(std::string_view rest) {
  // An {url} that ends in a slash, taken literally, gives two. No request begins with one in base64.
  while (rest.starts_with('/')) rest.remove_prefix(1);
  const auto text = http::percent_decode(rest);
  if (!text) return {};
  std::vector<uint8_t> out(text->size() / 4 * 3 + 3);
  const std::string_view piece = *text;
  const auto size = asn1::base64_decode({&piece, 1}, out);
  out.resize(size.value_or(0));
  return out;
}

/// One of the entity tags of an If-None-Match (RFC 9110 §13.1.2).
bool names_tag(std::string_view field, std::string_view tag) {
  while (!field.empty()) {
    std::string_view one = http::trim(http::take_until(field, ','));
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == tag || one == "*") return true;
  }
  return false;
}

/// RFC 5019 §6.2: what caches may keep, and for how long; what is no answer, or one for one client, not at
/// all.
void add_cache_fields(http::Response& response, const ca::OcspReply& reply, const std::string& tag) {
  if (reply.reuse == ca::OcspReply::Reuse::no) {
    response.header("Cache-Control", "no-store");
    return;
  }
  // Later than thisUpdate and earlier than nextUpdate: whoever asks a cache has time left to ask again.
  const auto left = std::chrono::floor<Seconds>(reply.next_update - now()).count();
  response.header("Cache-Control", "max-age=" + std::to_string(std::max<int64_t>(left / 2, 0)) +
                                       ",public,no-transform,must-revalidate");
  response.header("Last-Modified", http::http_date(reply.this_update));
  response.header("Expires", http::http_date(reply.next_update));
  response.header("ETag", tag);
}

http::Response respond(const OcspSite& site, const http::Request& request, Bytes body) {
  ca::OcspReply reply = site.responder.answer(body);
  if (reply.trouble && site.on_trouble) site.on_trouble(*reply.trouble);
  if (request.method == "POST") reply.reuse = ca::OcspReply::Reuse::no;  // RFC 9110 §9.3.3
  const std::string tag = '"' + x509::fingerprint_text(reply.der, default_provider()) + '"';
  const bool known =
      reply.reuse == ca::OcspReply::Reuse::yes && names_tag(request.header("If-None-Match"), tag);
  http::Response response(known ? 304 : 200);
  if (!known) response.content(response_type, std::string(as_text(reply.der)));
  add_cache_fields(response, reply, tag);
  return response;
}

http::Response explain_to_person(const OcspSite& site) {
  return http::Response().text("An OCSP responder of " + printable(site.responder.signer().issuer()) +
                               ".\nAsk it with: openssl ocsp -url ...\n");
}

}  // namespace

http::RequestLimits ocsp_request_limits() noexcept {
  return {.target = 8192, .header_bytes = 12'288, .header_count = 64, .body = uint64_t{64} << 10};
}

http::Response answer_ocsp(const OcspSite& site, const http::Request& request) {
  const auto rest = behind_address(site, request.raw_path);
  if (!rest) return http::Response::of_status(404);
  if (request.method == "POST") {
    if (!rest->empty()) return http::Response::of_status(404);
    std::string_view type = request.header("Content-Type");
    if (!http::iequals(http::trim(http::take_until(type, ';')), request_type))
      return http::Response::of_status(415, "an OCSP request is of type application/ocsp-request");
    return respond(site, request, as_bytes(request.body));
  }
  if (request.method != "GET" && request.method != "HEAD") return not_allowed();
  if (rest->empty()) return explain_to_person(site);
  return respond(site, request, from_path(*rest));
}

}  // namespace bulla::cli
