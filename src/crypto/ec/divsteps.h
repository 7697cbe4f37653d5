// Inverses modulo an odd prime m by division steps (Bernstein, Yang, "Fast constant-time gcd computation and
// modular inversion", 2019), with the start δ = 1/2 and steps on words of 59 bits (Wuille, "The safegcd
// implementation in libsecp256k1 explained", 2021).
//
// A step takes (δ, f, g), f odd, to (1 - δ, g, (g - f)/2) where δ > 0 and g is odd, else to
// (1 + δ, f, (g + (g mod 2) f)/2). From f = m, g = x it ends with g = 0 and f = ±1. What 59 steps do to f and
// g depends on their lowest 59 bits only and is a matrix over 2^59; it is found there, and applied to the
// whole numbers. d and e take the same steps modulo m from 0 and 1, so that f = d·x and g = e·x modulo m all
// along.
//
// How many steps are enough: 590 for 256 bits, and (45907 b + 26313)/19929 for b bits in general (Wuille's
// bound for δ = 1/2, from the convex hull of what (f, g) can reach; checked formally by Harrison in
// s2n-bignum).
#pragma once

#include "crypto/ec/limbs.h"

#include <bulla/secret.h>

#include <algorithm>

namespace bulla::crypto::ec {

template <class Modulus>
class Divsteps {
 public:
  static constexpr size_t n = Modulus::value.size();
  using Number = Limbs<n>;

  /// 1/x mod m for x < m; 0 for 0. Time depends on the modulus only.
  [[gnu::noinline]] static Number inverse(const Number& x) noexcept {
    struct {
      State state;
      Number out;
    } s{start(x), {}};
    for (size_t i = 0; i < batches; ++i) s.state.apply(s.state.steps());
    s.out = s.state.result();
    const Number out = s.out;
    wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
    return out;
  }
  /// The same for public numbers: it ends where g is 0.
  [[gnu::noinline]] static Number inverse_vartime(const Number& x) noexcept {
    State state = start(x);
    while (!state.is_done_vartime()) state.apply(state.steps_vartime());
    return state.result();
  }

 private:
  using Wide = __int128;
  /// Ten times 59 are 590, fifteen times 885.
  static constexpr int width = 59;
  static constexpr Limb low_bits = (Limb{1} << width) - 1;
  static constexpr size_t bits = bit_length(Modulus::value);
  static constexpr size_t enough = bits == 256 ? 590 : (45907 * bits + 26313) / 19929;
  static constexpr size_t batches = (enough + width - 1) / width;

  /// Words of 59 bits, of which the highest has the sign; room for numbers between -2m and 2m.
  static constexpr size_t words = bits / width + 1;
  static_assert(bits + 2 < words * width);
  using Signed = std::array<int64_t, words>;

  /// What so many steps are, times 2^59: f becomes (u·f + v·g)/2^59, g becomes (q·f + r·g)/2^59.
  struct Matrix {
    int64_t u, v, q, r;

    friend Matrix operator*(const Matrix& a, const Matrix& b) noexcept {
      return {a.u * b.u + a.v * b.q, a.u * b.v + a.v * b.r, a.q * b.u + a.r * b.q, a.q * b.v + a.r * b.r};
    }
  };

  static constexpr Signed to_words(const Number& x) noexcept {
    Signed out{};
    for (size_t i = 0; i < words; ++i) out[i] = static_cast<int64_t>(bits_from(x, i * width));
    return out;
  }
  /// 59 bits from bit `at` on.
  static constexpr Limb bits_from(const Number& x, size_t at) noexcept {
    const size_t limb = at / 64, shift = at % 64;
    if (limb >= n) return 0;
    Limb out = x[limb] >> shift;
    if (shift > 64 - width && limb + 1 < n) out |= x[limb + 1] << (64 - shift);
    return out & low_bits;
  }
  static constexpr Signed modulus = to_words(Modulus::value);
  /// 1/m mod 2^59.
  static constexpr Limb inverse_of_modulus = [] {
    Limb inverse = Modulus::value[0];
    for (int step = 0; step < 5; ++step) inverse *= 2 - Modulus::value[0] * inverse;
    return inverse & low_bits;
  }();

  struct State {
    Signed f, g, d, e;
    /// -δ - 1/2.
    int64_t zeta;

    [[gnu::always_inline]] inline Matrix steps() noexcept;
    template <int count>
    [[gnu::always_inline]] inline Matrix few_steps(int64_t low_f, int64_t low_g) noexcept;
    inline Matrix steps_vartime() noexcept;
    [[gnu::always_inline]] inline void apply(const Matrix& t) noexcept;
    inline Number result() const noexcept;
    bool is_done_vartime() const noexcept { return g == Signed{}; }
  };
  static State start(const Number& x) noexcept { return {modulus, to_words(x), {}, {1}, -1}; }

  static Limb sign_of(const Signed& x) noexcept {
    return ct::value_barrier(static_cast<Limb>(x[words - 1] >> 63));
  }
};

/// Some steps, on the lowest 20 bits of f and g. A word has f, u and v as f + 2^21·u + 2^42·v, another one g,
/// q and r, so that a step is a handful of instructions (s2n-bignum's and Wuille's idea). Not u and v are
/// doubled in a step, but q and r are halved with g: they begin as multiples of 2^count. They begin negative,
/// and so does the matrix that comes out: minus what has been said above. f and g are between ±2^19 before
/// and after a step, and u ... r are at least -2^20 and less than 2^20: |u| + |v| and |q| + |r| are at most
/// 2^20, so that u is ±2^20 only before it is first added to (and v is 0).
template <class Modulus>
template <int count>
typename Divsteps<Modulus>::Matrix Divsteps<Modulus>::State::few_steps(int64_t low_f,
                                                                       int64_t low_g) noexcept {
  constexpr Limb unit = Limb{1} << count;
  Limb fuv = static_cast<Limb>(low_f << 44 >> 44) - (unit << 21);
  Limb gqr = static_cast<Limb>(low_g << 44 >> 44) - (unit << 42);
  int64_t z = zeta;
  for (int i = 0; i < count; ++i) {
    const Limb positive = ct::value_barrier(static_cast<Limb>(z >> 63));
    const Limb odd = ct::value_barrier(Limb{0} - (gqr & 1));
    const Limb swap = positive & odd;
    // g + f or g - f, where g is odd; where the step swaps, f is what g was.
    const Limb other = fuv ^ gqr;
    gqr += ((fuv ^ positive) - positive) & odd;
    fuv ^= other & swap;
    gqr = static_cast<Limb>(static_cast<int64_t>(gqr) >> 1);
    z = static_cast<int64_t>(static_cast<Limb>(z) ^ swap) - 1;
  }
  zeta = z;
  const auto upper = [](int64_t x) { return (x + (int64_t{1} << 20)) >> 21; };
  const auto lower = [](int64_t x) { return x << 43 >> 43; };
  const int64_t uv = upper(static_cast<int64_t>(fuv)), qr = upper(static_cast<int64_t>(gqr));
  return {lower(uv), upper(uv), lower(qr), upper(qr)};
}

/// 59 steps on the lowest words: 20, 20 and 19. The product of three negative matrices is negative.
template <class Modulus>
typename Divsteps<Modulus>::Matrix Divsteps<Modulus>::State::steps() noexcept {
  static_assert(width == 59);
  int64_t low_f = f[0], low_g = g[0];
  // Modulo 2^59: all of the 39 bits that are right after the shift are what the steps that are left look at.
  const auto combined = [&](int64_t of_f, int64_t of_g) {
    const Limb sum = static_cast<Limb>(of_f) * static_cast<Limb>(low_f) +
                     static_cast<Limb>(of_g) * static_cast<Limb>(low_g);
    return static_cast<int64_t>(Limb{0} - sum) >> 20;
  };
  const auto apply_to_low = [&](const Matrix& t) {
    const int64_t next = combined(t.u, t.v);
    low_g = combined(t.q, t.r);
    low_f = next;
  };
  const Matrix first = few_steps<20>(low_f, low_g);
  apply_to_low(first);
  const Matrix second = few_steps<20>(low_f, low_g);
  apply_to_low(second);
  const Matrix all = few_steps<19>(low_f, low_g) * (second * first);
  return {-all.u, -all.v, -all.q, -all.r};
}

/// The same steps, several at once: zeros at the end of g are shifted out together, and while δ stays
/// positive a multiple of f makes up to six bits of g zero. The matrix may differ from that of steps(), since
/// it is δ = 1 here at the start; any order of such steps keeps f = d·x and g = e·x.
template <class Modulus>
typename Divsteps<Modulus>::Matrix Divsteps<Modulus>::State::steps_vartime() noexcept {
  Limb u = 1, v = 0, q = 0, r = 1, low_f = static_cast<Limb>(f[0]), low_g = static_cast<Limb>(g[0]);
  int64_t eta = zeta;  // -δ
  for (int left = width;;) {
    const int zeros = std::countr_zero(low_g | ~Limb{0} << left);
    low_g >>= zeros;
    u <<= zeros;
    v <<= zeros;
    eta -= zeros;
    left -= zeros;
    if (left == 0) break;
    if (eta < 0) {
      eta = -eta;
      std::swap(low_f, low_g);
      std::swap(u, q);
      std::swap(v, r);
      low_g = Limb{0} - low_g, q = Limb{0} - q, r = Limb{0} - r;
    }
    // g + w·f is 0 in as many low bits as steps are left before δ is positive again, six at most:
    // -1/f modulo 2^6 is f·(f² - 2).
    const int64_t count = std::min<int64_t>({eta + 1, left, 6});
    const Limb w = low_g * low_f * (low_f * low_f - 2) & ((Limb{1} << count) - 1);
    low_g += low_f * w;
    q += u * w;
    r += v * w;
  }
  zeta = eta;
  return {static_cast<int64_t>(u), static_cast<int64_t>(v), static_cast<int64_t>(q), static_cast<int64_t>(r)};
}

/// f and g exactly; d and e modulo m, where they stay between -2m and m: |u| + |v| and |q| + |r| are at most
/// 2^59. A number below 0 gets m times its factor, and then such a multiple of m, below 2^59·m, is taken
/// away that 2^59 divides the sum.
template <class Modulus>
void Divsteps<Modulus>::State::apply(const Matrix& t) noexcept {
  const auto low = [](Wide x) { return static_cast<Limb>(x) & low_bits; };
  const int64_t sign_d = static_cast<int64_t>(sign_of(d)), sign_e = static_cast<int64_t>(sign_of(e));
  int64_t md = (t.u & sign_d) + (t.v & sign_e), me = (t.q & sign_d) + (t.r & sign_e);
  Wide cf = Wide{t.u} * f[0] + Wide{t.v} * g[0], cg = Wide{t.q} * f[0] + Wide{t.r} * g[0];
  Wide cd = Wide{t.u} * d[0] + Wide{t.v} * e[0], ce = Wide{t.q} * d[0] + Wide{t.r} * e[0];
  md -= static_cast<int64_t>((inverse_of_modulus * static_cast<Limb>(cd) + static_cast<Limb>(md)) & low_bits);
  me -= static_cast<int64_t>((inverse_of_modulus * static_cast<Limb>(ce) + static_cast<Limb>(me)) & low_bits);
  cd += Wide{modulus[0]} * md;
  ce += Wide{modulus[0]} * me;
#pragma GCC unroll 9
  for (size_t i = 1; i < words; ++i) {
    cf = (cf >> width) + Wide{t.u} * f[i] + Wide{t.v} * g[i];
    cg = (cg >> width) + Wide{t.q} * f[i] + Wide{t.r} * g[i];
    cd = (cd >> width) + Wide{t.u} * d[i] + Wide{t.v} * e[i] + Wide{modulus[i]} * md;
    ce = (ce >> width) + Wide{t.q} * d[i] + Wide{t.r} * e[i] + Wide{modulus[i]} * me;
    f[i - 1] = static_cast<int64_t>(low(cf));
    g[i - 1] = static_cast<int64_t>(low(cg));
    d[i - 1] = static_cast<int64_t>(low(cd));
    e[i - 1] = static_cast<int64_t>(low(ce));
  }
  f[words - 1] = static_cast<int64_t>(cf >> width);
  g[words - 1] = static_cast<int64_t>(cg >> width);
  d[words - 1] = static_cast<int64_t>(cd >> width);
  e[words - 1] = static_cast<int64_t>(ce >> width);
}

/// d times the sign of f, between 0 and m.
template <class Modulus>
typename Divsteps<Modulus>::Number Divsteps<Modulus>::State::result() const noexcept {
  Signed out = d;
  const auto carry = [&] {
    for (size_t i = 0; i + 1 < words; ++i) {
      out[i + 1] += out[i] >> width;
      out[i] &= static_cast<int64_t>(low_bits);
    }
  };
  const auto add_modulus_if_negative = [&] {
    const Limb negative = sign_of(out);
    for (size_t i = 0; i < words; ++i) out[i] += modulus[i] & static_cast<int64_t>(negative);
  };
  // -2m < d < m, so -m < d < m, so -m < ±d < m, so 0 <= ±d < m.
  add_modulus_if_negative();
  carry();
  const int64_t negate = static_cast<int64_t>(sign_of(f));
  for (size_t i = 0; i < words; ++i) out[i] = (out[i] ^ negate) - negate;
  carry();
  add_modulus_if_negative();
  carry();
  Number number{};
  for (size_t i = 0; i < words; ++i) {
    const size_t limb = i * width / 64, shift = i * width % 64;
    const Limb word = static_cast<Limb>(out[i]);
    if (limb < n) number[limb] |= word << shift;
    if (shift > 64 - width && limb + 1 < n) number[limb + 1] |= word >> (64 - shift);
  }
  return number;
}

}  // namespace bulla::crypto::ec
