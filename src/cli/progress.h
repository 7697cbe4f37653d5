// A progress bar on standard error, while a person looks at it.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace bulla::cli {

class Progress {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Shown : uint8_t { no, yes };
  explicit Progress(Shown shown) noexcept : shown_(shown), began_(Clock::now()) {}
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Leaves the cursor at the beginning of an empty line.
  ~Progress();

  /// `received` bytes of `total`, as far as that is known. Draws at most ten times a second.
  void update(uint64_t received, std::optional<uint64_t> total);

 private:
  const Shown shown_;
  const Clock::time_point began_;
  Clock::time_point drawn_ = {};
};

/// "  45% [#########-----------] 4.5 MB of 10.0 MB, 2.3 MB/s"; without a total just the bytes and the speed.
std::string progress_line(uint64_t received, std::optional<uint64_t> total,
                          std::chrono::milliseconds elapsed);
/// "512 B", "1.5 kB", "3.2 GB": powers of 1000.
std::string human_size(double bytes);

}  // namespace bulla::cli
