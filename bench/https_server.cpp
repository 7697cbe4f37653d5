#include "https_server.h"

#include <bulla/https_server.h>
#include <bulla/tls_stream.h>

#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

namespace bulla::bench {
namespace {

/// The first ones warm up the server's pools and are not counted.
constexpr int warm = 16, counted = 200;

bool tell(int to, const void* what, size_t n) {
  return ::write(to, what, n) == static_cast<ssize_t>(n);
}
bool hear(int from, void* what, size_t n) {
  return ::read(from, what, n) == static_cast<ssize_t>(n);
}

/// The process of the clients: connects, asks once on each connection, and keeps them.
int clients(const std::string& data_dir, int from, int to) {
  uint16_t port = 0;
  if (!hear(from, &port, sizeof port)) return 1;
  ClientOptions options;
  options.roots = roots_from_path(data_dir + "/ca.pem").value();
  const auto config = make_client_config(std::move(options)).value();
  std::vector<TlsStream> open;
  for (const int more : {warm, counted}) {
    for (int i = 0; i < more; ++i) {
      auto stream = TlsStream::connect(config, {"localhost", port});
      uint8_t response[4096];
      if (!stream || !stream->write(as_bytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")) ||
          !stream->read(response))
        return 1;
      open.push_back(*std::move(stream));
    }
    char go = 0;
    if (!tell(to, &go, 1) || !hear(from, &go, 1)) return 1;
  }
  return 0;
}

size_t heap_in_use() {
  std::this_thread::sleep_for(Milliseconds(50));  // the last connection comes to rest
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

double measure(const std::string& data_dir, const std::string& identity, int from, int to) {
  ServerOptions options;
  options.identity =
      Identity::from_pem_files(data_dir + "/" + identity + ".pem", data_dir + "/" + identity + ".key.pem")
          .value();
  options.tickets = RotatingTickets::fresh();
  net::HttpsServerOptions quiet;
  quiet.threads = 1;
  quiet.access_log = [](const http::AccessEntry&) {};
  quiet.on_notice = [](const net::ServerNotice&) {};
  net::HttpsServer server(make_server_config(std::move(options)).value(), quiet);
  server.get("/", [](const http::Request&) { return http::Response().text("hello\n"); });
  if (!server.start("localhost:0")) return -1;
  const uint16_t port = server.port();
  char done = 0;
  if (!tell(to, &port, sizeof port) || !hear(from, &done, 1)) return -1;
  const size_t before = heap_in_use();
  if (!tell(to, &done, 1) || !hear(from, &done, 1)) return -1;
  const size_t after = heap_in_use();
  if (!tell(to, &done, 1)) return -1;
  return (static_cast<double>(after) - static_cast<double>(before)) / counted;
}

}  // namespace

double https_idle_bytes(const std::string& data_dir, const std::string& identity) {
  int down[2], up[2];
  if (::pipe(down) != 0 || ::pipe(up) != 0) return -1;
  const pid_t child = ::fork();
  if (child < 0) return -1;
  if (child == 0) {
    ::close(down[1]);
    ::close(up[0]);
    ::_exit(clients(data_dir, down[0], up[1]));
  }
  ::close(down[0]);
  ::close(up[1]);
  const double bytes = measure(data_dir, identity, up[0], down[1]);
  ::close(down[1]);
  ::close(up[0]);
  int status = -1;
  ::waitpid(child, &status, 0);
  return status == 0 ? bytes : -1;
}

}  // namespace bulla::bench
