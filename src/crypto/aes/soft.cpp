// AES without tables: bit sliced, as Käsper and Schwabe do it ("Faster and Timing-Attack Resistant AES-GCM",
// CHES 2009), in words of 64 bits. Slice k holds bit k of all 64 bytes of four blocks, so that one operation
// on words does one gate of the S-box 64 times over.
//
// The byte in row r and column c of block b stands at bit 16r + 4c + b: rows are then quarters of a word,
// which MixColumns exchanges by rotation, and ShiftRows rotates within them.
#include "base/ct.h"
#include "crypto/aes/impl.h"

#include <algorithm>
#include <cstring>

namespace bulla::crypto::aes {
namespace {

constexpr size_t side_by_side = 4;
constexpr size_t chunk = side_by_side * block_size;

/// The state: slice k is bit k (the coefficient of x^k) of every byte.
using Slices = uint64_t[8];

// ------------------------------------------------------------------------------------- in and out of slices

/// Exchanges the bits of `a` that `mask << shift` marks with the bits of `b` that `mask` marks.
inline void swap_move(uint64_t& a, uint64_t& b, int shift, uint64_t mask) noexcept {
  const uint64_t t = ((a >> shift) ^ b) & mask;
  b ^= t;
  a ^= t << shift;
}

/// Takes each byte position of the eight words as a square of bits, and mirrors it at its diagonal: bit k of
/// word m goes to bit m of word k. Its own inverse.
void transpose(Slices& s) noexcept {
  for (size_t i = 0; i < 8; i += 2) swap_move(s[i], s[i + 1], 1, 0x5555555555555555);
  for (size_t i = 0; i < 8; ++i)
    if (i % 4 < 2) swap_move(s[i], s[i + 2], 2, 0x3333333333333333);
  for (size_t i = 0; i < 4; ++i) swap_move(s[i], s[i + 4], 4, 0x0f0f0f0f0f0f0f0f);
}

/// Bytes r of a column go to bytes 2r of a word.
inline uint64_t spread(const uint8_t* column) noexcept {
  uint64_t v = column[0] | uint64_t{column[1]} << 16 | uint64_t{column[2]} << 32;
  return v | uint64_t{column[3]} << 48;
}
inline void gather(uint64_t v, uint8_t* column) noexcept {
  for (int r = 0; r < 4; ++r) column[r] = static_cast<uint8_t>(v >> 16 * r);
}

/// Bit 16r + 4c + b of a slice is bit 4(c mod 2) + b of its byte 2r + c/2. So before transposition, byte
/// 2r + c/2 of word 4(c mod 2) + b is the byte in row r and column c of block b.
void pack(Slices& s, const uint8_t* blocks) noexcept {
  for (size_t b = 0; b < side_by_side; ++b) {
    const uint8_t* column = blocks + b * block_size;
    s[b] = spread(column) | spread(column + 8) << 8;
    s[4 + b] = spread(column + 4) | spread(column + 12) << 8;
  }
  transpose(s);
}
void unpack(Slices& s, uint8_t* blocks) noexcept {
  transpose(s);
  for (size_t b = 0; b < side_by_side; ++b) {
    uint8_t* column = blocks + b * block_size;
    gather(s[b], column);
    gather(s[b] >> 8, column + 8);
    gather(s[4 + b], column + 4);
    gather(s[4 + b] >> 8, column + 12);
  }
}

// -------------------------------------------------------------------------------------------------- SubBytes

/// Boyar and Peralta, "A new combinational logic minimization technique with applications to cryptology" (SEA
/// 2010), figures 5 to 8, with their names: x0 is the highest bit. A linear layer in front of the inversion
/// in GF(2^8) = GF((2^4)^2), whose only 32 ANDs these are, and one behind it.
inline void sub_bytes(Slices& s) noexcept {
  const uint64_t x0 = s[7], x1 = s[6], x2 = s[5], x3 = s[4], x4 = s[3], x5 = s[2], x6 = s[1], x7 = s[0];

  const uint64_t y14 = x3 ^ x5, y13 = x0 ^ x6, y9 = x0 ^ x3, y8 = x0 ^ x5, t0 = x1 ^ x2, y1 = t0 ^ x7;
  const uint64_t y4 = y1 ^ x3, y12 = y13 ^ y14, y2 = y1 ^ x0, y5 = y1 ^ x6, y3 = y5 ^ y8, t1 = x4 ^ y12;
  const uint64_t y15 = t1 ^ x5, y20 = t1 ^ x1, y6 = y15 ^ x7, y10 = y15 ^ t0, y11 = y20 ^ y9, y7 = x7 ^ y11;
  const uint64_t y17 = y10 ^ y11, y19 = y10 ^ y8, y16 = t0 ^ y11, y21 = y13 ^ y16, y18 = x0 ^ y16;

  const uint64_t t2 = y12 & y15, t3 = y3 & y6, t4 = t3 ^ t2, t5 = y4 & x7, t6 = t5 ^ t2, t7 = y13 & y16;
  const uint64_t t8 = y5 & y1, t9 = t8 ^ t7, t10 = y2 & y7, t11 = t10 ^ t7, t12 = y9 & y11, t13 = y14 & y17;
  const uint64_t t14 = t13 ^ t12, t15 = y8 & y10, t16 = t15 ^ t12, t17 = t4 ^ t14, t18 = t6 ^ t16;
  const uint64_t t19 = t9 ^ t14, t20 = t11 ^ t16, t21 = t17 ^ y20, t22 = t18 ^ y19, t23 = t19 ^ y21;
  const uint64_t t24 = t20 ^ y18;

  const uint64_t t25 = t21 ^ t22, t26 = t21 & t23, t27 = t24 ^ t26, t28 = t25 & t27, t29 = t28 ^ t22;
  const uint64_t t30 = t23 ^ t24, t31 = t22 ^ t26, t32 = t31 & t30, t33 = t32 ^ t24, t34 = t23 ^ t33;
  const uint64_t t35 = t27 ^ t33, t36 = t24 & t35, t37 = t36 ^ t34, t38 = t27 ^ t36, t39 = t29 & t38;
  const uint64_t t40 = t25 ^ t39, t41 = t40 ^ t37, t42 = t29 ^ t33, t43 = t29 ^ t40, t44 = t33 ^ t37;
  const uint64_t t45 = t42 ^ t41;

  const uint64_t z0 = t44 & y15, z1 = t37 & y6, z2 = t33 & x7, z3 = t43 & y16, z4 = t40 & y1, z5 = t29 & y7;
  const uint64_t z6 = t42 & y11, z7 = t45 & y17, z8 = t41 & y10, z9 = t44 & y12, z10 = t37 & y3;
  const uint64_t z11 = t33 & y4, z12 = t43 & y13, z13 = t40 & y5, z14 = t29 & y2, z15 = t42 & y9;
  const uint64_t z16 = t45 & y14, z17 = t41 & y8;

  const uint64_t t46 = z15 ^ z16, t47 = z10 ^ z11, t48 = z5 ^ z13, t49 = z9 ^ z10, t50 = z2 ^ z12;
  const uint64_t t51 = z2 ^ z5, t52 = z7 ^ z8, t53 = z0 ^ z3, t54 = z6 ^ z7, t55 = z16 ^ z17;
  const uint64_t t56 = z12 ^ t48, t57 = t50 ^ t53, t58 = z4 ^ t46, t59 = z3 ^ t54, t60 = t46 ^ t57;
  const uint64_t t61 = z14 ^ t57, t62 = t52 ^ t58, t63 = t49 ^ t58, t64 = z4 ^ t59, t65 = t61 ^ t62;
  const uint64_t t66 = z1 ^ t63, t67 = t64 ^ t65;

  const uint64_t s3 = t53 ^ t66;
  s[7] = t59 ^ t63;
  s[6] = t64 ^ ~s3;
  s[5] = t55 ^ ~t67;
  s[4] = s3;
  s[3] = t51 ^ t66;
  s[2] = t47 ^ t65;
  s[1] = t56 ^ ~t62;
  s[0] = t48 ^ ~t60;
}

/// The inverse of the affine map in the S-box (FIPS 197 §5.1.1): a'(i) = a(i+2) + a(i+5) + a(i+7) + bit i of
/// 05.
void inverse_affine(Slices& s) noexcept {
  Slices a;
  std::memcpy(a, s, sizeof a);
  for (size_t i = 0; i < 8; ++i) s[i] = a[(i + 2) % 8] ^ a[(i + 5) % 8] ^ a[(i + 7) % 8];
  s[0] = ~s[0];
  s[2] = ~s[2];
}

/// The S-box is the affine map A after inversion I, and I is its own inverse: the inverse S-box is
/// I A⁻¹ = A⁻¹ (A I) A⁻¹, the S-box between two inverse affine maps.
void inverse_sub_bytes(Slices& s) noexcept {
  inverse_affine(s);
  sub_bytes(s);
  inverse_affine(s);
}

// ----------------------------------------------------------------------------------- ShiftRows and
// MixColumns

/// Row r, which is bits 16r to 16r + 15, is rotated by r columns of four bits: column c takes from column c +
/// r.
inline void shift_rows(Slices& s) noexcept {
#pragma GCC unroll 8
  for (uint64_t& x : s)
    x = (x & 0x000000000000ffff) | (x & 0x00000000fff00000) >> 4 | (x & 0x00000000000f0000) << 12 |
        (x & 0x0000ff0000000000) >> 8 | (x & 0x000000ff00000000) << 8 | (x & 0xf000000000000000) >> 12 |
        (x & 0x0fff000000000000) << 4;
}
inline void inverse_shift_rows(Slices& s) noexcept {
#pragma GCC unroll 8
  for (uint64_t& x : s)
    x = (x & 0x000000000000ffff) | (x & 0x000000000fff0000) << 4 | (x & 0x00000000f0000000) >> 12 |
        (x & 0x000000ff00000000) << 8 | (x & 0x0000ff0000000000) >> 8 | (x & 0x000f000000000000) << 12 |
        (x & 0xfff0000000000000) >> 4;
}

/// The byte that stands `n` rows below.
inline uint64_t below(uint64_t x, int n) noexcept {
  return std::rotr(x, 16 * n);
}

/// 2 a(r) + 3 a(r+1) + a(r+2) + a(r+3) = 2 t(r) + a(r+1) + t(r+2), where t(r) = a(r) + a(r+1). Doubling takes
/// a slice to the next, and the highest to those of x^4 + x^3 + x + 1 (FIPS 197 §4.2).
inline void mix_columns(Slices& s) noexcept {
  Slices down, t;
#pragma GCC unroll 8
  for (size_t i = 0; i < 8; ++i) {
    down[i] = below(s[i], 1);
    t[i] = s[i] ^ down[i];
  }
#pragma GCC unroll 8
  for (size_t i = 0; i < 8; ++i) {
    const bool reduced = i == 1 || i == 3 || i == 4;
    s[i] = (i == 0 ? t[7] : t[i - 1]) ^ (reduced ? t[7] : 0) ^ down[i] ^ below(t[i], 2);
  }
}

/// The inverse matrix is the matrix times circ(5, 0, 4, 0) (Daemen and Rijmen, "The Design of Rijndael",
/// 2002, §4.1.3): before mix_columns, 4 (a(r) + a(r+2)) is added to a(r).
inline void inverse_mix_columns(Slices& s) noexcept {
  Slices t;
#pragma GCC unroll 8
  for (size_t i = 0; i < 8; ++i) t[i] = s[i] ^ below(s[i], 2);
  const uint64_t high = t[7] ^ t[6];  // x^6 and x^7, four times over, overflow by two bits
  s[0] ^= t[6];
  s[1] ^= high;
  s[2] ^= t[0] ^ t[7];
  s[3] ^= t[1] ^ t[6];
  s[4] ^= t[2] ^ high;
  s[5] ^= t[3] ^ t[7];
  s[6] ^= t[4];
  s[7] ^= t[5];
  mix_columns(s);
}

// ---------------------------------------------------------------------------------------------------- the
// cipher

inline void add_round_key(Slices& s, const Schedule& schedule, size_t round) noexcept {
#pragma GCC unroll 8
  for (size_t i = 0; i < 8; ++i) s[i] ^= schedule.words[8 * round + i];
}

/// FIPS 197 §5.1.
void cipher(const Schedule& schedule, Slices& s) noexcept {
  add_round_key(s, schedule, 0);
  for (size_t round = 1; round < schedule.rounds; ++round) {
    sub_bytes(s);
    shift_rows(s);
    mix_columns(s);
    add_round_key(s, schedule, round);
  }
  sub_bytes(s);
  shift_rows(s);
  add_round_key(s, schedule, schedule.rounds);
}

/// FIPS 197 §5.3.
void inverse_cipher(const Schedule& schedule, Slices& s) noexcept {
  add_round_key(s, schedule, schedule.rounds);
  for (size_t round = schedule.rounds - 1; round > 0; --round) {
    inverse_shift_rows(s);
    inverse_sub_bytes(s);
    add_round_key(s, schedule, round);
    inverse_mix_columns(s);
  }
  inverse_shift_rows(s);
  inverse_sub_bytes(s);
  add_round_key(s, schedule, 0);
}

template <void (*transform)(const Schedule&, Slices&) noexcept>
void all_blocks(const Schedule& schedule, uint8_t* out, const uint8_t* in, size_t count) noexcept {
  struct {
    Slices slices;
    uint8_t rest[chunk];
  } s;
  for (; count >= side_by_side; count -= side_by_side, in += chunk, out += chunk) {
    pack(s.slices, in);
    transform(schedule, s.slices);
    unpack(s.slices, out);
  }
  if (count > 0) {
    std::memset(s.rest, 0, chunk);
    std::memcpy(s.rest, in, count * block_size);
    pack(s.slices, s.rest);
    transform(schedule, s.slices);
    unpack(s.slices, s.rest);
    std::memcpy(out, s.rest, count * block_size);
  }
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

/// The S-box for four bytes, of which the other sixty places of the slices know nothing.
uint32_t sub_word(uint32_t word) noexcept {
  Slices s;
  for (size_t k = 0; k < 8; ++k) s[k] = word >> k & 0x01010101;
  sub_bytes(s);
  word = 0;
  for (size_t k = 0; k < 8; ++k) word |= static_cast<uint32_t>(s[k] & 0x01010101) << k;
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
  return word;
}

void expand(Schedule& schedule, Bytes key) noexcept {
  struct {
    Words words;
    uint8_t blocks[chunk];
    Slices slices;
  } s;
  schedule.rounds = expand_words<sub_word>(s.words, key);
  for (size_t round = 0; round <= schedule.rounds; ++round) {
    for (size_t i = 0; i < chunk; ++i)  // the same round key for each block
      s.blocks[i] = static_cast<uint8_t>(s.words[4 * round + i / 4 % 4] >> 8 * (i % 4));
    pack(s.slices, s.blocks);
    std::copy_n(s.slices, 8, &schedule.words[8 * round]);
  }
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

}  // namespace

constexpr BlockCipher soft = {
    .expand = expand, .encrypt = all_blocks<cipher>, .decrypt = all_blocks<inverse_cipher>};

}  // namespace bulla::crypto::aes
