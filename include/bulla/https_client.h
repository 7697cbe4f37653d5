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
  std::string host;     ///< as it stands in the URL, in whatever case
  uint16_t port = 443;  ///< both asked for and connected to
  std::string address;  ///< an address or another name, without brackets
  /// "HOST:PORT:ADDRESS", an IPv6 address with or without brackets. Error: bad_endpoint.
  static Result<ResolveOverride> parse(std::string_view text);
};

/// Takes the parts of a body as they come, in place of ClientResponse::body; not those of redirects that are
/// followed. `head` and `part` live during the call. An error ends the request with it.
using BodySink = std::function<Result<void>(const http::ResponseHead& head, Bytes part)>;

/// How a client connects, what it puts up with, and how long it waits.
struct HttpsClientOptions {
  /// Empty: system roots, ALPN http/1.1, sessions resumed, a stapled OCSP response asked for, SSLKEYLOGFILE
  /// honoured; made at the first request, which may fail with no_system_roots.
  ClientConfigPtr config = {};
  std::vector<ResolveOverride> resolve = {};  ///< the last one that fits counts
  http::RedirectPolicy redirects = {};        ///< ten, and never to http
  /// Bounds on a response: 64 MiB of body, also where a sink takes it.
  http::ResponseLimits limits = {.body = uint64_t{64} << 20};

  // Zero: no limit.
  Milliseconds connect_timeout{15'000};    ///< name and TCP connection
  Milliseconds handshake_timeout{15'000};  ///< TLS, after the TCP connection
  Milliseconds idle_timeout{30'000};       ///< without a single byte
  Milliseconds total_timeout = {};         ///< of one request, redirects included

  /// Whether a connection is kept for the next request to the same host and port.
  http::Persistence persistence = http::Persistence::keep_alive;
  /// The User-Agent field where a request has none of its own; empty: none.
  std::string user_agent = "bulla";
  /// Called after each new connection's handshake, in the caller's thread.
  std::function<void(const Endpoint& peer, const ConnectionInfo&)> on_connection = {};
};

/// How long things took. A connection that is used again tells its first three times once more.
struct ClientTimings {
  Milliseconds resolve = {};     ///< the name
  Milliseconds connect = {};     ///< TCP
  Milliseconds handshake = {};   ///< TLS
  Milliseconds first_byte = {};  ///< from the request's last byte to the response's first
  Milliseconds total = {};       ///< from the call to its return, redirects included
};

/// A response that came whole. Owns all it holds.
struct ClientResponse {
  http::ResponseHead head = {};  ///< status line and fields
  std::string body = {};         ///< empty where a sink took it
  http::Url url = {};            ///< where the response came from, after redirects
  int redirects = 0;             ///< followed on the way
  ConnectionInfo tls = {};       ///< what was agreed on the last connection
  Endpoint peer = {};            ///< the server's address
  bool reused = false;           ///< on a connection of an earlier request
  ClientTimings timings = {};    ///< in milliseconds

  int status() const noexcept { return head.status; }  ///< head.status
};

/// Keeps up to eight connections for later requests. Serves one thread at a time; every function waits.
class HttpsClient {
 public:
  /// `origin`: "https://host[:port]"; get, head and post name what is below it. A bad origin makes each of
  /// them fail with http_bad_url.
  explicit HttpsClient(std::string_view origin, HttpsClientOptions options = {});
  /// Without an origin: get, head and post name whole URLs.
  explicit HttpsClient(HttpsClientOptions options = {});
  /// Takes the connections; the other can only be assigned to or destroyed.
  HttpsClient(HttpsClient&&) noexcept;
  /// The same; connections that were here are closed.
  HttpsClient& operator=(HttpsClient&&) noexcept;
  /// Closes all connections.
  ~HttpsClient();

  /// GET. `target`: a path below the origin, or a whole URL. Errors: http_bad_url and those of send.
  Result<ClientResponse> get(std::string_view target, const BodySink& sink = {});
  /// HEAD: a response without a body.
  Result<ClientResponse> head(std::string_view target);
  /// POST of `body`, sent again only by a redirect with 307 or 308.
  Result<ClientResponse> post(std::string_view target, std::string body,
                              std::string_view content_type = "application/octet-stream");
  /// Any request; its URL is whole, whatever the origin. Accept and User-Agent are added where they are
  /// missing. An idempotent request is repeated once the server has closed a kept connection (RFC 9110
  /// §9.2.2). Errors: cleartext_refused for http://, bad_server_name, those of tcp_connect, the handshake,
  /// HTTP, and the sink; timeout. A status of 400 or more is no error.
  Result<ClientResponse> send(http::ClientRequest request, const BodySink& sink = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// One request with default options on a connection of its own.
Result<ClientResponse> get(std::string_view url);

}  // namespace bulla::net
