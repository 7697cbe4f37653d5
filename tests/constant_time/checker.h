// The tools that know which bytes are secret, taken for uninitialised memory by them: memcheck of valgrind,
// and clang's MemorySanitizer.
#pragma once

#include "base/ct.h"

#include <bulla/bytes.h>

namespace bulla::constant_time {

enum class Tool { none, valgrind, memory_sanitizer };

/// What this process runs under.
inline Tool tool() noexcept {
#if defined(BULLA_CT_VALGRIND)
  return RUNNING_ON_VALGRIND ? Tool::valgrind : Tool::none;
#elif defined(BULLA_CT_MSAN)
  return Tool::memory_sanitizer;
#else
  return Tool::none;
#endif
}

/// How many of these bytes the tool takes for secret, in whole or in part.
inline size_t count_secret([[maybe_unused]] Bytes bytes) noexcept {
  size_t count = 0;
#if defined(BULLA_CT_VALGRIND)
  for (const uint8_t& byte : bytes) {
    uint8_t bits = 0;
    static_cast<void>(VALGRIND_GET_VBITS(&byte, &bits, 1));
    count += bits != 0;
  }
#elif defined(BULLA_CT_MSAN)
  for (const uint8_t& byte : bytes) count += __msan_test_shadow(&byte, 1) != -1;
#endif
  return count;
}

}  // namespace bulla::constant_time
