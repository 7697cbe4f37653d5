// The client before the version is known: START and WAIT_SH of RFC 9846 §A.1, for both versions.
//
//   START --> (key shares) --> WAIT_SH --ServerHello--> 1.3 or 1.2
//                                 | HelloRetryRequest
//                                 v
//                              (key share) --> WAIT_SH (retried) --ServerHello--> 1.3
#pragma once

#include "tls/change_cipher_spec.h"
#include "tls/hello/offer.h"
#include "tls/msg/server_hello.h"
#include "tls/one_of.h"
#include "tls/tls12/client.h"
#include "tls/tls13/client.h"

namespace bulla::tls::hello {

struct WaitShares;
struct WaitSh;
struct WaitRetryShare;
struct WaitRetrySh;

using AfterStart = OneOf<WaitShares, WaitSh>;
using AfterRetry = OneOf<WaitRetryShare, WaitRetrySh>;

/// START: decides what to offer and asks for the key shares; without TLS 1.3 the ClientHello goes out at
/// once.
Result<AfterStart> start(ClientContext& ctx);

struct WaitShares {
  static constexpr std::string_view name = "START (key shares)";
  static constexpr bool awaits_answer = true;
  Offer offer;
  std::vector<OperationId> asked;  ///< in the order of offer.shares
  unsigned missing;
  Result<AfterStart> on(Answered<KeyPair>&&, ClientContext&) &&;
};

struct WaitSh {
  static constexpr std::string_view name = "WAIT_SH";
  Offer offer;
  bool change_cipher_spec_seen = false;
  /// RFC 9846 §5: dropped, from the first ClientHello on; a server that then speaks TLS 1.2 sent it too soon.
  Result<WaitSh> on(const ChangeCipherSpec&, ClientContext&) &&;
  Result<tls13::client::WaitSecret> on(const ServerHello&, ClientContext&) &&;
  Result<AfterRetry> on(const HelloRetryRequest&, ClientContext&) &&;
  Result<tls12::ClientAfterHello> on(const ServerHello12&, ClientContext&) &&;
};

/// What a HelloRetryRequest fixed for the rest of the handshake.
struct Retry {
  CipherSuite suite = {};
  std::vector<uint8_t> cookie = {};
};

struct WaitRetryShare {
  static constexpr std::string_view name = "WAIT_SH (another key share)";
  static constexpr bool awaits_answer = true;
  Offer offer;
  Retry retry;
  Result<WaitRetrySh> on(Answered<KeyPair>&&, ClientContext&) &&;
};

/// A second HelloRetryRequest has no handler here: RFC 9846 §4.2.4.
struct WaitRetrySh {
  static constexpr std::string_view name = "WAIT_SH (retried)";
  static constexpr bool drops_change_cipher_spec = true;
  Offer offer;
  Retry retry;
  Result<tls13::client::WaitSecret> on(const ServerHello&, ClientContext&) &&;
  Result<tls13::client::WaitSecret> on(const ServerHello12&, ClientContext&) &&;
};

static_assert(!Accepts<WaitRetrySh, const HelloRetryRequest&, ClientContext>);

}  // namespace bulla::tls::hello
