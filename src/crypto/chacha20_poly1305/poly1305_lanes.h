// Poly1305 (RFC 8439 §2.5) of several blocks at once, in lanes: lane j takes every n-th block, evaluates its
// polynomial at r^n, and in the end is multiplied by the power of r that its place asks for. Four groups of n
// blocks have one reduction (Goll and Gueron, "Vectorization of Poly1305 message authentication code", 2015):
//
//   h = h r^(4n) + group r^(3n) + group r^(2n) + group r^n + group
//
// Powers are computed as far as there are groups; meanwhile the blocks that make no group go through `soft`.
//
// A kernel includes this within its target region, for which it is compiled then. Before, the kernel says how
// numbers are kept:
//   Number                                   n of them, a lane each
//   Factor, factor(x)                        what a Number takes to be multiplied by
//   Products, no_products()                  sums of products, not reduced
//   add_product(products, x, factor), reduced(products), product(x, factor), sum(x, y)
//   group(blocks, top)                       n blocks, in the order of the lanes
//   same(words, top), first(words, top)      a number in every lane; or in the first lane, and zero elsewhere
//   powers(r, stride)                        r to the power of n - j for block j; `stride` is r^n everywhere
//   to_words(x, words)                       the sum of the lanes as three words, as in Poly1305State
#pragma once

#include "crypto/chacha20_poly1305/impl.h"

namespace bulla::crypto::chacha20_poly1305 {
namespace {

/// `count` groups, of which the first has been added to h already, by r^n.
[[gnu::always_inline]] inline Number many_groups(Number h, const Number& stride, const uint8_t* blocks,
                                                 size_t count, uint64_t top) noexcept {
  constexpr size_t size = 16 * lanes;
  const Factor once = factor(stride);
  for (; count % 4 != 0; --count, blocks += size) h = sum(product(h, once), group(blocks, top));
  if (count == 0) return h;
  const Number squared = product(stride, once);
  const Factor twice = factor(squared);
  const Factor three_times = factor(product(stride, twice)), four_times = factor(product(squared, twice));
  for (; count > 0; count -= 4, blocks += 4 * size) {
    Products p = no_products();
    add_product(p, group(blocks, top), three_times);
    add_product(p, group(blocks + size, top), twice);
    add_product(p, group(blocks + 2 * size, top), once);
    add_product(p, h, four_times);
    h = sum(reduced(p), group(blocks + 3 * size, top));
  }
  return h;
}

/// For 2 n blocks and more.
[[gnu::always_inline]] inline void by_lanes(Poly1305State& state, const uint8_t* blocks, size_t count,
                                            uint64_t top) noexcept {
  Number stride;
  const Factor last = factor(powers(same(state.r, 0), stride));
  const size_t head = count % lanes;
  poly1305_blocks_soft(state, blocks, head, top);
  blocks += 16 * head;
  Number h = sum(group(blocks, top), first(state.h, state.h[2]));
  h = many_groups(h, stride, blocks + 16 * lanes, count / lanes - 1, top);
  to_words(product(h, last), state.h);
}

}  // namespace
}  // namespace bulla::crypto::chacha20_poly1305
