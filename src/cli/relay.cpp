#include "cli/relay.h"

#include "cli/terminal.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <system_error>

namespace bulla::cli {
namespace {

/// While this much waits to be sent, no more is read from standard input.
constexpr size_t most_pending = size_t{256} << 10;
/// After a fatal alert: how long and how much of the peer's last bytes is read, so that the system does not
/// answer them with a reset that overtakes the alert.
constexpr int linger_ms = 300;
constexpr int linger_reads = 64;

Error io_error(std::string_view what, int number) {
  const ErrorCode code =
      number == ECONNRESET || number == EPIPE ? ErrorCode::connection_reset : ErrorCode::io_failed;
  return {code, std::string(what) + ": " + std::generic_category().message(number)};
}

/// Milliseconds until the engine wants to be called again, for poll().
int poll_timeout(std::optional<Time> deadline) {
  if (!deadline) return -1;
  const auto left = std::chrono::ceil<Milliseconds>(*deadline - now()).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, 60'000));
}

}  // namespace

Relay::Relay(Connection tls, Descriptor socket, Hooks hooks)
    : tls_(std::move(tls)), socket_(std::move(socket)), hooks_(std::move(hooks)) {
  const int flags = ::fcntl(socket_.number(), F_GETFL);
  if (flags >= 0) ::fcntl(socket_.number(), F_SETFL, flags | O_NONBLOCK);
}

Result<Relay::End> Relay::run() {
  for (;;) {
    BULLA_TRY(const Turn turn, engine_turn());
    if (turn == Turn::again) continue;
    BULLA_TRY(flush());
    if (turn == Turn::end) return stop_wished_ ? End::stopped : End::closed;
    BULLA_TRY(wait());
  }
}

/// One event of the engine. `wait`: it has taken all there is.
Result<Relay::Turn> Relay::engine_turn() {
  if (stop_wished_ || (peer_closed_ && (peer_gone_ || (write_closed_ && out_.empty())))) {
    if (connected_) (void)close_write();
    return Turn::end;
  }
  if (peer_closed_) return Turn::wait;
  Event event = tls_.next(in_.unread, out_, now());
  if (auto* failure = std::get_if<Failed>(&event)) {
    (void)flush();
    hang_up();
    return std::move(failure->error);
  }
  if (auto* data = std::get_if<AppData>(&event)) {
    return deliver(data->bytes);
  } else if (std::holds_alternative<HandshakeDone>(event)) {
    connected_ = true;
    if (hooks_.on_handshake) hooks_.on_handshake(tls_.info());
  } else if (std::holds_alternative<PeerClosed>(event)) {
    peer_closed_ = true;
  } else if (std::holds_alternative<Truncated>(event)) {
    return cut_off();
  } else if (std::holds_alternative<NeedInput>(event)) {
    return Turn::wait;
  }
  return Turn::again;
}

/// Prints what came. A reader that does not read must not keep Ctrl-C from working: a pipe that poll() calls
/// writable takes PIPE_BUF bytes without waiting (poll(2), pipe(7)).
Result<Relay::Turn> Relay::deliver(Bytes bytes) {
  while (!bytes.empty()) {
    std::array<pollfd, 2> polls = {{{STDOUT_FILENO, POLLOUT, 0}, {hooks_.stop_descriptor, POLLIN, 0}}};
    if (::poll(polls.data(), polls.size(), -1) < 0 && errno != EINTR) return io_error("poll", errno);
    if (polls[1].revents) {
      stop_wished_ = true;
      break;
    }
    if (!polls[0].revents) continue;
    const Bytes piece = bytes.first(std::min<size_t>(bytes.size(), PIPE_BUF));
    BULLA_TRY(write_out(piece));
    bytes = bytes.subspan(piece.size());
  }
  return Turn::again;
}

bool Relay::wants_input() const noexcept {
  return connected_ && !write_closed_ && !send_broken_ && out_.pending().size() < most_pending;
}

Result<void> Relay::wait() {
  std::array<pollfd, 3> polls = {
      {{socket_.number(), 0, 0}, {-1, POLLIN, 0}, {hooks_.stop_descriptor, POLLIN, 0}}};
  // After close_notify only the end of the transport is of interest; bytes behind it are ignored (RFC 9846
  // §6.1).
  polls[0].events = static_cast<short>(peer_closed_ ? POLLRDHUP : POLLIN);
  if (!out_.empty() && !send_broken_) polls[0].events = static_cast<short>(polls[0].events | POLLOUT);
  if (wants_input()) polls[1].fd = STDIN_FILENO;
  if (::poll(polls.data(), polls.size(), poll_timeout(tls_.deadline())) < 0 && errno != EINTR)
    return io_error("poll", errno);

  if (polls[2].revents) stop_wished_ = true;
  if (peer_closed_ && (polls[0].revents & (POLLRDHUP | POLLHUP | POLLERR))) peer_gone_ = true;
  if (polls[1].revents) {
    BULLA_TRY(take_input());
  }
  if (polls[0].revents & POLLOUT) {
    BULLA_TRY(flush());
  }
  if (!peer_closed_ && (polls[0].revents & (POLLIN | POLLHUP | POLLERR))) return receive();
  return {};
}

Result<void> Relay::receive() {
  const MutBytes space = in_.space();
  const ssize_t n = ::recv(socket_.number(), space.data(), space.size(), 0);
  if (n > 0) {
    in_.filled(static_cast<size_t>(n));
    return {};
  }
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return {};
  if (n < 0) return io_error("receiving", errno);
  Event event = tls_.end_of_input();
  if (auto* failure = std::get_if<Failed>(&event)) return std::move(failure->error);
  if (!std::holds_alternative<PeerClosed>(event)) return cut_off();
  peer_closed_ = peer_gone_ = true;
  return {};
}

Result<void> Relay::take_input() {
  std::array<uint8_t, 16384> buffer;
  const ssize_t n = ::read(STDIN_FILENO, buffer.data(), buffer.size());
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return {};
  if (n < 0)
    return Error{ErrorCode::file_not_readable, "standard input: " + std::generic_category().message(errno)};
  if (n == 0) return close_write();
  BULLA_TRY(tls_.send(Bytes(buffer.data(), static_cast<size_t>(n)), out_));
  return flush();
}

Result<void> Relay::close_write() {
  if (std::exchange(write_closed_, true) || send_broken_) return {};
  BULLA_TRY(tls_.close_write(out_));
  return flush();
}

/// Sends what can be sent now. A broken transport is not told here: the reason, an alert, may wait to be
/// read.
Result<void> Relay::flush() {
  while (!out_.empty() && !send_broken_) {
    const Bytes pending = out_.pending();
    const ssize_t n = ::send(socket_.number(), pending.data(), pending.size(), MSG_NOSIGNAL);
    if (n >= 0) {
      out_.sent(static_cast<size_t>(n));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      return {};
    } else if (errno == EPIPE || errno == ECONNRESET) {
      send_broken_ = true;
    } else if (errno != EINTR) {
      return io_error("sending", errno);
    }
  }
  if (send_broken_) out_.clear();
  return {};
}

/// The peer hung up without close_notify. Ours goes out all the same, as far as the socket takes it (RFC 9846
/// §6.1).
Error Relay::cut_off() {
  if (connected_) (void)close_write();
  return Error{ErrorCode::truncated};
}

void Relay::hang_up() noexcept {
  ::shutdown(socket_.number(), SHUT_WR);
  for (int i = 0; i < linger_reads; ++i) {
    pollfd poll = {socket_.number(), POLLIN, 0};
    if (::poll(&poll, 1, linger_ms) <= 0) return;
    std::array<uint8_t, 4096> scratch;
    if (::recv(socket_.number(), scratch.data(), scratch.size(), 0) <= 0) return;
  }
}

}  // namespace bulla::cli
