// A server on a free port, what it logged, and clients that do as they should or as they should not.
#pragma once

#include "os/fixture.h"

#include <bulla/https_client.h>
#include <bulla/https_server.h>
#include <bulla/tls_stream.h>

#include <gtest/gtest.h>

#include <fcntl.h>

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>

namespace bulla::test {

using Clock = std::chrono::steady_clock;

/// What a server tells its owner, from several threads.
struct Journal {
  std::mutex mutex;
  std::vector<std::string> requests;  // access log lines
  std::vector<ErrorCode> errors;
  std::vector<std::string> notices;

  size_t count_of(ErrorCode code) {
    const std::lock_guard lock(mutex);
    return static_cast<size_t>(std::count(errors.begin(), errors.end(), code));
  }
  std::string all_notices() {
    const std::lock_guard lock(mutex);
    std::string out;
    for (const std::string& line : notices) out += line + "\n";
    return out;
  }
  std::vector<std::string> all_requests() {
    const std::lock_guard lock(mutex);
    return requests;
  }
};

/// Waits until `condition` holds, at most ten seconds: for things that another thread does soon.
template <class Condition>
bool soon(Condition condition) {
  for (int i = 0; i < 1000; ++i) {
    if (condition()) return true;
    std::this_thread::sleep_for(Milliseconds(10));
  }
  return false;
}

inline net::HttpsServerOptions test_options(Journal& journal) {
  net::HttpsServerOptions options;
  options.threads = 2;
  options.grace = Milliseconds(3000);
  options.access_log = [&journal](const http::AccessEntry& entry) {
    const std::lock_guard lock(journal.mutex);
    journal.requests.push_back(http::access_log_line(entry));
  };
  options.on_notice = [&journal](const net::ServerNotice& notice) {
    const std::lock_guard lock(journal.mutex);
    journal.errors.push_back(notice.error.code);
    journal.notices.push_back(notice.line());
  };
  return options;
}

/// A server with some routes; tests change `options` and add routes before start().
struct TestServer {
  explicit TestServer(ServerConfigPtr config = server_config()) : config_(std::move(config)) {}

  net::HttpsServer& start() {
    server = std::make_unique<net::HttpsServer>(config_, options);
    server->get("/hello", [](const http::Request&) { return http::Response().text("hello\n"); });
    server->post("/echo", [](const http::Request& request) { return http::Response().text(request.body); });
    server->get("/large",
                [](const http::Request&) { return http::Response().text(std::string(large_size, 'L')); });
    if (routes) routes(*server);
    server->start("127.0.0.1:0").value();
    return *server;
  }
  std::string url(const std::string& path) const {
    return "https://localhost:" + std::to_string(server->port()) + path;
  }
  Endpoint endpoint() const { return {"127.0.0.1", server->port()}; }
  TlsStream connect(ClientConfigPtr with = client_config()) const {
    StreamOptions stream;
    stream.io_timeout = Milliseconds(20'000);  // a test that hangs fails instead
    return TlsStream::connect(std::move(with), endpoint(), stream).value();
  }

  static constexpr size_t large_size = 8'000'000;
  Journal journal;
  net::HttpsServerOptions options = test_options(journal);
  std::function<void(net::HttpsServer&)> routes;
  std::unique_ptr<net::HttpsServer> server;

 private:
  ServerConfigPtr config_;
};

inline net::HttpsClientOptions client_options() {
  net::HttpsClientOptions options;
  options.config = client_config();
  options.idle_timeout = Milliseconds(20'000);
  return options;
}

inline void send_text(TlsStream& stream, std::string_view text) {
  stream.write(as_bytes(text)).value();
}

/// Reads until `size` bytes came or the peer closed.
inline std::string read_bytes(TlsStream& stream, size_t size) {
  std::string out;
  std::vector<uint8_t> buffer(16384);
  while (out.size() < size) {
    const auto n = stream.read(MutBytes(buffer).first(std::min(buffer.size(), size - out.size())));
    if (!n || *n == 0) break;
    out += as_text(Bytes(buffer).first(*n));
  }
  return out;
}

inline std::string read_to_end(TlsStream& stream) {
  return read_bytes(stream, SIZE_MAX);
}

/// Reads a response with a Content-Length.
inline std::string read_response(TlsStream& stream) {
  std::string out;
  while (!out.ends_with("\r\n\r\n")) {
    const std::string byte = read_bytes(stream, 1);
    if (byte.empty()) return out;
    out += byte;
  }
  const size_t at = out.find("Content-Length: ");
  if (at == std::string::npos) return out;
  return out + read_bytes(stream, std::stoul(out.substr(at + 16)));
}

/// Reads what a plain socket gives until it ends.
inline std::string read_raw(const Descriptor& socket) {
  std::string out;
  char buffer[4096];
  for (;;) {
    timeval limit = {20, 0};
    ::setsockopt(socket.number(), SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    const ssize_t n = ::recv(socket.number(), buffer, sizeof buffer, 0);
    if (n <= 0) return out;
    out.append(buffer, static_cast<size_t>(n));
  }
}

/// A plain blocking connection.
inline Descriptor raw_connection(const Endpoint& where) {
  TcpConnection tcp = tcp_connect(where).value();
  const int flags = ::fcntl(tcp.socket.number(), F_GETFL);
  ::fcntl(tcp.socket.number(), F_SETFL, flags & ~O_NONBLOCK);
  return std::move(tcp.socket);
}

inline void send_raw(const Descriptor& socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::send(socket.number(), text.data(), text.size(), MSG_NOSIGNAL);
    if (n <= 0) return;
    text.remove_prefix(static_cast<size_t>(n));
  }
}

}  // namespace bulla::test
