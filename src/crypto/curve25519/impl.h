// What the kernels of Curve25519 bring.
#pragma once

#include "crypto/curve25519/edwards.h"

#include <bulla/provider.h>

namespace bulla::crypto::curve25519 {

extern const GroupAlgorithm x25519_soft;
extern const EdwardsAlgorithm edwards_soft;
#if defined(__x86_64__)
extern const GroupAlgorithm x25519_ifma;
extern const EdwardsAlgorithm edwards_ifma;
#endif

}  // namespace bulla::crypto::curve25519
