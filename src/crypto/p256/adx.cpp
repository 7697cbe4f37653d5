// The templates of ../ec over residues with MULX and ADX, by windows in Jacobian coordinates.
#include "crypto/p256/adx.h"

#if defined(__x86_64__)

#include "crypto/ec/ecdh.h"

namespace bulla::crypto {

constexpr GroupAlgorithm p256_adx = ec::Ecdh<P256Adx, ec::WindowProducts>::algorithm;
constexpr EcdsaCurve p256_ecdsa_adx = ec::Ecdsa<P256Adx, ec::WindowProducts>::algorithm;

}  // namespace bulla::crypto

#endif
