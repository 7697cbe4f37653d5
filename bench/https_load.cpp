#include "https_load.h"

#include "two_processes.h"

#include <bulla/os.h>

#include <fcntl.h>
#include <sys/socket.h>

#include <ctime>
#include <optional>
#include <vector>

namespace bulla::bench {
namespace {

constexpr int at_once = 64, warm_rounds = 2, rounds = 16;

class Client {
 public:
  Client(const ClientConfigPtr& config, uint16_t port)
      : socket_(std::move(tcp_connect({"localhost", port}).value().socket)),
        connection_(Connection::client(config, ServerName::parse("localhost").value())) {
    ::fcntl(socket_.number(), F_SETFL, ::fcntl(socket_.number(), F_GETFL) & ~O_NONBLOCK);
    MutBytes nothing;
    (void)connection_.next(nothing, out_, now());
  }
  bool send() {
    const Bytes pending = out_.pending();
    const bool sent = ::send(socket_.number(), pending.data(), pending.size(), MSG_NOSIGNAL) ==
                      static_cast<ssize_t>(pending.size());
    out_.clear();
    return sent;
  }
  bool finish() {
    for (;;) {
      uint8_t buffer[8192];
      const ssize_t n = ::recv(socket_.number(), buffer, sizeof buffer, 0);
      if (n <= 0) return false;
      in_.insert(in_.end(), buffer, buffer + n);
      MutBytes unread(in_);
      for (;;) {
        const Event event = connection_.next(unread, out_, now());
        if (std::holds_alternative<HandshakeDone>(event)) return send();
        if (std::holds_alternative<Failed>(event)) return false;
        if (std::holds_alternative<NeedInput>(event)) break;
      }
      in_.erase(in_.begin(), in_.end() - static_cast<ptrdiff_t>(unread.size()));
    }
  }

 private:
  Descriptor socket_;
  Connection connection_;
  Output out_;
  std::vector<uint8_t> in_;
};

bool one_round(const ClientConfigPtr& config, uint16_t port) {
  std::vector<Client> clients;
  for (int i = 0; i < at_once; ++i) clients.emplace_back(config, port);
  for (Client& client : clients)
    if (!client.send()) return false;
  for (Client& client : clients)
    if (!client.finish()) return false;
  return true;
}

/// The process of the clients.
int run_clients(const std::string& data_dir, Pipes server) {
  uint16_t port = 0;
  if (!server.hear(port)) return 1;
  ClientOptions options;
  options.roots = roots_from_path(data_dir + "/ca.pem").value();
  options.common.versions = {ProtocolVersion::tls13, ProtocolVersion::tls13};
  options.common.groups = {NamedGroup::x25519};
  const auto config = make_client_config(std::move(options)).value();
  for (const int n : {warm_rounds, rounds}) {
    for (int i = 0; i < n; ++i)
      if (!one_round(config, port)) return 1;
    char go = 0;
    if (!server.tell(go) || !server.hear(go)) return 1;
  }
  return 0;
}

double cpu_microseconds() {
  timespec t = {};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) * 1e6 + static_cast<double>(t.tv_nsec) / 1e3;
}

double run_server(const std::string& data_dir, const std::string& identity, net::Batching batching,
                  Pipes clients) {
  const std::string file = data_dir + "/" + identity;
  ServerOptions options;
  options.identity = Identity::from_pem_files(file + ".pem", file + ".key.pem").value();
  net::HttpsServerOptions quiet;
  quiet.threads = 1;
  quiet.batching = batching;
  quiet.on_notice = [](const net::ServerNotice&) {};
  net::HttpsServer server(make_server_config(std::move(options)).value(), quiet);
  if (!server.start("localhost:0")) return -1;
  char done = 0;
  if (!clients.tell(server.port()) || !clients.hear(done)) return -1;
  const double before = cpu_microseconds();
  if (!clients.tell(done) || !clients.hear(done)) return -1;
  const double after = cpu_microseconds();
  if (!clients.tell(done)) return -1;
  return (after - before) / (rounds * at_once);
}

}  // namespace

double loaded_handshake_microseconds(const std::string& data_dir, const std::string& identity,
                                     net::Batching batching) {
  return with_clients([&](Pipes clients) { return run_server(data_dir, identity, batching, clients); },
                      [&](Pipes server) { return run_clients(data_dir, server); });
}

}  // namespace bulla::bench
