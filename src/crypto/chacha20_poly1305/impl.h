// What a kernel of ChaCha20-Poly1305 brings: the key stream, and the evaluation of Poly1305's polynomial.
#pragma once

#include "crypto/kernel.h"

#include <bulla/bytes.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace bulla::crypto::chacha20_poly1305 {

/// The 256-bit key as eight little-endian words (RFC 8439 §2.3).
using KeyWords = std::array<uint32_t, 8>;
/// The 96-bit nonce as three little-endian words.
using NonceWords = std::array<uint32_t, 3>;

/// RFC 8439 §2.3: "expand 32-byte k", the first row of the state.
inline constexpr uint32_t constants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
inline constexpr size_t block_size = 64;
/// More blocks of key stream than this are never asked for at once.
inline constexpr size_t max_first_blocks = 32;

/// Poly1305 between two blocks (RFC 8439 §2.5), numbers in words of 64 bits, the lowest first.
struct Poly1305State {
  uint64_t h[3];  ///< the accumulator: below 5 * 2^128, congruent modulo 2^130 - 5 to what the paper calls h
  uint64_t r[2];  ///< the point of evaluation, clamped: each word below 2^60, the upper one a multiple of 4
  uint64_t s[2];  ///< added at the end
};
/// Takes the 32 bytes of a one-time key: r, which is clamped, and s.
void poly1305_init(Poly1305State& state, const uint8_t* key) noexcept;
/// The 16 bytes of the tag: h modulo 2^130 - 5, plus s, modulo 2^128.
void poly1305_finish(const Poly1305State& state, uint8_t* tag) noexcept;

/// The steps.
struct Functions {
  /// The first `blocks` blocks of the key stream, a multiple of four and at most first_blocks; or more of
  /// them, where that is as quick, for which there is room up to max_first_blocks. Returns how many.
  size_t (*key_stream)(const KeyWords& key, const NonceWords& nonce, uint8_t* out, size_t blocks) noexcept;
  /// out = in + stream, `size` bytes; `out` may be `in`. The stream may be read to the end of its block.
  void (*add)(const uint8_t* stream, const uint8_t* in, uint8_t* out, size_t size) noexcept;
  /// RFC 8439 §2.4: `out` is `in` (may be the same) with the key stream from block `counter` added. The
  /// counter has 32 bits; whoever calls sees to it that it does not come round.
  void (*chacha20)(const KeyWords& key, const NonceWords& nonce, uint32_t counter, const uint8_t* in,
                   uint8_t* out, size_t size) noexcept;
  /// h = (h + block + top * 2^128) * r for `count` blocks of 16 bytes; `top` is 1 for whole blocks.
  void (*poly1305_blocks)(Poly1305State& state, const uint8_t* blocks, size_t count, uint64_t top) noexcept;
  /// How many blocks chacha20 has under way at a time where there is text enough; so many, with Poly1305's
  /// key in the first of them, begin a record.
  size_t first_blocks;
};

extern const Functions soft;
#if defined(__x86_64__)
extern const Functions ifma, avx512, avx2;
#endif
/// All of them that this build has, in the order of the table in chacha20_poly1305.h.
std::span<const Kernel<Functions>> functions() noexcept;

// What kernels are put together from.
size_t key_stream_soft(const KeyWords& key, const NonceWords& nonce, uint8_t* out, size_t blocks) noexcept;
void add_soft(const uint8_t* stream, const uint8_t* in, uint8_t* out, size_t size) noexcept;
void chacha20_soft(const KeyWords& key, const NonceWords& nonce, uint32_t counter, const uint8_t* in,
                   uint8_t* out, size_t size) noexcept;
void poly1305_blocks_soft(Poly1305State& state, const uint8_t* blocks, size_t count, uint64_t top) noexcept;
#if defined(__x86_64__)
size_t key_stream_avx2(const KeyWords& key, const NonceWords& nonce, uint8_t* out, size_t blocks) noexcept;
void add_avx2(const uint8_t* stream, const uint8_t* in, uint8_t* out, size_t size) noexcept;
void chacha20_avx2(const KeyWords& key, const NonceWords& nonce, uint32_t counter, const uint8_t* in,
                   uint8_t* out, size_t size) noexcept;
void poly1305_blocks_avx2(Poly1305State& state, const uint8_t* blocks, size_t count, uint64_t top) noexcept;
size_t key_stream_avx512(const KeyWords& key, const NonceWords& nonce, uint8_t* out, size_t blocks) noexcept;
void add_avx512(const uint8_t* stream, const uint8_t* in, uint8_t* out, size_t size) noexcept;
void chacha20_avx512(const KeyWords& key, const NonceWords& nonce, uint32_t counter, const uint8_t* in,
                     uint8_t* out, size_t size) noexcept;
void poly1305_blocks_ifma(Poly1305State& state, const uint8_t* blocks, size_t count, uint64_t top) noexcept;
#endif

}  // namespace bulla::crypto::chacha20_poly1305
