#include "crypto/p384/p384.h"

#include "crypto/ec/ecdh.h"
#include "crypto/ecdsa/curve.h"
#include "crypto/p384/adx.h"
#include "crypto/p384/curve.h"

namespace bulla::crypto {
namespace {

constexpr Kernel<GroupAlgorithm> kernels[] = {
#if defined(__x86_64__)
    {"adx", cpu::bmi2 | cpu::adx | cpu::avx2, &p384_adx},
#endif
    {"soft", 0, &ec::Ecdh<P384>::algorithm}};
constexpr Kernel<EcdsaCurve> ecdsa_kernels[] = {
#if defined(__x86_64__)
    {"adx", cpu::bmi2 | cpu::adx | cpu::avx2, &p384_ecdsa_adx},
#endif
    {"soft", 0, &ec::Ecdsa<P384>::algorithm}};

}  // namespace

std::span<const Kernel<GroupAlgorithm>> p384_kernels() noexcept {
  return kernels;
}
std::span<const Kernel<EcdsaCurve>> p384_ecdsa_kernels() noexcept {
  return ecdsa_kernels;
}

}  // namespace bulla::crypto
