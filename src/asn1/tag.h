// The tags of X.690 that certificates and keys use: one identifier octet each, low-tag-number form only.
#pragma once

#include <cstdint>

namespace bulla::asn1::tag {

inline constexpr uint8_t boolean = 0x01;
inline constexpr uint8_t integer = 0x02;
inline constexpr uint8_t bit_string = 0x03;
inline constexpr uint8_t octet_string = 0x04;
inline constexpr uint8_t null = 0x05;
inline constexpr uint8_t oid = 0x06;
inline constexpr uint8_t enumerated = 0x0a;
inline constexpr uint8_t utf8_string = 0x0c;
inline constexpr uint8_t printable_string = 0x13;
inline constexpr uint8_t teletex_string = 0x14;
inline constexpr uint8_t ia5_string = 0x16;
inline constexpr uint8_t utc_time = 0x17;
inline constexpr uint8_t generalized_time = 0x18;
inline constexpr uint8_t visible_string = 0x1a;
inline constexpr uint8_t universal_string = 0x1c;
inline constexpr uint8_t bmp_string = 0x1e;
inline constexpr uint8_t sequence = 0x30;
inline constexpr uint8_t set = 0x31;

/// [n] IMPLICIT over a primitive type.
constexpr uint8_t context(unsigned n) {
  return static_cast<uint8_t>(0x80 | n);
}
/// [n] EXPLICIT, or [n] IMPLICIT over a constructed type.
constexpr uint8_t context_constructed(unsigned n) {
  return static_cast<uint8_t>(0xa0 | n);
}

}  // namespace bulla::asn1::tag
