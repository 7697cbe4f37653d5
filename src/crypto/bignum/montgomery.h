// Montgomery multiplication ("Modular multiplication without trial division", 1985): its kernels.
#pragma once

#include "crypto/bignum/limbs.h"
#include "crypto/kernel.h"

namespace bulla::crypto::bignum {

class Modulus;

/// A power to compute: base^exponent, of residues in Montgomery form.
struct Power {
  const Modulus* modulus;
  MutLimbs out;  ///< may be `base`
  Limbs base;
  Limbs exponent;  ///< of any length
};

/// A way to multiply modulo an odd m, with R = 2^(64·limbs); every number has as many limbs as m, `out` may
/// be one of the inputs.
struct Montgomery {
  /// out = a·b/R mod m, below m; for b < m and any a < R.
  void (*multiply)(Limb* out, const Limb* a, const Limb* b, const Modulus& m) noexcept;
  /// out = a·a/R mod m, below m; for a < m.
  void (*square)(Limb* out, const Limb* a, const Modulus& m) noexcept;

  /// All of these powers. Time depends on the lengths in limbs, and on which jobs share what.
  void (*powers)(std::span<const Power> jobs);
  /// How many powers with one exponent, modulo one number of so many limbs, are computed side by side.
  size_t (*lanes)(size_t limbs) noexcept;
  /// base^exponent for an exponent that everybody may know (big-endian, empty means 0).
  void (*power_vartime)(const Modulus& modulus, MutLimbs out, Limbs base, Bytes exponent);
  /// What a kernel needs to know about a modulus beside the number itself: how many limbs that is, and what
  /// they hold. Of the modulus, what stands before aside() is there already.
  size_t (*aside_size)(size_t limbs) noexcept;
  void (*make_aside)(MutLimbs out, const Modulus& modulus);
};

/// All ways to compute it that this build has.
std::span<const Kernel<Montgomery>> montgomery_kernels() noexcept;
/// The fastest for this machine.
const Montgomery& montgomery() noexcept;

// The kernels.
extern const Montgomery montgomery_soft;
#if defined(__x86_64__)
extern const Montgomery montgomery_adx;
extern const Montgomery montgomery_ifma;
#endif

}  // namespace bulla::crypto::bignum
