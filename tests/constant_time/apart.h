// Every run in a process of its own: a report ends it, and what one run leaves behind is not found by
// another.
#pragma once

#include <sys/wait.h>
#include <unistd.h>
#include <cstdio>
#include <cstring>

namespace bulla::constant_time {

/// What such a process ends with. A tool that reported something changes it to `reported`.
enum Verdict : int { fine = 0, wrong = 3, no_such_leak = 4, reported = 99 };

/// What `run` returns, computed by a child. `wrong` where a signal ended it.
template <class Function>
int run_apart(Function run) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    const int verdict = run();
    std::fflush(stdout);
    _exit(verdict);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return wrong;
  if (WIFSIGNALED(status)) {
    std::printf("  ended by signal %d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    return wrong;
  }
  return WEXITSTATUS(status);
}

}  // namespace bulla::constant_time
