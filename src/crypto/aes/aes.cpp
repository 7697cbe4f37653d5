#include "crypto/aes/aes.h"

#include "crypto/aes/impl.h"

namespace bulla::crypto::aes {
namespace {

constexpr Kernel<BlockCipher> table[] = {
#if defined(__x86_64__)
    {"aesni", cpu::aes, &aesni},
#endif
    {"soft", 0, &soft},
};

}  // namespace

std::span<const Kernel<BlockCipher>> kernels() noexcept {
  return table;
}

}  // namespace bulla::crypto::aes
