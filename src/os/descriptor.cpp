#include <bulla/os.h>

#include <unistd.h>

namespace bulla {

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    close();
    number_ = other.release();
  }
  return *this;
}

void Descriptor::close() noexcept {
  // EINTR is not retried: Linux has released the number already, and another thread may have it by now.
  if (number_ >= 0) ::close(release());
}

}  // namespace bulla
