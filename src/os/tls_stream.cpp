#include "os/deadline.h"
#include "os/system_error.h"

#include <bulla/tls_stream.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace bulla {

using os::Deadline;

/// The engine, its socket, and the two buffers between them.
struct TlsStream::State {
  template <class ConfigPtr>
  State(TcpConnection connected, Connection engine, const ConfigPtr& of, StreamOptions with_options) noexcept
      : tcp(std::move(connected)),
        connection(std::move(engine)),
        config(of),
        services(of->services()),
        options(with_options) {}

  enum class Wait : uint8_t { no, yes };
  /// What a turn of the engine led to, as far as a caller of read wants to know.
  enum class Turn : uint8_t { data, handshake_done, closed, nothing_yet };

  Result<Turn> turn(Wait wait);
  Result<void> handshake();
  Result<void> flush(Wait wait = Wait::yes);
  Result<short> wait_for(short events, Deadline deadline);
  Result<bool> receive(Wait wait, Deadline deadline);
  Error explain_write_failure(Error error);
  Deadline io_deadline() const;
  size_t take(MutBytes out);
  void hang_up(Wait wait) noexcept;

  TcpConnection tcp;
  Connection connection;
  std::shared_ptr<const void> config;  // keeps the services alive
  const Services& services;
  StreamOptions options;
  Deadline deadline;
  ReceiveBuffer in;
  MutBytes data;  // decrypted and not yet read; points into `in`
  Output out;
  bool peer_closed = false;
  bool write_closed = false;
  std::optional<Error> failed;
  Milliseconds handshake_time = {};
};

namespace {

/// Large writes go through the engine in slices, so that the buffer of encrypted bytes stays small.
constexpr size_t write_slice = size_t{64} << 10;

/// After a fatal alert: how long the peer's last bytes are read, so that the system does not answer them with
/// a reset that would overtake the alert.
constexpr Milliseconds linger{300};
constexpr size_t linger_bytes = size_t{256} << 10;

/// How long close waits for a peer that does not take our close_notify.
constexpr Milliseconds close_wait{1000};

Error no_config() {
  return {ErrorCode::bad_config, "a connection needs a config, and was given nullptr"};
}

}  // namespace

// ---- the engine's turn ------------------------------------------------------------------------------------

Result<TlsStream::State::Turn> TlsStream::State::turn(Wait wait) {
  if (failed) return *failed;
  for (;;) {
    Event event = connection.next(in.unread, out, now());
    if (auto* operation = std::get_if<Operation>(&event)) {
      // Nobody else can answer while this thread waits here.
      BULLA_TRY(connection.complete(operation->id, perform(*operation, services)));
      continue;
    }
    if (auto* failure = std::get_if<Failed>(&event)) {
      failed = std::move(failure->error);
      // Our alert is a courtesy: a peer that does not read it holds nobody up.
      deadline = Deadline::earlier(deadline, Deadline::after(linger));
      (void)flush(wait);
      hang_up(wait);
      return *failed;
    }
    BULLA_TRY(flush(wait));
    if (auto* application_data = std::get_if<AppData>(&event)) {
      data = application_data->bytes;
      if (!data.empty()) return Turn::data;
    } else if (std::holds_alternative<HandshakeDone>(event)) {
      return Turn::handshake_done;
    } else if (std::holds_alternative<PeerClosed>(event)) {
      peer_closed = true;
      return Turn::closed;
    } else if (std::holds_alternative<Truncated>(event)) {
      failed = Error{ErrorCode::truncated};
      return *failed;
    } else if (std::holds_alternative<NeedInput>(event)) {
      BULLA_TRY(const bool received, receive(wait, io_deadline()));
      if (!received) return Turn::nothing_yet;
    }
  }
}

Result<void> TlsStream::State::handshake() {
  const auto start = Deadline::Clock::now();
  const Deadline before =
      std::exchange(deadline, Deadline::earlier(deadline, Deadline::after(options.handshake_timeout)));
  const auto result = turn(Wait::yes);
  deadline = before;
  handshake_time = std::chrono::round<Milliseconds>(Deadline::Clock::now() - start);
  if (!result && result.error().code == ErrorCode::timeout)
    return Error{ErrorCode::handshake_timeout, result.error().detail};
  if (!result) return result.error();
  if (*result != Turn::handshake_done)
    return Error{ErrorCode::truncated, "the peer closed before the handshake was complete"};
  return {};
}

Deadline TlsStream::State::io_deadline() const {
  Deadline limit = Deadline::earlier(Deadline::after(options.io_timeout), deadline);
  // The engine counts its limit for the handshake by the clock that it is given; here it ends the waiting.
  if (const auto engine_limit = connection.deadline())
    limit = Deadline::earlier(limit, Deadline::after(std::max(Milliseconds(1), *engine_limit - now())));
  return limit;
}

// ---- the socket -------------------------------------------------------------------------------------------

/// What has happened of `events`, or that the socket failed.
Result<short> TlsStream::State::wait_for(short events, Deadline until) {
  pollfd poll = {tcp.socket.number(), events, 0};
  for (;;) {
    const int ready = ::poll(&poll, 1, until.poll_timeout());
    if (ready > 0) return poll.revents;
    if (ready == 0 && until.passed())
      return Error{ErrorCode::timeout,
                   events == POLLIN ? "waited for data from the peer" : "waited for the peer to take data"};
    if (ready < 0 && errno != EINTR) return os::system_error(ErrorCode::io_failed, "poll", errno);
  }
}

/// Receives once. False: nothing is there, and we do not wait. The end of the stream goes to the engine,
/// whose word on it is the next event.
Result<bool> TlsStream::State::receive(Wait wait, Deadline until) {
  for (;;) {
    const MutBytes space = in.space();
    const ssize_t n = ::recv(tcp.socket.number(), space.data(), space.size(), 0);
    if (n > 0) {
      in.filled(static_cast<size_t>(n));
      return true;
    }
    if (n == 0) {
      Event end = connection.end_of_input();
      if (std::holds_alternative<PeerClosed>(end)) {
        peer_closed = true;
        return false;
      }
      auto* failure = std::get_if<Failed>(&end);
      failed = failure ? std::move(failure->error) : Error{ErrorCode::truncated};
      return *failed;
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) {
      failed = os::system_error(os::code_of_socket_error(errno), "receiving", errno);
      return *failed;
    }
    if (wait == Wait::no) return false;
    BULLA_TRY(wait_for(POLLIN, until));
  }
}

/// Sends what there is. Without waiting, the rest stays for the next call: a peer that makes us speak (an
/// alert) and does not listen holds up nobody.
Result<void> TlsStream::State::flush(Wait wait) {
  while (!out.empty()) {
    const Bytes pending = out.pending();
    const ssize_t n = ::send(tcp.socket.number(), pending.data(), pending.size(), MSG_NOSIGNAL);
    if (n >= 0) {
      out.sent(static_cast<size_t>(n));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      if (wait == Wait::no) return {};
      BULLA_TRY(wait_for(POLLOUT, io_deadline()));
    } else if (errno != EINTR) {
      Error error = os::system_error(os::code_of_socket_error(errno), "sending", errno);
      if (failed) return error;  // the alert of a failure that is known already
      return explain_write_failure(std::move(error));
    }
  }
  out.release();
  return {};
}

/// A peer that refuses us sends an alert and closes; our next write then fails although the reason lies in
/// our receive queue. Look for it there.
Error TlsStream::State::explain_write_failure(Error error) {
  out.clear();
  if (!data.empty()) return error;  // what was decrypted must stay where it is
  for (;;) {
    Output nothing;
    Event event = connection.next(in.unread, nothing, now());
    if (auto* failure = std::get_if<Failed>(&event)) {
      failed = std::move(failure->error);
      return *failed;
    }
    if (auto* application_data = std::get_if<AppData>(&event)) data = application_data->bytes;
    if (std::holds_alternative<PeerClosed>(event)) peer_closed = true;
    if (!std::holds_alternative<NeedInput>(event)) return error;
    const MutBytes space = in.space();
    const ssize_t n = ::recv(tcp.socket.number(), space.data(), space.size(), MSG_DONTWAIT);
    if (n <= 0) return error;
    in.filled(static_cast<size_t>(n));
  }
}

size_t TlsStream::State::take(MutBytes to) {
  const size_t n = std::min(to.size(), data.size());
  std::memcpy(to.data(), data.data(), n);
  data = data.subspan(n);
  return n;
}

/// Closing a socket with unread bytes would send a reset, which overtakes what is on its way to the peer.
void TlsStream::State::hang_up(Wait wait) noexcept {
  ::shutdown(tcp.socket.number(), SHUT_WR);
  const Deadline until = Deadline::after(linger);
  size_t left = linger_bytes;
  while (left > 0) {
    if (wait == Wait::yes && !wait_for(POLLIN, until)) return;
    uint8_t scratch[4096];
    const ssize_t n = ::recv(tcp.socket.number(), scratch, sizeof scratch, MSG_DONTWAIT);
    if (n <= 0) return;
    left -= std::min(left, static_cast<size_t>(n));
  }
}

// ---- the public face --------------------------------------------------------------------------------------

TlsStream::TlsStream(std::unique_ptr<State> state) noexcept : state_(std::move(state)) {}
TlsStream::TlsStream(TlsStream&&) noexcept = default;
TlsStream& TlsStream::operator=(TlsStream&& other) noexcept {
  if (this != &other) {
    close();
    state_ = std::move(other.state_);
  }
  return *this;
}
TlsStream::~TlsStream() {
  close();
}

Result<TlsStream> TlsStream::connect(ClientConfigPtr config, const Endpoint& where, StreamOptions options) {
  if (!config) return no_config();
  BULLA_TRY(ServerName name, ServerName::parse(where.host));
  BULLA_TRY(TcpConnection tcp, tcp_connect(where, options.connect_timeout));
  return start(
      std::make_unique<State>(std::move(tcp), Connection::client(config, std::move(name)), config, options));
}

Result<TlsStream> TlsStream::adopt(TcpConnection tcp, ClientConfigPtr config, ServerName name,
                                   StreamOptions options) {
  if (!config) return no_config();
  return start(
      std::make_unique<State>(std::move(tcp), Connection::client(config, std::move(name)), config, options));
}

Result<TlsStream> TlsStream::adopt(Descriptor socket, ClientConfigPtr config, ServerName name,
                                   StreamOptions options) {
  TcpConnection tcp;
  tcp.peer = remote_endpoint(socket.number());
  tcp.socket = std::move(socket);
  return adopt(std::move(tcp), std::move(config), std::move(name), options);
}

Result<TlsStream> TlsStream::accept(Descriptor socket, ServerConfigPtr config, StreamOptions options) {
  if (!config) return no_config();
  TcpConnection tcp;
  tcp.peer = remote_endpoint(socket.number());
  tcp.socket = std::move(socket);
  return start(std::make_unique<State>(std::move(tcp), Connection::server(config), config, options));
}

Result<TlsStream> TlsStream::start(std::unique_ptr<State> state) {
  // Not blocking below, so that every wait has a limit.
  const int socket = state->tcp.socket.number();
  const int flags = ::fcntl(socket, F_GETFL);
  if (flags < 0 || ::fcntl(socket, F_SETFL, flags | O_NONBLOCK) != 0)
    return os::system_error(ErrorCode::io_failed, "fcntl", errno);
  BULLA_TRY(state->handshake());
  return TlsStream(std::move(state));
}

Result<size_t> TlsStream::read(MutBytes out) {
  if (!state_) return ErrorCode::not_connected;
  if (out.empty()) return Error{ErrorCode::bad_argument, "read into an empty buffer"};
  while (state_->data.empty()) {
    if (state_->peer_closed) return size_t{0};
    BULLA_TRY(state_->turn(State::Wait::yes));
  }
  return state_->take(out);
}

Result<std::optional<size_t>> TlsStream::read_available(MutBytes out) {
  if (!state_) return ErrorCode::not_connected;
  if (out.empty()) return Error{ErrorCode::bad_argument, "read into an empty buffer"};
  while (state_->data.empty()) {
    if (state_->peer_closed) return std::optional<size_t>(0);
    BULLA_TRY(const State::Turn turn, state_->turn(State::Wait::no));
    if (turn == State::Turn::nothing_yet && !state_->peer_closed) return std::optional<size_t>();
  }
  return std::optional<size_t>(state_->take(out));
}

Result<void> TlsStream::write(Bytes data) {
  if (!state_) return ErrorCode::not_connected;
  if (state_->failed) return *state_->failed;
  // What an earlier call could not send in its time: it does not pile up.
  BULLA_TRY(state_->flush());
  do {
    const Bytes slice = data.first(std::min(data.size(), write_slice));
    BULLA_TRY(state_->connection.send(slice, state_->out));
    BULLA_TRY(state_->flush());
    data = data.subspan(slice.size());
  } while (!data.empty());
  return {};
}

Result<TlsStream::Ready> TlsStream::wait_ready() {
  if (!state_) return ErrorCode::not_connected;
  if (state_->failed) return *state_->failed;
  if (!state_->data.empty()) return Ready::readable;
  if (state_->peer_closed) {
    BULLA_TRY(state_->wait_for(POLLOUT, state_->io_deadline()));
    return Ready::writable;
  }
  BULLA_TRY(const short events, state_->wait_for(POLLIN | POLLOUT, state_->io_deadline()));
  return events & ~POLLOUT ? Ready::readable : Ready::writable;
}

Result<void> TlsStream::close_write() {
  if (!state_) return ErrorCode::not_connected;
  if (state_->failed) return *state_->failed;
  if (state_->write_closed) return {};
  BULLA_TRY(state_->connection.close_write(state_->out));
  state_->write_closed = true;
  return state_->flush();
}

void TlsStream::close() noexcept {
  if (!state_ || !state_->tcp.socket) return;
  State& state = *state_;
  // RFC 9846 §6.1: close_notify comes before the end, also where the peer just hung up. A failure has had its
  // alert.
  const bool sound = !state.failed || state.failed->code == ErrorCode::truncated;
  if (sound && (state.write_closed || state.connection.close_write(state.out))) {
    // Right after a large write the socket is full. Without close_notify the peer would think that something
    // is missing; so it is waited for, but not for long.
    state.deadline = Deadline::earlier(state.deadline, Deadline::after(close_wait));
    (void)state.flush();
    state.hang_up(State::Wait::no);
  }
  state.tcp.socket.close();
  state.data = {};
  state.in = ReceiveBuffer(0);
  state.out.clear();
  state.peer_closed = state.write_closed = false;
  state.failed = Error{ErrorCode::not_connected};
}

void TlsStream::set_deadline(std::optional<std::chrono::steady_clock::time_point> deadline) noexcept {
  state_->deadline = Deadline(deadline);
}
void TlsStream::set_io_timeout(Milliseconds timeout) noexcept {
  state_->options.io_timeout = timeout;
}

const ConnectionInfo& TlsStream::info() const noexcept {
  return state_->connection.info();
}
Connection& TlsStream::connection() noexcept {
  return state_->connection;
}
int TlsStream::descriptor() const noexcept {
  return state_ ? state_->tcp.socket.number() : -1;
}
Endpoint TlsStream::peer() const {
  return state_->tcp.peer;
}
Milliseconds TlsStream::resolve_time() const noexcept {
  return state_->tcp.resolve_time;
}
Milliseconds TlsStream::connect_time() const noexcept {
  return state_->tcp.connect_time;
}
Milliseconds TlsStream::handshake_time() const noexcept {
  return state_->handshake_time;
}

}  // namespace bulla
