// Barrett's reduction as in Menezes, van Oorschot and Vanstone, "Handbook of Applied Cryptography" (1996),
// algorithm 14.42, with b = 2^64 and k = 4. Words are stored with the lowest first.
#include "crypto/curve25519/scalar.h"

#include <bulla/secret.h>

namespace bulla::crypto::curve25519 {
namespace {

template <size_t n>
using Number = std::array<uint64_t, n>;

/// a -= b; the borrow, 0 or 1.
template <size_t n>
constexpr uint64_t subtract(Number<n>& a, const Number<n>& b) noexcept {
  uint64_t borrow = 0;
  for (size_t i = 0; i < n; ++i) {
    const Wide difference = Wide{a[i]} - b[i] - borrow;
    a[i] = static_cast<uint64_t>(difference);
    borrow = static_cast<uint64_t>(difference >> 64) & 1;
  }
  return borrow;
}

/// out = a·b, or the lower words of it where `out` has not room for all.
template <size_t n, size_t m, size_t l>
constexpr void multiply_words(const Number<n>& a, const Number<m>& b, Number<l>& out) noexcept {
  out = {};
  for (size_t i = 0; i < n; ++i) {
    uint64_t carry = 0;
    for (size_t j = 0; j < m && i + j < l; ++j) {
      const Wide sum = Wide{a[i]} * b[j] + out[i + j] + carry;  // at most 2^128 - 1
      out[i + j] = static_cast<uint64_t>(sum);
      carry = static_cast<uint64_t>(sum >> 64);
    }
    if (i + m < l) out[i + m] = carry;
  }
}

/// The lowest l words from word `first` on.
template <size_t l, size_t n>
constexpr Number<l> words_from(const Number<n>& a, size_t first) noexcept {
  Number<l> out{};
  for (size_t i = 0; i < l && first + i < n; ++i) out[i] = a[first + i];
  return out;
}

/// µ = ⌊b^(2k) / L⌋, by long division, bit by bit; both numbers are public and the work is the compiler's.
constexpr Number<5> make_mu() noexcept {
  const Number<5> divisor = words_from<5>(order, 0);
  Number<5> quotient{}, rest{};
  for (size_t bit = 513; bit-- > 0;) {
    uint64_t in = bit == 512 ? 1 : 0;
    for (uint64_t& word : rest) {
      const uint64_t out = word >> 63;
      word = word << 1 | in;
      in = out;
    }
    Number<5> less = rest;
    if (subtract(less, divisor) == 0) {
      rest = less;
      quotient[bit / 64] |= uint64_t{1} << (bit % 64);
    }
  }
  return quotient;
}
constexpr Number<5> mu = make_mu();

Number<4> load(std::span<const uint8_t, 32> bytes) noexcept {
  const uint8_t* b = bytes.data();
  return {load64(b), load64(b + 8), load64(b + 16), load64(b + 24)};
}

/// Algorithm 14.42; every x < b^(2k).
void barrett(const Number<8>& x, std::span<uint8_t, 32> out) noexcept {
  struct {
    Number<5> q1, q3, r, r2, less;
    Number<10> q2;
  } s;
  s.q1 = words_from<5>(x, 3);  // ⌊x / b^(k - 1)⌋
  multiply_words(s.q1, mu, s.q2);
  s.q3 = words_from<5>(s.q2, 5);  // ⌊q2 / b^(k + 1)⌋
  s.r = words_from<5>(x, 0);      // x mod b^(k + 1)
  multiply_words(s.q3, order, s.r2);
  subtract(s.r, s.r2);  // mod b^(k + 1), too; now r < 3·L
  for (int i = 0; i < 2; ++i) {
    s.less = s.r;
    const auto below = ct::Mask<uint64_t>::of_bit(subtract(s.less, words_from<5>(order, 0)));
    for (size_t j = 0; j < 5; ++j) s.r[j] = below.select(s.r[j], s.less[j]);
  }
  for (size_t i = 0; i < 4; ++i) store64(s.r[i], out.data() + 8 * i);
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

}  // namespace

void reduce_scalar(std::span<const uint8_t, 64> wide, std::span<uint8_t, 32> out) noexcept {
  Number<8> x;
  for (size_t i = 0; i < 8; ++i) x[i] = load64(wide.data() + 8 * i);
  barrett(x, out);
  wipe({reinterpret_cast<uint8_t*>(&x), sizeof x});
}

void multiply_add_scalar(std::span<const uint8_t, 32> a, std::span<const uint8_t, 32> b,
                         std::span<const uint8_t, 32> c, std::span<uint8_t, 32> out) noexcept {
  struct {
    Number<4> a, b, c;
    Number<8> x;
  } s;
  s.a = load(a), s.b = load(b), s.c = load(c);
  multiply_words(s.a, s.b, s.x);
  uint64_t carry = 0;
  for (size_t i = 0; i < 8; ++i) {
    const Wide sum = Wide{s.x[i]} + (i < 4 ? s.c[i] : 0) + carry;
    s.x[i] = static_cast<uint64_t>(sum);
    carry = static_cast<uint64_t>(sum >> 64);
  }
  barrett(s.x, out);
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

bool is_scalar_vartime(std::span<const uint8_t, 32> bytes) noexcept {
  Number<4> s = load(bytes);
  return subtract(s, order) == 1;
}

}  // namespace bulla::crypto::curve25519
