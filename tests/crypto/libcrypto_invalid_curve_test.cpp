// Points that lie on another curve than the one they are sent for (Biehl, Meyer, Müller, "Differential fault
// attacks on elliptic curve cryptosystems", 2000): the formulas do not look at b, so that such a point would
// be multiplied all the same and a small order would tell the private scalar modulo it. SP 800-56A
// §5.6.2.3.3.
#include "crypto/nist_curves.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/obj_mac.h>

namespace bulla::test {
namespace {

using Number = std::unique_ptr<BIGNUM, void (*)(BIGNUM*)>;

/// Arithmetic modulo the prime of a curve, by libcrypto.
class Prime {
 public:
  explicit Prime(const NistCurve& curve) : size_(curve.size) {
    const int nid = curve.type == KeyType::ec_p256   ? NID_X9_62_prime256v1
                    : curve.type == KeyType::ec_p384 ? NID_secp384r1
                                                     : NID_secp521r1;
    const std::unique_ptr<EC_GROUP, void (*)(EC_GROUP*)> group(EC_GROUP_new_by_curve_name(nid),
                                                               EC_GROUP_free);
    EXPECT_EQ(EC_GROUP_get_curve(group.get(), p_.get(), a_.get(), b_.get(), context_.get()), 1);
  }
  Number small(unsigned value) const {
    Number out = make();
    BN_set_word(out.get(), value);
    return out;
  }
  Number times(const Number& x, const Number& y) const {
    Number out = make();
    BN_mod_mul(out.get(), x.get(), y.get(), p_.get(), context_.get());
    return out;
  }
  Number plus(const Number& x, const Number& y) const {
    Number out = make();
    BN_mod_add(out.get(), x.get(), y.get(), p_.get(), context_.get());
    return out;
  }
  Number minus(const Number& x) const {
    Number out = make();
    BN_mod_sub(out.get(), out.get(), x.get(), p_.get(), context_.get());
    return out;
  }
  /// x³ + ax + b.
  Number right_side(const Number& x) const { return plus(times(plus(times(x, x), a_), x), b_); }
  /// Nothing where there is none.
  std::optional<Number> root(const Number& x) const {
    Number out = make();
    ERR_set_mark();
    const bool exists = BN_mod_sqrt(out.get(), x.get(), p_.get(), context_.get()) != nullptr;
    ERR_pop_to_mark();
    if (!exists) return std::nullopt;
    return out;
  }
  ByteVector point(const Number& x, const Number& y) const {
    ByteVector out(1 + 2 * size_, 4);
    BN_bn2binpad(x.get(), out.data() + 1, static_cast<int>(size_));
    BN_bn2binpad(y.get(), out.data() + 1 + size_, static_cast<int>(size_));
    return out;
  }

 private:
  static Number make() { return {BN_new(), BN_free}; }

  size_t size_;
  Number p_ = make(), a_ = make(), b_ = make();
  std::unique_ptr<BN_CTX, void (*)(BN_CTX*)> context_{BN_CTX_new(), BN_CTX_free};
};

/// Whether anybody takes the point: as a share, or as the key of a signature.
void expect_refused(const NistCurve& curve, const ByteVector& point, const char* what) {
  const ByteVector d = to_size({5}, curve.size);
  each_kernel(curve.groups,
              [&](const GroupAlgorithm& group) { EXPECT_FALSE(decapsulate(group, d, point)) << what; });
  // e = 0 and r = s: the equation asks for the key's own x, so that only the check of the point can refuse.
  const ByteVector x(point.begin() + 1, point.begin() + 1 + static_cast<ptrdiff_t>(curve.size));
  each_kernel(curve.ecdsa, [&](const crypto::EcdsaCurve& ecdsa) {
    EXPECT_FALSE(ecdsa.verify_vartime(point, ByteVector(curve.size), x, x)) << what;
  });
}

TEST(InvalidCurve, points_of_order_two_are_refused) {
  for (const NistCurve& curve : nist_curves()) {
    const Prime prime(curve);
    for (unsigned x = 1; x < 20; ++x)
      expect_refused(curve, prime.point(prime.small(x), prime.small(0)), "(x, 0) of y² = x³ - 3x + b'");
  }
}

TEST(InvalidCurve, points_of_the_twist_are_refused) {
  for (const NistCurve& curve : nist_curves()) {
    SCOPED_TRACE(curve.name);
    const Prime prime(curve);
    size_t on_curve = 0, on_twist = 0;
    for (unsigned i = 1; i < 30; ++i) {
      const Number x = prime.small(i), right = prime.right_side(x);
      if (const auto y = prime.root(right)) {
        each_kernel(curve.groups, [&](const GroupAlgorithm& group) {
          EXPECT_TRUE(decapsulate(group, to_size({5}, curve.size), prime.point(x, *y))) << i;
        });
        ++on_curve;
      } else {
        // p = 3 mod 4, so -1 is no square: -y² = x³ + ax + b has a y, and so has the same curve with x and b
        // negated.
        const auto twisted = prime.root(prime.minus(right));
        ASSERT_TRUE(twisted);
        expect_refused(curve, prime.point(x, *twisted), "-y² = x³ - 3x + b");
        expect_refused(curve, prime.point(prime.minus(x), *twisted), "y² = x³ - 3x - b");
        ++on_twist;
      }
    }
    EXPECT_GT(on_curve, 5u);
    EXPECT_GT(on_twist, 5u);
  }
}

}  // namespace
}  // namespace bulla::test
