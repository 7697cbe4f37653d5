// BULLA_ASSERT: for mistakes of the programmer, on in every build. Bad input is never an assertion.
#pragma once

namespace bulla {

/// Prints where and why to standard error and aborts.
[[noreturn]] void assertion_failed(const char* expression, const char* why, const char* file,
                                   int line) noexcept;

}  // namespace bulla

#define BULLA_ASSERT(expression, why) \
  ((expression) ? void(0) : ::bulla::assertion_failed(#expression, why, __FILE__, __LINE__))
