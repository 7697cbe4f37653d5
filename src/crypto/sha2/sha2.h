// SHA-256, SHA-384 and SHA-512 (FIPS 180-4).
#pragma once

#include "crypto/kernel.h"

#include <bulla/provider.h>

namespace bulla::crypto {

/// All ways to compute it that this build has.
std::span<const Kernel<HashAlgorithm>> sha256_kernels() noexcept;
/// Likewise.
std::span<const Kernel<HashAlgorithm>> sha384_kernels() noexcept;
/// Likewise.
std::span<const Kernel<HashAlgorithm>> sha512_kernels() noexcept;

/// The fastest for this machine.
const HashAlgorithm& sha256() noexcept;
/// Likewise.
const HashAlgorithm& sha384() noexcept;
/// Likewise.
const HashAlgorithm& sha512() noexcept;

}  // namespace bulla::crypto
