// The client: against our server, and against scripts that no server should follow.
#include "net/fixture.h"

#include <future>

namespace bulla {
namespace {

using test::client_options;
using test::Clock;
using test::TestServer;

/// A TLS server that sends given bytes after each request, one script for each connection.
class Script {
 public:
  struct Connection {
    std::vector<std::string> responses;  ///< one for each request head that is read
    enum class End : uint8_t { close_notify, cut, stay, wait_for_close } end = End::close_notify;
  };

  explicit Script(std::vector<Connection> connections) : connections_(std::move(connections)) {
    thread_ = std::thread([this] {
      for (const Connection& connection : connections_) serve(connection);
    });
  }
  ~Script() {
    ended_.set_value();
    thread_.join();
  }
  std::string url(const std::string& path = "/") const {
    return "https://localhost:" + std::to_string(listener_.port()) + path;
  }
  uint16_t port() const { return listener_.port(); }
  std::string requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void serve(const Connection& connection) {
    auto tcp = listener_.accept(Seconds(10));
    if (!tcp) return;
    auto stream = TlsStream::accept(std::move(tcp->socket), test::server_config());
    if (!stream) return;
    for (const std::string& response : connection.responses) {
      std::string head;
      while (!head.ends_with("\r\n\r\n")) {
        const std::string byte = test::read_bytes(*stream, 1);
        if (byte.empty()) return;
        head += byte;
      }
      {
        const std::lock_guard lock(mutex_);
        requests_ += head;
      }
      if (!response.empty() && !stream->write(as_bytes(response))) return;
    }
    if (connection.end == Connection::End::cut) ::shutdown(stream->descriptor(), SHUT_RDWR);
    if (connection.end == Connection::End::wait_for_close && stream->close_write())
      test::read_to_end(*stream);
    if (connection.end == Connection::End::stay) ended_.get_future().wait();
  }

  std::vector<Connection> connections_;
  TcpListener listener_ = TcpListener::listen({"127.0.0.1", 0}).value();
  std::mutex mutex_;
  std::string requests_;
  std::promise<void> ended_;
  std::thread thread_;
};

using End = Script::Connection::End;

std::string ok(const std::string& body, const std::string& fields = "") {
  return "HTTP/1.1 200 OK\r\n" + fields + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
         body;
}

TEST(HttpsClient, GetsHeadsAndPosts) {
  TestServer test;
  test.start();
  net::HttpsClient client(test.url(""), client_options());
  const auto got = client.get("/hello");
  ASSERT_TRUE(got) << got.error().explain();
  EXPECT_EQ(got->status(), 200);
  EXPECT_EQ(got->body, "hello\n");
  EXPECT_EQ(got->url.to_string(), test.url("/hello"));
  EXPECT_EQ(got->tls.version, ProtocolVersion::tls13);
  EXPECT_EQ(got->tls.verified_path.size(), 2u);
  EXPECT_EQ(got->peer.host, "127.0.0.1");
  EXPECT_FALSE(got->reused);
  const auto head = client.head("/large");
  EXPECT_EQ(head->head.headers["Content-Length"], std::to_string(TestServer::large_size));
  EXPECT_EQ(head->body, "");
  EXPECT_TRUE(head->reused);
  EXPECT_EQ(client.post("/echo", "posted", "text/plain")->body, "posted");
  EXPECT_EQ(client.get("/none")->status(), 404) << "a status is no error";
}

TEST(HttpsClient, AllFramingsOfABody) {
  Script script(
      {{{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: t\r\n\r\n",
         ok("12345"), "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
         "HTTP/1.1 200 OK\r\n\r\nuntil the end"}}});
  net::HttpsClient client(client_options());
  EXPECT_EQ(client.get(script.url()).value().body, "abcde");
  EXPECT_EQ(client.get(script.url()).value().body, "12345");
  EXPECT_EQ(client.get(script.url()).value().status(), 204);
  const auto last = client.get(script.url());
  ASSERT_TRUE(last) << last.error().explain();
  EXPECT_EQ(last->body, "until the end");
  EXPECT_TRUE(last->reused) << "all over one connection";
}

TEST(HttpsClient, ACutBodyIsAnErrorWhateverItsFraming) {
  for (const std::string& response :
       {std::string("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"),
        std::string("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"),
        std::string("HTTP/1.1 200 OK\r\n\r\nhalf"), std::string("HTTP/1.1 200 OK\r\nConte")}) {
    Script script({{{response}, End::cut}});
    const auto got = net::HttpsClient(client_options()).get(script.url());
    ASSERT_FALSE(got) << response;
    EXPECT_EQ(got.error().code, ErrorCode::http_truncated) << got.error().explain();
  }
  Script script({{{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"}, End::close_notify}});
  EXPECT_EQ(net::HttpsClient(client_options()).get(script.url()).error().code, ErrorCode::http_truncated);
}

TEST(HttpsClient, RubbishAndSilenceAreErrors) {
  {
    Script script({{{"rubbish\r\n\r\n"}}});
    EXPECT_EQ(net::HttpsClient(client_options()).get(script.url()).error().code, ErrorCode::http_bad_syntax);
  }
  {
    Script script({{{""}}});
    EXPECT_EQ(net::HttpsClient(client_options()).get(script.url()).error().code, ErrorCode::http_no_response);
  }
}

// ---- redirects --------------------------------------------------------------------------------------------

std::string redirect_to(const std::string& where) {
  return "HTTP/1.1 302 Found\r\nLocation: " + where + "\r\nContent-Length: 4\r\n\r\nhere";
}

TEST(HttpsClient, FollowsRedirects) {
  Script second({{{ok("there")}}});
  Script first({{{redirect_to("/two"), redirect_to(second.url("/three"))}}});
  std::string sunk;
  const auto response =
      net::HttpsClient(client_options()).get(first.url("/one"), [&](const auto&, Bytes part) {
        sunk += as_text(part);
        return Result<void>();
      });
  ASSERT_TRUE(response) << response.error().explain();
  EXPECT_EQ(response->redirects, 2);
  EXPECT_EQ(response->url.to_string(), second.url("/three"));
  EXPECT_EQ(sunk, "there") << "bodies of redirects do not reach the sink";
  EXPECT_EQ(response->body, "");
}

TEST(HttpsClient, RefusesRedirectsThatItShould) {
  {
    Script script({{{redirect_to("http://localhost/")}}});
    EXPECT_EQ(net::HttpsClient(client_options()).get(script.url()).error().code,
              ErrorCode::http_redirect_refused);
  }
  {
    net::HttpsClientOptions options = client_options();
    options.redirects.https_to_http = http::Downgrade::allow;
    Script script({{{redirect_to("http://localhost/")}}});
    EXPECT_EQ(net::HttpsClient(options).get(script.url()).error().code, ErrorCode::cleartext_refused);
  }
  {
    net::HttpsClientOptions options = client_options();
    options.redirects.max = 2;
    Script script({{{redirect_to("/"), redirect_to("/"), redirect_to("/"), redirect_to("/")}}});
    EXPECT_EQ(net::HttpsClient(options).get(script.url()).error().code, ErrorCode::http_too_many_redirects);
  }
  {
    Script script({{{"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n" + std::string(3'000'000, 'x')}}});
    EXPECT_EQ(net::HttpsClient(client_options()).get(script.url()).error().code,
              ErrorCode::http_body_too_large);
  }
}

// ---- connections ------------------------------------------------------------------------------------------

TEST(HttpsClient, AConnectionThatTheServerClosedIsReplaced) {
  Script script({{{ok("first")}}, {{ok("second")}}});
  net::HttpsClient client(client_options());
  EXPECT_EQ(client.get(script.url()).value().body, "first");
  const auto second = client.get(script.url());
  ASSERT_TRUE(second) << second.error().explain();
  EXPECT_EQ(second->body, "second");
  EXPECT_FALSE(second->reused);
}

TEST(HttpsClient, AnOldConnectionIsClosedBeforeItsSuccessorIsOpened) {
  // This server takes the next client when the last one has gone.
  Script script({{{ok("first")}, End::wait_for_close}, {{ok("second")}}});
  net::HttpsClientOptions options = client_options();
  options.handshake_timeout = Milliseconds(5000);
  net::HttpsClient client(options);
  EXPECT_EQ(client.get(script.url()).value().body, "first");
  std::this_thread::sleep_for(Milliseconds(50));
  const auto second = client.get(script.url());
  ASSERT_TRUE(second) << second.error().explain();
  EXPECT_EQ(second->body, "second");
}

// RFC 9112 §9.3.1, RFC 9110 §9.2.2
TEST(HttpsClient, AStaleConnectionIsTriedAgainForGetAndNotForPost) {
  // The server reads the second request and closes without an answer, as if its idle time had run out just
  // then.
  {
    Script script({{{ok("first"), ""}}, {{ok("second")}}});
    net::HttpsClient client(client_options());
    EXPECT_EQ(client.get(script.url()).value().body, "first");
    EXPECT_EQ(client.get(script.url()).value().body, "second");
  }
  {
    Script script({{{ok("first"), ""}}});
    net::HttpsClient client(client_options());
    EXPECT_EQ(client.get(script.url()).value().body, "first");
    EXPECT_EQ(client.post(script.url(), "").error().code, ErrorCode::http_no_response);
  }
}

TEST(HttpsClient, KeepsNoConnectionThatSaidTooMuchOrClose) {
  Script script(
      {{{ok("first") + "HTTP/1.1 200 OK\r\n"}}, {{ok("second", "Connection: close\r\n")}}, {{ok("third")}}});
  net::HttpsClient client(client_options());
  for (const char* body : {"first", "second", "third"}) {
    const auto response = client.get(script.url());
    ASSERT_TRUE(response) << response.error().explain();
    EXPECT_EQ(response->body, body);
    EXPECT_FALSE(response->reused);
  }
}

TEST(HttpsClient, AnEarlyAnswerIsWorthMoreThanAFailedWrite) {
  TestServer test;
  test.options.request_limits.body = 1000;
  test.start();
  const auto response =
      net::HttpsClient(client_options()).post(test.url("/echo"), std::string(20'000'000, 'x'));
  ASSERT_TRUE(response) << response.error().explain();
  EXPECT_EQ(response->status(), 413);
}

TEST(HttpsClient, ARefusalEndsAnUploadThatNobodyReads) {
  // The server answers when it has seen the head, reads no byte more, and keeps the connection open.
  Script script({{{"HTTP/1.1 401 Unauthorized\r\nContent-Length: 4\r\n\r\nwho?"}, End::stay}});
  const auto start = Clock::now();
  net::HttpsClient client(client_options());
  const auto response = client.post(script.url(), std::string(100'000'000, 'x'));
  ASSERT_TRUE(response) << response.error().explain();
  EXPECT_EQ(response->status(), 401);
  EXPECT_EQ(response->body, "who?");
  EXPECT_LT(Clock::now() - start, Seconds(15)) << "without waiting for the server to read";
}

TEST(HttpsClient, ResolvesAsItIsTold) {
  TestServer test;
  test.start();
  net::HttpsClientOptions options = client_options();
  options.resolve = {
      net::ResolveOverride::parse("localhost:443:192.0.2.1").value(),
      net::ResolveOverride::parse("Elsewhere.Example:" + std::to_string(test.server->port()) + ":127.0.0.1")
          .value()};
  const auto response = net::HttpsClient(options).get(
      "https://elsewhere.example:" + std::to_string(test.server->port()) + "/hello");
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::certificate_name_mismatch) << "the name that is verified stays";
  EXPECT_EQ(net::HttpsClient(options).get(test.url("/hello")).value().body, "hello\n");
  EXPECT_EQ(net::ResolveOverride::parse("[::1]:443:[::2]").value().address, "::2");
  EXPECT_EQ(net::ResolveOverride::parse("a:443:::1").value().address, "::1");
  for (const char* bad : {"", "a", "a:443", "a:443:", ":443:b", "a:x:b", "[::1:443:b"})
    EXPECT_EQ(net::ResolveOverride::parse(bad).error().code, ErrorCode::bad_endpoint) << bad;
}

TEST(HttpsClient, SaysWhyThereIsNoAnswer) {
  net::HttpsClient client(client_options());
  EXPECT_EQ(client.get("http://localhost/").error().code, ErrorCode::cleartext_refused);
  EXPECT_EQ(client.get("localhost").error().code, ErrorCode::http_bad_url);
  EXPECT_EQ(net::HttpsClient("nonsense", client_options()).get("/").error().code, ErrorCode::http_bad_url);
  const uint16_t closed = TcpListener::listen({"127.0.0.1", 0}).value().port();
  EXPECT_EQ(client.get("https://localhost:" + std::to_string(closed)).error().code,
            ErrorCode::connect_failed);
  http::ClientRequest request;
  request.url = http::Url::parse("https://localhost/").value();
  request.headers.add("X", "a\r\nb");
  EXPECT_EQ(client.send(request).error().code, ErrorCode::http_bad_field);
  {
    const test::Environment file("SSL_CERT_FILE", "/no/such/file");
    const test::Environment folder("SSL_CERT_DIR", nullptr);
    EXPECT_EQ(net::get("https://localhost/").error().code, ErrorCode::no_system_roots);
  }
}

TEST(HttpsClient, TheSystemsRootsAreTheDefault) {
  TestServer test;
  test.start();
  const test::Environment folder("SSL_CERT_DIR", nullptr);
  {
    const test::Environment file("SSL_CERT_FILE", test::data_path("ca.pem").c_str());
    EXPECT_EQ(net::get(test.url("/hello")).value().body, "hello\n");
  }
  const test::Environment file("SSL_CERT_FILE", test::data_path("other-ca.pem").c_str());
  EXPECT_EQ(net::get(test.url("/hello")).error().code, ErrorCode::certificate_unknown_issuer);
}

// RFC 6066 §8: whoever did not ask for a response would not see that this one is none.
TEST(HttpsClient, AsksForAStapledResponseByDefault) {
  const IdentityPtr identity = test::identity_of("p256");
  TestServer test(test::server_config({.identity = identity->with_ocsp_response({1, 2, 3})}));
  test.start();
  const test::Environment folder("SSL_CERT_DIR", nullptr);
  const test::Environment file("SSL_CERT_FILE", test::data_path("ca.pem").c_str());
  EXPECT_EQ(net::get(test.url("/hello")).error().code, ErrorCode::ocsp_response_bad);
}

// ---- bounds -----------------------------------------------------------------------------------------------

TEST(HttpsClient, EveryWaitHasItsLimit) {
  Script silent({{{""}, End::stay}});
  net::HttpsClientOptions idle = client_options();
  idle.idle_timeout = Milliseconds(100);
  EXPECT_EQ(net::HttpsClient(idle).get(silent.url()).error().code, ErrorCode::timeout);

  Script other({{{""}, End::stay}});
  net::HttpsClientOptions total = client_options();
  total.total_timeout = Milliseconds(200);
  EXPECT_EQ(net::HttpsClient(total).get(other.url()).error().code, ErrorCode::timeout);

  const TcpListener never_accepts = TcpListener::listen({"127.0.0.1", 0}).value();
  net::HttpsClientOptions handshake = client_options();
  handshake.handshake_timeout = Milliseconds(100);
  EXPECT_EQ(net::HttpsClient(handshake)
                .get("https://localhost:" + std::to_string(never_accepts.port()))
                .error()
                .code,
            ErrorCode::handshake_timeout);
}

TEST(HttpsClient, BodiesAreBounded) {
  TestServer test;
  test.start();
  net::HttpsClientOptions options = client_options();
  options.limits.body = 1'000'000;
  EXPECT_EQ(net::HttpsClient(options).get(test.url("/large")).error().code, ErrorCode::http_body_too_large);
}

TEST(HttpsClient, ASinkSeesAllPartsAndMayStop) {
  TestServer test;
  test.start();
  net::HttpsClient client(client_options());
  uint64_t size = 0;
  const auto whole = client.get(test.url("/large"), [&](const http::ResponseHead& head, Bytes part) {
    EXPECT_EQ(head.content_length, TestServer::large_size);
    size += part.size();
    return Result<void>();
  });
  ASSERT_TRUE(whole);
  EXPECT_EQ(size, TestServer::large_size);
  const auto stopped = client.get(test.url("/large"), [&](const http::ResponseHead&, Bytes) -> Result<void> {
    return Error{ErrorCode::file_not_writable, "the disk is full"};
  });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, ErrorCode::file_not_writable);
  EXPECT_EQ(client.get(test.url("/hello")).value().body, "hello\n");
}

TEST(HttpsClient, TellsOfConnections) {
  TestServer test;
  test.start();
  int connections = 0;
  net::HttpsClientOptions options = client_options();
  options.on_connection = [&](const Endpoint& peer, const ConnectionInfo& info) {
    ++connections;
    EXPECT_EQ(peer.port, test.server->port());
    EXPECT_EQ(info.version, ProtocolVersion::tls13);
  };
  net::HttpsClient client(options);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(client.get(test.url("/hello")));
  EXPECT_EQ(connections, 1);
}

}  // namespace
}  // namespace bulla
