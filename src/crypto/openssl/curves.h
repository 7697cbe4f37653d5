// The NIST curves of libcrypto, and points on them.
#pragma once

#include "crypto/openssl/libcrypto.h"

namespace bulla::openssl {

/// One curve. The group is made once and only read afterwards; libcrypto reads it from many threads.
struct Curve {
  const EC_GROUP* group;
  uint16_t field_size;  ///< bytes of a coordinate, and of a scalar
  Bytes order;          ///< big-endian, field_size bytes
};

const Curve& p256() noexcept;
const Curve& p384() noexcept;
const Curve& p521() noexcept;
/// The curve of an EC key type.
const Curve& curve_of(KeyType type) noexcept;

/// Bytes of an uncompressed point: 04 || X || Y.
inline size_t point_size(const Curve& curve) noexcept {
  return size_t{1} + 2 * size_t{curve.field_size};
}

/// A point in uncompressed form only, coordinates below the field's prime, on the curve; nullptr otherwise.
/// The curves have prime order, so such a point also lies in the right subgroup (RFC 9846 §4.3.8.2).
EcPoint decode_point(const Curve& curve, Bytes bytes, BN_CTX* context) noexcept;
/// The uncompressed form; empty on failure.
std::vector<uint8_t> encode_point(const Curve& curve, const EC_POINT* point, BN_CTX* context);

/// A uniform scalar with 0 < scalar < order, by rejection (FIPS 186-5 §A.2.2). Empty where the source is
/// stuck.
SecretBytes random_scalar(const Curve& curve, Random& random);
/// scalar · generator, in constant time.
EcPoint multiply_generator(const Curve& curve, const BIGNUM* scalar, BN_CTX* context) noexcept;

}  // namespace bulla::openssl
