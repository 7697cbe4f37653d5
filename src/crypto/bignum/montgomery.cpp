#include "crypto/bignum/montgomery.h"

namespace bulla::crypto::bignum {
namespace {

constexpr Kernel<Montgomery> kernels[] = {
#if defined(__x86_64__)
    {"ifma", cpu::avx512 | cpu::avx512_ifma, &montgomery_ifma},
    {"adx", cpu::bmi2 | cpu::adx, &montgomery_adx},
#endif
    {"soft", 0, &montgomery_soft},
};

}  // namespace

std::span<const Kernel<Montgomery>> montgomery_kernels() noexcept {
  return kernels;
}

const Montgomery& montgomery() noexcept {
  return *pick(montgomery_kernels(), cpu_word()).algorithm;
}

}  // namespace bulla::crypto::bignum
