// What comes of secrets on the way, told before an operation runs, so that whoever searches what it leaves
// behind knows more than its inputs: scalars that a seed is expanded to, nonces, coordinates of secret
// multiples (D. Naccache, N. Smart, J. Stern, "Projective coordinates leak", 2004), seeds of samplers.
// Nothing is computed unless somebody searches.
#pragma once

#include "constant_time/run.h"
#include "crypto/ml_dsa/ml_dsa.h"

namespace bulla::constant_time {

/// Of an Ed25519 or EC key: its scalar in every form, and what is multiplied with it. Of an ML-DSA key from
/// its seed: see below.
void tell_key(Run& run, const PrivateKeyMaterial& key);
/// The same of the key that is made next.
void tell_next_key(Run& run, KeyType type);
/// Of the next signature by such a key: the nonce, its inverse, and its multiple of the base point; the
/// masks.
void tell_nonce(Run& run, const PrivateKeyMaterial& key, SignatureAlgorithm algorithm, Bytes message);

/// Of a curve's private key: what agreeing with a share computes. The key that is made next where `key` is
/// empty, and its public half where there is no share.
void tell_agreement(Run& run, NamedGroup group, Bytes key, Bytes share);
/// Of a record of so many bytes: ChaCha20's key stream, and Poly1305's r.
void tell_chacha20(Run& run, Bytes key, const AeadNonce& nonce, size_t size);

/// Of the ML-KEM key that is made next, of the given rank: the seed of its noise.
void tell_next_ml_kem_key(Run& run, uint8_t rank);
/// Of a secret that is encapsulated next to such a key: the coins.
void tell_next_encapsulation(Run& run, Bytes encapsulation_key);

/// Of an ML-DSA key from its seed: the seed of its noise, and the signing key.
void tell_ml_dsa_key(Run& run, const crypto::ml_dsa::Parameters& with, Bytes seed);
/// Of a signature: the seed of its masks, those of many tries, and the private vectors as it uses them.
void tell_ml_dsa_signature(Run& run, const crypto::ml_dsa::Parameters& with, Bytes private_key, Bytes message,
                           Bytes rnd);

}  // namespace bulla::constant_time
