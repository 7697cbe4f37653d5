#include "net/server/session.h"
#include "os/system_error.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

namespace bulla::net {
namespace {

/// After our last byte: how long and how much of what the peer still sends is read, so that the system does
/// not answer it with a reset, which could overtake the response or alert on its way.
constexpr Milliseconds linger_time{1000}, linger_time_when_stopping{200};
constexpr uint32_t linger_bytes = uint32_t{1} << 20;

/// A buffer of encrypted bytes this small is kept for the next response of an active connection.
constexpr size_t kept_output = size_t{16} << 10;

}  // namespace

// ---- receiving and sending --------------------------------------------------------------------------------

Session::Step Session::receive() {
  if (std::exchange(drained_, false)) return nothing_to_read();
  if (had_its_share()) return Step::wait_read;
  ReceiveBuffer& buffer = in_.get();
  const MutBytes space = buffer.space();
  const ssize_t n = ::recv(socket_.native_handle(), space.data(), space.size(), 0);
  if (n > 0) {
    buffer.filled(static_cast<size_t>(n));
    count(worker_.shared().metrics.bytes_received, static_cast<uint64_t>(n));
    turn_bytes_ += static_cast<uint32_t>(n);
    // Less than there was room for: the next receive would find nothing, so it is not tried.
    drained_ = static_cast<size_t>(n) < space.size();
    return Step::again;
  }
  if (n == 0) return on_event(tls_.end_of_input());
  if (errno == EINTR) return Step::again;
  if (errno == EAGAIN || errno == EWOULDBLOCK) return nothing_to_read();
  const int number = errno;
  // Clients that hang up between requests are everyday life; in a handshake it is worth a line.
  if (phase_ == Phase::handshake) {
    count(worker_.shared().metrics.handshakes_failed);
    worker_.shared().notice(peer_, "handshake failed",
                            os::system_error(os::code_of_socket_error(number), "receiving", number));
  }
  close();
  return Step::gone;
}

/// A server that stops says goodbye as soon as nothing is in progress and no request waits to be read.
Session::Step Session::nothing_to_read() {
  if (phase_ != Phase::idle || !stopping()) return Step::wait_read;
  (void)tls_.close_write(out_);
  set_phase(Phase::ending);
  return Step::again;
}

bool Session::flush() {
  while (!out_.empty()) {
    const Bytes pending = out_.pending();
    const ssize_t n = ::send(socket_.native_handle(), pending.data(), pending.size(), MSG_NOSIGNAL);
    if (n > 0) {
      out_.sent(static_cast<size_t>(n));
      count(worker_.shared().metrics.bytes_sent, static_cast<uint64_t>(n));
      turn_bytes_ += static_cast<uint32_t>(n);
      if (phase_ == Phase::response || phase_ == Phase::ending) progress(static_cast<uint64_t>(n));
    } else if (n < 0 && errno == EINTR) {
      continue;
    } else if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
      // A response that is done but does not leave still has the time of a response.
      if (phase_ == Phase::idle) set_phase(Phase::response);
      return false;
    } else {
      close();
      return false;
    }
  }
  // A part of the next request may have come while the peer was slow to read.
  if (phase_ == Phase::response && !exchange_) set_phase(parser_.idle() ? Phase::idle : Phase::request);
  if (out_.capacity() > kept_output) out_.release();
  return true;
}

void Session::wait_read() {
  // An idle connection holds no buffers.
  if (in_ && in_.get().unread.empty() && plain_.empty()) in_.give_back();
  if (phase_ == Phase::idle) out_.release();
  if (std::exchange(reading_, true)) return;
  socket_.async_wait(boost::asio::socket_base::wait_read,
                     [self = shared_from_this()](const boost::system::error_code& ec) {
                       self->reading_ = false;
                       if (!ec) self->run();
                     });
}

void Session::wait_write() {
  if (std::exchange(writing_, true)) return;
  socket_.async_wait(boost::asio::socket_base::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& ec) {
                       self->writing_ = false;
                       if (!ec) self->run();
                     });
}

// ---- the end ----------------------------------------------------------------------------------------------

/// All is sent. The peer is given a moment to read it.
Session::Step Session::end() {
  if (peer_done_) {
    close();
    return Step::gone;
  }
  ::shutdown(socket_.native_handle(), SHUT_WR);
  set_phase(Phase::lingering);
  return Step::again;
}

Session::Step Session::linger() {
  uint8_t scratch[4096];
  for (;;) {
    const ssize_t n = ::recv(socket_.native_handle(), scratch, sizeof scratch, 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Step::wait_read;
    lingered_ += n > 0 ? static_cast<uint32_t>(n) : 0;
    if (n > 0 && lingered_ < linger_bytes) continue;
    close();
    return Step::gone;
  }
}

void Session::stop() {
  if (phase_ == Phase::handshake) return close();
  // Anything else ends by itself: a request gets its response, which is the last.
  if (phase_ == Phase::idle) run();
}

void Session::close() {
  if (enter(Phase::closed) == Phase::closed) return;
  const std::shared_ptr<Session> alive = shared_from_this();
  boost::system::error_code ignored;
  socket_.close(ignored);
  worker_.shared().survives(peer_, "not logged", [this] { end_exchange(); });
  worker_.remove(place_);
}

/// A response that is complete, or will not become so: it is a line of the access log in either case.
void Session::end_exchange() {
  const std::unique_ptr<Exchange> done = std::move(exchange_);
  if (done) log(done->entry());
}

// ---- the clock --------------------------------------------------------------------------------------------

Session::Phase Session::enter(Phase phase) noexcept {
  if (phase_ == Phase::handshake && phase != Phase::handshake) worker_.batching().handshake_ended();
  return std::exchange(phase_, phase);
}

void Session::set_phase(Phase phase) {
  const HttpsServerOptions& options = worker_.shared().options;
  enter(phase);
  since_ = Clock::now();
  moved_ = 0;
  switch (phase) {
    case Phase::handshake: {
      Milliseconds limit = options.handshake_timeout;
      if (const Milliseconds engine = config_->common().limits.handshake_timeout; engine.count() > 0)
        limit = std::min(limit, engine);
      deadline_ = since_ + limit;
      break;
    }
    case Phase::idle: deadline_ = since_ + options.idle_timeout; break;
    case Phase::request: deadline_ = since_ + options.request_timeout; break;
    case Phase::response:
    case Phase::ending: deadline_ = since_ + options.write_timeout; break;
    case Phase::lingering:
      deadline_ =
          since_ + std::min(stopping() ? linger_time_when_stopping : linger_time, options.write_timeout);
      break;
    case Phase::closed: break;
  }
}

/// Bytes moved: that buys time, but only so much as the slowest tolerated rate allows, and no long pause.
void Session::progress(uint64_t bytes) {
  if (bytes == 0) return;
  moved_ += bytes;
  const HttpsServerOptions& options = worker_.shared().options;
  const Milliseconds base = phase_ == Phase::request ? options.request_timeout : options.write_timeout;
  // Capped at a day, so that the sum cannot overflow.
  const uint64_t earned = std::min<uint64_t>(moved_ / std::max<uint64_t>(options.min_rate, 1), 86'400);
  deadline_ = std::min(since_ + base + Seconds(earned), Clock::now() + base);
}

void Session::look_at_clock(Clock::time_point now) {
  if (now < deadline_ || phase_ == Phase::closed) return;
  if (!worker_.shared().survives(peer_, "connection given up", [this] { expire(); })) close();
}

void Session::expire() {
  ServerShared& shared = worker_.shared();
  if (phase_ != Phase::idle && phase_ != Phase::lingering) count(shared.metrics.timeouts);
  switch (phase_) {
    case Phase::handshake:
      count(shared.metrics.handshakes_failed);
      shared.notice(peer_, "handshake failed", Error{ErrorCode::handshake_timeout});
      return close();
    case Phase::idle:
      (void)tls_.close_write(out_);
      set_phase(Phase::ending);
      return run();
    case Phase::request:
      refuse_request(Error{ErrorCode::timeout, "the request was not complete in time"}, 408);
      return run();
    case Phase::response:
    case Phase::ending:
      shared.notice(peer_, "response broken off", Error{ErrorCode::timeout, "the peer does not read"});
      return close();
    case Phase::lingering:
    case Phase::closed: return close();
  }
}

}  // namespace bulla::net
