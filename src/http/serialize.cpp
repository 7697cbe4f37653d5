// Messages to bytes. A field that HTTP cannot carry is refused here, whoever put it in: no response
// splitting.
#include "http/text.h"

#include <bulla/http.h>

namespace bulla::http {
namespace {

Result<void> append_field(std::string& out, std::string_view name, std::string_view value) {
  if (!is_token(name) || !is_field_value(value))
    return Error{ErrorCode::http_bad_field, printable(name) + ": " + printable(value)};
  out.append(name).append(": ").append(value).append("\r\n");
  return {};
}

/// Fields that say how the message is framed: always ours.
bool is_framing_field(std::string_view name) noexcept {
  return iequals(name, "Content-Length") || iequals(name, "Transfer-Encoding") ||
         iequals(name, "Connection") || iequals(name, "Keep-Alive");
}

/// The bytes of the body, or nothing where a producer makes them.
std::optional<uint64_t> body_length(const Response& response) noexcept {
  if (response.file) return response.file->length;
  if (response.producer) return std::nullopt;
  return response.body.size();
}

/// RFC 9110 §6.4.1: these never have a body.
bool has_no_body(int status) noexcept {
  return status < 200 || status == 204 || status == 304;
}

void choose_framing(const Response& response, const ResponseContext& context, SerializedHead& head) {
  const auto length = body_length(response);
  head.length = length.value_or(0);
  if (has_no_body(response.status)) {
    head.framing = BodyFraming::none;
    head.length = 0;
    return;
  }
  if (length) {
    head.bytes += "Content-Length: " + std::to_string(*length) + "\r\n";
    head.framing = *length == 0 ? BodyFraming::none : BodyFraming::content_length;
  } else if (context.version_minor >= 1) {
    head.bytes += "Transfer-Encoding: chunked\r\n";
    head.framing = BodyFraming::chunked;
  } else {
    // HTTP/1.0 knows no chunks (RFC 9112 §6.1); the end of the connection ends the body.
    head.framing = BodyFraming::until_close;
    head.persistence = Persistence::close;
  }
  // RFC 9110 §9.3.2: HEAD has the head that GET would have.
  if (context.method == "HEAD") {
    head.framing = BodyFraming::none;
    head.length = 0;
  }
}

}  // namespace

Result<SerializedHead> serialize_head(const Response& response, const ResponseContext& context) {
  if (response.status < 200 || response.status > 599)
    return Error{ErrorCode::http_bad_field, "status " + std::to_string(response.status)};
  SerializedHead head{{}, BodyFraming::none, 0, context.persistence};
  head.bytes.reserve(320);
  head.bytes = "HTTP/1.1 " + std::to_string(response.status) + ' ';
  head.bytes.append(reason_phrase(response.status)).append("\r\n");
  head.bytes.append("Date: ").append(http_date(context.now)).append("\r\n");
  if (!context.server.empty() && !response.headers.contains("Server"))
    BULLA_TRY(append_field(head.bytes, "Server", context.server));
  for (const Field& field : response.headers)
    if (!is_framing_field(field.name) && !iequals(field.name, "Date"))
      BULLA_TRY(append_field(head.bytes, field.name, field.value));
  if (response.headers.has_token("Connection", "close")) head.persistence = Persistence::close;
  choose_framing(response, context, head);
  // RFC 9112 §9.3: keep-alive is the default in 1.1 and must be said in 1.0.
  if (head.persistence == Persistence::close) {
    head.bytes += "Connection: close\r\n";
  } else if (context.version_minor == 0) {
    head.bytes += "Connection: keep-alive\r\n";
  }
  head.bytes += "\r\n";
  return head;
}

std::string chunk_prefix(size_t size) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out = "\r\n";
  do {
    out.insert(out.begin(), digits[size & 15]);
    size >>= 4;
  } while (size != 0);
  return out;
}

std::string_view last_chunk() noexcept {
  return "0\r\n\r\n";
}

Result<std::string> serialize_request(const ClientRequest& request, Persistence persistence) {
  const std::string target = request.url.target(), authority = request.url.authority();
  if (!is_token(request.method))
    return Error{ErrorCode::http_bad_field, "method " + printable(request.method)};
  // A Url that did not come from Url::parse could end the line here.
  if (target.front() != '/' || !is_field_value(target) || target.find_first_of(" \t#") != std::string::npos ||
      !is_host_field(authority))
    return Error{ErrorCode::http_bad_url, printable(authority + target)};
  std::string out = request.method + ' ' + target + " HTTP/1.1\r\nHost: " + authority + "\r\n";
  for (const Field& field : request.headers)
    if (!is_framing_field(field.name) && !iequals(field.name, "Host"))
      BULLA_TRY(append_field(out, field.name, field.value));
  // RFC 9110 §8.6: a method that anticipates content says so even when it is empty.
  const bool anticipates = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  if (!request.body.empty() || anticipates)
    out += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
  if (persistence == Persistence::close) out += "Connection: close\r\n";
  return out + "\r\n" + request.body;
}

}  // namespace bulla::http
