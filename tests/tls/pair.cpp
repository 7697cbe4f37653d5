#include "tls/pair.h"

#include <fstream>
#include <sstream>

namespace bulla::test {

std::string data_file(const std::string& name) {
  std::ifstream file(std::string(BULLA_SOURCE_DIR) + "/tests/tls/data/" + name, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

IdentityPtr identity(const std::string& name) {
  static std::map<std::string, IdentityPtr> known;
  IdentityPtr& entry = known[name];
  if (!entry)
    entry = Identity::from_bytes(as_bytes(data_file(name + ".pem")), as_bytes(data_file(name + ".key.pem")))
                .value();
  return entry;
}

RootStore roots(const std::string& name) {
  RootStore store;
  (void)store.add(as_bytes(data_file(name + ".pem"))).value();
  return store;
}

ServerOptions server_options(const std::string& identity_name) {
  ServerOptions options;
  options.identity = identity(identity_name);
  return options;
}

ClientOptions client_options() {
  ClientOptions options;
  options.roots = roots();
  return options;
}

void Side::run(Time now) {
  blocked = false;
  MutBytes in(input);
  while (!error) {
    Event event = connection.next(in, output, now);
    if (auto* data = std::get_if<AppData>(&event)) {
      received.insert(received.end(), data->bytes.begin(), data->bytes.end());
    } else if (auto* operation = std::get_if<Operation>(&event)) {
      operations.push_back(std::move(*operation));
    } else if (auto* failed = std::get_if<Failed>(&event)) {
      error = std::move(failed->error);
    } else if (std::holds_alternative<HandshakeDone>(event)) {
      done = true;
    } else if (std::holds_alternative<PeerClosed>(event)) {
      closed = true;
      break;
    } else {
      blocked = std::holds_alternative<NeedAnswer>(event);
      break;
    }
  }
  input.erase(input.begin(), input.end() - static_cast<ptrdiff_t>(in.size()));
}

void Side::send(std::string_view text) {
  (void)connection.send(as_bytes(text), output).value();
}

bool Pair::move(Side& from, Side& to, Toward toward) {
  if (from.output.empty()) return false;
  const Bytes pending = from.output.pending();
  const size_t n = chunk ? std::min(chunk, pending.size()) : pending.size();
  std::vector<uint8_t> bytes = to_vector(pending.first(n));
  from.output.sent(n);
  if (wire) bytes = wire(toward, std::move(bytes));
  auto& log = toward == Toward::server ? to_server : to_client;
  log.insert(log.end(), bytes.begin(), bytes.end());
  to.input.insert(to.input.end(), bytes.begin(), bytes.end());
  to.run(now);
  return true;
}

void Pair::run() {
  client.run(now);
  server.run(now);
  while (move(client, server, Toward::server) || move(server, client, Toward::client)) {
  }
}

std::string Pair::errors() const {
  const auto of = [](const Side& side) {
    return side.error ? side.error->message() : std::string("no error");
  };
  return "client: " + of(client) + "; server: " + of(server);
}

Pair make_pair(ClientConfigPtr client, ServerConfigPtr server, std::string_view name) {
  return Pair{.client = {Connection::client(std::move(client), ServerName::parse(name).value())},
              .server = {Connection::server(std::move(server))}};
}

Pair make_pair(ClientOptions client, ServerOptions server, std::string_view name) {
  return make_pair(make_client_config(std::move(client)).value(),
                   make_server_config(std::move(server)).value(), name);
}

}  // namespace bulla::test
