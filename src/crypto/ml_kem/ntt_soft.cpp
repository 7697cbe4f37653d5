// The number-theoretic transform modulo X^256 + 1 (FIPS 203 §4.3). Products are Montgomery's; sums are
// reduced as rarely as their bounds allow. Indices and branches depend on nothing but the position.
#include "crypto/ml_kem/impl.h"

namespace bulla::crypto::ml_kem {
namespace {

/// Algorithm 9, lines 3 to 12 for one length. It is known at compile time so that compilers can take several
/// coefficients at once.
template <size_t length>
inline void layer(Polynomial& f) noexcept {
  size_t i = n / (2 * length);
  for (size_t start = 0; start < n; start += 2 * length) {
    const int16_t zeta = zetas[i++];
    for (size_t j = start; j < start + length; ++j) {
      const int16_t t = montgomery_product(f.c[j + length], zeta);
      f.c[j + length] = static_cast<int16_t>(f.c[j] - t);
      f.c[j] = static_cast<int16_t>(f.c[j] + t);
    }
  }
}

/// Algorithm 10, lines 3 to 13 for one length. |f| < q before and after; sum and difference are below 2 q.
template <size_t length>
inline void inverse_layer(Polynomial& f) noexcept {
  size_t i = n / length - 1;
  for (size_t start = 0; start < n; start += 2 * length) {
    const int16_t zeta = zetas[i--];
    for (size_t j = start; j < start + length; ++j) {
      const int16_t t = f.c[j];
      f.c[j] = barrett_reduce(static_cast<int16_t>(t + f.c[j + length]));
      f.c[j + length] = montgomery_product(static_cast<int16_t>(f.c[j + length] - t), zeta);
    }
  }
}

}  // namespace

void ntt_soft(Polynomial& f) noexcept {
  // |t| < q, so each of the seven layers lets the bound grow by q: 8 q < 2^15.
  layer<128>(f);
  layer<64>(f);
  layer<32>(f);
  layer<16>(f);
  layer<8>(f);
  layer<4>(f);
  layer<2>(f);
  for (int16_t& c : f.c) c = barrett_reduce(c);
}

void inverse_ntt_soft(Polynomial& f) noexcept {
  inverse_layer<2>(f);
  inverse_layer<4>(f);
  inverse_layer<8>(f);
  inverse_layer<16>(f);
  inverse_layer<32>(f);
  inverse_layer<64>(f);
  inverse_layer<128>(f);
  // 1 / 128, and R^2: one R for this product, one that inner_product() lost.
  for (int16_t& c : f.c) c = montgomery_product(c, r_squared_by_128);
}

/// Algorithms 11 and 12: (a0 + a1 X)(b0 + b1 X) modulo X^2 - γ, where γ is ζ^(2 BitRev7(i) + 1): zetas[64 + i
/// / 2] for even i, and minus that for odd i.
///
/// Products are summed before they are reduced: with |a|, |b| < q and k <= 4 no sum exceeds 8 q^2, and 9 q^2
/// < 2^15 q.
void inner_product_soft(const Polynomial* a, const Polynomial* b, size_t k, Polynomial& out) noexcept {
  for (size_t i = 0; i < n / 2; ++i) {
    const int16_t zeta = zetas[64 + i / 2];
    const auto gamma = static_cast<int16_t>(i % 2 == 0 ? zeta : -zeta);
    int32_t a0_b0 = 0, a1_b1 = 0, a0_b1_a1_b0 = 0;
    for (size_t j = 0; j < k; ++j) {
      const int32_t a0 = a[j].c[2 * i], a1 = a[j].c[2 * i + 1];
      const int32_t b0 = b[j].c[2 * i], b1 = b[j].c[2 * i + 1];
      a0_b0 += a0 * b0;
      a1_b1 += a1 * b1;
      a0_b1_a1_b0 += a0 * b1 + a1 * b0;
    }
    out.c[2 * i] = montgomery_reduce(a0_b0 + montgomery_reduce(a1_b1) * gamma);
    out.c[2 * i + 1] = montgomery_reduce(a0_b1_a1_b0);
  }
}

void restore_soft(Polynomial& f) noexcept {
  for (int16_t& c : f.c) c = montgomery_product(c, r_squared);
}

void add_soft(Polynomial& f, const Polynomial& g) noexcept {
  for (size_t i = 0; i < n; ++i) f.c[i] = barrett_reduce(static_cast<int16_t>(f.c[i] + g.c[i]));
}

void subtract_soft(Polynomial& f, const Polynomial& g) noexcept {
  for (size_t i = 0; i < n; ++i) f.c[i] = barrett_reduce(static_cast<int16_t>(f.c[i] - g.c[i]));
}

}  // namespace bulla::crypto::ml_kem
