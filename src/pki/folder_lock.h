// One process at a time in a folder.
#pragma once

#include <bulla/os.h>

#include <string>

namespace bulla::pki {

/// Makes the folder (owner only) if it is missing, and waits until no other process holds it. Released when
/// the descriptor dies, or the process.
Result<Descriptor> lock_folder(const std::string& folder);

/// "user@host", in the characters that a distinguished name and a terminal take.
std::string user_at_host();

}  // namespace bulla::pki
