#include "crypto/p256/p256.h"

#include "crypto/ec/ecdh.h"
#include "crypto/ecdsa/curve.h"
#include "crypto/p256/adx.h"
#include "crypto/p256/curve.h"
#include "crypto/p256/ifma.h"

namespace bulla::crypto {
namespace {

#if defined(__x86_64__)
constexpr CpuBits adx = cpu::bmi2 | cpu::adx | cpu::avx2, ifma = adx | cpu::avx512 | cpu::avx512_ifma;
#endif

constexpr Kernel<GroupAlgorithm> kernels[] = {
#if defined(__x86_64__)
    {"ifma", ifma, &p256_ifma},
    {"adx", adx, &p256_adx},
#endif
    {"soft", 0, &ec::Ecdh<P256>::algorithm}};
constexpr Kernel<EcdsaCurve> ecdsa_kernels[] = {
#if defined(__x86_64__)
    {"ifma", ifma, &p256_ecdsa_ifma},
    {"adx", adx, &p256_ecdsa_adx},
#endif
    {"soft", 0, &ec::Ecdsa<P256>::algorithm}};

}  // namespace

std::span<const Kernel<GroupAlgorithm>> p256_kernels() noexcept {
  return kernels;
}
std::span<const Kernel<EcdsaCurve>> p256_ecdsa_kernels() noexcept {
  return ecdsa_kernels;
}

}  // namespace bulla::crypto
