// SHA-1 (FIPS 180-4 §6.1), which collides: for OCSP CertID, key identifiers, PBKDF2 of old key files, and
// test certificates. tools/check_layers.py keeps it there.
#pragma once

#include "crypto/kernel.h"

#include <bulla/provider.h>

namespace bulla::crypto {

/// All ways to compute it that this build has.
std::span<const Kernel<HashAlgorithm>> sha1_kernels() noexcept;

}  // namespace bulla::crypto
