// The server within programs that are not careful: handlers and hooks that throw, options that cannot work.
#include "net/fixture.h"

#include <csignal>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bulla {
namespace {

using test::read_response;
using test::read_to_end;
using test::send_text;
using test::soon;
using test::TestServer;

constexpr std::string_view get_hello = "GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n";

bool is_alive(const TestServer& test) {
  const auto response = net::HttpsClient(test::client_options()).get(test.url("/hello"));
  return response && response->body == "hello\n";
}

TEST(CarelessProgram, AProducerThatThrowsCutsItsResponseOnly) {
  TestServer test;
  test.routes = [](net::HttpsServer& server) {
    server.get("/throws", [](const http::Request&) {
      http::Response response;
      response.producer = [calls = 0](MutBytes out) mutable -> Result<size_t> {
        if (++calls == 2) throw std::runtime_error("no more");
        return out.size();
      };
      return response;
    });
  };
  test.start();
  const auto response = net::HttpsClient(test::client_options()).get(test.url("/throws"));
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().code, ErrorCode::http_truncated) << response.error().explain();
  EXPECT_EQ(test.journal.count_of(ErrorCode::internal), 1u);
  EXPECT_NE(test.journal.all_notices().find("no more"), std::string::npos);
  EXPECT_TRUE(is_alive(test));
}

TEST(CarelessProgram, HooksThatThrowEndOneConnection) {
  std::atomic<bool> throwing{true};
  const auto maybe_throw = [&throwing] {
    if (throwing) throw 42;
  };
  for (int hook = 0; hook < 4; ++hook) {
    throwing = true;
    TestServer test;
    if (hook == 0)
      test.options.config_for = [&](const Endpoint&) {
        maybe_throw();
        return ServerConfigPtr();
      };
    if (hook == 1)
      test.options.on_connection = [&](const Endpoint&, const ConnectionInfo&) { maybe_throw(); };
    if (hook == 2) test.options.access_log = [&](const http::AccessEntry&) { maybe_throw(); };
    if (hook == 3) test.options.on_notice = [&](const net::ServerNotice&) { maybe_throw(); };
    test.start();
    if (hook == 3) {
      const Descriptor garbage = test::raw_connection(test.endpoint());
      test::send_raw(garbage, "garbage garbage");
      EXPECT_NE(test::read_raw(garbage), "");
    } else {
      EXPECT_FALSE(is_alive(test)) << hook;
      EXPECT_TRUE(soon([&] { return test.journal.count_of(ErrorCode::internal) > 0; })) << hook;
    }
    EXPECT_TRUE(soon([&] { return test.server->metrics().connections == 0; })) << hook;
    throwing = false;
    EXPECT_TRUE(is_alive(test)) << hook;
  }
}

struct ThrowingVerifier : Verifier {
  Result<ChainVerified> verify(const VerifyRequest&) const override { throw std::runtime_error("oh"); }
};

TEST(CarelessProgram, AVerifierThatThrowsFailsItsHandshakeOnly) {
  for (const bool external : {false, true}) {
    ServerOptions options;
    options.client_auth = ClientAuth::optional;
    options.client_verifier = std::make_shared<ThrowingVerifier>();
    if (external) options.common.external_operations = OperationSet::all();
    TestServer test(test::server_config(std::move(options)));
    test.start();
    ClientOptions client;
    client.identity = test::identity_of("client");
    net::HttpsClientOptions with = test::client_options();
    with.config = test::client_config(std::move(client));
    EXPECT_FALSE(net::HttpsClient(with).get(test.url("/hello")));
    EXPECT_EQ(test.journal.count_of(ErrorCode::internal), 1u) << test.journal.all_notices();
    EXPECT_TRUE(soon([&] { return test.server->metrics().connections == 0; }));
    EXPECT_TRUE(is_alive(test));
  }
}

TEST(CarelessProgram, OptionsThatCannotWorkAreSaidAtTheStart) {
  const auto refused = [](auto change) {
    net::HttpsServerOptions options;
    change(options);
    const auto started = net::HttpsServer(test::server_config(), options).start("127.0.0.1:0");
    return !started && started.error().code == ErrorCode::bad_config;
  };
  EXPECT_TRUE(refused([](auto& options) { options.server_name = "a\r\nSet-Cookie: b"; }));
  EXPECT_TRUE(refused([](auto& options) { options.max_connections = 0; }));
  EXPECT_TRUE(refused([](auto& options) { options.handshake_timeout = Milliseconds(0); }));
  EXPECT_TRUE(refused([](auto& options) { options.idle_timeout = Milliseconds(-1); }));
  EXPECT_EQ(net::HttpsServer(nullptr).start("127.0.0.1:0").error().code, ErrorCode::bad_config);

  TestServer test;
  test.start();
  test.server->set_config(nullptr);
  EXPECT_TRUE(is_alive(test)) << "no config is no change";
}

/// In a process of its own: the limit is for all of it.
int start_without_descriptors() {
  TestServer test;
  net::HttpsServer server(test::server_config(), test.options);
  const int lowest = ::dup(0);
  for (rlim_t room = 0; room < 12; ++room) {
    const rlimit tight = {static_cast<rlim_t>(lowest) + room, 1024};
    if (::setrlimit(RLIMIT_NOFILE, &tight) != 0) return 2;
    const auto started = server.start("127.0.0.1:0");
    if (started) return 0;  // enough at last
    if (started.error().code != ErrorCode::too_many_files) return 3;
  }
  return 4;
}

TEST(CarelessProgram, StartingWithoutDescriptorsIsAnErrorAndMayBeTriedAgain) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "UndefinedBehaviorSanitizer opens a pipe to look at an object, and takes its failure for a "
                  "bad object";
#endif
  const pid_t child = ::fork();
  if (child == 0) ::_exit(start_without_descriptors());
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

// ---- the log ----------------------------------------------------------------------------------------------

std::string read_pipe(int descriptor) {
  std::string out;
  char buffer[65536];
  for (ssize_t n; (n = ::read(descriptor, buffer, sizeof buffer)) > 0;)
    out.append(buffer, static_cast<size_t>(n));
  return out;
}

TEST(DefaultLog, LinesOfSeveralLoopsStayWhole) {
  // Standard output is a pipe, which takes 4096 bytes in one piece; each of these lines is longer.
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    TestServer test;
    test.options.threads = 4;
    test.options.access_log = {};
    test.start();
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i)
      clients.emplace_back([&, i] {
        net::HttpsClient client(test::client_options());
        const std::string path = "/" + std::string(6000, static_cast<char>('a' + i));
        for (int k = 0; k < 40; ++k) (void)client.get(test.url(path));
      });
    for (std::thread& client : clients) client.join();
    test.server->stop();
    ::_exit(0);
  }
  ::close(ends[1]);
  const std::string log = read_pipe(ends[0]);
  ::close(ends[0]);
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  std::istringstream lines(log);
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const size_t at = line.find("\"GET /");
    ASSERT_NE(at, std::string::npos) << line.substr(0, 200);
    EXPECT_EQ(line.find_first_not_of(line[at + 6], at + 6), at + 6 + 6000);
    EXPECT_TRUE(line.ends_with("ms"));
  }
  EXPECT_EQ(count, 320);
}

TEST(DefaultLog, AReaderThatHasGoneCostsLinesOnly) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[0]);
    ::close(ends[1]);
    std::signal(SIGPIPE, SIG_DFL);
    TestServer test;
    test.options.access_log = {};
    test.start();
    ::_exit(is_alive(test) && is_alive(test) && is_alive(test) ? 0 : 1);
  }
  ::close(ends[0]);
  ::close(ends[1]);
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "SIGPIPE would have ended it";
}

// ---- loops ------------------------------------------------------------------------------------------------

/// Sockets that listen on `port`, as the kernel lists them: "0: 0100007F:1F90 00000000:0000 0A …".
int listening_sockets(uint16_t port) {
  char wanted[8];
  std::snprintf(wanted, sizeof wanted, ":%04X", port);
  std::ifstream table("/proc/net/tcp");
  int count = 0;
  for (std::string line; std::getline(table, line);) {
    std::istringstream fields(line);
    std::string number, local, remote, state;
    fields >> number >> local >> remote >> state;
    count += local.ends_with(wanted) && state == "0A";
  }
  return count;
}

TEST(Loops, EachHasItsOwnListeningSocketAndAllServe) {
  TestServer test;
  test.options.threads = 3;
  std::mutex mutex;
  std::set<std::thread::id> loops;
  test.routes = [&](net::HttpsServer& server) {
    server.get("/loop", [&](const http::Request&) {
      const std::lock_guard lock(mutex);
      loops.insert(std::this_thread::get_id());
      return http::Response().text("");
    });
  };
  test.start();
  EXPECT_EQ(listening_sockets(test.server->port()), 3) << "SO_REUSEPORT";
  // The kernel chooses by a hash of the addresses: so many connections do not all go to one.
  for (int i = 0; i < 64; ++i) (void)net::HttpsClient(test::client_options()).get(test.url("/loop"));
  EXPECT_GT(loops.size(), 1u);

  TestServer as_many_as_cores;
  as_many_as_cores.options.threads = 0;
  as_many_as_cores.start();
  EXPECT_EQ(listening_sockets(as_many_as_cores.server->port()),
            static_cast<int>(std::thread::hardware_concurrency()));
}

// ---- what is in progress ----------------------------------------------------------------------------------

TEST(Progress, AnEmptyLineAfterABodyIsNoRequest) {
  // RFC 9112 §2.2: some clients send one after a body.
  TestServer test;
  test.options.request_timeout = Milliseconds(100);
  test.options.idle_timeout = Milliseconds(600);
  test.start();
  TlsStream stream = test.connect();
  send_text(stream, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody\r\n");
  EXPECT_TRUE(read_response(stream).ends_with("body"));
  std::this_thread::sleep_for(Milliseconds(300));
  send_text(stream, get_hello);
  EXPECT_TRUE(read_response(stream).ends_with("hello\n")) << "not ended with 408";
}

TEST(Progress, HalfARequestBehindASlowResponseHasTheTimeOfARequest) {
  TestServer test;
  test.options.request_timeout = Milliseconds(200);
  test.start();
  TlsStream stream = test.connect();
  send_text(stream, "GET /large HTTP/1.1\r\nHost: x\r\n\r\nGET /hello HT");
  std::this_thread::sleep_for(Milliseconds(100));  // the response has filled the socket by now
  EXPECT_TRUE(read_response(stream).ends_with("LLL"));
  EXPECT_TRUE(read_to_end(stream).starts_with("HTTP/1.1 408 "));
}

TEST(Progress, AResponseThatLeavesAfterStopIsFollowedByTheEnd) {
  TestServer test;
  test.options.grace = Milliseconds(8000);
  test.routes = [](net::HttpsServer& server) {
    server.get("/page", [](const http::Request&) { return http::Response().text(std::string(60'000, 'p')); });
  };
  test.start();
  TlsStream stream = test.connect();
  // Responses that are each small enough to be made at once, and together more than the socket takes.
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += "GET /page HTTP/1.1\r\nHost: x\r\n\r\n";
  send_text(stream, requests);
  std::this_thread::sleep_for(Milliseconds(200));
  std::thread stopping([&] { test.server->stop(); });
  std::this_thread::sleep_for(Milliseconds(100));
  const auto start = test::Clock::now();
  const std::string responses = read_to_end(stream);
  stopping.join();
  EXPECT_LT(test::Clock::now() - start, Seconds(6)) << "no waiting for the grace time";
  EXPECT_TRUE(responses.ends_with("ppp"));
  uint8_t byte = 0;
  EXPECT_EQ(stream.read(MutBytes(&byte, 1)).value(), 0u) << "a clean end";
}

}  // namespace
}  // namespace bulla
