// What every provider shares: looking entries up in its tables, the end of a hash, and the names of keys and
// signatures.
#include <bulla/provider.h>

#include "base/assert.h"

namespace bulla {

namespace {

template <class Algorithm, class Id>
const Algorithm* find(std::span<const Algorithm* const> table, Id id) noexcept {
  for (const Algorithm* entry : table)
    if (entry->id == id) return entry;
  return nullptr;
}

}  // namespace

void HashContext::finish(MutBytes out) noexcept {
  BULLA_ASSERT(out.size() >= hash_->digest_size, "there is no room for the digest");
  hash_->finish(state_.data(), out.data());
  hash_->init(state_.data());
}

void HashContext::digest_with(std::span<const Bytes> parts, MutBytes out) const noexcept {
  BULLA_ASSERT(out.size() >= hash_->digest_size, "there is no room for the digest");
  if (hash_->digest_with) return hash_->digest_with(state_.data(), parts, out.data());
  HashContext fork = *this;
  for (const Bytes part : parts) fork.update(part);
  fork.finish(out);
}

const HashAlgorithm* Provider::hash(HashId id) const noexcept {
  return find(hashes, id);
}
const AeadAlgorithm* Provider::aead(AeadId id) const noexcept {
  return find(aeads, id);
}
const GroupAlgorithm* Provider::group(NamedGroup id) const noexcept {
  return find(groups, id);
}

bool Provider::supports(SignatureAlgorithm algorithm) const noexcept {
  for (const SignatureAlgorithm known : signatures)
    if (known == algorithm) return true;
  return false;
}

bool allows(const PublicKeyView& key, SignatureAlgorithm algorithm) noexcept {
  using enum SignatureAlgorithm;
  const auto pss = [&](HashId hash) {
    // RFC 4055 §1.2: a key that says id-RSASSA-PSS is for PSS only, and with parameters, for those.
    return key.type == KeyType::rsa || (key.type == KeyType::rsa_pss && key.pss_hash.value_or(hash) == hash);
  };
  switch (algorithm) {
    case rsa_pkcs1_sha256:
    case rsa_pkcs1_sha384:
    case rsa_pkcs1_sha512: return key.type == KeyType::rsa;
    case rsa_pss_sha256: return pss(HashId::sha256);
    case rsa_pss_sha384: return pss(HashId::sha384);
    case rsa_pss_sha512: return pss(HashId::sha512);
    // FIPS 186-5 §6.4: any hash with any curve.
    case ecdsa_sha256:
    case ecdsa_sha384:
    case ecdsa_sha512:
      return key.type == KeyType::ec_p256 || key.type == KeyType::ec_p384 || key.type == KeyType::ec_p521;
    case ed25519: return key.type == KeyType::ed25519;
    // RFC 9881 §2: the OID of a key is that of its signatures.
    case ml_dsa_44: return key.type == KeyType::ml_dsa_44;
    case ml_dsa_65: return key.type == KeyType::ml_dsa_65;
    case ml_dsa_87: return key.type == KeyType::ml_dsa_87;
  }
  return false;
}

std::string name_of(KeyType type) {
  switch (type) {
    case KeyType::rsa: return "RSA";
    case KeyType::rsa_pss: return "RSA-PSS";
    case KeyType::ec_p256: return "ECDSA P-256";
    case KeyType::ec_p384: return "ECDSA P-384";
    case KeyType::ec_p521: return "ECDSA P-521";
    case KeyType::ed25519: return "Ed25519";
    case KeyType::ml_dsa_44: return "ML-DSA-44";
    case KeyType::ml_dsa_65: return "ML-DSA-65";
    case KeyType::ml_dsa_87: return "ML-DSA-87";
  }
  return "unknown key type";
}

std::string name_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::rsa_pkcs1_sha256: return "RSA PKCS#1 v1.5 with SHA-256";
    case SignatureAlgorithm::rsa_pkcs1_sha384: return "RSA PKCS#1 v1.5 with SHA-384";
    case SignatureAlgorithm::rsa_pkcs1_sha512: return "RSA PKCS#1 v1.5 with SHA-512";
    case SignatureAlgorithm::rsa_pss_sha256: return "RSA-PSS with SHA-256";
    case SignatureAlgorithm::rsa_pss_sha384: return "RSA-PSS with SHA-384";
    case SignatureAlgorithm::rsa_pss_sha512: return "RSA-PSS with SHA-512";
    case SignatureAlgorithm::ecdsa_sha256: return "ECDSA with SHA-256";
    case SignatureAlgorithm::ecdsa_sha384: return "ECDSA with SHA-384";
    case SignatureAlgorithm::ecdsa_sha512: return "ECDSA with SHA-512";
    case SignatureAlgorithm::ed25519: return "Ed25519";
    case SignatureAlgorithm::ml_dsa_44: return "ML-DSA-44";
    case SignatureAlgorithm::ml_dsa_65: return "ML-DSA-65";
    case SignatureAlgorithm::ml_dsa_87: return "ML-DSA-87";
  }
  return "unknown signature algorithm";
}

}  // namespace bulla
