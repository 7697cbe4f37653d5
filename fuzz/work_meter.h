// What a parser takes for an input: bytes from operator new, and steps. Programs that link this file's source
// count all that they allocate; steps are calls of functions of the rooms asn1, x509 and pki, which are told
// of where those are built with BULLA_FUZZ, and none elsewhere.
#pragma once

#include "base/assert.h"

#include <cstdint>
#include <cstdio>

namespace bulla::fuzz {

struct Work {
  uint64_t bytes = 0;  ///< all that was allocated, though it may be free again
  uint64_t steps = 0;
};
/// Since the program began.
Work work_so_far() noexcept;

/// So much for each byte of the input, and so much for none.
struct Budget {
  uint64_t bytes_per_byte, bytes;
  uint64_t steps_per_byte, steps;
};

/// Twice what the worst inputs take that worst_inputs_fuzz.cpp makes: a certificate may list elements of two
/// bytes, each kept as an object of eighty in a vector that doubles.
inline constexpr Budget parser_budget = {
    .bytes_per_byte = 280, .bytes = 16'384, .steps_per_byte = 14, .steps = 2'000};
/// The same with what it takes to load a key of any size, and with a cheap derivation of one from a
/// passphrase.
inline constexpr Budget opening_budget = {
    .bytes_per_byte = 280, .bytes = 1 << 20, .steps_per_byte = 14, .steps = 100'000};

/// Calls `parse` for an input of that size; what it took is within the budget.
template <class F>
auto within(const Budget& budget, size_t input_size, const F& parse) {
  const Work before = work_so_far();
  auto out = parse();
  const Work after = work_so_far();
  const uint64_t bytes = after.bytes - before.bytes, steps = after.steps - before.steps;
  const bool holds = bytes <= budget.bytes_per_byte * input_size + budget.bytes &&
                     steps <= budget.steps_per_byte * input_size + budget.steps;
  if (!holds)
    std::fprintf(stderr, "%zu bytes of input: %llu bytes, %llu steps\n", input_size,
                 static_cast<unsigned long long>(bytes), static_cast<unsigned long long>(steps));
  BULLA_ASSERT(holds, "work is bounded by the input's size");
  return out;
}

}  // namespace bulla::fuzz
