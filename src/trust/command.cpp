// Programs: started without a shell, watched, and ended when they take too long.
#include "os/system_error.h"

#include <bulla/trust.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <ctime>

namespace bulla::trust {
namespace {

using Clock = std::chrono::steady_clock;

constexpr size_t most_output = size_t{16} << 20;

Error failed(const Command& command, std::string_view what) {
  return {ErrorCode::trust_store_failed, printable(command.program) + ": " + std::string(what)};
}

Error failed(const Command& command, int number) {
  return os::system_error(ErrorCode::trust_store_failed, printable(command.program), number);
}

/// The same above the standard descriptors, of which the caller may have closed some: what lies there would
/// be overwritten before it is put in its place.
Result<Descriptor> moved_up(const Command& command, int number) {
  Descriptor given(number);
  if (!given || given.number() > STDERR_FILENO) return given;
  Descriptor moved(::fcntl(given.number(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  if (!moved) return failed(command, errno);
  return moved;
}

/// A file in memory that holds what the program reads: no pipe that it could leave unread.
Result<Descriptor> input_of(const Command& command) {
  BULLA_TRY(Descriptor file, moved_up(command, ::memfd_create("input", MFD_CLOEXEC)));
  if (!file) return failed(command, errno);
  for (Bytes left = as_bytes(command.input); !left.empty();) {
    const ssize_t n = ::write(file.number(), left.data(), left.size());
    if (n < 0) return failed(command, errno);
    left = left.subspan(static_cast<size_t>(n));
  }
  if (::lseek(file.number(), 0, SEEK_SET) != 0) return failed(command, errno);
  return file;
}

struct Pipe {
  Descriptor read = {}, write = {};
};

Result<Pipe> make_pipe(const Command& command) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC) != 0) return failed(command, errno);
  Descriptor write(ends[1]);
  BULLA_TRY(Descriptor read, moved_up(command, ends[0]));
  BULLA_TRY(write, moved_up(command, write.release()));
  ::fcntl(read.number(), F_SETFL, O_NONBLOCK);
  return Pipe{std::move(read), std::move(write)};
}

/// What execve wants: pointers into strings that live as long.
class Words {
 public:
  explicit Words(std::vector<std::string> words) : words_(std::move(words)) {
    for (std::string& word : words_) pointers_.push_back(word.data());
    pointers_.push_back(nullptr);
  }
  Words(const Words&) = delete;
  Words& operator=(const Words&) = delete;
  ~Words() = default;
  char** data() noexcept { return pointers_.data(); }

 private:
  std::vector<std::string> words_;
  std::vector<char*> pointers_;
};

/// The environment with the locale C: what programs say is read.
std::vector<std::string> environment_in_c() {
  std::vector<std::string> out;
  for (char** one = environ; one && *one; ++one)
    if (const std::string_view text(*one); !text.starts_with("LC_ALL=") && !text.starts_with("LANGUAGE="))
      out.emplace_back(text);
  out.emplace_back("LC_ALL=C");
  return out;
}

/// In the new process: nothing but system calls.
[[noreturn]] void become(const char* program, char** words, char** environment, int in, int out, int err) {
  ::setsid();
  struct sigaction standard = {};
  standard.sa_handler = SIG_DFL;
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGCHLD})
    ::sigaction(signal, &standard, nullptr);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (::dup2(in, STDIN_FILENO) >= 0 && ::dup2(out, STDOUT_FILENO) >= 0 && ::dup2(err, STDERR_FILENO) >= 0)
    ::execve(program, words, environment);
  ::_exit(127);
}

/// A started program; killed with what it started unless it was waited for.
class Child {
 public:
  explicit Child(pid_t pid) noexcept : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);  // the group, which is there once the child has called setsid
    ::kill(pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }
  /// Its exit status, once it has ended; nothing at the deadline.
  std::optional<int> wait(Clock::time_point deadline) {
    for (;;) {
      int status = 0;
      const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
      if (ended == pid_) {
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
      }
      if ((ended < 0 && errno != EINTR) || Clock::now() >= deadline) return {};
      const timespec moment = {0, 5'000'000};
      ::nanosleep(&moment, nullptr);
    }
  }

 private:
  pid_t pid_;
};

/// What there is to read; false at the end. Error: too much.
Result<bool> drain(const Command& command, const Descriptor& from, std::string& out) {
  std::array<char, 16384> buffer;
  for (;;) {
    const ssize_t n = ::read(from.number(), buffer.data(), buffer.size());
    if (n == 0) return false;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno == EAGAIN ? Result<bool>(true) : failed(command, errno);
    if (out.size() + static_cast<size_t>(n) > most_output) return failed(command, "says more than 16 MiB");
    out.append(buffer.data(), static_cast<size_t>(n));
  }
}

Result<void> collect(const Command& command, const Pipe& out, const Pipe& err, CommandResult& result,
                     Clock::time_point deadline) {
  std::array<pollfd, 2> polled = {pollfd{out.read.number(), POLLIN, 0}, pollfd{err.read.number(), POLLIN, 0}};
  while (polled[0].fd >= 0 || polled[1].fd >= 0) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - Clock::now()).count();
    if (left <= 0) return failed(command, "took too long, and was ended");
    if (::poll(polled.data(), polled.size(), static_cast<int>(left)) < 0 && errno != EINTR)
      return failed(command, errno);
    for (size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].fd < 0 || !polled[i].revents) continue;
      BULLA_TRY(const bool more, drain(command, i ? err.read : out.read, i ? result.errors : result.output));
      if (!more) polled[i].fd = -1;
    }
  }
  return {};
}

}  // namespace

Result<CommandResult> run_command(const Command& command, Milliseconds limit) {
  const Clock::time_point deadline = Clock::now() + limit;
  BULLA_TRY(const Descriptor input, input_of(command));
  BULLA_TRY(Pipe out, make_pipe(command));
  BULLA_TRY(Pipe err, make_pipe(command));
  std::vector<std::string> all = {command.program};
  all.insert(all.end(), command.arguments.begin(), command.arguments.end());
  Words words(std::move(all)), environment(environment_in_c());

  const pid_t pid = ::fork();
  if (pid < 0) return failed(command, errno);
  if (pid == 0)
    become(command.program.c_str(), words.data(), environment.data(), input.number(), out.write.number(),
           err.write.number());
  Child child(pid);
  out.write.close();
  err.write.close();
  CommandResult result;
  BULLA_TRY(collect(command, out, err, result, deadline));
  const auto status = child.wait(deadline);
  if (!status) return failed(command, "took too long, and was ended");
  if (*status == 127 && result.errors.empty() && result.output.empty())
    return failed(command, "cannot be started");
  result.status = *status;
  return result;
}

}  // namespace bulla::trust
