#include "crypto/openssl/signature.h"

#include "crypto/openssl/tables.h"

namespace bulla::openssl {

const HashAlgorithm& hash_of(SignatureAlgorithm algorithm) noexcept {
  switch (algorithm) {
    case SignatureAlgorithm::rsa_pkcs1_sha384:
    case SignatureAlgorithm::rsa_pss_sha384:
    case SignatureAlgorithm::ecdsa_sha384: return sha384;
    case SignatureAlgorithm::rsa_pkcs1_sha512:
    case SignatureAlgorithm::rsa_pss_sha512:
    case SignatureAlgorithm::ecdsa_sha512: return sha512;
    default: return sha256;
  }
}

Digest digest_of(SignatureAlgorithm algorithm, Bytes message) noexcept {
  const HashAlgorithm& hash = hash_of(algorithm);
  Digest digest;
  digest.size = hash.digest_size;
  HashContext context(hash);
  context.update(message);
  context.finish(digest.bytes);
  return digest;
}

Error libcrypto_failed(std::string_view what) {
  return {ErrorCode::internal, "libcrypto failed: " + std::string(what)};
}

Error bad_key(KeyType type, std::string_view what) {
  return {ErrorCode::private_key_inconsistent, name_of(type) + " key: " + std::string(what)};
}

namespace {

Error not_in_libcrypto(KeyType type) {
  return {ErrorCode::private_key_unsupported, "libcrypto 3.0 has no " + name_of(type),
          "use the builtin provider for it, which is the default"};
}

bool verify_one(const VerifyJob& job) noexcept {
  if (!job.key || !allows(*job.key, job.algorithm)) return false;
  switch (job.key->type) {
    case KeyType::rsa:
    case KeyType::rsa_pss: return verify_rsa(job);
    case KeyType::ec_p256:
    case KeyType::ec_p384:
    case KeyType::ec_p521: return verify_ecdsa(job);
    case KeyType::ed25519: return verify_ed25519(job);
    case KeyType::ml_dsa_44:
    case KeyType::ml_dsa_65:
    case KeyType::ml_dsa_87: break;
  }
  return false;
}

void verify(std::span<VerifyJob> jobs) noexcept {
  const ErrorQueueGuard errors;
  for (VerifyJob& job : jobs) job.ok = verify_one(job);
}

Result<SigningKeyPtr> load(const PrivateKeyMaterial& material) {
  const ErrorQueueGuard errors;
  switch (material.type) {
    case KeyType::rsa:
    case KeyType::rsa_pss: return load_rsa(material);
    case KeyType::ec_p256:
    case KeyType::ec_p384:
    case KeyType::ec_p521: return load_ec(material);
    case KeyType::ed25519: return load_ed25519(material);
    case KeyType::ml_dsa_44:
    case KeyType::ml_dsa_65:
    case KeyType::ml_dsa_87: return not_in_libcrypto(material.type);
  }
  return Error{ErrorCode::bad_argument, "unknown key type"};
}

Result<PrivateKeyMaterial> generate(KeyType type, unsigned rsa_bits, Random& random) {
  const ErrorQueueGuard errors;
  switch (type) {
    case KeyType::rsa:
    case KeyType::rsa_pss: return generate_rsa(type, rsa_bits);
    case KeyType::ec_p256:
    case KeyType::ec_p384:
    case KeyType::ec_p521: return generate_ec(type, random);
    case KeyType::ed25519: return generate_ed25519(random);
    case KeyType::ml_dsa_44:
    case KeyType::ml_dsa_65:
    case KeyType::ml_dsa_87: return not_in_libcrypto(type);
  }
  return Error{ErrorCode::bad_argument, "unknown key type"};
}

}  // namespace

constexpr SignatureFunctions signature_functions = {.verify = verify, .load = load, .generate = generate};

}  // namespace bulla::openssl
