// What ECDSA needs of a curve, as numbers in big-endian bytes: a kernel of it is one such table.
#pragma once

#include "crypto/ec/keys.h"
#include "crypto/kernel.h"

namespace bulla::crypto {

/// One signature to make with a nonce k of the number e of a digest.
struct EcdsaJob {
  Bytes k = {}, e = {};     ///< in
  MutBytes r = {}, s = {};  ///< out: public
  bool ok = false;          ///< out: false where the key or k is not in 1..n-1, or r or s comes out as zero
};

/// ECDSA on one curve, without hashes, nonces and DER. All numbers have `size` bytes.
struct EcdsaCurve {
  KeyType type;       ///< of the keys
  size_t size;        ///< bytes of a number
  size_t order_bits;  ///< of n
  /// The number e of a digest: its leftmost bits, as many as n has (FIPS 186-5 §6.4.1 step 2), mod n.
  void (*digest_number)(Bytes digest, MutBytes e) noexcept;
  /// d·G, 1 + 2 size bytes, 04 || X || Y; false where d is not in 1..n-1.
  bool (*public_point)(Bytes d, MutBytes point) noexcept;
  /// A scalar in 1..n-1; empty where the source brings forth none.
  SecretBytes (*random_scalar)(Random& random);
  /// FIPS 186-5 §6.4.1 steps 3 to 11 with the key d. Time depends on the curve only.
  void (*sign)(Bytes d, std::span<EcdsaJob> jobs) noexcept;
  /// FIPS 186-5 §6.4.2 from step 1 on, and that the point is one.
  bool (*verify_vartime)(Bytes point, Bytes e, Bytes r, Bytes s) noexcept;
  size_t lanes;  ///< signatures that are made side by side

  /// One of them.
  bool sign_one(Bytes d, Bytes k, Bytes e, MutBytes r, MutBytes s) const noexcept {
    EcdsaJob job{.k = k, .e = e, .r = r, .s = s};
    sign(d, {&job, 1});
    return job.ok;
  }
};

/// All ways to compute it that this build has.
std::span<const Kernel<EcdsaCurve>> p256_ecdsa_kernels() noexcept;
/// Likewise.
std::span<const Kernel<EcdsaCurve>> p384_ecdsa_kernels() noexcept;
/// Likewise.
std::span<const Kernel<EcdsaCurve>> p521_ecdsa_kernels() noexcept;

namespace ec {

template <class Curve, template <class> class Products = CompleteProducts>
struct Ecdsa {
  using Scalar = typename Curve::Scalar;
  using Number = typename Scalar::Number;
  static constexpr size_t size = scalar_size<Curve>, lanes = lanes_of<Products<Curve>>;

  static void digest_number(Bytes digest, MutBytes e) noexcept {
    // Of P-521's last byte only some bits belong to n; no hash here is that long.
    constexpr size_t surplus = 8 * size - Scalar::bits;
    Number number = from_big_endian<Scalar::n>(digest.first(std::min(digest.size(), size)));
    if constexpr (surplus > 0) {
      for (size_t i = 0; i < Scalar::n && digest.size() >= size; ++i)
        number[i] = number[i] >> surplus | (i + 1 < Scalar::n ? number[i + 1] << (64 - surplus) : 0);
    }
    to_big_endian(Scalar::from_number(number).number(), e);
  }

  /// 1/k of each instead of it, by one inverse (Montgomery's trick).
  static void invert(std::span<Scalar> k) noexcept {
    struct {
      Scalar before[lanes], inverse;  // the products of those before
    } w;
    for (size_t i = 1; i < k.size(); ++i) w.before[i] = i == 1 ? k[0] : w.before[i - 1] * k[i - 1];
    w.inverse = (k.size() == 1 ? k[0] : w.before[k.size() - 1] * k.back()).inverse();
    for (size_t i = k.size(); i-- > 1;) {
      w.before[i] = w.inverse * w.before[i];
      w.inverse = w.inverse * k[i];
      k[i] = w.before[i];
    }
    k[0] = w.inverse;
    wipe(memory_of(w));
  }

  /// As many as there are lanes.
  static void compute(Bytes d_bytes, std::span<EcdsaJob> jobs) noexcept {
    struct {
      Number d, k[lanes];
      AffinePoint<Curve> points[lanes];
      Scalar key, inverse[lanes], r, s;
    } w;
    EcdsaJob* of[lanes] = {};
    size_t count = 0;
    const bool key_ok = read_scalar<Curve>(d_bytes, w.d);
    for (EcdsaJob& job : jobs) {
      job.ok = key_ok && read_scalar<Curve>(job.k, w.k[count]);
      if (job.ok) of[count++] = &job;
    }
    if (count > 0) {
      multiply_generator_all<Products<Curve>>(std::span(w.k).first(count), std::span(w.points).first(count));
      for (size_t i = 0; i < count; ++i) w.inverse[i] = Scalar::from_number(w.k[i]);
      invert(std::span(w.inverse).first(count));
      w.key = Scalar::from_number(w.d);
    }
    for (size_t i = 0; i < count; ++i) {
      EcdsaJob& job = *of[i];
      w.r = Scalar::from_number(w.points[i].x.number());
      w.s = w.inverse[i] * (Scalar::from_number(from_big_endian<Scalar::n>(job.e)) + w.r * w.key);
      job.ok =
          ct::declassified((~(w.r.is_zero() | w.s.is_zero())).bit(), "a nonce that is not used again") != 0;
      if (!job.ok) continue;
      to_big_endian(w.r.number(), job.r);
      to_big_endian(w.s.number(), job.s);
      ct::declassify(job.r.data(), job.r.size(), "a signature");
      ct::declassify(job.s.data(), job.s.size(), "a signature");
    }
    wipe(memory_of(w));
  }

  static void sign(Bytes d, std::span<EcdsaJob> all) noexcept {
    by_lanes<lanes>(
        all, [&](std::span<EcdsaJob> jobs) { with_wiped_stack<stack_depth>([&] { compute(d, jobs); }); });
  }

  static bool verify_vartime(Bytes point, Bytes e_bytes, Bytes r_bytes, Bytes s_bytes) noexcept {
    Number r, s;
    if (!read_scalar<Curve>(r_bytes, r) || !read_scalar<Curve>(s_bytes, s)) return false;
    const auto key = read_point_vartime<Curve>(point);
    if (!key) return false;
    const Scalar w = inverse_vartime(Scalar::from_number(s));
    const Scalar e = Scalar::from_number(from_big_endian<Scalar::n>(e_bytes));
    const Number u = (e * w).number(), v = (Scalar::from_number(r) * w).number();
    return Products<Curve>::has_x_vartime(u, v, *key, r);
  }

  static Scalar inverse_vartime(const Scalar& x) noexcept {
    if constexpr (requires { x.inverse_vartime(); })
      return x.inverse_vartime();
    else
      return x.inverse();
  }

  static constexpr EcdsaCurve algorithm = {.type = Curve::key_type,
                                           .size = size,
                                           .order_bits = Scalar::bits,
                                           .digest_number = digest_number,
                                           .public_point = public_point<Curve, Products>,
                                           .random_scalar = random_scalar<Curve>,
                                           .sign = sign,
                                           .verify_vartime = verify_vartime,
                                           .lanes = lanes};
};

}  // namespace ec
}  // namespace bulla::crypto
