#include "crypto/ml_dsa/ring.h"

#include "base/ct.h"
#include "crypto/ml_dsa/kernels.h"
#include "crypto/sha3/impl.h"

namespace bulla::crypto::ml_dsa {
namespace soft {
namespace {

int32_t times(int32_t a, int32_t b) noexcept {
  return montgomery_reduce(int64_t{a} * b);
}

/// FIPS 204 §7.5, algorithm 41. Each of the eight layers adds less than q to the largest coefficient.
void ntt(Poly& p) noexcept {
  size_t k = 0;
  for (size_t length = n / 2; length >= 1; length /= 2) {
    for (size_t start = 0; start < n; start += 2 * length) {
      const int32_t zeta = zetas[++k];
      for (size_t j = start; j < start + length; ++j) {
        const int32_t t = times(zeta, p[j + length]);
        p[j + length] = p[j] - t;
        p[j] += t;
      }
    }
  }
}

/// FIPS 204 §7.5, algorithm 42. Each layer doubles the largest sum: 256 * q < 2^31.
void inverse_ntt(Poly& p) noexcept {
  size_t k = n;
  for (size_t length = 1; length < n; length *= 2) {
    for (size_t start = 0; start < n; start += 2 * length) {
      const int32_t zeta = -zetas[--k];
      for (size_t j = start; j < start + length; ++j) {
        const int32_t t = p[j];
        p[j] = t + p[j + length];
        p[j + length] = times(zeta, t - p[j + length]);
      }
    }
  }
  for (int32_t& c : p) c = times(inverse_scale, c);
}

void multiply_add(Poly& out, const Poly& a, const Poly& b) noexcept {
  for (size_t i = 0; i < n; ++i) out[i] += times(a[i], b[i]);
}
void multiply(Poly& out, const Poly& a, const Poly& b) noexcept {
  for (size_t i = 0; i < n; ++i) out[i] = times(a[i], b[i]);
}

void reduce(Poly& p) noexcept {
  for (int32_t& c : p) c = ml_dsa::reduce(c);
}
void canonical(Poly& p) noexcept {
  for (int32_t& c : p) c = add_q_if_negative(ml_dsa::reduce(c));
}

}  // namespace
}  // namespace soft

namespace {

constexpr Parts soft_parts = {&sha3::keccak_soft, soft::ntt,    soft::inverse_ntt, soft::multiply_add,
                              soft::multiply,     soft::reduce, soft::canonical};
#if defined(__x86_64__)
constexpr Parts with_avx2(const Keccak& keccak) noexcept {
  return {&keccak,        avx2::ntt,    avx2::inverse_ntt, avx2::multiply_add,
          avx2::multiply, avx2::reduce, avx2::canonical};
}
/// The same ring, and Keccak by the kernel of that name.
constexpr Parts avx2_parts = with_avx2(sha3::keccak_avx2), avx512_parts = with_avx2(sha3::keccak_avx512);
#endif

}  // namespace

std::span<const Kernel<Parts>> kernels() noexcept {
  static constexpr Kernel<Parts> table[] = {
#if defined(__x86_64__)
      {"avx512", sha3::avx512_needs, &avx512_parts},
      {"avx2", sha3::avx2_needs, &avx2_parts},
#endif
      {"soft", 0, &soft_parts},
  };
  return table;
}

void ntt(Poly& p) noexcept {
  kernel().ntt(p);
}
void inverse_ntt(Poly& p) noexcept {
  kernel().inverse_ntt(p);
}
void multiply_add(Poly& out, const Poly& a, const Poly& b) noexcept {
  kernel().multiply_add(out, a, b);
}
void multiply(Poly& out, const Poly& a, const Poly& b) noexcept {
  kernel().multiply(out, a, b);
}
void reduce(Poly& p) noexcept {
  kernel().reduce(p);
}
void canonical(Poly& p) noexcept {
  kernel().canonical(p);
}

Rounded power2_round(int32_t r) noexcept {
  const int32_t high = (r + (1 << (d - 1)) - 1) >> d;
  return {high, r - (high << d)};
}

/// The quotient by 2 * gamma2 is a multiplication by its inverse: division takes a time of its own on many
/// processors (Bernstein et al., "KyberSlash", 2024). 2 * gamma2 is a multiple of 128 in both sets; a test
/// compares all q numbers with the definition.
Rounded decompose(int32_t r, int32_t gamma2) noexcept {
  int32_t high = (r + 127) >> 7;
  if (gamma2 == (q - 1) / 32) {
    high = (high * 1025 + (1 << 21)) >> 22;
    high &= 15;  // r - r0 = q - 1: high is 0 and r0 one less
  } else {
    high = (high * 11275 + (1 << 23)) >> 24;
    high ^= ((43 - high) >> 31) & high;
  }
  int32_t low = r - high * 2 * gamma2;
  low -= (((q - 1) / 2 - low) >> 31) & q;
  return {high, low};
}

int32_t use_hint_vartime(bool hint, int32_t r, int32_t gamma2) noexcept {
  const Rounded parts = decompose(r, gamma2);
  if (!hint) return parts.high;
  const int32_t m = (q - 1) / (2 * gamma2);
  return parts.low > 0 ? (parts.high + 1) % m : (parts.high + m - 1) % m;
}

bool exceeds(const Poly& p, int32_t bound) noexcept {
  uint32_t any = 0;
  for (const int32_t c : p) {
    const int32_t sign = c >> 31;
    const int32_t absolute = (c ^ sign) - sign;
    any |= static_cast<uint32_t>(bound - 1 - absolute) >> 31;
  }
  return ct::declassified(any, "FIPS 204 §6.2: whether a try is rejected tells nothing of the key") != 0;
}

}  // namespace bulla::crypto::ml_dsa
