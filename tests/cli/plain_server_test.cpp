// The HTTP server without TLS: clients that say too little, too much, or nothing; and its end.
#include "cli/plain_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

namespace bulla::cli {
namespace {

using testing::HasSubstr, testing::StartsWith;

class PlainServerTest : public testing::Test {
 protected:
  void start(PlainServerOptions options = {}) {
    options.access_log = [this](const http::AccessEntry&) { ++logged; };
    server.emplace(PlainServer::open(
                       {"127.0.0.1", 0},
                       [](const http::Request& request) {
                         return http::Response().text(request.path == "/large"
                                                          ? std::string(8'000'000, 'x')
                                                          : request.method + ' ' + request.body);
                       },
                       std::move(options))
                       .value());
    thread = std::thread([this] { EXPECT_TRUE(server->run(stop.number())); });
  }
  void end() {
    if (!thread.joinable()) return;
    const uint64_t one = 1;
    EXPECT_EQ(::write(stop.number(), &one, sizeof one), ssize_t{sizeof one});
    thread.join();
  }
  void TearDown() override { end(); }
  TcpConnection connect() const { return tcp_connect({"127.0.0.1", server->port()}).value(); }
  static void send(const TcpConnection& to, std::string_view text) {
    ::send(to.socket.number(), text.data(), text.size(), MSG_NOSIGNAL);
  }
  /// All until the end, or until `enough` is in it.
  static std::string receive(const TcpConnection& from, std::string_view enough = "\1") {
    std::string out;
    char bytes[65536];
    for (;;) {
      const ssize_t n = ::recv(from.socket.number(), bytes, sizeof bytes, 0);
      if (n > 0) out.append(bytes, static_cast<size_t>(n));
      if (n < 0 && errno == EAGAIN) {
        std::this_thread::sleep_for(Milliseconds(1));
        continue;
      }
      if (n <= 0 || out.find(enough) != std::string::npos) return out;
    }
  }

  Descriptor stop{::eventfd(0, EFD_CLOEXEC)};
  std::optional<PlainServer> server;
  std::thread thread;
  std::atomic<int> logged = 0;
};

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
constexpr std::string_view last = "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

TEST_F(PlainServerTest, AnswersOneAfterAnotherOnOneConnection) {
  start();
  const auto line = connect();
  send(line, get);
  EXPECT_THAT(receive(line, "GET "), StartsWith("HTTP/1.1 200 OK"));
  send(line, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab");
  send(line, "c");
  EXPECT_THAT(receive(line, "abc"), HasSubstr("POST abc"));
  // Many at once, whole and in order.
  std::string many;
  for (int i = 0; i < 50; ++i) many += get;
  send(line, many + std::string(last));
  const std::string all = receive(line);
  size_t found = 0;
  for (size_t at = 0; (at = all.find("200 OK", at)) != std::string::npos; ++at) ++found;
  EXPECT_EQ(found, 51u);
  EXPECT_EQ(logged, 53);
}

TEST_F(PlainServerTest, RequestsThatAreNoneEndTheConnection) {
  start({.limits = {.target = 100, .header_bytes = 1000, .header_count = 5, .body = 10}});
  const auto answer_to = [&](const std::string& text) {
    const auto line = connect();
    send(line, text);
    return receive(line).substr(0, 12);
  };
  EXPECT_EQ(answer_to("rubbish\r\n\r\n"), "HTTP/1.1 400");
  EXPECT_EQ(answer_to("GET /" + std::string(200, 'a') + " HTTP/1.1\r\n"), "HTTP/1.1 414");
  EXPECT_EQ(answer_to("GET / HTTP/1.1\r\nA: " + std::string(2000, 'a')), "HTTP/1.1 431");
  EXPECT_EQ(answer_to("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 11\r\n\r\n"), "HTTP/1.1 413");
  EXPECT_EQ(answer_to(std::string(last)), "HTTP/1.1 200");
}

TEST_F(PlainServerTest, WhoSaysNothingOrTooLittleIsNotWaitedFor) {
  start({.request_timeout = Milliseconds(150), .idle_timeout = Milliseconds(100)});
  const auto silent = connect(), slow = connect();
  std::string said = "GET / HTTP/1.1\r\nA: ";
  std::thread drips([&] {
    for (int i = 0; i < 20; ++i, said = "x") {
      send(slow, said);
      std::this_thread::sleep_for(Milliseconds(20));
    }
  });
  EXPECT_EQ(receive(silent), "");
  EXPECT_EQ(receive(slow), "");
  drips.join();
}

TEST_F(PlainServerTest, WhoDoesNotReadIsNotWaitedFor) {
  start({.write_timeout = Milliseconds(150)});
  const auto lazy = connect();
  send(lazy, "GET /large HTTP/1.1\r\nHost: a\r\n\r\n");
  std::this_thread::sleep_for(Milliseconds(600));
  EXPECT_LT(receive(lazy).size(), 8'000'000u);
}

TEST_F(PlainServerTest, WhoSaysNothingKeepsNobodyOut) {
  start({.max_connections = 2});
  const auto first = connect(), second = connect();
  std::this_thread::sleep_for(Milliseconds(50));  // both are accepted
  send(first, get);
  receive(first, "GET ");
  const auto third = connect();
  send(third, last);
  EXPECT_THAT(receive(third), StartsWith("HTTP/1.1 200"));
  EXPECT_EQ(receive(second), "") << "it waited longest";
  send(first, last);
  EXPECT_THAT(receive(first), StartsWith("HTTP/1.1 200"));
}

TEST_F(PlainServerTest, WhoIsInTheMiddleIsNotSentAway) {
  start({.max_connections = 1});
  const auto busy = connect();
  send(busy, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nConnection: close\r\n\r\na");
  std::this_thread::sleep_for(Milliseconds(100));
  const auto waits = connect();
  send(waits, last);
  std::this_thread::sleep_for(Milliseconds(100));
  send(busy, "bc");
  EXPECT_THAT(receive(busy), HasSubstr("POST abc"));
  EXPECT_THAT(receive(waits), StartsWith("HTTP/1.1 200"));
}

TEST_F(PlainServerTest, WhatHasBegunIsFinishedBeforeTheEnd) {
  start();
  const auto idle = connect(), busy = connect();
  send(idle, get);
  receive(idle, "GET ");
  send(busy, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na");
  std::this_thread::sleep_for(Milliseconds(100));
  std::thread ending([&] { end(); });
  EXPECT_EQ(receive(idle), "");
  send(busy, "bc");
  const std::string answer = receive(busy);
  EXPECT_THAT(answer, HasSubstr("POST abc"));
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
  ending.join();
  EXPECT_FALSE(tcp_connect({"127.0.0.1", server->port()})) << "nobody listens any more";
}

}  // namespace
}  // namespace bulla::cli
