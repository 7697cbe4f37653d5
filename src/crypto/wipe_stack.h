// What functions leave behind when they return: where a compiler has put what did not fit into registers.
#pragma once

#include <bulla/secret.h>

#include <type_traits>

namespace bulla::crypto {

/// Overwrites the stack below the caller, where the functions that it has called had their frames. `size`:
/// how deep they went, at least.
template <size_t size>
[[gnu::noinline]] void wipe_stack() noexcept {
  uint8_t below[size];
  wipe(below);
}

/// Calls `compute` in a frame of its own, which no compiler may merge with the caller's.
template <class Function>
[[gnu::noinline]] auto in_own_frame(const Function& compute) {
  return compute();
}

/// What `compute` returns, and nothing is left on the stack of how it came about. `size`: as for
/// wipe_stack().
template <size_t size, class Function>
auto with_wiped_stack(const Function& compute) {
  if constexpr (std::is_void_v<decltype(compute())>) {
    in_own_frame(compute);
    wipe_stack<size>();
  } else {
    auto result = in_own_frame(compute);
    wipe_stack<size>();
    return result;
  }
}

}  // namespace bulla::crypto
