// Whether the operations of several handshakes are answered together: kernels that compute eight at a time
// give more of them for each cycle, but only where there is more than one to compute.
#pragma once

#include <bulla/https_server.h>

namespace bulla::net {

/// What is worth waiting for. The rest is cheap, or different for each connection.
inline constexpr OperationSet gathered = {OperationKind::generate_share, OperationKind::encapsulate,
                                          OperationKind::decapsulate, OperationKind::sign};

/// One loop's decision. It gathers while other handshakes are under way; where that brings nothing together
/// all the same (connections that send nothing are under way too), it rests and tries again later.
class BatchingDecision {
 public:
  explicit BatchingDecision(Batching mode) noexcept : mode_(mode) {}

  void handshake_began() noexcept { ++handshakes_; }
  void handshake_ended() noexcept { --handshakes_; }

  /// Whether an operation, `lanes` of which are computed side by side, waits for those of the other
  /// connections that this turn of the loop wakes.
  bool gathers(size_t lanes) noexcept {
    if (mode_ != Batching::automatic) return mode_ == Batching::always;
    if (handshakes_ < 2 || lanes < 2) return false;
    if (resting_ == 0) return true;
    --resting_;
    return false;
  }
  /// That many were answered in one turn.
  void answered(size_t operations) noexcept {
    operations_ += operations;
    if (++turns_ < turns_looked_at) return;
    if (operations_ < turns_looked_at * worthwhile) resting_ = rest;
    operations_ = turns_ = 0;
  }

 private:
  /// Turns after which the mean decides, and the mean from which on it pays; how many operations are answered
  /// at once before the next attempt.
  static constexpr size_t turns_looked_at = 32, worthwhile = 2, rest = 1024;

  const Batching mode_;
  size_t handshakes_ = 0, operations_ = 0, turns_ = 0, resting_ = 0;
};

}  // namespace bulla::net
