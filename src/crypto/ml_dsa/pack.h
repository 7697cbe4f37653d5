// Keys and signatures of ML-DSA as bytes (FIPS 204 §7.1, §7.2).
#pragma once

#include "crypto/ml_dsa/ml_dsa.h"
#include "crypto/ml_dsa/ring.h"

#include <optional>

namespace bulla::crypto::ml_dsa {

/// FIPS 204 §7.1, SimpleBitPack and BitPack: 256 numbers offset - c, or c itself where `offset` is 0, of
/// `bits` bits each, to the front of `out`; returns what is left of it.
MutBytes pack(MutBytes out, const Poly& p, unsigned bits, int32_t offset) noexcept;
/// The reverse; every value of `bits` bits is taken.
Poly unpack(Bytes in, unsigned bits, int32_t offset) noexcept;

/// FIPS 204 §7.2, pkDecode: views and polynomials of a public key that has the right size.
struct PublicKey {
  Bytes rho;
  std::vector<Poly> t1;  ///< k of them, 0 <= c < 2^10
};
PublicKey decode_public_key(const Parameters& with, Bytes bytes);
std::vector<uint8_t> encode_public_key(Bytes rho, const Polys& t1);

/// FIPS 204 §7.2, skDecode.
struct PrivateKey {
  PrivateKey(const Parameters& with, Bytes bytes);
  /// Whether all coefficients of s1 and s2 are in range: else the bytes are no private key.
  bool valid(const Parameters& with) const noexcept;

  Bytes rho, k, tr;
  Polys s1, s2, t0;
};
SecretBytes encode_private_key(const Parameters& with, Bytes rho, Bytes k, Bytes tr, const Polys& s1,
                               const Polys& s2, const Polys& t0);

/// FIPS 204 §7.1: which coefficients of w1 have a hint.
using Hints = std::vector<std::array<bool, n>>;

/// FIPS 204 §7.2, sigDecode.
struct Signature {
  Bytes challenge;
  std::vector<Poly> z;  ///< l of them
  Hints hints;          ///< k of them
};
/// Nothing where the size is wrong or the hints are not encoded in the one way that there is (FIPS 204 §7.1,
/// HintBitUnpack).
std::optional<Signature> decode_signature(const Parameters& with, Bytes bytes);
std::vector<uint8_t> encode_signature(const Parameters& with, Bytes challenge, const Polys& z,
                                      const Hints& hints);

}  // namespace bulla::crypto::ml_dsa
