// Which instructions this machine has: read once, and what every primitive picks its kernel by.
#pragma once

#include <cstdint>

namespace bulla::crypto {

/// A set of instruction set extensions, one bit each. An extension counts only where the operating system
/// saves the registers that it uses.
using CpuBits = uint32_t;

namespace cpu {

inline constexpr CpuBits ssse3 = 1u << 0;
inline constexpr CpuBits sse41 = 1u << 1;
inline constexpr CpuBits aes = 1u << 2;
inline constexpr CpuBits pclmul = 1u << 3;
inline constexpr CpuBits sha = 1u << 4;
inline constexpr CpuBits avx = 1u << 5;
inline constexpr CpuBits avx2 = 1u << 6;
inline constexpr CpuBits bmi1 = 1u << 7;
inline constexpr CpuBits bmi2 = 1u << 8;
inline constexpr CpuBits adx = 1u << 9;
inline constexpr CpuBits vaes = 1u << 10;
inline constexpr CpuBits vpclmul = 1u << 11;
/// F, VL, BW and DQ together: no kernel has a use for fewer.
inline constexpr CpuBits avx512 = 1u << 12;
inline constexpr CpuBits avx512_ifma = 1u << 13;
inline constexpr CpuBits avx512_vbmi = 1u << 14;

}  // namespace cpu

/// What this machine has; nothing on architectures other than x86-64.
CpuBits cpu_word() noexcept;

/// From here on cpu_word() tells of nothing but these: a test's way to force kernels. Call it before threads
/// start and before a provider is asked for, which picks only once.
void limit_cpu_word(CpuBits to) noexcept;

/// From here on cpu_word() tells of these, whatever this machine says it has: a kernel is forced under
/// valgrind, which hides extensions that it can run.
void force_cpu_word(CpuBits to) noexcept;

}  // namespace bulla::crypto
