// The transform and the products with AVX2: sixteen coefficients in a register, and as many of
// montgomery_product() at once. Coefficients stay in the order of FIPS 203; where two that meet stand in the
// same register, two registers are shuffled so that they stand in the same place of both.
#if defined(__x86_64__)

#include "crypto/ml_kem/impl.h"
#include "crypto/target.h"

#include <immintrin.h>

namespace bulla::crypto::ml_kem {
BULLA_TARGET_BEGIN("avx2")
namespace avx2 {
#include "crypto/ml_kem/avx2.h"
namespace {

constexpr uint16_t q_inverse = 62209;  // modulo R

/// A constant factor: itself, and times 1 / q modulo R, which saves a multiplication.
struct Factor {
  Words factor, by_q;
};
/// The same, to be loaded.
struct alignas(32) Factors {
  int16_t factor[lanes], by_q[lanes];
  constexpr void set(size_t lane, int16_t value) noexcept {
    factor[lane] = value;
    by_q[lane] =
        static_cast<int16_t>(static_cast<uint16_t>(static_cast<uint16_t>(value) * uint32_t{q_inverse}));
  }
};
[[gnu::always_inline]] inline Factor load(const Factors& factors) noexcept {
  return {load(factors.factor), load(factors.by_q)};
}

/// montgomery_product() of each: the lower halves of a b and t q are the same, so that the upper halves'
/// difference is (a b - t q) / R.
[[gnu::always_inline]] inline Words product(Words a, const Factor& b) noexcept {
  const Words t = _mm256_mullo_epi16(a, b.by_q);
  return _mm256_sub_epi16(_mm256_mulhi_epi16(a, b.factor), _mm256_mulhi_epi16(t, all(q)));
}

// ------------------------------------------------------------------------------------ factors, in order

constexpr Factors make_factors(int16_t everywhere) noexcept {
  Factors out{};
  for (size_t lane = 0; lane < lanes; ++lane) out.set(lane, everywhere);
  return out;
}

/// zetas[i], for lengths of a register and more.
struct Broadcast {
  Factors zeta[16];
};
constexpr Broadcast make_broadcast() noexcept {
  Broadcast out{};
  for (size_t i = 0; i < 16; ++i) out.zeta[i] = make_factors(zetas[i]);
  return out;
}
constexpr Broadcast broadcast = make_broadcast();

/// Factors of the lengths 8, 4 and 2 for each of the eight pairs of registers. `length` of the first
/// register's coefficients meet the next `length`, and so on; halves of 128 bits come from one register each.
struct Shuffled {
  Factors pair[8];
};
enum class Way { forth, back };

/// Which block of 2 * length coefficients, counted within a pair of registers, lane `lane` belongs to when
/// that pair was shuffled for `length`.
constexpr size_t block_of(size_t lane, size_t length) noexcept {
  const size_t half = lane / 8, place = lane % 8;
  if (length == 8) return half;
  if (length == 4) return 2 * half + place / 4;
  return 4 * half + place / 2;
}
constexpr Shuffled make_shuffled(size_t length, Way way) noexcept {
  Shuffled out{};
  const size_t blocks = n / (2 * length), in_pair = blocks / 8;
  for (size_t pair = 0; pair < 8; ++pair) {
    for (size_t lane = 0; lane < lanes; ++lane) {
      const size_t block = in_pair * pair + block_of(lane, length);
      out.pair[pair].set(lane, zetas[way == Way::forth ? blocks + block : 2 * blocks - 1 - block]);
    }
  }
  return out;
}
constexpr Shuffled forth8 = make_shuffled(8, Way::forth), forth4 = make_shuffled(4, Way::forth),
                   forth2 = make_shuffled(2, Way::forth), back8 = make_shuffled(8, Way::back),
                   back4 = make_shuffled(4, Way::back), back2 = make_shuffled(2, Way::back);

/// γ at odd places, for inner_product().
struct Gammas {
  Factors group[n / lanes];
};
constexpr Gammas make_gammas() noexcept {
  Gammas out{};
  for (size_t i = 0; i < n / 2; ++i) {
    const int16_t zeta = zetas[64 + i / 2];
    out.group[2 * i / lanes].set((2 * i + 1) % lanes, i % 2 == 0 ? zeta : static_cast<int16_t>(-zeta));
  }
  return out;
}
constexpr Gammas gammas = make_gammas();

// ------------------------------------------------------------------------------------------- the transform

struct Pair {
  Words a, b;
};

/// Algorithm 9, lines 8 to 10.
[[gnu::always_inline]] inline void butterfly(Words& a, Words& b, const Factor& zeta) noexcept {
  const Words t = product(b, zeta);
  b = _mm256_sub_epi16(a, t);
  a = _mm256_add_epi16(a, t);
}
/// Algorithm 10, lines 8 to 10, without a reduction of the sum.
[[gnu::always_inline]] inline void inverse_butterfly(Words& a, Words& b, const Factor& zeta) noexcept {
  const Words difference = _mm256_sub_epi16(b, a);
  a = _mm256_add_epi16(a, b);
  b = product(difference, zeta);
}

// What meets at a distance of 16, 8, 4, 2 after the step before; each is undone by its reverse. c0 to c3 are
// the quarters of a register's coefficients, 64 bits each, and below them halves of those.
[[gnu::always_inline]] inline Pair swap_halves(const Pair& p) noexcept {
  return {_mm256_permute2x128_si256(p.a, p.b, 0x20), _mm256_permute2x128_si256(p.a, p.b, 0x31)};
}
[[gnu::always_inline]] inline Pair swap_quarters(const Pair& p) noexcept {
  return {_mm256_unpacklo_epi64(p.a, p.b), _mm256_unpackhi_epi64(p.a, p.b)};
}
[[gnu::always_inline]] inline Pair swap_eighths(const Pair& p) noexcept {
  return {_mm256_blend_epi32(p.a, _mm256_slli_epi64(p.b, 32), 0xaa),
          _mm256_blend_epi32(_mm256_srli_epi64(p.a, 32), p.b, 0xaa)};
}
/// Between the order for distance 2, where a quarter of `a` has the first halves of two quarters, and that of
/// FIPS 203, but for the halves of registers.
[[gnu::always_inline]] inline Pair interleave(const Pair& p) noexcept {
  return {_mm256_unpacklo_epi32(p.a, p.b), _mm256_unpackhi_epi32(p.a, p.b)};
}
[[gnu::always_inline]] inline Pair separate(const Pair& p) noexcept {
  const __m256 a = _mm256_castsi256_ps(p.a), b = _mm256_castsi256_ps(p.b);
  return {_mm256_castps_si256(_mm256_shuffle_ps(a, b, 0x88)),
          _mm256_castps_si256(_mm256_shuffle_ps(a, b, 0xdd))};
}

/// Lengths 8, 4 and 2 on two registers, and Barrett's reduction.
[[gnu::always_inline]] inline void small_layers(Pair& p, size_t pair) noexcept {
  p = swap_halves(p);
  butterfly(p.a, p.b, load(forth8.pair[pair]));
  p = swap_quarters(p);
  butterfly(p.a, p.b, load(forth4.pair[pair]));
  p = swap_eighths(p);
  butterfly(p.a, p.b, load(forth2.pair[pair]));
  p = swap_halves(interleave({barrett_reduce(p.a), barrett_reduce(p.b)}));
}
/// The sums of three layers of |c| < q are below 8 q < 2^15; then they are reduced.
[[gnu::always_inline]] inline void small_inverse_layers(Pair& p, size_t pair) noexcept {
  p = separate(swap_halves(p));
  inverse_butterfly(p.a, p.b, load(back2.pair[pair]));
  p = swap_eighths(p);
  inverse_butterfly(p.a, p.b, load(back4.pair[pair]));
  p = swap_quarters(p);
  inverse_butterfly(p.a, p.b, load(back8.pair[pair]));
  p = swap_halves({barrett_reduce(p.a), p.b});
}

}  // namespace

/// As ntt_soft(): seven layers let the bound grow to 8 q < 2^15 before the reduction.
void ntt(Polynomial& f) noexcept {
  int16_t* const c = f.c.data();
  for (size_t i = 0; i < n / 2; i += lanes) {
    Words a = load(c + i), b = load(c + n / 2 + i);
    butterfly(a, b, load(broadcast.zeta[1]));
    store(c + i, a);
    store(c + n / 2 + i, b);
  }
  for (size_t half = 0; half < 2; ++half) {
    int16_t* const at = c + n / 2 * half;
    Words v[8];
#pragma GCC unroll 8
    for (size_t i = 0; i < 8; ++i) v[i] = load(at + lanes * i);
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) butterfly(v[i], v[i + 4], load(broadcast.zeta[2 + half]));
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) {
      const size_t a = i + i / 2 * 2;  // 0, 1, 4, 5
      butterfly(v[a], v[a + 2], load(broadcast.zeta[4 + 2 * half + i / 2]));
    }
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) {
      Pair p = {v[2 * i], v[2 * i + 1]};
      butterfly(p.a, p.b, load(broadcast.zeta[8 + 4 * half + i]));
      small_layers(p, 4 * half + i);
      store(at + 2 * lanes * i, p.a);
      store(at + 2 * lanes * i + lanes, p.b);
    }
  }
}

/// Sums are reduced after the lengths 8 and 64 only, when three layers have let the bound grow from q to 8 q;
/// so are differences, which get there by a product.
void inverse_ntt(Polynomial& f) noexcept {
  int16_t* const c = f.c.data();
  for (size_t half = 0; half < 2; ++half) {
    int16_t* const at = c + n / 2 * half;
    Words v[8];
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) {
      Pair p = {load(at + 2 * lanes * i), load(at + 2 * lanes * i + lanes)};
      small_inverse_layers(p, 4 * half + i);
      inverse_butterfly(p.a, p.b, load(broadcast.zeta[15 - (4 * half + i)]));
      v[2 * i] = p.a;
      v[2 * i + 1] = p.b;
    }
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) {
      const size_t a = i + i / 2 * 2;  // 0, 1, 4, 5
      inverse_butterfly(v[a], v[a + 2], load(broadcast.zeta[7 - (2 * half + i / 2)]));
    }
#pragma GCC unroll 4
    for (size_t i = 0; i < 4; ++i) {
      inverse_butterfly(v[i], v[i + 4], load(broadcast.zeta[3 - half]));
      store(at + lanes * i, barrett_reduce(v[i]));
      store(at + lanes * (i + 4), v[i + 4]);
    }
  }
  // The last layer has the factors of ntt_soft.cpp's end in it.
  constexpr Factors sums = make_factors(r_squared_by_128),
                    differences = make_factors(montgomery_product(zetas[1], r_squared_by_128));
  for (size_t i = 0; i < n / 2; i += lanes) {
    const Words a = load(c + i), b = load(c + n / 2 + i);
    store(c + i, product(_mm256_add_epi16(a, b), load(sums)));
    store(c + n / 2 + i, product(_mm256_sub_epi16(b, a), load(differences)));
  }
}

/// As inner_product_soft(), with the same sums of 32 bits: a0 b0 + a1 (b1 γ) and a0 b1 + a1 b0 are each one
/// instruction. The lower halves of a sum and of t q are the same.
void inner_product(const Polynomial* a, const Polynomial* b, size_t k, Polynomial& out) noexcept {
  for (size_t i = 0; i < n; i += lanes) {
    const Factor gamma = load(gammas.group[i / lanes]);
    Words even = _mm256_setzero_si256(), odd = even;
    for (size_t j = 0; j < k; ++j) {
      const Words a_words = load(a[j].c.data() + i), b_words = load(b[j].c.data() + i);
      const Words with_gamma = _mm256_blend_epi16(b_words, product(b_words, gamma), 0xaa);
      const Words swapped = _mm256_or_si256(_mm256_slli_epi32(b_words, 16), _mm256_srli_epi32(b_words, 16));
      even = _mm256_add_epi32(even, _mm256_madd_epi16(a_words, with_gamma));
      odd = _mm256_add_epi32(odd, _mm256_madd_epi16(a_words, swapped));
    }
    const Words low = _mm256_blend_epi16(even, _mm256_slli_epi32(odd, 16), 0xaa);
    const Words high = _mm256_blend_epi16(_mm256_srli_epi32(even, 16), odd, 0xaa);
    const Words t = _mm256_mullo_epi16(low, all(static_cast<int16_t>(q_inverse)));
    store(out.c.data() + i, _mm256_sub_epi16(high, _mm256_mulhi_epi16(t, all(q))));
  }
}

void restore(Polynomial& f) noexcept {
  constexpr Factors radix = make_factors(r_squared);
  for (size_t i = 0; i < n; i += lanes) store(f.c.data() + i, product(load(f.c.data() + i), load(radix)));
}

void add(Polynomial& f, const Polynomial& g) noexcept {
  for (size_t i = 0; i < n; i += lanes)
    store(f.c.data() + i, barrett_reduce(_mm256_add_epi16(load(f.c.data() + i), load(g.c.data() + i))));
}

void subtract(Polynomial& f, const Polynomial& g) noexcept {
  for (size_t i = 0; i < n; i += lanes)
    store(f.c.data() + i, barrett_reduce(_mm256_sub_epi16(load(f.c.data() + i), load(g.c.data() + i))));
}

}  // namespace avx2
BULLA_TARGET_END

}  // namespace bulla::crypto::ml_kem

#endif
