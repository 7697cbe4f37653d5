// Big-endian words in bytes, on machines of either order.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>

namespace bulla::crypto {

/// The first sizeof(Word) bytes as a big-endian number.
template <std::unsigned_integral Word>
constexpr Word load_big_endian(const uint8_t* bytes) noexcept {
  Word word = 0;
  for (size_t i = 0; i < sizeof(Word); ++i) word = static_cast<Word>(word << 8 | bytes[i]);
  return word;
}

/// Writes sizeof(Word) bytes.
template <std::unsigned_integral Word>
constexpr void store_big_endian(Word word, uint8_t* out) noexcept {
  for (size_t i = sizeof(Word); i-- > 0; word = static_cast<Word>(word >> 8))
    out[i] = static_cast<uint8_t>(word);
}

/// A number whose bytes in memory are those of v in big-endian order: one store, where eight would be waited
/// for.
constexpr uint64_t in_big_endian(uint64_t v) noexcept {
  return std::endian::native == std::endian::big ? v : __builtin_bswap64(v);
}

}  // namespace bulla::crypto
