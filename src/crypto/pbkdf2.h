// PBKDF2 (RFC 8018 §5.2) with HMAC over any provider's hash: the passphrases of encrypted key files.
#pragma once

#include <bulla/provider.h>

namespace bulla {

/// Fills `out` from the passphrase. `iterations` is at least 1 (asserted) and bounded by the caller, who
/// reads it from a file: the work is iterations times the digests that `out` takes.
void pbkdf2(const HashAlgorithm& hash, Bytes passphrase, Bytes salt, uint32_t iterations,
            MutBytes out) noexcept;

}  // namespace bulla
