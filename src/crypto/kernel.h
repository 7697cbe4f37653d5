// A primitive has one kernel or several: ways to compute the same. Each stands in a file of its own and is
// listed in the primitive's table, the fastest first; "soft" comes last, needs nothing, and says what the
// others must give.
#pragma once

#include "crypto/cpu.h"

#include <span>
#include <string_view>

namespace bulla::crypto {

/// One way to compute a primitive. `Algorithm` is what the provider seam calls it: HashAlgorithm,
/// AeadAlgorithm, GroupAlgorithm.
template <class Algorithm>
struct Kernel {
  std::string_view name;       ///< "soft", "sha_ni": by which a test asks for it
  CpuBits needs;               ///< without which it must not be called
  const Algorithm* algorithm;  ///< what it computes

  constexpr bool runs_on(CpuBits have) const noexcept { return (needs & ~have) == 0; }
};

/// The fastest kernel that a machine with the extensions `have` can run.
template <class Algorithm>
constexpr const Kernel<Algorithm>& pick(std::span<const Kernel<Algorithm>> table, CpuBits have) noexcept {
  for (const auto& kernel : table)
    if (kernel.runs_on(have)) return kernel;
  return table.back();
}

}  // namespace bulla::crypto
