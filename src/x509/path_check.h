// What RFC 5280 §6.1 asks of a path as a whole.
#pragma once

#include "x509/checks.h"
#include "x509/name_constraints.h"

namespace bulla::x509 {

/// Path lengths, name constraints and policies of a path from the leaf to its anchor, whose signatures, dates
/// and CA bits were checked while it was built. The anchor's own constraints hold as well (RFC 5937).
Failure check_path(PathView path, ConstraintBudget& budget);

}  // namespace bulla::x509
