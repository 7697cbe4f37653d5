// What a kernel of ML-DSA brings: the functions of ring.h of the same names, and Keccak.
#pragma once

#include "crypto/ml_dsa/ring.h"
#include "crypto/sha3/sha3.h"

namespace bulla::crypto::ml_dsa {

struct Parts {
  const Keccak* keccak;
  void (*ntt)(Poly& p) noexcept;
  void (*inverse_ntt)(Poly& p) noexcept;
  void (*multiply_add)(Poly& out, const Poly& a, const Poly& b) noexcept;
  void (*multiply)(Poly& out, const Poly& a, const Poly& b) noexcept;
  void (*reduce)(Poly& p) noexcept;
  void (*canonical)(Poly& p) noexcept;
};

/// All of them that this build has.
std::span<const Kernel<Parts>> kernels() noexcept;
/// The one for this machine, by which ring.h and sample.h compute.
inline const Parts& kernel() noexcept {
  return *pick(kernels(), cpu_word()).algorithm;
}

inline constexpr uint32_t q_inverse = 58728449;  ///< q * q_inverse = 1 mod 2^32

constexpr int64_t power(int64_t base, unsigned exponent) noexcept {
  int64_t result = 1;
  for (; exponent > 0; exponent >>= 1, base = base * base % q)
    if (exponent & 1) result = result * base % q;
  return result;
}

constexpr unsigned bit_reversed(unsigned byte) noexcept {
  unsigned out = 0;
  for (int i = 0; i < 8; ++i) out |= (byte >> i & 1) << (7 - i);
  return out;
}

/// FIPS 204 §7.5, Appendix B: zetas[k] = 1753^BitRev8(k) mod q, times 2^32 and centred, as multiplication by
/// montgomery_reduce wants it.
constexpr std::array<int32_t, n> make_zetas() noexcept {
  std::array<int32_t, n> zetas{};
  constexpr int64_t two_to_32 = (int64_t{1} << 32) % q;
  for (unsigned k = 0; k < n; ++k) {
    const int64_t z = power(1753, bit_reversed(k)) * two_to_32 % q;
    zetas[k] = static_cast<int32_t>(z > q / 2 ? z - q : z);
  }
  return zetas;
}
inline constexpr auto zetas = make_zetas();

/// 256^-1, times 2^64: one factor of 2^32 for this multiplication, one for that of the caller.
inline constexpr auto inverse_scale = static_cast<int32_t>(power(256, q - 2) * power(2, 64) % q);

#if defined(__x86_64__)
/// ring_avx2.cpp.
namespace avx2 {
void ntt(Poly& p) noexcept;
void inverse_ntt(Poly& p) noexcept;
void multiply_add(Poly& out, const Poly& a, const Poly& b) noexcept;
void multiply(Poly& out, const Poly& a, const Poly& b) noexcept;
void reduce(Poly& p) noexcept;
void canonical(Poly& p) noexcept;
}  // namespace avx2
#endif

}  // namespace bulla::crypto::ml_dsa
