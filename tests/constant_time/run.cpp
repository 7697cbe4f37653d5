#include "constant_time/run.h"

#include <unistd.h>
#include <cstdio>
#include <cstdlib>

namespace bulla::constant_time {

/// Marsaglia's xorshift ("Xorshift RNGs", 2003): nobody's secret depends on it.
void SecretRandom::fill(MutBytes out) noexcept {
  for (uint8_t& byte : out) {
    state_ ^= state_ << 13;
    state_ ^= state_ >> 7;
    state_ ^= state_ << 17;
    byte = static_cast<uint8_t>(state_ >> 32);
  }
  watcher_.secret(out);
}

Run::Run(Watcher& watcher) noexcept
    : watcher_(watcher), random_(watcher), provider_(tables_.provider(random_)) {}

SecretBytes Run::secret(size_t size) {
  SecretBytes out(size);
  random_.fill(out.writable());
  return out;
}

void Run::expect(bool holds, const char* what) const noexcept {
  if (holds) return;
  std::printf("  it did not work: %s\n", what);
  std::fflush(stdout);
  _exit(3);
}

}  // namespace bulla::constant_time
