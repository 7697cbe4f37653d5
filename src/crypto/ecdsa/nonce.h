// The nonces of ECDSA (RFC 6979 §3.2): HMAC_DRBG, seeded with the private key and the digest. Additional data
// (§3.6) hedge it: with random bytes there, a nonce is as good as the better of the random source and the
// key's secrecy, and faults or side channels do not see the same nonce twice.
#pragma once

#include "crypto/hmac.h"

namespace bulla::crypto::ecdsa {

class NonceGenerator {
 public:
  /// `d` and `e`: the private key and the digest's number mod n (bits2octets), as long as n.
  NonceGenerator(const HashAlgorithm& hash, size_t order_bits, Bytes d, Bytes e, Bytes additional) noexcept;
  NonceGenerator(const NonceGenerator&) = delete;
  NonceGenerator& operator=(const NonceGenerator&) = delete;
  ~NonceGenerator();

  /// Step h: the next candidate, as long as n, of n's count of bits; whoever asks checks that it is in
  /// 1..n-1, and asks again if it is not.
  void next(MutBytes k) noexcept;

 private:
  Bytes key() const noexcept { return {key_.data(), hash_.digest_size}; }
  Bytes value() const noexcept { return {value_.data(), hash_.digest_size}; }
  /// K = HMAC_K(V || separator || seed), V = HMAC_K(V).
  void update(uint8_t separator, Bytes d, Bytes e, Bytes additional) noexcept;

  const HashAlgorithm& hash_;
  const size_t order_bits_;
  bool used_ = false;
  std::array<uint8_t, max_digest_size> key_{}, value_{};
};

}  // namespace bulla::crypto::ecdsa
