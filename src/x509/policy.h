// Certificate policies (RFC 5280 §6.1, with the policy graph of RFC 9618): no policy is asked for by the
// user, but a CA may require one.
#pragma once

#include "x509/checks.h"

namespace bulla::x509 {

/// Nothing where the path passes: no CA of it requires an explicit policy, or there is one that is valid down
/// to the leaf. `path` is leaf first and ends with the anchor, whose own policies do not count.
Failure check_policies(PathView path);

}  // namespace bulla::x509
