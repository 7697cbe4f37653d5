#include "crypto/sha2/sha2.h"

#include "crypto/merkle_damgard.h"
#include "crypto/sha2/impl.h"

namespace bulla::crypto {
namespace {

/// FIPS 180-4 §5.3: the fractional parts of the square roots of the first eight primes (SHA-384: of the next
/// eight).
constexpr uint32_t initial256[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
constexpr uint64_t initial384[8] = {0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17,
                                    0x152fecd8f70e5939, 0x67332667ffc00b31, 0x8eb44a8768581511,
                                    0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4};
constexpr uint64_t initial512[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                    0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                    0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};

template <Compress<uint32_t> compress>
constexpr HashAlgorithm sha256_by =
    MerkleDamgard<uint32_t, initial256, compress, 32>::algorithm(HashId::sha256, "SHA-256");
template <Compress<uint64_t> compress>
constexpr HashAlgorithm sha384_by =
    MerkleDamgard<uint64_t, initial384, compress, 48>::algorithm(HashId::sha384, "SHA-384");
template <Compress<uint64_t> compress>
constexpr HashAlgorithm sha512_by =
    MerkleDamgard<uint64_t, initial512, compress, 64>::algorithm(HashId::sha512, "SHA-512");

constexpr Kernel<HashAlgorithm> kernels256[] = {
#if defined(__x86_64__)
    {"sha_ni", cpu::sha | cpu::sse41 | cpu::ssse3, &sha256_by<sha2::compress256_sha_ni>},
#endif
    {"soft", 0, &sha256_by<sha2::compress256_soft>},
};
#if defined(__x86_64__)
constexpr CpuBits avx2_needs = cpu::avx2 | cpu::bmi1 | cpu::bmi2, avx512_needs = avx2_needs | cpu::avx512;
#endif
constexpr Kernel<HashAlgorithm> kernels384[] = {
#if defined(__x86_64__)
    {"avx512", avx512_needs, &sha384_by<sha2::compress512_avx512>},
    {"avx2", avx2_needs, &sha384_by<sha2::compress512_avx2>},
#endif
    {"soft", 0, &sha384_by<sha2::compress512_soft>},
};
constexpr Kernel<HashAlgorithm> kernels512[] = {
#if defined(__x86_64__)
    {"avx512", avx512_needs, &sha512_by<sha2::compress512_avx512>},
    {"avx2", avx2_needs, &sha512_by<sha2::compress512_avx2>},
#endif
    {"soft", 0, &sha512_by<sha2::compress512_soft>},
};

}  // namespace

std::span<const Kernel<HashAlgorithm>> sha256_kernels() noexcept {
  return kernels256;
}
std::span<const Kernel<HashAlgorithm>> sha384_kernels() noexcept {
  return kernels384;
}
std::span<const Kernel<HashAlgorithm>> sha512_kernels() noexcept {
  return kernels512;
}

const HashAlgorithm& sha256() noexcept {
  return *pick(sha256_kernels(), cpu_word()).algorithm;
}
const HashAlgorithm& sha384() noexcept {
  return *pick(sha384_kernels(), cpu_word()).algorithm;
}
const HashAlgorithm& sha512() noexcept {
  return *pick(sha512_kernels(), cpu_word()).algorithm;
}

}  // namespace bulla::crypto
