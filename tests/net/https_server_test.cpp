// The server with clients that behave.
#include "net/fixture.h"

#include <csignal>
#include <cstddef>
#include <future>

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bulla {
namespace {

using test::Clock;
using test::read_response;
using test::read_to_end;
using test::send_text;
using test::soon;
using test::TestServer;

constexpr std::string_view get_hello = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST(HttpsServer, AnswersLogsAndCounts) {
  TestServer test;
  test.start();
  TlsStream stream = test.connect();
  send_text(stream, get_hello);
  const std::string response = read_response(stream);
  EXPECT_TRUE(response.starts_with("HTTP/1.1 200 OK\r\n")) << response;
  EXPECT_NE(response.find("Content-Type: text/plain; charset=utf-8\r\n"), std::string::npos);
  EXPECT_TRUE(response.ends_with("\r\n\r\nhello\n"));
  send_text(stream,
            "HEAD /hello HTTP/1.1\r\nHost: localhost\r\n\r\nGET /none HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::string head = test::read_bytes(stream, 20);
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK"));
  ASSERT_TRUE(soon([&] { return test.journal.all_requests().size() == 3; }));
  const auto lines = test.journal.all_requests();
  EXPECT_TRUE(lines[0].starts_with("127.0.0.1 ")) << lines[0];
  EXPECT_NE(lines[0].find("\"GET /hello HTTP/1.1\" 200 6"), std::string::npos) << lines[0];
  EXPECT_NE(lines[0].find("TLS_1.3"), std::string::npos) << lines[0];
  EXPECT_NE(lines[2].find("404"), std::string::npos) << lines[2];
  const net::ServerMetrics metrics = test.server->metrics();
  EXPECT_EQ(metrics.connections, 1u);
  EXPECT_EQ(metrics.requests, 3u);
  EXPECT_EQ(metrics.handshakes_full, 1u);
  EXPECT_GT(metrics.bytes_sent, metrics.requests * 100);
}

/// Counts the records of application data that a client receives.
struct RecordCount : Tap {
  void on_record(const RecordSeen& record) override {
    if (record.direction == Direction::received && record.inner_type == ContentType::application_data)
      ++count;
  }
  int count = 0;
};

TEST(HttpsServer, HeadAndSmallBodyAreOneRecord) {
  TestServer test;
  test.start();
  const auto tap = std::make_shared<RecordCount>();
  ClientOptions options;
  options.common.tap = tap;
  TlsStream stream = test.connect(test::client_config(std::move(options)));
  for (int i = 1; i <= 3; ++i) {
    send_text(stream, get_hello);
    (void)read_response(stream);
    EXPECT_EQ(tap->count, i);
  }
}

/// Segments with data that came in on a connection, as the kernel counts them. Each send of the other side
/// makes at least one, since TCP_NODELAY is set.
uint32_t segments_received(const TlsStream& stream) {
  tcp_info info = {};
  socklen_t size = sizeof info;
  EXPECT_EQ(::getsockopt(stream.descriptor(), IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  EXPECT_GE(size, offsetof(tcp_info, tcpi_data_segs_in) + sizeof info.tcpi_data_segs_in);
  return info.tcpi_data_segs_in;
}

TEST(HttpsServer, HeadAndSmallBodyAreOneSystemCall) {
  const test::TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder / "small.txt", as_bytes(std::string(2000, 's'))));
  TestServer test;
  test.routes = [&](net::HttpsServer& server) { ASSERT_TRUE(server.serve_files(folder.path())); };
  test.start();
  TlsStream stream = test.connect();
  for (const std::string path : {"/hello", "/small.txt", "/none"}) {
    send_text(stream, get_hello);
    (void)read_response(stream);  // what the handshake left behind has come
    const uint32_t before = segments_received(stream);
    send_text(stream, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    (void)read_response(stream);
    EXPECT_EQ(segments_received(stream) - before, 1u) << path;
  }
}

TEST(HttpsServer, PipelinedRequestsAreAnsweredInOrder) {
  TestServer test;
  test.start();
  TlsStream stream = test.connect();
  std::string requests;
  for (int i = 0; i < 100; ++i)
    requests += "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n" + std::to_string(100 + i);
  send_text(stream, requests + "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  for (int i = 0; i < 100; ++i)
    EXPECT_TRUE(read_response(stream).ends_with("\r\n\r\n" + std::to_string(100 + i)));
  EXPECT_TRUE(read_response(stream).ends_with("LLL"));
  uint8_t byte;
  EXPECT_EQ(stream.read(MutBytes(&byte, 1)).value(), 0u) << "closed with close_notify";
}

TEST(HttpsServer, RequestsMayComeByteByByte) {
  TestServer test;
  test.start();
  TlsStream stream = test.connect();
  for (const char c : get_hello) send_text(stream, std::string_view(&c, 1));
  EXPECT_TRUE(read_response(stream).ends_with("hello\n"));
}

TEST(HttpsServer, LargeBodiesOfAllKindsArriveWhole) {
  const test::TemporaryFolder folder;
  std::string content(3'000'001, '\0');
  for (size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 31 >> 3);
  ASSERT_TRUE(write_file(folder / "file.bin", as_bytes(content)));
  TestServer test;
  test.routes = [&](net::HttpsServer& server) {
    ASSERT_TRUE(server.serve_files(folder.path()));
    server.get("/produced", [&](const http::Request&) {
      http::Response response;
      response.producer = [&content, at = size_t{0}](MutBytes out) mutable -> Result<size_t> {
        const size_t n = std::min({out.size(), content.size() - at, size_t{10'000}});
        std::copy_n(content.data() + at, n, out.data());
        at += n;
        return n;
      };
      return response;
    });
  };
  test.start();
  net::HttpsClient client(test::client_options());
  for (const char* path : {"/file.bin", "/produced"}) {
    const auto response = client.get(test.url(path));
    ASSERT_TRUE(response) << response.error().explain();
    EXPECT_TRUE(response->body == content) << path;
  }
  EXPECT_EQ(client.get(test.url("/large")).value().body.size(), TestServer::large_size);
  EXPECT_EQ(client.get(test.url("/../etc/passwd")).value().status(), 404);
  const auto old = [&] {
    TlsStream stream = test.connect();
    send_text(stream, "GET /produced HTTP/1.0\r\n\r\n");
    return read_to_end(stream);
  }();
  EXPECT_TRUE(old.ends_with(content)) << "HTTP/1.0 knows no chunks";
}

TEST(HttpsServer, FiftyClientsAtOnce) {
  TestServer test;
  test.start();
  std::vector<std::future<bool>> clients;
  for (int i = 0; i < 50; ++i)
    clients.push_back(std::async(std::launch::async, [&] {
      net::HttpsClient client(test::client_options());
      for (int k = 0; k < 4; ++k) {
        const auto response = client.get(test.url("/hello"));
        if (!response || response->body != "hello\n" || response->reused != (k > 0)) return false;
      }
      return true;
    }));
  for (auto& client : clients) EXPECT_TRUE(client.get());
  EXPECT_EQ(test.server->metrics().requests, 200u);
}

TEST(HttpsServer, ExpectContinueIsAnsweredBeforeTheBody) {
  TestServer test;
  test.start();
  TlsStream stream = test.connect();
  send_text(stream, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(read_response(stream), "HTTP/1.1 100 Continue\r\n\r\n");
  send_text(stream, "body");
  EXPECT_TRUE(read_response(stream).ends_with("\r\n\r\nbody"));
}

TEST(HttpsServer, OperationsAreAnsweredInBatches) {
  ServerOptions options;
  options.common.external_operations = OperationSet::all();
  options.tickets = RotatingTickets::fresh();
  TestServer test(test::server_config(std::move(options)));
  test.options.batching = net::Batching::always;
  test.start();
  std::vector<std::future<bool>> clients;
  for (int i = 0; i < 10; ++i)
    clients.push_back(std::async(std::launch::async, [&] {
      const auto response = net::HttpsClient(test::client_options()).get(test.url("/hello"));
      return response && response->body == "hello\n";
    }));
  for (auto& client : clients) EXPECT_TRUE(client.get());
  EXPECT_EQ(test.journal.all_notices(), "");
}

std::string names_text(const Certificate& certificate) {
  std::string out;
  for (const std::string& name : certificate.alternative_names()) out += ' ' + name;
  return out;
}

TEST(HttpsServer, MutualTlsNamesTheClient) {
  ServerOptions options;
  options.client_auth = ClientAuth::optional;
  options.client_roots = test::test_roots();
  TestServer test(test::server_config(std::move(options)));
  test.routes = [](net::HttpsServer& server) {
    server.get("/who", [](const http::Request& request) {
      const auto& client = request.peer.client;
      if (!client) return http::Response().text("nobody");
      std::string names;
      for (const std::string& name : client->names) names += ' ' + name;
      return http::Response().text(client->subject + names + " of " + client->issuer + ' ' + client->serial +
                                   ' ' + client->sha256);
    });
  };
  test.start();
  net::HttpsClientOptions with = test::client_options();
  ClientOptions client;
  client.identity = test::identity_of("client");
  with.config = test::client_config(std::move(client));
  const IdentityPtr identity = test::identity_of("client");
  const Certificate& leaf = identity->leaf();
  const std::string who = "CN=client" + names_text(leaf) + " of " + leaf.issuer() + ' ' + leaf.serial() +
                          ' ' + fingerprint_sha256(leaf);
  net::HttpsClient ada(with);
  EXPECT_EQ(ada.get(test.url("/who")).value().body, who);
  EXPECT_EQ(net::HttpsClient(test::client_options()).get(test.url("/who")).value().body, "nobody");
}

TEST(HttpsServer, ANewConfigServesNewConnections) {
  TestServer test;
  test.start();
  TlsStream before = test.connect();
  ServerOptions options;
  options.identity = test::identity_of("rsa");
  test.server->set_config(test::server_config(std::move(options)));
  TlsStream after = test.connect();
  EXPECT_EQ(before.info().peer_chain.front()->subject(), "CN=p256");
  EXPECT_EQ(after.info().peer_chain.front()->subject(), "CN=rsa");
  for (TlsStream* stream : {&before, &after}) {
    send_text(*stream, get_hello);
    EXPECT_TRUE(read_response(*stream).ends_with("hello\n"));
  }
}

TEST(HttpsServer, SessionsAreResumed) {
  ServerOptions options;
  options.tickets = RotatingTickets::fresh();
  TestServer test(test::server_config(std::move(options)));
  test.start();
  net::HttpsClientOptions with = test::client_options();
  ClientOptions client;
  client.sessions = std::make_shared<MemorySessionStore>();
  with.config = test::client_config(std::move(client));
  with.persistence = http::Persistence::close;
  net::HttpsClient https(with);
  EXPECT_EQ(https.get(test.url("/hello")).value().tls.kind, HandshakeKind::full);
  EXPECT_EQ(https.get(test.url("/hello")).value().tls.kind, HandshakeKind::resumed);
  EXPECT_EQ(test.server->metrics().handshakes_resumed, 1u);
}

// ---- stopping ---------------------------------------------------------------------------------------------

TEST(HttpsServer, StopLetsRunningRequestsEnd) {
  TestServer test;
  std::promise<void> running;
  test.routes = [&](net::HttpsServer& server) {
    server.get("/slow", [&](const http::Request&) {
      running.set_value();
      std::this_thread::sleep_for(Milliseconds(300));
      return http::Response().text(std::string(2'000'000, 's'));
    });
  };
  test.start();
  TlsStream idle = test.connect();
  send_text(idle, get_hello);
  (void)read_response(idle);
  auto slow = std::async(std::launch::async,
                         [&] { return net::HttpsClient(test::client_options()).get(test.url("/slow")); });
  running.get_future().get();
  test.server->stop();
  const auto response = slow.get();
  ASSERT_TRUE(response) << response.error().explain();
  EXPECT_EQ(response->body.size(), 2'000'000u);
  EXPECT_TRUE(response->head.headers.has_token("Connection", "close"));
  EXPECT_EQ(read_to_end(idle), "") << "the idle connection got close_notify";
  EXPECT_EQ(tcp_connect(test.endpoint()).error().code, ErrorCode::connect_failed);
  EXPECT_EQ(test.server->metrics().connections, 0u);
}

TEST(HttpsServer, StopEndsAfterTheGraceWhateverClientsDo) {
  TestServer test;
  test.options.grace = Milliseconds(200);
  test.start();
  TlsStream never_reads = test.connect();
  send_text(never_reads, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  TlsStream half_a_request = test.connect();
  send_text(half_a_request, "GET /hello HT");
  const Descriptor half_a_handshake = test::raw_connection(test.endpoint());
  ASSERT_TRUE(soon([&] { return test.server->metrics().connections == 3; }));
  const auto start = Clock::now();
  test.server->stop();
  EXPECT_LT(Clock::now() - start, Seconds(10));
  EXPECT_EQ(test.server->metrics().connections, 0u);
}

TEST(HttpsServer, AHandlerMayStopTheServer) {
  TestServer test;
  test.routes = [&](net::HttpsServer& server) {
    server.post("/stop", [&](const http::Request&) {
      server.stop();
      return http::Response().text("stopping");
    });
  };
  test.start();
  EXPECT_EQ(net::HttpsClient(test::client_options()).post(test.url("/stop"), "").value().body, "stopping");
  test.server->wait();
}

TEST(HttpsServer, SigtermStopsIt) {
  int ports[2] = {};
  ASSERT_EQ(::pipe(ports), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    TestServer test;
    net::HttpsServer server(test::server_config(), test.options);
    server.get("/hello", [](const http::Request&) { return http::Response().text("hello\n"); });
    server.stop_on_signals();
    const auto started = server.start("127.0.0.1:0");
    const uint16_t port = server.port();
    (void)!::write(ports[1], &port, sizeof port);
    server.wait();
    ::_exit(started ? 7 : 1);
  }
  uint16_t port = 0;
  ASSERT_EQ(::read(ports[0], &port, sizeof port), static_cast<ssize_t>(sizeof port));
  const auto response =
      net::HttpsClient(test::client_options()).get("https://localhost:" + std::to_string(port) + "/hello");
  EXPECT_TRUE(response);
  ASSERT_EQ(::kill(child, SIGTERM), 0);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(WEXITSTATUS(status), 7);
  ::close(ports[0]);
  ::close(ports[1]);
}

TEST(HttpsServer, WhatCannotBeListenedOnIsSaid) {
  TestServer test;
  test.start();
  net::HttpsServer second(test::server_config());
  EXPECT_EQ(second.start(test.endpoint().to_string()).error().code, ErrorCode::address_in_use);
  EXPECT_EQ(second.start("nonsense").error().code, ErrorCode::bad_endpoint);
  EXPECT_EQ(second.listen("192.0.2.1:0").error().code, ErrorCode::listen_failed);
  EXPECT_EQ(second.serve_files("/no/such/folder").error().code, ErrorCode::bad_config);
  EXPECT_EQ(test.server->start("127.0.0.1:0").error().code, ErrorCode::bad_argument);
}

// A stop that comes before or in the midst of the start is not lost: nothing serves, or what serves ends.
TEST(HttpsServer, StopsBeforeAndWhileItStarts) {
  net::HttpsServer early(test::server_config());
  early.stop();
  EXPECT_EQ(early.start("127.0.0.1:0").error().code, ErrorCode::bad_argument);

  for (int i = 0; i < 30; ++i) {
    net::HttpsServer server(test::server_config(), {.threads = 2});
    std::thread listening([&] { (void)server.listen("127.0.0.1:0"); });
    if (i % 3) std::this_thread::sleep_for(Milliseconds(i % 3));
    server.stop();
    listening.join();
  }
}

}  // namespace
}  // namespace bulla
