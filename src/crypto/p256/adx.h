// P-256's residues with MULX, ADCX and ADOX, and the kernel "adx" that is made of them.
#pragma once

#if defined(__x86_64__)

#include "crypto/ec/adx.h"
#include "crypto/ecdsa/curve.h"
#include "crypto/p256/curve.h"

namespace bulla::crypto {

struct P256PrimeAdx : P256Prime {
  static ec::Limbs<4> product(const ec::Limbs<4>& a, const ec::Limbs<4>& b) noexcept {
    return ec::product_by_rows(a, b, value, [](ec::AdxRow& t) __attribute__((always_inline)) {
      // As P256Prime::cancel: q = t0, and q·(p + 1) = q·2^96 + q·p[3]·2^192.
      const ec::DoubleLimb high = ec::DoubleLimb{t.t0} * value[3];
      ec::Limb carry = 0;
      t.t1 = ec::add_carry(t.t1, t.t0 << 32, carry);
      t.t2 = ec::add_carry(t.t2, t.t0 >> 32, carry);
      t.t3 = ec::add_carry(t.t3, static_cast<ec::Limb>(high), carry);
      t.t4 = ec::add_carry(t.t4, static_cast<ec::Limb>(high >> 64), carry);
      t.t5 += carry;
    });
  }
};

struct P256OrderAdx : P256Order {
  /// -1/n mod 2^64.
  static constexpr ec::Limb minus_inverse = 0xccd1c8aaee00bc4f;
  static_assert(minus_inverse * value[0] == ~ec::Limb{0});

  static ec::Limbs<4> product(const ec::Limbs<4>& a, const ec::Limbs<4>& b) noexcept {
    return ec::product_by_rows(a, b, value, [](ec::AdxRow& t) __attribute__((always_inline)) {
      ec::add_row(t, value, t.t0 * minus_inverse);
    });
  }
};

/// P256 over these.
struct P256Adx {
  using Field = ec::Residue<P256PrimeAdx>;
  using Scalar = ec::Residue<P256OrderAdx>;
  static constexpr NamedGroup group = P256::group;
  static constexpr KeyType key_type = P256::key_type;
  static constexpr std::string_view name = P256::name;

  static constexpr Field b = Field::from_montgomery(P256::b.montgomery());
  static constexpr Field generator_x = Field::from_montgomery(P256::generator_x.montgomery());
  static constexpr Field generator_y = Field::from_montgomery(P256::generator_y.montgomery());
  static constexpr const auto& generator_table = P256::generator_table;
};

/// The kernel; needs bmi2 and adx.
extern const GroupAlgorithm p256_adx;
/// Likewise.
extern const EcdsaCurve p256_ecdsa_adx;

}  // namespace bulla::crypto

#endif
