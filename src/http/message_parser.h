// Beast's parser made deterministic: it is given whole heads and whole chunk lines only, so that its verdict
// cannot depend on how the bytes were split, and what it lets pass but RFC 9112 does not is refused here.
#pragma once

#include "http/text.h"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include <bulla/http.h>

#include <algorithm>
#include <limits>

namespace bulla::http {

namespace beast_http = boost::beast::http;
using BeastError = boost::beast::error_code;
using BeastView = boost::beast::string_view;

/// The row of errors.def for an error of Beast's. In the body everything but the size limit is a bad chunk.
ErrorCode error_code_of(const BeastError& ec) noexcept;
/// "HTTP/" DIGIT "." DIGIT: a version, if not one of ours.
bool is_version(std::string_view text) noexcept;
/// HTTP/1.2 to HTTP/1.9, which nobody has defined yet.
bool is_higher_minor(std::string_view version) noexcept;

template <bool is_request>
class MessageParser final : private beast_http::basic_parser<is_request> {
  using Base = beast_http::basic_parser<is_request>;

 public:
  struct StartLine {
    std::string method, target, reason;
    int status = 0;
    int version_minor = 1;
  };

  MessageParser() {
    // HeadScanner has counted already.
    Base::header_limit(std::numeric_limits<uint32_t>::max());
  }

  /// Parses a whole head.
  Result<void> head(Bytes bytes, uint64_t body_limit, Expecting expecting) {
    Base::body_limit(body_limit);
    Base::skip(expecting == Expecting::head_only);
    std::vector<uint8_t> as_known;
    if (const std::string_view version = version_in(as_text(bytes)); is_higher_minor(version)) {
      // RFC 9110 §2.5: processed as the highest minor version that we know, which Beast leaves to us.
      as_known.assign(bytes.begin(), bytes.end());
      as_known[static_cast<size_t>(version.data() - as_text(bytes).data()) + version.size() - 1] = '1';
      bytes = as_known;
    }
    BeastError ec;
    const size_t taken = Base::put({bytes.data(), bytes.size()}, ec);
    if (refusal_) return *refusal_;
    if (ec == beast_http::error::bad_version && !is_version(version_in(as_text(bytes))))
      return ErrorCode::http_bad_syntax;
    if (ec) return Error{error_code_of(ec), ec.message()};
    if (taken != bytes.size()) return ErrorCode::http_bad_syntax;
    return {};
  }

  /// Takes body bytes from the front of `in`; returns the part of the body that they hold, maybe none.
  Result<Bytes> body(Bytes& in) {
    part_ = {};
    if (Base::chunked() && chunk_left_ == 0) {
      BULLA_TRY(chunk_line(in));
      return Bytes{};
    }
    BeastError ec;
    const size_t taken = Base::put({in.data(), in.size()}, ec);
    in = in.subspan(taken);
    if (ec && ec != beast_http::error::need_more) return Error{error_code_of(ec), ec.message()};
    return part_;
  }

  /// The stream ended cleanly: a body without a length is complete.
  bool end_of_stream() {
    BeastError ec;
    Base::put_eof(ec);
    return !ec;
  }

  bool done() const noexcept { return Base::is_done(); }
  bool needs_end_of_stream() const { return Base::need_eof() && !Base::is_done(); }
  std::optional<uint64_t> content_length() const {
    const auto length = Base::content_length();
    return length ? std::optional<uint64_t>(*length) : std::nullopt;
  }
  StartLine& start() noexcept { return start_; }
  Headers& headers() noexcept { return headers_; }

 private:
  // Longer lines of a chunk (extensions, trailers) have no use; all of them together may not dwarf the body.
  static constexpr size_t max_chunk_lines = 8192;
  static constexpr uint64_t free_overhead = 65536, overhead_per_byte = 16;

  static std::string_view version_in(std::string_view head) noexcept {
    const std::string_view line = head.substr(0, head.find('\r'));
    return is_request ? line.substr(line.rfind(' ') + 1) : line.substr(0, line.find(' '));
  }

  /// A chunk's line, or the last chunk with its trailers, is collected line by line.
  Result<void> chunk_line(Bytes& in) {
    const auto line_feed = std::find(in.begin(), in.end(), uint8_t{'\n'});
    const bool whole = line_feed != in.end();
    const Bytes part = in.first(static_cast<size_t>(line_feed - in.begin()) + (whole ? 1 : 0));
    in = in.subspan(part.size());
    if (lines_.size() + part.size() > max_chunk_lines) return ErrorCode::http_bad_chunk;
    overhead_ += part.size();
    if (overhead_ > free_overhead + overhead_per_byte * received_) return ErrorCode::http_bad_chunk;
    // No line here may begin with white space: Beast would unfold a trailer.
    const bool at_line_start = lines_.empty() || lines_.back() == '\n';
    if (at_line_start && !part.empty() && (part[0] == ' ' || part[0] == '\t'))
      return ErrorCode::http_bad_chunk;
    lines_.insert(lines_.end(), part.begin(), part.end());
    if (!whole) return {};
    if (lines_.size() < 2 || lines_[lines_.size() - 2] != '\r') return ErrorCode::http_bad_chunk;

    BeastError ec;
    const size_t taken = Base::put({lines_.data(), lines_.size()}, ec);
    if (ec == beast_http::error::need_more) return {};
    if (ec == beast_http::error::body_limit) return ErrorCode::http_body_too_large;
    if (ec || taken != lines_.size())
      return Error{ErrorCode::http_bad_chunk, ec ? ec.message() : std::string()};
    lines_.clear();
    return {};
  }

  /// RFC 9112 §6: the length of a body must have one reading only. Beast checks some of it, lists and unknown
  /// codings are left to us.
  std::optional<ErrorCode> check_framing(std::string_view name, std::string_view value) {
    if (iequals(name, "Content-Length")) {
      if (++lengths_ > 1 || !parse_decimal(value)) return ErrorCode::http_bad_framing;
    } else if (iequals(name, "Transfer-Encoding")) {
      // §6.1: in HTTP/1.0 the framing of such a message is faulty.
      if (++codings_ > 1 || start_.version_minor == 0) return ErrorCode::http_bad_framing;
      if (!iequals(value, "chunked")) return unknown_coding(value);
    }
    return lengths_ + codings_ > 1 ? std::optional(ErrorCode::http_bad_framing) : std::nullopt;
  }
  /// §6.1, §6.3: a coding we do not know under chunked is 501; a request whose last coding is not chunked is
  /// 400.
  static ErrorCode unknown_coding(std::string_view value) {
    const size_t comma = value.rfind(',');
    if (comma == std::string_view::npos) return ErrorCode::http_bad_framing;
    const bool chunked_last = iequals(trim(value.substr(comma + 1)), "chunked");
    const bool chunked_before = to_lower(value.substr(0, comma)).find("chunked") != std::string::npos;
    return chunked_last && !chunked_before ? ErrorCode::http_unknown_transfer_coding
                                           : ErrorCode::http_bad_framing;
  }

  void refuse(ErrorCode code, BeastError& ec) {
    refusal_ = code;
    ec = beast_http::error::bad_field;
  }

  void on_request_impl(beast_http::verb, BeastView method, BeastView target, int version,
                       BeastError&) override {
    start_.method.assign(method.data(), method.size());
    start_.target.assign(target.data(), target.size());
    start_.version_minor = version % 10;
  }
  void on_response_impl(int code, BeastView reason, int version, BeastError&) override {
    start_.status = code;
    start_.reason.assign(reason.data(), reason.size());
    start_.version_minor = version % 10;
  }
  void on_field_impl(beast_http::field, BeastView name, BeastView value, BeastError& ec) override {
    // RFC 9110 §6.5.1: trailers are not merged into the header; we have no use for them.
    if (header_done_) return;
    const std::string_view field(name.data(), name.size()), text(value.data(), value.size());
    if (const auto bad = check_framing(field, text)) return refuse(*bad, ec);
    headers_.add(field, text);
  }
  void on_header_impl(BeastError&) override { header_done_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>&, BeastError&) override {}
  std::size_t on_body_impl(BeastView body, BeastError&) override {
    part_ = as_bytes({body.data(), body.size()});
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t size, BeastView, BeastError&) override { chunk_left_ = size; }
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView body, BeastError&) override {
    part_ = as_bytes({body.data(), body.size()});
    chunk_left_ -= body.size();
    received_ += body.size();
    return body.size();
  }
  void on_finish_impl(BeastError&) override {}

  StartLine start_;
  Headers headers_;
  Bytes part_;
  std::vector<uint8_t> lines_;
  uint64_t chunk_left_ = 0, received_ = 0, overhead_ = 0;
  unsigned lengths_ = 0, codings_ = 0;
  bool header_done_ = false;
  std::optional<ErrorCode> refusal_;
};

}  // namespace bulla::http
