// Numbers of many limbs, least significant first. A number's length is public; what it holds may be secret:
// time depends on lengths only, but in functions that end in `_vartime`.
#pragma once

#include "base/ct.h"

#include <bulla/bytes.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <utility>

namespace bulla::crypto::bignum {

using Limb = uint64_t;
using Wide = unsigned __int128;  ///< holds a·b + c + d of limbs
using Limbs = std::span<const Limb>;
using MutLimbs = std::span<Limb>;
using LimbMask = ct::Mask<Limb>;

inline constexpr size_t limb_bits = 64;
/// The longest modulus: 8192 bits.
inline constexpr size_t max_limbs = 128;

/// Limbs that hold so many bytes.
constexpr size_t limbs_for(size_t bytes) noexcept {
  return (bytes + sizeof(Limb) - 1) / sizeof(Limb);
}

/// A number on the heap, wiped before it is freed.
class SecretLimbs {
 public:
  /// No limbs.
  SecretLimbs() noexcept = default;
  /// Zero.
  explicit SecretLimbs(size_t size) : limbs_(size ? new Limb[size]() : nullptr), size_(size) {}
  /// A copy.
  explicit SecretLimbs(Limbs from);
  SecretLimbs(SecretLimbs&& other) noexcept
      : limbs_(std::move(other.limbs_)), size_(std::exchange(other.size_, 0)) {}
  /// What was here is wiped.
  SecretLimbs& operator=(SecretLimbs&& other) noexcept;
  SecretLimbs(const SecretLimbs&) = delete;
  SecretLimbs& operator=(const SecretLimbs&) = delete;
  ~SecretLimbs() { reset(); }

  size_t size() const noexcept { return size_; }
  Limb* data() noexcept { return limbs_.get(); }
  const Limb* data() const noexcept { return limbs_.get(); }
  Limb* begin() noexcept { return data(); }
  Limb* end() noexcept { return data() + size_; }
  const Limb* begin() const noexcept { return data(); }
  const Limb* end() const noexcept { return data() + size_; }
  Limb& operator[](size_t i) noexcept { return limbs_[i]; }
  Limb operator[](size_t i) const noexcept { return limbs_[i]; }

 private:
  void reset() noexcept;

  std::unique_ptr<Limb[]> limbs_;
  size_t size_ = 0;
};

// Unless a function says otherwise, its numbers have the same length, and `out` may be one of the inputs.

/// Reads a big-endian number that fits into `out`.
void load(MutLimbs out, Bytes big_endian) noexcept;
/// Writes it big-endian; what does not fit is cut off.
void store(MutBytes big_endian, Limbs in) noexcept;
/// `in` with zeros in front; `in` is not longer.
void extend(MutLimbs out, Limbs in) noexcept;
/// A small number.
void assign(MutLimbs out, Limb small) noexcept;

/// a + b; returns the carry.
Limb add(MutLimbs out, Limbs a, Limbs b) noexcept;
/// a - b; returns the borrow.
Limb subtract(MutLimbs out, Limbs a, Limbs b) noexcept;
/// a + b where the mask is true, else a; returns the carry.
Limb add_if(LimbMask mask, MutLimbs out, Limbs a, Limbs b) noexcept;
/// a - b where the mask is true, else a; returns the borrow.
Limb subtract_if(LimbMask mask, MutLimbs out, Limbs a, Limbs b) noexcept;
/// a + b for a small b; returns the carry.
Limb add_small(MutLimbs out, Limbs a, Limb b) noexcept;
/// a - b for a small b; returns the borrow.
Limb subtract_small(MutLimbs out, Limbs a, Limb b) noexcept;

/// `a` where the mask is true, else `b`.
void select(LimbMask mask, MutLimbs out, Limbs a, Limbs b) noexcept;
LimbMask is_zero(Limbs a) noexcept;
/// Of numbers of any two lengths.
LimbMask is_equal(Limbs a, Limbs b) noexcept;
/// Whether it is this small number.
LimbMask is_small(Limbs a, Limb small) noexcept;
/// a < b.
LimbMask is_less(Limbs a, Limbs b) noexcept;
LimbMask is_odd(Limbs a) noexcept;

/// Twice a, plus `low` (0 or 1); returns the bit that falls out.
Limb shift_left_one(MutLimbs out, Limbs a, Limb low) noexcept;
/// Half of a, with `high` (0 or 1) coming in at the top.
void shift_right_one(MutLimbs out, Limbs a, Limb high) noexcept;
/// Shifts by a secret number of bits below `bound`, which is public.
void shift_left(MutLimbs inout, Limb bits, size_t bound) noexcept;
void shift_right(MutLimbs inout, Limb bits, size_t bound) noexcept;

/// How many bits the number has: which bit is its highest is public.
size_t bit_length_vartime(Limbs a) noexcept;
/// How many zero bits are above the highest one; 64 if there is none.
Limb leading_zeros(Limb a) noexcept;
/// How many zero bits are below its lowest one; all of them if it is zero.
Limb trailing_zeros(Limbs a) noexcept;

/// a·b; `out` has the limbs of both and overlaps neither.
void multiply(MutLimbs out, Limbs a, Limbs b) noexcept;
/// a = quotient·b + remainder with remainder < b, which is not zero. The quotient is as long as `a` (or
/// empty: not wanted), the remainder as long as `b`; neither overlaps an input.
void divide(MutLimbs quotient, MutLimbs remainder, Limbs a, Limbs b);
/// a mod b, faster: for a below b·2^(64·(a.size() - b.size())), and a b of which the length in bits is public
/// and the highest limb not zero.
void remainder_of_length(MutLimbs remainder, Limbs a, Limbs b);

}  // namespace bulla::crypto::bignum
