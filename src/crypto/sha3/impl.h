// The kernels of Keccak-f[1600].
#pragma once

#include "crypto/sha3/sha3.h"

namespace bulla::crypto::sha3 {

extern const Keccak keccak_soft;
#if defined(__x86_64__)
extern const Keccak keccak_avx2;
extern const Keccak keccak_avx512;
#endif

/// What the kernels of these names need, here and in primitives that sit on them.
inline constexpr CpuBits avx2_needs = cpu::avx2, avx512_needs = cpu::avx512 | cpu::avx2;

}  // namespace bulla::crypto::sha3
