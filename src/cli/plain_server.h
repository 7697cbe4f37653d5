// A small HTTP server without TLS, for what must not need it: who fetches a certificate's status could not
// verify the server (RFC 5280 §8). One thread, bounded in everything.
#pragma once

#include <bulla/http.h>
#include <bulla/os.h>

#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <vector>

namespace bulla::cli {

struct PlainServerOptions {
  http::RequestLimits limits = {};
  size_t max_connections = 200;        ///< further ones take the place of idle ones, or wait
  Milliseconds request_timeout{8000};  ///< from the first byte of a request to its last one
  Milliseconds write_timeout{8000};    ///< for a response that the peer does not read
  Milliseconds idle_timeout{15'000};   ///< between requests
  Milliseconds grace{5000};            ///< after the stop
  std::function<void(const http::AccessEntry&)> access_log = {};  ///< not empty
};

/// Answers every request by one handler, in the thread that runs it.
class PlainServer {
 public:
  /// Listens. Errors: those of tcp_listen.
  static Result<PlainServer> open(const Endpoint& where, http::Handler handler, PlainServerOptions options);
  PlainServer(PlainServer&&) noexcept;
  PlainServer& operator=(PlainServer&&) = delete;
  ~PlainServer();

  uint16_t port() const noexcept { return port_; }
  /// Serves until `stop_descriptor` becomes readable: then no more is accepted, and what has begun is given
  /// the time of `grace`. Error: io_failed.
  Result<void> run(int stop_descriptor);
  uint64_t requests() const noexcept { return requests_; }  ///< answered so far, those refused included

 private:
  using Clock = std::chrono::steady_clock;
  class Line;
  PlainServer(std::vector<Descriptor> sockets, http::Handler handler, PlainServerOptions options);
  enum class Act : uint8_t { ask, close };
  bool make_room(Act act);
  void accept_some(int socket);
  Result<void> wait_and_serve(int stop_descriptor);
  int patience() const;
  void drop_what_is_over();

  std::vector<Descriptor> sockets_;
  http::Handler handler_;
  PlainServerOptions options_;
  uint16_t port_ = 0;
  std::list<Line> lines_;
  uint64_t requests_ = 0;
  bool stopping_ = false;
  Clock::time_point accept_after_ = {};  // without a descriptor it would be asked over and over
};

}  // namespace bulla::cli
