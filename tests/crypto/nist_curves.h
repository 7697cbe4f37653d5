// The three NIST curves with every kernel that this machine runs, for tests below the seam.
#pragma once

#include "crypto/ecdsa/curve.h"
#include "crypto/one_shot.h"
#include "crypto/p256/p256.h"
#include "crypto/p384/p384.h"
#include "crypto/p521/p521.h"
#include "support/vectors.h"
#include "support/witness.h"

namespace bulla::test {

struct NistCurve {
  std::string_view name;      ///< "P-256"
  std::string_view sec_name;  ///< "secp256r1"
  KeyType type;
  size_t size;  ///< bytes of a coordinate and of a scalar
  std::span<const crypto::Kernel<GroupAlgorithm>> groups;
  std::span<const crypto::Kernel<crypto::EcdsaCurve>> ecdsa;
};

inline std::vector<NistCurve> nist_curves() {
  return {{"P-256", "secp256r1", KeyType::ec_p256, 32, crypto::p256_kernels(), crypto::p256_ecdsa_kernels()},
          {"P-384", "secp384r1", KeyType::ec_p384, 48, crypto::p384_kernels(), crypto::p384_ecdsa_kernels()},
          {"P-521", "secp521r1", KeyType::ec_p521, 66, crypto::p521_kernels(), crypto::p521_ecdsa_kernels()}};
}
/// By either name, as it stands at the front of `text`.
inline std::optional<NistCurve> nist_curve(std::string_view text) {
  for (const NistCurve& curve : nist_curves())
    if (text.starts_with(curve.name) || text.starts_with(curve.sec_name)) return curve;
  return std::nullopt;
}

/// Calls `run(algorithm)` for each kernel that this machine runs, telling its name where something fails.
template <class Algorithm, class Run>
void each_kernel(std::span<const crypto::Kernel<Algorithm>> kernels, Run run) {
  for (const auto& kernel : kernels) {
    if (!kernel.runs_on(crypto::cpu_word())) continue;
    SCOPED_TRACE("kernel " + std::string(kernel.name));
    run(*kernel.algorithm);
  }
}

/// d·G by the kernel; empty where d is refused.
inline ByteVector public_point(const crypto::EcdsaCurve& curve, Bytes d) {
  ByteVector point(1 + 2 * curve.size);
  if (!curve.public_point(d, point)) point.clear();
  return point;
}

/// The orders n (SP 800-186 §3.2.1), big-endian.
inline ByteVector order_of(const NistCurve& curve) {
  switch (curve.type) {
    case KeyType::ec_p256:
      return from_hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    case KeyType::ec_p384:
      return from_hex(
          "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973");
    default:
      return from_hex(
          "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5"
          "d03b"
          "b5c9b8899c47aebb6fb71e91386409");
  }
}

/// A big-endian number plus a small one, of the same length.
inline ByteVector plus(ByteVector number, int add) {
  for (size_t i = number.size(); i-- > 0;) {
    add += number[i];
    number[i] = static_cast<uint8_t>(add & 0xff);
    add >>= 8;
  }
  return number;
}

/// Hexadecimal that may begin with 0x and have an odd count of digits.
inline ByteVector prefixed_hex(std::string_view text) {
  std::string digits(text.starts_with("0x") ? text.substr(2) : text);
  if (digits.size() % 2 == 1) digits.insert(0, "0");
  return from_hex(digits);
}

/// Bytes that look random and are the same in each run.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  uint64_t next() noexcept {
    // splitmix64 (Steele, Lea, Flood, 2014).
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
  }
  void fill(MutBytes out) noexcept override {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(next() >> 56);
  }

 private:
  uint64_t state_;
};

}  // namespace bulla::test
