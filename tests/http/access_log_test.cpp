#include <bulla/http.h>

#include <gtest/gtest.h>

namespace bulla::http {
namespace {

std::shared_ptr<const ClientCertificate> client_of(ClientCertificate client) {
  return std::make_shared<const ClientCertificate>(std::move(client));
}

const Time when{Milliseconds(971'186'136'123)};  // 2000-10-10T13:55:36.123Z

TEST(AccessLog, line_of_a_request) {
  const PeerInfo peer{.address = "192.0.2.1",
                      .port = 4711,
                      .tls_version = "TLS 1.3",
                      .cipher_suite = "TLS_AES_128_GCM_SHA256",
                      .group = "x25519",
                      .server_name = "example.com",
                      .client = client_of({.subject = "CN=alice, O=Wonder Land",
                                           .names = {"email:alice@example.com", "DNS:alice.example"},
                                           .issuer = "CN=CA",
                                           .serial = "0a",
                                           .sha256 = "AB:CD"})};
  const AccessEntry entry{.time = when,
                          .peer = peer,
                          .request_line = "GET / HTTP/1.1",
                          .status = 200,
                          .bytes_sent = 2326,
                          .duration = Milliseconds(3)};
  EXPECT_EQ(access_log_line(entry),
            "192.0.2.1 - CN=alice,_O=Wonder_Land [10/Oct/2000:13:55:36 +0000] \"GET / HTTP/1.1\" 200 2326 "
            "\"-\" \"-\" "
            "TLS_1.3 TLS_AES_128_GCM_SHA256 x25519 example.com full 3ms");
  EXPECT_EQ(access_log_json(entry),
            "{\"time\":\"2000-10-10T13:55:36.123Z\",\"address\":\"192.0.2.1\",\"port\":4711,"
            "\"client\":{\"subject\":\"CN=alice, O=Wonder Land\",\"names\":[\"email:alice@example.com\","
            "\"DNS:alice.example\"],\"issuer\":\"CN=CA\",\"serial\":\"0a\",\"sha256\":\"AB:CD\"},\"request\":"
            "\"GET / "
            "HTTP/1.1\",\"status\":200,\"bytes\":2326,"
            "\"referer\":\"\",\"user_agent\":\"\",\"tls_version\":\"TLS "
            "1.3\",\"cipher_suite\":\"TLS_AES_128_GCM_SHA256\","
            "\"group\":\"x25519\",\"server_name\":\"example.com\",\"resumed\":false,\"duration_ms\":3}");
}

// RFC 3629 §4: what is no UTF-8 is not passed on.
TEST(AccessLog, cannot_be_forged) {
  const PeerInfo peer{.address = "::1",
                      .server_name = "a b\n\x1b[2J",
                      .client = client_of({.subject = "x\" y", .names = {"email:\"\n\x1b[2J"}})};
  const std::string_view evil = "GET /\" 200 1\n127.0.0.1 - - \x1b[31m\\x0a\xff\xc2\x9b HTTP/1.1";
  const AccessEntry entry{.time = when, .peer = peer, .request_line = evil, .user_agent = "\"\r\n"};
  for (const std::string& line : {access_log_line(entry), access_log_json(entry)}) {
    for (const char c : line) EXPECT_TRUE(static_cast<uint8_t>(c) >= 0x20 && c != 0x7f) << line;
    EXPECT_EQ(line.find("\xc2\x9b"), std::string::npos);
  }
  const std::string line = access_log_line(entry);
  EXPECT_NE(line.find("GET /\\\" 200 1\\x0a127.0.0.1"), std::string::npos) << line;
  EXPECT_NE(line.find("\\\\x0a"), std::string::npos) << line;
  EXPECT_NE(line.find("x\\\"_y ["), std::string::npos) << line;
  EXPECT_NE(line.find(" a_b\\x0a\\x1b[2J "), std::string::npos) << line;
}

TEST(AccessLog, cannot_be_turned_around) {
  // Right-to-left override, isolate, mark, and the line separator: a terminal would show another line.
  const std::string_view evil =
      "GET /\xe2\x80\xae\xe2\x81\xa7\xe2\x80\x8f\xe2\x80\xa8\xd8\x9c/\xe2\x82\xac HTTP/1.1";
  const AccessEntry entry{.time = when, .peer = {}, .request_line = evil};
  EXPECT_NE(access_log_line(entry).find("GET /\\xe2\\x80\\xae\\xe2\\x81\\xa7\\xe2\\x80\\x8f\\xe2\\x80\\xa8"
                                        "\\xd8\\x9c/\xe2\x82\xac HTTP"),
            std::string::npos)
      << access_log_line(entry);
}

TEST(AccessLog, says_dash_for_nothing) {
  const AccessEntry entry{.time = when, .peer = {}, .request_line = ""};
  EXPECT_NE(access_log_json(entry).find("\"client\":null,"), std::string::npos);
  EXPECT_EQ(access_log_line(entry), "- - - [10/Oct/2000:13:55:36 +0000] \"-\" 0 0 \"-\" \"-\" - - - - - 0ms");
}

TEST(RequestLine, is_put_together_again) {
  Request r;
  r.target = "/a?b";
  r.version_minor = 0;
  EXPECT_EQ(request_line(r), "GET /a?b HTTP/1.0");
}

}  // namespace
}  // namespace bulla::http
