#include "pki/folder_lock.h"

#include "os/temporary_file.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bulla::pki {
namespace {

/// Letters, digits and a little more; the rest is left out.
std::string plain(std::string_view text) {
  std::string out;
  for (const char c : text)
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
        c == '.')
      out += c;
  return out.empty() ? "unknown" : out.substr(0, 20);
}

}  // namespace

Result<Descriptor> lock_folder(const std::string& folder) {
  BULLA_TRY(make_folders(folder, Privacy::owner_only));
  const std::string path = folder + "/.lock";
  Descriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file) return Error{ErrorCode::file_not_writable, path + ": " + std::strerror(errno)};
  while (::flock(file.number(), LOCK_EX) != 0)
    if (errno != EINTR) return Error{ErrorCode::file_not_writable, path + ": " + std::strerror(errno)};
  os::remove_unfinished(folder);
  return file;
}

std::string user_at_host() {
  std::string user;
  passwd entry = {};
  passwd* found = nullptr;
  char buffer[4096];
  if (::getpwuid_r(::geteuid(), &entry, buffer, sizeof buffer, &found) == 0 && found) user = found->pw_name;
  char host[256] = {};
  if (::gethostname(host, sizeof host - 1) != 0) host[0] = 0;
  return plain(user) + '@' + plain(host);
}

}  // namespace bulla::pki
