#include <bulla/http.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bulla::http {
namespace {

Error unreadable(std::string_view what, int error) {
  return Error{ErrorCode::http_file_unreadable, printable(what) + ": " + std::strerror(error)};
}

}  // namespace

Result<std::shared_ptr<const File>> File::open(const std::string& path) {
  // A NUL would end the name early; O_NONBLOCK keeps a pipe from blocking the open.
  if (path.find('\0') != std::string::npos) return unreadable(path, ENOENT);
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor < 0) return unreadable(path, errno);
  return adopt(descriptor);
}

Result<std::shared_ptr<const File>> File::adopt(int descriptor) {
  struct stat info = {};
  if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode)) {
    ::close(descriptor);
    return Error{ErrorCode::http_file_unreadable, "not a regular file"};
  }
  const int64_t modified = int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
  return std::shared_ptr<const File>(new File(descriptor, static_cast<uint64_t>(info.st_size), modified));
}

File::~File() {
  ::close(descriptor_);
}

Result<size_t> File::read_at(uint64_t offset, MutBytes out) const {
  for (;;) {
    const ssize_t n = ::pread(descriptor_, out.data(), out.size(), static_cast<off_t>(offset));
    if (n >= 0) return static_cast<size_t>(n);
    if (errno != EINTR) return unreadable("read", errno);
  }
}

}  // namespace bulla::http
