// ChaCha20-Poly1305 (RFC 8439 §2.8).
#pragma once

#include "crypto/kernel.h"

#include <bulla/provider.h>

namespace bulla::crypto {

/// All ways to compute it that this build has.
std::span<const Kernel<AeadAlgorithm>> chacha20_poly1305_kernels() noexcept;

}  // namespace bulla::crypto
