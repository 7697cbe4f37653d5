// What a kernel of ChaCha20-Poly1305 brings: the key stream, and the evaluation of Poly1305's polynomial.
#pragma once

#include <bulla/bytes.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace bulla::crypto::chacha20_poly1305 {

/// The 256-bit key as eight little-endian words (RFC 8439 §2.3).
using KeyWords = std::array<uint32_t, 8>;
/// The 96-bit nonce as three little-endian words.
using NonceWords = std::array<uint32_t, 3>;

/// RFC 8439 §2.4: `out` is `in` (may be the same) with the key stream from block `counter` added. The counter
/// has 32 bits; whoever calls sees to it that it does not come round.
using ChaCha20 = void (*)(const KeyWords& key, const NonceWords& nonce, uint32_t counter, const uint8_t* in,
                          uint8_t* out, size_t size) noexcept;
void chacha20_soft(const KeyWords& key, const NonceWords& nonce, uint32_t counter, const uint8_t* in,
                   uint8_t* out, size_t size) noexcept;

/// Poly1305 between two blocks (RFC 8439 §2.5), numbers in words of 64 bits, the lowest first.
struct Poly1305State {
  uint64_t h[3];  ///< the accumulator: below 5 * 2^128, congruent modulo 2^130 - 5 to what the paper calls h
  uint64_t r[2];  ///< the point of evaluation, clamped: each word below 2^60, the upper one a multiple of 4
  uint64_t s[2];  ///< added at the end
};
/// Takes the 32 bytes of a one-time key: r, which is clamped, and s.
void poly1305_init(Poly1305State& state, const uint8_t* key) noexcept;
/// h = (h + block + top * 2^128) * r for `count` blocks of 16 bytes; `top` is 1 for whole blocks.
using Poly1305Blocks = void (*)(Poly1305State& state, const uint8_t* blocks, size_t count,
                                uint64_t top) noexcept;
void poly1305_blocks_soft(Poly1305State& state, const uint8_t* blocks, size_t count, uint64_t top) noexcept;
/// The 16 bytes of the tag: h modulo 2^130 - 5, plus s, modulo 2^128.
void poly1305_finish(const Poly1305State& state, uint8_t* tag) noexcept;

}  // namespace bulla::crypto::chacha20_poly1305
