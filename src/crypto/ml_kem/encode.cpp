// Between polynomials and bytes (FIPS 203 §4.2.1). Eight numbers of d bits are d bytes, which are put
// together in one word of 128 bits.
#include "base/ct.h"
#include "crypto/ml_kem/impl.h"
#include "crypto/uint128.h"

#include <bulla/secret.h>

namespace bulla::crypto::ml_kem {
namespace {

/// Eight coefficients on their way, which may be a message's or a private key's.
struct Values {
  ~Values() { wipe({reinterpret_cast<uint8_t*>(v), sizeof v}); }
  uint16_t v[8];
};

template <unsigned d>
inline void encode8(const uint16_t (&values)[8], uint8_t* out) noexcept {
  uint128 group = 0;
#pragma GCC unroll 8
  for (size_t i = 0; i < 8; ++i) group |= uint128{values[i]} << (d * i);
#pragma GCC unroll 12
  for (size_t i = 0; i < d; ++i) out[i] = static_cast<uint8_t>(group >> (8 * i));
}

template <unsigned d>
inline void decode8(const uint8_t* bytes, uint16_t (&values)[8]) noexcept {
  uint128 group = 0;
#pragma GCC unroll 12
  for (size_t i = 0; i < d; ++i) group |= uint128{bytes[i]} << (8 * i);
#pragma GCC unroll 8
  for (size_t i = 0; i < 8; ++i) values[i] = static_cast<uint16_t>(group >> (d * i)) & ((1u << d) - 1);
}

}  // namespace

template <unsigned d>
void compress_encode(const Polynomial& f, uint8_t* out) noexcept {
  Values values;
  for (size_t i = 0; i < n; i += 8, out += d) {
    for (size_t j = 0; j < 8; ++j) values.v[j] = compress<d>(to_unsigned(f.c[i + j]));
    encode8<d>(values.v, out);
  }
}

template <unsigned d>
void decode_decompress(const uint8_t* bytes, Polynomial& out) noexcept {
  Values values;
  for (size_t i = 0; i < n; i += 8, bytes += d) {
    decode8<d>(bytes, values.v);
    for (size_t j = 0; j < 8; ++j) out.c[i + j] = decompress<d>(values.v[j]);
  }
}

/// A message: one bit a coefficient, 0 or (q + 1) / 2. By a mask that the optimiser cannot see through:
/// compilers have turned this selection into a branch on the secret bit.
template <>
void decode_decompress<1>(const uint8_t* bytes, Polynomial& out) noexcept {
  for (size_t i = 0; i < n; ++i) {
    const auto bit = static_cast<uint16_t>(bytes[i / 8] >> (i % 8) & 1);
    out.c[i] = static_cast<int16_t>(ct::Mask<uint16_t>::of_bit(bit).keep((q + 1) / 2));
  }
}

template void compress_encode<1>(const Polynomial&, uint8_t*) noexcept;
template void compress_encode<4>(const Polynomial&, uint8_t*) noexcept;
template void compress_encode<5>(const Polynomial&, uint8_t*) noexcept;
template void compress_encode<10>(const Polynomial&, uint8_t*) noexcept;
template void compress_encode<11>(const Polynomial&, uint8_t*) noexcept;
template void decode_decompress<4>(const uint8_t*, Polynomial&) noexcept;
template void decode_decompress<5>(const uint8_t*, Polynomial&) noexcept;
template void decode_decompress<10>(const uint8_t*, Polynomial&) noexcept;
template void decode_decompress<11>(const uint8_t*, Polynomial&) noexcept;

void encode12(const Polynomial& f, uint8_t* out) noexcept {
  Values values;
  for (size_t i = 0; i < n; i += 8, out += 12) {
    for (size_t j = 0; j < 8; ++j) values.v[j] = to_unsigned(f.c[i + j]);
    encode8<12>(values.v, out);
  }
}

void decode12(const uint8_t* bytes, Polynomial& out) noexcept {
  Values values;
  for (size_t i = 0; i < n; i += 8, bytes += 12) {
    decode8<12>(bytes, values.v);
    for (size_t j = 0; j < 8; ++j) out.c[i + j] = reduce_12_bits(values.v[j]);
  }
}

bool below_q_vartime(Bytes bytes) noexcept {
  bool below = true;
  for (size_t at = 0; at + 12 <= bytes.size(); at += 12) {
    uint16_t values[8];
    decode8<12>(bytes.data() + at, values);
    for (const uint16_t value : values) below = below && value < q;
  }
  return below;
}

}  // namespace bulla::crypto::ml_kem
