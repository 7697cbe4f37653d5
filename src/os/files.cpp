#include "os/system_error.h"
#include "os/temporary_file.h"

#include <bulla/os.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace bulla {
namespace {

using os::system_error;

constexpr size_t first_piece = 4096;

/// Opens something with content: a file or a pipe, not a folder. `size` receives a guess.
Result<Descriptor> open_content(const std::string& path, size_t max, size_t& size) {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return system_error(ErrorCode::file_not_readable, path, errno);
  struct stat status = {};
  if (::fstat(file.number(), &status) != 0) return system_error(ErrorCode::file_not_readable, path, errno);
  if (S_ISDIR(status.st_mode)) return system_error(ErrorCode::file_not_readable, path, EISDIR);
  size = S_ISREG(status.st_mode) ? static_cast<size_t>(status.st_size) : first_piece;
  if (size > max) return Error{ErrorCode::file_too_large, path + " has " + std::to_string(size) + " bytes"};
  return file;
}

/// Reads to the end or to the end of `out`; returns how much.
Result<size_t> read_some(const Descriptor& file, const std::string& path, MutBytes out) {
  size_t filled = 0;
  while (filled < out.size()) {
    const ssize_t n = ::read(file.number(), out.data() + filled, out.size() - filled);
    if (n == 0) break;
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error(ErrorCode::file_not_readable, path, errno);
    filled += static_cast<size_t>(n);
  }
  return filled;
}

/// Reads all of `path` into a buffer that grows by replacement, so that a wiping buffer leaves no copy
/// behind. The buffer is as long as the content at the end.
template <class Buffer>
Result<Buffer> read_whole(const std::string& path, size_t max) {
  size_t guess = 0;
  BULLA_TRY(const Descriptor file, open_content(path, max, guess));
  Buffer buffer(guess + 1);  // one more, so that the end of the file is seen in one turn
  size_t filled = 0;
  for (;;) {
    BULLA_TRY(const size_t n, read_some(file, path, MutBytes{buffer.data(), buffer.size()}.subspan(filled)));
    filled += n;
    if (filled > max)
      return Error{ErrorCode::file_too_large, path + " has more than " + std::to_string(max) + " bytes"};
    if (filled < buffer.size()) break;
    Buffer larger(std::min(2 * buffer.size(), max + 1));
    std::memcpy(larger.data(), buffer.data(), filled);
    buffer = std::move(larger);
  }
  buffer.shrink(filled);
  return buffer;
}

struct PlainBuffer : std::vector<uint8_t> {
  using std::vector<uint8_t>::vector;
  void shrink(size_t n) { resize(n); }
};

struct WipedBuffer {
  explicit WipedBuffer(size_t n) : bytes(n) {}
  uint8_t* data() noexcept { return bytes.writable().data(); }
  size_t size() const noexcept { return bytes.size(); }
  void shrink(size_t n) { bytes = SecretBytes(bytes.reveal().first(n)); }
  SecretBytes bytes;
};

mode_t file_mode(Privacy privacy) {
  return privacy == Privacy::owner_only ? 0600 : 0644;
}
mode_t folder_mode(Privacy privacy) {
  return privacy == Privacy::owner_only ? 0700 : 0755;
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<void> write_all(const Descriptor& file, const std::string& path, Bytes content) {
  while (!content.empty()) {
    const ssize_t n = ::write(file.number(), content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error(ErrorCode::file_not_writable, path, errno);
    content = content.subspan(static_cast<size_t>(n));
  }
  return {};
}

/// Whether a rename onto `path` would take the place of something that is no file: of /dev/null for everybody
/// where root does it, or of the link /dev/stdout.
bool is_special(const std::string& path) {
  struct stat status = {};
  if (::lstat(path.c_str(), &status) != 0) return false;
  if (!S_ISLNK(status.st_mode)) return !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
  char target[7] = {};
  if (::readlink(path.c_str(), target, 6) > 0 && std::string_view(target) == "/proc/") return true;
  return ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

/// The new name reaches the disk only with the folder.
void sync_folder(const std::string& path) {
  const Descriptor folder(::open(folder_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder) ::fsync(folder.number());
}

}  // namespace

Result<std::vector<uint8_t>> read_file(const std::string& path, size_t max) {
  BULLA_TRY(PlainBuffer buffer, read_whole<PlainBuffer>(path, max));
  return std::vector<uint8_t>(std::move(buffer));
}

Result<SecretBytes> read_secret_file(const std::string& path, size_t max) {
  BULLA_TRY(WipedBuffer buffer, read_whole<WipedBuffer>(path, max));
  return std::move(buffer.bytes);
}

Result<SecretBytes> read_passphrase_file(const std::string& path) {
  constexpr size_t longest = 64 * 1024;
  BULLA_TRY(const SecretBytes content, read_secret_file(path, longest));
  std::string_view line = as_text(content.reveal());
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return SecretBytes(as_bytes(line));
}

Result<void> write_file(const std::string& path, Bytes content, Privacy privacy, IfExists if_exists) {
  // mkostemp makes the file with mode 0600, so that it is never readable by others while it should not be.
  os::remove_unfinished(folder_of(path));
  os::TemporaryFile temporary(path);
  if (!temporary.file) return system_error(ErrorCode::file_not_writable, path, temporary.error);
  BULLA_TRY(write_all(temporary.file, path, content));
  if (::fchmod(temporary.file.number(), file_mode(privacy)) != 0 || ::fsync(temporary.file.number()) != 0)
    return system_error(ErrorCode::file_not_writable, path, errno);
  if (if_exists == IfExists::refuse) {
    // link, unlike rename, refuses a name that is taken, without a gap between question and act.
    if (::link(temporary.name.c_str(), path.c_str()) != 0)
      return errno == EEXIST ? Error{ErrorCode::file_exists, path}
                             : system_error(ErrorCode::file_not_writable, path, errno);
  } else {
    if (is_special(path))
      return Error{ErrorCode::file_not_writable, path + " is a device or a pipe, which a file would replace",
                   "name a file, or a name that is free"};
    if (::rename(temporary.name.c_str(), path.c_str()) != 0)
      return system_error(ErrorCode::file_not_writable, path, errno);
    temporary.file.close();
  }
  sync_folder(path);
  return {};
}

Result<void> make_folders(const std::string& path, Privacy privacy) {
  for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    if (::mkdir(part.c_str(), folder_mode(privacy)) != 0 && errno != EEXIST)
      return system_error(ErrorCode::file_not_writable, part, errno);
    if (slash == std::string::npos) break;
  }
  struct stat status = {};
  if (::stat(path.c_str(), &status) != 0) return system_error(ErrorCode::file_not_writable, path, errno);
  if (!S_ISDIR(status.st_mode)) return system_error(ErrorCode::file_not_writable, path, ENOTDIR);
  return {};
}

Result<std::string> data_folder() {
  // The XDG base directory specification: a relative path is to be ignored.
  if (const char* data = ::secure_getenv("XDG_DATA_HOME"); data && data[0] == '/')
    return std::string(data) + "/bulla";
  if (const char* home = ::secure_getenv("HOME"); home && home[0] == '/')
    return std::string(home) + "/.local/share/bulla";
  return Error{ErrorCode::file_not_writable, "neither XDG_DATA_HOME nor HOME is set to an absolute path"};
}

}  // namespace bulla
