// Keccak-f[1600] (FIPS 202 §3.2, §3.3), lane by lane: XORs, ANDs and rotations by fixed distances, none of
// which takes longer for one value than for another.
#include "crypto/sha3/impl.h"
#include "crypto/sha3/rounds.h"

#include <bulla/secret.h>

#include <bit>

namespace bulla::crypto::sha3 {
namespace {

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
