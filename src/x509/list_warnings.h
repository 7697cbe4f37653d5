// Revocation lists that were given and say nothing of a path: whoever gave them would think otherwise.
#pragma once

#include "x509/revocation.h"

#include <bulla/verification_report.h>

#include <vector>

namespace bulla::x509 {

/// A warning for each list of an issuer of the path (leaf first) from which nothing can be learnt of any of
/// its certificates; a bounded number. None where lists are not looked at, or the budget does not allow it.
std::vector<Warning> list_warnings(const Question& question, RevocationSearch& search, Path path);

}  // namespace bulla::x509
