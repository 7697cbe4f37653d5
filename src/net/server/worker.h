// One event loop of the server: it accepts connections, keeps their sessions and deadlines, and gathers what
// they want done (operations of their handshakes, lines for the log) to do it once a turn.
#pragma once

#include "net/server/batching.h"
#include "net/server/shared.h"

#include <bulla/operation.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <list>
#include <memory>
#include <span>
#include <thread>
#include <vector>

namespace bulla::net {

class Session;
class Listener;

class Worker {
 public:
  using Clock = std::chrono::steady_clock;
  using Sessions = std::list<std::shared_ptr<Session>>;

  explicit Worker(ServerShared& shared);
  Worker(const Worker&) = delete;
  ~Worker();

  // From outside.
  void listen(std::vector<Descriptor> sockets);
  void start();
  /// Stops as HttpsServer::stop says; the second call, at once. Safe in every thread.
  void stop();
  void join();
  bool is_this_thread() const noexcept { return std::this_thread::get_id() == thread_.get_id(); }
  boost::asio::io_context& loop() noexcept { return loop_; }

  // From the loop.
  ServerShared& shared() noexcept { return shared_; }
  void accept(Descriptor socket, const Endpoint& peer);
  void remove(Sessions::iterator session);
  BatchingDecision& batching() noexcept { return batching_; }
  /// Performs an operation together with all others of this turn, then wakes the session.
  void perform_later(std::shared_ptr<Session> session, const Services& services, Operation operation);
  void log_access(const http::AccessEntry& entry);

 private:
  struct Wanted {
    std::shared_ptr<Session> session;
    const Services* services;
    Operation operation;
  };
  void begin_stop();
  void end_stop();
  void tick();
  void perform_all();
  void perform_together(std::span<Wanted> wanted);
  void flush_log();
  void finish_if_empty();

  ServerShared& shared_;
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer ticker_;
  boost::asio::steady_timer grace_;
  Milliseconds tick_interval_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  Sessions sessions_;
  BatchingDecision batching_;
  std::vector<Wanted> wanted_;
  std::string log_lines_;
  bool ticking_ = false, perform_posted_ = false, flush_posted_ = false;
  int stops_ = 0;
  std::thread thread_;
};

}  // namespace bulla::net
