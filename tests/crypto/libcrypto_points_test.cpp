// ECDH with points that libcrypto finds: it decompresses, which nothing here needs to.
#include "crypto/nist_curves.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

namespace bulla::test {
namespace {

using namespace bulla::crypto;

/// The uncompressed form of a point; empty where there is none with this x.
ByteVector decompressed(const NistCurve& curve, Bytes compressed) {
  EC_GROUP* group = EC_GROUP_new_by_curve_name(curve.type == KeyType::ec_p256   ? NID_X9_62_prime256v1
                                               : curve.type == KeyType::ec_p384 ? NID_secp384r1
                                                                                : NID_secp521r1);
  EC_POINT* point = EC_POINT_new(group);
  ByteVector out(1 + 2 * curve.size);
  if (EC_POINT_oct2point(group, point, compressed.data(), compressed.size(), nullptr) != 1 ||
      EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out.data(), out.size(), nullptr) !=
          out.size())
    out.clear();
  ERR_clear_error();
  EC_POINT_free(point);
  EC_GROUP_free(group);
  return out;
}

/// A coordinate plus p, where that still fits, names the same point: it is refused all the same.
TEST(LibcryptoPoints, coordinates_that_are_not_reduced_are_refused) {
  // P-256 has points with x = 0, 5 and such; those of small x stay below 2^256 with p added.
  const ByteVector p256 = from_hex("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff");
  const NistCurve curve = *nist_curve("P-256");
  size_t points = 0;
  for (uint8_t x = 0; x < 40; ++x) {
    ByteVector compressed(33);
    compressed[0] = 2, compressed[32] = x;
    const ByteVector full = decompressed(curve, compressed);
    if (full.empty()) continue;
    ByteVector unreduced = full;
    const ByteVector shifted = plus(p256, x);
    std::copy(shifted.begin(), shifted.end(), unreduced.begin() + 1);
    each_kernel(curve.groups, [&](const GroupAlgorithm& kernel) {
      EXPECT_TRUE(decapsulate(kernel, to_size({3}, 32), full)) << int{x};
      EXPECT_FALSE(decapsulate(kernel, to_size({3}, 32), unreduced)) << int{x};
    });
    ++points;
  }
  EXPECT_GT(points, 10u);
}

TEST(LibcryptoPoints, botan_multiplication) {
  const std::string set = "nist/botan-text/ecc_var_point_mul.vec";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0, others = 0;
  for (const Block& block : parse_blocks(*text)) {
    const auto curve = nist_curve(block.section);
    if (!curve) {
      ++others;
      continue;
    }
    SCOPED_TRACE(set + " " + block.section + " case " + std::to_string(cases));
    const ByteVector d = to_size(prefixed_hex(block.text("k")), curve->size);
    const ByteVector point = decompressed(*curve, block.bytes("P")), z = block.bytes("Z");
    each_kernel(curve->groups, [&](const GroupAlgorithm& group) {
      EXPECT_EQ(decapsulate(group, d, point), ByteVector(z.begin() + 1, z.end()));
    });
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
  report_cases(set + " (curves that we do not have)", others);
}

}  // namespace
}  // namespace bulla::test
