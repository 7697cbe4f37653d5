// The three families of signatures, each in its own file; signature.cpp tells them apart.
#pragma once

#include "crypto/openssl/libcrypto.h"

namespace bulla::openssl {

/// The digest of a message under the hash of a signature algorithm.
struct Digest {
  std::array<uint8_t, max_digest_size> bytes;
  size_t size;
  Bytes view() const noexcept { return {bytes.data(), size}; }
};

/// The hash inside an RSA or ECDSA signature algorithm.
const HashAlgorithm& hash_of(SignatureAlgorithm algorithm) noexcept;
Digest digest_of(SignatureAlgorithm algorithm, Bytes message) noexcept;

// Each verify function is given a key of its family and an algorithm that fits it.
bool verify_rsa(const VerifyJob& job) noexcept;
bool verify_ecdsa(const VerifyJob& job) noexcept;
bool verify_ed25519(const VerifyJob& job) noexcept;

Result<SigningKeyPtr> load_rsa(const PrivateKeyMaterial& material);
Result<SigningKeyPtr> load_ec(const PrivateKeyMaterial& material);
Result<SigningKeyPtr> load_ed25519(const PrivateKeyMaterial& material);

Result<PrivateKeyMaterial> generate_rsa(KeyType type, unsigned bits);
Result<PrivateKeyMaterial> generate_ec(KeyType type, Random& random);
Result<PrivateKeyMaterial> generate_ed25519(Random& random);

/// libcrypto failed where only exhausted memory explains it.
Error libcrypto_failed(std::string_view what);
/// A private key that contradicts itself.
Error bad_key(KeyType type, std::string_view what);

}  // namespace bulla::openssl
