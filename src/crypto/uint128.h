// The compilers' 128-bit integer: products of two 64-bit words, and sums of them.
#pragma once

#include <cstdint>

namespace bulla::crypto {

using uint128 = unsigned __int128;

/// The lower half.
constexpr uint64_t low64(uint128 v) noexcept {
  return static_cast<uint64_t>(v);
}
/// The upper half.
constexpr uint64_t high64(uint128 v) noexcept {
  return static_cast<uint64_t>(v >> 64);
}

}  // namespace bulla::crypto
