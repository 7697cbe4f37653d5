// The ring with AVX2: eight coefficients of 32 bits in a register. Every step is that of ring.cpp, and so is
// every number between; where two that meet stand in the same register, two registers are shuffled so that
// they stand in the same place of both.
#if defined(__x86_64__)

#include "base/ct.h"
#include "crypto/ml_dsa/kernels.h"
#include "crypto/target.h"

#include <immintrin.h>

namespace bulla::crypto::ml_dsa {
BULLA_TARGET_BEGIN("avx2")
namespace avx2 {
namespace {

using Words = __m256i;
constexpr size_t lanes = 8;

[[gnu::always_inline]] inline Words load(const int32_t* at) noexcept {
  return _mm256_loadu_si256(reinterpret_cast<const Words*>(at));
}
[[gnu::always_inline]] inline void store(int32_t* at, Words v) noexcept {
  _mm256_storeu_si256(reinterpret_cast<Words*>(at), v);
}
[[gnu::always_inline]] inline Words all(int32_t v) noexcept {
  return _mm256_set1_epi32(v);
}

/// A factor. MemorySanitizer loses what is secret in the upper half of a product if it is the lower bits of a
/// factor alone; for it, all of such a coefficient becomes secret.
[[gnu::always_inline]] inline Words factor(Words a) noexcept {
#if defined(BULLA_CT_MSAN)
  uint32_t words[lanes];
  _mm256_storeu_si256(reinterpret_cast<Words*>(words), a);
  for (uint32_t& word : words) word = ct::value_barrier(word);
  a = _mm256_loadu_si256(reinterpret_cast<const Words*>(words));
#endif
  return a;
}

/// The upper half of a product of 64 bits, less that of the multiple of q that has the same lower half.
[[gnu::always_inline]] inline Words montgomery_reduce(Words products) noexcept {
  const Words t = _mm256_mul_epi32(products, all(static_cast<int32_t>(q_inverse)));
  return _mm256_sub_epi64(products, _mm256_mul_epi32(t, all(q)));
}
/// montgomery_reduce(a b) of each: of those at even places, then of those at odd ones.
[[gnu::always_inline]] inline Words product(Words a, Words b) noexcept {
  a = factor(a);
  b = factor(b);
  const Words even = montgomery_reduce(_mm256_mul_epi32(a, b));
  const Words odd = montgomery_reduce(_mm256_mul_epi32(_mm256_srli_epi64(a, 32), _mm256_srli_epi64(b, 32)));
  return _mm256_blend_epi32(_mm256_srli_epi64(even, 32), odd, 0xaa);
}

/// As reduce() of ring.h.
[[gnu::always_inline]] inline Words reduced(Words a) noexcept {
  const Words quotient = _mm256_srai_epi32(_mm256_add_epi32(a, all(1 << 22)), 23);
  return _mm256_sub_epi32(a, _mm256_mullo_epi32(quotient, all(q)));
}

// ------------------------------------------------------------------------------------------- the transform

/// Factors of the lengths 4, 2 and 1 for each of the sixteen pairs of registers.
struct Shuffled {
  alignas(32) int32_t pair[16][lanes];
};
enum class Way { forth, back };

/// Which block of 2 * length coefficients, counted within a pair of registers, lane `lane` belongs to when
/// that pair was shuffled for `length`.
constexpr size_t block_of(size_t lane, size_t length) noexcept {
  const size_t half = lane / 4, place = lane % 4;
  if (length == 4) return half;
  if (length == 2) return 2 * half + place / 2;
  return 4 * half + place;
}
constexpr Shuffled make_shuffled(size_t length, Way way) noexcept {
  Shuffled out{};
  const size_t blocks = n / (2 * length), in_pair = blocks / 16;
  for (size_t pair = 0; pair < 16; ++pair) {
    for (size_t lane = 0; lane < lanes; ++lane) {
      const size_t block = in_pair * pair + block_of(lane, length);
      out.pair[pair][lane] = way == Way::forth ? zetas[blocks + block] : -zetas[2 * blocks - 1 - block];
    }
  }
  return out;
}
constexpr Shuffled forth4 = make_shuffled(4, Way::forth), forth2 = make_shuffled(2, Way::forth),
                   forth1 = make_shuffled(1, Way::forth), back4 = make_shuffled(4, Way::back),
                   back2 = make_shuffled(2, Way::back), back1 = make_shuffled(1, Way::back);

struct Pair {
  Words a, b;
};

[[gnu::always_inline]] inline void butterfly(Words& a, Words& b, Words zeta) noexcept {
  const Words t = product(b, zeta);
  b = _mm256_sub_epi32(a, t);
  a = _mm256_add_epi32(a, t);
}
[[gnu::always_inline]] inline void inverse_butterfly(Words& a, Words& b, Words zeta) noexcept {
  const Words difference = _mm256_sub_epi32(a, b);
  a = _mm256_add_epi32(a, b);
  b = product(difference, zeta);
}

// What meets at a distance of 4, 2, 1 after the step before; each undoes itself.
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

/// `length` of 8 and more: whole registers meet.
template <size_t length>
[[gnu::always_inline]] inline void layer(Poly& p) noexcept {
  for (size_t start = 0, k = n / (2 * length); start < n; start += 2 * length, ++k) {
    const Words zeta = all(zetas[k]);
    for (size_t j = start; j < start + length; j += lanes) {
      Words a = load(&p[j]), b = load(&p[j + length]);
      butterfly(a, b, zeta);
      store(&p[j], a);
      store(&p[j + length], b);
    }
  }
}
template <size_t length>
[[gnu::always_inline]] inline void inverse_layer(Poly& p) noexcept {
  for (size_t start = 0, k = n / length - 1; start < n; start += 2 * length, --k) {
    const Words zeta = all(-zetas[k]);
    for (size_t j = start; j < start + length; j += lanes) {
      Words a = load(&p[j]), b = load(&p[j + length]);
      inverse_butterfly(a, b, zeta);
      store(&p[j], a);
      store(&p[j + length], b);
    }
  }
}

}  // namespace

void ntt(Poly& p) noexcept {
  layer<128>(p);
  layer<64>(p);
  layer<32>(p);
  layer<16>(p);
  layer<8>(p);
  for (size_t i = 0; i < 16; ++i) {
    int32_t* const at = &p[2 * lanes * i];
    Pair v = swap_halves({load(at), load(at + lanes)});
    butterfly(v.a, v.b, load(forth4.pair[i]));
    v = swap_quarters(v);
    butterfly(v.a, v.b, load(forth2.pair[i]));
    v = swap_eighths(v);
    butterfly(v.a, v.b, load(forth1.pair[i]));
    v = swap_halves(swap_quarters(swap_eighths(v)));
    store(at, v.a);
    store(at + lanes, v.b);
  }
}

void inverse_ntt(Poly& p) noexcept {
  for (size_t i = 0; i < 16; ++i) {
    int32_t* const at = &p[2 * lanes * i];
    Pair v = swap_eighths(swap_quarters(swap_halves({load(at), load(at + lanes)})));
    inverse_butterfly(v.a, v.b, load(back1.pair[i]));
    v = swap_eighths(v);
    inverse_butterfly(v.a, v.b, load(back2.pair[i]));
    v = swap_quarters(v);
    inverse_butterfly(v.a, v.b, load(back4.pair[i]));
    v = swap_halves(v);
    store(at, v.a);
    store(at + lanes, v.b);
  }
  inverse_layer<8>(p);
  inverse_layer<16>(p);
  inverse_layer<32>(p);
  inverse_layer<64>(p);
  inverse_layer<128>(p);
  for (size_t i = 0; i < n; i += lanes) store(&p[i], product(load(&p[i]), all(inverse_scale)));
}

void multiply_add(Poly& out, const Poly& a, const Poly& b) noexcept {
  for (size_t i = 0; i < n; i += lanes)
    store(&out[i], _mm256_add_epi32(load(&out[i]), product(load(&a[i]), load(&b[i]))));
}
void multiply(Poly& out, const Poly& a, const Poly& b) noexcept {
  for (size_t i = 0; i < n; i += lanes) store(&out[i], product(load(&a[i]), load(&b[i])));
}
void reduce(Poly& p) noexcept {
  for (size_t i = 0; i < n; i += lanes) store(&p[i], reduced(load(&p[i])));
}
void canonical(Poly& p) noexcept {
  for (size_t i = 0; i < n; i += lanes) {
    const Words a = reduced(load(&p[i]));
    store(&p[i], _mm256_add_epi32(a, _mm256_and_si256(_mm256_srai_epi32(a, 31), all(q))));
  }
}

}  // namespace avx2
BULLA_TARGET_END

}  // namespace bulla::crypto::ml_dsa

#endif
