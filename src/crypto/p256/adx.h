// P-256's residues with MULX, ADCX and ADOX, and the kernel "adx" that is made of them.
#pragma once

#if defined(__x86_64__)

#include "crypto/ec/adx4.h"
#include "crypto/ec/kernel_residue.h"
#include "crypto/ecdsa/curve.h"
#include "crypto/p256/generator_windows.h"

namespace bulla::crypto {

struct P256PrimeAdx : P256Prime {
  using Number = ec::Limbs<4>;

  [[gnu::always_inline]] static Number product(const Number& a, const Number& b) noexcept {
    return reduce(ec::adx::multiply(a, b));
  }
  [[gnu::always_inline]] static Number square(const Number& a) noexcept { return reduce(ec::adx::square(a)); }
  [[gnu::always_inline]] inline static Number sum(const Number& a, const Number& b) noexcept;
  [[gnu::always_inline]] inline static Number difference(const Number& a, const Number& b) noexcept;
  /// t/R mod p, below p, for t < p·R.
  [[gnu::always_inline]] inline static Number reduce(ec::adx::Eight t) noexcept;
};

/// P256 over these.
struct P256Adx {
  using Field = ec::KernelResidue<P256PrimeAdx>;
  using Scalar = ec::KernelResidue<ec::SoftArithmetic<P256Order>>;
  static constexpr NamedGroup group = P256::group;
  static constexpr KeyType key_type = P256::key_type;
  static constexpr std::string_view name = P256::name;

  static constexpr Field b = Field::from_montgomery(P256::b.montgomery());
  static constexpr Field generator_x = Field::from_montgomery(P256::generator_x.montgomery());
  static constexpr Field generator_y = Field::from_montgomery(P256::generator_y.montgomery());
  static constexpr const auto& generator_table = P256::generator_table;
  static constexpr const auto& generator_window = p256_window;
  /// How many of them there are.
  static constexpr size_t generator_windows = ec::GeneratorWindows<P256>::windows;
};

/// The kernel; needs bmi2, adx and avx2.
extern const GroupAlgorithm p256_adx;
/// Likewise.
extern const EcdsaCurve p256_ecdsa_adx;

// As P256Prime::cancel: q = t0, and q·(p + 1) = q·2^96 + q·p[3]·2^192. The row's highest limb is new: the
// lower half t < 2^256 gives (t + q·p)/2^64 < 2^192 + p < 2^256.
#define BULLA_P256_ROW(t0, t1, t2, t3, t4) \
  "movq %[" #t0                            \
  "], %%rdx\n\t"                           \
  "movq %[" #t0                            \
  "], %[low]\n\t"                          \
  "shlq $32, %[low]\n\t"                   \
  "shrq $32, %[" #t0                       \
  "]\n\t"                                  \
  "mulxq %[p3], %[product], %[" #t4        \
  "]\n\t"                                  \
  "addq %[low], %[" #t1                    \
  "]\n\t"                                  \
  "adcq %[" #t0 "], %[" #t2                \
  "]\n\t"                                  \
  "adcq %[product], %[" #t3                \
  "]\n\t"                                  \
  "adcq $0, %[" #t4 "]\n\t"
// (r0 ... r3, top) less p goes to s0 ... s3, and back come r0 ... r3 where that is negative.
#define BULLA_P256_BELOW(r0, r1, r2, r3, top, s0, s1, s2, s3) \
  "movq %[" #r0 "], %[" #s0                                   \
  "]\n\t"                                                     \
  "movl $-1, %k[low]\n\t"                                     \
  "movq %[" #r1 "], %[" #s1                                   \
  "]\n\t"                                                     \
  "movq %[" #r2 "], %[" #s2                                   \
  "]\n\t"                                                     \
  "movq %[" #r3 "], %[" #s3                                   \
  "]\n\t"                                                     \
  "subq $-1, %[" #s0                                          \
  "]\n\t"                                                     \
  "sbbq %[low], %[" #s1                                       \
  "]\n\t"                                                     \
  "sbbq $0, %[" #s2                                           \
  "]\n\t"                                                     \
  "sbbq %[p3], %[" #s3                                        \
  "]\n\t"                                                     \
  "sbbq $0, %[" #top                                          \
  "]\n\t"                                                     \
  "cmovcq %[" #r0 "], %[" #s0                                 \
  "]\n\t"                                                     \
  "cmovcq %[" #r1 "], %[" #s1                                 \
  "]\n\t"                                                     \
  "cmovcq %[" #r2 "], %[" #s2                                 \
  "]\n\t"                                                     \
  "cmovcq %[" #r3 "], %[" #s3 "]\n\t"

ec::Limbs<4> P256PrimeAdx::reduce(ec::adx::Eight t) noexcept {
  ec::Limb low, product, fresh;
  __asm__(BULLA_P256_ROW(t0, t1, t2, t3, fresh)  //
          BULLA_P256_ROW(t1, t2, t3, fresh, t0)  //
          BULLA_P256_ROW(t2, t3, fresh, t0, t1)  //
          BULLA_P256_ROW(t3, fresh, t0, t1, t2)
          "movl $0, %k[product]\n\t"
          "addq %[t4], %[fresh]\n\t"
          "adcq %[t5], %[t0]\n\t"
          "adcq %[t6], %[t1]\n\t"
          "adcq %[t7], %[t2]\n\t"
          "adcq $0, %[product]\n\t"  //
          BULLA_P256_BELOW(fresh, t0, t1, t2, product, t4, t5, t6, t7)
          : [t0] "+&r"(t.t0), [t1] "+&r"(t.t1), [t2] "+&r"(t.t2), [t3] "+&r"(t.t3), [t4] "+&r"(t.t4),
            [t5] "+&r"(t.t5), [t6] "+&r"(t.t6), [t7] "+&r"(t.t7), [fresh] "=&r"(fresh), [low] "=&r"(low),
            [product] "=&r"(product)
          : [p3] "r"(value[3])
          : "rdx", "cc");
  return {t.t4, t.t5, t.t6, t.t7};
}

ec::Limbs<4> P256PrimeAdx::sum(const Number& a, const Number& b) noexcept {
  ec::Limb r0 = a[0], r1 = a[1], r2 = a[2], r3 = a[3], s0, s1, s2, s3, low, top;
  __asm__(
      "movl $0, %k[top]\n\t"
      "addq %[b0], %[r0]\n\t"
      "adcq %[b1], %[r1]\n\t"
      "adcq %[b2], %[r2]\n\t"
      "adcq %[b3], %[r3]\n\t"
      "adcq $0, %[top]\n\t"  //
      BULLA_P256_BELOW(r0, r1, r2, r3, top, s0, s1, s2, s3)
      : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [s0] "=&r"(s0), [s1] "=&r"(s1),
        [s2] "=&r"(s2), [s3] "=&r"(s3), [low] "=&r"(low), [top] "=&r"(top)
      : [b0] "rm"(b[0]), [b1] "rm"(b[1]), [b2] "rm"(b[2]), [b3] "rm"(b[3]), [p3] "rm"(value[3])
      : "cc");
  return {s0, s1, s2, s3};
}

ec::Limbs<4> P256PrimeAdx::difference(const Number& a, const Number& b) noexcept {
  ec::Limb r0 = a[0], r1 = a[1], r2 = a[2], r3 = a[3], p0, p1, p3 = value[3];
  __asm__(
      "subq %[b0], %[r0]\n\t"
      "sbbq %[b1], %[r1]\n\t"
      "sbbq %[b2], %[r2]\n\t"
      "sbbq %[b3], %[r3]\n\t"
      "sbbq %[p0], %[p0]\n\t"  // all ones where p is added
      "movl %k[p0], %k[p1]\n\t"
      "andq %[p0], %[p3]\n\t"
      "addq %[p0], %[r0]\n\t"
      "adcq %[p1], %[r1]\n\t"
      "adcq $0, %[r2]\n\t"
      "adcq %[p3], %[r3]\n\t"
      : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [p0] "=&r"(p0), [p1] "=&r"(p1),
        [p3] "+&r"(p3)
      : [b0] "rm"(b[0]), [b1] "rm"(b[1]), [b2] "rm"(b[2]), [b3] "rm"(b[3])
      : "cc");
  return {r0, r1, r2, r3};
}

#undef BULLA_P256_ROW
#undef BULLA_P256_BELOW

}  // namespace bulla::crypto

#endif
