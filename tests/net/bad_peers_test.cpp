// The server with clients that do not behave: bounded, logged, survived.
#include "net/fixture.h"

#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bulla {
namespace {

using test::Clock;
using test::raw_connection;
using test::read_raw;
using test::read_response;
using test::read_to_end;
using test::send_raw;
using test::send_text;
using test::soon;
using test::TestServer;

/// The server still serves.
void expect_alive(const TestServer& test) {
  const auto response = net::HttpsClient(test::client_options()).get(test.url("/hello"));
  ASSERT_TRUE(response) << response.error().explain();
  EXPECT_EQ(response->body, "hello\n");
}

// ---- bytes that are no TLS --------------------------------------------------------------------------------

TEST(BadPeer, GarbageGetsAnAlertAndALine) {
  TestServer test;
  test.start();
  using namespace std::string_view_literals;
  const std::string_view garbage[] = {"\x00\x01\x02\x03\x04\x05\x06\x07garbage"sv,
                                      "SSH-2.0-OpenSSH_9.2\r\n"sv, "\x16\x03\x01\xff\xff too long"sv,
                                      "\x17\x03\x03\x00\x01 "sv};
  for (const std::string_view bytes : garbage) {
    const Descriptor socket = raw_connection(test.endpoint());
    send_raw(socket, bytes);
    const std::string answer = read_raw(socket);
    EXPECT_TRUE(answer.starts_with("\x15\x03")) << to_hex(as_bytes(answer));
  }
  std::string notices;
  const auto all_noted = [&] {
    notices = test.journal.all_notices();
    return static_cast<size_t>(std::count(notices.begin(), notices.end(), '\n')) == std::size(garbage);
  };
  EXPECT_TRUE(soon(all_noted)) << notices;
  EXPECT_EQ(test.server->metrics().handshakes_failed, std::size(garbage));  // counted before they are noted
  EXPECT_TRUE(notices.starts_with("127.0.0.1:")) << notices;
  expect_alive(test);
}

TEST(BadPeer, PlainHttpGetsAPageThatSaysSo) {
  TestServer test;
  test.start();
  const Descriptor socket = raw_connection(test.endpoint());
  send_raw(socket, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const std::string answer = read_raw(socket);
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << answer;
  EXPECT_NE(answer.find("https://"), std::string::npos);
  EXPECT_TRUE(soon([&] { return test.journal.count_of(ErrorCode::http_on_tls_port) == 1; }));
}

TEST(BadPeer, ARandomFloodIsSurvived) {
  TestServer test;
  test.start();
  uint32_t state = 12345;
  for (int i = 0; i < 50; ++i) {
    std::string bytes(static_cast<size_t>(1 + i * 40), '\0');
    for (char& byte : bytes) byte = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
    const Descriptor socket = raw_connection(test.endpoint());
    send_raw(socket, bytes);
  }
  expect_alive(test);
  EXPECT_TRUE(soon([&] { return test.server->metrics().connections == 0; }));
}

TEST(BadPeer, ConnectAndGoIsQuiet) {
  TestServer test;
  test.start();
  for (int i = 0; i < 20; ++i) (void)raw_connection(test.endpoint());
  expect_alive(test);
  EXPECT_TRUE(soon([&] { return test.server->metrics().connections == 0; }));
}

// ---- bytes that are no HTTP -------------------------------------------------------------------------------

TEST(BadPeer, BadRequestsGetTheirStatusAndTheEnd) {
  TestServer test;
  test.options.request_limits = {.target = 100, .header_bytes = 1000, .body = 1000};
  test.start();
  const std::pair<std::string, int> cases[] = {
      {"rubbish\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET /" + std::string(200, 'a') + " HTTP/1.1\r\nHost: x\r\n\r\n", 414},
      {"GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(2000, 'a') + "\r\n\r\n", 431},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'), 413},
      {"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       400},
      {"GET / HTTP/2.0\r\nHost: x\r\n\r\n", 505}};
  for (const auto& [request, status] : cases) {
    TlsStream stream = test.connect();
    send_text(stream, request);
    const std::string response = read_to_end(stream);
    EXPECT_TRUE(response.starts_with("HTTP/1.1 " + std::to_string(status) + " ")) << request << response;
    EXPECT_NE(response.find("Connection: close\r\n"), std::string::npos) << response;
  }
  EXPECT_EQ(test.server->metrics().bad_requests, std::size(cases));
  EXPECT_EQ(test.journal.all_requests().size(), std::size(cases)) << "each is in the access log";
  TlsStream stream = test.connect();
  send_text(stream, "DELETE /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(read_response(stream).starts_with("HTTP/1.1 405 "));
}

TEST(BadPeer, ARequestCannotForgeALineOfTheLog) {
  TestServer test;
  test.start();
  TlsStream stream = test.connect();
  send_text(stream, "GET /\x1b[2J\"x HTTP/1.1\r\nHost: x\r\n\r\n");
  (void)read_to_end(stream);
  ASSERT_TRUE(soon([&] { return test.journal.all_requests().size() == 1; }));
  EXPECT_EQ(test.journal.all_requests()[0].find('\x1b'), std::string::npos);
}

TEST(BadPeer, HandlersThatFailBecome500) {
  TestServer test;
  test.routes = [](net::HttpsServer& server) {
    server.get("/throws", [](const http::Request&) -> http::Response { throw std::runtime_error("oh"); });
    server.get("/throws-int", [](const http::Request&) -> http::Response { throw 1; });
    server.get("/splits",
               [](const http::Request&) { return http::Response().header("X", "a\r\nSet-Cookie: b"); });
  };
  test.start();
  for (const char* path : {"/throws", "/throws-int", "/splits"})
    EXPECT_EQ(net::HttpsClient(test::client_options()).get(test.url(path)).value().status(), 500) << path;
  EXPECT_EQ(test.journal.count_of(ErrorCode::internal), 2u);
  EXPECT_EQ(test.journal.count_of(ErrorCode::http_bad_field), 1u);
}

TEST(BadPeer, ABodyThatFailsOnItsWayIsSeenAsCutOff) {
  TestServer test;
  test.routes = [](net::HttpsServer& server) {
    server.get("/fails", [](const http::Request&) {
      http::Response response;
      response.producer = [calls = 0](MutBytes out) mutable -> Result<size_t> {
        if (++calls > 3) return ErrorCode::http_file_unreadable;
        return out.size();
      };
      return response;
    });
  };
  test.start();
  const auto response = net::HttpsClient(test::client_options()).get(test.url("/fails"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::http_truncated) << response.error().explain();
  EXPECT_EQ(test.journal.count_of(ErrorCode::http_file_unreadable), 1u);
}

// ---- time -------------------------------------------------------------------------------------------------

TEST(SlowPeer, AHandshakeHasItsTime) {
  TestServer test;
  test.options.handshake_timeout = Milliseconds(200);
  test.start();
  const Descriptor silent = raw_connection(test.endpoint());
  const Descriptor dripping = raw_connection(test.endpoint());
  std::thread drip([&] {
    send_raw(dripping, "\x16\x03\x01\x01\x00");
    for (int i = 0; i < 40; ++i) {
      send_raw(dripping, "\x01");
      std::this_thread::sleep_for(Milliseconds(25));
    }
  });
  EXPECT_EQ(read_raw(silent), "");
  EXPECT_TRUE(soon([&] { return test.journal.count_of(ErrorCode::handshake_timeout) == 2; }))
      << "each byte buys no time";
  EXPECT_EQ(test.server->metrics().timeouts, 2u);  // counted before it is noted
  drip.join();
  expect_alive(test);
}

TEST(SlowPeer, ARequestAByteAtATimeIsEndedWith408) {
  TestServer test;
  test.options.request_timeout = Milliseconds(300);
  test.start();
  TlsStream stream = test.connect();
  const auto start = Clock::now();
  std::string request = "GET /hello HTTP/1.1\r\nHost: x\r\nX: " + std::string(1000, 'x');
  for (const char c : request) {
    if (test.server->metrics().timeouts > 0) break;
    send_text(stream, std::string_view(&c, 1));
    std::this_thread::sleep_for(Milliseconds(10));
  }
  EXPECT_LT(Clock::now() - start, Seconds(9)) << "ended long before the request was complete";
  EXPECT_TRUE(read_to_end(stream).starts_with("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_EQ(test.server->metrics().timeouts, 1u);
}

TEST(SlowPeer, ABodyThatStopsIsEndedWith408) {
  TestServer test;
  test.options.request_timeout = Milliseconds(200);
  test.start();
  TlsStream stream = test.connect();
  send_text(stream,
            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n" + std::string(50'000, 'x'));
  EXPECT_TRUE(read_to_end(stream).starts_with("HTTP/1.1 408 ")) << "bytes of before buy no long pause";
}

TEST(SlowPeer, ASlowButSteadyUploadIsServed) {
  TestServer test;
  test.options.request_timeout = Milliseconds(400);
  test.options.min_rate = 1000;
  test.start();
  TlsStream stream = test.connect();
  send_text(stream, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n");
  for (int i = 0; i < 20; ++i) {
    send_text(stream, std::string(1000, 'x'));
    std::this_thread::sleep_for(Milliseconds(50));
  }
  EXPECT_TRUE(read_response(stream).starts_with("HTTP/1.1 200 "))
      << "longer than request_timeout, fast enough";
}

TEST(SlowPeer, OneThatNeverReadsIsDropped) {
  TestServer test;
  test.options.write_timeout = Milliseconds(300);
  test.start();
  TlsStream stream = test.connect();
  // Many large responses, none of them read: the server must neither wait for ever nor buffer them.
  std::string requests;
  for (int i = 0; i < 50; ++i) requests += "GET /large HTTP/1.1\r\nHost: x\r\n\r\n";
  send_text(stream, requests);
  EXPECT_TRUE(soon([&] { return test.server->metrics().timeouts == 1; }));
  EXPECT_TRUE(soon([&] { return test.server->metrics().connections == 0; }));
  EXPECT_LT(test.server->metrics().bytes_sent, 10'000'000u);
  EXPECT_EQ(test.journal.count_of(ErrorCode::timeout), 1u);
  expect_alive(test);
}

TEST(SlowPeer, OneThatReadsAByteAtATimeIsDropped) {
  TestServer test;
  test.options.write_timeout = Milliseconds(300);
  test.options.min_rate = 100'000'000;
  test.start();
  TlsStream stream = test.connect();
  send_text(stream, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  while (test.server->metrics().timeouts == 0) {
    if (test::read_bytes(stream, 20'000).empty()) break;
    std::this_thread::sleep_for(Milliseconds(10));
  }
  EXPECT_TRUE(soon([&] { return test.server->metrics().timeouts == 1; })) << "it did read, but too slowly";
}

TEST(SlowPeer, AnIdleConnectionIsClosedCleanly) {
  TestServer test;
  test.options.idle_timeout = Milliseconds(150);
  test.start();
  TlsStream stream = test.connect();
  send_text(stream, "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(read_response(stream).ends_with("hello\n"));
  uint8_t byte;
  EXPECT_EQ(stream.read(MutBytes(&byte, 1)).value(), 0u);
  EXPECT_EQ(test.server->metrics().timeouts, 0u) << "that is no failure";
  EXPECT_EQ(test.journal.all_notices(), "");
}

// ---- ends -------------------------------------------------------------------------------------------------

TEST(BadPeer, ACutInARequestIsLoggedOneBetweenRequestsIsNot) {
  TestServer test;
  test.start();
  {
    TlsStream stream = test.connect();
    send_text(stream, "GET /hello HTTP/1.1\r\nHo");
    ::shutdown(stream.descriptor(), SHUT_WR);  // no close_notify
    EXPECT_TRUE(soon([&] { return test.journal.count_of(ErrorCode::truncated) == 1; }));
  }
  {
    TlsStream stream = test.connect();
    send_text(stream, "GET /hello HTTP/1.1\r\nHo");
    stream.close_write().value();
    EXPECT_TRUE(soon([&] { return test.journal.count_of(ErrorCode::http_truncated) == 1; }));
  }
  {
    TlsStream stream = test.connect();
    ::shutdown(stream.descriptor(), SHUT_WR);
    EXPECT_EQ(read_to_end(stream), "");
  }
  EXPECT_EQ(test.journal.errors.size(), 2u);
}

// RFC 9846 §6.1: close_notify comes before the end of our side, also where the peer has just hung up.
TEST(BadPeer, APeerThatHangsUpWithoutAWordStillGetsCloseNotify) {
  TestServer test;
  test.start();
  for (const std::string_view before :
       {"", "GET /hello HTTP/1.1\r\nHo", "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n"}) {
    TlsStream stream = test.connect();
    if (!before.empty()) send_text(stream, before);
    ::shutdown(stream.descriptor(), SHUT_WR);
    if (before.ends_with("\r\n\r\n")) {
      EXPECT_TRUE(test::read_response(stream).ends_with("hello\n"));
    }
    uint8_t byte;
    const auto end = stream.read(MutBytes(&byte, 1));
    ASSERT_TRUE(end) << before << ": " << end.error().explain();
    EXPECT_EQ(*end, 0u);
  }
}

TEST(BadPeer, AResponseThatIsCutOffIsInTheAccessLog) {
  TestServer test;
  test.start();
  {
    TlsStream stream = test.connect();
    send_text(stream, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_FALSE(test::read_bytes(stream, 1000).empty());
    const linger reset = {1, 0};
    ::setsockopt(stream.descriptor(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  }
  ASSERT_TRUE(soon([&] { return test.journal.all_requests().size() == 1; }));
  EXPECT_NE(test.journal.all_requests()[0].find("\"GET /large HTTP/1.1\" 200 "), std::string::npos);
  EXPECT_TRUE(soon([&] { return test.server->metrics().connections == 0; }));
}

TEST(BadPeer, AClientThatClosesItsSideStillGetsItsResponse) {
  TestServer test;
  test.start();
  TlsStream stream = test.connect();
  send_text(stream, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
  stream.close_write().value();
  EXPECT_TRUE(read_response(stream).ends_with("LLL"));
  EXPECT_EQ(read_to_end(stream), "");
}

// ---- numbers ----------------------------------------------------------------------------------------------

TEST(TooMany, ConnectionsOverTheLimitAreClosedAndLoggedOnce) {
  TestServer test;
  test.options.max_connections = 5;
  test.start();
  std::vector<TlsStream> held;
  for (int i = 0; i < 5; ++i) held.push_back(test.connect());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(read_raw(raw_connection(test.endpoint())), "");
  EXPECT_EQ(test.server->metrics().refused, 3u);
  EXPECT_EQ(test.journal.count_of(ErrorCode::too_many_connections), 1u);
  held.clear();
  ASSERT_TRUE(soon([&] { return test.server->metrics().connections == 0; }));
  expect_alive(test);
}

/// Runs in a process of its own, since the limit is for all of it. Ends with 0 if all went as it should.
int starve() {
  TestServer test;
  test.options.threads = 1;
  test.start();
  // The clients have their descriptors before the limit is drawn; the server finds only three more.
  std::vector<Descriptor> clients;
  for (int i = 0; i < 12; ++i) clients.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const rlimit tight = {static_cast<rlim_t>(clients.back().number()) + 4, 1024};
  if (::setrlimit(RLIMIT_NOFILE, &tight) != 0) return 2;
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(test.server->port());
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  for (const Descriptor& client : clients)
    if (::connect(client.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      return 3;
  if (!soon([&] { return test.server->metrics().accept_pauses >= 2; })) return 4;
  if (test.journal.count_of(ErrorCode::too_many_files) != 1) return 5;  // logged once, not at every try
  clients.clear();
  if (!soon([&] { return test.server->metrics().connections == 0; })) return 6;
  const auto response = net::HttpsClient(test::client_options()).get(test.url("/hello"));
  if (!response || response->body != "hello\n") return 7;
  return 0;
}

TEST(TooMany, WithoutDescriptorsAcceptingPausesAndGoesOn) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(starve());
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace bulla
