#include "tls/record/header.h"

namespace bulla::tls {
namespace {

bool starts_like(Bytes bytes, std::string_view text) {
  return as_text(bytes).substr(0, text.size()) == text;
}

bool is_http_request(Bytes five) {
  for (const std::string_view method :
       {"GET ", "POST ", "HEAD ", "PUT ", "CONNE", "OPTIO", "DELET", "PATCH", "TRACE"})
    if (starts_like(five, method)) return true;
  return false;
}

bool is_known_type(ContentType type) {
  return type >= ContentType::change_cipher_spec && type <= ContentType::application_data;
}

}  // namespace

Result<void> check_header(Bytes five, bool first, bool sent_by_server) {
  const RecordHeader header = read_header(five);
  if (first && !sent_by_server && is_http_request(five)) return ErrorCode::http_on_tls_port;
  if (first && sent_by_server && starts_like(five, "HTTP/")) return ErrorCode::plain_text_reply;
  if (!is_known_type(header.type))
    return Error{first ? ErrorCode::not_tls : ErrorCode::unknown_record_type, "first bytes " + to_hex(five)};
  // RFC 9846 §5.1: the version is ignored, but for what is no TLS version at all.
  if (header.version >> 8 != 3) return Error{ErrorCode::bad_record_version, "first bytes " + to_hex(five)};
  return {};
}

}  // namespace bulla::tls
