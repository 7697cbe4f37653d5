#include <bulla/http.h>

#include <gtest/gtest.h>

namespace bulla::http {
namespace {

using Outcome = Result<std::optional<Request>>;

Outcome parse(std::string_view text, RequestLimits limits = {}) {
  RequestParser parser(limits);
  Bytes in = as_bytes(text);
  return parser.next(in);
}

/// Byte by byte, each byte in memory of its own, so that nothing may point back.
Outcome parse_slowly(std::string_view text, RequestLimits limits = {}) {
  RequestParser parser(limits);
  for (const char c : text) {
    const auto byte = std::make_unique<char>(c);
    Bytes in = as_bytes({byte.get(), 1});
    auto result = parser.next(in);
    if (!result || result->has_value()) return result;
  }
  return std::optional<Request>{};
}

Request good(std::string_view text) {
  auto whole = parse(text), slow = parse_slowly(text);
  if (!whole || !*whole || !slow || !*slow) {
    ADD_FAILURE() << text << (whole ? "" : whole.error().explain());
    return {};
  }
  EXPECT_EQ((*whole)->target, (*slow)->target);
  EXPECT_EQ((*whole)->body, (*slow)->body);
  EXPECT_EQ((*whole)->headers.size(), (*slow)->headers.size());
  return std::move(**whole);
}

void refused(std::string_view text, ErrorCode code, int status, RequestLimits limits = {}) {
  SCOPED_TRACE(printable(text.substr(0, 200)));
  for (const auto& result : {parse(text, limits), parse_slowly(text, limits)}) {
    ASSERT_FALSE(result.ok());
    EXPECT_EQ(result.error().code, code) << result.error().explain();
    EXPECT_EQ(status_of(result.error()), status);
  }
}

// RFC 9110 §5.6.3: white space around a value is no part of it.
TEST(RequestParser, reads_a_simple_request) {
  const Request r =
      good("GET /a%20b/c?x=1&y=a+b%21 HTTP/1.1\r\nHost: example.com:8443\r\nX-Thing:  v \r\n\r\n");
  EXPECT_EQ(r.method, "GET");
  EXPECT_EQ(r.target, "/a%20b/c?x=1&y=a+b%21");
  EXPECT_EQ(r.path, "/a b/c");
  EXPECT_EQ(r.raw_path, "/a%20b/c");
  EXPECT_EQ(r.query, "x=1&y=a+b%21");
  EXPECT_EQ(r.query_value("y"), "a b!");
  EXPECT_EQ(r.query_value("z"), std::nullopt);
  EXPECT_EQ(r.host, "example.com:8443");
  EXPECT_EQ(r.header("x-thing"), "v");
  EXPECT_EQ(r.version_minor, 1);
  EXPECT_EQ(r.persistence, Persistence::keep_alive);
}

TEST(RequestParser, reads_bodies) {
  EXPECT_EQ(good("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello").body, "hello");
  EXPECT_EQ(good("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n").body, "");
  EXPECT_EQ(good("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"
                 "5;a=b;c=\"d e\"\r\nhello\r\nA\r\n, world!!!\r\n0\r\nTrailer: x\r\n\r\n")
                .body,
            "hello, world!!!");
}

// RFC 9110 §6.5.1: trailers are not merged into the header.
TEST(RequestParser, trailers_do_not_become_header_fields) {
  const Request r =
      good("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: x\r\n\r\n");
  EXPECT_FALSE(r.headers.contains("Authorization"));
}

TEST(RequestParser, leaves_pipelined_requests) {
  RequestParser parser;
  Bytes in = as_bytes(
      "POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhiGET /2 HTTP/1.1\r\nHost: a\r\n\r\nGE");
  auto first = parser.next(in);
  ASSERT_TRUE(first && *first);
  EXPECT_EQ((*first)->body, "hi");
  EXPECT_TRUE(parser.idle());
  auto second = parser.next(in);
  ASSERT_TRUE(second && *second);
  EXPECT_EQ((*second)->target, "/2");
  auto third = parser.next(in);
  ASSERT_TRUE(third);
  EXPECT_FALSE(*third);
  EXPECT_TRUE(in.empty());
  EXPECT_FALSE(parser.idle());
  EXPECT_EQ(parser.seen_request_line(), "GE");
  EXPECT_EQ(parser.finish().error().code, ErrorCode::http_truncated);
}

TEST(RequestParser, is_small_while_idle) {
  EXPECT_LE(sizeof(RequestParser), 48u);
  RequestParser parser;
  EXPECT_TRUE(parser.idle());
  EXPECT_TRUE(parser.finish());
  Bytes in = as_bytes("\r\n");
  ASSERT_TRUE(parser.next(in));
  EXPECT_TRUE(parser.idle());
  EXPECT_TRUE(parser.finish());
}

// RFC 9112 §2.2: empty lines before a request are ignored, but not without end.
TEST(RequestParser, ignores_a_few_leading_empty_lines) {
  EXPECT_EQ(good("\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n").target, "/");
  refused("\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", ErrorCode::http_bad_syntax, 400);
  refused("\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", ErrorCode::http_bad_syntax, 400);
  refused("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", ErrorCode::http_bad_syntax, 400);
}

// RFC 9112 §9.3
TEST(RequestParser, decides_about_keep_alive) {
  const auto persistence = [](std::string_view version, std::string_view connection) {
    std::string text = "GET / HTTP/" + std::string(version) + "\r\nHost: a\r\n";
    if (!connection.empty()) text += "Connection: " + std::string(connection) + "\r\n";
    return good(text + "\r\n").persistence;
  };
  EXPECT_EQ(persistence("1.1", ""), Persistence::keep_alive);
  EXPECT_EQ(persistence("1.1", "close"), Persistence::close);
  EXPECT_EQ(persistence("1.1", "x, CLOSE"), Persistence::close);
  EXPECT_EQ(persistence("1.1", "close, keep-alive"), Persistence::close);
  EXPECT_EQ(persistence("1.0", ""), Persistence::close);
  EXPECT_EQ(persistence("1.0", "Keep-Alive"), Persistence::keep_alive);
}

TEST(RequestParser, refuses_bad_request_lines) {
  const std::string rest = "\r\nHost: a\r\n\r\n";
  for (const char* line :
       {"GET", "GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", "GET /\tHTTP/1.1", " GET / HTTP/1.1",
        "G@T / HTTP/1.1", "GET / HTTP/1.1x", "GET / http/1.1", "GET / FOO", "GET / HTTP/11"})
    EXPECT_EQ(parse(line + rest).error().code == ErrorCode::http_bad_target
                  ? 400
                  : status_of(parse(line + rest).error()),
              400)
        << line;
  refused("GET / HTTP/1.1 x\r\nHost: a\r\n\r\n", ErrorCode::http_bad_syntax, 400);
  refused("\x16\x03\x01\x02", ErrorCode::http_bad_syntax, 400);
}

// RFC 9112 §2.3
TEST(RequestParser, refuses_other_versions) {
  for (const char* version : {"HTTP/2.0", "HTTP/0.9", "HTTP/3.0", "HTTP/2.1"})
    refused("GET / " + std::string(version) + "\r\nHost: a\r\n\r\n", ErrorCode::http_bad_version, 505);
  refused("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ErrorCode::http_bad_version, 505);
}

// RFC 9110 §2.5: a higher minor version is read as the highest that is known.
TEST(RequestParser, takes_a_higher_minor_version_for_1_1) {
  for (const char* version : {"HTTP/1.2", "HTTP/1.9"}) {
    const Request request = good("GET /a " + std::string(version) + "\r\nHost: a\r\n\r\n");
    EXPECT_EQ(request.version_minor, 1) << version;
    EXPECT_EQ(request.target, "/a");
    EXPECT_EQ(request.persistence, Persistence::keep_alive);
  }
  refused("GET / HTTP/1.2\r\n\r\n", ErrorCode::http_bad_host, 400);
  for (const char* version : {"HTTP/1.10", "HTTP/1.", "HTTP/1.x", "http/1.2"})
    refused("GET / " + std::string(version) + "\r\nHost: a\r\n\r\n", ErrorCode::http_bad_syntax, 400);
}

// RFC 9110 §5.1, §5.5, §5.6.2: names are tokens, values hold no control characters.
TEST(RequestParser, refuses_bad_fields) {
  for (const std::string field :
       {"Name : v", " Name: v", "Na me: v", ": v", "Name", "N\x80: v", "Name: a\x01", "Name: a\x7f"})
    refused("GET / HTTP/1.1\r\nHost: a\r\n" + field + "\r\n\r\n", ErrorCode::http_bad_syntax, 400);
  refused("GET / HTTP/1.1\r\nHost: a\r\nName: a" + std::string(1, '\0') + "\r\n\r\n",
          ErrorCode::http_bad_syntax, 400);
}

// RFC 9112 §5.2, §2.2
TEST(RequestParser, refuses_obs_fold_and_bare_line_ends) {
  refused("GET / HTTP/1.1\r\nHost: a\r\nX: 1\r\n 2\r\n\r\n", ErrorCode::http_bad_syntax, 400);
  refused("GET / HTTP/1.1\r\n Host: a\r\n\r\n", ErrorCode::http_bad_syntax, 400);
  refused("GET / HTTP/1.1\r\nHost: a\r\n\tX: 1\r\n\r\n", ErrorCode::http_bad_syntax, 400);
  refused("GET / HTTP/1.1\nHost: a\n\n", ErrorCode::http_bad_syntax, 400);
  refused("GET / HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n", ErrorCode::http_bad_syntax, 400);
  refused("GET / HTTP/1.1\r\nHost: a\rX: 1\r\n\r\n", ErrorCode::http_bad_syntax, 400);
  refused("GET / HTTP/1.1\r\nHost: a\r\r\n\r\n", ErrorCode::http_bad_syntax, 400);
}

// RFC 9112 §6, §6.1: Transfer-Encoding and Content-Length, each once and never both.
// RFC 9112 §6.3, §11.2: everything that two parsers could read differently.
TEST(RequestParser, refuses_what_smuggles) {
  const auto with = [](const std::string& fields) {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n0\r\n\r\n";
  };
  for (const char* fields : {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
                             "Content-Length: 5\r\nContent-Length: 5\r\n",
                             "Content-Length: 5\r\nContent-Length: 6\r\n",
                             "Content-Length: 5, 5\r\n",
                             "Content-Length: +5\r\n",
                             "Content-Length: -5\r\n",
                             "Content-Length: 0x5\r\n",
                             "Content-Length: \r\n",
                             "Content-Length: 5 5\r\n",
                             "Content-Length: 18446744073709551616\r\n",
                             "Content-Length: 5,\r\n",
                             "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: chunked, chunked\r\n",
                             "Transfer-Encoding: chunked, gzip\r\n",
                             "Transfer-Encoding: identity\r\n",
                             "Transfer-Encoding: xchunked\r\n",
                             "Transfer-Encoding: \r\n",
                             "Transfer-Encoding: chunked;q=1\r\n",
                             "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: \"chunked\"\r\n",
                             "Transfer-Encoding: identity\r\nContent-Length: 5\r\n"})
    refused(with(fields), ErrorCode::http_bad_framing, 400);
  refused("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ErrorCode::http_bad_framing, 400);
  refused(with("Transfer-Encoding: gzip, chunked\r\n"), ErrorCode::http_unknown_transfer_coding, 501);
  refused(with("Transfer-Encoding : chunked\r\n"), ErrorCode::http_bad_syntax, 400);
}

// RFC 9112 §7.1
TEST(RequestParser, refuses_bad_chunks) {
  const auto with = [](const std::string& chunks) {
    return "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
  };
  for (const std::string chunks :
       {"g\r\n", "\r\n\r\n", "-1\r\n", "0x5\r\nhello\r\n\r\n", " 5\r\nhello\r\n", "5\nhello\r\n",
        "5\r\nhelloX\r\n0\r\n\r\n", "5\r\nhello\n", "5\r\nhello5\r\nhello\r\n", "FFFFFFFFFFFFFFFFF\r\n",
        "5 5\r\n", "5;\r\nhello\r\n", "5;=\r\nhello\r\n", "0\r\n X: 1\r\n\r\n", "0\r\nX: 1\r\n 2\r\n\r\n",
        "0\r\nX: 1\n\r\n", "5;a=\"\r\nhello\"\r\n\r\n"})
    refused(with(chunks), ErrorCode::http_bad_chunk, 400);
  refused(with("0\r\nContent-Length: 5\r\n\r\n"), ErrorCode::http_bad_chunk, 400);
  refused(with("5;a=" + std::string(9000, 'b') + "\r\nhello\r\n0\r\n\r\n"), ErrorCode::http_bad_chunk, 400);
  refused(with("0\r\nX: " + std::string(9000, 'b') + "\r\n\r\n"), ErrorCode::http_bad_chunk, 400);
  std::string wasteful;
  for (int i = 0; i < 100; ++i) wasteful += "1;a=" + std::string(2000, 'b') + "\r\nx\r\n";
  refused(with(wasteful + "0\r\n\r\n"), ErrorCode::http_bad_chunk, 400);
}

// RFC 9110 §7.2, RFC 3986 §3.2.3
// RFC 9112 §3.2
TEST(RequestParser, insists_on_one_good_host) {
  refused("GET / HTTP/1.1\r\n\r\n", ErrorCode::http_bad_host, 400);
  refused("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", ErrorCode::http_bad_host, 400);
  refused("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", ErrorCode::http_bad_host, 400);
  for (const char* host :
       {"a b", "a/b", "a@b", "a:b", "a:70000", "[::1", "[::1]x", "[x]", ":80", "a\"b", "a,b c", "a:1:2"})
    refused("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n", ErrorCode::http_bad_host, 400);
  for (const char* host : {"a", "a:", "a.b-c_d:443", "[::1]:8443", "127.0.0.1", "", "xn--bcher-kva.example"})
    EXPECT_EQ(good("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n").host, host);
  EXPECT_EQ(good("GET / HTTP/1.0\r\n\r\n").host, "");
}

// RFC 9112 §3.2
TEST(RequestParser, knows_the_four_forms_of_targets) {
  const Request absolute = good("GET https://Example.com/a?b HTTP/1.1\r\nHost: other\r\n\r\n");
  EXPECT_EQ(absolute.host, "example.com");
  EXPECT_EQ(absolute.path, "/a");
  EXPECT_EQ(absolute.query, "b");
  EXPECT_EQ(good("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").path, "*");
  const Request connect = good("CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n");
  EXPECT_EQ(connect.host, "a.example:443");
  EXPECT_EQ(connect.path, "");
  for (const char* line :
       {"GET *", "GET a", "GET a/b", "GET ftp://a/", "GET https://u:p@a/", "GET https:///", "CONNECT /",
        "CONNECT a", "CONNECT a:b", "GET /#f", "GET /%", "GET /%2", "GET /%zz", "GET /a%00b"})
    refused(std::string(line) + " HTTP/1.1\r\nHost: a\r\n\r\n", ErrorCode::http_bad_target, 400);
}

// RFC 6585 §5, RFC 9110 §15.5.14, §15.5.15: 431, 413 and 414.
TEST(RequestParser, keeps_to_its_limits) {
  const RequestLimits limits{.target = 20, .header_bytes = 200, .header_count = 3, .body = 10};
  const std::string start = "GET / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_TRUE(parse("GET /" + std::string(19, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", limits));
  refused("GET /" + std::string(20, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", ErrorCode::http_target_too_long,
          414, limits);
  refused("GET /" + std::string(20, 'a'), ErrorCode::http_target_too_long, 414, limits);
  EXPECT_TRUE(parse(start + "B: 1\r\nC: 2\r\n\r\n", limits));
  refused(start + "B: 1\r\nC: 2\r\nD: 3\r\n\r\n", ErrorCode::http_head_too_large, 431, limits);
  refused(start + "B: " + std::string(200, 'b') + "\r\n\r\n", ErrorCode::http_head_too_large, 431, limits);
  refused(start + "B: " + std::string(200, 'b'), ErrorCode::http_head_too_large, 431, limits);
  refused(std::string(300, 'G'), ErrorCode::http_head_too_large, 431, limits);
  const std::string post = "POST / HTTP/1.1\r\nHost: a\r\n";
  EXPECT_TRUE(parse(post + "Content-Length: 10\r\n\r\n0123456789", limits));
  refused(post + "Content-Length: 11\r\n\r\n", ErrorCode::http_body_too_large, 413, limits);
  refused(post + "Content-Length: 18446744073709551615\r\n\r\n", ErrorCode::http_body_too_large, 413, limits);
  refused(post + "Transfer-Encoding: chunked\r\n\r\nb\r\n", ErrorCode::http_body_too_large, 413, limits);
  refused(post + "Transfer-Encoding: chunked\r\n\r\n6\r\n012345\r\n5\r\n", ErrorCode::http_body_too_large,
          413, limits);
}

// RFC 9110 §10.1.1
TEST(RequestParser, asks_for_100_continue_once) {
  RequestParser parser;
  Bytes in = as_bytes("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\nContent-Length: 2\r\n\r\n");
  ASSERT_TRUE(parser.next(in));
  EXPECT_TRUE(parser.take_continue());
  EXPECT_FALSE(parser.take_continue());
  in = as_bytes("hi");
  auto done = parser.next(in);
  ASSERT_TRUE(done && *done);
  EXPECT_EQ((*done)->body, "hi");
  EXPECT_EQ(continue_response(), "HTTP/1.1 100 Continue\r\n\r\n");
}

TEST(RequestParser, sends_no_100_continue_where_none_is_due) {
  for (const char* text : {"POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
                           "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nh",
                           "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n"}) {
    RequestParser parser;
    Bytes in = as_bytes(text);
    ASSERT_TRUE(parser.next(in));
    EXPECT_FALSE(parser.take_continue()) << text;
  }
  refused("GET / HTTP/1.1\r\nHost: a\r\nExpect: cake\r\n\r\n", ErrorCode::http_unknown_expectation, 417);
}

TEST(RequestParser, stays_failed_and_knows_what_it_saw) {
  RequestParser parser;
  auto text = std::make_unique<std::string>("GET /evil HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
  Bytes in = as_bytes(*text);
  ASSERT_FALSE(parser.next(in));
  text.reset();
  EXPECT_EQ(parser.seen_request_line(), "GET /evil HTTP/1.1");
  in = as_bytes("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(parser.next(in).error().code, ErrorCode::http_bad_host);
  EXPECT_EQ(parser.finish().error().code, ErrorCode::http_bad_host);
}

// RFC 9110 §9
TEST(RequestParser, methods_are_any_token) {
  EXPECT_EQ(good("BREW /pot HTTP/1.1\r\nHost: a\r\n\r\n").method, "BREW");
  EXPECT_EQ(good("get / HTTP/1.1\r\nHost: a\r\n\r\n").method, "get");
}

TEST(ErrorResponse, closes_and_explains) {
  const Response r = error_response(Error{ErrorCode::http_target_too_long});
  EXPECT_EQ(r.status, 414);
  EXPECT_TRUE(r.headers.has_token("Connection", "close"));
  EXPECT_NE(r.body.find("414 URI Too Long"), std::string::npos);
  EXPECT_EQ(error_response(Error{ErrorCode::internal}).status, 500);
}

}  // namespace
}  // namespace bulla::http
