// Multiples of P-256's generator, 88 KB, in parts that tools/make_ec_tables.py has written.
#pragma once

#if defined(__x86_64__)

#include "crypto/ec/windows.h"
#include "crypto/p256/curve.h"

namespace bulla::crypto {

using P256Window = ec::GeneratorWindows<P256>::Window;

extern const P256Window p256_windows_0[7], p256_windows_7[7], p256_windows_14[7], p256_windows_21[7],
    p256_windows_28[7], p256_windows_35[7], p256_windows_42[1];

/// 64^i·G times 1 ... 32.
inline const P256Window& p256_window(size_t i) noexcept {
  static_assert(ec::GeneratorWindows<P256>::windows == 43);
  constexpr const P256Window* parts[] = {p256_windows_0,  p256_windows_7,  p256_windows_14, p256_windows_21,
                                         p256_windows_28, p256_windows_35, p256_windows_42};
  return parts[i / 7][i % 7];
}

}  // namespace bulla::crypto

#endif
