// Polynomials from streams of bytes (FIPS 203 §4.2.2).
#include "crypto/little_endian.h"
#include "crypto/ml_kem/impl.h"

namespace bulla::crypto::ml_kem {

size_t take_soft_vartime(Bytes block, size_t count, Polynomial& out) noexcept {
  for (size_t i = 0; i + 3 <= block.size() && count < n; i += 3) {
    const unsigned d1 = block[i] | (block[i + 1] & 15u) << 8;
    const unsigned d2 = block[i + 1] >> 4 | unsigned{block[i + 2]} << 4;
    if (d1 < q) out.c[count++] = static_cast<int16_t>(d1);
    if (d2 < q && count < n) out.c[count++] = static_cast<int16_t>(d2);
  }
  return count;
}

void sample_cbd2(const uint8_t* bytes, Polynomial& out) noexcept {
  for (size_t i = 0; i < n; i += 8) {
    // Bits are added in pairs; a coefficient is one sum of two bits minus the next.
    const auto bits = load_little_endian<uint32_t>(bytes + i / 2);
    const uint32_t sums = (bits & 0x55555555) + (bits >> 1 & 0x55555555);
    for (size_t j = 0; j < 8; ++j) {
      const auto x = static_cast<int>(sums >> (4 * j) & 3), y = static_cast<int>(sums >> (4 * j + 2) & 3);
      out.c[i + j] = static_cast<int16_t>(x - y);
    }
  }
}

}  // namespace bulla::crypto::ml_kem
