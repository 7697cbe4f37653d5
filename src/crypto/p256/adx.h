// The kernel "adx".
#pragma once

#include "crypto/ecdsa/curve.h"

namespace bulla::crypto {

/// Needs bmi2 and adx.
extern const GroupAlgorithm p256_adx;
extern const EcdsaCurve p256_ecdsa_adx;

}  // namespace bulla::crypto
