// What functions leave behind when they return: where a compiler has put what did not fit into registers.
#pragma once

#include <bulla/secret.h>

#include <iterator>
#include <type_traits>

namespace bulla::crypto {

/// Overwrites the stack below the caller, where the functions that it has called had their frames. `size`:
/// how deep they went, at least. By stores of a register: a C library's memset turns to REP STOS at some two
/// thousand bytes, whose start alone costs as much as a short record (250 cycles of the counter on Intel).
template <size_t size>
[[gnu::noinline]] void wipe_stack() noexcept {
  using Line [[gnu::vector_size(16)]] = uint64_t;
  constexpr size_t at_a_time = 8;
  static_assert(size % (at_a_time * sizeof(Line)) == 0);
  Line below[size / sizeof(Line)];
  for (size_t i = 0; i < std::size(below); i += at_a_time) {
#pragma GCC unroll 8
    for (size_t j = 0; j < at_a_time; ++j) below[i + j] = Line{};
    // Claims to read the memory, so that the stores cannot be dead; nor are they seen to be a memset.
    __asm__ volatile("" : : "r"(below + i) : "memory");
  }
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
