// The number-theoretic transform modulo X^256 + 1 (FIPS 203 §4.3), one coefficient after the other. Products
// are Montgomery's; sums are reduced as rarely as their bounds allow. Indices and branches depend on nothing
// but the position.
#include "crypto/ml_kem/impl.h"

namespace bulla::crypto::ml_kem {
namespace {

constexpr unsigned bit_rev7(unsigned i) noexcept {
  unsigned out = 0;
  for (unsigned bit = 0; bit < 7; ++bit) out |= (i >> bit & 1) << (6 - bit);
  return out;
}

constexpr std::array<int16_t, 128> make_zetas() noexcept {
  std::array<int16_t, 128> out{};
  for (unsigned i = 0; i < 128; ++i) {
    int32_t power = (1 << 16) % q;
    for (unsigned e = 0; e < bit_rev7(i); ++e) power = power * 17 % q;
    out[i] = static_cast<int16_t>(power > q / 2 ? power - q : power);
  }
  return out;
}

}  // namespace

constexpr std::array<int16_t, 128> zetas = make_zetas();

void ntt_soft(Polynomial& f) noexcept {
  size_t i = 1;
  for (size_t length = 128; length >= 2; length /= 2) {
    for (size_t start = 0; start < n; start += 2 * length) {
      const int16_t zeta = zetas[i++];
      for (size_t j = start; j < start + length; ++j) {
        // |t| < q, so each of the seven layers lets the bound grow by q: 8 q < 2^15.
        const int16_t t = montgomery_product(f.c[j + length], zeta);
        f.c[j + length] = static_cast<int16_t>(f.c[j] - t);
        f.c[j] = static_cast<int16_t>(f.c[j] + t);
      }
    }
  }
  for (int16_t& c : f.c) c = barrett_reduce(c);
}

void inverse_ntt_soft(Polynomial& f) noexcept {
  size_t i = 127;
  for (size_t length = 2; length <= 128; length *= 2) {
    for (size_t start = 0; start < n; start += 2 * length) {
      const int16_t zeta = zetas[i--];
      for (size_t j = start; j < start + length; ++j) {
        // |f| < q before each layer, so sum and difference are below 2 q.
        const int16_t t = f.c[j];
        f.c[j] = barrett_reduce(static_cast<int16_t>(t + f.c[j + length]));
        f.c[j + length] = montgomery_product(static_cast<int16_t>(f.c[j + length] - t), zeta);
      }
    }
  }
  // 1 / 128, and R^2: one R for this product, one that inner_product() lost.
  for (int16_t& c : f.c) c = montgomery_product(c, r_squared_by_128);
}

/// Algorithms 11 and 12: (a0 + a1 X)(b0 + b1 X) modulo X^2 - γ, where γ is ζ^(2 BitRev7(i) + 1): zetas[64 + i
/// / 2] for even i, and minus that for odd i.
void inner_product_soft(const Polynomial* a, const Polynomial* b, size_t k, Polynomial& out) noexcept {
  for (size_t i = 0; i < n / 2; ++i) {
    const int16_t zeta = zetas[64 + i / 2];
    const auto gamma = static_cast<int16_t>(i % 2 == 0 ? zeta : -zeta);
    // Two products of numbers below q are together below 2 q^2 < 2^15 q, so they are added before they are
    // reduced. Each term adds less than 2 q to sum0 and less than q to sum1: 8 q < 2^15.
    int16_t sum0 = 0, sum1 = 0;
    for (size_t j = 0; j < k; ++j) {
      const int16_t a0 = a[j].c[2 * i], a1 = a[j].c[2 * i + 1];
      const int16_t b0 = b[j].c[2 * i], b1 = b[j].c[2 * i + 1];
      const int16_t a1_b1_gamma = montgomery_product(montgomery_product(a1, b1), gamma);
      sum0 = static_cast<int16_t>(sum0 + a1_b1_gamma + montgomery_product(a0, b0));
      sum1 = static_cast<int16_t>(sum1 + montgomery_reduce(int32_t{a0} * b1 + int32_t{a1} * b0));
    }
    out.c[2 * i] = barrett_reduce(sum0);
    out.c[2 * i + 1] = barrett_reduce(sum1);
  }
}

}  // namespace bulla::crypto::ml_kem
