#include "os/system_error.h"

#include <bulla/os.h>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>

namespace bulla {
namespace {

/// Switches the echo of a terminal off and, when it dies, back to what it was.
class EchoOff {
 public:
  explicit EchoOff(int terminal) noexcept : terminal_(terminal) {
    changed_ = ::tcgetattr(terminal, &before_) == 0;
    if (!changed_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL;  // the end of the line is shown, so that what follows begins a new one
    ::tcsetattr(terminal, TCSAFLUSH, &silent);
  }
  EchoOff(const EchoOff&) = delete;
  EchoOff& operator=(const EchoOff&) = delete;
  ~EchoOff() {
    if (changed_) ::tcsetattr(terminal_, TCSAFLUSH, &before_);
  }

 private:
  int terminal_;
  termios before_ = {};
  bool changed_ = false;
};

}  // namespace

Result<SecretBytes> prompt_passphrase(std::string_view prompt) {
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal) return os::system_error(ErrorCode::no_terminal, "/dev/tty", errno);
  const EchoOff silence(terminal.number());
  if (::write(terminal.number(), prompt.data(), prompt.size()) < 0)
    return os::system_error(ErrorCode::no_terminal, "/dev/tty", errno);

  SecretBytes line(1024);
  size_t length = 0;
  for (;;) {
    const ssize_t n = ::read(terminal.number(), line.writable().data() + length, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return os::system_error(ErrorCode::no_terminal, "/dev/tty", errno);
    if (n == 0 || line.reveal()[length] == '\n') break;
    if (++length == line.size())
      return Error{ErrorCode::bad_argument,
                   "the passphrase is longer than " + std::to_string(length - 1) + " bytes"};
  }
  return SecretBytes(line.reveal().first(length));
}

}  // namespace bulla
