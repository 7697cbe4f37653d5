#include "crypto/cpu.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace bulla::crypto {
namespace {

#if defined(__x86_64__)

struct Leaf {
  uint32_t eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Leaf leaf(uint32_t number) noexcept {
  Leaf l;
  if (!__get_cpuid_count(number, 0, &l.eax, &l.ebx, &l.ecx, &l.edx)) return {};
  return l;
}

/// XCR0: the register files that the operating system saves.
uint32_t saved_registers(const Leaf& one) noexcept {
  constexpr uint32_t osxsave = 1u << 27;
  if (!(one.ecx & osxsave)) return 0;
  uint32_t low = 0, high = 0;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

constexpr bool bit(uint32_t word, unsigned number) noexcept {
  return word >> number & 1;
}

/// Intel SDM volume 2, CPUID: leaves 1 and 7.
CpuBits detect() noexcept {
  const Leaf one = leaf(1), seven = leaf(7);
  const uint32_t saved = saved_registers(one);
  const bool ymm = (saved & 0x06) == 0x06, zmm = (saved & 0xe6) == 0xe6;
  const bool avx512 =
      zmm && bit(seven.ebx, 16) && bit(seven.ebx, 17) && bit(seven.ebx, 30) && bit(seven.ebx, 31);
  const struct {
    CpuBits what;
    bool there;
  } table[] = {
      {cpu::ssse3, bit(one.ecx, 9)},
      {cpu::sse41, bit(one.ecx, 19)},
      {cpu::aes, bit(one.ecx, 25)},
      {cpu::pclmul, bit(one.ecx, 1)},
      {cpu::sha, bit(seven.ebx, 29)},
      {cpu::avx, ymm && bit(one.ecx, 28)},
      {cpu::avx2, ymm && bit(seven.ebx, 5)},
      {cpu::bmi1, bit(seven.ebx, 3)},
      {cpu::bmi2, bit(seven.ebx, 8)},
      {cpu::adx, bit(seven.ebx, 19)},
      {cpu::vaes, ymm && bit(seven.ecx, 9)},
      {cpu::vpclmul, ymm && bit(seven.ecx, 10)},
      {cpu::avx512, avx512},
      {cpu::avx512_ifma, avx512 && bit(seven.ebx, 21)},
      {cpu::avx512_vbmi, avx512 && bit(seven.ecx, 1)},
  };
  CpuBits word = 0;
  for (const auto& row : table)
    if (row.there) word |= row.what;
  return word;
}

#else

CpuBits detect() noexcept {
  return 0;
}

#endif

CpuBits cpu_word_limit = ~CpuBits{0}, cpu_word_forced = 0;

}  // namespace

CpuBits cpu_word() noexcept {
  static const CpuBits word = detect();
  return (word & cpu_word_limit) | cpu_word_forced;
}

void limit_cpu_word(CpuBits to) noexcept {
  cpu_word_limit = to;
}

void force_cpu_word(CpuBits to) noexcept {
  cpu_word_limit = 0;
  cpu_word_forced = to;
}

}  // namespace bulla::crypto
