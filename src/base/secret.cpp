#include <bulla/secret.h>

namespace bulla {

void wipe(MutBytes bytes) noexcept {
  if (bytes.empty()) return;
  std::memset(bytes.data(), 0, bytes.size());
  // The asm claims to read the memory, so the stores above cannot be dead.
  __asm__ volatile("" : : "r"(bytes.data()) : "memory");
}

}  // namespace bulla
