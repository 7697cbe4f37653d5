// What SHA-1 and SHA-2 share (FIPS 180-4 §5): a message is cut into blocks of sixteen big-endian words, the
// last of which is padded and tells the length.
#pragma once

#include "crypto/big_endian.h"

#include <bulla/provider.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace bulla::crypto {

/// Takes `count` blocks into the hash value.
template <class Word>
using Compress = void (*)(Word* hash, const uint8_t* blocks, size_t count) noexcept;

template <class Word, const auto& initial, Compress<Word> compress, size_t digest_size>
struct MerkleDamgard {
  static constexpr size_t block_size = 16 * sizeof(Word);

  struct State {
    Word hash[std::size(initial)];
    uint64_t size;  ///< bytes so far; the 2^61 that FIPS 180-4 §1 gives SHA-256 are out of reach
    uint8_t block[block_size];
  };
  static_assert(sizeof(State) <= HashContext::max_state_size && alignof(State) <= 16);

  static State& of(void* state) noexcept { return *static_cast<State*>(state); }

  static void init(void* memory) noexcept {
    State& s = *new (memory) State;
    std::memcpy(s.hash, initial, sizeof s.hash);
    s.size = 0;
  }

  static void update(void* memory, Bytes data) noexcept {
    State& s = of(memory);
    const size_t held = s.size % block_size;
    s.size += data.size();
    if (held > 0) {
      const size_t take = std::min(block_size - held, data.size());
      if (take > 0) std::memcpy(s.block + held, data.data(), take);
      if (held + take < block_size) return;
      compress(s.hash, s.block, 1);
      data = data.subspan(take);
    }
    if (const size_t whole = data.size() / block_size; whole > 0) {
      compress(s.hash, data.data(), whole);
      data = data.subspan(whole * block_size);
    }
    if (!data.empty()) std::memcpy(s.block, data.data(), data.size());
  }

  /// FIPS 180-4 §5.1: a one, zeros, and the length in bits, which takes two words.
  static void finish(void* memory, uint8_t* digest) noexcept {
    State& s = of(memory);
    constexpr size_t room = block_size - 2 * sizeof(Word);
    size_t held = s.size % block_size;
    s.block[held++] = 0x80;
    if (held > room) {
      std::memset(s.block + held, 0, block_size - held);
      compress(s.hash, s.block, 1);
      held = 0;
    }
    std::memset(s.block + held, 0, block_size - held);
    store_big_endian(s.size << 3, s.block + block_size - 8);
    if constexpr (sizeof(Word) == 8) s.block[block_size - 9] = static_cast<uint8_t>(s.size >> 61);
    compress(s.hash, s.block, 1);
    for (size_t i = 0; i < digest_size / sizeof(Word); ++i)
      store_big_endian(s.hash[i], digest + i * sizeof(Word));
  }

  static constexpr HashAlgorithm algorithm(HashId id, std::string_view name) noexcept {
    return {.id = id,
            .name = name,
            .digest_size = digest_size,
            .block_size = block_size,
            .state_size = sizeof(State),
            .init = init,
            .update = update,
            .finish = finish};
  }
};

}  // namespace bulla::crypto
