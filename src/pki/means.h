// Surroundings with their defaults filled in: what the functions of this room work with.
#pragma once

#include <bulla/pki.h>

namespace bulla::pki {

struct Means {
  Time now;
  Random& random;
  const Provider& provider;
};

Means means_of(const Surroundings& around) noexcept;

/// The inverse, to hand one moment and one random source on to another public function.
inline Surroundings surroundings_of(const Means& means) noexcept {
  return {.now = means.now, .random = &means.random, .provider = &means.provider};
}

}  // namespace bulla::pki
