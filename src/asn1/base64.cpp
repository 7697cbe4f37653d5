#include "asn1/base64.h"

#include "base/ct.h"

#include <algorithm>

namespace bulla::asn1 {
namespace {

/// All ones if low <= c <= high, for c, low and high below 2^15.
constexpr int in_range(int c, int low, int high) {
  return ~((c - low) | (high - c)) >> 15;
}

/// The value of a character, or -1, by adding up masked differences.
constexpr int value_of(int c) {
  int value = -1;
  value += in_range(c, 'A', 'Z') & (c - 'A' + 1);
  value += in_range(c, 'a', 'z') & (c - 'a' + 26 + 1);
  value += in_range(c, '0', '9') & (c - '0' + 52 + 1);
  value += in_range(c, '+', '+') & (62 + 1);
  value += in_range(c, '/', '/') & (63 + 1);
  return value;
}

constexpr int character_of(int value) {
  int c = 'A' + value;
  c += in_range(value, 26, 63) & ('a' - 26 - 'A');
  c += in_range(value, 52, 63) & ('0' - 52 - ('a' - 26));
  c += in_range(value, 62, 63) & ('+' - 62 - ('0' - 52));
  c += in_range(value, 63, 63) & ('/' - 63 - ('+' - 62));
  return c;
}

bool is_public(bool fact) noexcept {
  return ct::declassified(fact, "the form of base64, and whether it has that form");
}

static_assert(value_of('A') == 0 && value_of('z') == 51 && value_of('9') == 61 && value_of('=') == -1);
static_assert(character_of(25) == 'Z' && character_of(26) == 'a' && character_of(61) == '9');
static_assert(character_of(62) == '+' && character_of(63) == '/');

}  // namespace

std::optional<size_t> base64_decode(std::span<const std::string_view> pieces, MutBytes out) noexcept {
  uint32_t group = 0;
  int bad = 0;
  size_t characters = 0, padding = 0, size = 0;
  for (const std::string_view piece : pieces) {
    for (const char character : piece) {
      // None of these is one of the 64 characters, so that it tells nothing about those.
      if (is_public(character == ' ') || is_public(character == '\t')) continue;
      if (is_public(character == '=')) {
        ++padding;
        continue;
      }
      if (padding) return {};
      const int value = value_of(static_cast<uint8_t>(character));
      bad |= value >> 15;  // judged at the end, so that good characters take the same path
      group = group << 6 | (static_cast<uint32_t>(value) & 63);
      if (++characters % 4) continue;
      if (out.size() - size < 3) return {};
      for (int shift = 16; shift >= 0; shift -= 8) out[size++] = static_cast<uint8_t>(group >> shift);
      group = 0;
    }
  }
  if (is_public(bad != 0) || (characters + padding) % 4 || padding > 2) return {};
  const size_t left = characters % 4;
  if (left == 0) return padding ? std::optional<size_t>() : size;
  if (out.size() - size < 2) return {};
  group <<= 6 * (4 - left);
  out[size++] = static_cast<uint8_t>(group >> 16);
  if (left == 3) out[size++] = static_cast<uint8_t>(group >> 8);
  // RFC 4648 §3.5: the bits that carry nothing are zero.
  const uint32_t unused = left == 3 ? group & 0xff : group & 0xffff;
  return is_public(unused != 0) ? std::optional<size_t>() : size;
}

size_t base64_encode(Bytes in, MutBytes out) noexcept {
  size_t at = 0;
  for (; !in.empty(); in = in.subspan(std::min<size_t>(3, in.size()))) {
    uint32_t group = 0;
    for (size_t i = 0; i < 3; ++i) group = group << 8 | (i < in.size() ? in[i] : 0u);
    for (size_t i = 0; i < 4; ++i) {
      const int value = static_cast<int>(group >> (18 - 6 * i) & 63);
      out[at++] = i <= in.size() ? static_cast<uint8_t>(character_of(value)) : uint8_t{'='};
    }
  }
  return at;
}

}  // namespace bulla::asn1
