// The folder of a CA: which files it has, and how one comes to be, whole or not at all.
#pragma once

#include <bulla/ca.h>

#include <string>
#include <utility>
#include <vector>

namespace bulla::ca {

/// The files of a CA, under their folder.
struct Layout {
  std::string certificate = {};  ///< of the issuing CA
  std::string key = {};          ///< its key
  std::string root = {};         ///< the one above it; empty: there is none
  bool is_local = false;         ///< as pki::LocalCa has them
};
inline constexpr const char* records_name = "/records.sqlite";

/// Where a CA made by Authority::create has its files, or a local CA. Error: ca_not_found where the folder
/// has neither.
Result<Layout> layout_of(const std::string& folder);

/// A folder that is filled under another name and then put in its place. What is unfinished is removed.
class NewFolder {
 public:
  /// Beside `target`, whose parents are made. Errors: ca_exists where `target` is there and not empty;
  /// bad_argument where it is the working folder, which cannot be put in place of itself; those of files.
  static Result<NewFolder> make(const std::string& target);
  NewFolder(NewFolder&& other) noexcept
      : target_(std::move(other.target_)), path_(std::exchange(other.path_, {})) {}
  NewFolder& operator=(NewFolder&&) = delete;
  ~NewFolder();

  const std::string& path() const noexcept { return path_; }
  /// Puts it in its place, on the disk too. Errors: ca_exists where another process was faster; those of
  /// files.
  Result<void> finish();

 private:
  NewFolder(std::string target, std::string path) noexcept
      : target_(std::move(target)), path_(std::move(path)) {}
  std::string target_, path_;
};

}  // namespace bulla::ca
