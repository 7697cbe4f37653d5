#include "measure.h"

#include <bulla/error.h>

#include <x86intrin.h>

#include <algorithm>
#include <chrono>
#include <cstdio>

namespace bulla::bench {

namespace {

/// What one side leaves in the upper halves of the vector registers must not slow the other down: with libssl
/// 3.0's AVX-512 code before it, plain SSE code took three times as long on an AMD EPYC.
void clear_upper_halves() noexcept {
  static const bool avx = __builtin_cpu_supports("avx");
  if (avx) __asm__ volatile("vzeroupper");
}

}  // namespace

uint64_t cycles() noexcept {
  clear_upper_halves();
  unsigned aux;
  _mm_lfence();
  const uint64_t t = __rdtscp(&aux);
  _mm_lfence();
  return t;
}

double cycles_per_second() {
  static const double value = [] {
    using clock = std::chrono::steady_clock;
    const auto start = clock::now();
    const uint64_t first = cycles();
    while (clock::now() - start < std::chrono::milliseconds(50)) {
    }
    const std::chrono::duration<double> elapsed = clock::now() - start;
    return static_cast<double>(cycles() - first) / elapsed.count();
  }();
  return value;
}

double low_percentile(std::vector<double>& samples) {
  std::ranges::sort(samples);
  return samples[samples.size() / 10];
}

namespace {

/// Cycles of one call.
double each_of(unsigned calls, const std::function<void()>& work) {
  const uint64_t start = cycles();
  for (unsigned i = 0; i < calls; ++i) work();
  return static_cast<double>(cycles() - start) / calls;
}

/// How many calls stand between two reads of the counter: several of what both sides do in fewer cycles than
/// `few`, of which the reads, 52 to 58 cycles and a processor at a standstill, would be a good part.
unsigned calls_at_a_time(const std::function<void()>& ours, const std::function<void()>& peer) {
  constexpr double few = 4000;
  double least = few;
  for (int i = 0; i < 5; ++i) least = std::min(least, std::max(each_of(1, ours), each_of(1, peer)));
  return least < few ? 16 : 1;
}

unsigned runs_of_each = 1;

Figure compare_once(unsigned rounds, const std::function<void()>& ours, const std::function<void()>& peer) {
  std::vector<double> a, b;
  const unsigned calls = calls_at_a_time(ours, peer);
  for (unsigned i = 0; i < rounds; ++i) {
    a.push_back(each_of(calls, ours));
    b.push_back(each_of(calls, peer));
  }
  return {low_percentile(a), low_percentile(b)};
}

}  // namespace

void measure_in_runs(unsigned runs) noexcept {
  runs_of_each = runs;
}

Figure compare(unsigned rounds, const std::function<void()>& ours, const std::function<void()>& peer) {
  std::vector<Figure> runs;
  for (unsigned i = 0; i < runs_of_each; ++i) runs.push_back(compare_once(rounds, ours, peer));
  const auto median = runs.begin() + static_cast<std::ptrdiff_t>(runs.size() / 2);
  std::ranges::nth_element(runs, median, {}, [](const Figure& f) { return f.peer / f.ours; });
  return *median;
}

void print(const Row& row, Format format) {
  if (row.peer == 0 && format == Format::table) {
    std::printf("%-48s %12.0f %12s %-8s\n", row.name.c_str(), row.ours, "", row.unit.c_str());
  } else if (format == Format::json) {
    std::printf(
        "{\"name\":\"%s\",\"unit\":\"%s\",\"ours\":%.6g,\"peer\":%.6g,\"peer_name\":\"%s\",\"ratio\":%.3f}\n",
        json_escaped(row.name).c_str(), row.unit.c_str(), row.ours, row.peer, row.peer_name.c_str(),
        row.ratio());
  } else {
    // Cycles, bytes and rates are whole numbers; only GB/s is small.
    const int decimals = row.ours < 100 && row.peer < 100 ? 2 : 0;
    std::printf("%-48s %12.*f %12.*f %-8s %6.2fx\n", row.name.c_str(), decimals, row.ours, decimals, row.peer,
                row.unit.c_str(), row.ratio());
  }
  std::fflush(stdout);
}

}  // namespace bulla::bench
