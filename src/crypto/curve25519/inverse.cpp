#include "crypto/curve25519/inverse.h"

#include "crypto/ec/divsteps.h"

namespace bulla::crypto::curve25519 {
namespace {

/// p, for the division steps.
struct Modulus {
  static constexpr ec::Limbs<4> value = {0xffffffffffffffed, ~uint64_t{0}, ~uint64_t{0}, ~uint64_t{0} >> 1};
};
using Steps = ec::Divsteps<Modulus>;

Steps::Number number_of(const Element& a) noexcept {
  const Words w = words_of(canonical_limbs(a.limbs));
  return {w.w0, w.w1, w.w2, w.w3};
}
Element element_of(const Steps::Number& x) noexcept {
  return {limbs_of({x[0], x[1], x[2], x[3]})};
}

uint64_t is_zero_mask(const Element& a) noexcept {
  const Limbs c = canonical_limbs(a.limbs);
  return ct::Mask<uint64_t>::is_zero(c.l0 | c.l1 | c.l2 | c.l3 | c.l4).bits();
}

}  // namespace

Element inverse(const Element& a) noexcept {
  struct {
    Steps::Number number;
    Element out;
  } s;
  s.number = Steps::inverse(number_of(a));
  s.out = element_of(s.number);
  const Element out = s.out;
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
  return out;
}

Element inverse_vartime(const Element& a) noexcept {
  return element_of(Steps::inverse_vartime(number_of(a)));
}

/// Montgomery's trick: prefixes[i] is the product of those before i, with ones in the place of zeros.
void invert_all(std::span<Element> all) noexcept {
  struct {
    std::array<Element, most_inverses> prefixes;
    std::array<uint64_t, most_inverses> zeros;
    Element product, reciprocal;
  } s;
  s.product = one;
  for (size_t i = 0; i < all.size(); ++i) {
    s.zeros[i] = is_zero_mask(all[i]);
    all[i].limbs = select_limbs(s.zeros[i], one.limbs, all[i].limbs);
    s.prefixes[i] = s.product;
    s.product = s.product * all[i];
  }
  s.product = inverse(s.product);
  for (size_t i = all.size(); i-- > 0;) {
    s.reciprocal = s.product * s.prefixes[i];
    s.product = s.product * all[i];
    all[i].limbs = select_limbs(s.zeros[i], zero.limbs, s.reciprocal.limbs);
  }
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

}  // namespace bulla::crypto::curve25519
