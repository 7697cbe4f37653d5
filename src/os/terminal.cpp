#include "os/system_error.h"

#include <bulla/os.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>
#include <csignal>

#include <array>
#include <cerrno>
#include <optional>

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

/// While it lives, signals that end or stop a program wait, so that none of them leaves a terminal without
/// echo behind. Afterwards they are delivered as they would have been: no handler is installed or replaced.
class SignalsWait {
 public:
  SignalsWait() noexcept {
    active_ = ::pthread_sigmask(SIG_BLOCK, nullptr, &before_) == 0;
    ::sigemptyset(&held_);
    // What the caller holds back himself is not ours to wait for.
    for (const int number : {SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP})
      if (active_ && ::sigismember(&before_, number) == 0) ::sigaddset(&held_, number);
    active_ = active_ && ::pthread_sigmask(SIG_BLOCK, &held_, nullptr) == 0;
    if (active_) seen_ = Descriptor(::signalfd(-1, &held_, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  SignalsWait(const SignalsWait&) = delete;
  SignalsWait& operator=(const SignalsWait&) = delete;
  ~SignalsWait() {
    if (active_) ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  /// Readable while one of them waits; it is never read, since that would swallow the signal.
  int descriptor() const noexcept { return seen_.number(); }

 private:
  sigset_t held_ = {}, before_ = {};
  bool active_ = false;
  Descriptor seen_;
};

/// Waits for a byte of the terminal; false where a signal came instead.
bool wait_for_byte(int terminal, const SignalsWait& signals) {
  std::array<pollfd, 2> polls = {{{terminal, POLLIN, 0}, {signals.descriptor(), POLLIN, 0}}};
  while (::poll(polls.data(), polls.size(), -1) < 0 && errno == EINTR) {
  }
  return polls[1].revents == 0;
}

/// One line; nothing where a signal came.
Result<std::optional<SecretBytes>> ask_once(const Descriptor& terminal, std::string_view prompt) {
  const SignalsWait signals;  // outlives the silence: the echo is back before the signal is delivered
  const EchoOff silence(terminal.number());
  if (::write(terminal.number(), prompt.data(), prompt.size()) < 0)
    return os::system_error(ErrorCode::no_terminal, "/dev/tty", errno);
  SecretBytes line(1024);
  size_t length = 0;
  for (;;) {
    if (!wait_for_byte(terminal.number(), signals)) {
      (void)!::write(terminal.number(), "\n", 1);
      return std::optional<SecretBytes>();
    }
    const ssize_t n = ::read(terminal.number(), line.writable().data() + length, 1);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return os::system_error(ErrorCode::no_terminal, "/dev/tty", errno);
    if (n == 0 || line.reveal()[length] == '\n') break;
    if (++length == line.size())
      return Error{ErrorCode::bad_argument,
                   "the passphrase is longer than " + std::to_string(length - 1) + " bytes"};
  }
  return std::optional<SecretBytes>(SecretBytes(line.reveal().first(length)));
}

}  // namespace

Result<SecretBytes> prompt_passphrase(std::string_view prompt) {
  const Descriptor terminal(::open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC));
  if (!terminal) return os::system_error(ErrorCode::no_terminal, "/dev/tty", errno);
  for (;;) {
    BULLA_TRY(auto line, ask_once(terminal, prompt));
    // Still here after a signal: the program was stopped and goes on, or handles it itself. Ask anew.
    if (line) return std::move(*line);
  }
}

}  // namespace bulla
