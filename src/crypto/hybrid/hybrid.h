// The hybrid groups of TLS (draft-ietf-tls-ecdhe-mlkem §3, §4): ML-KEM joined with a curve, in shares and in
// the secret. Whoever breaks one of the two learns nothing yet.
#pragma once

#include <bulla/provider.h>

namespace bulla::crypto {

/// ML-KEM's bytes come first in X25519MLKEM768, the curve's in the two others. Each half is computed by the
/// kernel that this machine would pick for it alone.
extern const GroupAlgorithm x25519mlkem768, secp256r1mlkem768, secp384r1mlkem1024;

}  // namespace bulla::crypto
