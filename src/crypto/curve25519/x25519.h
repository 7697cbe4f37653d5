// X25519 as a key exchange group (RFC 7748, RFC 9846 §4.3.8.2, §7.4.2).
#pragma once

#include "crypto/kernel.h"

#include <bulla/provider.h>

namespace bulla::crypto {

/// All ways to compute it that this build has. A job's private key is the 32 bytes of RFC 7748 §5.
std::span<const Kernel<GroupAlgorithm>> x25519_kernels() noexcept;

}  // namespace bulla::crypto
