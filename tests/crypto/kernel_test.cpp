// Which kernel runs where.
#include "crypto/kernel.h"
#include "support/tested_provider.h"

#include <gmock/gmock.h>

namespace bulla::test {
namespace {

using namespace bulla::crypto;
using testing::Contains;

constexpr int fast = 2, faster = 3, plain = 1;
constexpr Kernel<int> table[] = {
    {"faster", cpu::avx2 | cpu::bmi2, &faster}, {"fast", cpu::aes, &fast}, {"soft", 0, &plain}};

TEST(Kernels, TheFirstThatTheMachineRunsIsPicked) {
  EXPECT_EQ(pick<int>(table, 0).name, "soft");
  EXPECT_EQ(pick<int>(table, cpu::aes).name, "fast");
  EXPECT_EQ(pick<int>(table, cpu::avx2).name, "soft") << "half of what a kernel needs is not enough";
  EXPECT_EQ(pick<int>(table, cpu::avx2 | cpu::bmi2 | cpu::aes).name, "faster");
  EXPECT_EQ(pick<int>(table, ~CpuBits{0}).name, "faster");
}

TEST(Kernels, WithoutExtensionsEverythingIsSoft) {
  for (const std::string& kernel : picked_kernels(0)) EXPECT_TRUE(kernel.ends_with(":soft")) << kernel;
}

#if defined(__x86_64__)
TEST(Kernels, AMachineGetsWhatItCanRun) {
  EXPECT_THAT(picked_kernels(cpu::sha | cpu::sse41 | cpu::ssse3), Contains("sha256:sha_ni"));
  EXPECT_THAT(picked_kernels(cpu::sha | cpu::sse41 | cpu::ssse3), Contains("sha1:sha_ni"));
  EXPECT_THAT(picked_kernels(cpu::sse41 | cpu::ssse3), Contains("sha256:soft"));
  EXPECT_THAT(picked_kernels(cpu::avx512 | cpu::avx512_ifma), Contains("x25519:ifma"));
  EXPECT_THAT(picked_kernels(cpu::avx512 | cpu::avx512_ifma), Contains("ed25519:ifma"));
  EXPECT_THAT(picked_kernels(cpu::avx512), Contains("x25519:soft"));
  for (const char* hash : {"sha384:", "sha512:"}) {
    EXPECT_THAT(picked_kernels(cpu::avx2 | cpu::bmi1 | cpu::bmi2), Contains(std::string(hash) + "avx2"));
    EXPECT_THAT(picked_kernels(cpu::avx2 | cpu::bmi1 | cpu::bmi2 | cpu::avx512),
                Contains(std::string(hash) + "avx512"));
    EXPECT_THAT(picked_kernels(cpu::avx512), Contains(std::string(hash) + "soft"));
    EXPECT_THAT(picked_kernels(cpu::avx2 | cpu::bmi2), Contains(std::string(hash) + "soft"));
  }
}
#endif

TEST(Kernels, ThisMachine) {
  std::string list;
  for (const std::string& kernel : picked_kernels(cpu_word())) list += ' ' + kernel;
  std::printf("[ kernels  ]%s\n", list.c_str());
  EXPECT_FALSE(list.empty());
}

}  // namespace
}  // namespace bulla::test
