// Files of the test data outside the tree.
#pragma once

#include "support/vectors.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace bulla::test {

/// Paths of all files below a folder that end so, relative to the vectors' folder, sorted.
inline std::vector<std::string> files_below(const std::string& folder, std::string_view ending) {
  namespace fs = std::filesystem;
  std::vector<std::string> out;
  const auto root = vectors_dir();
  if (!root || !fs::exists(*root / folder)) return out;
  for (const auto& entry : fs::recursive_directory_iterator(*root / folder)) {
    const std::string path = fs::relative(entry.path(), *root).string();
    if (entry.is_regular_file() && path.ends_with(ending)) out.push_back(path);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace bulla::test
