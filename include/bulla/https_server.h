// An HTTPS server: one event loop for each core, HTTP/1.1 with keep-alive, deadlines and limits everywhere.
//
//   auto identity = Identity::from_pem_files("chain.pem", "key.pem").value();
//   net::HttpsServer server(make_server_config({.identity = identity}).value());
//   server.get("/hello", [](const http::Request&) { return http::Response().text("hello\n"); });
//   server.serve_files("public").value();
//   server.stop_on_signals();
//   server.listen("0.0.0.0:8443").value();
#pragma once

#include <bulla/connection.h>
#include <bulla/http.h>
#include <bulla/os.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace bulla::net {

/// Something that went wrong on one connection or with listening. The server goes on. Valid during the call.
struct ServerNotice {
  Time time = {};         ///< when it happened
  Endpoint peer = {};     ///< empty where no connection is meant
  std::string_view what;  ///< "handshake failed"
  const Error& error;     ///< why, with its evidence
  /// One line for a log, without its end; whatever the peer chose is escaped.
  std::string line() const;
};

/// Whether an event loop gathers what the handshakes of one wake-up want computed (key agreements and
/// signatures) and has it done in one call of the provider, whose kernels may do several at the price of
/// fewer. Nobody waits for a timer or for the network: only for the other connections that have something to
/// read at that moment.
enum class Batching : uint8_t {
  /// Where kernels gain by it and two handshakes or more are under way, for as long as that brings operations
  /// together.
  automatic,
  always,  ///< a lone operation too goes around the loop once
  never,   ///< each at once
};

/// Hooks and handlers are called from the loops' threads, several at once. Whatever they throw ends one
/// connection at most (a handler's: becomes 500) and is a notice with ErrorCode::internal.
struct HttpsServerOptions {
  /// Event loops, each in a thread of its own; 0: as many as the machine has cores.
  unsigned threads = 0;
  /// A request is held in memory until it is complete: connections hold up to max_connections times
  /// (header_bytes + body) together, if all of them are asked for it at once.
  http::RequestLimits request_limits = {};
  /// All loops together; further connections are closed at once: too_many_connections.
  size_t max_connections = 10'000;

  /// From the connection to the end of the handshake.
  Milliseconds handshake_timeout{10'000};
  /// From the first byte of a request to its last one, plus one second for each `min_rate` bytes; no pause
  /// within a request may be longer than this either.
  Milliseconds request_timeout{15'000};
  /// The same for a response that the peer does not read.
  Milliseconds write_timeout{20'000};
  /// Bytes a second that a request or response makes on average, at least.
  uint64_t min_rate = 1024;
  /// Between requests.
  Milliseconds idle_timeout{60'000};
  /// After stop(): how long running requests may take before their connections are closed.
  Milliseconds grace{10'000};

  /// Eight handshakes' key agreements and signatures at a time.
  Batching batching = Batching::automatic;

  /// The Server field of responses; empty: none.
  std::string server_name = "bulla";
  /// Called for each request from the loops' threads; empty: one line on standard output.
  std::function<void(const http::AccessEntry&)> access_log = {};
  /// Called for each failure from the loops' threads; empty: one line on standard error.
  std::function<void(const ServerNotice&)> on_notice = {};
  /// Chooses the config of each new connection, from the loops' threads; empty, or nullptr as its answer: the
  /// server's own.
  std::function<ServerConfigPtr(const Endpoint& peer)> config_for = {};
  /// Called after each handshake from the loops' threads.
  std::function<void(const Endpoint& peer, const ConnectionInfo&)> on_connection = {};
};

/// Counters since the start, except `connections`.
struct ServerMetrics {
  uint64_t connections = 0;         ///< open now
  uint64_t accepted = 0;            ///< connections, those over max_connections included
  uint64_t refused = 0;             ///< over max_connections, or without a descriptor
  uint64_t handshakes_full = 0;     ///< with certificates
  uint64_t handshakes_resumed = 0;  ///< with a ticket or a session id
  uint64_t handshakes_failed = 0;   ///< timeouts included
  uint64_t batches = 0;             ///< of two operations of handshakes or more, answered together
  uint64_t batched_operations = 0;  ///< in all of them
  uint64_t requests = 0;            ///< that a handler was asked for
  uint64_t bad_requests = 0;        ///< answered without asking a handler
  uint64_t timeouts = 0;            ///< deadlines that passed, idle connections not counted
  uint64_t accept_pauses = 0;       ///< for want of file descriptors
  uint64_t bytes_received = 0;      ///< on the wire
  uint64_t bytes_sent = 0;          ///< on the wire
};

/// The server. Set it up in one thread: routes and stop_on_signals() come before start. It runs once; what
/// was stopped is not started again.
class HttpsServer {
 public:
  /// `config` is what new connections use, until set_config.
  explicit HttpsServer(ServerConfigPtr config, HttpsServerOptions options = {});
  HttpsServer(const HttpsServer&) = delete;
  HttpsServer& operator=(const HttpsServer&) = delete;
  /// Stops, if that has not been done.
  ~HttpsServer();

  // Routes; see http::Router for patterns. Before start. Handlers run in the loops' threads, several at once;
  // one that waits holds up the connections of its loop. An exception becomes 500.
  /// GET, and HEAD, of a pattern; see http::Router::get.
  HttpsServer& get(std::string_view pattern, http::Handler handler);
  /// POST of a pattern.
  HttpsServer& post(std::string_view pattern, http::Handler handler);
  /// Every method.
  HttpsServer& handle(std::string_view pattern, http::Handler handler);
  /// The routes, for other methods; lives as long as the server.
  http::Router& router() noexcept;
  /// GET and HEAD of the files below `folder`, for all paths without another route. Error: bad_config.
  Result<void> serve_files(const std::string& folder, http::Listing listing = http::Listing::off);

  /// Listens and serves until stop() or a signal. `where`: "0.0.0.0:8443", "localhost:8443", ":8443". Errors:
  /// bad_endpoint, dns_failed, address_in_use, listen_failed, too_many_files; bad_config for options that
  /// cannot work (no config, a time limit of zero, a server_name with control characters).
  Result<void> listen(std::string_view where);
  /// The same without waiting.
  Result<void> start(std::string_view where);
  /// Waits until the server has stopped; returns at once where it was never started. Not to be called by a
  /// handler.
  void wait();
  /// The port that is listened on, once started; 0 before.
  uint16_t port() const noexcept;
  /// Accepts no more, lets running requests end within the grace time, closes all connections. Returns when
  /// that is done, unless called by a handler. Safe in several threads, once start() has returned.
  void stop();
  /// SIGTERM and SIGINT stop the server; a second one stops it at once. Before start.
  void stop_on_signals();

  /// New connections use `config` from now on: renewed certificates without a restart. nullptr changes
  /// nothing.
  void set_config(ServerConfigPtr config);
  /// The counters as they stand; in any thread. Taken one after the other, so that sums may be off by what
  /// happens meanwhile.
  ServerMetrics metrics() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bulla::net
