#include "crypto/sha1/sha1.h"

#include "crypto/merkle_damgard.h"
#include "crypto/sha1/impl.h"

namespace bulla::crypto {
namespace {

/// FIPS 180-4 §5.3.1.
constexpr uint32_t initial[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};

template <Compress<uint32_t> compress>
constexpr HashAlgorithm sha1_by =
    MerkleDamgard<uint32_t, initial, compress, 20>::algorithm(HashId::sha1, "SHA-1");

constexpr Kernel<HashAlgorithm> kernels[] = {
#if defined(__x86_64__)
    {"sha_ni", cpu::sha | cpu::sse41 | cpu::ssse3, &sha1_by<sha1::compress_sha_ni>},
#endif
    {"soft", 0, &sha1_by<sha1::compress_soft>},
};

}  // namespace

std::span<const Kernel<HashAlgorithm>> sha1_kernels() noexcept {
  return kernels;
}

}  // namespace bulla::crypto
