#include "cli/progress.h"

#include "cli/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

namespace bulla::cli {
namespace {

constexpr int bar_width = 30;
constexpr auto redraw = std::chrono::milliseconds(100);
/// Back to the beginning of the line, and clear it.
constexpr const char* clear_line = "\r\x1b[K";

}  // namespace

std::string human_size(double bytes) {
  constexpr std::array units = {"B", "kB", "MB", "GB", "TB"};
  size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < units.size()) {
    bytes /= 1000;
    ++unit;
  }
  char out[32];
  std::snprintf(out, sizeof out, unit == 0 ? "%.0f %s" : "%.1f %s", bytes, units[unit]);
  return out;
}

std::string progress_line(uint64_t received, std::optional<uint64_t> total,
                          std::chrono::milliseconds elapsed) {
  const double seconds = std::max(0.001, static_cast<double>(elapsed.count()) / 1000);
  const double done = static_cast<double>(received);
  const std::string speed = human_size(done / seconds) + "/s";
  if (!total || *total == 0) return human_size(done) + ", " + speed;
  const double part = std::min(1.0, done / static_cast<double>(*total));
  const int filled = static_cast<int>(part * bar_width);
  char percent[8];
  std::snprintf(percent, sizeof percent, "%3d%%", static_cast<int>(part * 100));
  std::string bar(static_cast<size_t>(filled), '#');
  bar.resize(bar_width, '-');
  return std::string(percent) + " [" + bar + "] " + human_size(done) + " of " +
         human_size(static_cast<double>(*total)) + ", " + speed;
}

void Progress::update(uint64_t received, std::optional<uint64_t> total) {
  const auto now = Clock::now();
  if (shown_ == Shown::no || now - drawn_ < redraw) return;
  drawn_ = now;
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - began_);
  const std::string line = clear_line + progress_line(received, total, elapsed);
  (void)write_all(STDERR_FILENO, as_bytes(line), "standard error");
}

Progress::~Progress() {
  if (drawn_ != Clock::time_point{}) (void)write_all(STDERR_FILENO, as_bytes(clear_line), "standard error");
}

}  // namespace bulla::cli
