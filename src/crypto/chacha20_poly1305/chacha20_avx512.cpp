// ChaCha20 with registers of 512 bits, in two layouts. Across the state (chacha20_across.h) few blocks are
// ready soonest, and up to 24 are under way. Down the state a register has one word of sixteen blocks, so
// that nothing moves between columns; 32 blocks are under way, which takes all 32 registers and hides the
// latency of the steps.
#include "crypto/chacha20_poly1305/impl.h"

#if defined(__x86_64__)

#include "crypto/target.h"

#include <bulla/secret.h>

#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wuninitialized"  // PR 105593: the header's own _mm512_undefined_epi32
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>

#include <utility>

BULLA_TARGET_BEGIN("avx512f,avx512vl,avx512bw,avx512dq")

namespace bulla::crypto::chacha20_poly1305 {
namespace {

using Register = __m512i;

constexpr size_t row_blocks = 4;           ///< in a register of the layout across
constexpr size_t max_registers = 6;        ///< for each of four rows there
constexpr size_t lanes = 16;               ///< blocks in a register of the layout down
constexpr size_t down_blocks = 2 * lanes;  ///< under way there

inline Register load(const void* at) noexcept {
  return _mm512_loadu_si512(at);
}
inline void store(void* at, Register v) noexcept {
  _mm512_storeu_si512(at, v);
}
inline Register everywhere(uint32_t word) noexcept {
  return _mm512_set1_epi32(static_cast<int>(word));
}
inline Register sum(Register x, Register y) noexcept {
  return _mm512_add_epi32(x, y);
}
inline Register exclusive_or(Register x, Register y) noexcept {
  return _mm512_xor_si512(x, y);
}
template <int distance>
inline Register rotated(Register x) noexcept {
  return _mm512_rol_epi32(x, distance);
}
template <int order>
inline Register shuffled(Register x) noexcept {
  return _mm512_shuffle_epi32(x, static_cast<_MM_PERM_ENUM>(order));
}
inline Register row(const uint32_t* words) noexcept {
  return _mm512_broadcast_i32x4(_mm_loadu_si128(reinterpret_cast<const __m128i*>(words)));
}
inline Register counted(Register last_row, size_t ahead) noexcept {
  const Register within = _mm512_set_epi32(0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0);
  return sum(last_row, sum(within, _mm512_maskz_set1_epi32(0x1111, static_cast<int>(ahead))));
}

template <bool add>
[[gnu::always_inline]] inline void store_blocks(Register a, Register b, Register c, Register d,
                                                [[maybe_unused]] const uint8_t* in, uint8_t* out,
                                                size_t apart) noexcept {
  const Register ab01 = _mm512_shuffle_i32x4(a, b, 0x44), ab23 = _mm512_shuffle_i32x4(a, b, 0xee);
  const Register cd01 = _mm512_shuffle_i32x4(c, d, 0x44), cd23 = _mm512_shuffle_i32x4(c, d, 0xee);
  const Register blocks[] = {_mm512_shuffle_i32x4(ab01, cd01, 0x88), _mm512_shuffle_i32x4(ab01, cd01, 0xdd),
                             _mm512_shuffle_i32x4(ab23, cd23, 0x88), _mm512_shuffle_i32x4(ab23, cd23, 0xdd)};
  store(out, add ? exclusive_or(blocks[0], load(in)) : blocks[0]);
  store(out + apart, add ? exclusive_or(blocks[1], load(in + apart)) : blocks[1]);
  store(out + 2 * apart, add ? exclusive_or(blocks[2], load(in + 2 * apart)) : blocks[2]);
  store(out + 3 * apart, add ? exclusive_or(blocks[3], load(in + 3 * apart)) : blocks[3]);
}

inline void add_stream(const uint8_t* stream, const uint8_t* in, uint8_t* out, size_t size) noexcept {
  for (; size >= block_size; stream += block_size, in += block_size, out += block_size, size -= block_size)
    store(out, exclusive_or(load(stream), load(in)));
  if (size == 0) return;
  const __mmask64 rest = (__mmask64{1} << size) - 1;
  const Register text = _mm512_maskz_loadu_epi8(rest, in);
  _mm512_mask_storeu_epi8(out, rest, exclusive_or(load(stream), text));
}

}  // namespace
}  // namespace bulla::crypto::chacha20_poly1305

#include "crypto/chacha20_poly1305/chacha20_across.h"

namespace bulla::crypto::chacha20_poly1305 {
namespace {

/// From a word of sixteen blocks a register to four rows of four blocks: r[j] has words 0 to 3 of blocks j,
/// j + 4, j + 8 and j + 12, where x has those four words from `at` on.
template <size_t at, size_t n>
[[gnu::always_inline]] inline void to_rows(const Register (&x)[n], Register (&r)[4]) noexcept {
  const Register low01 = _mm512_unpacklo_epi32(x[at], x[at + 1]);
  const Register high01 = _mm512_unpackhi_epi32(x[at], x[at + 1]);
  const Register low23 = _mm512_unpacklo_epi32(x[at + 2], x[at + 3]);
  const Register high23 = _mm512_unpackhi_epi32(x[at + 2], x[at + 3]);
  r[0] = _mm512_unpacklo_epi64(low01, low23);
  r[1] = _mm512_unpackhi_epi64(low01, low23);
  r[2] = _mm512_unpacklo_epi64(high01, high23);
  r[3] = _mm512_unpackhi_epi64(high01, high23);
}

/// Sixteen blocks.
template <size_t batch, bool add, size_t n>
[[gnu::always_inline]] inline void store_batch(const Register (&a)[n], const Register (&b)[n],
                                               const Register (&c)[n], const Register (&d)[n],
                                               const uint8_t* in, uint8_t* out) noexcept {
  Register ra[4], rb[4], rc[4], rd[4];
  to_rows<4 * batch>(a, ra), to_rows<4 * batch>(b, rb), to_rows<4 * batch>(c, rc), to_rows<4 * batch>(d, rd);
  constexpr size_t at = batch * lanes * block_size, apart = 4 * block_size;
  store_blocks<add>(ra[0], rb[0], rc[0], rd[0], in + at, out + at, apart);
  store_blocks<add>(ra[1], rb[1], rc[1], rd[1], in + at + block_size, out + at + block_size, apart);
  store_blocks<add>(ra[2], rb[2], rc[2], rd[2], in + at + 2 * block_size, out + at + 2 * block_size, apart);
  store_blocks<add>(ra[3], rb[3], rc[3], rd[3], in + at + 3 * block_size, out + at + 3 * block_size, apart);
}

/// What the counters of each block are ahead.
template <size_t n>
[[gnu::always_inline]] inline void count(Register (&last_row)[n]) noexcept {
  static_assert(n == 4 * down_blocks / lanes);
  const Register numbers = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  last_row[0] = sum(last_row[0], numbers);
  last_row[4] = sum(last_row[4], sum(numbers, everywhere(lanes)));
}

template <bool add, size_t... i>
[[gnu::always_inline]] inline void down(const KeyWords& key, const NonceWords& nonce, uint32_t counter,
                                        const uint8_t* in, uint8_t* out, std::index_sequence<i...>) noexcept {
  constexpr size_t n = sizeof...(i);
  const uint32_t last_row[4] = {counter, nonce[0], nonce[1], nonce[2]};
  Register a[n] = {everywhere(constants[i % 4])...}, b[n] = {everywhere(key[i % 4])...},
           c[n] = {everywhere(key[4 + i % 4])...}, d[n] = {everywhere(last_row[i % 4])...};
  count(d);
  for (size_t rounds = 0; rounds < 20; rounds += 2) {
    quarter_rounds<0, 0, 0>(a, b, c, d);
    quarter_rounds<1, 2, 3>(a, b, c, d);
  }
  ((a[i] = sum(a[i], everywhere(constants[i % 4])), b[i] = sum(b[i], everywhere(key[i % 4]))), ...);
  ((c[i] = sum(c[i], everywhere(key[4 + i % 4])), d[i] = sum(d[i], everywhere(last_row[i % 4]))), ...);
  count(d);
  store_batch<0, add>(a, b, c, d, in, out);
  store_batch<1, add>(a, b, c, d, in, out);
}
/// 32 blocks: adds the key stream to them, or writes it.
template <bool add>
void down(const KeyWords& key, const NonceWords& nonce, uint32_t counter, const uint8_t* in,
          uint8_t* out) noexcept {
  down<add>(key, nonce, counter, in, out, Indices<4 * down_blocks / lanes>());
}

constexpr size_t max_across = max_registers * row_blocks;

}  // namespace

size_t key_stream_avx512(const KeyWords& key, const NonceWords& nonce, uint8_t* out, size_t blocks) noexcept {
  if (blocks > max_across) {
    down<false>(key, nonce, 0, out, out);
    return down_blocks;
  }
  shortest_across<false>(key, nonce, 0, out, out, blocks * block_size, Indices<max_registers>());
  return blocks;
}

void chacha20_avx512(const KeyWords& key, const NonceWords& nonce, uint32_t counter, const uint8_t* in,
                     uint8_t* out, size_t size) noexcept {
  constexpr size_t chunk = down_blocks * block_size;
  for (; size >= chunk; in += chunk, out += chunk, size -= chunk, counter += down_blocks)
    down<true>(key, nonce, counter, in, out);
  constexpr size_t rest = max_across * block_size;
  if (size > rest) {
    across<max_registers, true>(key, nonce, counter, in, out, rest);
    in += rest, out += rest, size -= rest, counter += max_across;
  }
  if (size > 0) shortest_across<true>(key, nonce, counter, in, out, size, Indices<max_registers>());
}

void add_avx512(const uint8_t* stream, const uint8_t* in, uint8_t* out, size_t size) noexcept {
  add_stream(stream, in, out, size);
}

}  // namespace bulla::crypto::chacha20_poly1305

BULLA_TARGET_END

#endif
