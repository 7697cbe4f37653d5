// Montgomery multiplication ("Modular multiplication without trial division", 1985): its kernels.
#pragma once

#include "crypto/bignum/limbs.h"
#include "crypto/kernel.h"

namespace bulla::crypto::bignum {

/// A way to multiply. `m` is odd, R = 2^(64·limbs), 0 < limbs <= max_limbs; every number has `limbs` limbs,
/// `out` may be one of the inputs.
struct Montgomery {
  /// out = a·b/R mod m, below m; for b < m and any a < R. `m_inverse` is -1/m mod 2^64.
  void (*multiply)(Limb* out, const Limb* a, const Limb* b, const Limb* m, Limb m_inverse,
                   size_t limbs) noexcept;
  /// out = a·a/R mod m, below m; for a < m.
  void (*square)(Limb* out, const Limb* a, const Limb* m, Limb m_inverse, size_t limbs) noexcept;
};

/// All ways to compute it that this build has.
std::span<const Kernel<Montgomery>> montgomery_kernels() noexcept;
/// The fastest for this machine.
const Montgomery& montgomery() noexcept;

// The kernels.
extern const Montgomery montgomery_soft;
#if defined(__x86_64__)
extern const Montgomery montgomery_adx;
#endif

}  // namespace bulla::crypto::bignum
