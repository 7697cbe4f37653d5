// s·B for eight scalars side by side, one in each lane.
#pragma once

#if defined(__x86_64__)

#include "crypto/curve25519/ifma_field.h"

namespace bulla::crypto::curve25519::ifma {

/// Scalars in words, the lowest first; above their 256 bits there are zeros.
struct alignas(64) Scalars {
  uint64_t word[5][8];

  void set(size_t lane, std::span<const uint8_t, 32> scalar) noexcept {
    for (size_t i = 0; i < 4; ++i) word[i][lane] = load64(scalar.data() + 8 * i);
    word[4][lane] = 0;
  }
};

/// (X : Y : Z) of eight points; limbs are those of Element.
struct ProjectiveLanes {
  Stored x, y, z;
};

/// s·B in constant time for each s < 2^256. For the caller to wipe: what it leaves below its frame.
void multiply_base_in_lanes(const Scalars& s, ProjectiveLanes& out) noexcept;

}  // namespace bulla::crypto::curve25519::ifma

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq,avx512ifma")
namespace bulla::crypto::curve25519::ifma {

/// Bit t of each.
template <class W = Eight>
BULLA_IFMA_INLINE __mmask8 bits(const Scalars& s, size_t t) noexcept {
  return W::test(W::load(s.word[t / 64]), W::all(uint64_t{1} << t % 64));
}

}  // namespace bulla::crypto::curve25519::ifma
BULLA_TARGET_END

#endif
