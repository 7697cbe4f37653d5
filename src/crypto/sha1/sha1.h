// SHA-1 (FIPS 180-4 §6.1), which collides: for PBKDF2 of old key files and where else no collision matters.
// tools/check_layers.py says who may reach it.
#pragma once

#include "crypto/kernel.h"

#include <bulla/provider.h>

namespace bulla::crypto {

/// All ways to compute it that this build has.
std::span<const Kernel<HashAlgorithm>> sha1_kernels() noexcept;

}  // namespace bulla::crypto
