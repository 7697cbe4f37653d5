// X25519 with AVX-512 IFMA: eight ladders at a time, one in each lane; or two, four lanes each, which takes
// less long than eight but not four times less. The formulas are those of soft.cpp, with its names.
#include "crypto/curve25519/impl.h"

#if defined(__x86_64__)

#include "crypto/curve25519/comb_ifma.h"
#include "crypto/curve25519/edwards.h"
#include "crypto/curve25519/group.h"
#include "crypto/curve25519/inverse.h"
#include "crypto/wipe_stack.h"

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq,avx512ifma")
namespace bulla::crypto::curve25519 {
namespace ifma {
namespace {

/// The clamped scalar of m in `count` lanes from `first` on.
void set_scalar(Scalars& out, const Multiple& m, size_t first, size_t count) noexcept {
  struct {
    Encoded k;
  } s;
  std::copy_n(m.scalar, key_size, s.k.begin());
  clamp(s.k);
  for (size_t lane = first; lane < first + count; ++lane) out.set(lane, s.k);
  wipe(s.k);
}

Limbs coordinate_of(const Multiple& m) noexcept {
  return decode(std::span<const uint8_t, key_size>(m.u, key_size)).limbs;
}

/// What is left to do: a quotient for each job.
struct Fractions {
  std::array<Fe<2>, Multiples::most> above;
  std::array<Element, Multiples::most> below;
};
void divide(Fractions& all, std::span<const Multiple> jobs) noexcept {
  invert_all(std::span(all.below).first(jobs.size()));
  for (size_t i = 0; i < jobs.size(); ++i)
    encode(all.above[i] * all.below[i], std::span<uint8_t, key_size>(jobs[i].out, key_size));
}

// ------------------------------------------------------------------------------------------- eight lanes

/// A ladder in each lane; lanes without a job compute 0·0.
[[gnu::noinline]] void ladder_of_eight(std::span<const Multiple> jobs) noexcept {
  struct {
    Scalars k;
    Stored x, z;
    Fractions fractions;
  } s = {};
  for (size_t i = 0; i < jobs.size(); ++i) {
    set_scalar(s.k, jobs[i], i, 1);
    s.x.set(i, coordinate_of(jobs[i]));
  }
  const Lanes51 x_1 = load(s.x);
  Loose<1> x_2 = loose(small(1)), z_2 = loose(small(0)), x_3 = loose(x_1), z_3 = loose(small(1));
  __mmask8 swapped = 0;
  for (size_t t = 255; t-- > 0;) {
    const __mmask8 k_t = bits(s.k, t);
    const auto swap = static_cast<__mmask8>(swapped ^ k_t);
    swapped = k_t;
    const auto x = blend(swap, x_2, x_3), z = blend(swap, z_2, z_3);
    const auto other_x = blend(swap, x_3, x_2), other_z = blend(swap, z_3, z_2);

    const Lanes51 a = carry(x + z), b = carry(x - z);
    const auto aa = square(a), bb = square(b);
    const Lanes51 e = carry(aa - bb);
    const auto da = carry(other_x - other_z) * a, cb = carry(other_x + other_z) * b;
    x_3 = square(carry(da + cb));
    z_3 = x_1 * carry(square(carry(da - cb)));
    x_2 = carry(aa) * carry(bb);
    z_2 = e * carry(add_times_121665(aa, e));
  }
  store(blend(swapped, x_2, x_3), s.x);
  store(blend(swapped, z_2, z_3), s.z);
  for (size_t i = 0; i < jobs.size(); ++i) {
    s.fractions.above[i] = {s.x.at(i)};
    s.fractions.below[i] = {s.z.at(i)};
  }
  divide(s.fractions, jobs);
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

// --------------------------------------------------------------------------------------------- two times
// four The four lanes of a ladder hold z_2, x_2, x_3, z_3, so that swapping reverses them. Three products,
// one after the other, make a step:
//   (A, B, C, D) · (A, B, B, A) = (AA, BB, CB, DA)          C = x_3 + z_3, D = x_3 - z_3
//   (E, AA, F, G) · (121665, BB, F, G) = (121665·E, x_2', x_3', G²)     E = AA - BB, F = DA + CB, G = DA - CB
//   (AA + 121665·E, x_2', x_3', G²) · (E, 1, 1, x_1) = (z_2', x_2', x_3', z_3')

constexpr __mmask8 lane_0 = 0x11, lane_1 = 0x22, lanes_0_3 = 0x99, lanes_1_3 = 0xaa, but_lane_1 = 0xdd;

/// A step; the ladders swap whose lanes are in `swap`.
template <class W>
BULLA_IFMA_INLINE Loose<1, W> step(const Loose<1, W>& v, const Tight<W>& one_one_x_1,
                                   __mmask8 swap) noexcept {
  const Loose<1, W> xs = blend(swap, permute<1, 1, 2, 2>(v), permute<2, 2, 1, 1>(v));
  const Loose<1, W> zs = blend(swap, permute<0, 0, 3, 3>(v), permute<3, 3, 0, 0>(v));
  const Tight<W> abcd = carry(subtract_or_add(lanes_1_3, xs, zs));
  const Loose<1, W> products = multiply_alone(abcd, permute<0, 1, 1, 0>(abcd));
  const Tight<W> aa_bb = carry(products);
  const Tight<W> eafg = carry(subtract_or_add(lanes_0_3, permute<0, 0, 3, 3>(products),
                                              keep(but_lane_1, permute<1, 1, 2, 2>(products))));
  const Loose<1, W> second =
      multiply_alone(eafg, blend(lane_0, blend(lane_1, eafg, aa_bb), small<W>(121665)));
  const Tight<W> third = carry(second + loose(keep(lane_0, aa_bb)));
  return multiply_alone(third, blend(lane_0, one_one_x_1, eafg));
}

/// A ladder in each four lanes of W.
template <class W>
[[gnu::noinline]] void ladders_in_fours(std::span<const Multiple> jobs) noexcept {
  struct {
    Scalars k;
    Stored element;
    Fractions fractions;
  } s = {};
  for (size_t i = 0; i < jobs.size(); ++i) {
    set_scalar(s.k, jobs[i], 4 * i, 4);
    s.element.set(4 * i + 1, one.limbs);
    s.element.set(4 * i + 2, one.limbs);
    s.element.set(4 * i + 3, coordinate_of(jobs[i]));
  }
  const Tight<W> one_one_x_1 = load<W>(s.element);
  Loose<1, W> v = loose(permute<0, 1, 3, 2>(one_one_x_1));
  __mmask8 swapped = 0;
  for (size_t t = 255; t-- > 0;) {
    const __mmask8 k_t = bits<W>(s.k, t);
    v = step(v, one_one_x_1, static_cast<__mmask8>(swapped ^ k_t));
    swapped = k_t;
  }
  store(blend(swapped, v, permute<3, 2, 1, 0>(v)), s.element);
  for (size_t i = 0; i < jobs.size(); ++i) {
    s.fractions.above[i] = {s.element.at(4 * i + 1)};
    s.fractions.below[i] = {s.element.at(4 * i)};
  }
  divide(s.fractions, jobs);
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

// -------------------------------------------------------------------------------------- multiples of 9

/// Shares by soft.cpp's way, u = (Z + Y)/(Z - Y).
void multiply_nine(std::span<const Multiple> jobs) noexcept {
  struct {
    std::array<Encoded, Multiples::most> k;
    std::array<Projective, Multiples::most> points;
    Fractions fractions;
  } s;
  for (size_t i = 0; i < jobs.size(); ++i) {
    std::copy_n(jobs[i].scalar, key_size, s.k[i].begin());
    clamp(s.k[i]);
  }
  edwards_ifma.multiply_bases(std::span(s.k).first(jobs.size()), s.points.data());
  for (size_t i = 0; i < jobs.size(); ++i) {
    s.fractions.above[i] = s.points[i].z + s.points[i].y;
    s.fractions.below[i] = tighten(s.points[i].z - s.points[i].y);
  }
  divide(s.fractions, jobs);
  for (const Multiple& m : jobs) ct::declassify(m.out, key_size, "a public key");
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

}  // namespace
}  // namespace ifma
}  // namespace bulla::crypto::curve25519
BULLA_TARGET_END

namespace bulla::crypto::curve25519 {
namespace {

/// Eight take 1.5 times as long as two (README.md), so that from three on they are computed as eight.
struct InLanes {
  static constexpr uint8_t lanes = 8;
  static void of_points(std::span<const Multiple> all) noexcept {
    for (; all.size() > 2; all = all.subspan(std::min<size_t>(all.size(), 8)))
      with_wiped_stack<stack_depth>(
          [&] { ifma::ladder_of_eight(all.first(std::min<size_t>(all.size(), 8))); });
    if (all.size() == 2) with_wiped_stack<stack_depth>([&] { ifma::ladders_in_fours<ifma::Eight>(all); });
    if (all.size() == 1) with_wiped_stack<stack_depth>([&] { ifma::ladders_in_fours<ifma::Four>(all); });
  }
  static void of_nine(std::span<const Multiple> all) noexcept {
    for (; !all.empty(); all = all.subspan(std::min<size_t>(all.size(), 8)))
      with_wiped_stack<stack_depth>([&] { ifma::multiply_nine(all.first(std::min<size_t>(all.size(), 8))); });
  }
};

}  // namespace

constexpr GroupAlgorithm x25519_ifma = Group<InLanes>::algorithm;

}  // namespace bulla::crypto::curve25519

#endif
