// Montgomery multiplication with MULX, ADCX and ADOX: a row of products is added in two chains of carries
// that do not wait for each other (Ozturk, Guilford, Gopal, Feghali, "New instructions supporting large
// integer arithmetic on Intel architecture processors", 2012). What a limb holds decides nothing: loops run
// by length.
#include "crypto/bignum/modulus.h"
#include "crypto/bignum/power.h"

#if defined(__x86_64__)

#include "crypto/target.h"

#include <bulla/secret.h>

#define BULLA_ROW_STEP(at, in, out)      \
  "mulxq " #at "(%[a]), %[low], %[" #out \
  "]\n\t"                                \
  "adcxq " #at                           \
  "(%[t]), %[low]\n\t"                   \
  "adoxq %[" #in                         \
  "], %[low]\n\t"                        \
  "movq %[low], " #at "(%[t])\n\t"

BULLA_TARGET_BEGIN("bmi2,adx")
namespace bulla::crypto::bignum {
namespace {

/// t += a·b for n limbs; returns the limb that comes out at the top, which always suffices:
/// R - 1 + (R - 1)(2^64 - 1) < R·2^64. One chain of carries (CF) adds t, the other (OF) the high halves of
/// the products; what controls the loops leaves both flags alone.
inline Limb add_row(Limb* t, const Limb* a, Limb b, size_t n) noexcept {
  Limb high, next, low;
  size_t count = n % 4;
  __asm__ volatile(
      "xorl %k[high], %k[high]\n\t"
      "jrcxz 2f\n"
      "1:\n\t"  // n mod 4 single steps
      BULLA_ROW_STEP(0, high, next)
      "movq %[next], %[high]\n\t"
      "leaq 8(%[a]), %[a]\n\t"
      "leaq 8(%[t]), %[t]\n\t"
      "leaq -1(%%rcx), %%rcx\n\t"
      "jrcxz 2f\n\t"
      "jmp 1b\n"
      "2:\n\t"  // four at a time
      "movq %[fours], %%rcx\n\t"
      "jrcxz 4f\n"
      "3:\n\t"
      BULLA_ROW_STEP(0, high, next)
      BULLA_ROW_STEP(8, next, high)
      BULLA_ROW_STEP(16, high, next)
      BULLA_ROW_STEP(24, next, high)
      "leaq 32(%[a]), %[a]\n\t"
      "leaq 32(%[t]), %[t]\n\t"
      "leaq -1(%%rcx), %%rcx\n\t"
      "jrcxz 4f\n\t"
      "jmp 3b\n"
      "4:\n\t"
      "movl $0, %k[low]\n\t"
      "adcxq %[low], %[high]\n\t"
      "adoxq %[low], %[high]\n\t"
      : [high] "=&r"(high), [next] "=&r"(next), [low] "=&r"(low), [a] "+&r"(a), [t] "+&r"(t), "+&c"(count)
      : [fours] "r"(n / 4), "d"(b)
      : "cc", "memory");
  return high;
}

/// The upper half of t, of 2n limbs and the bit `top`, which is below 2m: mod m.
void finish(Limb* out, const Limb* t, Limb top, const Limb* m, size_t n) noexcept {
  const LimbMask below = is_less({t + n, n}, {m, n}) & LimbMask::is_zero(top);
  subtract_if(~below, {out, n}, {t + n, n}, {m, n});
}

// Row by row, as in soft.cpp; t stays where it is instead of being shifted, and its lower half becomes zero.
void multiply(Limb* out, const Limb* a, const Limb* b, const Modulus& modulus) noexcept {
  const Limb *const m = modulus.value().data(), m_inverse = modulus.inverse();
  const size_t n = modulus.size();
  Limb t[2 * max_limbs];
  assign({t, n}, 0);
  Limb top = 0;
  for (size_t i = 0; i < n; ++i) {
    const Limb product = add_row(t + i, a, b[i], n);
    const Limb reduced = add_row(t + i, m, t[i] * m_inverse, n);
    const Wide sum = static_cast<Wide>(product) + reduced + top;
    t[i + n] = static_cast<Limb>(sum);
    top = static_cast<Limb>(sum >> limb_bits);
  }
  finish(out, t, top, m, n);
  wipe({reinterpret_cast<uint8_t*>(t), 2 * n * sizeof(Limb)});
}

/// t = a·a: the products of different limbs once, doubled, and the squares.
void wide_square(Limb* t, const Limb* a, size_t n) noexcept {
  assign({t, 2 * n}, 0);
  for (size_t i = 0; i + 1 < n; ++i) t[i + n] = add_row(t + 2 * i + 1, a + i + 1, a[i], n - i - 1);
  Limb bit = 0, carry = 0;
  for (size_t i = 0; i < n; ++i) {
    const Wide square = static_cast<Wide>(a[i]) * a[i];
    const Limb low = t[2 * i] << 1 | bit, high = t[2 * i + 1] << 1 | t[2 * i] >> (limb_bits - 1);
    bit = t[2 * i + 1] >> (limb_bits - 1);
    const Wide sum0 = static_cast<Wide>(low) + static_cast<Limb>(square) + carry;
    const Wide sum1 = static_cast<Wide>(high) + static_cast<Limb>(square >> limb_bits) +
                      static_cast<Limb>(sum0 >> limb_bits);
    t[2 * i] = static_cast<Limb>(sum0);
    t[2 * i + 1] = static_cast<Limb>(sum1);
    carry = static_cast<Limb>(sum1 >> limb_bits);
  }
}

void square(Limb* out, const Limb* a, const Modulus& modulus) noexcept {
  const Limb *const m = modulus.value().data(), m_inverse = modulus.inverse();
  const size_t n = modulus.size();
  Limb t[2 * max_limbs];
  wide_square(t, a, n);
  Limb top = 0;
  for (size_t i = 0; i < n; ++i) {
    const Limb reduced = add_row(t + i, m, t[i] * m_inverse, n);
    const Wide sum = static_cast<Wide>(t[i + n]) + reduced + top;
    t[i + n] = static_cast<Limb>(sum);
    top = static_cast<Limb>(sum >> limb_bits);
  }
  finish(out, t, top, m, n);
  wipe({reinterpret_cast<uint8_t*>(t), 2 * n * sizeof(Limb)});
}

}  // namespace

constexpr Montgomery montgomery_adx = {.multiply = multiply,
                                       .square = square,
                                       .powers = powers_by_products,
                                       .lanes = one_lane,
                                       .power_vartime = power_by_products_vartime,
                                       .aside_size = nothing_aside,
                                       .make_aside = make_nothing};

}  // namespace bulla::crypto::bignum
BULLA_TARGET_END

#endif
