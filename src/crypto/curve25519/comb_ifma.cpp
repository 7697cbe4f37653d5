// The comb of comb_table.h for eight scalars. A lane picks its entry from a register that holds one limb of
// all entries, by a permutation: its time does not depend on the index, and nothing is read by an address
// that does.
#include "crypto/curve25519/comb_ifma.h"

#if defined(__x86_64__)

#include "crypto/curve25519/comb_table.h"

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq,avx512ifma")
namespace bulla::crypto::curve25519::ifma {
namespace {

/// The limbs of a coordinate of all entries of a block.
struct Column {
  uint64_t limb[5][block_size];
};
/// A block of the table.
struct alignas(64) Block {
  Column y_minus_x, y_plus_x, xy2d;
};

constexpr void set_entry(Column& to, size_t entry, const Limbs& a) noexcept {
  to.limb[0][entry] = a.l0, to.limb[1][entry] = a.l1, to.limb[2][entry] = a.l2, to.limb[3][entry] = a.l3;
  to.limb[4][entry] = a.l4;
}
constexpr std::array<Block, comb_blocks> make_blocks() noexcept {
  std::array<Block, comb_blocks> out{};
  for (size_t i = 0; i < comb.points.size(); ++i) {
    Block& block = out[i / block_size];
    set_entry(block.y_minus_x, i % block_size, comb.points[i].y_minus_x.limbs);
    set_entry(block.y_plus_x, i % block_size, comb.points[i].y_plus_x.limbs);
    set_entry(block.xy2d, i % block_size, comb.points[i].xy2d.limbs);
  }
  return out;
}
constexpr std::array<Block, comb_blocks> table = make_blocks();

// ------------------------------------------------------------------------------------------------ points
// The formulas of edwards.h with its letters.

struct Point {
  Loose<1> x, y, z, t;
};
struct ReadyPoint {
  Lanes51 y_minus_x, y_plus_x, xy2d;
};

/// `t` is needed where an addition is next.
enum class Next { addition, doubling };

template <Next next>
BULLA_IFMA_INLINE void finish(const Lanes51& e, const Lanes51& f, const Lanes51& g, const Lanes51& h,
                              Point& out) noexcept {
  out.x = e * f;
  out.y = g * h;
  out.z = f * g;
  if constexpr (next == Next::addition) out.t = e * h;
}

template <Next next>
BULLA_IFMA_INLINE void add(Point& p, const ReadyPoint& q) noexcept {
  const auto a = carry(p.y - p.x) * q.y_minus_x;
  const auto b = carry(p.y + p.x) * q.y_plus_x;
  const auto c = carry(p.t) * q.xy2d;
  const auto dd = p.z + p.z;
  finish<next>(carry(b - a), carry(dd - c), carry(dd + c), carry(b + a), p);
}

BULLA_IFMA_INLINE void twice(Point& p) noexcept {
  const auto a = square(carry(p.x)), b = square(carry(p.y)), zz = square(carry(p.z));
  const auto s = square(carry(p.x + p.y));
  const auto g = a - b;
  finish<Next::addition>(carry(a + b - s), carry(zz + zz + g), carry(g), carry(a + b), p);
}

// ------------------------------------------------------------------------------------------------- digits

/// Which entry each lane wants, and whether negated.
struct Digit {
  Eight::Vector index;
  __mmask8 upper_half, negative;
};

/// Of the column; the comb's highest tooth is 1 in the table. By turning the index of a negative digit round,
/// all its bits, those too that do not count, come to depend on the secret: MemorySanitizer goes by each.
BULLA_IFMA_INLINE Digit digit_of(const Scalars& s, size_t column) noexcept {
  Eight::Vector index = _mm512_setzero_si512();
#pragma GCC unroll 5
  for (size_t k = 0; k + 1 < comb_teeth; ++k)
    index = _mm512_mask_or_epi64(index, bits(s, column + k * comb_columns), index, Eight::all(1 << k));
  const auto negative = static_cast<__mmask8>(~bits(s, column + (comb_teeth - 1) * comb_columns));
  index = _mm512_mask_xor_epi64(index, negative, index, Eight::all(~uint64_t{0}));
  return {index, _mm512_test_epi64_mask(index, Eight::all(block_size / 2)), negative};
}

/// A permutation reaches 16 entries.
BULLA_IFMA_INLINE Lanes51 pick(const Column& from, const Digit& digit) noexcept {
  Lanes51 out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i) {
    const uint64_t* const entries = from.limb[i];
    const Eight::Vector lower =
        _mm512_permutex2var_epi64(_mm512_load_si512(entries), digit.index, _mm512_load_si512(entries + 8));
    const Eight::Vector upper = _mm512_permutex2var_epi64(_mm512_load_si512(entries + 16), digit.index,
                                                          _mm512_load_si512(entries + 24));
    out.limb[i] = _mm512_mask_blend_epi64(digit.upper_half, lower, upper);
  }
  return out;
}

/// -q swaps y - x with y + x and negates the product, of which the limbs are below those of 2·p.
BULLA_IFMA_INLINE ReadyPoint look_up(const Block& block, const Digit& digit) noexcept {
  const Lanes51 minus = pick(block.y_minus_x, digit), plus = pick(block.y_plus_x, digit);
  ReadyPoint out = {blend(digit.negative, minus, plus), blend(digit.negative, plus, minus),
                    pick(block.xy2d, digit)};
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
    out.xy2d.limb[i] =
        _mm512_mask_sub_epi64(out.xy2d.limb[i], digit.negative, multiple_of_p<Eight>(i, 2), out.xy2d.limb[i]);
  return out;
}

BULLA_IFMA_INLINE Loose<1> coordinate(const Limbs& a) noexcept {
  return {Eight::all(a.l0), Eight::all(a.l1), Eight::all(a.l2), Eight::all(a.l3), Eight::all(a.l4)};
}

}  // namespace

[[gnu::noinline]] void multiply_base_in_lanes(const Scalars& s, ProjectiveLanes& out) noexcept {
  Point sum = {coordinate(comb.start.x.limbs), coordinate(comb.start.y.limbs), coordinate(comb.start.z.limbs),
               coordinate(comb.start.t.limbs)};
  for (size_t round = comb_rounds; round-- > 0;) {
    if (round != comb_rounds - 1) twice(sum);
    for (size_t b = 0; b + 1 < comb_blocks; ++b)
      add<Next::addition>(sum, look_up(table[b], digit_of(s, comb_rounds * b + round)));
    add<Next::doubling>(
        sum, look_up(table[comb_blocks - 1], digit_of(s, comb_rounds * (comb_blocks - 1) + round)));
  }
  store(sum.x, out.x);
  store(sum.y, out.y);
  store(sum.z, out.z);
}

}  // namespace bulla::crypto::curve25519::ifma
BULLA_TARGET_END

#endif
