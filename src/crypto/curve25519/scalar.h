// Numbers modulo L = 2^252 + 27742317777372353535851937790883648493, the order of the base point of
// edwards25519 (RFC 8032 §5.1). Constant time, but for what is named otherwise.
#pragma once

#include "crypto/curve25519/field.h"

namespace bulla::crypto::curve25519 {

/// L in words, the lowest first.
inline constexpr std::array<uint64_t, 4> order = {0x5812631a5cf5d3ed, 0x14def9dea2f79cd6, 0,
                                                  0x1000000000000000};

/// 512 bits mod L, all little-endian.
void reduce_scalar(std::span<const uint8_t, 64> wide, std::span<uint8_t, 32> out) noexcept;
/// a·b + c mod L, all little-endian; a·b + c < 2^512, which any a, b and c of 255 bits satisfy.
void multiply_add_scalar(std::span<const uint8_t, 32> a, std::span<const uint8_t, 32> b,
                         std::span<const uint8_t, 32> c, std::span<uint8_t, 32> out) noexcept;
/// Whether a little-endian number is below L; variable time.
bool is_scalar_vartime(std::span<const uint8_t, 32> bytes) noexcept;

}  // namespace bulla::crypto::curve25519
