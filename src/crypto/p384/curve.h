// The curve P-384 (SP 800-186 §3.2.1.4).
#pragma once

#include "crypto/ec/multiply.h"

#include <bulla/provider.h>

namespace bulla::crypto {

/// p = 2^384 - 2^128 - 2^96 + 2^32 - 1.
struct P384Prime {
  static constexpr ec::Limbs<6> value = {0x00000000ffffffff, 0xffffffff00000000, 0xfffffffffffffffe,
                                         0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff};
};
/// n.
struct P384Order {
  static constexpr ec::Limbs<6> value = {0xecec196accc52973, 0x581a0db248b0a77a, 0xc7634d81f4372ddf,
                                         0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff};
};

struct P384 {
  using Field = ec::Residue<P384Prime>;
  using Scalar = ec::Residue<P384Order>;
  static constexpr NamedGroup group = NamedGroup::secp384r1;
  static constexpr KeyType key_type = KeyType::ec_p384;
  static constexpr std::string_view name = "secp384r1";

  static constexpr Field b = Field::from_number({0x2a85c8edd3ec2aef, 0xc656398d8a2ed19d, 0x0314088f5013875a,
                                                 0x181d9c6efe814112, 0x988e056be3f82d19, 0xb3312fa7e23ee7e4});
  static constexpr Field generator_x =
      Field::from_number({0x3a545e3872760ab7, 0x5502f25dbf55296c, 0x59f741e082542a38, 0x6e1d3b628ba79b98,
                          0x8eb1c71ef320ad74, 0xaa87ca22be8b0537});
  static constexpr Field generator_y =
      Field::from_number({0x7a431d7c90ea0e5f, 0x0a60b1ce1d7e819d, 0xe9da3113b5f0b8c0, 0xf8f41dbd289a147c,
                          0x5d9e98bf9292dc29, 0x3617de4a96262c6f});
  static const ec::Comb<P384>::Table generator_table;
};

}  // namespace bulla::crypto
