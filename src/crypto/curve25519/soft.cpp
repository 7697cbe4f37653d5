// X25519 as RFC 7748 §5 writes it: Montgomery's ladder over the arithmetic of field.h. Each of 255 steps does
// the same, whatever the bit; the two points are swapped by a mask.
#include "crypto/curve25519/edwards.h"
#include "crypto/curve25519/group.h"
#include "crypto/curve25519/impl.h"
#include "crypto/curve25519/inverse.h"
#include "crypto/wipe_stack.h"

namespace bulla::crypto {
namespace curve25519 {
namespace {

/// X25519(k, u), the function of RFC 7748 §5 with its names.
void ladder(const Multiple& m) noexcept {
  struct {
    Encoded k;
    Element x_2, z_2, x_3, z_3, aa, bb, da, cb, result;
    Fe<2> a;
    Fe<3> b, e;
    uint64_t swap;
  } s;
  std::copy_n(m.scalar, key_size, s.k.begin());
  clamp(s.k);
  const Element x_1 = decode(std::span<const uint8_t, key_size>(m.u, key_size));
  s.x_2 = one, s.z_2 = zero, s.x_3 = x_1, s.z_3 = one;
  s.swap = 0;
  for (size_t t = 255; t-- > 0;) {
    const uint64_t k_t = static_cast<uint64_t>(s.k[t / 8]) >> (t % 8) & 1;
    const auto swap = ct::Mask<uint64_t>::of_bit(s.swap ^ k_t);
    swap_if(swap, s.x_2, s.x_3);
    swap_if(swap, s.z_2, s.z_3);
    s.swap = k_t;

    s.a = s.x_2 + s.z_2;
    s.b = s.x_2 - s.z_2;
    s.aa = square(s.a);
    s.bb = square(s.b);
    s.e = s.aa - s.bb;
    s.da = (s.x_3 - s.z_3) * s.a;
    s.cb = (s.x_3 + s.z_3) * s.b;
    s.x_3 = square(s.da + s.cb);
    s.z_3 = x_1 * square(s.da - s.cb);
    s.x_2 = s.aa * s.bb;
    s.z_2 = s.e * (s.aa + times_121665(s.e));
  }
  const auto swap = ct::Mask<uint64_t>::of_bit(s.swap);
  swap_if(swap, s.x_2, s.x_3);
  swap_if(swap, s.z_2, s.z_3);
  s.result = s.x_2 * inverse(s.z_2);
  encode(s.result, std::span<uint8_t, key_size>(m.out, key_size));
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

/// X25519(k, 9), by way of the Edwards curve, whose base point the birational map of RFC 7748 §4.1 sends to 9
/// and for which there is a table: u = (1 + y)/(1 - y) = (Z + Y)/(Z - Y). The divisor is not zero: that would
/// take k·B to be the neutral element and k, a multiple of 8, one of 8·L too, which is more than 2^255.
void multiply_nine(const Multiple& m) noexcept {
  struct {
    Encoded k;
    Projective p;
    Element reciprocal;
  } s;
  std::copy_n(m.scalar, key_size, s.k.begin());
  clamp(s.k);
  s.p = multiply_base(s.k);
  s.reciprocal = inverse(tighten(s.p.z - s.p.y));
  encode((s.p.z + s.p.y) * s.reciprocal, std::span<uint8_t, key_size>(m.out, key_size));
  ct::declassify(m.out, key_size, "a public key");
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}
/// Nothing is left of either: k·B as (X : Y : Z) tells more of k than the share does.
struct OneByOne {
  static constexpr uint8_t lanes = 1;
  static void of_points(std::span<const Multiple> all) noexcept {
    for (const Multiple& m : all) with_wiped_stack<stack_depth>([&] { ladder(m); });
  }
  static void of_nine(std::span<const Multiple> all) noexcept {
    for (const Multiple& m : all) with_wiped_stack<stack_depth>([&] { multiply_nine(m); });
  }
};

}  // namespace

constexpr GroupAlgorithm x25519_soft = Group<OneByOne>::algorithm;

}  // namespace curve25519
}  // namespace bulla::crypto
