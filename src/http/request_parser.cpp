#include "http/head_scanner.h"
#include "http/message_parser.h"
#include "http/target.h"

namespace bulla::http {
namespace {

// A body grows as it comes; what the head announces is believed up to here.
constexpr uint64_t max_reserve = 65536;
constexpr size_t max_seen = 256;

/// RFC 9112 §9.3.
Persistence persistence_of(int version_minor, const Headers& headers) {
  if (headers.has_token("Connection", "close")) return Persistence::close;
  if (version_minor >= 1 || headers.has_token("Connection", "keep-alive")) return Persistence::keep_alive;
  return Persistence::close;
}

/// RFC 9112 §3.2: exactly one valid Host field in HTTP/1.1; an absolute-form target takes its place, a
/// CONNECT target too.
Result<void> set_host(Request& request) {
  const size_t hosts = request.headers.count("Host");
  if (hosts > 1 || (hosts == 0 && request.version_minor >= 1)) return ErrorCode::http_bad_host;
  const std::string_view field = request.headers["Host"];
  if (!is_host_field(field)) return Error{ErrorCode::http_bad_host, printable(field)};
  if (request.host.empty()) request.host = field;
  return {};
}

}  // namespace

struct RequestParser::Work {
  explicit Work(const RequestLimits& limits)
      : body_limit(limits.body),
        scanner(HeadScanner::Kind::request, {limits.target, limits.header_bytes, limits.header_count}) {}

  Result<std::optional<Request>> advance(Bytes& in);
  Result<void> read_head();
  Result<void> read_body(Bytes& in);
  /// What is held of the request line; after the head it is put together again.
  std::string seen_line() const;

  uint64_t body_limit;
  HeadScanner scanner;
  MessageParser<true> parser;
  Request request;
  std::string failed_line;  ///< kept at an error, when the bytes it came from go
  bool has_head = false;
  bool wants_continue = false;
};

Result<std::optional<Request>> RequestParser::Work::advance(Bytes& in) {
  if (!has_head) {
    if (const auto bad = scanner.scan(in))
      return Error{*bad, printable(scanner.first_line().substr(0, max_seen))};
    if (!scanner.complete()) return std::optional<Request>{};
    BULLA_TRY(read_head());
  }
  BULLA_TRY(read_body(in));
  if (!parser.done()) return std::optional<Request>{};
  return std::optional<Request>(std::move(request));
}

Result<void> RequestParser::Work::read_head() {
  BULLA_TRY(parser.head(scanner.head(), body_limit, Expecting::body));
  has_head = true;
  request.method = std::move(parser.start().method);
  request.target = std::move(parser.start().target);
  request.version_minor = parser.start().version_minor;
  request.headers = std::move(parser.headers());
  BULLA_TRY(split_target(request));
  BULLA_TRY(set_host(request));
  request.persistence = persistence_of(request.version_minor, request.headers);
  // RFC 9110 §10.1.1: ignored from HTTP/1.0 clients; anything else than 100-continue may be refused with 417.
  if (request.version_minor >= 1 && request.headers.contains("Expect")) {
    if (request.headers.count("Expect") != 1 || !iequals(request.headers["Expect"], "100-continue"))
      return Error{ErrorCode::http_unknown_expectation, printable(request.headers["Expect"])};
    wants_continue = !parser.done();
  }
  if (const auto length = parser.content_length())
    request.body.reserve(static_cast<size_t>(std::min(*length, max_reserve)));
  return {};
}

Result<void> RequestParser::Work::read_body(Bytes& in) {
  while (!parser.done() && !in.empty()) {
    BULLA_TRY(const Bytes part, parser.body(in));
    request.body.append(as_text(part));
    wants_continue = false;  // the client did not wait
  }
  return {};
}

std::string RequestParser::Work::seen_line() const {
  if (!failed_line.empty()) return failed_line;
  if (has_head) return request_line(request).substr(0, max_seen);
  return std::string(scanner.first_line().substr(0, max_seen));
}

RequestParser::RequestParser(RequestLimits limits) noexcept : limits_(limits) {}
RequestParser::RequestParser(RequestParser&&) noexcept = default;
RequestParser& RequestParser::operator=(RequestParser&&) noexcept = default;
RequestParser::~RequestParser() = default;

Result<std::optional<Request>> RequestParser::next(Bytes& in) {
  if (failed_) return *failed_;
  if (in.empty()) return std::optional<Request>{};
  if (!work_) work_ = std::make_unique<Work>(limits_);
  auto result = work_->advance(in);
  if (!result) {
    failed_ = result.error().code;
    work_->failed_line = work_->seen_line();
  } else if (result->has_value()) {
    work_.reset();
  }
  return result;
}

bool RequestParser::take_continue() noexcept {
  return work_ && std::exchange(work_->wants_continue, false);
}

bool RequestParser::idle() const noexcept {
  return !work_ || (!work_->has_head && work_->scanner.blank());
}

Result<void> RequestParser::finish() const {
  if (failed_) return *failed_;
  if (idle()) return {};
  return ErrorCode::http_truncated;
}

std::string RequestParser::seen_request_line() const {
  return work_ ? work_->seen_line() : std::string();
}

int status_of(const Error& error) noexcept {
  switch (error.code) {
    case ErrorCode::http_bad_syntax:
    case ErrorCode::http_bad_framing:
    case ErrorCode::http_bad_chunk:
    case ErrorCode::http_bad_host:
    case ErrorCode::http_bad_target: return 400;
    case ErrorCode::http_body_too_large: return 413;
    case ErrorCode::http_target_too_long: return 414;
    case ErrorCode::http_unknown_expectation: return 417;
    case ErrorCode::http_head_too_large: return 431;
    case ErrorCode::http_unknown_transfer_coding: return 501;
    case ErrorCode::http_bad_version: return 505;
    default: return 500;
  }
}

Response error_response(const Error& error) {
  Response response = Response::of_status(status_of(error), error.row().sentence);
  response.headers.set("Connection", "close");
  return response;
}

std::string_view continue_response() noexcept {
  return "HTTP/1.1 100 Continue\r\n\r\n";
}

}  // namespace bulla::http
