#include "ca/folder.h"

#include <bulla/os.h>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace bulla::ca {
namespace {

namespace fs = std::filesystem;

Error not_writable(const std::string& path, int error) {
  return {ErrorCode::file_not_writable, printable(path) + ": " + std::strerror(error)};
}

Result<void> sync_folder(const std::string& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder || ::fsync(folder.number()) != 0) return not_writable(path, errno);
  return {};
}

bool is_there(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

/// Without "." and "..", and without a slash at the end.
std::string plain_path(const std::string& path) {
  std::error_code error;
  fs::path whole = fs::absolute(path, error).lexically_normal();
  if (error) whole = path;
  if (!whole.has_filename()) whole = whole.parent_path();
  return whole.string();
}

}  // namespace

Result<Layout> layout_of(const std::string& folder) {
  const std::string place = folder + '/';
  if (is_there(place + "intermediate.pem"))
    return Layout{.certificate = place + "intermediate.pem",
                  .key = place + "intermediate-key.pem",
                  .root = place + "root.pem"};
  if (is_there(place + "ca.pem"))
    return Layout{.certificate = place + "ca.pem", .key = place + "ca-key.pem", .is_local = true};
  // Records without certificates: somebody has lost files, and is told which.
  if (is_there(folder + records_name))
    return Error{ErrorCode::ca_records_broken,
                 printable(folder) +
                     ": records.sqlite is there, and intermediate.pem is "
                     "missing",
                 "put intermediate.pem and root.pem back: nothing else tells whose records these are"};
  return Error{ErrorCode::ca_not_found, printable(folder)};
}

Result<NewFolder> NewFolder::make(const std::string& target) {
  const std::string place = plain_path(target);
  std::error_code error;
  if (fs::exists(place, error)) {
    if (!fs::is_directory(place, error) || !fs::is_empty(place, error) || error)
      return Error{ErrorCode::ca_exists, printable(target)};
    if (fs::equivalent(place, ".", error))
      return Error{ErrorCode::bad_argument, printable(target) + " is the working folder",
                   "name a folder in it: --dir my-ca"};
  }
  BULLA_TRY(make_folders(fs::path(place).parent_path().string(), Privacy::owner_only));
  std::string path = place + ".unfinished-XXXXXX";
  if (!::mkdtemp(path.data())) return not_writable(place, errno);  // mode 0700
  return NewFolder(place, std::move(path));
}

NewFolder::~NewFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

Result<void> NewFolder::finish() {
  BULLA_TRY(sync_folder(path_));
  // One step, and only onto nothing or an empty folder.
  if (::rename(path_.c_str(), target_.c_str()) != 0)
    return errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR
               ? Error{ErrorCode::ca_exists, printable(target_)}
               : not_writable(target_, errno);
  path_.clear();
  return sync_folder(fs::path(target_).parent_path().string());
}

}  // namespace bulla::ca
