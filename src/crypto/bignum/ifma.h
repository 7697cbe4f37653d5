// What the files of the kernel "ifma" share: numbers by digits of 52 bits, and a modulus made ready for them.
#pragma once

#if defined(__x86_64__)

#include "crypto/bignum/modulus.h"

namespace bulla::crypto::bignum::ifma {

/// VPMADD52 multiplies 52 by 52 bits in each of a register's eight lanes.
inline constexpr size_t digit_bits = 52;
inline constexpr Limb digit_mask = (Limb{1} << digit_bits) - 1;
inline constexpr size_t lanes = 8;

/// Digits of a residue, where r = 2^(52·digits) is at least 4M for M < 2^(64·limbs + 52).
constexpr size_t digits_for(size_t limbs) noexcept {
  return (limbs * limb_bits + digit_bits + 2 + digit_bits - 1) / digit_bits;
}
/// Registers that hold them.
constexpr size_t blocks_for(size_t limbs) noexcept {
  return (digits_for(limbs) + lanes - 1) / lanes;
}
/// Lanes of these registers.
constexpr size_t lanes_for(size_t limbs) noexcept {
  return blocks_for(limbs) * lanes;
}

inline constexpr size_t most_blocks = blocks_for(max_limbs);

/// What is computed once for a modulus m, in digits, with zeros up to lanes_for(): Modulus::aside().
/// M is the multiple of m with M = -1 mod 2^52 (README.md).
struct Aside {
  Limbs reduced;  ///< (M + 1)/2^52
  Limbs into;     ///< r²/R mod m: its product takes R's Montgomery form into r's
  Limbs out_of;   ///< 2^64·R mod m: its product takes r's form to 2^64 times R's
  Limbs product;  ///< 2^64·r²/R mod m: its product takes a·b/r to 2^64·a·b/R

  explicit Aside(const Modulus& modulus) noexcept
      : reduced(part(modulus, 0)),
        into(part(modulus, 1)),
        out_of(part(modulus, 2)),
        product(part(modulus, 3)) {}
  static constexpr size_t size(size_t limbs) noexcept { return 4 * lanes_for(limbs); }
  static void make(MutLimbs out, const Modulus& modulus);

 private:
  static Limbs part(const Modulus& modulus, size_t i) noexcept {
    const size_t size = lanes_for(modulus.size());
    return modulus.aside().subspan(i * size, size);
  }
};

/// The digits of a number, up to lanes_for() its limbs.
void to_digits(MutLimbs digits, Limbs a) noexcept;
/// The limbs of a number, which has more digits than these need; the rest is cut off.
void from_digits(MutLimbs out, Limbs digits) noexcept;
/// The residue that 2^64 times it, below 2M and by digits, stands for.
void from_times_limb(Limb* out, Limbs digits, const Modulus& modulus) noexcept;

/// Numbers that begin at a cache line, wiped afterwards.
class AlignedLimbs {
 public:
  explicit AlignedLimbs(size_t size) : room_(size + 7) {
    const auto past = reinterpret_cast<uintptr_t>(room_.data()) / sizeof(Limb) % 8;
    at_ = room_.data() + (8 - past) % 8;
  }
  Limb* data() noexcept { return at_; }

 private:
  SecretLimbs room_;
  Limb* at_;
};

/// Up to eight powers of one modulus with one exponent, a number to a lane; for a modulus that lanes_take().
void powers_by_lanes(std::span<const Power> jobs);
bool lanes_take(size_t limbs) noexcept;

}  // namespace bulla::crypto::bignum::ifma

#endif
