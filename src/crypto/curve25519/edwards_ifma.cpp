// Points of edwards25519 with AVX-512 IFMA: four lanes hold X, Y, Z and T, so that a formula is two products,
// one behind the other (Hisil, Wong, Carter, Dawson, "Twisted Edwards Curves Revisited", 2008, §4.4). The
// formulas are those of edwards.h with its letters. A vector has room for two points.
#include "crypto/curve25519/impl.h"

#if defined(__x86_64__)

#include "crypto/curve25519/comb_ifma.h"
#include "crypto/curve25519/edwards_tables.h"
#include "crypto/wipe_stack.h"

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq,avx512ifma")
namespace bulla::crypto::curve25519 {
namespace ifma {
namespace {

constexpr __mmask8 lane_0 = 0x11, lanes_0_1 = 0x33, lane_2 = 0x44, lanes_0_2 = 0x55, lane_3 = 0x88,
                   lanes_2_3 = 0xcc;

/// X, Y, Z, T.
using Point = Loose<1>;
/// A point to be added: y - x, y + x, 2d·t, 2z.
using ReadyPoint = Lanes51;

/// E·F, G·H, F·G, E·H of E, H, F, G.
BULLA_IFMA_INLINE Point finish(const Lanes51& ehfg) noexcept {
  return multiply_alone(permute<0, 3, 2, 0>(ehfg), permute<2, 1, 3, 1>(ehfg));
}

/// Y - X, Y + X, T, Z.
BULLA_IFMA_INLINE Lanes51 factors_of(const Point& p) noexcept {
  return carry(subtract_or_add(lane_0, permute<1, 1, 3, 2>(p), keep(lanes_0_1, permute<0, 0, 0, 0>(p))));
}

BULLA_IFMA_INLINE Point add(const Point& p, const ReadyPoint& q) noexcept {
  const Loose<1> abcd = multiply_alone(factors_of(p), q);
  return finish(carry(subtract_or_add(lanes_0_2, permute<1, 1, 3, 3>(abcd), permute<0, 0, 2, 2>(abcd))));
}

/// A = X², B = Y², Z² and S = (X + Y)²; then E = A + B - S, H = A + B, F = 2·Z² + A - B, G = A - B.
BULLA_IFMA_INLINE Point twice(const Point& p) noexcept {
  const Lanes51 roots = carry(permute<0, 1, 2, 0>(p) + keep(lane_3, permute<1, 1, 1, 1>(p)));
  const Loose<1> squares = multiply_alone(roots, roots);
  const Loose<1> s_zz = keep(lanes_0_2, permute<3, 3, 2, 2>(squares));
  const auto hhgg = subtract_or_add(lanes_2_3, permute<0, 0, 0, 0>(squares), permute<1, 1, 1, 1>(squares));
  return finish(carry(subtract_or_add(lane_0, hhgg, s_zz + keep(lane_2, s_zz))));
}

/// -q. Limbs of q are at most 2^52 - 38, as those of carry() and of the tables are.
BULLA_IFMA_INLINE ReadyPoint negative(const ReadyPoint& q) noexcept {
  const ReadyPoint swapped = permute<1, 0, 2, 3>(q);
  ReadyPoint out;
#pragma GCC unroll 5
  for (int i = 0; i < 5; ++i)
    out.limb[i] = _mm512_mask_sub_epi64(swapped.limb[i], lane_2, multiple_of_p<Eight>(i, 2), swapped.limb[i]);
  return out;
}

Stored stored(const Extended& p) noexcept {
  Stored out = {};
  out.set(0, p.x.limbs), out.set(1, p.y.limbs), out.set(2, p.z.limbs), out.set(3, p.t.limbs);
  return out;
}

// ------------------------------------------------------------------------------------------------ a fixed
// base The rows of edwards_tables.h, in two halves: those of the first in the lower lanes, of the second in
// the upper.

constexpr size_t half = row_count / 2;

struct alignas(64) ReadyRows {
  uint64_t limb[half][row_size][5][8];
};
constexpr void set_lane(uint64_t (&to)[5][8], size_t lane, const Limbs& a) noexcept {
  to[0][lane] = a.l0, to[1][lane] = a.l1, to[2][lane] = a.l2, to[3][lane] = a.l3, to[4][lane] = a.l4;
}
constexpr void set_point(uint64_t (&to)[5][8], size_t first_lane, const Prepared<1>& p) noexcept {
  set_lane(to, first_lane, p.y_minus_x.limbs);
  set_lane(to, first_lane + 1, p.y_plus_x.limbs);
  set_lane(to, first_lane + 2, p.xy2d.limbs);
  set_lane(to, first_lane + 3, element(2).limbs);
}
constexpr ReadyRows make_ready_rows() noexcept {
  ReadyRows out{};
  for (size_t row = 0; row < row_count; ++row)
    for (size_t j = 0; j < row_size; ++j)
      set_point(out.limb[row % half][j], row / half * 4, base_table[row * row_size + j]);
  return out;
}
constexpr ReadyRows ready_rows = make_ready_rows();

/// Of both halves the multiple that its digit wants: reads both rows whole, whatever the digits.
BULLA_IFMA_INLINE ReadyPoint look_up(size_t row, int8_t lower, int8_t upper) noexcept {
  const Eight::Vector digit =
      _mm512_mask_blend_epi64(0xf0, _mm512_set1_epi64(lower), _mm512_set1_epi64(upper));
  const Eight::Vector sign = _mm512_maskz_srai_epi64(every_lane, digit, 63);
  const Eight::Vector size = _mm512_sub_epi64(_mm512_xor_si512(digit, sign), sign);
  const Eight::Vector none = _mm512_setzero_si512();
  ReadyPoint out = {_mm512_setr_epi64(1, 1, 0, 2, 1, 1, 0, 2), none, none, none, none};
  for (size_t j = 0; j < row_size; ++j) {
    const __mmask8 wanted = _mm512_cmpeq_epi64_mask(size, Eight::all(j + 1));
#pragma GCC unroll 5
    for (int i = 0; i < 5; ++i)
      out.limb[i] = _mm512_mask_mov_epi64(out.limb[i], wanted, _mm512_load_si512(ready_rows.limb[row][j][i]));
  }
  return blend(_mm512_movepi64_mask(digit), out, negative(out));
}

[[gnu::noinline]] void multiply_base(std::span<const uint8_t, 32> scalar, Projective& out) noexcept {
  struct {
    std::array<int8_t, 64> digits;
    Stored sums;
    Extended upper, lower;
  } s;
  to_digits(scalar, s.digits);
  const Eight::Vector none = _mm512_setzero_si512();
  Point sum = {_mm512_setr_epi64(0, 1, 1, 0, 0, 1, 1, 0), none, none, none, none};
  for (size_t j = 4; j-- > 0;) {
    if (j != 3)
      for (int i = 0; i < 4; ++i) sum = twice(sum);
    for (size_t row = 0; row < half; ++row)
      sum = add(sum, look_up(row, s.digits[4 * row + j], s.digits[4 * (row + half) + j]));
  }
  store(sum, s.sums);
  s.lower = {{s.sums.at(0)}, {s.sums.at(1)}, {s.sums.at(2)}, {s.sums.at(3)}};
  s.upper = {{s.sums.at(4)}, {s.sums.at(5)}, {s.sums.at(6)}, {s.sums.at(7)}};
  out = curve25519::add<Projective>(s.lower, prepare(s.upper));
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

/// From here on a lane for each takes less long than one after the other (README.md).
constexpr size_t enough_for_lanes = 3;

/// At most eight.
void multiply_bases(std::span<const Encoded> scalars, Projective* out) noexcept {
  struct {
    Scalars k;
    ProjectiveLanes points;
  } s = {};
  for (size_t i = 0; i < scalars.size(); ++i) s.k.set(i, scalars[i]);
  multiply_base_in_lanes(s.k, s.points);
  for (size_t i = 0; i < scalars.size(); ++i)
    out[i] = {{s.points.x.at(i)}, {s.points.y.at(i)}, {s.points.z.at(i)}};
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

// ------------------------------------------------------------------------------------- two public scalars

struct alignas(64) ReadyMultiples {
  uint64_t limb[odd_multiples.size()][5][8];
};
constexpr ReadyMultiples make_ready_multiples() noexcept {
  ReadyMultiples out{};
  for (size_t i = 0; i < odd_multiples.size(); ++i) set_point(out.limb[i], 0, odd_multiples[i]);
  return out;
}
/// B, 3·B, ..., 63·B, in the lower lanes.
constexpr ReadyMultiples ready_multiples = make_ready_multiples();

BULLA_IFMA_INLINE ReadyPoint ready(const Point& p, const Lanes51& one_one_2d_2) noexcept {
  return multiply(factors_of(p), one_one_2d_2);
}

/// p + digit·q, of which `multiple` is |digit|·q.
BULLA_IFMA_INLINE Point add_multiple_vartime(const Point& p, int digit, const ReadyPoint& multiple) noexcept {
  return add(p, digit > 0 ? multiple : negative(multiple));
}

[[gnu::noinline]] void double_multiply_vartime(std::span<const uint8_t, 32> s, std::span<const uint8_t, 32> k,
                                               const Extended& p, Projective& out) noexcept {
  std::array<int8_t, slide_size> base_digits, digits;
  slide_vartime(s, 7, base_digits);
  slide_vartime(k, 5, digits);
  Stored memory = stored({one, one, d2, element(2)});
  const Lanes51 one_one_2d_2 = load(memory);
  memory = stored(p);
  Point odd = loose(load(memory));
  std::array<ReadyPoint, 8> multiples;  // p, 3·p, ..., 15·p
  multiples[0] = ready(odd, one_one_2d_2);
  const ReadyPoint step = ready(twice(odd), one_one_2d_2);
  for (size_t i = 1; i < multiples.size(); ++i) {
    odd = add(odd, step);
    multiples[i] = ready(odd, one_one_2d_2);
  }
  size_t at = slide_size;
  while (at > 0 && base_digits[at - 1] == 0 && digits[at - 1] == 0) --at;
  memory = stored(identity);
  Point sum = loose(load(memory));
  while (at-- > 0) {
    sum = twice(sum);
    if (const int e = digits[at]; e != 0)
      sum = add_multiple_vartime(sum, e, multiples[static_cast<size_t>(e < 0 ? -e : e) / 2]);
    if (const int e = base_digits[at]; e != 0) {
      ReadyPoint multiple;
      for (int i = 0; i < 5; ++i)
        multiple.limb[i] =
            _mm512_load_si512(ready_multiples.limb[static_cast<size_t>(e < 0 ? -e : e) / 2][i]);
      sum = add_multiple_vartime(sum, e, multiple);
    }
  }
  store(sum, memory);
  out = {{memory.at(0)}, {memory.at(1)}, {memory.at(2)}};
}

}  // namespace
}  // namespace ifma
}  // namespace bulla::crypto::curve25519
BULLA_TARGET_END

namespace bulla::crypto::curve25519 {

constexpr EdwardsAlgorithm edwards_ifma = {
    [](std::span<const uint8_t, 32> s) noexcept {
      Projective out;
      ifma::multiply_base(s, out);
      return out;
    },
    [](std::span<const Encoded> all, Projective* out) noexcept {
      while (all.size() >= ifma::enough_for_lanes) {
        const size_t count = std::min<size_t>(all.size(), 8);
        ifma::multiply_bases(all.first(count), out);
        all = all.subspan(count);
        out += count;
      }
      for (const Encoded& s : all) ifma::multiply_base(s, *out++);
    },
    [](std::span<const uint8_t, 32> s, std::span<const uint8_t, 32> k, const Extended& p) noexcept {
      Projective out;
      ifma::double_multiply_vartime(s, k, p, out);
      return out;
    },
    8};

}  // namespace bulla::crypto::curve25519

#endif
