// ChaCha20 (RFC 8439 §2.1 to §2.4) with registers that lie across the state: one holds a row of it, four
// words, of two or four blocks (Goll and Gueron, "Vectorization on ChaCha Stream Cipher", 2014). n registers
// for each row are under way side by side.
//
// A kernel includes this within its target region, for which it is compiled then. Before, the kernel says
// what a register is and how many blocks are in one:
//   Register, row_blocks
//   sum(x, y), exclusive_or(x, y), rotated<distance>(x)    of 32-bit words
//   shuffled<order>(x)                                     of the words of each row
//   row(words), counted(row, ahead)                        a row for all blocks; the first word counted up
//   store_blocks<add>(a, b, c, d, in, out, apart)          the blocks, from four rows, maybe added to text
//   add_stream(stream, in, out, size)                      any number of bytes
//
// Arrays of registers are indexed by constants only, packs of them: then compilers keep them in registers.
#pragma once

#include "crypto/chacha20_poly1305/impl.h"

#include <bulla/secret.h>

#include <utility>

namespace bulla::crypto::chacha20_poly1305 {
namespace {

template <size_t n>
using Indices = std::make_index_sequence<n>;

/// Which column of four stands where column i does, once they have moved.
constexpr size_t turned(size_t i, size_t by) noexcept {
  return (i & ~size_t{3}) + ((i + by) & 3);
}

/// x += y; z = (z ^ x) <<< distance, in n registers at once.
template <int distance, size_t x_turn, size_t y_turn, size_t z_turn, size_t n, size_t... i>
[[gnu::always_inline]] inline void step(Register (&x)[n], const Register (&y)[n], Register (&z)[n],
                                        std::index_sequence<i...>) noexcept {
  ((x[turned(i, x_turn)] = sum(x[turned(i, x_turn)], y[turned(i, y_turn)])), ...);
  ((z[turned(i, z_turn)] = exclusive_or(z[turned(i, z_turn)], x[turned(i, x_turn)])), ...);
  ((z[turned(i, z_turn)] = rotated<distance>(z[turned(i, z_turn)])), ...);
}

/// RFC 8439 §2.1, with b, c and d so many registers further.
template <size_t b_turn, size_t c_turn, size_t d_turn, size_t n>
[[gnu::always_inline]] inline void quarter_rounds(Register (&a)[n], Register (&b)[n], Register (&c)[n],
                                                  Register (&d)[n]) noexcept {
  step<16, 0, b_turn, d_turn>(a, b, d, Indices<n>());
  step<12, c_turn, d_turn, b_turn>(c, d, b, Indices<n>());
  step<8, 0, b_turn, d_turn>(a, b, d, Indices<n>());
  step<7, c_turn, d_turn, b_turn>(c, d, b, Indices<n>());
}

/// For shuffled(): the row from that word on, and round to its front.
constexpr int from(int first) noexcept {
  return first | (first + 1) % 4 << 2 | (first + 2) % 4 << 4 | (first + 3) % 4 << 6;
}
template <int order, size_t n, size_t... i>
[[gnu::always_inline]] inline void shuffle(Register (&x)[n], std::index_sequence<i...>) noexcept {
  ((x[i] = shuffled<order>(x[i])), ...);
}

template <size_t n>
[[gnu::always_inline]] inline void double_round(Register (&a)[n], Register (&b)[n], Register (&c)[n],
                                                Register (&d)[n]) noexcept {
  quarter_rounds<0, 0, 0>(a, b, c, d);
  // Diagonals become columns. Row b, which is ready last, stays where it is, and the others move.
  shuffle<from(3)>(a, Indices<n>());
  shuffle<from(2)>(d, Indices<n>());
  shuffle<from(1)>(c, Indices<n>());
  quarter_rounds<0, 0, 0>(a, b, c, d);
  shuffle<from(1)>(a, Indices<n>());
  shuffle<from(2)>(d, Indices<n>());
  shuffle<from(3)>(c, Indices<n>());
}

template <bool add, size_t... i>
[[gnu::always_inline]] inline void across(const KeyWords& key, const NonceWords& nonce, uint32_t counter,
                                          const uint8_t* in, uint8_t* out, size_t size,
                                          std::index_sequence<i...>) noexcept {
  constexpr size_t n = sizeof...(i), last = n - 1, step = row_blocks * block_size;
  const uint32_t last_row[4] = {counter, nonce[0], nonce[1], nonce[2]};
  const Register first[4] = {row(constants), row(key.data()), row(key.data() + 4), row(last_row)};
  Register a[n] = {(void(i), first[0])...}, b[n] = {(void(i), first[1])...}, c[n] = {(void(i), first[2])...},
           d[n] = {counted(first[3], row_blocks * i)...};
  for (size_t rounds = 0; rounds < 20; rounds += 2) double_round(a, b, c, d);
  ((a[i] = sum(a[i], first[0]), b[i] = sum(b[i], first[1])), ...);
  ((c[i] = sum(c[i], first[2]), d[i] = sum(d[i], counted(first[3], row_blocks * i))), ...);
  if (size == n * step) {
    (store_blocks<add>(a[i], b[i], c[i], d[i], in + i * step, out + i * step, block_size), ...);
    return;
  }
  ((i < last ? store_blocks<add>(a[i], b[i], c[i], d[i], in + i * step, out + i * step, block_size) : void()),
   ...);
  alignas(block_size) uint8_t stream[step];
  store_blocks<false>(a[last], b[last], c[last], d[last], stream, stream, block_size);
  add_stream(stream, in + last * step, out + last * step, size - last * step);
  wipe(stream);
}

/// Adds the key stream from block `counter` on to `size` bytes, which end within the last register of n; or,
/// unless `add`, writes it.
template <size_t n, bool add>
void across(const KeyWords& key, const NonceWords& nonce, uint32_t counter, const uint8_t* in, uint8_t* out,
            size_t size) noexcept {
  across<add>(key, nonce, counter, in, out, size, Indices<n>());
}

using Across = void (*)(const KeyWords&, const NonceWords&, uint32_t, const uint8_t*, uint8_t*,
                        size_t) noexcept;

/// As many registers a row as `size` bytes take, and at most as many as there are indices.
template <bool add, size_t... i>
void shortest_across(const KeyWords& key, const NonceWords& nonce, uint32_t counter, const uint8_t* in,
                     uint8_t* out, size_t size, std::index_sequence<i...>) noexcept {
  constexpr Across by_registers[] = {across<i + 1, add>...};
  by_registers[(size - 1) / (row_blocks * block_size)](key, nonce, counter, in, out, size);
}

}  // namespace
}  // namespace bulla::crypto::chacha20_poly1305
