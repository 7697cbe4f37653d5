#include <bulla/http.h>

#include <gtest/gtest.h>

namespace bulla::http {
namespace {

struct Outcome {
  std::optional<ErrorCode> error;
  bool done = false;
  int heads = 0;
  int status = 0;
  std::string body, rest;
  Persistence persistence = Persistence::close;
};

Outcome parse(std::string_view text, size_t step, std::optional<StreamEnd> end = std::nullopt,
              Expecting expecting = Expecting::body, ResponseLimits limits = {}) {
  ResponseParser parser(expecting, limits);
  Outcome out;
  std::string left(text);
  while (!out.error && !out.done) {
    const std::string piece = left.substr(0, step);
    left = left.substr(piece.size());
    Bytes in = as_bytes(piece);
    for (bool hungry = false; !hungry && !out.done;) {
      auto event = parser.next(in);
      if (!event) {
        out.error = event.error().code;
        break;
      }
      if (std::holds_alternative<ResponseParser::HeadDone>(*event)) ++out.heads;
      if (auto* part = std::get_if<ResponseParser::BodyPart>(&*event)) out.body += as_text(part->bytes);
      hungry = std::holds_alternative<ResponseParser::NeedInput>(*event);
      out.done = std::holds_alternative<ResponseParser::Done>(*event);
    }
    if (out.done) out.rest = std::string(as_text(in)) + left;
    if (left.empty()) break;
  }
  if (!out.error && end) {
    if (const auto ended = parser.finish(*end); !ended) out.error = ended.error().code;
    out.done = parser.done();
  }
  out.status = parser.head().status;
  out.persistence = parser.persistence();
  return out;
}

Outcome both(std::string_view text, std::optional<StreamEnd> end = std::nullopt,
             Expecting expecting = Expecting::body, ResponseLimits limits = {}) {
  SCOPED_TRACE(printable(text.substr(0, 200)));
  const Outcome whole = parse(text, text.size() + 1, end, expecting, limits);
  for (const size_t step : {size_t{1}, size_t{3}, size_t{7}}) {
    const Outcome slow = parse(text, step, end, expecting, limits);
    EXPECT_EQ(whole.error, slow.error);
    EXPECT_EQ(whole.done, slow.done);
    EXPECT_EQ(whole.status, slow.status);
    EXPECT_EQ(whole.rest, slow.rest);
    if (!whole.error) {
      EXPECT_EQ(whole.body, slow.body);
    }
  }
  return whole;
}

TEST(ResponseParser, reads_by_content_length) {
  const Outcome o = both("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1");
  EXPECT_TRUE(o.done);
  EXPECT_EQ(o.heads, 1);
  EXPECT_EQ(o.body, "hello");
  EXPECT_EQ(o.rest, "HTTP/1.1");
  EXPECT_EQ(o.persistence, Persistence::keep_alive);
}

TEST(ResponseParser, reads_chunks) {
  const Outcome o = both(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n001\r\n!\r\n0\r\nX: y\r\n\r\nrest");
  EXPECT_TRUE(o.done);
  EXPECT_EQ(o.body, "hello!");
  EXPECT_EQ(o.rest, "rest");
}

// RFC 9112 §8
TEST(ResponseParser, reads_until_close_and_tells_truncation) {
  const std::string_view text = "HTTP/1.1 200 OK\r\n\r\nhello";
  const Outcome clean = both(text, StreamEnd::clean);
  EXPECT_EQ(clean.error, std::nullopt);
  EXPECT_TRUE(clean.done);
  EXPECT_EQ(clean.body, "hello");
  EXPECT_EQ(clean.persistence, Persistence::close);
  EXPECT_EQ(both(text, StreamEnd::cut).error, ErrorCode::http_truncated);
  EXPECT_TRUE(both("HTTP/1.1 200 OK\r\n\r\n", StreamEnd::clean).done);
}

TEST(ResponseParser, tells_truncation_of_framed_bodies_and_heads) {
  for (const char* text :
       {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "HTTP/1.1 200 OK\r\nA: b", "H",
        "HTTP/1.1 100 Continue\r\n\r\n"})
    for (const StreamEnd end : {StreamEnd::clean, StreamEnd::cut})
      EXPECT_EQ(both(text, end).error, ErrorCode::http_truncated) << text;
  EXPECT_EQ(both("", StreamEnd::clean).error, ErrorCode::http_no_response);
  EXPECT_EQ(both("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", StreamEnd::cut).error, std::nullopt);
}

// RFC 9110 §15.2
TEST(ResponseParser, skips_interim_responses) {
  const Outcome o = both(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 204 No "
      "Content\r\n\r\n");
  EXPECT_TRUE(o.done);
  EXPECT_EQ(o.status, 204);
  EXPECT_EQ(o.heads, 1);
}

TEST(ResponseParser, refuses_too_many_interim_responses_and_upgrades) {
  std::string many;
  for (int i = 0; i < 17; ++i) many += "HTTP/1.1 103 x\r\n\r\n";
  EXPECT_EQ(both(many).error, ErrorCode::http_unexpected_response);
  EXPECT_EQ(both("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n").error,
            ErrorCode::http_unexpected_response);
}

// RFC 9110 §9.3.2, §15.3.5, §15.4.5
TEST(ResponseParser, knows_when_there_is_no_body) {
  EXPECT_TRUE(both("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", std::nullopt, Expecting::head_only).done);
  EXPECT_TRUE(
      both("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", std::nullopt, Expecting::head_only).done);
  EXPECT_TRUE(both("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n").done);
  EXPECT_TRUE(both("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").done);
}

// RFC 9112 §4: the space behind the status is often missing.
TEST(ResponseParser, accepts_what_servers_get_away_with) {
  const Outcome bare = both("HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi");
  EXPECT_EQ(bare.error, std::nullopt);
  EXPECT_EQ(bare.body, "hi");
  // RFC 9112 §5.2: a user agent reads obs-fold as a space.
  EXPECT_TRUE(both("HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n").done);
}

TEST(ResponseParser, refuses_garbage) {
  const auto code = [](std::string_view text) { return both(text).error; };
  for (const std::string text :
       {"SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 abc OK\r\n\r\n", "HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 600 OK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n", "HTTP/1.1 200 OK\n\n", "HTTP/1.1 200 OK\r\nA\r\n\r\n",
        "HTTP/1.1 200 OK\r\n A: b\r\n\r\n", "\r\nHTTP/1.1 200 OK\r\n\r\n", "\x15\x03\x01"})
    EXPECT_EQ(code(text), ErrorCode::http_bad_syntax) << printable(text);
  EXPECT_EQ(code("HTTP/2.0 200 OK\r\n\r\n"), ErrorCode::http_bad_version);
  // RFC 9110 §2.5: a higher minor version is read as the highest that is known.
  EXPECT_TRUE(both("HTTP/1.2 200 OK\r\nContent-Length: 0\r\n\r\n").done);
}

TEST(ResponseParser, refuses_contradictory_framing) {
  for (const char* fields :
       {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5\r\nContent-Length: 5\r\n", "Content-Length: five\r\n",
        "Transfer-Encoding: gzip\r\n", "Transfer-Encoding: chunked, gzip\r\n"})
    EXPECT_EQ(both("HTTP/1.1 200 OK\r\n" + std::string(fields) + "\r\n").error, ErrorCode::http_bad_framing)
        << fields;
  EXPECT_EQ(both("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n").error,
            ErrorCode::http_unknown_transfer_coding);
  EXPECT_EQ(both("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").error,
            ErrorCode::http_bad_chunk);
}

TEST(ResponseParser, keeps_to_its_limits) {
  const ResponseLimits limits{.header_bytes = 100, .header_count = 2, .interim_responses = 1, .body = 4};
  const auto code = [&](const std::string& text) {
    return both(text, StreamEnd::clean, Expecting::body, limits).error;
  };
  EXPECT_EQ(code("HTTP/1.1 200 " + std::string(100, 'x')), ErrorCode::http_head_too_large);
  EXPECT_EQ(code("HTTP/1.1 200 OK\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n"), ErrorCode::http_head_too_large);
  EXPECT_EQ(code("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"), ErrorCode::http_body_too_large);
  EXPECT_EQ(code("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello"),
            ErrorCode::http_body_too_large);
  EXPECT_EQ(code("HTTP/1.1 200 OK\r\n\r\nhello"), ErrorCode::http_body_too_large);
  EXPECT_EQ(code("HTTP/1.1 200 OK\r\n\r\nhell"), std::nullopt);
}

TEST(ResponseParser, stays_failed) {
  ResponseParser parser;
  Bytes in = as_bytes("garbage\n");
  ASSERT_FALSE(parser.next(in));
  in = as_bytes("HTTP/1.1 200 OK\r\n\r\n");
  EXPECT_EQ(parser.next(in).error().code, ErrorCode::http_bad_syntax);
  EXPECT_EQ(parser.finish(StreamEnd::clean).error().code, ErrorCode::http_bad_syntax);
}

}  // namespace
}  // namespace bulla::http
