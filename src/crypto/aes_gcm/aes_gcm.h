// AES-128-GCM and AES-256-GCM (NIST SP 800-38D; RFC 5116 §5.1, §5.2): nonces of 96 bits, tags of 128.
#pragma once

#include "crypto/kernel.h"

#include <bulla/provider.h>

namespace bulla::crypto {

/// All ways to compute it that this build has.
std::span<const Kernel<AeadAlgorithm>> aes_128_gcm_kernels() noexcept;
/// Likewise.
std::span<const Kernel<AeadAlgorithm>> aes_256_gcm_kernels() noexcept;

}  // namespace bulla::crypto
