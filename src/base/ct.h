// Constant-time helpers: no branch and no index depends on a secret.
#pragma once

#include <bulla/bytes.h>

#include <concepts>

namespace bulla::ct {

/// Hides a value from the optimiser, so that it cannot turn masks back into branches.
template <std::unsigned_integral T>
inline T value_barrier(T v) noexcept {
  __asm__("" : "+r"(v));
  return v;
}

/// All ones if `v` is not zero, else zero.
inline uint32_t mask_nonzero(uint32_t v) noexcept {
  v = value_barrier(v);
  return value_barrier(0u - ((v | (0u - v)) >> 31));
}

/// Whether two secrets of the same public length are equal. Time depends on the length only.
[[nodiscard]] inline bool equal(Bytes a, Bytes b) noexcept {
  if (a.size() != b.size()) return false;
  uint32_t difference = 0;
  for (size_t i = 0; i < a.size(); ++i) difference |= value_barrier(static_cast<uint32_t>(a[i] ^ b[i]));
  return mask_nonzero(difference) == 0;
}

}  // namespace bulla::ct
