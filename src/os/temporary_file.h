// Files that are written under another name first, and what is left of them where a process was killed.
#pragma once

#include <bulla/os.h>

#include <string>

namespace bulla::os {

/// A file beside `target`, named "TARGET.bulla-XXXXXX", mode 0600; removed again unless it was moved to its
/// place. Locked while it is open: whoever finds it unlocked and old may take it away.
struct TemporaryFile {
  explicit TemporaryFile(const std::string& target);
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();
  std::string name;
  Descriptor file;
  int error;
};

/// Removes what killed processes left in the folder: regular files of this user with such a name that no
/// process holds and nobody has changed for a minute. Whatever cannot be removed stays.
void remove_unfinished(const std::string& folder) noexcept;

}  // namespace bulla::os
