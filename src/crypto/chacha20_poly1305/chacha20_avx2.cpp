// ChaCha20 with registers of 256 bits, across the state (chacha20_across.h): two blocks in a register, eight
// under way. Rotations by whole bytes are shuffles of bytes.
#include "crypto/chacha20_poly1305/impl.h"

#if defined(__x86_64__)

#include "crypto/target.h"

#include <bulla/secret.h>

#include <immintrin.h>

#include <utility>

BULLA_TARGET_BEGIN("avx2")

namespace bulla::crypto::chacha20_poly1305 {
namespace {

using Register = __m256i;

constexpr size_t row_blocks = 2;
constexpr size_t max_registers = 4;  ///< for each of four rows

inline Register load(const uint8_t* at) noexcept {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(at));
}
inline void store(uint8_t* at, Register v) noexcept {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(at), v);
}
inline Register sum(Register x, Register y) noexcept {
  return _mm256_add_epi32(x, y);
}
inline Register exclusive_or(Register x, Register y) noexcept {
  return _mm256_xor_si256(x, y);
}
template <int distance>
inline Register rotated(Register x) noexcept {
  if constexpr (distance % 8 != 0)
    return _mm256_or_si256(_mm256_slli_epi32(x, distance), _mm256_srli_epi32(x, 32 - distance));
  const __m128i bytes = distance == 16 ? _mm_set_epi32(0x0d0c0f0e, 0x09080b0a, 0x05040706, 0x01000302)
                                       : _mm_set_epi32(0x0e0d0c0f, 0x0a09080b, 0x06050407, 0x02010003);
  return _mm256_shuffle_epi8(x, _mm256_broadcastsi128_si256(bytes));
}
template <int order>
inline Register shuffled(Register x) noexcept {
  return _mm256_shuffle_epi32(x, order);
}
inline Register row(const uint32_t* words) noexcept {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(words)));
}
inline Register counted(Register last_row, size_t ahead) noexcept {
  const int first = static_cast<int>(ahead);
  return sum(last_row, _mm256_set_epi32(0, 0, 0, first + 1, 0, 0, 0, first));
}

template <bool add>
[[gnu::always_inline]] inline void store_half(Register v, [[maybe_unused]] const uint8_t* in,
                                              uint8_t* out) noexcept {
  store(out, add ? exclusive_or(v, load(in)) : v);
}
template <bool add>
[[gnu::always_inline]] inline void store_blocks(Register a, Register b, Register c, Register d,
                                                const uint8_t* in, uint8_t* out, size_t apart) noexcept {
  constexpr size_t half = block_size / 2;
  store_half<add>(_mm256_permute2x128_si256(a, b, 0x20), in, out);
  store_half<add>(_mm256_permute2x128_si256(c, d, 0x20), in + half, out + half);
  store_half<add>(_mm256_permute2x128_si256(a, b, 0x31), in + apart, out + apart);
  store_half<add>(_mm256_permute2x128_si256(c, d, 0x31), in + apart + half, out + apart + half);
}

inline void add_stream(const uint8_t* stream, const uint8_t* in, uint8_t* out, size_t size) noexcept {
  size_t at = 0;
  for (; at + sizeof(Register) <= size; at += sizeof(Register))
    store(out + at, exclusive_or(load(stream + at), load(in + at)));
  for (; at < size; ++at) out[at] = in[at] ^ stream[at];
}

}  // namespace
}  // namespace bulla::crypto::chacha20_poly1305

#include "crypto/chacha20_poly1305/chacha20_across.h"

namespace bulla::crypto::chacha20_poly1305 {

size_t key_stream_avx2(const KeyWords& key, const NonceWords& nonce, uint8_t* out, size_t blocks) noexcept {
  shortest_across<false>(key, nonce, 0, out, out, blocks * block_size, Indices<max_registers>());
  return blocks;
}

void chacha20_avx2(const KeyWords& key, const NonceWords& nonce, uint32_t counter, const uint8_t* in,
                   uint8_t* out, size_t size) noexcept {
  constexpr size_t chunk_blocks = max_registers * row_blocks, chunk = chunk_blocks * block_size;
  for (; size >= chunk; in += chunk, out += chunk, size -= chunk, counter += chunk_blocks)
    across<max_registers, true>(key, nonce, counter, in, out, chunk);
  if (size > 0) shortest_across<true>(key, nonce, counter, in, out, size, Indices<max_registers>());
}

void add_avx2(const uint8_t* stream, const uint8_t* in, uint8_t* out, size_t size) noexcept {
  add_stream(stream, in, out, size);
}

}  // namespace bulla::crypto::chacha20_poly1305

BULLA_TARGET_END

#endif
