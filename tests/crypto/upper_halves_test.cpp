// Kernels on wide registers leave the upper halves of those clean: where they do not, every SSE instruction
// that runs next waits, whoever's it is.
#include "crypto/aes_gcm/aes_gcm.h"
#include "crypto/one_shot.h"
#include "crypto/sha2/sha2.h"

#include <gtest/gtest.h>

#if defined(__x86_64__)
#include <cpuid.h>

namespace bulla::test {
namespace {

using namespace bulla::crypto;

/// Intel SDM volume 1 §13.6: XGETBV with ECX = 1 tells of registers that are not in their initial state.
bool tells_of_registers_in_use() noexcept {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __get_cpuid(1, &a, &b, &c, &d) && (c >> 27 & 1) && __get_cpuid_count(13, 1, &a, &b, &c, &d) &&
         (a >> 2 & 1);
}
/// Of YMM and ZMM 0 to 15.
bool upper_halves_in_use() noexcept {
  unsigned low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(1));
  return (low & 0x44) != 0;
}
void clear_upper_halves() noexcept {
  __asm__ volatile("vzeroupper");
}

class UpperHalves : public testing::Test {
 protected:
  void SetUp() override {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "a sanitizer's code ends otherwise than what is shipped";
#endif
    if (!(cpu_word() & cpu::avx) || !tells_of_registers_in_use())
      GTEST_SKIP() << "this processor does not tell which registers are in use";
  }
};

TEST_F(UpperHalves, are_clean_after_every_aes_gcm) {
  for (const auto table : {aes_128_gcm_kernels(), aes_256_gcm_kernels()})
    for (const auto& kernel : table) {
      if (!kernel.runs_on(cpu_word())) continue;
      clear_upper_halves();
      const auto key = kernel.algorithm->make_key(std::vector<uint8_t>(kernel.algorithm->key_size));
      EXPECT_FALSE(upper_halves_in_use()) << kernel.name << ", key";
      for (const size_t size : {0u, 1u, 64u, 65u, 500u, 512u, 1350u, 2000u})
        for (const size_t aad_size : {0u, 5u, 100u}) {
          std::vector<uint8_t> record(size + aead_tag_size), aad(aad_size);
          const Bytes text[] = {Bytes(record).first(size)};
          clear_upper_halves();
          key->seal(record, {}, aad, text);
          EXPECT_FALSE(upper_halves_in_use()) << kernel.name << ", seal " << size;
          clear_upper_halves();
          const bool ok = key->open(record, {}, aad);
          EXPECT_FALSE(upper_halves_in_use()) << kernel.name << ", open " << size;
          EXPECT_TRUE(ok);
        }
    }
}

TEST_F(UpperHalves, are_clean_after_every_sha2) {
  for (const auto table : {sha256_kernels(), sha384_kernels(), sha512_kernels()})
    for (const auto& kernel : table) {
      if (!kernel.runs_on(cpu_word())) continue;
      const std::vector<uint8_t> message(1000);
      std::vector<uint8_t> digest(max_digest_size);
      clear_upper_halves();
      HashContext context(*kernel.algorithm);
      context.update(message);
      context.finish(digest);
      EXPECT_FALSE(upper_halves_in_use()) << kernel.name;
    }
}

}  // namespace
}  // namespace bulla::test

#endif
