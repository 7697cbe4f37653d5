#include "cli/stop_signals.h"

#include <sys/signalfd.h>
#include <csignal>

#include <cerrno>
#include <system_error>

namespace bulla::cli {

namespace {

sigset_t stop_set() noexcept {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM}) {
    struct sigaction now = {};
    ::sigaction(number, nullptr, &now);
    // Who has us ignore Ctrl-C (a shell that starts us in the background) means it; signalfd would not know.
    if (now.sa_handler != SIG_IGN) ::sigaddset(&set, number);
  }
  return set;
}

}  // namespace

void StopSignals::deliver() const noexcept {
  const sigset_t set = stop_set();
  ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

Result<StopSignals> StopSignals::watch() {
  const sigset_t set = stop_set();
  Descriptor descriptor;
  if (::pthread_sigmask(SIG_BLOCK, &set, nullptr) == 0)
    descriptor = Descriptor(::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!descriptor) return Error{ErrorCode::io_failed, "signalfd: " + std::generic_category().message(errno)};
  return StopSignals(std::move(descriptor));
}

}  // namespace bulla::cli
