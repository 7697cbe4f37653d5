// The kernels of Keccak-f[1600].
#pragma once

#include "crypto/sha3/sha3.h"

namespace bulla::crypto::sha3 {

extern const Keccak keccak_soft;

}  // namespace bulla::crypto::sha3
