// What ECDSA needs of a curve, as numbers in big-endian bytes: a kernel of it is one such table.
#pragma once

#include "crypto/ec/keys.h"
#include "crypto/kernel.h"

namespace bulla::crypto {

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
  /// FIPS 186-5 §6.4.1 steps 3 to 11 with the nonce k; false where k or d is not in 1..n-1, or r or s comes
  /// out as zero. Time depends on the curve only.
  bool (*sign)(Bytes d, Bytes k, Bytes e, MutBytes r, MutBytes s) noexcept;
  /// FIPS 186-5 §6.4.2 from step 1 on, and that the point is one.
  bool (*verify_vartime)(Bytes point, Bytes e, Bytes r, Bytes s) noexcept;
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
  static constexpr size_t size = scalar_size<Curve>;

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

  static bool compute(Bytes d_bytes, Bytes k_bytes, Bytes e_bytes, MutBytes r_out, MutBytes s_out) noexcept {
    struct {
      Number d, k;
      AffinePoint<Curve> affine;
      Scalar r, s;
    } w;
    bool ok = read_scalar<Curve>(d_bytes, w.d) && read_scalar<Curve>(k_bytes, w.k);
    if (ok) {
      w.affine = Products<Curve>::multiply_generator(w.k);
      w.r = Scalar::from_number(w.affine.x.number());
      const Scalar e = Scalar::from_number(from_big_endian<Scalar::n>(e_bytes));
      w.s = Scalar::from_number(w.k).inverse() * (e + w.r * Scalar::from_number(w.d));
      ok = ct::declassified((~(w.r.is_zero() | w.s.is_zero())).bit(), "a nonce that is not used again") != 0;
    }
    if (ok) {
      to_big_endian(w.r.number(), r_out);
      to_big_endian(w.s.number(), s_out);
      ct::declassify(r_out.data(), r_out.size(), "a signature");
      ct::declassify(s_out.data(), s_out.size(), "a signature");
    }
    wipe(memory_of(w));
    return ok;
  }

  static bool sign(Bytes d, Bytes k, Bytes e, MutBytes r, MutBytes s) noexcept {
    return with_wiped_stack<stack_depth>([&] { return compute(d, k, e, r, s); });
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
                                           .verify_vartime = verify_vartime};
};

}  // namespace ec
}  // namespace bulla::crypto
