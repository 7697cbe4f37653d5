// What the rounds of Keccak-f[1600] are made of, computed as FIPS 202 says.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace bulla::crypto::sha3 {

inline constexpr size_t rounds = 24;

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
inline constexpr auto rotations = make_rotations();

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
inline constexpr auto round_constants = make_round_constants();

}  // namespace bulla::crypto::sha3
