// The peer: libssl over memory BIOs, set up like a pair of ours. Benchmarks and tests alone use libssl.
#pragma once

#include "measure.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_st SSL;
typedef struct ssl_session_st SSL_SESSION;

namespace bulla::bench {

struct PeerOptions {
  int version = 0x0304;
  std::string suite = {};  ///< OpenSSL's name
  std::string group = "X25519";
  std::string data_dir = {};
  std::string identity = "p256";
  bool tickets = false;
};

/// A client and a server of libssl in one process.
class OpensslPair {
 public:
  explicit OpensslPair(const PeerOptions& options);
  ~OpensslPair();
  OpensslPair(const OpensslPair&) = delete;
  OpensslPair& operator=(const OpensslPair&) = delete;

  /// A whole handshake of a fresh pair; `resume` uses the session of the last one. The server's heap is
  /// booked to `account` where one is given.
  void handshake(bool resume, Account* account = nullptr);
  /// Seals `data` at the server / opens it at the client, one record; the bytes wait in between.
  void seal(std::span<const uint8_t> data);
  void open(std::span<uint8_t> out);
  bool resumed() const;

 private:
  void pump(Account& account);
  void drop();
  SSL_CTX* client_ctx_ = nullptr;
  SSL_CTX* server_ctx_ = nullptr;
  SSL* client_ = nullptr;
  SSL* server_ = nullptr;
  SSL_SESSION* session_ = nullptr;
};

}  // namespace bulla::bench
