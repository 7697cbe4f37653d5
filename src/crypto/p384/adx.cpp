// The templates of ../ec over residues with MULX and ADX, by windows in Jacobian coordinates.
#include "crypto/p384/adx.h"

#if defined(__x86_64__)

#include "crypto/ec/ecdh.h"

namespace bulla::crypto {

constexpr GroupAlgorithm p384_adx = ec::Ecdh<P384Adx, ec::WindowProducts>::algorithm;
constexpr EcdsaCurve p384_ecdsa_adx = ec::Ecdsa<P384Adx, ec::WindowProducts>::algorithm;

}  // namespace bulla::crypto

#endif
