#include "http/head_scanner.h"

#include <utility>

namespace bulla::http {
namespace {

// RFC 9112 §2.2: at least one empty line before a request is to be ignored (some clients send one after a
// body).
constexpr uint8_t max_leading = 4;

}  // namespace

std::optional<ErrorCode> HeadScanner::scan(Bytes& in) {
  size_t begin = 0, i = 0;
  std::optional<ErrorCode> bad;
  while (i < in.size() && !complete_ && !bad) {
    const uint8_t byte = in[i++];
    if (size_ == 0 && skip_leading(byte)) {
      begin = i;
    } else {
      bad = take(byte);
    }
  }
  const Bytes part = in.subspan(begin, i - begin);
  in = in.subspan(i);
  if (complete_ && kept_.empty()) {
    head_ = part;
    return bad;
  }
  kept_.insert(kept_.end(), part.begin(), part.end());
  head_ = kept_;
  return bad;
}

bool HeadScanner::skip_leading(uint8_t byte) noexcept {
  if (kind_ != Kind::request || leading_ == max_leading) return false;
  if (byte != (leading_ % 2 == 0 ? '\r' : '\n')) return false;
  ++leading_;
  return true;
}

std::string_view HeadScanner::first_line() const noexcept {
  const std::string_view text = as_text(head_);
  return text.substr(0, text.find('\r'));
}

std::optional<ErrorCode> HeadScanner::take(uint8_t byte) noexcept {
  // An odd number of leading bytes is a CR without its LF.
  if (size_ == 0 && leading_ % 2 == 1) return ErrorCode::http_bad_syntax;
  const uint8_t previous = std::exchange(previous_, byte);
  ++size_;
  // RFC 9112 §2.2: a bare CR is invalid; a bare LF, which a recipient may accept, invites two readings of one
  // message.
  if ((byte == '\n') != (previous == '\r')) return ErrorCode::http_bad_syntax;
  if (byte == '\n') return end_of_line();
  if (size_ >= limits_.bytes) return ErrorCode::http_head_too_large;
  if (byte == '\r') return std::nullopt;
  if ((byte < 0x20 && byte != '\t') || byte == 0x7f) return ErrorCode::http_bad_syntax;
  // RFC 9112 §5.2: a server refuses obs-fold; a user agent reads it as a space, which Beast does. §2.2: no
  // white space between the first line and the first field, for either.
  if (line_length_ == 0 && line_ > 0 && (byte == ' ' || byte == '\t') &&
      (kind_ == Kind::request || line_ == 1))
    return ErrorCode::http_bad_syntax;
  if (line_length_ == 0 && line_ > limits_.fields) return ErrorCode::http_head_too_large;
  ++line_length_;
  return line_ == 0 && kind_ == Kind::request ? check_first_line(byte) : std::nullopt;
}

std::optional<ErrorCode> HeadScanner::end_of_line() noexcept {
  if (line_ == 0 && line_length_ == 0) return ErrorCode::http_bad_syntax;
  complete_ = line_length_ == 0;
  line_length_ = 0;
  ++line_;
  return std::nullopt;
}

std::optional<ErrorCode> HeadScanner::check_first_line(uint8_t byte) noexcept {
  if (byte == ' ') {
    ++spaces_;
    return spaces_ > 2 ? std::optional(ErrorCode::http_bad_syntax) : std::nullopt;
  }
  if (spaces_ == 1 && ++target_length_ > limits_.target) return ErrorCode::http_target_too_long;
  return std::nullopt;
}

}  // namespace bulla::http
