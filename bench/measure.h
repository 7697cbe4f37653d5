// Measuring on a noisy machine: many short runs of ours and of the peer in turn, and a low percentile of
// each.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace bulla::bench {

/// The time stamp counter, fenced so that the work stands between two reads.
uint64_t cycles() noexcept;
/// How many of them make a second, measured once against the clock.
double cycles_per_second();

struct Figure {
  double ours = 0, peer = 0;
};

/// Runs both sides in turn, `rounds` times each, and takes the tenth percentile of the cycles. What takes few
/// cycles is called 16 times in a row, on both sides, and the cycles are divided by that.
/// After measure_in_runs() it does so several times, and gives the run whose ratio is the median.
Figure compare(unsigned rounds, const std::function<void()>& ours, const std::function<void()>& peer);

/// How often compare() measures: once, until this is called; an odd number has a median.
void measure_in_runs(unsigned runs) noexcept;

/// The tenth percentile.
double low_percentile(std::vector<double>& samples);

/// One line of the report; `peer` is 0 where there is none. `smaller_is_better`: cycles and bytes; else
/// throughput.
struct Row {
  std::string name, unit;
  double ours, peer;
  std::string peer_name;
  bool smaller_is_better;
  double ratio() const noexcept { return smaller_is_better ? peer / ours : ours / peer; }
};

enum class Format : uint8_t { table, json };
void print(const Row& row, Format format);

/// Bytes that one side of a pair holds on the heap. While an account is open, this program's malloc books to
/// it.
struct Account {
  int64_t now = 0, peak = 0;
};
class OpenAccount {
 public:
  explicit OpenAccount(Account& account) noexcept;
  ~OpenAccount();
  OpenAccount(const OpenAccount&) = delete;
  OpenAccount& operator=(const OpenAccount&) = delete;
};

}  // namespace bulla::bench
