// Two groups as one (draft-ietf-tls-ecdhe-mlkem §3, §4): shares are joined, and so are secrets. Whoever
// breaks one of the two learns nothing yet.
#pragma once

#include "crypto/hybrid/join.h"

#include <bulla/provider.h>

namespace bulla::crypto {

/// `first`'s bytes come first, in shares and in the secret: ML-KEM in X25519MLKEM768, the curve in
/// SecP256r1MLKEM768 and SecP384r1MLKEM1024. Each call does all jobs of one half, then all of the other, so
/// that kernels that work on several at once have them.
template <const GroupAlgorithm& first, const GroupAlgorithm& second>
struct Hybrid {
  static constexpr hybrid::Halves halves = {&first, &second};

  static void generate(Random& random, std::span<GenerateJob> jobs) noexcept {
    hybrid::generate(halves, random, jobs);
  }
  static void encapsulate(Random& random, std::span<EncapsulateJob> jobs) noexcept {
    hybrid::encapsulate(halves, random, jobs);
  }
  static void decapsulate(std::span<DecapsulateJob> jobs) noexcept { hybrid::decapsulate(halves, jobs); }

  /// The sizes are the sums of those of the halves, which need not be known at compile time here.
  static constexpr GroupAlgorithm algorithm(NamedGroup id, std::string_view name, uint16_t share_size,
                                            uint16_t reply_size) noexcept {
    return {.id = id,
            .name = name,
            .share_size = share_size,
            .reply_size = reply_size,
            .generate = generate,
            .encapsulate = encapsulate,
            .decapsulate = decapsulate};
  }
};

}  // namespace bulla::crypto
