#include "crypto/ml_dsa/keys.h"

#include "base/assert.h"
#include "base/ct.h"
#include "crypto/ml_dsa/ml_dsa.h"
#include "crypto/wipe_stack.h"

namespace bulla::crypto {
namespace ml_dsa {
namespace {

/// More than what signing takes, the deepest of the functions below: some 7 KiB, and 4 of a kernel of Keccak.
constexpr size_t stack_depth = 16384;

const Parameters& parameters_of(KeyType type) noexcept {
  switch (type) {
    case KeyType::ml_dsa_44: return ml_dsa_44;
    case KeyType::ml_dsa_65: return ml_dsa_65;
    default: BULLA_ASSERT(type == KeyType::ml_dsa_87, "the key is an ML-DSA key"); return ml_dsa_87;
  }
}

class MlDsaSigningKey final : public SigningKey {
 public:
  MlDsaSigningKey(KeyType type, KeyPair keys) noexcept : type_(type), keys_(std::move(keys)) {}

  KeyType type() const noexcept override { return type_; }
  PublicKeyView public_key() const noexcept override { return {.type = type_, .point = keys_.public_key}; }
  void sign(Random& random, std::span<SignJob> jobs) const noexcept override {
    for (SignJob& job : jobs) {
      job.ok = allows(public_key(), job.algorithm) &&
               with_wiped_stack<stack_depth>([&] { return sign_one(random, job); });
      if (!job.ok) job.signature.clear();
    }
  }

 private:
  /// FIPS 204 §3.4: hedged, so that neither a fault nor a weak random source alone gives the key away.
  bool sign_one(Random& random, SignJob& job) const {
    SecretBytes rnd(rnd_size);
    random.fill(rnd.writable());
    auto signature =
        ml_dsa::sign(parameters_of(type_), keys_.private_key.reveal(), {}, job.message, rnd.reveal());
    if (!signature) return false;
    job.signature = *std::move(signature);
    return true;
  }

  KeyType type_;
  KeyPair keys_;
};

Error bad_key(KeyType type, std::string_view what) {
  return {ErrorCode::private_key_inconsistent, name_of(type) + " key: " + std::string(what)};
}

/// Both halves from the seed, or from what a file has instead (RFC 9881 §6).
Result<KeyPair> key_pair_of(const PrivateKeyMaterial& m) {
  const Parameters& with = parameters_of(m.type);
  if (m.scalar.empty()) {
    auto public_key = public_key_of(with, m.expanded.reveal());
    if (!public_key) return bad_key(m.type, "its expanded form is none, or contradicts itself");
    return KeyPair{m.expanded.clone(), *std::move(public_key)};
  }
  if (m.scalar.size() != seed_size) return bad_key(m.type, "its seed does not have 32 bytes");
  KeyPair keys = ml_dsa::generate(with, m.scalar.reveal());
  // RFC 9881 §8.2: both are there, and do not belong together.
  if (!m.expanded.empty() && !ct::equal(m.expanded.reveal(), keys.private_key.reveal()))
    return bad_key(m.type, "its expanded form is not that of its seed");
  return keys;
}

Result<SigningKeyPtr> load_key(const PrivateKeyMaterial& m) {
  BULLA_TRY(KeyPair keys, key_pair_of(m));
  if (!m.point.empty() && !equal_vartime(m.point, keys.public_key))
    return bad_key(m.type, "its public key does not belong to its private key");
  return SigningKeyPtr(std::make_shared<MlDsaSigningKey>(m.type, std::move(keys)));
}

PrivateKeyMaterial new_seed(KeyType type, Random& random) {
  PrivateKeyMaterial m{.type = type};
  m.scalar = SecretBytes(seed_size);
  random.fill(m.scalar.writable());
  m.point = ml_dsa::generate(parameters_of(type), m.scalar.reveal()).public_key;
  return m;
}

}  // namespace
}  // namespace ml_dsa

Result<SigningKeyPtr> load_ml_dsa(const PrivateKeyMaterial& material) {
  return with_wiped_stack<ml_dsa::stack_depth>([&] { return ml_dsa::load_key(material); });
}

bool verify_ml_dsa_vartime(const PublicKeyView& key, SignatureAlgorithm, Bytes message, Bytes signature) {
  return ml_dsa::verify_vartime(ml_dsa::parameters_of(key.type), key.point, {}, message, signature);
}

Result<PrivateKeyMaterial> generate_ml_dsa(KeyType type, Random& random) {
  return with_wiped_stack<ml_dsa::stack_depth>([&] { return ml_dsa::new_seed(type, random); });
}

}  // namespace bulla::crypto
