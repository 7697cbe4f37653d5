// The report on a chain: the paths that a search tries, followed past what is wrong with them, and every
// check of every certificate put into words. Bounded by a number of paths; for a person, never on the way to
// an accepted handshake.
#pragma once

#include "x509/path_builder.h"

#include <bulla/verification_report.h>

namespace bulla::x509 {

/// `accepted`: the path that the search found, leaf first; empty where it found none, and then the report has
/// an error. What `search` has paid for is not paid again.
VerificationReport report(const Question& question, PathBuilder& search, Path accepted);

/// The report on a leaf that is trusted itself.
VerificationReport report_on_trusted_leaf(const Question& question);

}  // namespace bulla::x509
