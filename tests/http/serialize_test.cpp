#include <bulla/http.h>

#include <gtest/gtest.h>

namespace bulla::http {
namespace {

const Time now{Milliseconds(784111777'000)};  // Sun, 06 Nov 1994 08:49:37 GMT

SerializedHead head_of(const Response& response, ResponseContext context = {.now = now}) {
  auto head = serialize_head(response, context);
  EXPECT_TRUE(head.ok());
  return head.value();
}

TEST(SerializeHead, of_a_text) {
  const SerializedHead head = head_of(Response{}.text("hello"));
  EXPECT_EQ(head.bytes,
            "HTTP/1.1 200 OK\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\nServer: bulla\r\n"
            "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\n");
  EXPECT_EQ(head.framing, BodyFraming::content_length);
  EXPECT_EQ(head.length, 5u);
  EXPECT_EQ(head.persistence, Persistence::keep_alive);
}

TEST(SerializeHead, of_head_requests_keeps_the_length_and_sends_nothing) {
  const SerializedHead head = head_of(Response{}.text("hello"), {.now = now, .method = "HEAD"});
  EXPECT_NE(head.bytes.find("Content-Length: 5\r\n"), std::string::npos);
  EXPECT_EQ(head.framing, BodyFraming::none);
  EXPECT_EQ(head.length, 0u);
}

// RFC 9110 §6.4.1
TEST(SerializeHead, of_statuses_without_a_body) {
  for (const int status : {204, 304}) {
    Response response(status);
    response.body = "must not be sent";
    const SerializedHead head = head_of(response);
    EXPECT_EQ(head.framing, BodyFraming::none);
    EXPECT_EQ(head.bytes.find("Content-Length"), std::string::npos);
  }
  EXPECT_EQ(head_of(Response(404)).framing, BodyFraming::none);
  EXPECT_NE(head_of(Response(404)).bytes.find("Content-Length: 0\r\n"), std::string::npos);
}

TEST(SerializeHead, of_unknown_lengths) {
  Response response;
  response.producer = [](MutBytes) -> Result<size_t> { return size_t{0}; };
  const SerializedHead modern = head_of(response);
  EXPECT_EQ(modern.framing, BodyFraming::chunked);
  EXPECT_NE(modern.bytes.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  const SerializedHead old = head_of(response, {.now = now, .version_minor = 0});
  EXPECT_EQ(old.framing, BodyFraming::until_close);
  EXPECT_EQ(old.persistence, Persistence::close);
  EXPECT_NE(old.bytes.find("Connection: close\r\n"), std::string::npos);
  EXPECT_EQ(old.bytes.find("Transfer-Encoding"), std::string::npos);
}

TEST(SerializeHead, says_what_becomes_of_the_connection) {
  EXPECT_NE(
      head_of(Response{}, {.now = now, .persistence = Persistence::close}).bytes.find("Connection: close"),
      std::string::npos);
  EXPECT_NE(head_of(Response{}, {.now = now, .version_minor = 0}).bytes.find("Connection: keep-alive"),
            std::string::npos);
  const SerializedHead asked = head_of(Response{}.header("Connection", "close"));
  EXPECT_EQ(asked.persistence, Persistence::close);
}

TEST(SerializeHead, ignores_a_handlers_framing) {
  const SerializedHead head = head_of(Response{}
                                          .text("hello")
                                          .header("Content-Length", "4321")
                                          .header("Transfer-Encoding", "chunked")
                                          .header("Date", "x"));
  EXPECT_EQ(head.bytes.find("4321"), std::string::npos);
  EXPECT_EQ(head.bytes.find("chunked"), std::string::npos);
  EXPECT_EQ(head.bytes.find("Date: x"), std::string::npos);
}

// RFC 9110 §5.5
TEST(SerializeHead, refuses_response_splitting) {
  for (const auto& [name, value] :
       std::initializer_list<std::pair<std::string, std::string>>{{"X", "a\r\nSet-Cookie: b"},
                                                                  {"X", "a\nb"},
                                                                  {"X", "a\rb"},
                                                                  {"X", std::string(1, '\0')},
                                                                  {"X\r\nY", "a"},
                                                                  {"", "a"},
                                                                  {"X Y", "a"},
                                                                  {"X:", "a"}}) {
    auto head = serialize_head(Response{}.header(name, value), {.now = now});
    ASSERT_FALSE(head.ok()) << printable(name);
    EXPECT_EQ(head.error().code, ErrorCode::http_bad_field);
  }
  for (const int status : {0, 99, 100, 199, 600, -1})
    EXPECT_EQ(serialize_head(Response(status), {.now = now}).error().code, ErrorCode::http_bad_field);
}

TEST(Chunks, are_framed) {
  EXPECT_EQ(chunk_prefix(1), "1\r\n");
  EXPECT_EQ(chunk_prefix(16384), "4000\r\n");
  EXPECT_EQ(chunk_prefix(0xabcdef), "abcdef\r\n");
  EXPECT_EQ(last_chunk(), "0\r\n\r\n");
}

// RFC 9110 §8.6: a method that anticipates content says how much, even none.
TEST(SerializeRequest, of_get_and_post) {
  const Url url = Url::parse("https://Example.com:8443/a?b#c").value();
  EXPECT_EQ(serialize_request({.url = url, .headers = {{"Accept", "*/*"}}}, Persistence::keep_alive).value(),
            "GET /a?b HTTP/1.1\r\nHost: example.com:8443\r\nAccept: */*\r\n\r\n");
  EXPECT_EQ(
      serialize_request({.method = "POST", .url = url, .body = "hi"}, Persistence::close).value(),
      "POST /a?b HTTP/1.1\r\nHost: example.com:8443\r\nContent-Length: 2\r\nConnection: close\r\n\r\nhi");
  EXPECT_NE(
      serialize_request({.method = "POST", .url = url}, Persistence::close).value().find("Content-Length: 0"),
      std::string::npos);
}

TEST(SerializeRequest, refuses_request_splitting) {
  Url url = Url::parse("https://a/").value();
  const auto code = [](const ClientRequest& r) {
    return serialize_request(r, Persistence::close).error().code;
  };
  EXPECT_EQ(code({.url = url, .headers = {{"A", "b\r\nC: d"}}}), ErrorCode::http_bad_field);
  EXPECT_EQ(code({.method = "GET / HTTP/1.1\r\nX:", .url = url}), ErrorCode::http_bad_field);
  EXPECT_EQ(code({.method = "", .url = url}), ErrorCode::http_bad_field);
  url.path = "/ HTTP/1.1\r\nX: y";
  EXPECT_EQ(code({.url = url}), ErrorCode::http_bad_url);
  url.path = "/a b";
  EXPECT_EQ(code({.url = url}), ErrorCode::http_bad_url);
  url.path = "/";
  url.host = "a\r\nX: y";
  EXPECT_EQ(code({.url = url}), ErrorCode::http_bad_url);
}

// RFC 9110 §5.6.7
TEST(HttpDate, goes_both_ways) {
  EXPECT_EQ(http_date(now), "Sun, 06 Nov 1994 08:49:37 GMT");
  for (const char* text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    EXPECT_EQ(parse_http_date(text, now), now) << text;
  EXPECT_EQ(http_date(Time{}), "Thu, 01 Jan 1970 00:00:00 GMT");
  EXPECT_EQ(http_date(*parse_http_date("Thu, 29 Feb 2024 23:59:59 GMT", now)),
            "Thu, 29 Feb 2024 23:59:59 GMT");
}

TEST(HttpDate, refuses_nonsense) {
  for (const char* text :
       {"", "now", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CET",
        "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT", "Xun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov -994 08:49:37 GMT", "Sunday, 06-Nov-9 08:49:37 GMT", "Sun Nov 06 08:49:37 199",
        "Sun, 06 Nov 1994 08:49:3a GMT"})
    EXPECT_EQ(parse_http_date(text, now), std::nullopt) << text;
}

// RFC 9110 §15
TEST(ReasonPhrase, has_one_for_each_status) {
  EXPECT_EQ(reason_phrase(200), "OK");
  EXPECT_EQ(reason_phrase(431), "Request Header Fields Too Large");
  EXPECT_EQ(reason_phrase(413), "Content Too Large");
  EXPECT_EQ(reason_phrase(299), "Unknown");
  EXPECT_EQ(reason_phrase(-5), "Unknown");
}

TEST(Response, builders_set_type_and_body) {
  EXPECT_EQ(Response{}.json("{}").headers["content-type"], "application/json");
  EXPECT_EQ(Response{}.html("<p>").headers["Content-Type"], "text/html; charset=utf-8");
  Response response;
  response.text("a").html("b");
  EXPECT_EQ(response.headers.count("Content-Type"), 1u);
  EXPECT_EQ(response.body, "b");
  EXPECT_EQ(Response::redirect(302, "/x").headers["Location"], "/x");
  EXPECT_EQ(Response::from_file("/does/not/exist").status, 404);
}

// RFC 9110 §5.1
TEST(Headers, compare_names_without_case) {
  Headers headers{{"A", "1"}, {"a", "2"}, {"Connection", "x ,\tClose"}};
  EXPECT_EQ(headers.count("a"), 2u);
  EXPECT_EQ(headers["A"], "1");
  EXPECT_TRUE(headers.has_token("connection", "close"));
  EXPECT_FALSE(headers.has_token("connection", "clos"));
  headers.set("A", headers["a"]);
  EXPECT_EQ(headers.count("a"), 1u);
  EXPECT_EQ(headers["A"], "1");
  headers.remove("a");
  EXPECT_FALSE(headers.contains("A"));
}

}  // namespace
}  // namespace bulla::http
