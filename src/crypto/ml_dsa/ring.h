// The ring of ML-DSA (FIPS 204 §2.3): polynomials of 256 coefficients modulo q = 2^23 - 2^13 + 1 and
// X^256 + 1. Coefficients are kept as signed numbers whose range each function states; none of them branches
// on one.
#pragma once

#include <bulla/secret.h>

#include <array>
#include <memory>
#include <span>

namespace bulla::crypto::ml_dsa {

inline constexpr int32_t q = 8380417;
inline constexpr size_t n = 256;
inline constexpr unsigned d = 13;  ///< bits that are dropped from t

using Poly = std::array<int32_t, n>;

/// Secret polynomials on the heap, wiped before they are freed.
class Polys {
 public:
  explicit Polys(size_t size) : polys_(new Poly[size]()), size_(size) {}
  Polys(const Polys&) = delete;
  Polys& operator=(const Polys&) = delete;
  ~Polys() { wipe({reinterpret_cast<uint8_t*>(polys_.get()), size_ * sizeof(Poly)}); }

  Poly& operator[](size_t i) noexcept { return polys_[i]; }
  const Poly& operator[](size_t i) const noexcept { return polys_[i]; }
  size_t size() const noexcept { return size_; }
  Poly* begin() noexcept { return polys_.get(); }
  Poly* end() noexcept { return polys_.get() + size_; }
  const Poly* begin() const noexcept { return polys_.get(); }
  const Poly* end() const noexcept { return polys_.get() + size_; }

 private:
  std::unique_ptr<Poly[]> polys_;
  size_t size_;
};

/// a * 2^-32 mod q, in -q < r < q, for |a| < 2^31 * q (Montgomery 1985, with signed numbers).
constexpr int32_t montgomery_reduce(int64_t a) noexcept {
  constexpr uint32_t q_inverse = 58728449;  // q * q_inverse = 1 mod 2^32
  const auto t = static_cast<int32_t>(static_cast<uint32_t>(a) * q_inverse);
  return static_cast<int32_t>((a - int64_t{t} * q) >> 32);
}

/// The same residue in -6283008 <= r <= 6283008, for a <= 2^31 - 2^22 - 1.
constexpr int32_t reduce(int32_t a) noexcept {
  return a - ((a + (1 << 22)) >> 23) * q;
}

/// The same residue in 0 <= r < q, for -q < a < q.
constexpr int32_t add_q_if_negative(int32_t a) noexcept {
  return a + ((a >> 31) & q);
}

/// FIPS 204 §7.5, NTT: |in| < q, |out| < 9q.
void ntt(Poly& p) noexcept;
/// FIPS 204 §7.5, NTT^-1, times 2^32: |in| < q, |out| < q. What comes out of multiply() has lost a factor of
/// 2^32 before.
void inverse_ntt(Poly& p) noexcept;

/// Coefficient by coefficient, out += a * b * 2^-32; |a * b| < 2^31 * q, and out grows by less than q.
void multiply_add(Poly& out, const Poly& a, const Poly& b) noexcept;
/// Coefficient by coefficient, a * b * 2^-32, in -q < r < q.
void multiply(Poly& out, const Poly& a, const Poly& b) noexcept;

/// reduce() of every coefficient.
void reduce(Poly& p) noexcept;
/// Every coefficient to 0 <= r < q, for what reduce() takes.
void canonical(Poly& p) noexcept;

/// FIPS 204 §7.4, Power2Round, for 0 <= r < q: r = r1 * 2^d + r0.
struct Rounded {
  int32_t high, low;
};
Rounded power2_round(int32_t r) noexcept;
/// FIPS 204 §7.4, Decompose, for 0 <= r < q: r = r1 * 2 * gamma2 + r0 mod q.
Rounded decompose(int32_t r, int32_t gamma2) noexcept;
/// FIPS 204 §7.4, UseHint, for 0 <= r < q: the high bits, corrected where there is a hint. Public.
int32_t use_hint_vartime(bool hint, int32_t r, int32_t gamma2) noexcept;

/// Whether some coefficient has an absolute value of `bound` or more, for coefficients in -q < r < q that are
/// reduced to -q/2 < r <= q/2 (FIPS 204 §2.3). The answer may become known, which coefficient it was may not.
bool exceeds(const Poly& p, int32_t bound) noexcept;

}  // namespace bulla::crypto::ml_dsa
