// ECDSA over the NIST curves (FIPS 186-5 §6), signatures in strict DER (RFC 3279 §2.2.3).
#pragma once

#include "crypto/ecdsa/curve.h"

#include <bulla/provider.h>

namespace bulla::crypto {

/// An EC key for signing. Errors: private_key_inconsistent for a scalar of wrong length or range, or a point
/// that does not belong to it; bad_argument for a key of another family.
Result<SigningKeyPtr> load_ecdsa(const PrivateKeyMaterial& material);
/// A fresh key, with its point. bad_argument for a type of another family, internal where the source is
/// stuck.
Result<PrivateKeyMaterial> generate_ecdsa(KeyType type, Random& random);
/// Whether the signature is this key's. False for keys, algorithms and signatures that are none of ECDSA.
bool verify_ecdsa_vartime(const PublicKeyView& key, SignatureAlgorithm algorithm, Bytes message,
                          Bytes signature) noexcept;

namespace ecdsa {

/// The fastest kernel for this machine; nullptr for a key of another family.
const EcdsaCurve* curve_of(KeyType type) noexcept;
/// The hash inside the algorithm; nullptr for an algorithm of another family.
const HashAlgorithm* hash_of(SignatureAlgorithm algorithm) noexcept;
/// The signature with the nonce of RFC 6979 and its additional data (§3.6); empty where d is out of range.
/// Without additional data it is the deterministic one.
std::vector<uint8_t> sign(const EcdsaCurve& curve, const HashAlgorithm& hash, Bytes d, Bytes message,
                          Bytes additional);

}  // namespace ecdsa
}  // namespace bulla::crypto
