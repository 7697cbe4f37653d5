// A real client and a real server with an attacker between them who drops, repeats, swaps, alters, cuts and
// injects records as the input says. Whatever it does: neither side is ever given data that the other did not
// send in that place, both sides that are done agree on everything, and an attacker who does nothing changes
// nothing.
//
// Input: configuration, bytes handed over at a time, then one step for each record on its way (see
// Attacker::pass).
#include "base/assert.h"
#include "support/fake_provider.h"
#include "tls/pair.h"

#include <algorithm>

using namespace bulla;
using namespace bulla::test;

namespace {

/// The input, eaten from the front; zeros once it is used up.
class Script {
 public:
  Script(const uint8_t* data, size_t size) : rest_(data, size) {}
  uint8_t byte() {
    if (rest_.empty()) return 0;
    const uint8_t value = rest_.front();
    rest_ = rest_.subspan(1);
    return value;
  }
  size_t number() { return size_t{byte()} << 8 | byte(); }
  Bytes bytes(size_t n) {
    const Bytes taken = rest_.first(std::min(n, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }

 private:
  Bytes rest_;
};

class Attacker {
 public:
  explicit Attacker(Script& script) : script_(script) {}
  bool interfered() const { return interfered_; }

  /// Bytes on their way, record by record.
  std::vector<uint8_t> pass(std::vector<uint8_t> batch) {
    std::vector<uint8_t> out;
    Bytes rest(batch);
    while (!rest.empty()) {
      const size_t size =
          rest.size() < 5 ? rest.size() : std::min(rest.size(), 5 + (size_t{rest[3]} << 8 | rest[4]));
      std::vector<uint8_t> record = to_vector(rest.first(size));
      rest = rest.subspan(size);
      step(record, out);
    }
    return out;
  }

 private:
  void step(std::vector<uint8_t>& record, std::vector<uint8_t>& out) {
    const uint8_t what = script_.byte() % 16;
    interfered_ |= what >= 1 && what <= 7;
    switch (what) {
      case 1: return;  // dropped
      case 2:
        record[script_.number() % record.size()] ^= static_cast<uint8_t>(1u << script_.byte() % 8);
        break;
      case 3: out.insert(out.end(), record.begin(), record.end()); break;  // repeated
      case 4: {                                                            // something before it
        const Bytes injected = script_.bytes(script_.byte());
        out.insert(out.end(), injected.begin(), injected.end());
        break;
      }
      case 5: record.resize(script_.number() % record.size()); break;  // cut short
      case 6:
        out.insert(out.begin(), record.begin(), record.end());
        return;                           // before the others of its batch
      case 7: held_.swap(record); break;  // exchanged for the one kept last
      default: break;
    }
    out.insert(out.end(), record.begin(), record.end());
  }

  Script& script_;
  std::vector<uint8_t> held_;
  bool interfered_ = false;
};

struct Configs {
  ClientConfigPtr client;
  ServerConfigPtr server;
};

Configs configs(uint8_t choice) {
  using enum ProtocolVersion;
  ClientOptions c = client_options();
  ServerOptions s = server_options();
  c.common.random = std::make_shared<CountingRandom>(1);
  s.common.random = std::make_shared<CountingRandom>(100);
  c.common.groups = {NamedGroup::x25519, NamedGroup::secp256r1};
  if (choice & 1) c.common.versions = {tls12, tls12};
  if (choice & 2) s.common.groups = {NamedGroup::secp256r1};  // TLS 1.3: a HelloRetryRequest
  if (choice & 4) {
    c.identity = identity("client");
    s.client_auth = ClientAuth::required;
    s.client_roots = roots();
  }
  if (choice & 8) {
    c.common.alpn = {"h2", "http/1.1"};
    s.common.alpn = {"http/1.1"};
  }
  if (choice & 16) {
    c.sessions = std::make_shared<PlainSessionStore>();
    s.tickets = RotatingTickets::fresh();
  }
  if (choice & 32) c.common.record_padding = s.common.record_padding = 64;
  if (choice & 64) c.common.limits.max_fragment = s.common.limits.max_fragment = 64;
  return {make_client_config(std::move(c)).value(), make_server_config(std::move(s)).value()};
}

/// The data of one side, so that every place in it is recognisable.
std::string data_of(char who) {
  std::string data;
  for (int i = 0; i < 100; ++i) data += who + std::to_string(i);
  return data;
}

bool same_chain(const Chain& a, const Chain& b) {
  return std::ranges::equal(a, b,
                            [](const auto& x, const auto& y) { return equal_vartime(x->der(), y->der()); });
}

void check_agreement(const Pair& pair) {
  const ConnectionInfo &c = pair.client.connection.info(), &s = pair.server.connection.info();
  BULLA_ASSERT(c.version == s.version && c.suite == s.suite && c.group == s.group && c.kind == s.kind,
               "one handshake");
  BULLA_ASSERT(c.alpn == s.alpn && c.server_name == s.server_name, "one application");
  BULLA_ASSERT(c.extended_master_secret == s.extended_master_secret && c.extended_master_secret,
               "one master secret");
  BULLA_ASSERT(same_chain(c.peer_chain, identity("p256")->chain()), "the server is who it is");
  BULLA_ASSERT(s.peer_chain.empty() || same_chain(s.peer_chain, identity("client")->chain()),
               "so is the client");
  const auto ours = pair.client.connection.export_secret("EXPORTER-fuzz", std::nullopt, 32);
  const auto theirs = pair.server.connection.export_secret("EXPORTER-fuzz", std::nullopt, 32);
  // RFC 9846 §6: a side that has failed since has forgotten it.
  BULLA_ASSERT(ours.ok() == !pair.client.error && theirs.ok() == !pair.server.error,
               "a secret while it lives");
  BULLA_ASSERT(!ours.ok() || !theirs.ok() || equal_vartime(ours->reveal(), theirs->reveal()), "one secret");
}

void check_data(const Side& side, const std::string& sent) {
  BULLA_ASSERT(sent.starts_with(side.text()), "what arrives was sent, in its order");
  BULLA_ASSERT(!side.closed || side.text() == sent, "close_notify comes after the last byte");
}

void run_once(const Configs& with, Script& script, size_t chunk) {
  Pair pair = make_pair(with.client, with.server);
  Attacker attacker(script);
  pair.wire = [&](Toward, std::vector<uint8_t> batch) { return attacker.pass(std::move(batch)); };
  const std::string question = data_of('q'), answer = data_of('a');
  pair.run();
  if (pair.both_done()) check_agreement(pair);
  pair.chunk = chunk;
  const auto say = [](Side& side, const std::string& text) {
    if (!side.done || side.error) return;
    (void)side.connection.send(as_bytes(text), side.output).value();
    side.connection.close_write(side.output).value();
  };
  say(pair.client, question);
  say(pair.server, answer);
  pair.run();
  if (pair.both_done()) check_agreement(pair);
  check_data(pair.server, question);
  check_data(pair.client, answer);
  if (!attacker.interfered())
    BULLA_ASSERT(pair.both_done() && pair.client.closed && pair.server.closed, "nobody was in the way");
  BULLA_ASSERT(pair.client.input.size() <= (1 << 17) && pair.server.input.size() <= (1 << 17),
               "bounded memory");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Script script(data, std::min(size, size_t{4096}));
  const uint8_t choice = script.byte();
  const size_t chunk = script.byte();
  const Configs with = configs(choice);
  run_once(with, script, chunk);
  if (choice & 16) run_once(with, script, chunk);  // resumed, if the attacker let a ticket through
  return 0;
}
