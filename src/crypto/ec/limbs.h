// Numbers of a fixed count of 64-bit limbs, the least significant first. Everything here takes the same time
// for all values, and can be computed by the compiler, too. The parts of a product are always inlined.
#pragma once

#include "base/ct.h"

#include <bulla/bytes.h>

#include <array>
#include <bit>
#include <type_traits>
// MemorySanitizer takes _addcarry_u64 for a use of what it is given.
#if defined(__x86_64__) && !defined(BULLA_CT_MSAN)
#define BULLA_CARRY_IN_FLAG 1
#include <immintrin.h>
#endif

namespace bulla::crypto::ec {

using Limb = uint64_t;
using DoubleLimb = unsigned __int128;
/// A number below 2^(64 n).
template <size_t n>
using Limbs = std::array<Limb, n>;
using Mask = ct::Mask<Limb>;

/// All ones or zero, from 1 or 0.
constexpr Limb mask_of_bit(Limb bit) noexcept {
  if (std::is_constant_evaluated()) return Limb{0} - bit;
  return Mask::of_bit(bit).bits();
}

/// a + b + carry; the carry, in and out, is 0 or 1.
[[gnu::always_inline]] inline constexpr Limb add_carry(Limb a, Limb b, Limb& carry) noexcept {
#if defined(BULLA_CARRY_IN_FLAG)
  // g++ 12 keeps the carry in a register otherwise: twice the time.
  if (!std::is_constant_evaluated()) {
    unsigned long long sum;
    carry = _addcarry_u64(static_cast<unsigned char>(carry), a, b, &sum);
    return sum;
  }
#endif
  const DoubleLimb sum = DoubleLimb{a} + b + carry;
  carry = static_cast<Limb>(sum >> 64);
  return static_cast<Limb>(sum);
}

/// a - b - borrow; the borrow, in and out, is 0 or 1.
[[gnu::always_inline]] inline constexpr Limb subtract_borrow(Limb a, Limb b, Limb& borrow) noexcept {
#if defined(BULLA_CARRY_IN_FLAG)
  if (!std::is_constant_evaluated()) {
    unsigned long long difference;
    borrow = _subborrow_u64(static_cast<unsigned char>(borrow), a, b, &difference);
    return difference;
  }
#endif
  const DoubleLimb difference = DoubleLimb{a} - b - borrow;
  borrow = static_cast<Limb>(difference >> 64) & 1;
  return static_cast<Limb>(difference);
}

/// a · b + c + carry, where the carry may be any limb: (2^64 - 1)^2 + 2 (2^64 - 1) = 2^128 - 1 at most.
[[gnu::always_inline]] inline constexpr Limb multiply_add(Limb a, Limb b, Limb c, Limb& carry) noexcept {
  const DoubleLimb sum = DoubleLimb{a} * b + c + carry;
  carry = static_cast<Limb>(sum >> 64);
  return static_cast<Limb>(sum);
}

/// a += b; the carry.
template <size_t n>
[[gnu::always_inline]] inline constexpr Limb add_to(Limbs<n>& a, const Limbs<n>& b) noexcept {
  Limb carry = 0;
#pragma GCC unroll 9
  for (size_t i = 0; i < n; ++i) a[i] = add_carry(a[i], b[i], carry);
  return carry;
}

/// a -= b; the borrow.
template <size_t n>
[[gnu::always_inline]] inline constexpr Limb subtract_from(Limbs<n>& a, const Limbs<n>& b) noexcept {
  Limb borrow = 0;
#pragma GCC unroll 9
  for (size_t i = 0; i < n; ++i) a[i] = subtract_borrow(a[i], b[i], borrow);
  return borrow;
}

/// `a` where the mask is all ones, `b` where it is zero.
template <size_t n>
[[gnu::always_inline]] inline constexpr Limbs<n> select(Limb mask, const Limbs<n>& a,
                                                        const Limbs<n>& b) noexcept {
  Limbs<n> out{};
#pragma GCC unroll 9
  for (size_t i = 0; i < n; ++i) out[i] = b[i] ^ (mask & (a[i] ^ b[i]));
  return out;
}

template <size_t n>
Mask is_zero(const Limbs<n>& a) noexcept {
  Limb any = 0;
  for (const Limb limb : a) any |= limb;
  return Mask::is_zero(any);
}

/// a < b.
template <size_t n>
Mask is_less(Limbs<n> a, const Limbs<n>& b) noexcept {
  return Mask::of_bit(subtract_from(a, b));
}

/// The product, by rows: each limb of `a` times all of `b`.
template <size_t n>
[[gnu::always_inline]] inline constexpr Limbs<2 * n> multiply(const Limbs<n>& a, const Limbs<n>& b) noexcept {
  Limbs<2 * n> out{};
#pragma GCC unroll 9
  for (size_t i = 0; i < n; ++i) {
    Limb carry = 0;
#pragma GCC unroll 9
    for (size_t j = 0; j < n; ++j) out[i + j] = multiply_add(a[i], b[j], out[i + j], carry);
    out[i + n] = carry;
  }
  return out;
}

/// The square: the products of different limbs once, doubled, and the squares of the limbs.
template <size_t n>
[[gnu::always_inline]] inline constexpr Limbs<2 * n> square(const Limbs<n>& a) noexcept {
  Limbs<2 * n> out{};
#pragma GCC unroll 9
  for (size_t i = 0; i + 1 < n; ++i) {
    Limb carry = 0;
#pragma GCC unroll 9
    for (size_t j = i + 1; j < n; ++j) out[i + j] = multiply_add(a[i], a[j], out[i + j], carry);
    out[i + n] = carry;
  }
  Limb carry = 0, shifted = 0;
#pragma GCC unroll 9
  for (size_t i = 0; i < n; ++i) {
    const Limb low = out[2 * i], high = out[2 * i + 1];
    const DoubleLimb product = DoubleLimb{a[i]} * a[i];
    out[2 * i] = add_carry(low << 1 | shifted, static_cast<Limb>(product), carry);
    out[2 * i + 1] = add_carry(high << 1 | low >> 63, static_cast<Limb>(product >> 64), carry);
    shifted = high >> 63;
  }
  return out;
}

template <size_t n>
constexpr size_t bit_length(const Limbs<n>& a) noexcept {
  for (size_t i = n; i-- > 0;)
    if (a[i] != 0) return 64 * i + static_cast<size_t>(std::bit_width(a[i]));
  return 0;
}

/// `count` (at most 32) bits from bit `at` on; those beyond the end are zero. Where is public, what is not.
template <size_t n>
constexpr Limb bits_at(const Limbs<n>& a, size_t at, size_t count) noexcept {
  const size_t limb = at / 64, shift = at % 64;
  if (limb >= n) return 0;
  Limb bits = a[limb] >> shift;
  if (shift > 0 && limb + 1 < n) bits |= a[limb + 1] << (64 - shift);
  return bits & ((Limb{1} << count) - 1);
}

/// From big-endian bytes, at most 8 n of them.
template <size_t n>
constexpr Limbs<n> from_big_endian(Bytes bytes) noexcept {
  Limbs<n> out{};
  for (size_t i = 0; i < bytes.size(); ++i) out[i / 8] |= Limb{bytes[bytes.size() - 1 - i]} << (8 * (i % 8));
  return out;
}

/// To big-endian bytes, at most 8 n of them; what does not fit is zero.
template <size_t n>
constexpr void to_big_endian(const Limbs<n>& a, MutBytes out) noexcept {
  for (size_t i = 0; i < out.size(); ++i)
    out[out.size() - 1 - i] = static_cast<uint8_t>(a[i / 8] >> (8 * (i % 8)));
}

}  // namespace bulla::crypto::ec
