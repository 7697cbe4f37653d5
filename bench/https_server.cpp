#include "https_server.h"

#include "two_processes.h"

#include <bulla/https_server.h>
#include <bulla/tls_stream.h>

#include <malloc.h>

#include <thread>

namespace bulla::bench {
namespace {

/// The first ones warm up the server's pools and are not counted.
constexpr int warm = 16, counted = 200;

/// The process of the clients: connects, asks once on each connection, and keeps them.
int run_clients(const std::string& data_dir, Pipes server) {
  uint16_t port = 0;
  if (!server.hear(port)) return 1;
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
    if (!server.tell(go) || !server.hear(go)) return 1;
  }
  return 0;
}

size_t heap_in_use() {
  std::this_thread::sleep_for(Milliseconds(50));  // the last connection comes to rest
  const auto info = ::mallinfo2();
  return info.uordblks + info.hblkhd;
}

double run_server(const std::string& data_dir, const std::string& identity, Pipes clients) {
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
  char done = 0;
  if (!clients.tell(server.port()) || !clients.hear(done)) return -1;
  const size_t before = heap_in_use();
  if (!clients.tell(done) || !clients.hear(done)) return -1;
  const size_t after = heap_in_use();
  if (!clients.tell(done)) return -1;
  return (static_cast<double>(after) - static_cast<double>(before)) / counted;
}

}  // namespace

double https_idle_bytes(const std::string& data_dir, const std::string& identity) {
  return with_clients([&](Pipes clients) { return run_server(data_dir, identity, clients); },
                      [&](Pipes server) { return run_clients(data_dir, server); });
}

}  // namespace bulla::bench
