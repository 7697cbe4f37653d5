#include "cli/terminal.h"

#include <poll.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace bulla::cli {
namespace {

std::atomic<bool> line_lost = false;

/// no-color.org: any value that is not empty switches colour off.
bool colour_is_welcome() {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return (!no_colour || !*no_colour) && (!terminal || std::strcmp(terminal, "dumb") != 0);
}

bool stderr_has_colour() noexcept {
  return stderr_is_terminal() && colour_is_welcome();
}

std::string coloured(std::string_view text, std::string_view code) {
  if (!stderr_has_colour()) return std::string(text);
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

/// 0, or the errno of what went wrong.
int try_write(int descriptor, Bytes bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor, bytes.data(), bytes.size());
    if (n >= 0) {
      bytes = bytes.subspan(static_cast<size_t>(n));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      // Whoever started us made it non-blocking.
      pollfd poll = {descriptor, POLLOUT, 0};
      ::poll(&poll, 1, -1);
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

}  // namespace

Result<void> write_all(int descriptor, Bytes bytes, std::string_view path) {
  if (const int number = try_write(descriptor, bytes); number != 0)
    return Error{ErrorCode::file_not_writable,
                 std::string(path) + ": " + std::generic_category().message(number)};
  return {};
}

Result<void> write_out(Bytes bytes) {
  return write_all(STDOUT_FILENO, bytes, "standard output");
}

void say(std::string_view text) {
  const std::string line = std::string(text) + '\n';
  (void)write_all(STDERR_FILENO, as_bytes(line), "standard error");
}

void print_line(std::string_view text) {
  const std::string line = std::string(text) + '\n';
  const int number = try_write(STDOUT_FILENO, as_bytes(line));
  if (number != 0 && number != EPIPE) line_lost = true;
}

bool output_failed() noexcept {
  return line_lost;
}

bool stderr_is_terminal() noexcept {
  return ::isatty(STDERR_FILENO) == 1;
}

bool stdout_is_terminal() noexcept {
  return ::isatty(STDOUT_FILENO) == 1;
}

bool stdout_has_colour() noexcept {
  return stdout_is_terminal() && colour_is_welcome();
}

std::string in_red(std::string_view text) {
  return coloured(text, "1;31");
}

std::string in_green(std::string_view text) {
  return coloured(text, "32");
}

void warn_insecure() {
  say(
      in_red("WARNING: --insecure: nobody was authenticated. Whoever is between you and the server can read "
             "and change everything."));
}

}  // namespace bulla::cli
