// AES-CBC (NIST SP 800-38A §6.2) for encrypted key files; TLS has no way to it.
#pragma once

#include "crypto/kernel.h"

#include <bulla/provider.h>

namespace bulla::crypto {

/// All ways to compute it that this build has.
std::span<const Kernel<KeyFileCipher>> aes_cbc_kernels() noexcept;

}  // namespace bulla::crypto
