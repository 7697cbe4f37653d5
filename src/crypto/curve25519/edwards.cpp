#include "crypto/curve25519/edwards.h"

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

void encode_point(const Projective& p, std::span<uint8_t, 32> out) noexcept {
  struct {
    Element reciprocal, x, y;
    Encoded bytes;
  } s;
  s.reciprocal = invert(p.z);
  s.x = p.x * s.reciprocal;
  s.y = p.y * s.reciprocal;
  encode(s.x, s.bytes);
  encode(s.y, out);
  out[31] = static_cast<uint8_t>(out[31] | (s.bytes[0] & 1) << 7);
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

namespace {

// Every table here is computed while this file is compiled, from what RFC 8032 §5.1 says of d and B.

/// Brings `n` points to Z = 1 and prepares them, with one inversion for all (Montgomery's trick): prefix[i]
/// is the product of the Z before i.
template <size_t n>
constexpr std::array<Prepared<1>, n> prepare_all(const std::array<Extended, n>& points) noexcept {
  std::array<Prepared<1>, n> out{};
  std::array<Element, n> prefix{};
  Element product = one;
  for (size_t i = 0; i < n; ++i) {
    prefix[i] = product;
    product = product * points[i].z;
  }
  Element inverse = invert(product);
  for (size_t i = n; i-- > 0;) {
    const Element reciprocal = inverse * prefix[i];
    inverse = inverse * points[i].z;
    const Element x = points[i].x * reciprocal, y = points[i].y * reciprocal;
    out[i] = {tighten(y + x), tighten(y - x), x * y * d2};
  }
  return out;
}

// ------------------------------------------------------------------------------------------ a fixed base
// s = Σ e(i)·16^i with 64 digits from -8 to 8. Of the digits every fourth shares a row of the table: row r
// holds 1 to 8 times 16^(4r)·B, and s·B = Σ over j from 0 to 3 of 16^j·(Σ over r of e(4r + j)·16^(4r)·B).

constexpr size_t row_count = 16, row_size = 8;

constexpr std::array<Prepared<1>, row_count * row_size> make_base_table() noexcept {
  std::array<Extended, row_count * row_size> points{};
  Extended base = make_base_point();
  for (size_t r = 0; r < row_count; ++r) {
    const PreparedExtended step = prepare(base);
    points[r * row_size] = base;
    for (size_t j = 1; j < row_size; ++j)
      points[r * row_size + j] = add<Extended>(points[r * row_size + j - 1], step);
    base = points[r * row_size + row_size - 1];
    for (size_t i = 0; i < 13; ++i) base = twice<Extended>(base);  // 8·2^13 = 16^4
  }
  return prepare_all(points);
}
constexpr auto base_table = make_base_table();

/// The digits: a nibble above 7 is written as itself less 16, and one more of the next. s < 2^255 leaves 8 at
/// most for the last.
void to_digits(std::span<const uint8_t, 32> s, std::array<int8_t, 64>& digits) noexcept {
  for (size_t i = 0; i < 32; ++i) {
    digits[2 * i] = static_cast<int8_t>(s[i] & 15);
    digits[2 * i + 1] = static_cast<int8_t>(s[i] >> 4);
  }
  int carry = 0;
  for (size_t i = 0; i < 63; ++i) {
    const int digit = digits[i] + carry;
    carry = (digit + 8) >> 4;
    digits[i] = static_cast<int8_t>(digit - carry * 16);
  }
  digits[63] = static_cast<int8_t>(digits[63] + carry);
}

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

// ------------------------------------------------------------------------------------- two public scalars
// Straus' trick: one chain of doublings for both. Digits are odd or zero, in windows that slide over zeros,
// so that only odd multiples are needed.

namespace {

constexpr std::array<Prepared<1>, 32> make_odd_multiples() noexcept {
  std::array<Extended, 32> points{};
  points[0] = make_base_point();
  const PreparedExtended step = prepare(twice<Extended>(points[0]));
  for (size_t i = 1; i < points.size(); ++i) points[i] = add<Extended>(points[i - 1], step);
  return prepare_all(points);
}
/// B, 3·B, ..., 63·B.
constexpr auto odd_multiples = make_odd_multiples();

constexpr size_t slide_size = 256;

/// s = Σ digits[i]·2^i, where digits are zero or odd and below 2^(width - 1) in size (the non-adjacent form
/// of that width); s < 2^253.
void slide_vartime(std::span<const uint8_t, 32> s, unsigned width, std::array<int8_t, slide_size>& digits) {
  const auto bits = [&](size_t at) {  // `width` bits from bit `at` on
    unsigned value = 0;
    for (unsigned i = 0; i < width && at + i < 256; ++i)
      value |= (static_cast<unsigned>(s[(at + i) / 8]) >> ((at + i) % 8) & 1) << i;
    return value;
  };
  digits.fill(0);
  unsigned carry = 0;
  for (size_t at = 0; at < slide_size;) {
    const unsigned window = bits(at) + carry;
    if (window % 2 == 0) {
      ++at;
      continue;
    }
    carry = window >> (width - 1);
    digits[at] = static_cast<int8_t>(static_cast<int>(window) - static_cast<int>(carry << width));
    at += width;
  }
}

}  // namespace

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

}  // namespace bulla::crypto::curve25519
