#include "cli/body_file.h"

#include "cli/terminal.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>

namespace bulla::cli {
namespace {

Error cannot_write(const std::string& path, int number) {
  return {ErrorCode::file_not_writable, printable(path) + ": " + std::generic_category().message(number)};
}

}  // namespace

Result<BodyFile> BodyFile::open(const std::string& path) {
  if (path.empty() || path == "-") return BodyFile({}, {}, {});
  struct stat status = {};
  const bool special = ::stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode);
  const std::string temporary = special ? std::string() : path + ".part";
  const std::string& opened = special ? path : temporary;
  Descriptor file(::open(opened.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
  if (!file) return cannot_write(opened, errno);
  return BodyFile(std::move(file), path, temporary);
}

BodyFile::~BodyFile() {
  if (file_ && !temporary_.empty()) ::unlink(temporary_.c_str());
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
  return {};
}

}  // namespace bulla::cli
