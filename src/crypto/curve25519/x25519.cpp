#include "crypto/curve25519/x25519.h"

#include "crypto/curve25519/impl.h"

namespace bulla::crypto {
namespace {

constexpr Kernel<GroupAlgorithm> kernels[] = {
#if defined(__x86_64__)
    {"ifma", cpu::avx512 | cpu::avx512_ifma, &curve25519::x25519_ifma},
#endif
    {"soft", 0, &curve25519::x25519_soft}};

}  // namespace

std::span<const Kernel<GroupAlgorithm>> x25519_kernels() noexcept {
  return kernels;
}

}  // namespace bulla::crypto
