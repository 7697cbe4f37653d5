// The table of a comb for multiples of B, whose digits are 1 and -1 (Lim, Lee, "More Flexible Exponentiation
// with Precomputation", 1994; Hamburg, "Fast and compact elliptic-curve cryptography", 2012, §3.3).
//
// With the bits b(i) of s, 264 of them, and e(i) = 2·b(i) - 1, Σ e(i)·2^i = 2·s - (2^264 - 1). So with H =
// B/2, which is a multiple of B, since L is odd,
//   s·B = Σ e(i)·2^i·H + (2^264 - 1)·H,
// and digits are bits as they stand in s. A comb has teeth six digits 44 apart; combs at places that are 11
// apart have a block of the table for each, and are added up in rounds with a doubling between them:
//   s·B = Σ over r from 0 to 10 of 2^r·(Σ over b from 0 to 3 of P(b, r)) + (2^264 - 1)·H,
//   P(b, r) = Σ over k from 0 to 5 of e(44·k + 11·b + r)·2^(44·k + 11·b)·H.
// Half of the values of P(b, r) are the others negated, so that 32 are in a block: those with 1 for the
// highest tooth, at the index that the bits of the five others are. (2^264 - 1)·H comes in by starting from
// it, halved as often as it is doubled.
#pragma once

#include "crypto/curve25519/edwards_tables.h"
#include "crypto/curve25519/scalar.h"

namespace bulla::crypto::curve25519 {

inline constexpr size_t comb_teeth = 6, comb_blocks = 4, comb_rounds = 11, block_size = 32;
inline constexpr size_t comb_columns = comb_blocks * comb_rounds, comb_bits = comb_teeth * comb_columns;
static_assert(comb_bits >= 256 && block_size == 1 << (comb_teeth - 1));

/// 2^-11 modulo L: (m·L + 1)/2^11 with m = -1/L modulo 2^11.
constexpr std::array<uint64_t, 4> make_root_scalar() noexcept {
  uint64_t m = 1;
  while ((m * order[0] + 1) % (1 << comb_rounds) != 0) m += 2;
  std::array<uint64_t, 5> product{};
  Wide carry = 1;
  for (size_t i = 0; i < 4; ++i) {
    carry += Wide{m} * order[i];
    product[i] = static_cast<uint64_t>(carry);
    carry >>= 64;
  }
  product[4] = static_cast<uint64_t>(carry);
  std::array<uint64_t, 4> out{};
  for (size_t i = 0; i < 4; ++i) out[i] = product[i] >> comb_rounds | product[i + 1] << (64 - comb_rounds);
  return out;
}

/// Q with 2^11·Q = B.
constexpr Extended make_root() noexcept {
  constexpr auto scalar = make_root_scalar();
  const PreparedExtended base = prepare(make_base_point());
  Extended sum = identity;
  for (size_t i = 253; i-- > 0;) {
    sum = twice<Extended>(sum);
    if ((scalar[i / 64] >> i % 64 & 1) != 0) sum = add<Extended>(sum, base);
  }
  return sum;
}

struct Comb {
  std::array<Prepared<1>, comb_blocks * block_size> points;
  /// (2^264 - 1)·Q, and H = 2^10·Q.
  Extended start;
};

constexpr Comb make_comb() noexcept {
  std::array<Extended, comb_bits + 1> powers{};  // 2^i·Q
  powers[0] = make_root();
  for (size_t i = 1; i <= comb_bits; ++i) powers[i] = twice<Extended>(powers[i - 1]);
  const auto tooth = [&](size_t block, size_t k, size_t more) {
    return powers[comb_rounds - 1 + comb_rounds * block + comb_columns * k + more];
  };
  std::array<Extended, comb_blocks * block_size> points{};
  for (size_t b = 0; b < comb_blocks; ++b) {
    Extended lowest = tooth(b, comb_teeth - 1, 0);
    for (size_t k = 0; k + 1 < comb_teeth; ++k) lowest = subtract<Extended>(lowest, prepare(tooth(b, k, 0)));
    points[b * block_size] = lowest;
    for (size_t k = 0; k + 1 < comb_teeth; ++k) {  // -1 becomes 1
      const PreparedExtended twice_tooth = prepare(tooth(b, k, 1));
      for (size_t j = 0; j < size_t{1} << k; ++j)
        points[b * block_size + (size_t{1} << k) + j] =
            add<Extended>(points[b * block_size + j], twice_tooth);
    }
  }
  return {prepare_all(points), subtract<Extended>(powers[comb_bits], prepare(powers[0]))};
}
inline constexpr Comb comb = make_comb();

}  // namespace bulla::crypto::curve25519
