// bulla-timing: whether operations on fixed secrets and on random ones can be told apart by their cycles
// (Reparaz, Balasch, Verbauwhede, "Dude, is my code constant time?", DATE 2017). It asserts nothing:
// README.md says how to read it.
//   bulla-timing [--seconds N] [PART-OF-A-NAME...]
#include "constant_time/timing.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace bulla::constant_time {
namespace {

#if defined(__x86_64__)
/// Nothing before it is still under way, nothing after it has begun.
uint64_t cycles() noexcept {
  unsigned core = 0;
  _mm_lfence();
  const uint64_t now = __rdtscp(&core);
  _mm_lfence();
  return now;
}
#else
uint64_t cycles() noexcept {
  return static_cast<uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
}
#endif

/// Interrupts make some measurements long, whatever the class: each test after the first leaves out those
/// above a percentile, which are closer together at the top, as in the paper's programs.
class Tests {
 public:
  explicit Tests(std::vector<uint64_t> first) {
    std::ranges::sort(first);
    for (size_t i = 0; i < limits_.size(); ++i) {
      const double part =
          1 - std::pow(0.5, 10.0 * static_cast<double>(i + 1) / static_cast<double>(limits_.size()));
      limits_[i] = first[static_cast<size_t>(part * static_cast<double>(first.size() - 1))];
    }
  }
  void add(size_t which, uint64_t took) noexcept {
    all_.add(which, static_cast<double>(took));
    for (size_t i = 0; i < limits_.size(); ++i)
      if (took <= limits_[i]) cropped_[i].add(which, static_cast<double>(took));
  }
  double count() const noexcept { return all_.count(); }
  /// The largest t of all tests.
  double largest() const noexcept { return std::max(std::fabs(all_.t()), std::fabs(clearest().t())); }
  /// Of those that leave out the longest runs, the test that sees the largest difference.
  const Welch& clearest() const noexcept {
    const Welch* out = &cropped_.back();
    for (const Welch& test : cropped_)
      if (test.count() > 1000 && std::fabs(test.t()) > std::fabs(out->t())) out = &test;
    return *out;
  }

 private:
  static constexpr size_t crops = 40;
  Welch all_;
  std::array<uint64_t, crops> limits_{};
  std::array<Welch, crops> cropped_;
};

/// Marsaglia's xorshift: which class comes next.
class Coin {
 public:
  size_t toss() noexcept {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    return state_ >> 40 & 1;
  }

 private:
  uint64_t state_ = 0x13198a2e03707344;
};

/// From the paper's programs: above 10 it is not constant time, above 5 it is worth a longer look.
const char* verdict(double t) noexcept {
  return t < 5 ? "no difference seen" : t < 10 ? "look longer" : "DIFFERENT";
}

uint64_t once(Target& target, size_t which, size_t input) {
  target.prepare(which, input % inputs);
  const uint64_t before = cycles();
  target.run();
  return cycles() - before;
}

void measure(Target& target, double seconds) {
  Coin coin;
  std::vector<uint64_t> first;
  for (size_t i = 0; i < 300; ++i) first.push_back(once(target, coin.toss(), i));
  Tests tests(first);
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  size_t i = 0;
  while (std::chrono::steady_clock::now() < end)
    for (const size_t stop = i + 50; i < stop; ++i) {
      const size_t which = coin.toss();
      tests.add(which, once(target, which, i));
    }
  const Welch& test = tests.clearest();
  std::printf("%-34s %9.0f %10.0f %+9.3f%% %8.1f   %s\n", target.name().c_str(), tests.count(), test.mean(0),
              100 * (test.mean(1) / test.mean(0) - 1), tests.largest(), verdict(tests.largest()));
  std::fflush(stdout);
}

int measure_all(int count, char** arguments) {
  double seconds = 10;
  std::vector<std::string> parts;
  for (int i = 1; i < count; ++i) {
    if (std::string(arguments[i]) == "--seconds" && i + 1 < count)
      seconds = std::strtod(arguments[++i], nullptr);
    else
      parts.emplace_back(arguments[i]);
  }
  std::printf("%-34s %9s %10s %10s %8s\n", "fixed against random", "runs", "cycles", "difference", "max |t|");
  for (const auto& target : targets()) {
    const auto in_name = [&](const std::string& part) {
      return target->name().find(part) != std::string::npos;
    };
    if (parts.empty() || std::ranges::any_of(parts, in_name)) measure(*target, seconds);
  }
  return 0;
}

}  // namespace
}  // namespace bulla::constant_time

int main(int count, char** arguments) {
  return bulla::constant_time::measure_all(count, arguments);
}
