#include "constant_time/run.h"

#include <unistd.h>
#include <cstdio>
#include <cstdlib>

namespace bulla::constant_time {

/// Marsaglia's xorshift ("Xorshift RNGs", 2003): nobody's secret depends on it.
void SecretRandom::fill(uint64_t& state, MutBytes out) noexcept {
  for (uint8_t& byte : out) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    byte = static_cast<uint8_t>(state >> 32);
  }
}
void SecretRandom::fill(MutBytes out) noexcept {
  fill(state_, out);
  watcher_.secret(out);
}
void SecretRandom::foresee(MutBytes out) const noexcept {
  uint64_t state = state_;
  fill(state, out);
}

Run::Run(Watcher& watcher) noexcept
    : watcher_(watcher), random_(watcher), provider_(tables_.provider(random_)) {}

SecretBytes Run::secret(size_t size) {
  SecretBytes out(size);
  random_.fill(out.writable());
  return out;
}

SecretBytes Run::foreseen(size_t size) const {
  SecretBytes out(size);
  random_.foresee(out.writable());
  return out;
}

void Run::expect(bool holds, const char* what) const noexcept {
  if (holds) return;
  std::printf("  it did not work: %s\n", what);
  std::fflush(stdout);
  _exit(3);
}

}  // namespace bulla::constant_time
