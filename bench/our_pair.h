// Ours, set up like the peer's pair: a client and a server over two output buffers.
#pragma once

#include "measure.h"

#include <bulla/connection.h>

#include <optional>
#include <string>
#include <vector>

namespace bulla::bench {

struct OurOptions {
  ProtocolVersion version;
  CipherSuite suite;
  NamedGroup group = NamedGroup::x25519;
  std::string data_dir = {};
  std::string identity = "p256";
  bool tickets = false;
};

class OurPair {
 public:
  explicit OurPair(const OurOptions& options);
  /// A whole handshake of a fresh pair; resumes where tickets are on and one is there.
  void handshake();
  /// The same; the server's heap is booked to `account`.
  void handshake(Account& account);
  bool resumed() const { return client_->info().kind == HandshakeKind::resumed; }
  /// Seals `data` at the server, in one record if it fits; opens it at the client.
  void seal(Bytes data);
  void open();

 private:
  void run(Connection& connection, std::vector<uint8_t>& in, Output& out);
  ClientConfigPtr client_config_;
  ServerConfigPtr server_config_;
  std::optional<Connection> client_, server_;
  std::vector<uint8_t> to_client_, to_server_;
  Output client_out_, server_out_;
  Time now_;
};

}  // namespace bulla::bench
