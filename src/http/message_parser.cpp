#include "http/message_parser.h"

namespace bulla::http {

ErrorCode error_code_of(const BeastError& ec) noexcept {
  using beast_http::error;
  if (ec == error::body_limit) return ErrorCode::http_body_too_large;
  if (ec == error::header_limit) return ErrorCode::http_head_too_large;
  if (ec == error::bad_version) return ErrorCode::http_bad_version;
  if (ec == error::bad_target) return ErrorCode::http_bad_target;
  if (ec == error::bad_content_length || ec == error::multiple_content_length ||
      ec == error::bad_transfer_encoding)
    return ErrorCode::http_bad_framing;
  if (ec == error::bad_chunk || ec == error::bad_chunk_extension) return ErrorCode::http_bad_chunk;
  return ErrorCode::http_bad_syntax;
}

bool is_version(std::string_view text) noexcept {
  return text.size() == 8 && text.substr(0, 5) == "HTTP/" && is_digit(text[5]) && text[6] == '.' &&
         is_digit(text[7]);
}

bool is_higher_minor(std::string_view version) noexcept {
  return is_version(version) && version[5] == '1' && version[7] > '1';
}

}  // namespace bulla::http
