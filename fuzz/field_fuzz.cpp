// Residues modulo the primes and orders of the NIST curves, elements modulo 2^255 - 19 and scalars modulo L,
// with limbs at the edges of carries: sums, differences, products and inverses are those of the school.
#include "crypto/curve25519/scalar.h"
#include "crypto/p256/curve.h"
#include "crypto/p384/curve.h"
#include "crypto/p521/curve.h"
#include "crypto/simple_number.h"
#include "kernels.h"

using namespace bulla;
using namespace bulla::fuzz;
using bulla::test::SimpleNumber;

namespace {

/// A byte chooses an edge, the modulus's own limb or one beside it, or eight bytes of the input.
uint64_t limb(Reader& input, uint64_t own) {
  const uint64_t edges[] = {0,
                            1,
                            ~uint64_t{0},
                            ~uint64_t{0} - 1,
                            uint64_t{1} << 63,
                            uint64_t{1} << 32,
                            0xffffffff,
                            ~uint64_t{0} << 32,
                            own,
                            own - 1,
                            own + 1};
  const uint8_t choice = input.u8();
  return choice < 200 ? edges[choice % std::size(edges)] : input.u64();
}

/// a mod m, for a that has no more than twice the limbs of m.
template <class R>
struct Case {
  SimpleNumber m = SimpleNumber::of(R::modulus);

  typename R::Number any(Reader& input) const {
    typename R::Number out;
    for (size_t i = 0; i < R::n; ++i) out[i] = limb(input, R::modulus[i]);
    return out;
  }
  /// A residue whose form in memory is any number below m.
  R residue(Reader& input) const {
    const auto limbs = (SimpleNumber::of(any(input)) % m).limbs(R::n);
    typename R::Number out;
    std::copy(limbs.begin(), limbs.end(), out.begin());
    return R::from_montgomery(out);
  }
  SimpleNumber of(const R& r) const {
    BULLA_ASSERT(SimpleNumber::of(r.montgomery()) < m, "every residue is below its modulus");
    const SimpleNumber number = SimpleNumber::of(r.number());
    BULLA_ASSERT(number < m, "every number is below its modulus");
    return number;
  }
};

template <class R>
void check_residues(Reader& input) {
  const Case<R> c;
  const R a = c.residue(input), b = c.residue(input);
  const SimpleNumber x = c.of(a), y = c.of(b);
  BULLA_ASSERT(c.of(a + b) == (x + y) % c.m, "a sum");
  BULLA_ASSERT(c.of(a - b) == (x + c.m - y) % c.m, "a difference");
  BULLA_ASSERT(c.of(-a) == (c.m - x) % c.m, "a negative");
  BULLA_ASSERT(c.of(a * b) == x * y % c.m, "a product");
  BULLA_ASSERT(c.of(a.square()) == x * x % c.m, "a square");
  const auto any = c.any(input);
  BULLA_ASSERT(c.of(R::from_number(any)) == SimpleNumber::of(any) % c.m, "any number modulo m");
  if (input.u8() % 16 == 0)  // which takes long
    BULLA_ASSERT(c.of(a.inverse() * a) == SimpleNumber(x.is_zero() ? 0 : 1), "an inverse");
}

namespace c25519 = crypto::curve25519;

/// Limbs up to the bound of Fe<k>.
template <unsigned k>
c25519::Fe<k> element(Reader& input) {
  constexpr uint64_t most = k * ((uint64_t{1} << 51) + (1 << 13));
  uint64_t limbs[5];
  for (uint64_t& l : limbs) {
    const uint64_t edges[] = {0,
                              1,
                              most,
                              most - 1,
                              c25519::mask51,
                              c25519::mask51 - 1,
                              c25519::mask51 - 18,
                              c25519::mask51 + 1,
                              c25519::mask51 - 19};
    const uint8_t choice = input.u8();
    l = choice < 200 ? edges[choice % std::size(edges)] : input.u64() % (most + 1);
  }
  return {{limbs[0], limbs[1], limbs[2], limbs[3], limbs[4]}};
}
SimpleNumber value(const c25519::Limbs& a) {
  const uint64_t limbs[] = {a.l0, a.l1, a.l2, a.l3, a.l4};
  SimpleNumber out;
  for (size_t i = 5; i-- > 0;) out = out * SimpleNumber::power_of_two(51) + SimpleNumber(limbs[i]);
  return out;
}
SimpleNumber value(Bytes little_endian) {
  return SimpleNumber::of_bytes(ByteVector(little_endian.rbegin(), little_endian.rend()));
}

/// The number that the encoding of `a` stands for, which is that of its limbs modulo p.
template <unsigned k>
SimpleNumber number(const c25519::Fe<k>& a, const SimpleNumber& p) {
  c25519::Encoded bytes;
  c25519::encode(a * c25519::one, bytes);
  const SimpleNumber out = value(bytes);
  BULLA_ASSERT(out < p && out == value(a.limbs) % p, "an encoding is the number below p");
  return out;
}

void check_elements(Reader& input) {
  const SimpleNumber p = SimpleNumber::power_of_two(255) - SimpleNumber(19);
  const auto a = element<4>(input);
  const auto b = element<2>(input);
  const auto wide = element<8>(input), other = element<8>(input);
  const SimpleNumber x = number(a, p), y = number(b, p), w = number(wide, p), z = number(other, p);
  BULLA_ASSERT(number(a + b, p) == (x + y) % p, "a sum");
  BULLA_ASSERT(number(a - b, p) == (x + p - y) % p, "a difference");
  BULLA_ASSERT(number(wide * other, p) == w * z % p, "a product");
  BULLA_ASSERT(number(square(wide), p) == w * w % p, "a square");
  BULLA_ASSERT(number(times_121665(wide), p) == w * SimpleNumber(121665) % p, "a multiple");
  if (input.u8() % 16 == 0)
    BULLA_ASSERT(number(invert(a * c25519::one) * a, p) == SimpleNumber(x.is_zero() ? 0 : 1), "an inverse");
}

void check_scalars(Reader& input) {
  const SimpleNumber order =
      SimpleNumber::power_of_two(252) +
      SimpleNumber::of_bytes(ByteVector{0x14, 0xde, 0xf9, 0xde, 0xa2, 0xf7, 0x9c, 0xd6, 0x58, 0x12, 0x63,
                                        0x1a, 0x5c, 0xf5, 0xd3, 0xed});
  std::array<uint8_t, 64> wide;
  for (size_t i = 0; i < 8; ++i) c25519::store64(limb(input, 0x5812631a5cf5d3ed), wide.data() + 8 * i);
  c25519::Encoded out, a, b;
  c25519::reduce_scalar(wide, out);
  BULLA_ASSERT(value(out) == value(wide) % order, "512 bits modulo L");
  BULLA_ASSERT(c25519::is_scalar_vartime(out), "they are below L");
  std::copy_n(wide.begin(), 32, a.begin()), std::copy_n(wide.begin() + 32, 32, b.begin());
  BULLA_ASSERT(c25519::is_scalar_vartime(a) == (value(a) < order), "what is below L");
  a[31] &= 0x7f, b[31] &= 0x7f;
  const c25519::Encoded c = out;
  c25519::multiply_add_scalar(a, b, c, out);
  BULLA_ASSERT(value(out) == (value(a) * value(b) + value(c)) % order, "a·b + c modulo L");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Reader input({data, size});
  switch (input.u8() % 8) {
    case 0: check_residues<crypto::P256::Field>(input); break;
    case 1: check_residues<crypto::P256::Scalar>(input); break;
    case 2: check_residues<crypto::P384::Field>(input); break;
    case 3: check_residues<crypto::P384::Scalar>(input); break;
    case 4: check_residues<crypto::P521::Field>(input); break;
    case 5: check_residues<crypto::P521::Scalar>(input); break;
    case 6: check_elements(input); break;
    default: check_scalars(input);
  }
  return 0;
}
