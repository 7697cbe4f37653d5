#include "net/server/shared.h"
#include "net/server/worker.h"
#include "os/system_error.h"

#include <bulla/https_server.h>

#include <boost/asio/signal_set.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <csignal>
#include <optional>

namespace bulla::net {

struct HttpsServer::State {
  State(ServerConfigPtr config, HttpsServerOptions options) : shared(std::move(config), std::move(options)) {}

  void request_stop() {
    shared.stopping = true;
    const std::lock_guard lock(starting);
    for (const auto& worker : workers) worker->stop();
  }
  bool is_worker_thread() {
    const std::lock_guard lock(starting);
    return std::any_of(workers.begin(), workers.end(),
                       [](const auto& worker) { return worker->is_this_thread(); });
  }
  void watch_signals();
  void wait_for_signal();
  Result<void> listen_all(const Endpoint& where);

  ServerShared shared;
  std::vector<std::unique_ptr<Worker>> workers;
  // Signals have a loop of their own: waiting for them must not keep a worker's loop from ending.
  boost::asio::io_context signal_loop{1};
  boost::asio::signal_set signals{signal_loop};
  std::thread signal_thread;
  std::mutex starting;  // start() fills `workers`, and nothing changes them afterwards
  std::mutex joining;
  uint16_t port = 0;
  bool wants_signals = false;
};

HttpsServer::HttpsServer(ServerConfigPtr config, HttpsServerOptions options)
    : state_(std::make_unique<State>(std::move(config), std::move(options))) {}

HttpsServer::~HttpsServer() {
  stop();
}

// ---- routes -----------------------------------------------------------------------------------------------

HttpsServer& HttpsServer::get(std::string_view pattern, http::Handler handler) {
  state_->shared.router.get(pattern, std::move(handler));
  return *this;
}

HttpsServer& HttpsServer::post(std::string_view pattern, http::Handler handler) {
  state_->shared.router.post(pattern, std::move(handler));
  return *this;
}

HttpsServer& HttpsServer::handle(std::string_view pattern, http::Handler handler) {
  state_->shared.router.mount(pattern, std::move(handler));
  return *this;
}

http::Router& HttpsServer::router() noexcept {
  return state_->shared.router;
}

Result<void> HttpsServer::serve_files(const std::string& folder, http::Listing listing) {
  BULLA_TRY(http::StaticFiles files, http::StaticFiles::open({.root = folder, .listing = listing}));
  state_->shared.router.mount("/*", std::move(files));
  return {};
}

// ---- running ----------------------------------------------------------------------------------------------

namespace {

/// What cannot work is said before the first connection comes.
Result<void> check(const ServerShared& shared) {
  const HttpsServerOptions& options = shared.options;
  const auto bad = [](std::string_view why) { return Error{ErrorCode::bad_config, std::string(why)}; };
  if (!shared.config()) return bad("a server needs a config");
  if (options.max_connections == 0) return bad("max_connections must not be 0");
  for (const Milliseconds limit :
       {options.handshake_timeout, options.request_timeout, options.write_timeout, options.idle_timeout})
    if (limit.count() <= 0) return bad("every timeout of a server must be longer than nothing");
  if (!http::serialize_head(http::Response(200), {.now = now(), .server = options.server_name}))
    return bad("server_name cannot stand in a header field");
  return {};
}

}  // namespace

Result<void> HttpsServer::State::listen_all(const Endpoint& where) {
  // Alone first: with a shared port another server of the same user would go unnoticed, and take its part of
  // the connections.
  Endpoint chosen = where;
  {
    BULLA_TRY(const std::vector<Descriptor> alone, tcp_listen(where, PortSharing::exclusive));
    chosen.port = local_endpoint(alone.front().number()).port;
  }
  std::vector<std::vector<Descriptor>> sockets;
  std::vector<std::unique_ptr<Worker>> ready;
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  const unsigned threads = shared.options.threads ? shared.options.threads : cores;
  for (unsigned i = 0; i < threads; ++i) {
    BULLA_TRY(std::vector<Descriptor> own, tcp_listen(chosen, PortSharing::shared));
    sockets.push_back(std::move(own));
  }
  // Asio throws where the system gives no more descriptors.
  try {
    for (auto& own : sockets) {
      ready.push_back(std::make_unique<Worker>(shared));
      ready.back()->listen(std::move(own));
    }
  } catch (const boost::system::system_error& error) {
    return os::system_error(ErrorCode::listen_failed, where.to_string(), error.code().value());
  }
  port = chosen.port;
  workers = std::move(ready);
  return {};
}

void HttpsServer::State::watch_signals() {
  boost::system::error_code ignored;
  signals.add(SIGTERM, ignored);
  signals.add(SIGINT, ignored);
  wait_for_signal();
  signal_thread = std::thread([this] { signal_loop.run(); });
}

void HttpsServer::State::wait_for_signal() {
  signals.async_wait([this](const boost::system::error_code& ec, int) {
    if (ec) return;
    request_stop();
    wait_for_signal();
  });
}

Result<void> HttpsServer::start(std::string_view where) {
  std::unique_lock lock(state_->starting);
  if (!state_->workers.empty()) return Error{ErrorCode::bad_argument, "the server was started before"};
  if (state_->shared.stopping)
    return Error{ErrorCode::bad_argument, "the server was stopped before it started"};
  BULLA_TRY(check(state_->shared));
  BULLA_TRY(const Endpoint endpoint, Endpoint::parse(where));
  BULLA_TRY(state_->listen_all(endpoint));
  try {
    if (state_->wants_signals) state_->watch_signals();
    for (const auto& worker : state_->workers) worker->start();
  } catch (const std::exception& exception) {  // no thread to be had
    lock.unlock();
    stop();
    return Error{ErrorCode::listen_failed, exception.what()};
  }
  return {};
}

Result<void> HttpsServer::listen(std::string_view where) {
  BULLA_TRY(start(where));
  wait();
  return {};
}

void HttpsServer::wait() {
  const std::lock_guard lock(state_->joining);
  for (const auto& worker : state_->workers) worker->join();
  if (!state_->signal_thread.joinable()) return;
  state_->signal_loop.stop();
  state_->signal_thread.join();
}

uint16_t HttpsServer::port() const noexcept {
  return state_->port;
}

void HttpsServer::stop() {
  if (!state_->shared.stopping.exchange(true)) state_->request_stop();
  if (!state_->is_worker_thread()) wait();
}

void HttpsServer::stop_on_signals() {
  state_->wants_signals = true;
}

void HttpsServer::set_config(ServerConfigPtr config) {
  state_->shared.set_config(std::move(config));
}

ServerMetrics HttpsServer::metrics() const noexcept {
  const SharedMetrics& m = state_->shared.metrics;
  return {.connections = m.connections,
          .accepted = m.accepted,
          .refused = m.refused,
          .handshakes_full = m.handshakes_full,
          .handshakes_resumed = m.handshakes_resumed,
          .handshakes_failed = m.handshakes_failed,
          .batches = m.batches,
          .batched_operations = m.batched_operations,
          .requests = m.requests,
          .bad_requests = m.bad_requests,
          .timeouts = m.timeouts,
          .accept_pauses = m.accept_pauses,
          .bytes_received = m.bytes_received,
          .bytes_sent = m.bytes_sent};
}

}  // namespace bulla::net
