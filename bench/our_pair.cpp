#include "our_pair.h"

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <sstream>

namespace bulla::bench {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

class OneThreadSessions : public ClientSessionStore {
 public:
  void put(const std::string&, ClientSessionPtr session) override { sessions_ = {std::move(session)}; }
  ClientSessionPtr take(const std::string&) override {
    if (sessions_.empty()) return nullptr;
    ClientSessionPtr session = sessions_.back();
    sessions_.pop_back();
    return session;
  }

 private:
  std::deque<ClientSessionPtr> sessions_;
};

}  // namespace

OurPair::OurPair(const OurOptions& o)
    : now_(std::chrono::time_point_cast<Milliseconds>(std::chrono::system_clock::now())) {
  const auto file = [&](const std::string& name) { return read_file(o.data_dir + "/" + name); };
  ClientOptions client;
  client.common.versions = {o.version, o.version};
  client.common.cipher_suites = {o.suite};
  client.common.groups = {o.group};
  client.roots.emplace();
  (void)client.roots->add(as_bytes(file("ca.pem"))).value();
  ServerOptions server;
  server.common.versions = client.common.versions;
  server.common.cipher_suites = client.common.cipher_suites;
  server.common.groups = client.common.groups;
  server.identity =
      Identity::from_bytes(as_bytes(file(o.identity + ".pem")), as_bytes(file(o.identity + ".key.pem")))
          .value();
  if (o.tickets) {
    client.sessions = std::make_shared<OneThreadSessions>();
    server.tickets = RotatingTickets::fresh();
  }
  client_config_ = make_client_config(client).value();
  server_config_ = make_server_config(server).value();
}

void OurPair::run(Connection& connection, std::vector<uint8_t>& in, Output& out) {
  MutBytes rest(in);
  while (true) {
    const Event event = connection.next(rest, out, now_);
    if (std::holds_alternative<NeedInput>(event)) break;
    if (const auto* failed = std::get_if<Failed>(&event)) {
      std::fprintf(stderr, "bulla-bench: %s\n", failed->error.explain().c_str());
      std::exit(1);
    }
  }
  in.erase(in.begin(), in.end() - static_cast<ptrdiff_t>(rest.size()));
}

void OurPair::handshake() {
  Account unused;
  handshake(unused);
}

void OurPair::handshake(Account& account) {
  client_.reset();
  server_.reset();
  client_out_.clear();
  server_out_.clear();
  to_client_.clear();
  to_server_.clear();
  to_client_.reserve(32 * 1024);
  to_server_.reserve(32 * 1024);
  (void)server_out_.grow(32 * 1024);
  server_out_.clear();
  client_.emplace(Connection::client(client_config_, ServerName::parse("localhost").value()));
  {
    const OpenAccount open(account);
    server_.emplace(Connection::server(server_config_));
  }
  const auto move = [](Output& from, std::vector<uint8_t>& to) {
    const Bytes bytes = from.pending();
    to.insert(to.end(), bytes.begin(), bytes.end());
    from.clear();
    return !bytes.empty();
  };
  run(*client_, to_client_, client_out_);
  while (true) {
    const bool up = move(client_out_, to_server_);
    if (up) {
      const OpenAccount open(account);
      run(*server_, to_server_, server_out_);
    }
    const bool down = move(server_out_, to_client_);
    if (down) run(*client_, to_client_, client_out_);
    if (!up && !down) break;
  }
}

void OurPair::seal(Bytes data) {
  (void)server_->send(data, server_out_).value();
}

void OurPair::open() {
  // The bytes are decrypted where they lie, as a socket's receive buffer would be.
  const Bytes pending = server_out_.pending();
  MutBytes in(const_cast<uint8_t*>(pending.data()), pending.size());
  while (!in.empty())
    if (const Event event = client_->next(in, client_out_, now_); !std::holds_alternative<AppData>(event))
      break;
  server_out_.clear();
}

}  // namespace bulla::bench
