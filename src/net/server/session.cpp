#include "net/server/session.h"

#include <array>

namespace bulla::net {
namespace {

/// In words that the http room understands; nullptr where nobody was verified.
std::shared_ptr<const http::ClientCertificate> client_of(const ConnectionInfo& info,
                                                         const Provider& provider) {
  const Certificate* const client = info.verified_peer();
  if (!client) return nullptr;
  return std::make_shared<const http::ClientCertificate>(
      http::ClientCertificate{.subject = client->subject(),
                              .names = client->alternative_names(),
                              .issuer = client->issuer(),
                              .serial = client->serial(),
                              .sha256 = fingerprint_sha256(*client, provider)});
}

}  // namespace

Session::Session(Worker& worker, Descriptor socket, const Endpoint& peer, ServerConfigPtr config)
    : worker_(worker),
      socket_(worker.loop()),
      config_(std::move(config)),
      tls_(Connection::server(config_)),
      parser_(worker.shared().options.request_limits),
      peer_(peer) {
  const auto family =
      peer.host.find(':') == std::string::npos ? boost::asio::ip::tcp::v4() : boost::asio::ip::tcp::v6();
  boost::system::error_code ec;
  socket_.assign(family, socket.number(), ec);
  if (!ec) socket.release();
  if (worker.shared().options.batching != Batching::never) tls_.hand_out(gathered);
}

void Session::start(Worker::Sessions::iterator place) {
  place_ = place;
  worker_.batching().handshake_began();
  set_phase(Phase::handshake);
  run();
}

void Session::run() {
  // A handler's end may be the session's last owner.
  const std::shared_ptr<Session> alive = shared_from_this();
  turn_bytes_ = 0;
  // Producers of bodies, hooks and verifiers are the program's, and may throw.
  if (!worker_.shared().survives(peer_, "connection given up", [this] { take_steps(); })) give_up();
}

void Session::give_up() {
  if (phase_ == Phase::handshake) count(worker_.shared().metrics.handshakes_failed);
  close();
}

void Session::take_steps() {
  for (;;) {
    switch (advance()) {
      case Step::again: continue;
      case Step::wait_read: return wait_read();
      case Step::wait_write: return wait_write();
      case Step::wait_answer:
      case Step::gone: return;
    }
  }
}

/// One step, chosen so that responses leave in the order of their requests and that nothing is read or made
/// while the peer does not take what is there already.
Session::Step Session::advance() {
  if (phase_ == Phase::closed) return Step::gone;
  if (phase_ == Phase::lingering) return linger();
  if (out_.pending().size() >= Exchange::slice && !flush())
    return phase_ == Phase::closed ? Step::gone : Step::wait_write;
  if (exchange_) return had_its_share() ? Step::wait_write : continue_response();
  if (phase_ == Phase::ending) {
    if (flush()) return end();
    return phase_ == Phase::closed ? Step::gone : Step::wait_write;
  }
  if (!plain_.empty()) return on_plain_text();
  return engine_turn();
}

// ---- TLS --------------------------------------------------------------------------------------------------

Session::Step Session::engine_turn() {
  MutBytes nothing;
  Event event = tls_.next(in_ ? in_.get().unread : nothing, out_, now());
  if (std::holds_alternative<NeedInput>(event)) {
    if (!flush()) return phase_ == Phase::closed ? Step::gone : Step::wait_write;
    return receive();
  }
  if (std::holds_alternative<NeedAnswer>(event)) {
    if (!flush() && phase_ == Phase::closed) return Step::gone;
    awaiting_answer_ = true;
    return Step::wait_answer;
  }
  return on_event(std::move(event));
}

Session::Step Session::on_event(Event event) {
  if (auto* data = std::get_if<AppData>(&event)) {
    plain_ = data->bytes;
    return Step::again;
  }
  if (auto* operation = std::get_if<Operation>(&event)) return on_operation(std::move(*operation));
  if (std::holds_alternative<HandshakeDone>(event)) return on_handshake_done();
  if (auto* failure = std::get_if<Failed>(&event)) return fail(std::move(failure->error));
  if (std::holds_alternative<PeerClosed>(event)) {
    peer_done_ = true;
    if (const auto whole = parser_.finish(); !whole && !parser_.idle())
      worker_.shared().notice(peer_, "request cut off", whole.error());
    (void)tls_.close_write(out_);
    set_phase(Phase::ending);
    return Step::again;
  }
  if (std::holds_alternative<Truncated>(event)) {
    if (!parser_.idle()) worker_.shared().notice(peer_, "request cut off", Error{ErrorCode::truncated});
    // RFC 9846 §6.1: close_notify comes before the end of our side, whatever the peer left out.
    peer_done_ = true;
    (void)tls_.close_write(out_);
    set_phase(Phase::ending);
    return Step::again;
  }
  return Step::again;  // early data is not asked for
}

Session::Step Session::on_operation(Operation operation) {
  // What calls the program's code is done at once and by itself, so that it can harm this connection only.
  if (gathered.has(kind_of(operation)) &&
      worker_.batching().gathers(lanes_of(operation, config_->services()))) {
    worker_.perform_later(shared_from_this(), config_->services(), std::move(operation));
    return Step::again;
  }
  if (auto done = tls_.complete(operation.id, perform(operation, config_->services())); !done)
    return fail(std::move(done).error());
  return Step::again;
}

void Session::answer(OperationId id, Answer answer) {
  // One that has failed meanwhile has no use for it.
  if (phase_ != Phase::handshake) return;
  const bool taken = worker_.shared().survives(peer_, "connection given up", [&] {
    if (auto result = tls_.complete(id, std::move(answer)); !result) fail(std::move(result).error());
  });
  if (!taken) return give_up();
  if (std::exchange(awaiting_answer_, false) || phase_ == Phase::ending) run();
}

Session::Step Session::on_handshake_done() {
  SharedMetrics& metrics = worker_.shared().metrics;
  count(tls_.info().kind == HandshakeKind::resumed ? metrics.handshakes_resumed : metrics.handshakes_full);
  client_ = client_of(tls_.info(), *config_->services().provider);
  set_phase(Phase::idle);
  if (worker_.shared().options.on_connection) worker_.shared().options.on_connection(peer_, tls_.info());
  return Step::again;
}

Session::Step Session::fail(Error error) {
  const bool in_handshake = phase_ == Phase::handshake;
  if (in_handshake) count(worker_.shared().metrics.handshakes_failed);
  // A peer that sends an alert to end the connection is no news outside the handshake.
  if (in_handshake || error.code != ErrorCode::peer_sent_alert)
    worker_.shared().notice(peer_, in_handshake ? "handshake failed" : "connection failed", error);
  if (error.code == ErrorCode::http_on_tls_port) {
    // The one peer that can read no alert but can read this.
    out_.clear();
    out_.append(
        as_bytes("HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n"
                 "This port speaks HTTPS: use https:// instead of http://.\n"));
  }
  plain_ = {};
  end_exchange();
  set_phase(Phase::ending);
  return Step::again;
}

// ---- HTTP -------------------------------------------------------------------------------------------------

Session::Step Session::on_plain_text() {
  if (phase_ == Phase::idle) set_phase(Phase::request);
  const size_t before = plain_.size();
  auto parsed = parser_.next(plain_);
  progress(before - plain_.size());
  if (!parsed) return refuse_request(parsed.error(), http::status_of(parsed.error()));
  if (parser_.take_continue()) (void)tls_.send(as_bytes(http::continue_response()), out_);
  if (!*parsed) {
    // An empty line, which some clients send after a body, is no request yet.
    if (phase_ == Phase::request && parser_.idle()) set_phase(Phase::idle);
    return Step::again;
  }
  return respond(**std::move(parsed));
}

Session::Step Session::respond(http::Request request) {
  const auto began = Clock::now();
  ServerShared& shared = worker_.shared();
  count(shared.metrics.requests);
  request.peer = peer_info();
  http::Response response = http::Response::of_status(500);
  shared.survives(peer_, "a handler threw", [&] { response = shared.router.handle(request); });
  const http::ResponseContext context{
      .now = now(),
      .persistence = stopping() ? http::Persistence::close : request.persistence,
      .method = request.method,
      .version_minor = request.version_minor,
      .server = shared.options.server_name};
  auto head = http::serialize_head(response, context);
  if (!head) {
    shared.notice(peer_, "a handler's response cannot be sent", head.error());
    response = http::Response::of_status(500);
    head = http::serialize_head(response, context);
  }
  set_phase(Phase::response);
  request.body = std::string();  // the log does not need it while the peer reads, however slowly
  Exchange exchange(std::move(request), std::move(response), *std::move(head), began);
  if (!exchange.is_small()) {
    exchange_ = std::make_unique<Exchange>(std::move(exchange));
    return Step::again;
  }
  if (const auto sent = exchange.send(tls_, out_); !sent) return fail(sent.error());
  log(exchange.entry());
  if (exchange.persistence() == http::Persistence::close) (void)tls_.close_write(out_);
  set_phase(exchange.persistence() == http::Persistence::close ? Phase::ending : Phase::idle);
  return Step::again;
}

Session::Step Session::continue_response() {
  const auto progress = exchange_->send(tls_, out_);
  if (!progress) {
    // The length was promised: without close_notify the peer sees that the body is not whole.
    worker_.shared().notice(peer_, "a response broke off", progress.error());
    (void)flush();
    close();
    return Step::gone;
  }
  if (*progress == Exchange::Progress::more) return Step::again;
  return response_done();
}

Session::Step Session::response_done() {
  const bool last = exchange_->persistence() == http::Persistence::close || stopping();
  end_exchange();
  if (last) (void)tls_.close_write(out_);
  set_phase(last ? Phase::ending : Phase::idle);
  return Step::again;
}

/// Answers what is no request, or came too late, and ends the connection.
Session::Step Session::refuse_request(const Error& error, int status) {
  count(worker_.shared().metrics.bad_requests);
  const http::Response response = status == 408 ? http::Response::of_status(408, "the request took too long")
                                                : http::error_response(error);
  const http::ResponseContext context{
      .now = now(), .persistence = http::Persistence::close, .server = worker_.shared().options.server_name};
  const auto head = http::serialize_head(response, context);
  if (head) {
    const std::array<Bytes, 2> pieces{as_bytes(head->bytes), as_bytes(response.body)};
    (void)tls_.send(pieces, out_);
  }
  const http::PeerInfo peer = peer_info();
  const std::string line = parser_.seen_request_line();
  log({.time = now(),
       .peer = peer,
       .request_line = line,
       .status = status,
       .bytes_sent = response.body.size(),
       .duration = std::chrono::round<Milliseconds>(Clock::now() - since_)});
  (void)tls_.close_write(out_);
  plain_ = {};
  set_phase(Phase::ending);
  return Step::again;
}

http::PeerInfo Session::peer_info() const {
  const ConnectionInfo& info = tls_.info();
  http::PeerInfo out;
  out.address = peer_.host;
  out.port = peer_.port;
  out.tls_version = name_of(info.version);
  out.cipher_suite = name_of(info.suite);
  if (info.group) out.group = name_of(*info.group);
  out.server_name = info.server_name;
  out.client = client_;
  out.resumed = info.kind == HandshakeKind::resumed;
  return out;
}

bool Session::stopping() const noexcept {
  return worker_.shared().stopping.load(std::memory_order_relaxed);
}

}  // namespace bulla::net
