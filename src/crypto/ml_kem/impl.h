// Polynomials of ML-KEM, and what a kernel brings.
#pragma once

#include "crypto/ml_kem/field.h"
#include "crypto/sha3/sha3.h"

#include <bulla/bytes.h>

#include <array>

namespace bulla::crypto::ml_kem {

/// Coefficients of a polynomial (FIPS 203 §2.3).
inline constexpr size_t n = 256;

/// A polynomial modulo X^256 + 1, or what the NTT makes of it: 128 polynomials of degree one. Each function
/// says which, and how large coefficients may be.
struct Polynomial {
  std::array<int16_t, n> c;
};

/// 17^BitRev7(i) R modulo q, nearest to zero (FIPS 203 §4.3, appendix A).
extern const std::array<int16_t, 128> zetas;

/// The heavy parts, which a kernel replaces.
struct Parts {
  const Keccak* keccak;
  /// FIPS 203 §4.3, algorithm 9: from |c| < q to |c| <= q / 2.
  void (*ntt)(Polynomial& f) noexcept;
  /// Algorithm 10, times R: from |c| < q to |c| < q.
  void (*inverse_ntt)(Polynomial& f) noexcept;
  /// Algorithm 11: the sum of `k` <= 4 products a[i] b[i], divided by R. |a|, |b|, |c| < q.
  void (*inner_product)(const Polynomial* a, const Polynomial* b, size_t k, Polynomial& out) noexcept;
};

void ntt_soft(Polynomial& f) noexcept;
void inverse_ntt_soft(Polynomial& f) noexcept;
void inner_product_soft(const Polynomial* a, const Polynomial* b, size_t k, Polynomial& out) noexcept;

/// FIPS 203 §4.2.2, algorithm 7, from one block of the stream after the other. The stream is public, and so
/// is how much of it is used up.
class SampleNtt {
 public:
  /// Takes three bytes at a time, two candidates below 2^12, and keeps those below q.
  void take_vartime(Bytes block, Polynomial& out) noexcept;
  /// Whether all 256 coefficients are there: [0, q).
  bool done() const noexcept { return count_ == n; }

 private:
  size_t count_ = 0;
};

/// FIPS 203 §4.2.2, algorithm 8 with η = 2: 128 uniform bytes give coefficients from -2 to 2.
void sample_cbd2(const uint8_t* bytes, Polynomial& out) noexcept;

/// Compress_d, then ByteEncode_d (FIPS 203 §4.2.1): 32 d bytes from |c| < q.
template <unsigned d>
void compress_encode(const Polynomial& f, uint8_t* out) noexcept;
/// ByteDecode_d, then Decompress_d: [0, q) from 32 d bytes.
template <unsigned d>
void decode_decompress(const uint8_t* bytes, Polynomial& out) noexcept;
template <>
void decode_decompress<1>(const uint8_t* bytes, Polynomial& out) noexcept;
/// ByteEncode_12: 384 bytes from |c| < q.
void encode12(const Polynomial& f, uint8_t* out) noexcept;
/// ByteDecode_12: [0, q) from 384 bytes.
void decode12(const uint8_t* bytes, Polynomial& out) noexcept;
/// FIPS 203 §7.2, the modulus check: whether all numbers of 12 bits in these bytes are below q. Public.
bool below_q_vartime(Bytes bytes) noexcept;

}  // namespace bulla::crypto::ml_kem
