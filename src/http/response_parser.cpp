#include "http/head_scanner.h"
#include "http/message_parser.h"

namespace bulla::http {
namespace {

/// "HTTP/1.1 200" without the space that RFC 9112 §4 wants even before an empty phrase: common, harmless, but
/// not for Beast.
constexpr size_t status_line_without_phrase = 12;

}  // namespace

struct ResponseParser::Work {
  Work(Expecting what, const ResponseLimits& bounds) : expecting(what), limits(bounds) { start_message(); }

  void start_message();
  Result<Event> advance(Bytes& in);
  Result<Event> read_head();
  Result<void> check_head();
  Persistence persistence_of_head();

  Expecting expecting;
  ResponseLimits limits;
  std::optional<HeadScanner> scanner;
  std::optional<MessageParser<false>> parser;
  ResponseHead head;
  Persistence persistence = Persistence::close;
  uint32_t interim = 0;
  bool has_head = false, ended = false, received = false;
  std::optional<ErrorCode> failed;
};

void ResponseParser::Work::start_message() {
  // There is no target in a status line.
  scanner.emplace(HeadScanner::Kind::response,
                  HeadScanner::Limits{limits.header_bytes, limits.header_bytes, limits.header_count});
  parser.emplace();
}

Result<ResponseParser::Event> ResponseParser::Work::advance(Bytes& in) {
  for (;;) {
    if (ended) return Event{Done{}};
    if (in.empty() && !(has_head && parser->done())) return Event{NeedInput{}};
    received = true;
    if (!has_head) {
      if (const auto bad = scanner->scan(in))
        return Error{*bad, printable(scanner->first_line().substr(0, 80))};
      if (!scanner->complete()) return Event{NeedInput{}};
      BULLA_TRY(const Event event, read_head());
      if (has_head) return event;
      continue;
    }
    if (parser->done()) {
      ended = true;
      parser.reset();
      continue;
    }
    BULLA_TRY(const Bytes part, parser->body(in));
    if (!part.empty()) return Event{BodyPart{part}};
  }
}

Result<ResponseParser::Event> ResponseParser::Work::read_head() {
  Bytes bytes = scanner->head();
  std::vector<uint8_t> repaired;
  if (scanner->first_line().size() == status_line_without_phrase) {
    repaired = to_vector(bytes);
    repaired.insert(repaired.begin() + status_line_without_phrase, ' ');
    bytes = repaired;
  }
  BULLA_TRY(parser->head(bytes, limits.body, expecting));
  BULLA_TRY(check_head());
  if (parser->start().status < 200) {
    // RFC 9110 §15.2: interim responses may come at any time before the final one.
    if (++interim > limits.interim_responses) return ErrorCode::http_unexpected_response;
    start_message();
    return Event{NeedInput{}};
  }
  has_head = true;
  head.status = parser->start().status;
  head.reason = std::move(parser->start().reason);
  head.version_minor = parser->start().version_minor;
  head.headers = std::move(parser->headers());
  head.content_length = parser->done() ? 0 : parser->content_length();
  persistence = persistence_of_head();
  scanner.reset();
  return Event{HeadDone{}};
}

Result<void> ResponseParser::Work::check_head() {
  const int status = parser->start().status;
  if (status < 100 || status > 599)
    return Error{ErrorCode::http_bad_syntax, "status " + std::to_string(status)};
  // We never send Upgrade, so nobody may switch.
  if (status == 101) return Error{ErrorCode::http_unexpected_response, "101 Switching Protocols"};
  return {};
}

/// RFC 9112 §9.3: also a body that ends with the connection leaves nothing to reuse.
Persistence ResponseParser::Work::persistence_of_head() {
  if (parser->needs_end_of_stream() || head.headers.has_token("Connection", "close"))
    return Persistence::close;
  if (head.version_minor >= 1 || head.headers.has_token("Connection", "keep-alive"))
    return Persistence::keep_alive;
  return Persistence::close;
}

ResponseParser::ResponseParser(Expecting expecting, ResponseLimits limits)
    : work_(std::make_unique<Work>(expecting, limits)) {}
ResponseParser::ResponseParser(ResponseParser&&) noexcept = default;
ResponseParser& ResponseParser::operator=(ResponseParser&&) noexcept = default;
ResponseParser::~ResponseParser() = default;

Result<ResponseParser::Event> ResponseParser::next(Bytes& in) {
  if (work_->failed) return *work_->failed;
  auto event = work_->advance(in);
  if (!event) work_->failed = event.error().code;
  return event;
}

Result<void> ResponseParser::finish(StreamEnd end) {
  if (work_->failed) return *work_->failed;
  if (work_->ended || (work_->has_head && work_->parser->done())) return {};
  if (!work_->received) return ErrorCode::http_no_response;
  // RFC 9112 §8: without close_notify nobody vouches for the end.
  if (!work_->has_head || end == StreamEnd::cut || !work_->parser->needs_end_of_stream())
    return ErrorCode::http_truncated;
  if (!work_->parser->end_of_stream()) return ErrorCode::http_truncated;
  work_->ended = true;
  return {};
}

const ResponseHead& ResponseParser::head() const noexcept {
  return work_->head;
}
bool ResponseParser::done() const noexcept {
  return work_->ended || (work_->has_head && work_->parser->done());
}
Persistence ResponseParser::persistence() const noexcept {
  return work_->persistence;
}

}  // namespace bulla::http
