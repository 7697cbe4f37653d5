// Two connections in memory, joined by buffers that tests may look into and alter.
#pragma once

#include <bulla/connection.h>

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace bulla::test {

/// 2026-12-01T00:00:00Z, the clock of all pairs unless a test moves it.
inline const Time test_now = Time(Milliseconds(1796083200000));

/// tests/tls/data/<name>.pem with its key.
IdentityPtr identity(const std::string& name);
RootStore roots(const std::string& name = "ca");
std::string data_file(const std::string& name);

/// Options that most tests start from: the P-256 identity and the CA that issued it.
ServerOptions server_options(const std::string& identity_name = "p256");
ClientOptions client_options();

/// One side of a pair.
struct Side {
  Connection connection;
  std::vector<uint8_t> input = {};  ///< arrived, not yet taken
  Output output = {};
  std::vector<uint8_t> received = {};  ///< application data
  std::vector<Operation> operations = {};
  std::optional<Error> error = {};
  bool done = false, closed = false, blocked = false;

  /// Calls next until input is wanted, the side is blocked, closed or failed.
  void run(Time now);
  void send(std::string_view text);
  std::string text() const { return std::string(as_text(received)); }
};

enum class Toward : uint8_t { server, client };

struct Pair {
  Side client, server;
  Time now = test_now;
  /// Sees, and may change, every batch of bytes on its way; an empty result drops it.
  std::function<std::vector<uint8_t>(Toward, std::vector<uint8_t>)> wire = {};
  /// Bytes handed over at a time; 0: all that is there.
  size_t chunk = 0;
  /// All that went over the wire.
  std::vector<uint8_t> to_server = {}, to_client = {};

  /// Moves bytes until neither side has anything to say.
  void run();
  bool both_done() const { return client.done && server.done; }
  /// "client: …; server: …" for failed expectations.
  std::string errors() const;

 private:
  bool move(Side& from, Side& to, Toward toward);
};

Pair make_pair(ClientOptions client, ServerOptions server, std::string_view name = "localhost");
Pair make_pair(ClientConfigPtr client, ServerConfigPtr server, std::string_view name = "localhost");

/// A store for one thread.
class PlainSessionStore : public ClientSessionStore {
 public:
  void put(const std::string& key, ClientSessionPtr session) override {
    sessions[key].push_back(std::move(session));
  }
  ClientSessionPtr take(const std::string& key) override {
    auto& list = sessions[key];
    if (list.empty()) return nullptr;
    ClientSessionPtr last = list.back();
    list.pop_back();
    return last;
  }
  std::map<std::string, std::deque<ClientSessionPtr>> sessions;
};

/// A cache for one thread.
class PlainSessionCache : public ServerSessionCache {
 public:
  void put(Bytes id, Bytes state, Time) override { sessions[to_vector(id)] = to_vector(state); }
  std::optional<SecretBytes> find(Bytes id, Time) override {
    const auto at = sessions.find(to_vector(id));
    if (at == sessions.end()) return std::nullopt;
    return SecretBytes(Bytes(at->second));
  }
  std::map<std::vector<uint8_t>, std::vector<uint8_t>> sessions;
};

}  // namespace bulla::test
