// The primitives alone: ours beside libcrypto's, both through the provider seam, in cycles.
#pragma once

#include "report.h"

namespace bulla::bench {

/// One row for each operation and size. With `--provider openssl` both sides are libcrypto's, which shows
/// how far the figures of this run can be trusted.
void primitives(Report& report);

}  // namespace bulla::bench
