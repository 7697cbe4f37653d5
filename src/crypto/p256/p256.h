// P-256: ECDH on secp256r1. ECDSA has its kernels declared at crypto/ecdsa/curve.h.
#pragma once

#include "crypto/kernel.h"

#include <bulla/provider.h>

namespace bulla::crypto {

/// All ways to compute it that this build has.
std::span<const Kernel<GroupAlgorithm>> p256_kernels() noexcept;

}  // namespace bulla::crypto
