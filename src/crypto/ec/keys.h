// Scalars and points as bytes: what ECDH and ECDSA share.
#pragma once

#include "crypto/ec/multiply.h"

#include <bulla/provider.h>

#include <optional>

namespace bulla::crypto::ec {

/// Bytes of a scalar, which is written as long as a coordinate.
template <class Curve>
inline constexpr size_t scalar_size = Curve::Field::bytes;
/// Bytes of an uncompressed point: 04 || X || Y (SEC 1 §2.3.3).
template <class Curve>
inline constexpr size_t point_size = 1 + 2 * Curve::Field::bytes;

/// Whether bytes of the right length are a scalar 0 < d < n. That much about a private key is public: whoever
/// has one that is not is told so.
template <class Curve>
bool read_scalar(Bytes bytes, typename Curve::Scalar::Number& scalar) noexcept {
  static_assert(Curve::Field::bytes == Curve::Scalar::bytes);
  if (bytes.size() != scalar_size<Curve>) return false;
  scalar = from_big_endian<Curve::Scalar::n>(bytes);
  const Mask valid = is_less(scalar, Curve::Scalar::modulus) & ~is_zero(scalar);
  return ct::declassified(valid.bit(), "whether a private scalar is in range") != 0;
}

/// How often a scalar is drawn. P-256 rejects most, one in 2^32: that so many in a row are rejected has a
/// probability below 2^-4000, and means that the source is stuck.
inline constexpr int scalar_tries = 128;

/// Uniform scalars with 0 < scalar < n, by rejection (FIPS 186-5 §A.2.2); what is rejected is never used. The
/// source is asked for all of them at once. Empty where it brings forth none.
template <class Curve>
void draw_scalars(Random& random, std::span<SecretBytes> all) {
  // Only the top byte of P-521's order is not full: its surplus bits are cut off, or nearly all would be
  // rejected.
  constexpr unsigned surplus = 8 * Curve::Scalar::bytes - Curve::Scalar::bits;
  constexpr size_t size = scalar_size<Curve>;
  SecretBytes drawn(size * all.size());
  random.fill(drawn.writable());
  size_t left = all.size();
  typename Curve::Scalar::Number scalar;
  for (SecretBytes& out : all) {
    out.reset();
    for (int tries = scalar_tries; tries > 0 && out.empty(); --tries) {
      if (left == 0) random.fill(drawn.writable().last(size)), left = 1;
      const MutBytes bytes = drawn.writable().last(size * left--).first(size);
      bytes[0] &= 0xff >> surplus;
      if (read_scalar<Curve>(bytes, scalar)) out = SecretBytes(bytes);
    }
  }
  wipe(memory_of(scalar));
}
template <class Curve>
void random_scalars(Random& random, std::span<SecretBytes> all) {
  with_wiped_stack<1024>([&] { draw_scalars<Curve>(random, all); });
}
/// One of them.
template <class Curve>
SecretBytes random_scalar(Random& random) {
  SecretBytes out;
  random_scalars<Curve>(random, {&out, 1});
  return out;
}

/// A point in uncompressed form only, coordinates below p, on the curve. The curves have prime order, so such
/// a point also lies in the right subgroup (RFC 9846 §4.3.8.2). Peers' points are public.
template <class Curve>
std::optional<AffinePoint<Curve>> read_point_vartime(Bytes bytes) noexcept {
  using Field = typename Curve::Field;
  if (bytes.size() != point_size<Curve> || bytes[0] != 0x04) return std::nullopt;
  const auto x = from_big_endian<Field::n>(bytes.subspan(1, Field::bytes));
  const auto y = from_big_endian<Field::n>(bytes.subspan(1 + Field::bytes));
  if (((~is_less(x, Field::modulus)) | (~is_less(y, Field::modulus))).bit()) return std::nullopt;
  const AffinePoint<Curve> point{Field::from_number(x), Field::from_number(y)};
  if (!point.is_on_curve().bit()) return std::nullopt;
  return point;
}

/// d·G in uncompressed form, to be computed; public. Not ok where d is not in range.
struct PublicPoint {
  Bytes d = {};
  MutBytes out = {};
  bool ok = false;
};

/// As many as there are lanes.
template <class Curve, template <class> class Products>
void multiply_bases(std::span<PublicPoint> all) noexcept {
  constexpr size_t lanes = lanes_of<Products<Curve>>;
  struct {
    typename Curve::Scalar::Number d[lanes];
    AffinePoint<Curve> points[lanes];
  } s;
  size_t count = 0;
  for (PublicPoint& point : all)
    if ((point.ok = read_scalar<Curve>(point.d, s.d[count]))) ++count;
  multiply_generator_all<Products<Curve>>(std::span(s.d).first(count), std::span(s.points).first(count));
  count = 0;
  for (PublicPoint& point : all) {
    if (!point.ok) continue;
    point.out[0] = 0x04;
    s.points[count++].encode(point.out.subspan(1, point_size<Curve> - 1));
    ct::declassify(point.out.data(), point_size<Curve>, "a public key");
  }
  wipe(memory_of(s));
}
/// The same, and nothing is left of it.
template <class Curve, template <class> class Products = CompleteProducts>
void public_points(std::span<PublicPoint> all) noexcept {
  with_wiped_stack<stack_depth>([&] { multiply_bases<Curve, Products>(all); });
}
/// Of one.
template <class Curve, template <class> class Products = CompleteProducts>
bool public_point(Bytes d, MutBytes out) noexcept {
  PublicPoint point{.d = d, .out = out};
  public_points<Curve, Products>({&point, 1});
  return point.ok;
}

}  // namespace bulla::crypto::ec
