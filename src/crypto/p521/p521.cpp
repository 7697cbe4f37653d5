#include "crypto/p521/p521.h"

#include "crypto/ec/ecdh.h"
#include "crypto/ecdsa/curve.h"
#include "crypto/p521/curve.h"

namespace bulla::crypto {
namespace {

constexpr Kernel<GroupAlgorithm> kernels[] = {{"soft", 0, &ec::Ecdh<P521>::algorithm}};
constexpr Kernel<EcdsaCurve> ecdsa_kernels[] = {{"soft", 0, &ec::Ecdsa<P521>::algorithm}};

}  // namespace

std::span<const Kernel<GroupAlgorithm>> p521_kernels() noexcept {
  return kernels;
}
std::span<const Kernel<EcdsaCurve>> p521_ecdsa_kernels() noexcept {
  return ecdsa_kernels;
}

}  // namespace bulla::crypto
