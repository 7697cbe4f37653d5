// Products of numbers of four limbs with MULX, ADCX and ADOX: a row of them, four limbs times one, is added
// in two chains of carries that do not wait for each other (Ozturk, Guilford, Gopal, Feghali, "New
// instructions supporting large integer arithmetic on Intel architecture processors", 2012). Compilers make
// one chain of the same C++, with each carry moved to a register and back; and a sum modulo m is eight
// instructions longer there, which matters since a point takes more sums than products. README.md has the
// cycles. What a limb holds decides nothing here: there is no jump.
#pragma once

#if defined(__x86_64__)

#include "crypto/ec/limbs.h"

namespace bulla::crypto::ec::adx {

/// A number of eight limbs, in registers.
struct Eight {
  Limb t0, t1, t2, t3, t4, t5, t6, t7;
};

// The number at `at`(a) times rdx, its low half to `low_limb` by one chain, the high one to `high_limb` by
// the other.
#define BULLA_EC_STEP(at, low_limb, high_limb) \
  "mulxq " #at                                 \
  "(%[a]), %[low], %[high]\n\t"                \
  "adcxq %[low], %[" #low_limb                 \
  "]\n\t"                                      \
  "adoxq %[high], %[" #high_limb "]\n\t"
// A row whose highest limb is new: `t4` is written, not added to, and takes both carries, for which there is
// room: (2^256 - 1) + (2^256 - 1)(2^64 - 1) < 2^320.
#define BULLA_EC_ROW(t0, t1, t2, t3, t4)                                        \
  "xorl %k[low], %k[low]\n\t" BULLA_EC_STEP(0, t0, t1) BULLA_EC_STEP(8, t1, t2) \
      BULLA_EC_STEP(16, t2, t3) "mulxq 24(%[a]), %[low], %[" #t4                \
                                "]\n\t"                                         \
                                "adcxq %[low], %[" #t3                          \
                                "]\n\t"                                         \
                                "movl $0, %k[low]\n\t"                          \
                                "adcxq %[low], %[" #t4                          \
                                "]\n\t"                                         \
                                "adoxq %[low], %[" #t4 "]\n\t"

/// a·b.
[[gnu::always_inline]] inline Eight multiply(const Limbs<4>& a, const Limbs<4>& b) noexcept {
  Eight t;
  Limb low, high;
  __asm__(
      "movq (%[b]), %%rdx\n\t"
      "mulxq (%[a]), %[t0], %[t1]\n\t"
      "mulxq 8(%[a]), %[low], %[t2]\n\t"
      "addq %[low], %[t1]\n\t"
      "mulxq 16(%[a]), %[low], %[t3]\n\t"
      "adcq %[low], %[t2]\n\t"
      "mulxq 24(%[a]), %[low], %[t4]\n\t"
      "adcq %[low], %[t3]\n\t"
      "adcq $0, %[t4]\n\t"
      "movq 8(%[b]), %%rdx\n\t"         //
      BULLA_EC_ROW(t1, t2, t3, t4, t5)  //
      "movq 16(%[b]), %%rdx\n\t"        //
      BULLA_EC_ROW(t2, t3, t4, t5, t6)  //
      "movq 24(%[b]), %%rdx\n\t"        //
      BULLA_EC_ROW(t3, t4, t5, t6, t7)
      : [t0] "=&r"(t.t0), [t1] "=&r"(t.t1), [t2] "=&r"(t.t2), [t3] "=&r"(t.t3), [t4] "=&r"(t.t4),
        [t5] "=&r"(t.t5), [t6] "=&r"(t.t6), [t7] "=&r"(t.t7), [low] "=&r"(low), [high] "=&r"(high)
      : [a] "r"(a.data()), [b] "r"(b.data()), "m"(a), "m"(b)
      : "rdx", "cc");
  return t;
}

/// a²: the products of different limbs once, doubled by one chain while the other adds the squares.
[[gnu::always_inline]] inline Eight square(const Limbs<4>& a) noexcept {
  Eight t;
  Limb low, high;
  __asm__(
      "movq (%[a]), %%rdx\n\t"
      "mulxq 8(%[a]), %[t1], %[t2]\n\t"
      "mulxq 16(%[a]), %[low], %[t3]\n\t"
      "addq %[low], %[t2]\n\t"
      "mulxq 24(%[a]), %[low], %[t4]\n\t"
      "adcq %[low], %[t3]\n\t"
      "adcq $0, %[t4]\n\t"
      "movq 8(%[a]), %%rdx\n\t"
      "xorl %k[t5], %k[t5]\n\t"  // both carries are zero
      BULLA_EC_STEP(16, t3, t4)  //
      BULLA_EC_STEP(24, t4, t5)
      "movq 16(%[a]), %%rdx\n\t"
      "mulxq 24(%[a]), %[low], %[t6]\n\t"
      "movl $0, %k[t7]\n\t"
      "adcxq %[low], %[t5]\n\t"
      "adcxq %[t7], %[t6]\n\t"  // both carries are zero again: t5 and t6 had room
      "movq (%[a]), %%rdx\n\t"
      "mulxq %%rdx, %[t0], %[high]\n\t"
      "adcxq %[t1], %[t1]\n\t"
      "adoxq %[high], %[t1]\n\t"
      "movq 8(%[a]), %%rdx\n\t"
      "mulxq %%rdx, %[low], %[high]\n\t"
      "adcxq %[t2], %[t2]\n\t"
      "adoxq %[low], %[t2]\n\t"
      "adcxq %[t3], %[t3]\n\t"
      "adoxq %[high], %[t3]\n\t"
      "movq 16(%[a]), %%rdx\n\t"
      "mulxq %%rdx, %[low], %[high]\n\t"
      "adcxq %[t4], %[t4]\n\t"
      "adoxq %[low], %[t4]\n\t"
      "adcxq %[t5], %[t5]\n\t"
      "adoxq %[high], %[t5]\n\t"
      "movq 24(%[a]), %%rdx\n\t"
      "mulxq %%rdx, %[low], %[high]\n\t"
      "adcxq %[t6], %[t6]\n\t"
      "adoxq %[low], %[t6]\n\t"
      "adcxq %[t7], %[t7]\n\t"
      "adoxq %[high], %[t7]\n\t"
      : [t0] "=&r"(t.t0), [t1] "=&r"(t.t1), [t2] "=&r"(t.t2), [t3] "=&r"(t.t3), [t4] "=&r"(t.t4),
        [t5] "=&r"(t.t5), [t6] "=&r"(t.t6), [t7] "=&r"(t.t7), [low] "=&r"(low), [high] "=&r"(high)
      : [a] "r"(a.data()), "m"(a)
      : "rdx", "cc");
  return t;
}

#undef BULLA_EC_STEP
#undef BULLA_EC_ROW

}  // namespace bulla::crypto::ec::adx

#endif
