// A point in time after which waiting ends. Steady: changing the system's clock does not move it.
#pragma once

#include <bulla/time.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <optional>

namespace bulla::os {

class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  /// Never.
  constexpr Deadline() noexcept = default;
  explicit Deadline(Clock::time_point when) noexcept : when_(when) {}
  explicit Deadline(std::optional<Clock::time_point> when) noexcept : when_(when) {}
  /// After `span` from now; zero means never.
  static Deadline after(Milliseconds span) noexcept {
    return span.count() > 0 ? Deadline(Clock::now() + span) : Deadline();
  }
  static Deadline earlier(Deadline a, Deadline b) noexcept {
    if (!a.when_) return b;
    if (!b.when_) return a;
    return Deadline(std::min(*a.when_, *b.when_));
  }
  bool passed() const noexcept { return when_ && Clock::now() >= *when_; }
  /// Milliseconds for poll(2): -1 for never, 0 if passed; rounded up, so that poll never returns too early.
  int poll_timeout() const noexcept {
    if (!when_) return -1;
    const auto left = std::chrono::ceil<Milliseconds>(*when_ - Clock::now()).count();
    return static_cast<int>(std::clamp<long long>(left, 0, INT_MAX));
  }

 private:
  std::optional<Clock::time_point> when_;
};

}  // namespace bulla::os
