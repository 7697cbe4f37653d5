// Multiples of P-384's generator for verifiers, 3 KB, which tools/make_ec_tables.py has written.
#pragma once

#if defined(__x86_64__)

#include "crypto/ec/windows.h"
#include "crypto/p384/curve.h"

namespace bulla::crypto {

using P384Window = ec::GeneratorWindows<P384>::Window;

extern const P384Window p384_windows_0[1];

/// G times 1 ... 32; i is 0.
inline const P384Window& p384_window(size_t i) noexcept {
  return p384_windows_0[i];
}

}  // namespace bulla::crypto

#endif
