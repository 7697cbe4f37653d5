// ML-DSA behind the provider's seam, as certificates and TLS 1.3 use it (RFC 9881 §3, draft-ietf-tls-mldsa):
// messages themselves, under the empty context, by hedged signatures.
#pragma once

#include <bulla/provider.h>

namespace bulla::crypto {

/// Checks a key's consistency and loads it: what SignatureFunctions::load does for ml_dsa_44, ml_dsa_65 and
/// ml_dsa_87.
Result<SigningKeyPtr> load_ml_dsa(const PrivateKeyMaterial& material);

/// Whether the signature is one of the message by the key, whose set is that of `algorithm`.
bool verify_ml_dsa_vartime(const PublicKeyView& key, SignatureAlgorithm algorithm, Bytes message,
                           Bytes signature);

/// Makes a key, kept as its seed; `type` is one of the three.
Result<PrivateKeyMaterial> generate_ml_dsa(KeyType type, Random& random);

}  // namespace bulla::crypto
