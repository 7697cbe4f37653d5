#include "os/system_error.h"

#include <bulla/os.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

namespace bulla {

Result<KeyLogPtr> KeyLogFile::open(const std::string& path) {
  Descriptor file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
  if (!file) return os::system_error(ErrorCode::file_not_writable, path, errno);
  return KeyLogPtr(new KeyLogFile(std::move(file)));
}

KeyLogPtr KeyLogFile::from_env() {
  // In a set-user-id program whoever starts it would choose where its secrets go.
  const char* path = ::secure_getenv("SSLKEYLOGFILE");
  if (!path || !*path) return nullptr;
  auto log = open(path);
  return log ? *std::move(log) : nullptr;
}

void KeyLogFile::write(std::string_view line) {
  // One write of one whole line: O_APPEND keeps lines of several threads and processes apart.
  SecretBytes text(line.size() + 1);
  std::memcpy(text.writable().data(), line.data(), line.size());
  text.writable().back() = '\n';
  // A full disk loses the line; a connection must not fail for its log.
  while (::write(file_.number(), text.reveal().data(), text.size()) < 0 && errno == EINTR) {
  }
}

}  // namespace bulla
