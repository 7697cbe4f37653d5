// The curve P-256 (SP 800-186 §3.2.1.3).
#pragma once

#include "crypto/ec/multiply.h"

#include <bulla/provider.h>

namespace bulla::crypto {

/// p = 2^256 - 2^224 + 2^192 + 2^96 - 1.
struct P256Prime {
  static constexpr ec::Limbs<4> value = {0xffffffffffffffff, 0x00000000ffffffff, 0x0000000000000000,
                                         0xffffffff00000001};
  /// -1/p mod 2^64 is 1, so q = t[0], and t + q·p = (t - q) + q·(p + 1), where p + 1 = 2^96 + 2^192 p[3].
  static constexpr ec::Limb cancel(ec::Limb* t) noexcept {
    const ec::Limb q = t[0];
    ec::Limb carry = 0;
    t[1] = ec::add_carry(t[1], q << 32, carry);
    t[2] = ec::add_carry(t[2], q >> 32, carry);
    t[3] = ec::multiply_add(q, value[3], t[3], carry);
    return carry;
  }
};
/// n.
struct P256Order {
  static constexpr ec::Limbs<4> value = {0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff,
                                         0xffffffff00000000};
};

struct P256 {
  using Field = ec::Residue<P256Prime>;
  using Scalar = ec::Residue<P256Order>;
  static constexpr NamedGroup group = NamedGroup::secp256r1;
  static constexpr KeyType key_type = KeyType::ec_p256;
  static constexpr std::string_view name = "secp256r1";

  static constexpr Field b =
      Field::from_number({0x3bce3c3e27d2604b, 0x651d06b0cc53b0f6, 0xb3ebbd55769886bc, 0x5ac635d8aa3a93e7});
  static constexpr Field generator_x =
      Field::from_number({0xf4a13945d898c296, 0x77037d812deb33a0, 0xf8bce6e563a440f2, 0x6b17d1f2e12c4247});
  static constexpr Field generator_y =
      Field::from_number({0xcbb6406837bf51f5, 0x2bce33576b315ece, 0x8ee7eb4a7c0f9e16, 0x4fe342e2fe1a7f9b});
  static const ec::Comb<P256>::Table generator_table;
};

}  // namespace bulla::crypto
