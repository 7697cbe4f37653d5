// An HTTPS client that waits for its answers. The server's name is verified to the system's roots, unless the
// options say otherwise; there is no way to forget it.
//
//   auto response = net::HttpsClient("https://example.com").get("/").value();
//   std::puts(response.body.c_str());
#pragma once

#include <bulla/connection.h>
#include <bulla/http.h>
#include <bulla/os.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulla::net {

/// Connect to `address` wherever `host` and `port` are asked for; the name that is verified stays.
struct ResolveOverride {
  std::string host;
  uint16_t port = 443;
  std::string address;
  /// "HOST:PORT:ADDRESS", an IPv6 address with or without brackets. Error: bad_endpoint.
  static Result<ResolveOverride> parse(std::string_view text);
};

/// Takes the parts of a body as they come, in place of ClientResponse::body. An error ends the request with
/// it.
using BodySink = std::function<Result<void>(const http::ResponseHead& head, Bytes part)>;

struct HttpsClientOptions {
  /// Empty: system roots, ALPN http/1.1, sessions resumed, SSLKEYLOGFILE honoured.
  ClientConfigPtr config = {};
  std::vector<ResolveOverride> resolve = {};
  http::RedirectPolicy redirects = {};
  http::ResponseLimits limits = {.body = uint64_t{64} << 20};

  // Zero: no limit.
  Milliseconds connect_timeout{15'000};  ///< name and TCP connection
  Milliseconds handshake_timeout{15'000};
  Milliseconds idle_timeout{30'000};  ///< without a single byte
  Milliseconds total_timeout = {};    ///< of one request, redirects included

  /// Whether a connection is kept for the next request to the same host and port.
  http::Persistence persistence = http::Persistence::keep_alive;
  std::string user_agent = "bulla";
  /// Called after each new connection's handshake.
  std::function<void(const Endpoint& peer, const ConnectionInfo&)> on_connection = {};
};

/// How long the parts of the last connection and request took.
struct ClientTimings {
  Milliseconds resolve = {};
  Milliseconds connect = {};
  Milliseconds handshake = {};
  Milliseconds first_byte = {};  ///< from the request's first byte to the response's head
  Milliseconds total = {};       ///< from the call to its return, redirects included
};

struct ClientResponse {
  http::ResponseHead head = {};
  std::string body = {};  ///< empty where a sink took it
  http::Url url = {};     ///< where the response came from, after redirects
  int redirects = 0;
  ConnectionInfo tls = {};
  Endpoint peer = {};
  bool reused = false;  ///< on a connection of an earlier request
  ClientTimings timings = {};

  int status() const noexcept { return head.status; }
};

/// Serves one thread at a time.
class HttpsClient {
 public:
  /// `origin`: "https://host[:port]"; requests name what is below it. A bad origin makes every request fail.
  explicit HttpsClient(std::string_view origin, HttpsClientOptions options = {});
  /// Without an origin: requests name whole URLs.
  explicit HttpsClient(HttpsClientOptions options = {});
  HttpsClient(HttpsClient&&) noexcept;
  HttpsClient& operator=(HttpsClient&&) noexcept;
  ~HttpsClient();

  /// `target`: a path below the origin, or a whole URL.
  Result<ClientResponse> get(std::string_view target, const BodySink& sink = {});
  Result<ClientResponse> head(std::string_view target);
  Result<ClientResponse> post(std::string_view target, std::string body,
                              std::string_view content_type = "application/octet-stream");
  /// Any request. Errors: cleartext_refused for http://, those of tcp_connect, the handshake, HTTP, and the
  /// sink; timeout. A status of 400 or more is no error.
  Result<ClientResponse> send(http::ClientRequest request, const BodySink& sink = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// One request with default options.
Result<ClientResponse> get(std::string_view url);

}  // namespace bulla::net
