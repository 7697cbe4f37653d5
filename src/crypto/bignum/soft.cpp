// Montgomery multiplication word by word, the product and its reduction in one pass (Koç, Acar, Kaliski,
// "Analyzing and comparing Montgomery multiplication algorithms", 1996: FIOS). Multiplications of 64 by 64
// bits and additions; what a limb holds decides nothing.
#include "crypto/bignum/modulus.h"
#include "crypto/bignum/power.h"

#include <bulla/secret.h>

namespace bulla::crypto::bignum {
namespace {

/// out = t mod m, for t < 2m of one bit more than n limbs.
void subtract_once(Limb* out, const Limb* t, const Limb* m, size_t n) noexcept {
  const LimbMask below = is_less({t, n}, {m, n}) & LimbMask::is_zero(t[n]);
  subtract_if(~below, {out, n}, {t, n}, {m, n});
}

void multiply(Limb* out, const Limb* a, const Limb* b, const Modulus& modulus) noexcept {
  const Limb *const m = modulus.value().data(), m_inverse = modulus.inverse();
  const size_t n = modulus.size();
  Limb t[max_limbs + 1];
  assign({t, n + 1}, 0);
  for (size_t i = 0; i < n; ++i) {
    // t = (t + a·b[i] + m·u) / 2^64, where u makes the lowest limb zero. Every sum below fits its 128 bits:
    // (2^64 - 1)^2 + 2·(2^64 - 1) = 2^128 - 1. And t stays below a + m.
    const Limb factor = b[i];
    const Wide product0 = static_cast<Wide>(a[0]) * factor + t[0];
    const Limb u = static_cast<Limb>(product0) * m_inverse;
    const Wide reduced0 = static_cast<Wide>(m[0]) * u + static_cast<Limb>(product0);
    Limb carry_a = static_cast<Limb>(product0 >> limb_bits);
    Limb carry_m = static_cast<Limb>(reduced0 >> limb_bits);
    for (size_t j = 1; j < n; ++j) {
      const Wide product = static_cast<Wide>(a[j]) * factor + t[j] + carry_a;
      const Wide reduced = static_cast<Wide>(m[j]) * u + static_cast<Limb>(product) + carry_m;
      t[j - 1] = static_cast<Limb>(reduced);
      carry_a = static_cast<Limb>(product >> limb_bits);
      carry_m = static_cast<Limb>(reduced >> limb_bits);
    }
    const Wide top = static_cast<Wide>(t[n]) + carry_a + carry_m;
    t[n - 1] = static_cast<Limb>(top);
    t[n] = static_cast<Limb>(top >> limb_bits);
  }
  subtract_once(out, t, m, n);
  wipe({reinterpret_cast<uint8_t*>(t), (n + 1) * sizeof(Limb)});
}

void square(Limb* out, const Limb* a, const Modulus& modulus) noexcept {
  multiply(out, a, a, modulus);
}

}  // namespace

constexpr Montgomery montgomery_soft = {.multiply = multiply,
                                        .square = square,
                                        .powers = powers_by_products,
                                        .lanes = one_lane,
                                        .power_vartime = power_by_products_vartime,
                                        .aside_size = nothing_aside,
                                        .make_aside = make_nothing};

}  // namespace bulla::crypto::bignum
