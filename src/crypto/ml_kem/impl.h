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

constexpr unsigned bit_rev7(unsigned i) noexcept {
  unsigned out = 0;
  for (unsigned bit = 0; bit < 7; ++bit) out |= (i >> bit & 1) << (6 - bit);
  return out;
}

/// 17^BitRev7(i) R modulo q, nearest to zero (FIPS 203 §4.3, appendix A).
constexpr std::array<int16_t, 128> make_zetas() noexcept {
  std::array<int16_t, 128> out{};
  for (unsigned i = 0; i < 128; ++i) {
    int32_t power = (1 << 16) % q;
    for (unsigned e = 0; e < bit_rev7(i); ++e) power = power * 17 % q;
    out[i] = static_cast<int16_t>(power > q / 2 ? power - q : power);
  }
  return out;
}
inline constexpr std::array<int16_t, 128> zetas = make_zetas();

using Encode = void(const Polynomial& f, uint8_t* out) noexcept;
using Decode = void(const uint8_t* bytes, Polynomial& out) noexcept;

/// The parts that a kernel replaces: all that touches every coefficient or every byte of a stream.
struct Parts {
  const Keccak* keccak;
  /// FIPS 203 §4.3, algorithm 9: from |c| < q to |c| <= q / 2.
  void (*ntt)(Polynomial& f) noexcept;
  /// Algorithm 10, times R: from |c| < q to |c| < q.
  void (*inverse_ntt)(Polynomial& f) noexcept;
  /// Algorithm 11: the sum of `k` <= 4 products a[i] b[i], divided by R. |a|, |b|, |c| < q.
  void (*inner_product)(const Polynomial* a, const Polynomial* b, size_t k, Polynomial& out) noexcept;
  /// Times R, which inner_product() has lost: from any c to |c| < q.
  void (*restore)(Polynomial& f) noexcept;
  /// f + g and f - g for |f| < q and |g| < 2 q, then |c| <= q / 2.
  void (*add)(Polynomial& f, const Polynomial& g) noexcept;
  void (*subtract)(Polynomial& f, const Polynomial& g) noexcept;
  /// FIPS 203 §4.2.2, algorithm 7, from one block of the stream after the other: takes three bytes at a time,
  /// two candidates below 2^12, and keeps those below q, as far as there is room behind the first `count`.
  /// How many there are then, [0, q). The stream is public, and so is how much of it is used up.
  size_t (*take_vartime)(Bytes block, size_t count, Polynomial& out) noexcept;
  /// Algorithm 8 with η = 2: 128 uniform bytes give coefficients from -2 to 2.
  Decode* sample_cbd2;
  /// Compress_d, then ByteEncode_d (FIPS 203 §4.2.1): 32 d bytes from |c| < q; for those d that there are.
  std::array<Encode*, 12> compress_encode;
  /// ByteDecode_d, then Decompress_d: [0, q) from 32 d bytes.
  std::array<Decode*, 12> decode_decompress;
  /// ByteEncode_12: 384 bytes from |c| < q.
  Encode* encode12;
  /// ByteDecode_12: [0, q) from 384 bytes.
  Decode* decode12;
  /// FIPS 203 §7.2, the modulus check: whether all numbers of 12 bits in these bytes are below q, 384 bytes
  /// for each polynomial. Public.
  bool (*below_q_vartime)(Bytes bytes) noexcept;
};

void ntt_soft(Polynomial& f) noexcept;
void inverse_ntt_soft(Polynomial& f) noexcept;
void inner_product_soft(const Polynomial* a, const Polynomial* b, size_t k, Polynomial& out) noexcept;
void restore_soft(Polynomial& f) noexcept;
void add_soft(Polynomial& f, const Polynomial& g) noexcept;
void subtract_soft(Polynomial& f, const Polynomial& g) noexcept;
size_t take_soft_vartime(Bytes block, size_t count, Polynomial& out) noexcept;
void sample_cbd2(const uint8_t* bytes, Polynomial& out) noexcept;
template <unsigned d>
void compress_encode(const Polynomial& f, uint8_t* out) noexcept;
template <unsigned d>
void decode_decompress(const uint8_t* bytes, Polynomial& out) noexcept;
template <>
void decode_decompress<1>(const uint8_t* bytes, Polynomial& out) noexcept;
void encode12(const Polynomial& f, uint8_t* out) noexcept;
void decode12(const uint8_t* bytes, Polynomial& out) noexcept;
bool below_q_vartime(Bytes bytes) noexcept;

extern const Parts soft;

#if defined(__x86_64__)
/// ntt_avx2.cpp, bytes_avx2.cpp.
namespace avx2 {
void ntt(Polynomial& f) noexcept;
void inverse_ntt(Polynomial& f) noexcept;
void inner_product(const Polynomial* a, const Polynomial* b, size_t k, Polynomial& out) noexcept;
void restore(Polynomial& f) noexcept;
void add(Polynomial& f, const Polynomial& g) noexcept;
void subtract(Polynomial& f, const Polynomial& g) noexcept;
size_t take_vartime(Bytes block, size_t count, Polynomial& out) noexcept;
void sample_cbd2(const uint8_t* bytes, Polynomial& out) noexcept;
template <unsigned d>
void compress_encode(const Polynomial& f, uint8_t* out) noexcept;
template <unsigned d>
void decode_decompress(const uint8_t* bytes, Polynomial& out) noexcept;
void decode_message(const uint8_t* bytes, Polynomial& out) noexcept;
void encode12(const Polynomial& f, uint8_t* out) noexcept;
void decode12(const uint8_t* bytes, Polynomial& out) noexcept;
bool below_q_vartime(Bytes bytes) noexcept;
}  // namespace avx2

/// The same functions, with Keccak by the kernel of that name.
extern const Parts parts_avx2, parts_avx512;
#endif

/// The parts of all kernels, in the order of the tables in ml_kem.h.
std::span<const Kernel<Parts>> parts() noexcept;

}  // namespace bulla::crypto::ml_kem
