#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace bulla {

void assertion_failed(const char* expression, const char* why, const char* file, int line) noexcept {
  std::fprintf(stderr, "bulla: %s:%d: %s (%s)\n", file, line, why, expression);
  std::abort();
}

}  // namespace bulla
