#include "net/server/worker.h"

#include "net/server/listener.h"
#include "net/server/session.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <csignal>

namespace bulla::net {
namespace {

/// Deadlines are looked at in turns: an eighth of the shortest one, so that none is missed by much, and not
/// more often than needed.
Milliseconds tick_for(const HttpsServerOptions& options) {
  const Milliseconds shortest = std::min(
      {options.handshake_timeout, options.request_timeout, options.write_timeout, options.idle_timeout});
  return std::clamp(shortest / 8, Milliseconds(10), Milliseconds(1000));
}

constexpr size_t log_buffer = size_t{32} << 10;

}  // namespace

Worker::Worker(ServerShared& shared)
    : shared_(shared),
      work_(loop_.get_executor()),
      ticker_(loop_),
      grace_(loop_),
      tick_interval_(tick_for(shared.options)),
      batching_(shared.options.batching) {}

Worker::~Worker() {
  join();
}

void Worker::listen(std::vector<Descriptor> sockets) {
  for (Descriptor& socket : sockets)
    listeners_.push_back(std::make_unique<Listener>(*this, std::move(socket)));
}

void Worker::start() {
  for (const auto& listener : listeners_) listener->start();
  thread_ = std::thread([this] {
    // A log whose reader has gone is an error of a write, not the end of the program.
    sigset_t pipe;
    ::sigemptyset(&pipe);
    ::sigaddset(&pipe, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
    loop_.run();
  });
}

void Worker::join() {
  if (thread_.joinable()) thread_.join();
}

void Worker::stop() {
  boost::asio::post(loop_, [this] {
    if (stops_++ == 0)
      begin_stop();
    else
      end_stop();
  });
}

void Worker::begin_stop() {
  for (const auto& listener : listeners_) listener->stop();
  // Sessions remove themselves from the list; the copy keeps the walk safe.
  const std::vector<std::shared_ptr<Session>> open(sessions_.begin(), sessions_.end());
  for (const auto& session : open) session->stop();
  grace_.expires_after(shared_.options.grace);
  grace_.async_wait([this](const boost::system::error_code& ec) {
    if (!ec) end_stop();
  });
  finish_if_empty();
}

void Worker::end_stop() {
  const std::vector<std::shared_ptr<Session>> open(sessions_.begin(), sessions_.end());
  for (const auto& session : open) session->close();
  finish_if_empty();
}

/// With nothing left to wait for, the loop ends.
void Worker::finish_if_empty() {
  if (stops_ == 0 || !sessions_.empty()) return;
  grace_.cancel();
  ticker_.cancel();
  work_.reset();
}

void Worker::accept(Descriptor socket, const Endpoint& peer) {
  count(shared_.metrics.accepted);
  if (shared_.metrics.connections.fetch_add(1) >= shared_.options.max_connections) {
    shared_.metrics.connections.fetch_sub(1);
    count(shared_.metrics.refused);
    if (!shared_.full.exchange(true))
      shared_.notice(peer, "connection refused",
                     Error{ErrorCode::too_many_connections, std::to_string(shared_.options.max_connections) +
                                                                " are open; more of these are not logged"});
    return;
  }
  if (shared_.full) shared_.full = false;
  std::shared_ptr<Session> session;
  shared_.survives(peer, "connection refused", [&] {
    session = std::make_shared<Session>(*this, std::move(socket), peer, shared_.config_for(peer));
  });
  if (!session) {
    shared_.metrics.connections.fetch_sub(1);
    count(shared_.metrics.refused);
    return;
  }
  sessions_.push_front(session);
  session->start(sessions_.begin());
  if (!std::exchange(ticking_, true)) tick();
}

void Worker::remove(Sessions::iterator session) {
  sessions_.erase(session);
  shared_.metrics.connections.fetch_sub(1);
  finish_if_empty();
}

void Worker::tick() {
  ticker_.expires_after(tick_interval_);
  ticker_.async_wait([this](const boost::system::error_code& ec) {
    if (ec) return;
    const Clock::time_point now = Clock::now();
    for (auto i = sessions_.begin(); i != sessions_.end();) {
      const std::shared_ptr<Session> session = *i++;  // it may remove itself, but no other
      session->look_at_clock(now);
    }
    ticking_ = !sessions_.empty();
    if (ticking_) tick();
  });
}

// ---- once a turn ------------------------------------------------------------------------------------------

void Worker::perform_later(std::shared_ptr<Session> session, const Services& services, Operation operation) {
  wanted_.push_back(Wanted{std::move(session), &services, std::move(operation)});
  if (perform_posted_) return;
  // Runs after all sessions that this turn of the loop has woken.
  boost::asio::post(loop_, [this] { perform_all(); });
  perform_posted_ = true;
}

void Worker::perform_all() {
  perform_posted_ = false;
  std::vector<Wanted> wanted = std::exchange(wanted_, {});
  batching_.answered(wanted.size());
  // A config that was replaced has other services; each gets a batch of its own.
  std::sort(wanted.begin(), wanted.end(),
            [](const Wanted& a, const Wanted& b) { return std::less<>()(a.services, b.services); });
  for (size_t from = 0; from < wanted.size();) {
    size_t to = from;
    while (to < wanted.size() && wanted[to].services == wanted[from].services) ++to;
    perform_together(std::span(wanted).subspan(from, to - from));
    from = to;
  }
}

/// All of one config. Where memory is exhausted, all fail.
void Worker::perform_together(std::span<Wanted> wanted) {
  if (wanted.size() > 1) {
    count(shared_.metrics.batches);
    count(shared_.metrics.batched_operations, wanted.size());
  }
  std::vector<Answer> answers;
  const bool done = shared_.survives({}, "operations given up", [&] {
    std::vector<const Operation*> batch;
    for (const Wanted& one : wanted) batch.push_back(&one.operation);
    answers.reserve(wanted.size());
    while (answers.size() < wanted.size()) answers.emplace_back(Error{ErrorCode::operation_failed});
    perform_batch(batch, *wanted.front().services, answers);
  });
  for (size_t i = 0; i < wanted.size(); ++i)
    wanted[i].session->answer(wanted[i].operation.id,
                              done ? std::move(answers[i]) : Answer(Error{ErrorCode::operation_failed}));
}

void Worker::log_access(const http::AccessEntry& entry) {
  if (shared_.options.access_log) return shared_.options.access_log(entry);
  log_lines_ += http::access_log_line(entry);
  log_lines_ += '\n';
  if (log_lines_.size() >= log_buffer)
    flush_log();
  else if (!flush_posted_) {
    boost::asio::post(loop_, [this] { flush_log(); });
    flush_posted_ = true;
  }
}

void Worker::flush_log() {
  flush_posted_ = false;
  shared_.write_lines(STDOUT_FILENO, std::exchange(log_lines_, {}));
}

}  // namespace bulla::net
