// Multiples of P-256's generator, 45 KB, in parts that tools/make_ec_tables.py has written.
#pragma once

#if defined(__x86_64__)

#include "crypto/ec/windows.h"
#include "crypto/p256/curve.h"

namespace bulla::crypto {

using P256Window = ec::GeneratorWindows<P256>::Window;

extern const P256Window p256_windows_0[6], p256_windows_6[6], p256_windows_12[6], p256_windows_18[4];

/// 64^(2 i)·G times 1 ... 32.
inline const P256Window& p256_window(size_t i) noexcept {
  static_assert(ec::GeneratorWindows<P256>::tables == 22);
  constexpr const P256Window* parts[] = {p256_windows_0, p256_windows_6, p256_windows_12, p256_windows_18};
  return parts[i / 6][i % 6];
}

}  // namespace bulla::crypto

#endif
