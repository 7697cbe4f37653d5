// Little-endian words in bytes, on machines of either order.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>

namespace bulla::crypto {

/// The word with its bytes in the other order.
template <std::unsigned_integral Word>
constexpr Word swapped_bytes(Word word) noexcept {
  Word out = 0;
  for (size_t i = 0; i < sizeof(Word); ++i) {
    out = static_cast<Word>(out << 8 | (word & 0xff));
    word = static_cast<Word>(word >> 8);
  }
  return out;
}

/// The first sizeof(Word) bytes as a little-endian number.
template <std::unsigned_integral Word>
inline Word load_little_endian(const uint8_t* bytes) noexcept {
  Word word;
  std::memcpy(&word, bytes, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = swapped_bytes(word);
  return word;
}

/// Writes sizeof(Word) bytes.
template <std::unsigned_integral Word>
inline void store_little_endian(Word word, uint8_t* out) noexcept {
  if constexpr (std::endian::native == std::endian::big) word = swapped_bytes(word);
  std::memcpy(out, &word, sizeof word);
}

}  // namespace bulla::crypto
