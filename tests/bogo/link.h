// One sans-I/O connection over one socket: moves bytes, answers operations, hands on the events that matter.
#pragma once

#include "bogo/settings.h"
#include "bogo/socket.h"

#include <deque>

namespace bulla::bogo {

class Link {
 public:
  Link(const Flags& flags, Time now, Prepared&& prepared, Socket&& socket);

  /// The next HandshakeDone, AppData, PeerClosed, Truncated or Failed. The bytes of an AppData hold until the
  /// next call.
  Event next();
  /// Answers what is pending (the server's tickets) without taking input.
  std::optional<Error> settle();

  Connection& connection() noexcept { return connection_; }
  /// What calls on connection() are to write to; flush() sends it.
  Output& output() noexcept { return output_; }
  void flush();
  /// From now on all but the first byte to be sent waits until release() (-read-with-unfinished-write).
  void hold_after_one_byte();
  void release();
  /// Everything that was to be sent has been taken by the transport.
  bool all_sent() const noexcept { return !lost_; }
  void close() { socket_.close(); }

 private:
  Event turn(MutBytes& in);
  bool answer_one();
  bool more_input();

  const Flags& flags_;
  const Time now_;
  Connection connection_;
  const Services* services_;
  Socket socket_;
  Output output_;
  std::deque<Operation> pending_;
  /// Received bytes: taken up to begin_, shown to the engine up to shown_, here up to end_.
  std::vector<uint8_t> buffer_;
  size_t begin_ = 0, shown_ = 0, end_ = 0;
  bool holding_ = false, held_one_ = false, lost_ = false;
};

}  // namespace bulla::bogo
