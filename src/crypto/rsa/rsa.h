// RSA signatures (RFC 8017): PKCS#1 v1.5 and PSS.
#pragma once

#include <bulla/provider.h>

namespace bulla::crypto {

/// Checks a key's consistency and loads it: what SignatureFunctions::load does for rsa and rsa_pss.
Result<SigningKeyPtr> load_rsa(const PrivateKeyMaterial& material);

/// Whether the signature is one of the message by the key: rsa or rsa_pss, with an algorithm that fits it.
/// Moduli of 1024 to 8192 bits.
bool verify_rsa_vartime(const PublicKeyView& key, SignatureAlgorithm algorithm, Bytes message,
                        Bytes signature);

/// Makes a key of 2048 to 8192 bits in whole bytes with the public exponent 65537 (FIPS 186-5 §A.1.3).
Result<PrivateKeyMaterial> generate_rsa(KeyType type, unsigned bits, Random& random);

}  // namespace bulla::crypto
