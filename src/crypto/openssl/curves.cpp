#include "crypto/openssl/curves.h"

#include <openssl/obj_mac.h>

namespace bulla::openssl {

namespace {

template <size_t FieldSize>
struct CurveStorage {
  explicit CurveStorage(int nid) noexcept {
    EC_GROUP* group = EC_GROUP_new_by_curve_name(nid);
    BULLA_ASSERT(group && BN_bn2binpad(EC_GROUP_get0_order(group), order.data(), FieldSize) == FieldSize,
                 "libcrypto has the NIST curves");
    curve = {group, FieldSize, order};
  }
  std::array<uint8_t, FieldSize> order;
  Curve curve;
};

}  // namespace

const Curve& p256() noexcept {
  static const CurveStorage<32> storage(NID_X9_62_prime256v1);
  return storage.curve;
}

const Curve& p384() noexcept {
  static const CurveStorage<48> storage(NID_secp384r1);
  return storage.curve;
}

const Curve& p521() noexcept {
  static const CurveStorage<66> storage(NID_secp521r1);
  return storage.curve;
}

const Curve& curve_of(KeyType type) noexcept {
  switch (type) {
    case KeyType::ec_p384: return p384();
    case KeyType::ec_p521: return p521();
    default: BULLA_ASSERT(type == KeyType::ec_p256, "the key is an EC key"); return p256();
  }
}

EcPoint decode_point(const Curve& curve, Bytes bytes, BN_CTX* context) noexcept {
  if (bytes.size() != point_size(curve) || bytes[0] != POINT_CONVERSION_UNCOMPRESSED) return nullptr;
  EcPoint point(EC_POINT_new(curve.group));
  // Checks the coordinates' range and the curve equation.
  if (!point || !EC_POINT_oct2point(curve.group, point.get(), bytes.data(), bytes.size(), context))
    return nullptr;
  return point;
}

std::vector<uint8_t> encode_point(const Curve& curve, const EC_POINT* point, BN_CTX* context) {
  std::vector<uint8_t> out(point_size(curve));
  if (EC_POINT_point2oct(curve.group, point, POINT_CONVERSION_UNCOMPRESSED, out.data(), out.size(),
                         context) != out.size())
    out.clear();
  return out;
}

SecretBytes random_scalar(const Curve& curve, Random& random) {
  SecretBytes scalar(curve.field_size);
  // Only the top byte of P-521's order is not full: its surplus bits are cut off, or nearly all would be
  // rejected.
  uint8_t top_mask = 0xff;
  while ((top_mask >> 1) >= curve.order[0]) top_mask = static_cast<uint8_t>(top_mask >> 1);
  // P-256 rejects most, one in 2^32: so many in a row mean that the source is stuck.
  for (int tries = 128; tries > 0; --tries) {
    random.fill(scalar.writable());
    scalar.writable()[0] &= top_mask;
    if (in_range(scalar.reveal(), curve.order)) return scalar;
  }
  return {};
}

EcPoint multiply_generator(const Curve& curve, const BIGNUM* scalar, BN_CTX* context) noexcept {
  EcPoint point(EC_POINT_new(curve.group));
  if (!point || !EC_POINT_mul(curve.group, point.get(), scalar, nullptr, nullptr, context)) return nullptr;
  return point;
}

}  // namespace bulla::openssl
