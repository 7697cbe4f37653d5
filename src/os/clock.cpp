#include <bulla/os.h>

namespace bulla {

Time now() noexcept {
  return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
}

}  // namespace bulla
