// A provider from our own primitives, by the kernels that this machine would pick.
#pragma once

#include "crypto/kernel.h"

#include <bulla/provider.h>

#include <array>
#include <functional>
#include <optional>

namespace bulla::crypto {

/// What a provider's spans point to; outlives it.
struct Tables {
  Tables() noexcept;
  Tables(const Tables&) = delete;
  Tables& operator=(const Tables&) = delete;

  /// `random`: outlives the provider too.
  Provider provider(Random& random) const noexcept;

  const std::array<const HashAlgorithm*, 4> hashes;
  const std::array<const AeadAlgorithm*, 3> aeads;
  const std::array<const GroupAlgorithm*, 7> groups;
  const KeyFileCipher key_files;
};

/// Calls `what(primitive, kernel, needs)` for every kernel of this build, primitive by primitive, in the
/// order in which they are picked.
void for_each_kernel(
    const std::function<void(std::string_view primitive, std::string_view kernel, CpuBits needs)>& what);

/// What all kernels of this name need together; nothing if there is none.
std::optional<CpuBits> needs_of(std::string_view kernel);

}  // namespace bulla::crypto
