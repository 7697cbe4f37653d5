#include "cli/plain_server.h"

#include "os/resolve.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace bulla::cli {
namespace {

/// After our last byte: how long and how much of what the peer still sends is read, so that the system does
/// not answer it with a reset, which could overtake the response.
constexpr Milliseconds linger_time{1000};
constexpr size_t linger_bytes = size_t{1} << 20;
/// Requests of one connection that are answered before the others have their turn.
constexpr int share = 8;
/// The same for what leads to no request at all, such as empty lines.
constexpr int most_turns = 64;
constexpr Milliseconds accept_pause{100};

}  // namespace

// ---- one connection ---------------------------------------------------------------------------------------

class PlainServer::Line {
 public:
  Line(PlainServer& server, Descriptor socket, const Endpoint& peer)
      : server_(server), socket_(std::move(socket)), peer_(peer), parser_(server.options_.limits) {
    set_deadline(server_.options_.idle_timeout);
  }

  int descriptor() const noexcept { return socket_.number(); }
  short wanted() const noexcept { return out_.empty() ? POLLIN : POLLOUT; }
  /// There is something to do without waiting.
  bool is_ready() const noexcept { return out_.empty() && !in_.empty() && !closing_; }
  bool is_over() const noexcept { return !socket_; }
  /// Nothing has begun: the peer may be told to come again.
  bool is_idle() const noexcept {
    return out_.empty() && in_.empty() && parser_.idle() && !closing_ && !is_over();
  }
  Clock::time_point deadline() const noexcept { return deadline_; }
  void close() noexcept { socket_.close(); }

  /// Does what can be done without waiting, within its share.
  void go_on() {
    for (int turn = 0, answered = 0; turn < most_turns && answered < share && socket_; ++turn) {
      if (!out_.empty() && !send()) return;
      if (!socket_) return;
      if (closing_) return linger();
      if (in_.empty()) {
        if (!receive()) return;
        continue;
      }
      answered += parse();
    }
  }
  /// The server stops: what has not begun does not begin.
  void stop() {
    if (is_idle()) close();
  }

 private:
  void set_deadline(Milliseconds from_now) { deadline_ = Clock::now() + from_now; }

  bool receive() {
    uint8_t bytes[8192];
    const ssize_t n = ::recv(socket_.number(), bytes, sizeof bytes, 0);
    if (n > 0) {
      if (parser_.idle()) set_deadline(server_.options_.request_timeout);
      in_.assign(bytes, bytes + n);
      return true;
    }
    if (n < 0 && errno == EINTR) return true;
    if (n == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) close();
    return false;
  }

  /// How many requests were answered.
  int parse() {
    Bytes rest = in_;
    auto parsed = parser_.next(rest);
    in_.assign(rest.begin(), rest.end());
    if (!parsed) {
      refuse(parsed.error());
      return 1;
    }
    if (parser_.take_continue()) out_ += http::continue_response();
    if (!*parsed) return 0;
    respond(**std::move(parsed));
    return 1;
  }

  void respond(http::Request request) {
    const auto began = Clock::now();
    request.peer.address = peer_.host;
    request.peer.port = peer_.port;
    const http::Response response = server_.handler_(request);
    const http::ResponseContext context{
        .now = now(),
        .persistence = server_.stopping_ ? http::Persistence::close : request.persistence,
        .method = request.method,
        .version_minor = request.version_minor};
    write(response, context);
    log({.time = now(),
         .peer = request.peer,
         .request_line = http::request_line(request),
         .status = response.status,
         .bytes_sent = response.body.size(),
         .duration = std::chrono::round<Milliseconds>(Clock::now() - began),
         .referer = request.header("Referer"),
         .user_agent = request.header("User-Agent")});
  }

  void refuse(const Error& error) {
    const http::Response response = http::error_response(error);
    write(response, {.now = now(), .persistence = http::Persistence::close});
    closing_ = true;
    in_.clear();
    const http::PeerInfo peer{.address = peer_.host, .port = peer_.port};
    const std::string line = parser_.seen_request_line();
    log({.time = now(),
         .peer = peer,
         .request_line = line,
         .status = response.status,
         .bytes_sent = response.body.size()});
  }

  void log(const http::AccessEntry& entry) {
    ++server_.requests_;
    server_.options_.access_log(entry);
  }

  void write(const http::Response& response, const http::ResponseContext& context) {
    set_deadline(server_.options_.write_timeout);
    const auto head = http::serialize_head(response, context);
    if (!head) return close();
    out_ += head->bytes;
    if (head->framing != http::BodyFraming::none) out_ += response.body;
    closing_ = head->persistence == http::Persistence::close;
  }

  /// Whether all of it is gone.
  bool send() {
    while (sent_ < out_.size()) {
      const ssize_t n = ::send(socket_.number(), out_.data() + sent_, out_.size() - sent_, MSG_NOSIGNAL);
      if (n > 0) {
        sent_ += static_cast<size_t>(n);
      } else if (n < 0 && errno != EINTR) {
        if (errno != EAGAIN && errno != EWOULDBLOCK) close();
        return false;
      }
    }
    out_.clear();
    sent_ = 0;
    if (!closing_) set_deadline(server_.options_.idle_timeout);
    return true;
  }

  void linger() {
    if (!std::exchange(lingering_, true)) {
      ::shutdown(socket_.number(), SHUT_WR);
      set_deadline(linger_time);
    }
    uint8_t scratch[4096];
    for (;;) {
      const ssize_t n = ::recv(socket_.number(), scratch, sizeof scratch, 0);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
      lingered_ += n > 0 ? static_cast<size_t>(n) : 0;
      if (n <= 0 || lingered_ > linger_bytes) return close();
    }
  }

  PlainServer& server_;
  Descriptor socket_;
  Endpoint peer_;
  http::RequestParser parser_;
  std::vector<uint8_t> in_ = {};  // received and not yet parsed
  std::string out_ = {};
  size_t sent_ = 0, lingered_ = 0;
  Clock::time_point deadline_;
  bool closing_ = false, lingering_ = false;
};

// ---- all of them ------------------------------------------------------------------------------------------

Result<PlainServer> PlainServer::open(const Endpoint& where, http::Handler handler,
                                      PlainServerOptions options) {
  BULLA_TRY(std::vector<Descriptor> sockets, tcp_listen(where));
  return PlainServer(std::move(sockets), std::move(handler), std::move(options));
}

PlainServer::PlainServer(std::vector<Descriptor> sockets, http::Handler handler, PlainServerOptions options)
    : sockets_(std::move(sockets)), handler_(std::move(handler)), options_(std::move(options)) {
  port_ = local_endpoint(sockets_.front().number()).port;
}
PlainServer::PlainServer(PlainServer&&) noexcept = default;
PlainServer::~PlainServer() = default;

Result<void> PlainServer::run(int stop_descriptor) {
  while (!stopping_) {
    BULLA_TRY(wait_and_serve(stop_descriptor));
  }
  sockets_.clear();
  const auto end = Clock::now() + options_.grace;
  for (Line& line : lines_) line.stop();
  drop_what_is_over();
  while (!lines_.empty() && Clock::now() < end) {
    BULLA_TRY(wait_and_serve(-1));
  }
  return {};
}

/// Milliseconds to the next deadline.
int PlainServer::patience() const {
  auto next = Clock::now() + std::chrono::seconds(60);
  for (const Line& line : lines_) {
    if (line.is_ready()) return 0;
    next = std::min(next, line.deadline());
  }
  if (accept_after_ > Clock::now()) next = std::min(next, accept_after_);
  const auto left = std::chrono::ceil<Milliseconds>(next - Clock::now()).count();
  return static_cast<int>(std::max<int64_t>(left, 0));
}

void PlainServer::drop_what_is_over() {
  const auto now = Clock::now();
  lines_.remove_if([&](const Line& line) { return line.is_over() || line.deadline() <= now; });
}

Result<void> PlainServer::wait_and_serve(int stop_descriptor) {
  std::vector<pollfd> polls = {{stop_descriptor, POLLIN, 0}};
  const bool accepts = Clock::now() >= accept_after_ && make_room(Act::ask);
  for (const Descriptor& socket : sockets_) polls.push_back({accepts ? socket.number() : -1, POLLIN, 0});
  for (const Line& line : lines_) polls.push_back({line.descriptor(), line.wanted(), 0});
  if (::poll(polls.data(), polls.size(), patience()) < 0 && errno != EINTR)
    return Error{ErrorCode::io_failed, "poll: " + std::generic_category().message(errno)};
  if (polls[0].revents) {
    stopping_ = true;
    return {};
  }
  size_t at = 1 + sockets_.size();
  for (Line& line : lines_) {
    const bool moved = polls[at++].revents != 0;
    if (moved || line.is_ready()) line.go_on();
  }
  drop_what_is_over();
  for (size_t i = 0; i < sockets_.size(); ++i)
    if (polls[1 + i].revents) accept_some(sockets_[i].number());
  return {};
}

/// Where it is full, who waits longest between requests goes: nobody keeps others out by saying nothing.
bool PlainServer::make_room(Act act) {
  if (lines_.size() < options_.max_connections) return true;
  auto oldest = lines_.end();
  for (auto one = lines_.begin(); one != lines_.end(); ++one)
    if (one->is_idle() && (oldest == lines_.end() || one->deadline() < oldest->deadline())) oldest = one;
  if (oldest == lines_.end()) return false;
  if (act == Act::close) lines_.erase(oldest);
  return true;
}

void PlainServer::accept_some(int socket) {
  for (int taken = 0; taken < share && make_room(Act::ask); ++taken) {
    sockaddr_storage address = {};
    socklen_t size = sizeof address;
    Descriptor accepted(
        ::accept4(socket, reinterpret_cast<sockaddr*>(&address), &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!accepted) {
      const bool exhausted = errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
      if (exhausted) accept_after_ = Clock::now() + accept_pause;
      return;
    }
    make_room(Act::close);
    lines_.emplace_back(*this, std::move(accepted), os::endpoint_of(address));
  }
}

}  // namespace bulla::cli
