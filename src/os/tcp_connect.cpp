#include "os/resolve.h"
#include "os/system_error.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

#include <cerrno>

namespace bulla {
namespace {

using os::Address;
using os::Deadline;

/// RFC 8305 §5: how long an attempt is given before the next one starts beside it.
constexpr Milliseconds attempt_delay{250};

/// Connection attempts to several addresses side by side; the first that stands wins.
class Race {
 public:
  Race(std::vector<Address> addresses, Deadline deadline)
      : addresses_(std::move(addresses)), deadline_(deadline) {}

  /// The winner's socket, or the last failure.
  Result<Descriptor> run() {
    for (;;) {
      if (sockets_.empty() && next_ == addresses_.size()) return std::move(failure_);
      if (next_ < addresses_.size() && (sockets_.empty() || next_start_.passed())) {
        if (auto winner = start(addresses_[next_++])) return std::move(*winner);
        next_start_ = Deadline::after(attempt_delay);
        continue;
      }
      if (deadline_.passed()) return Error{ErrorCode::timeout, "no connection to " + tried_};
      if (auto winner = wait()) return std::move(*winner);
    }
  }

 private:
  /// Begins an attempt; the socket if it stands at once (loopback).
  std::optional<Descriptor> start(const Address& address) {
    const std::string name = os::endpoint_of(address.storage).to_string();
    tried_ += (tried_.empty() ? "" : ", ") + name;
    Descriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!socket) {
      fail(name, errno);
      return std::nullopt;
    }
    if (::connect(socket.number(), address.raw(), address.size) == 0) return socket;
    if (errno != EINPROGRESS) {
      fail(name, errno);
      return std::nullopt;
    }
    sockets_.push_back(pollfd{socket.number(), POLLOUT, 0});
    attempts_.push_back(Attempt{std::move(socket), name});
    return std::nullopt;
  }

  std::optional<Descriptor> wait() {
    const Deadline until = next_ < addresses_.size() ? Deadline::earlier(deadline_, next_start_) : deadline_;
    if (::poll(sockets_.data(), sockets_.size(), until.poll_timeout()) <= 0) return std::nullopt;
    for (size_t i = sockets_.size(); i-- > 0;) {
      if (sockets_[i].revents == 0) continue;
      int error = 0;
      socklen_t size = sizeof error;
      ::getsockopt(sockets_[i].fd, SOL_SOCKET, SO_ERROR, &error, &size);
      if (error == 0) return std::move(attempts_[i].socket);
      fail(attempts_[i].name, error);
      sockets_.erase(sockets_.begin() + static_cast<ptrdiff_t>(i));
      attempts_.erase(attempts_.begin() + static_cast<ptrdiff_t>(i));
    }
    return std::nullopt;
  }

  void fail(const std::string& name, int number) {
    Error error = os::system_error(ErrorCode::connect_failed, name, number);
    if (!failure_.detail.empty()) error.detail = failure_.detail + "; " + error.detail;
    failure_ = std::move(error);
  }

  struct Attempt {
    Descriptor socket;
    std::string name;
  };
  std::vector<Address> addresses_;
  Deadline deadline_, next_start_;
  size_t next_ = 0;
  std::vector<pollfd> sockets_;
  std::vector<Attempt> attempts_;  // beside sockets_, one for one
  std::string tried_;
  Error failure_{ErrorCode::connect_failed};
};

Milliseconds since(Deadline::Clock::time_point start) {
  return std::chrono::round<Milliseconds>(Deadline::Clock::now() - start);
}

}  // namespace

Result<TcpConnection> tcp_connect(const Endpoint& where, Milliseconds timeout) {
  const Deadline deadline = Deadline::after(timeout);
  if (where.host.empty() || where.port == 0) return Error{ErrorCode::bad_endpoint, where.to_string()};
  TcpConnection out;
  const auto start = Deadline::Clock::now();
  BULLA_TRY(std::vector<Address> addresses, os::resolve(where, os::ResolveFor::connect, deadline));
  out.resolve_time = since(start);
  const auto resolved = Deadline::Clock::now();
  Race race(std::move(addresses), deadline);
  BULLA_TRY(out.socket, race.run());
  out.connect_time = since(resolved);
  out.peer = remote_endpoint(out.socket.number());
  // Records are written whole; waiting for more only delays them.
  const int on = 1;
  ::setsockopt(out.socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return out;
}

}  // namespace bulla
