// What SHA-1 and SHA-2 share (FIPS 180-4 §5): a message is cut into blocks of sixteen big-endian words, the
// last of which is padded and tells the length.
#pragma once

#include "crypto/big_endian.h"

#include <bulla/provider.h>
#include <bulla/secret.h>

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

  static void finish(void* memory, uint8_t* digest) noexcept { digest_with(memory, {}, digest); }

  /// In memory of its own, so that padding is written once and the last one or two blocks are compressed in
  /// one call.
  static void digest_with(const void* memory, std::span<const Bytes> parts, uint8_t* digest) noexcept {
    Ending e(*static_cast<const State*>(memory));
    for (const Bytes part : parts) e.add(part);
    e.pad();
    for (size_t i = 0; i < digest_size / sizeof(Line); ++i) store_line(digest, i, e.digest_line(i));
    for (size_t at = digest_size / sizeof(Line) * sizeof(Line); at < digest_size; at += sizeof(Word))
      store_big_endian(e.hash[at / sizeof(Word)], digest + at);
    wipe({reinterpret_cast<uint8_t*>(&e), sizeof e});
  }

  static constexpr HashAlgorithm algorithm(HashId id, std::string_view name) noexcept {
    return {.id = id,
            .name = name,
            .digest_size = digest_size,
            .block_size = block_size,
            .state_size = sizeof(State),
            .init = init,
            .update = update,
            .finish = finish,
            .digest_with = digest_with};
  }

 private:
  /// What kernels load at a time. A load gets what one store has written long before that is in the cache,
  /// but not what several have: so short messages, paddings and digests are written by lines too.
  using Line [[gnu::vector_size(16)]] = uint64_t;
  static Line load_line(const uint8_t* from, size_t i) noexcept {
    Line line;
    std::memcpy(&line, from + i * sizeof line, sizeof line);
    return line;
  }
  static void store_line(uint8_t* to, size_t i, Line line) noexcept {
    std::memcpy(to + i * sizeof line, &line, sizeof line);
  }

  /// The end of a message, which fits into two blocks or is as long as it likes.
  struct Ending {
    Word hash[std::size(initial)];
    uint64_t size;
    size_t held;
    alignas(sizeof(Line)) uint8_t blocks[2 * block_size];

    explicit Ending(const State& from) noexcept : size(from.size), held(from.size % block_size) {
      std::memcpy(hash, from.hash, sizeof hash);
      if (held > 0) std::memcpy(blocks, from.block, held);
    }

    void add(Bytes part) noexcept {
      size += part.size();
      if (const size_t room = sizeof blocks - held; part.size() > room) {
        std::memcpy(blocks + held, part.data(), room);
        compress(hash, blocks, 2);
        part = part.subspan(room);
        held = 0;
        if (const size_t whole = part.size() / block_size; whole > 0) {
          compress(hash, part.data(), whole);
          part = part.subspan(whole * block_size);
        }
      }
      const size_t lines = part.size() / sizeof(Line), rest = part.size() % sizeof(Line);
      for (size_t i = 0; i < lines; ++i) store_line(blocks + held, i, load_line(part.data(), i));
      held += part.size();
      if (rest > 0) std::memcpy(blocks + held - rest, part.data() + lines * sizeof(Line), rest);
    }

    /// FIPS 180-4 §5.1: a one, zeros, and the length in bits, which takes two words.
    void pad() noexcept {
      constexpr size_t least = 1 + 2 * sizeof(Word);
      if (held + least > sizeof blocks) {
        compress(hash, blocks, 1);
        held -= block_size;
        std::memcpy(blocks, blocks + block_size, held);
      }
      const size_t count = held + least > block_size ? 2 : 1, last = count * block_size / sizeof(Line) - 1;
      const Line length = {sizeof(Word) == 8 ? in_big_endian(size >> 61) : 0, in_big_endian(size << 3)};
      size_t line = held / sizeof(Line);
      if (held % sizeof(Line) == 0) {
        store_line(blocks, line, Line{0x80});
      } else {
        blocks[held] = 0x80;
        std::memset(blocks + held + 1, 0, sizeof(Line) - 1 - held % sizeof(Line));
      }
      if (line == last) {
        // SHA-256 alone: SHA-512's length is a line.
        std::memcpy(blocks + last * sizeof(Line) + 8, reinterpret_cast<const uint8_t*>(&length) + 8, 8);
      } else {
        while (++line < last) store_line(blocks, line, Line{});
        store_line(blocks, last, length);
      }
      compress(hash, blocks, count);
    }

    /// Line i of the hash value.
    Line digest_line(size_t i) const noexcept {
      if constexpr (sizeof(Word) == 8)
        return Line{in_big_endian(hash[2 * i]), in_big_endian(hash[2 * i + 1])};
      const Word* const at = hash + 4 * i;
      return Line{in_big_endian(uint64_t{at[0]} << 32 | at[1]), in_big_endian(uint64_t{at[2]} << 32 | at[3])};
    }
  };
};

}  // namespace bulla::crypto
