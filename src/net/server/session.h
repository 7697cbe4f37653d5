// One connection of a client: handshake, requests, responses, end. It holds a receive buffer only while bytes
// are in it, waits for one thing at a time, and has a deadline at every moment.
#pragma once

#include "net/server/exchange.h"
#include "net/server/worker.h"

#include <bulla/asio_stream_core.h>

namespace bulla::net {

class Session : public std::enable_shared_from_this<Session> {
 public:
  using Clock = std::chrono::steady_clock;
  Session(Worker& worker, Descriptor socket, const Endpoint& peer, ServerConfigPtr config);

  void start(Worker::Sessions::iterator place);
  /// Ends the connection if its deadline has passed.
  void look_at_clock(Clock::time_point now);
  /// Ends the connection, now if nothing is in progress, else after the response.
  void stop();
  /// Ends the connection now.
  void close();
  /// Takes an operation's answer and goes on.
  void answer(OperationId id, Answer answer);

 private:
  enum class Phase : uint8_t { handshake, idle, request, response, ending, lingering, closed };
  /// What a step led to: go on at once, or wait for something.
  enum class Step : uint8_t { again, wait_read, wait_write, wait_answer, gone };

  void run();
  /// Ends a connection whose handling threw.
  void give_up();
  void take_steps();
  Step advance();
  Step engine_turn();
  Step on_event(Event event);
  Step on_operation(Operation operation);
  Step on_handshake_done();
  Step on_plain_text();
  Step respond(http::Request request);
  Step continue_response();
  Step response_done();
  Step refuse_request(const Error& error, int status);
  Step fail(Error error);

  // session_io.cpp: the socket and the clock.
  Step receive();
  Step nothing_to_read();
  Step linger();
  /// False: the peer does not take it now, or the connection is gone.
  bool flush();
  void wait_read();
  void wait_write();
  Step end();
  void end_exchange();
  /// Returns the phase before.
  Phase enter(Phase phase) noexcept;
  void set_phase(Phase phase);
  void progress(uint64_t bytes);
  void expire();

  http::PeerInfo peer_info() const;
  void log(const http::AccessEntry& entry) { worker_.log_access(entry); }
  bool stopping() const noexcept;
  /// One busy connection must not keep the loop from the others.
  bool had_its_share() const noexcept { return turn_bytes_ > share; }
  static constexpr uint32_t share = uint32_t{512} << 10;

  Worker& worker_;
  boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type> socket_;
  const ServerConfigPtr config_;
  Connection tls_;
  http::RequestParser parser_;
  asio::detail::buffer_loan in_;
  Bytes plain_;  // decrypted and not yet parsed; lies in the borrowed buffer
  Output out_;
  std::unique_ptr<Exchange> exchange_;  // a response that did not fit into one piece
  const Endpoint peer_;
  std::shared_ptr<const http::ClientCertificate> client_;  // in mutual TLS
  Worker::Sessions::iterator place_;
  Clock::time_point since_;  // when the phase began
  Clock::time_point deadline_ = Clock::time_point::max();
  uint64_t moved_ = 0;  // bytes since then
  uint32_t lingered_ = 0;
  uint32_t turn_bytes_ = 0;  // moved in this turn of the loop
  Phase phase_ = Phase::handshake;
  bool reading_ = false, writing_ = false, awaiting_answer_ = false, drained_ = false, peer_done_ = false;
};

}  // namespace bulla::net
