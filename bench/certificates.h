// Certificates: parsing, verifying a chain, and what a parsed one keeps on the heap, beside libcrypto.
#pragma once

#include "report.h"

namespace bulla::bench {

/// Chains of three certificates, made anew with ECDSA P-256 and with RSA-2048 keys, and Debian's roots where
/// they are installed.
void certificates(Report& report);

}  // namespace bulla::bench
