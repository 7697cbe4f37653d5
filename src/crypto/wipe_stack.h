// What functions leave behind when they return: where a compiler has put what did not fit into registers.
#pragma once

#include <bulla/secret.h>

namespace bulla::crypto {

/// Overwrites the stack below the caller, where the functions that it has called had their frames. `size`:
/// how deep they went, at least.
template <size_t size>
[[gnu::noinline]] void wipe_stack() noexcept {
  uint8_t below[size];
  wipe(below);
}

}  // namespace bulla::crypto
