// Keccak-f[1600] (FIPS 202 §3.2, §3.3), lane by lane: XORs, ANDs and rotations by fixed distances, none of
// which takes longer for one value than for another.
#include "crypto/sha3/impl.h"

#include <bulla/secret.h>

#include <bit>

namespace bulla::crypto::sha3 {
namespace {

constexpr size_t rounds = 24;

/// FIPS 202 §3.2.2, algorithm 2: by how much each lane is rotated.
constexpr std::array<int, 25> make_rotations() noexcept {
  std::array<int, 25> out{};
  for (size_t t = 0, x = 1, y = 0; t < 24; ++t) {
    out[5 * y + x] = static_cast<int>((t + 1) * (t + 2) / 2 % 64);
    const size_t next = (2 * x + 3 * y) % 5;
    x = y;
    y = next;
  }
  return out;
}
constexpr auto rotations = make_rotations();

/// FIPS 202 §3.2.5: bit 2^j - 1 of the constant of round i is rc(j + 7 i), algorithm 5's shift register.
constexpr std::array<uint64_t, rounds> make_round_constants() noexcept {
  std::array<uint64_t, rounds> out{};
  unsigned shift_register = 1;
  for (uint64_t& constant : out) {
    for (unsigned j = 0; j <= 6; ++j) {
      constant |= uint64_t{shift_register & 1} << ((1u << j) - 1);
      shift_register <<= 1;
      if (shift_register & 0x100) shift_register ^= 0x171;
    }
  }
  return out;
}
constexpr auto round_constants = make_round_constants();

/// One round from `a` to `e`. §3.2.1 (θ) gives the parity of two columns to each lane; §3.2.2 (ρ) rotates it;
/// §3.2.3 (π) moves it, so that lane (x, y) comes from (x + 3 y, x); §3.2.4 (χ) mixes each row; §3.2.5 (ι)
/// adds the constant.
inline void round(const KeccakState& a, KeccakState& e, uint64_t constant) noexcept {
  uint64_t column[5], parity[5], row[5];
#pragma GCC unroll 5
  for (size_t x = 0; x < 5; ++x) column[x] = a[x] ^ a[5 + x] ^ a[10 + x] ^ a[15 + x] ^ a[20 + x];
#pragma GCC unroll 5
  for (size_t x = 0; x < 5; ++x) parity[x] = column[(x + 4) % 5] ^ std::rotl(column[(x + 1) % 5], 1);
#pragma GCC unroll 5
  for (size_t y = 0; y < 5; ++y) {
#pragma GCC unroll 5
    for (size_t x = 0; x < 5; ++x) {
      const size_t from_x = (x + 3 * y) % 5, from = 5 * x + from_x;
      row[x] = std::rotl(a[from] ^ parity[from_x], rotations[from]);
    }
#pragma GCC unroll 5
    for (size_t x = 0; x < 5; ++x) e[5 * y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]);
  }
  e[0] ^= constant;
}

void permute(KeccakState* states, size_t count) noexcept {
  KeccakState a, e;
  for (; count > 0; --count, ++states) {
    a = *states;
    for (size_t i = 0; i < rounds; i += 2) {
      round(a, e, round_constants[i]);
      round(e, a, round_constants[i + 1]);
    }
    *states = a;
  }
  wipe({reinterpret_cast<uint8_t*>(a.data()), sizeof a});
  wipe({reinterpret_cast<uint8_t*>(e.data()), sizeof e});
}

}  // namespace

constexpr Keccak keccak_soft = {"Keccak-f[1600]", permute};

}  // namespace bulla::crypto::sha3
