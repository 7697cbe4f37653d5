#include "crypto/ec/multiply.h"

namespace bulla::crypto::ec {

__attribute__((noinline)) void wipe_stack() noexcept {
  // Deeper than the frames of a scalar multiplication on P-521, which are the largest.
  uint8_t below[16384];
  wipe(below);
}

}  // namespace bulla::crypto::ec
