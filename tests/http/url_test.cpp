#include <bulla/http.h>

#include <gtest/gtest.h>

namespace bulla::http {
namespace {

// RFC 3986 §3, §B
TEST(Url, parses) {
  const Url url = Url::parse("HTTPS://Example.COM:8443/a/b%20c?q=1?2#frag").value();
  EXPECT_EQ(url.scheme, Scheme::https);
  EXPECT_EQ(url.host, "example.com");
  EXPECT_EQ(url.port, 8443);
  EXPECT_EQ(url.path, "/a/b%20c");
  EXPECT_EQ(url.query, "q=1?2");
  EXPECT_EQ(url.fragment, "frag");
  EXPECT_EQ(url.target(), "/a/b%20c?q=1?2");
  EXPECT_EQ(url.to_string(), "https://example.com:8443/a/b%20c?q=1?2#frag");
}

TEST(Url, knows_default_ports_and_literals) {
  EXPECT_EQ(Url::parse("https://a").value().port, 443);
  EXPECT_EQ(Url::parse("http://a").value().port, 80);
  EXPECT_EQ(Url::parse("http://a:/").value().port, 80);
  EXPECT_EQ(Url::parse("https://a:443/").value().authority(), "a");
  EXPECT_EQ(Url::parse("http://a:443/").value().authority(), "a:443");
  const Url v6 = Url::parse("https://[2001:DB8::1]:8443").value();
  EXPECT_EQ(v6.host, "2001:db8::1");
  EXPECT_EQ(v6.authority(), "[2001:db8::1]:8443");
  EXPECT_EQ(Url::parse("https://[::1]").value().authority(), "[::1]");
  EXPECT_EQ(Url::parse("https://a?q").value().target(), "/?q");
}

TEST(Url, encodes_what_people_type) {
  EXPECT_EQ(Url::parse("https://a/ä b|c?ü\"").value().target(), "/%C3%A4%20b%7Cc?%C3%BC%22");
  EXPECT_EQ(Url::parse("https://a/%e4").value().path, "/%e4");
}

TEST(Url, refuses) {
  for (const std::string text : {"",
                                 "/",
                                 "a",
                                 "a.example/x",
                                 "https:",
                                 "https:/a",
                                 "https://",
                                 "https:///a",
                                 "https://?q",
                                 "ftp://a/",
                                 "file:///etc/passwd",
                                 "javascript:alert(1)",
                                 "https://user@a/",
                                 "https://user:pass@a/",
                                 "https://@a/",
                                 "https://a:0/",
                                 "https://a:65536/",
                                 "https://a:x/",
                                 "https://a:-1/",
                                 "https://a:80:80/",
                                 "https://[::1/",
                                 "https://[::1]x/",
                                 "https://[]/",
                                 "https://[1.2.3.4]/",
                                 "https://[fe80::1%25eth0]/",
                                 "https://::1/",
                                 "https://a b/",
                                 "https://a%20b/",
                                 "https://b\xc3\xbc"
                                 "cher/",
                                 "https://.a/",
                                 "https://a..b/",
                                 "https://a/\r\nX: y",
                                 "https://a/\x01",
                                 "https://a/%",
                                 "https://a/%2",
                                 "https://a/%zz",
                                 "https://a/?%g0",
                                 "https://a\\b/",
                                 "https://a/#\n",
                                 "://a/",
                                 "1https://a/"}) {
    auto url = Url::parse(text);
    ASSERT_FALSE(url.ok()) << printable(text);
    EXPECT_EQ(url.error().code, ErrorCode::http_bad_url);
  }
  EXPECT_FALSE(Url::parse(std::string("https://[::1\0]/", 16)).ok());
  EXPECT_FALSE(Url::parse("https://" + std::string(254, 'a') + "/").ok());
  EXPECT_EQ(Url::parse("https://me:secret@a/").error().detail.find("secret"), std::string::npos);
}

// RFC 3986 §5.2, §5.2.4, §5.4.2
// RFC 3986 §5.4, with http for the base's scheme.
TEST(Url, resolves_the_examples_of_rfc_3986) {
  const Url base = Url::parse("http://a/b/c/d;p?q").value();
  const std::pair<const char*, const char*> examples[] = {{"g", "http://a/b/c/g"},
                                                          {"./g", "http://a/b/c/g"},
                                                          {"g/", "http://a/b/c/g/"},
                                                          {"/g", "http://a/g"},
                                                          {"//g", "http://g/"},
                                                          {"?y", "http://a/b/c/d;p?y"},
                                                          {"g?y", "http://a/b/c/g?y"},
                                                          {"#s", "http://a/b/c/d;p?q#s"},
                                                          {"g#s", "http://a/b/c/g#s"},
                                                          {"g?y#s", "http://a/b/c/g?y#s"},
                                                          {";x", "http://a/b/c/;x"},
                                                          {"g;x", "http://a/b/c/g;x"},
                                                          {"g;x?y#s", "http://a/b/c/g;x?y#s"},
                                                          {"", "http://a/b/c/d;p?q"},
                                                          {".", "http://a/b/c/"},
                                                          {"./", "http://a/b/c/"},
                                                          {"..", "http://a/b/"},
                                                          {"../", "http://a/b/"},
                                                          {"../g", "http://a/b/g"},
                                                          {"../..", "http://a/"},
                                                          {"../../", "http://a/"},
                                                          {"../../g", "http://a/g"},
                                                          {"../../../g", "http://a/g"},
                                                          {"../../../../g", "http://a/g"},
                                                          {"/./g", "http://a/g"},
                                                          {"/../g", "http://a/g"},
                                                          {"g.", "http://a/b/c/g."},
                                                          {".g", "http://a/b/c/.g"},
                                                          {"g..", "http://a/b/c/g.."},
                                                          {"..g", "http://a/b/c/..g"},
                                                          {"./../g", "http://a/b/g"},
                                                          {"./g/.", "http://a/b/c/g/"},
                                                          {"g/./h", "http://a/b/c/g/h"},
                                                          {"g/../h", "http://a/b/c/h"},
                                                          {"g;x=1/./y", "http://a/b/c/g;x=1/y"},
                                                          {"g;x=1/../y", "http://a/b/c/y"},
                                                          {"g?y/./x", "http://a/b/c/g?y/./x"},
                                                          {"g?y/../x", "http://a/b/c/g?y/../x"},
                                                          {"g#s/./x", "http://a/b/c/g#s/./x"},
                                                          {"g#s/../x", "http://a/b/c/g#s/../x"},
                                                          {"https://h:1/x", "https://h:1/x"}};
  for (const auto& [reference, expected] : examples) {
    auto url = base.resolve(reference);
    ASSERT_TRUE(url.ok()) << reference;
    EXPECT_EQ(url->to_string(), expected) << reference;
  }
  for (const char* bad : {"g:h", "///x", "//u@h/", "\r\n", "mailto:a@b", "//[::1"})
    EXPECT_EQ(base.resolve(bad).error().code, ErrorCode::http_bad_url) << bad;
}

ResponseHead redirect(int status, std::string_view location) {
  ResponseHead head;
  head.status = status;
  head.headers.add("Location", location);
  return head;
}

ClientRequest post() {
  return {.method = "POST",
          .url = Url::parse("https://a/x/y#f").value(),
          .headers = {{"Content-Type", "text/plain"},
                      {"Authorization", "secret"},
                      {"Cookie", "c"},
                      {"Accept", "*/*"}},
          .body = "hi"};
}

// RFC 9110 §15.4
TEST(NextRequest, changes_post_to_get_where_the_rfc_says_so) {
  for (const int status : {301, 302, 303}) {
    const ClientRequest next = **next_request(post(), redirect(status, "../z"), 0);
    EXPECT_EQ(next.method, "GET");
    EXPECT_EQ(next.body, "");
    EXPECT_FALSE(next.headers.contains("Content-Type"));
    EXPECT_TRUE(next.headers.contains("Authorization"));
    EXPECT_EQ(next.url.to_string(), "https://a/z#f");
  }
  for (const int status : {307, 308}) {
    const ClientRequest next = **next_request(post(), redirect(status, "/z"), 0);
    EXPECT_EQ(next.method, "POST");
    EXPECT_EQ(next.body, "hi");
  }
  ClientRequest head = post();
  head.method = "HEAD";
  EXPECT_EQ((**next_request(head, redirect(303, "/z"), 0)).method, "HEAD");
  head.method = "PUT";
  EXPECT_EQ((**next_request(head, redirect(302, "/z"), 0)).method, "PUT");
}

// RFC 6454 §4: another scheme, host or port is another origin.
TEST(NextRequest, keeps_credentials_at_home) {
  for (const char* away : {"https://b/", "https://a:8443/", "//b/"}) {
    const ClientRequest next = **next_request(post(), redirect(307, away), 0);
    EXPECT_FALSE(next.headers.contains("Authorization"));
    EXPECT_FALSE(next.headers.contains("Cookie"));
    EXPECT_TRUE(next.headers.contains("Accept"));
  }
}

TEST(NextRequest, follows_only_redirects) {
  for (const int status : {200, 201, 300, 304, 305, 306, 404})
    EXPECT_FALSE(next_request(post(), redirect(status, "/z"), 0).value().has_value()) << status;
  ResponseHead without;
  without.status = 301;
  EXPECT_FALSE(next_request(post(), without, 0).value().has_value());
}

// RFC 9110 §10.2.2
TEST(NextRequest, refuses) {
  EXPECT_EQ(next_request(post(), redirect(301, "/z"), 10).error().code, ErrorCode::http_too_many_redirects);
  EXPECT_TRUE(next_request(post(), redirect(301, "/z"), 9).ok());
  EXPECT_EQ(next_request(post(), redirect(301, "http://a/"), 0).error().code,
            ErrorCode::http_redirect_refused);
  EXPECT_TRUE(next_request(post(), redirect(301, "http://a/"), 0, {.https_to_http = Downgrade::allow}).ok());
  EXPECT_EQ(next_request(post(), redirect(301, "file:///etc/passwd"), 0).error().code,
            ErrorCode::http_bad_redirect);
  ResponseHead twice = redirect(301, "/a");
  twice.headers.add("location", "/b");
  EXPECT_EQ(next_request(post(), twice, 0).error().code, ErrorCode::http_bad_redirect);
}

// RFC 3986 §2.1, §2.3: unreserved characters stand for themselves.
TEST(Percent, goes_both_ways) {
  EXPECT_EQ(percent_encode("a/b c~%"), "a%2Fb%20c~%25");
  EXPECT_EQ(percent_encode("a/b", Slash::keep), "a/b");
  EXPECT_EQ(percent_decode("a%2fb%2Fc+"), "a/b/c+");
  for (const char* bad : {"%", "%1", "a%g1", "%1g", "%%41"})
    EXPECT_EQ(percent_decode(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace bulla::http
