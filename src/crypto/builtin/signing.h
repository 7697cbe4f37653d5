// Signatures and keys of the builtin provider.
#pragma once

#include <bulla/provider.h>

namespace bulla::crypto {

/// Verifies, loads and generates keys of every type that there is a family for.
extern const SignatureFunctions builtin_signing;

/// What `builtin_signing` can do.
std::span<const SignatureAlgorithm> builtin_signatures() noexcept;

}  // namespace bulla::crypto
