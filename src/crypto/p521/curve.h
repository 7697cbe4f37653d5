// The curve P-521 (SP 800-186 §3.2.1.5).
#pragma once

#include "crypto/ec/multiply.h"

#include <bulla/provider.h>

namespace bulla::crypto {

/// p = 2^521 - 1.
struct P521Prime {
  static constexpr ec::Limbs<9> value = {0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff,
                                         0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff,
                                         0xffffffffffffffff, 0xffffffffffffffff, 0x00000000000001ff};
  /// -1/p mod 2^64 is 1, so q = t[0], and t + q·p = (t - q) + q·2^521.
  static constexpr ec::Limb cancel(ec::Limb* t) noexcept {
    const ec::Limb q = t[0];
    ec::Limb carry = 0;
    t[8] = ec::add_carry(t[8], q << 9, carry);
    return (q >> 55) + carry;
  }
};
/// n.
struct P521Order {
  static constexpr ec::Limbs<9> value = {0xbb6fb71e91386409, 0x3bb5c9b8899c47ae, 0x7fcc0148f709a5d0,
                                         0x51868783bf2f966b, 0xfffffffffffffffa, 0xffffffffffffffff,
                                         0xffffffffffffffff, 0xffffffffffffffff, 0x00000000000001ff};
};

struct P521 {
  using Field = ec::Residue<P521Prime>;
  using Scalar = ec::Residue<P521Order>;
  static constexpr NamedGroup group = NamedGroup::secp521r1;
  static constexpr KeyType key_type = KeyType::ec_p521;
  static constexpr std::string_view name = "secp521r1";

  static constexpr Field b = Field::from_number({0xef451fd46b503f00, 0x3573df883d2c34f1, 0x1652c0bd3bb1bf07,
                                                 0x56193951ec7e937b, 0xb8b489918ef109e1, 0xa2da725b99b315f3,
                                                 0x929a21a0b68540ee, 0x953eb9618e1c9a1f, 0x0000000000000051});
  static constexpr Field generator_x = Field::from_number(
      {0xf97e7e31c2e5bd66, 0x3348b3c1856a429b, 0xfe1dc127a2ffa8de, 0xa14b5e77efe75928, 0xf828af606b4d3dba,
       0x9c648139053fb521, 0x9e3ecb662395b442, 0x858e06b70404e9cd, 0x00000000000000c6});
  static constexpr Field generator_y = Field::from_number(
      {0x88be94769fd16650, 0x353c7086a272c240, 0xc550b9013fad0761, 0x97ee72995ef42640, 0x17afbd17273e662c,
       0x98f54449579b4468, 0x5c8a5fb42c7d1bd9, 0x39296a789a3bc004, 0x0000000000000118});
  static const ec::Comb<P521>::Table generator_table;
};

}  // namespace bulla::crypto
