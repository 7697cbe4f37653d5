// The nonces of ECDSA (RFC 6979 §3.2): HMAC_DRBG, seeded with the private key and the digest. Additional data
// (§3.6) hedge it: with random bytes there, a nonce is as good as the better of the random source and the
// key's secrecy, and faults or side channels do not see the same nonce twice.
#pragma once

#include "crypto/drbg/hmac_drbg.h"

namespace bulla::crypto::ecdsa {

class NonceGenerator {
 public:
  /// Steps b to g. `d` and `e`: the private key and the digest's number mod n (bits2octets), as long as n.
  NonceGenerator(const HashAlgorithm& hash, size_t order_bits, Bytes d, Bytes e, Bytes additional) noexcept
      : drbg_(hash, {d, e, additional}), order_bits_(order_bits) {}

  /// Step h: the next candidate, as long as n, of n's count of bits; whoever asks checks that it is in
  /// 1..n-1, and asks again if it is not.
  void next(MutBytes k) noexcept;

 private:
  HmacDrbg drbg_;
  const size_t order_bits_;
};

}  // namespace bulla::crypto::ecdsa
