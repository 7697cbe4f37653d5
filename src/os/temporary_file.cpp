#include "os/temporary_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <memory>

namespace bulla::os {
namespace {

constexpr std::string_view mark = ".bulla-";
constexpr size_t letters = 6;  // of mkostemp
/// A file is without its lock for a moment after it was made. Nobody leaves one untouched for so long.
constexpr time_t old_age = 60;
/// A folder with more is nowhere that many of ours are left; it is not worth the time.
constexpr int most_entries = 10'000;

struct CloseFolder {
  void operator()(DIR* folder) const noexcept { ::closedir(folder); }
};

bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// "www-key.pem.bulla-a3F9xQ"
bool is_our_name(std::string_view name) noexcept {
  if (name.size() <= mark.size() + letters) return false;
  const std::string_view end = name.substr(name.size() - letters);
  return name.substr(0, name.size() - letters).ends_with(mark) &&
         std::all_of(end.begin(), end.end(), is_letter);
}

/// A regular file of this user, which is old. It may have its own name as well, where the process was killed
/// between the two; that one stays.
bool is_left_over(const struct stat& status) noexcept {
  const time_t now = ::time(nullptr);
  return S_ISREG(status.st_mode) && status.st_uid == ::geteuid() && now - status.st_mtime > old_age;
}

void remove_if_left_over(int folder, const char* name) noexcept {
  struct stat status = {};
  if (::fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !is_left_over(status)) return;
  const Descriptor file(::openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file || ::fstat(file.number(), &status) != 0 || !is_left_over(status)) return;
  // Who writes it holds it. Where there are no locks, nobody can tell.
  if (::flock(file.number(), LOCK_EX | LOCK_NB) == 0) ::unlinkat(folder, name, 0);
}

}  // namespace

TemporaryFile::TemporaryFile(const std::string& target)
    : name(target + std::string(mark) + std::string(letters, 'X')),
      file(::mkostemp(name.data(), O_CLOEXEC)),
      error(errno) {
  if (file) (void)::flock(file.number(), LOCK_EX | LOCK_NB);
}

TemporaryFile::~TemporaryFile() {
  if (file) ::unlink(name.c_str());
}

void remove_unfinished(const std::string& folder) noexcept {
  const std::unique_ptr<DIR, CloseFolder> open(::opendir(folder.c_str()));
  if (!open) return;
  for (int i = 0; i < most_entries; ++i) {
    const dirent* entry = ::readdir(open.get());
    if (!entry) return;
    if (is_our_name(entry->d_name)) remove_if_left_over(::dirfd(open.get()), entry->d_name);
  }
}

}  // namespace bulla::os
