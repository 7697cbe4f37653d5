// Where distributions keep the roots that they trust, for any folder that stands for "/".
#pragma once

#include <bulla/os.h>

#include <string>

namespace bulla::os {

/// The roots of the first bundle, or else folder, that is there, below `prefix` ("" for this system). Error:
/// no_system_roots.
Result<RootStore> roots_of_distribution(const std::string& prefix);
/// Adds each certificate of a file, skipping those that cannot be parsed; nothing where it cannot be read.
void add_file(RootStore& roots, const std::string& path);

}  // namespace bulla::os
