// A hash of bytes that are at hand as a whole.
#pragma once

#include <bulla/provider.h>

#include <vector>

namespace bulla::x509 {

/// Empty where `provider` does not have the hash.
std::vector<uint8_t> digest_of(const Provider& provider, HashId hash, Bytes data);

}  // namespace bulla::x509
