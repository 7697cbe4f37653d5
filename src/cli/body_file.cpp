#include "cli/body_file.h"

#include "cli/terminal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <system_error>

namespace bulla::cli {
namespace {

Error cannot_write(const std::string& path, int number) {
  return {ErrorCode::file_not_writable, printable(path) + ": " + std::generic_category().message(number)};
}

/// The file that Ctrl-C removes: unfinished, it is of no use to anybody. A signal handler sees nothing but
/// globals.
char unfinished[PATH_MAX] = "";

void remove_unfinished(int number) {
  ::unlink(unfinished);
  ::raise(number);  // SA_RESETHAND: this time it ends the program
}

constexpr std::array removing_signals = {SIGINT, SIGTERM, SIGHUP};

auto handler_of(int number) {
  struct sigaction now = {};
  ::sigaction(number, nullptr, &now);
  return now.sa_handler;
}

void remove_on_signals(const std::string& path) {
  if (path.size() >= sizeof unfinished) return;
  std::memcpy(unfinished, path.c_str(), path.size() + 1);
  struct sigaction action = {};
  action.sa_handler = remove_unfinished;
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  for (const int number : removing_signals)
    if (handler_of(number) != SIG_IGN) ::sigaction(number, &action, nullptr);  // nohup stays nohup
}

void forget_unfinished() {
  for (const int number : removing_signals)
    if (handler_of(number) == remove_unfinished) std::signal(number, SIG_DFL);
  unfinished[0] = '\0';
}

/// Where a symbolic link leads: the file behind it is replaced, not the link.
std::string followed(const std::string& path) {
  char* const real = ::realpath(path.c_str(), nullptr);
  if (!real) return path;
  std::string out(real);
  std::free(real);
  return out;
}

/// A new file beside `target`. One of that name may be somebody's, or of a run that goes on: it is left
/// alone.
Descriptor open_beside(const std::string& target, std::string& name) {
  constexpr int most_tries = 100;
  for (int i = 1; i <= most_tries; ++i) {
    name = target + ".part" + (i == 1 ? "" : std::to_string(i));
    Descriptor file(::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
    if (file || errno != EEXIST) return file;
  }
  return {};
}

}  // namespace

Result<BodyFile> BodyFile::open(const std::string& path) {
  if (path.empty() || path == "-") return BodyFile({}, {}, {});
  const std::string target = followed(path);
  struct stat status = {};
  const bool exists = ::stat(target.c_str(), &status) == 0;
  if (target.ends_with('/') || (exists && S_ISDIR(status.st_mode)))
    return Error{ErrorCode::file_not_writable, printable(path) + " is a folder",
                 "name a file in it: -o FILE"};
  if (exists && !S_ISREG(status.st_mode)) {
    Descriptor device(::open(target.c_str(), O_WRONLY | O_CLOEXEC));
    if (!device) return cannot_write(path, errno);
    return BodyFile(std::move(device), target, {});
  }
  std::string temporary;
  Descriptor file = open_beside(target, temporary);
  if (!file) return cannot_write(path, errno);
  if (exists) (void)::fchmod(file.number(), status.st_mode & 07777);
  remove_on_signals(temporary);
  return BodyFile(std::move(file), target, std::move(temporary));
}

BodyFile::~BodyFile() {
  if (!file_ || temporary_.empty()) return;
  ::unlink(temporary_.c_str());
  forget_unfinished();
}

Result<void> BodyFile::write(Bytes bytes) {
  BULLA_TRY(file_ ? write_all(file_.number(), bytes, path_) : write_out(bytes));
  written_ += bytes.size();
  return {};
}

Result<void> BodyFile::finish() {
  if (!file_ || temporary_.empty()) return {};
  if (std::rename(temporary_.c_str(), path_.c_str()) != 0) return cannot_write(path_, errno);
  file_.close();
  forget_unfinished();
  return {};
}

}  // namespace bulla::cli
