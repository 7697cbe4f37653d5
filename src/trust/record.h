// What was installed, and for which CA's folder: one file a root, so that it can be taken out again after the
// folder has got another root, or none.
#pragma once

#include <bulla/trust.h>

namespace bulla::trust {

/// Errors: those of files.
Result<void> write_record(const Machine& machine, const Root& root);
/// No effect where there is none.
void remove_record(const Machine& machine, const Root& root);

}  // namespace bulla::trust
