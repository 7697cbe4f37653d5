// Products of residues with MULX, ADCX and ADOX, row by row: four limbs times one are added in two chains of
// carries that do not wait for each other, and a multiple of the modulus makes the lowest limb zero, which is
// then the highest of the next row. Compilers make one chain of the same C++, with each carry moved to a
// register and back (README.md has the cycles).
#pragma once

#if defined(__x86_64__)

#include "crypto/ec/residue.h"

namespace bulla::crypto::ec {

/// The lowest limb first; six, so that a row has room for the product of the next one.
struct AdxRow {
  Limb t0 = 0, t1 = 0, t2 = 0, t3 = 0, t4 = 0, t5 = 0;
};

#define BULLA_EC_STEP(at, low_limb, high_limb) \
  "mulxq " #at                                 \
  "(%[a]), %[low], %[high]\n\t"                \
  "adcxq %[low], %[" #low_limb                 \
  "]\n\t"                                      \
  "adoxq %[high], %[" #high_limb "]\n\t"

/// t0 ... t4 += a·b; the carry, 0 or 1, is added to t5. What a limb holds decides nothing.
[[gnu::always_inline]] inline void add_row(AdxRow& t, const Limbs<4>& a, Limb b) noexcept {
  Limb low, high;
  __asm__("xorl %k[low], %k[low]\n\t"  // both carries are zero
          BULLA_EC_STEP(0, t0, t1)     //
          BULLA_EC_STEP(8, t1, t2)     //
          BULLA_EC_STEP(16, t2, t3)    //
          BULLA_EC_STEP(24, t3, t4)    //
          "movl $0, %k[low]\n\t"
          "adcxq %[low], %[t4]\n\t"
          "adoxq %[low], %[t5]\n\t"
          "adcxq %[low], %[t5]\n\t"
          : [t0] "+&r"(t.t0), [t1] "+&r"(t.t1), [t2] "+&r"(t.t2), [t3] "+&r"(t.t3), [t4] "+&r"(t.t4),
            [t5] "+&r"(t.t5), [low] "=&r"(low), [high] "=&r"(high)
          : [a] "r"(a.data()), "d"(b), "m"(a)
          : "cc");
}
#undef BULLA_EC_STEP

/// A row down: what was t1 is the lowest limb.
[[gnu::always_inline]] inline AdxRow next_row(const AdxRow& t) noexcept {
  return {t.t1, t.t2, t.t3, t.t4, t.t5, 0};
}

/// a·b/R mod m, below m, where a < m and b is any number. After each row t < 2 m·2^64, since
/// t/2^64 + a·b_i + q·m < 2 m + (m + m)(2^64 - 1): six limbs are enough, and at the end t < 2 m.
/// `cancel(t)` adds the multiple of m to t that makes t0 zero; t0 itself need not be written.
template <class Cancel>
[[gnu::always_inline]] inline Limbs<4> product_by_rows(const Limbs<4>& a, const Limbs<4>& b,
                                                       const Limbs<4>& m, Cancel&& cancel) noexcept {
  AdxRow t;
#pragma GCC unroll 4
  for (size_t i = 0; i < 4; ++i) {
    add_row(t, a, b[i]);
    cancel(t);
    t = next_row(t);
  }
  const Limbs<4> sum = {t.t0, t.t1, t.t2, t.t3};
  Limbs<4> less = sum;
  const Limb borrow = subtract_from(less, m);
  // Below m where the subtraction borrows more than the fifth limb has.
  return select(mask_of_bit(borrow & ~t.t4), sum, less);
}

}  // namespace bulla::crypto::ec

#endif
