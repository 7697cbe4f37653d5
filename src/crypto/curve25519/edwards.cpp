#include "crypto/curve25519/edwards_tables.h"
#include "crypto/curve25519/impl.h"
#include "crypto/curve25519/inverse.h"

#include <bulla/secret.h>

namespace bulla::crypto::curve25519 {

bool decode_point_vartime(std::span<const uint8_t, 32> bytes, Extended& out) noexcept {
  Encoded again;
  const Element y = decode(bytes);
  encode(y, again);
  const unsigned sign = bytes[31] >> 7;
  again[31] = static_cast<uint8_t>(again[31] | sign << 7);
  Element x = zero;
  if (!bulla::equal_vartime(again, bytes) || !recover_x_vartime(y, sign, x)) return false;
  out = {x, y, one, x * y};
  return true;
}

namespace {

/// With 1/Z.
void encode_with(const Projective& p, const Element& reciprocal, std::span<uint8_t, 32> out) noexcept {
  struct {
    Element x;
    Encoded bytes;
  } s;
  s.x = p.x * reciprocal;
  encode(s.x, s.bytes);
  encode(p.y * reciprocal, out);
  out[31] = static_cast<uint8_t>(out[31] | (s.bytes[0] & 1) << 7);
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

}  // namespace

void encode_point(const Projective& p, std::span<uint8_t, 32> out) noexcept {
  struct {
    Element reciprocal;
  } s{inverse(p.z)};
  encode_with(p, s.reciprocal, out);
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

void encode_point_vartime(const Projective& p, std::span<uint8_t, 32> out) noexcept {
  encode_with(p, inverse_vartime(p.z), out);
}

void encode_points(std::span<const Projective> all, Encoded* out) noexcept {
  struct {
    std::array<Element, most_inverses> reciprocals;
  } s;
  for (size_t i = 0; i < all.size(); ++i) s.reciprocals[i] = all[i].z;
  invert_all(std::span(s.reciprocals).first(all.size()));
  for (size_t i = 0; i < all.size(); ++i) encode_with(all[i], s.reciprocals[i], out[i]);
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

namespace {

void keep_limbs(uint64_t m, const Limbs& from, Limbs& into) noexcept {
  into.l0 |= m & from.l0, into.l1 |= m & from.l1, into.l2 |= m & from.l2, into.l3 |= m & from.l3;
  into.l4 |= m & from.l4;
}

/// digit·16^(4·row)·B: reads the whole row, whatever the digit. `found` is scratch, for the caller to wipe.
void look_up(size_t row, int8_t digit, Prepared<1>& found, Prepared<2>& out) noexcept {
  const uint64_t bits = static_cast<uint64_t>(int64_t{digit});
  const auto negative = ct::Mask<uint64_t>::of_top_bit(bits);
  const uint64_t size = (bits ^ negative.bits()) + negative.bit();
  found = {};
  for (size_t j = 0; j < row_size; ++j) {
    const Prepared<1>& entry = base_table[row * row_size + j];
    const uint64_t m = ct::Mask<uint64_t>::is_equal(size, j + 1).bits();
    keep_limbs(m, entry.y_plus_x.limbs, found.y_plus_x.limbs);
    keep_limbs(m, entry.y_minus_x.limbs, found.y_minus_x.limbs);
    keep_limbs(m, entry.xy2d.limbs, found.xy2d.limbs);
  }
  // Nothing was found for zero, whose point has y + x = y - x = 1.
  const uint64_t is_zero = ct::Mask<uint64_t>::is_zero(size).bit();
  found.y_plus_x.limbs.l0 |= is_zero;
  found.y_minus_x.limbs.l0 |= is_zero;
  out.y_plus_x = select(negative, found.y_minus_x, found.y_plus_x);
  out.y_minus_x = select(negative, found.y_plus_x, found.y_minus_x);
  out.xy2d = select(negative, negate(found.xy2d), widen<2>(found.xy2d));
}

}  // namespace

Projective multiply_base(std::span<const uint8_t, 32> scalar) noexcept {
  struct {
    std::array<int8_t, 64> digits;
    Prepared<1> found;
    Prepared<2> entry;
    Extended sum;
    Projective even;
  } s;
  to_digits(scalar, s.digits);
  s.sum = identity;
  for (size_t j = 4; j-- > 0;) {
    if (j != 3) {
      s.even = twice<Projective>(s.sum);
      s.even = twice<Projective>(s.even);
      s.even = twice<Projective>(s.even);
      s.sum = twice<Extended>(s.even);
    }
    for (size_t row = 0; row < row_count; ++row) {
      look_up(row, s.digits[4 * row + j], s.found, s.entry);
      s.sum = add<Extended>(s.sum, s.entry);
    }
  }
  const Projective out = {s.sum.x, s.sum.y, s.sum.z};
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
  return out;
}

Projective double_multiply_vartime(std::span<const uint8_t, 32> s, std::span<const uint8_t, 32> k,
                                   const Extended& p) noexcept {
  std::array<int8_t, slide_size> base_digits, digits;
  slide_vartime(s, 7, base_digits);
  slide_vartime(k, 5, digits);
  std::array<PreparedExtended, 8> multiples;  // p, 3·p, ..., 15·p
  multiples[0] = prepare(p);
  const PreparedExtended step = prepare(twice<Extended>(p));
  Extended odd = p;
  for (size_t i = 1; i < multiples.size(); ++i) {
    odd = add<Extended>(odd, step);
    multiples[i] = prepare(odd);
  }
  size_t at = slide_size;
  while (at > 0 && base_digits[at - 1] == 0 && digits[at - 1] == 0) --at;
  Projective sum = {zero, one, one};
  while (at-- > 0) {
    if (base_digits[at] == 0 && digits[at] == 0) {
      sum = twice<Projective>(sum);
      continue;
    }
    Extended t = twice<Extended>(sum);
    if (const int e = digits[at]; e > 0)
      t = add<Extended>(t, multiples[static_cast<size_t>(e / 2)]);
    else if (e < 0)
      t = subtract<Extended>(t, multiples[static_cast<size_t>(-e / 2)]);
    if (const int e = base_digits[at]; e > 0)
      t = add<Extended>(t, odd_multiples[static_cast<size_t>(e / 2)]);
    else if (e < 0)
      t = subtract<Extended>(t, odd_multiples[static_cast<size_t>(-e / 2)]);
    sum = {t.x, t.y, t.z};
  }
  return sum;
}

constexpr EdwardsAlgorithm edwards_soft = {multiply_base,
                                           [](std::span<const Encoded> all, Projective* out) noexcept {
                                             for (const Encoded& s : all) *out++ = multiply_base(s);
                                           },
                                           double_multiply_vartime, 1};

}  // namespace bulla::crypto::curve25519
