// A certificate and its key in two files of a CA's folder, for a server of this machine: made anew when it is
// due.
#pragma once

#include "pki/means.h"

#include <bulla/pki.h>

#include <functional>
#include <string>
#include <vector>

namespace bulla::pki {

/// What keeps such certificates.
struct PairKeeper {
  const std::string& folder;
  const Certificate& issuer;  ///< what did not come from it is not shown
  /// Makes a new one for the names.
  std::function<Result<Issued>(const std::vector<std::string>& names)> issue;
  /// Whether one that is there may be shown still; empty: yes.
  std::function<bool(const Certificate& leaf)> is_welcome = {};
};

/// The pair in the folder, if it is for exactly these names and good for at least a third of its lifetime; or
/// else a new one. Holds the folder's lock meanwhile. Errors: bad_name, those of files, those of `issue`.
Result<LocalCa::Fitting> kept_pair(const PairKeeper& keeper, std::vector<std::string> names,
                                   const Means& means);

/// Writes both files, the key first: there is no certificate whose key was never written.
Result<void> write_pair(const std::string& certificate_path, const std::string& key_path,
                        const Issued& issued);

}  // namespace bulla::pki
