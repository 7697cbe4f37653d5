// P-384's residues with MULX, ADCX and ADOX, and the kernel "adx" that is made of them.
#pragma once

#if defined(__x86_64__)

#include "crypto/ec/kernel_residue.h"
#include "crypto/ecdsa/curve.h"
#include "crypto/p384/generator_windows.h"

namespace bulla::crypto {

struct P384PrimeAdx : P384Prime {
  using Number = ec::Limbs<6>;

  /// a·b/R mod p, below p, where a < p and b is any number. After each row t < 2 p·2^64, since
  /// t/2^64 + a·b_i + q·p < 2 p + (p + p)(2^64 - 1): eight limbs are enough, and at the end t < 2 p.
  [[gnu::noinline]] static Number product(const Number& a, const Number& b) noexcept {
    Row t{};
#pragma GCC unroll 6
    for (size_t i = 0; i < 6; ++i) {
      add_row(t, a, b[i]);
      cancel(t);
      t = {t.t1, t.t2, t.t3, t.t4, t.t5, t.t6, t.t7, 0};
    }
    return below_modulus(t);
  }
  static Number square(const Number& a) noexcept { return product(a, a); }
  [[gnu::always_inline]] inline static Number sum(const Number& a, const Number& b) noexcept;
  [[gnu::always_inline]] inline static Number difference(const Number& a, const Number& b) noexcept;

 private:
  /// The lowest limb first; eight, so that a row has room for the product of the next one.
  struct Row {
    ec::Limb t0, t1, t2, t3, t4, t5, t6, t7;
  };
  /// t += a·b; t7 is 0 before.
  [[gnu::always_inline]] inline static void add_row(Row& t, const Number& a, ec::Limb b) noexcept;
  /// Adds the multiple of p that makes t0 zero, without writing that.
  [[gnu::always_inline]] inline static void cancel(Row& t) noexcept;
  /// t0 ... t6, which is below 2 p, less p where it is not below p.
  [[gnu::always_inline]] inline static Number below_modulus(const Row& t) noexcept;
};

/// P384 over these.
struct P384Adx {
  using Field = ec::KernelResidue<P384PrimeAdx>;
  using Scalar = ec::KernelResidue<ec::SoftArithmetic<P384Order>>;
  static constexpr NamedGroup group = P384::group;
  static constexpr KeyType key_type = P384::key_type;
  static constexpr std::string_view name = P384::name;

  static constexpr Field b = Field::from_montgomery(P384::b.montgomery());
  static constexpr Field generator_x = Field::from_montgomery(P384::generator_x.montgomery());
  static constexpr Field generator_y = Field::from_montgomery(P384::generator_y.montgomery());
  static constexpr const auto& generator_table = P384::generator_table;
  static constexpr const auto& generator_window = p384_window;
  /// How many of them there are.
  static constexpr size_t generator_windows = 1;
};

/// The kernel; needs bmi2, adx and avx2.
extern const GroupAlgorithm p384_adx;
/// Likewise.
extern const EcdsaCurve p384_ecdsa_adx;

#define BULLA_P384_STEP(at, low_limb, high_limb) \
  "mulxq " #at                                   \
  "(%[a]), %[low], %[high]\n\t"                  \
  "adcxq %[low], %[" #low_limb                   \
  "]\n\t"                                        \
  "adoxq %[high], %[" #high_limb "]\n\t"

void P384PrimeAdx::add_row(Row& t, const Number& a, ec::Limb b) noexcept {
  ec::Limb low, high;
  __asm__("xorl %k[low], %k[low]\n\t"  // both carries are zero
          BULLA_P384_STEP(0, t0, t1)   //
          BULLA_P384_STEP(8, t1, t2)   //
          BULLA_P384_STEP(16, t2, t3)  //
          BULLA_P384_STEP(24, t3, t4)  //
          BULLA_P384_STEP(32, t4, t5)  //
          BULLA_P384_STEP(40, t5, t6)  //
          "movl $0, %k[low]\n\t"
          "adcxq %[low], %[t6]\n\t"
          "adoxq %[low], %[t7]\n\t"
          "adcxq %[low], %[t7]\n\t"
          : [t0] "+&r"(t.t0), [t1] "+&r"(t.t1), [t2] "+&r"(t.t2), [t3] "+&r"(t.t3), [t4] "+&r"(t.t4),
            [t5] "+&r"(t.t5), [t6] "+&r"(t.t6), [t7] "+&r"(t.t7), [low] "=&r"(low), [high] "=&r"(high)
          : [a] "r"(a.data()), "d"(b), "m"(a)
          : "cc");
}
#undef BULLA_P384_STEP

/// q = t0·(2^32 + 1), since -1/p is that modulo 2^64, and t + q·p = t - q·(2^128 + 2^96 - 2^32 + 1) +
/// q·2^384. What is taken away is q·(2^64 - 2^32 + 1) + 2^64·q·(2^32 - 1) + 2^128·q; its lowest limb is t0.
void P384PrimeAdx::cancel(Row& t) noexcept {
  static constexpr ec::Limb factors[2] = {0xffffffff00000001, 0x00000000ffffffff};
  ec::Limb low, high;
  __asm__(
      "movq %[t0], %%rdx\n\t"
      "shlq $32, %%rdx\n\t"
      "addq %[t0], %%rdx\n\t"
      "mulxq %[first], %[low], %[high]\n\t"
      "mulxq %[second], %[low], %[t0]\n\t"
      "addq %[low], %[high]\n\t"
      "adcq %%rdx, %[t0]\n\t"
      "movl $0, %k[low]\n\t"
      "adcq $0, %[low]\n\t"
      "subq %[high], %[t1]\n\t"
      "sbbq %[t0], %[t2]\n\t"
      "sbbq %[low], %[t3]\n\t"
      "sbbq $0, %[t4]\n\t"
      "sbbq $0, %[t5]\n\t"
      "sbbq $0, %%rdx\n\t"  // without a borrow: it is 0 only where q·p is
      "addq %%rdx, %[t6]\n\t"
      "adcq $0, %[t7]\n\t"
      : [t0] "+&r"(t.t0), [t1] "+&r"(t.t1), [t2] "+&r"(t.t2), [t3] "+&r"(t.t3), [t4] "+&r"(t.t4),
        [t5] "+&r"(t.t5), [t6] "+&r"(t.t6), [t7] "+&r"(t.t7), [low] "=&r"(low), [high] "=&r"(high)
      : [first] "m"(factors[0]), [second] "m"(factors[1])
      : "rdx", "cc");
}

ec::Limbs<6> P384PrimeAdx::below_modulus(const Row& t) noexcept {
  ec::Limb s0 = t.t0, s1 = t.t1, s2 = t.t2, s3 = t.t3, s4 = t.t4, s5 = t.t5, top = t.t6;
  __asm__(
      "subq (%[m]), %[s0]\n\t"
      "sbbq 8(%[m]), %[s1]\n\t"
      "sbbq $-2, %[s2]\n\t"
      "sbbq $-1, %[s3]\n\t"
      "sbbq $-1, %[s4]\n\t"
      "sbbq $-1, %[s5]\n\t"
      "sbbq $0, %[top]\n\t"
      "cmovcq %[t0], %[s0]\n\t"
      "cmovcq %[t1], %[s1]\n\t"
      "cmovcq %[t2], %[s2]\n\t"
      "cmovcq %[t3], %[s3]\n\t"
      "cmovcq %[t4], %[s4]\n\t"
      "cmovcq %[t5], %[s5]\n\t"
      : [s0] "+&r"(s0), [s1] "+&r"(s1), [s2] "+&r"(s2), [s3] "+&r"(s3), [s4] "+&r"(s4), [s5] "+&r"(s5),
        [top] "+&r"(top)
      : [t0] "rm"(t.t0), [t1] "rm"(t.t1), [t2] "rm"(t.t2), [t3] "rm"(t.t3), [t4] "rm"(t.t4), [t5] "rm"(t.t5),
        [m] "r"(value.data()), "m"(value)
      : "cc");
  return {s0, s1, s2, s3, s4, s5};
}

ec::Limbs<6> P384PrimeAdx::sum(const Number& a, const Number& b) noexcept {
  Number t = a;
  const ec::Limb top = ec::add_to(t, b);
  return below_modulus({t[0], t[1], t[2], t[3], t[4], t[5], top, 0});
}

ec::Limbs<6> P384PrimeAdx::difference(const Number& a, const Number& b) noexcept {
  ec::Limb r0 = a[0], r1 = a[1], r2 = a[2], r3 = a[3], r4 = a[4], r5 = a[5], mask, p0, p1, p2;
  __asm__(
      "subq (%[b]), %[r0]\n\t"
      "sbbq 8(%[b]), %[r1]\n\t"
      "sbbq 16(%[b]), %[r2]\n\t"
      "sbbq 24(%[b]), %[r3]\n\t"
      "sbbq 32(%[b]), %[r4]\n\t"
      "sbbq 40(%[b]), %[r5]\n\t"
      "sbbq %[mask], %[mask]\n\t"  // all ones where p is added
      "movl %k[mask], %k[p0]\n\t"
      "movq %[mask], %[p1]\n\t"
      "shlq $32, %[p1]\n\t"
      "leaq (%[mask],%[mask]), %[p2]\n\t"
      "addq %[p0], %[r0]\n\t"
      "adcq %[p1], %[r1]\n\t"
      "adcq %[p2], %[r2]\n\t"
      "adcq %[mask], %[r3]\n\t"
      "adcq %[mask], %[r4]\n\t"
      "adcq %[mask], %[r5]\n\t"
      : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [r4] "+&r"(r4), [r5] "+&r"(r5),
        [mask] "=&r"(mask), [p0] "=&r"(p0), [p1] "=&r"(p1), [p2] "=&r"(p2)
      : [b] "r"(b.data()), "m"(b)
      : "cc");
  return {r0, r1, r2, r3, r4, r5};
}

}  // namespace bulla::crypto

#endif
