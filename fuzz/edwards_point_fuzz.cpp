// Any 32 bytes as a point of edwards25519: what decodes encodes to the same bytes and lies on the curve; what
// does not is no canonical encoding, or there is no x for its y (Euler's criterion says so). And sums hold:
// [s]B + [k]P by digits is the sum of [s]B and [k]P by doubling and adding.
#include "base/assert.h"
#include "base/reader.h"
#include "crypto/curve25519/ed25519.h"
#include "crypto/curve25519/edwards.h"
#include "crypto/curve25519/scalar.h"

#include <algorithm>

using namespace bulla;
using namespace bulla::crypto::curve25519;

namespace {

Encoded encoded(const Element& a) {
  Encoded out;
  encode(a, out);
  return out;
}
Encoded encoded(const Projective& p) {
  Encoded out;
  encode_point(p, out);
  return out;
}

/// a^((p - 1)/2), bit by bit: 1 for squares, 0 for 0, -1 for the others. (p - 1)/2 = 2^254 - 10.
Element euler(const Element& a) {
  Element out = one;
  for (int bit = 253; bit >= 0; --bit) {
    out = square(out);
    if (bit >= 4 || bit == 2 || bit == 1) out = out * a;
  }
  return out;
}

void check_refused(const Encoded& bytes) {
  Encoded y = bytes;
  y[31] &= 0x7f;
  const Element a = decode(y);
  if (encoded(a) != y) return;  // y >= p
  const Element numerator = tighten(square(a) - one), denominator = tighten(d * square(a) + one);
  if (encoded(numerator) == encoded(zero)) {
    BULLA_ASSERT(bytes[31] >= 0x80, "x = 0 is refused for its sign only");
    return;
  }
  const Element xx = numerator * invert(denominator);
  BULLA_ASSERT(encoded(euler(xx)) == encoded(negate(one) * one), "there is no such x");
}

/// [k]P by the rule of the school.
Extended multiple(std::span<const uint8_t, 32> k, const Extended& p) {
  Extended out = identity;
  for (size_t bit = 253; bit-- > 0;) {
    out = twice<Extended>(out);
    if (k[bit / 8] >> (bit % 8) & 1) out = add<Extended>(out, prepare(p));
  }
  return out;
}

Projective projective(const Extended& p) {
  return {p.x, p.y, p.z};
}

void check_sums(const Extended& p, Bytes scalars) {
  std::array<uint8_t, 64> wide{};
  std::copy_n(scalars.begin(), std::min<size_t>(scalars.size(), 64), wide.begin());
  Encoded s, k;
  reduce_scalar(wide, s);
  std::reverse(wide.begin(), wide.end());
  reduce_scalar(wide, k);
  const Extended kp = multiple(k, p), sb = multiple(s, make_base_point());
  for (const auto& kernel : crypto::ed25519_kernels()) {
    if (!kernel.runs_on(crypto::cpu_word())) continue;
    const EdwardsAlgorithm& by = *kernel.algorithm;
    BULLA_ASSERT(encoded(by.multiply_base(s)) == encoded(projective(sb)), "[s]B");
    std::array<Projective, 8> side_by_side;
    by.multiply_bases(std::array{k, k, s, k, k, s, k, k}, side_by_side.data());
    BULLA_ASSERT(encoded(side_by_side[2]) == encoded(projective(sb)) &&
                     encoded(side_by_side[5]) == encoded(projective(sb)),
                 "[s]B in a lane");
    BULLA_ASSERT(encoded(by.double_multiply_vartime(s, k, p)) == encoded(add<Projective>(kp, prepare(sb))),
                 "[s]B + [k]P");
  }
  BULLA_ASSERT(
      encoded(subtract<Projective>(add<Extended>(kp, prepare(sb)), prepare(sb))) == encoded(projective(kp)),
      "what was added can be subtracted");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Reader input({data, size});
  Encoded bytes{};
  const Bytes first = input.bytes(std::min<size_t>(size, 32));
  std::copy(first.begin(), first.end(), bytes.begin());
  Extended p;
  if (!decode_point_vartime(bytes, p)) {
    check_refused(bytes);
    return 0;
  }
  BULLA_ASSERT(encoded(projective(p)) == bytes, "what decodes encodes to the same");
  const Element xx = square(p.x), yy = square(p.y);
  BULLA_ASSERT(encoded(tighten(yy - xx)) == encoded(tighten(d * xx * yy + one)), "it lies on the curve");
  BULLA_ASSERT(encoded(p.x * p.y) == encoded(p.t) && encoded(p.z) == encoded(one), "T = X·Y, Z = 1");
  check_sums(p, input.rest());
  return 0;
}
