// The bodies of ShakeLanes; included by sha3.h.
#pragma once

#include "base/assert.h"
#include "crypto/little_endian.h"
#include "crypto/sha3/sha3.h"
#include "crypto/wipe_stack.h"

#include <bulla/secret.h>

namespace bulla::crypto {

template <size_t n, SpongeKind kind>
ShakeLanes<n, kind>::~ShakeLanes() {
  wipe({reinterpret_cast<uint8_t*>(states_.data()), sizeof states_});
  // Registers that a kernel spilled: overwritten once, and not after each permutation.
  wipe_stack<4096>();
}

template <size_t n, SpongeKind kind>
void ShakeLanes<n, kind>::start(size_t i, Bytes input) noexcept {
  static_assert(kind.rate % 8 == 0);
  BULLA_ASSERT(input.size() < block_size, "an input of ShakeLanes is shorter than a block");
  uint8_t padded[block_size] = {};
  if (!input.empty()) std::memcpy(padded, input.data(), input.size());
  padded[input.size()] = kind.suffix;
  padded[block_size - 1] |= 0x80;  // FIPS 202 §5.1: pad10*1
  KeccakState& state = states_[i];
  state.fill(0);
  for (size_t lane = 0; lane < block_size / 8; ++lane)
    state[lane] = load_little_endian<uint64_t>(padded + 8 * lane);
  wipe(padded);
}

template <size_t n, SpongeKind kind>
void ShakeLanes<n, kind>::block(size_t i, uint8_t* out) const noexcept {
  for (size_t lane = 0; lane < block_size / 8; ++lane) store_little_endian(states_[i][lane], out + 8 * lane);
}

}  // namespace bulla::crypto
