// The three operations of a hybrid group over its two halves.
#pragma once

#include <bulla/provider.h>

namespace bulla::crypto::hybrid {

/// In the order of their bytes.
struct Halves {
  const GroupAlgorithm *first, *second;
};

/// A private key is the size of the first half's (four bytes, little-endian), the first half's, the second
/// half's.
void generate(const Halves& halves, Random& random, std::span<GenerateJob> jobs) noexcept;
/// Refuses a share of another length, or with a half that is refused.
void encapsulate(const Halves& halves, Random& random, std::span<EncapsulateJob> jobs) noexcept;
/// Likewise.
void decapsulate(const Halves& halves, std::span<DecapsulateJob> jobs) noexcept;

}  // namespace bulla::crypto::hybrid
