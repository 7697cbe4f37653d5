// The pseudorandom function of TLS 1.2 (RFC 5246 §5) over any provider's hash.
#pragma once

#include <bulla/provider.h>

#include <initializer_list>
#include <string_view>

namespace bulla {

/// Fills `out` with PRF(secret, label, seed), the seed being the concatenation of `seeds`.
void tls12_prf(const HashAlgorithm& hash, Bytes secret, std::string_view label,
               std::initializer_list<Bytes> seeds, MutBytes out) noexcept;

}  // namespace bulla
