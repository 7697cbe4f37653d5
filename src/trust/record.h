// What was installed, and for which CA's folder: one file a root, so that it can be taken out again after the
// folder has got another root, or none.
#pragma once

#include <bulla/trust.h>

namespace bulla::trust {

/// Where a change of such a store is recorded: for all users, or for this one.
const std::string& record_folder_for(const Machine& machine, StoreKind kind);
/// In one of the two; no effect where the folder is empty. Errors: those of files.
Result<void> write_record(const std::string& record_folder, const Machine& machine, const Root& root);
/// From both; no effect where there is none.
void remove_record(const Machine& machine, const Root& root);

}  // namespace bulla::trust
