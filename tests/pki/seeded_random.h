// A random source that repeats itself, for tests that compare bytes.
#pragma once

#include <bulla/provider.h>

namespace bulla::test {

class SeededRandom : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  void fill(MutBytes out) noexcept override {
    for (uint8_t& byte : out) {
      state_ = state_ * 6364136223846793005u + 1442695040888963407u;
      byte = static_cast<uint8_t>(state_ >> 56);
    }
  }

 private:
  uint64_t state_;
};

}  // namespace bulla::test
