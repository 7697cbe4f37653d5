// The seam's private key (RFC 8017 §8.1.1, §8.2.1).
#include "crypto/rsa/impl.h"
#include "crypto/rsa/rsa.h"
#include "crypto/wipe_stack.h"

namespace bulla::crypto {
namespace rsa {
namespace {

class RsaSigningKey final : public SigningKey {
 public:
  RsaSigningKey(const PrivateKeyMaterial& m, PrivateKey key)
      : type_(m.type), pss_hash_(m.pss_hash), modulus_(m.modulus), key_(std::move(key)) {}

  KeyType type() const noexcept override { return type_; }
  PublicKeyView public_key() const noexcept override {
    return {.type = type_, .modulus = modulus_, .exponent = key_.e, .pss_hash = pss_hash_};
  }
  void sign(Random& random, std::span<SignJob> jobs) const noexcept override {
    for (SignJob& job : jobs) {
      job.signature.assign(modulus_.size(), 0);
      job.ok = allows(public_key(), job.algorithm) &&
               with_wiped_stack<stack_depth>([&] { return sign_one(random, job); });
      if (!job.ok) job.signature.clear();
    }
  }

 private:
  bool sign_one(Random& random, SignJob& job) const {
    std::vector<uint8_t> encoded(modulus_.size());
    return encode(random, job, encoded) && private_operation(key_, random, encoded, job.signature);
  }

  bool encode(Random& random, const SignJob& job, MutBytes out) const {
    const HashAlgorithm& hash = hash_of(job.algorithm);
    const Digest digest = digest_of(job.algorithm, job.message);
    if (!is_pss(job.algorithm)) return pkcs1_encode(hash.id, digest.view(), out);
    std::array<uint8_t, max_digest_size> room;
    const MutBytes salt = MutBytes(room).first(digest.size);
    random.fill(salt);
    const size_t bits = key_.n.bits();
    return pss_encode(hash, digest.view(), salt, bits, out.last(pss_size(bits)));
  }

  KeyType type_;
  std::optional<HashId> pss_hash_;
  std::vector<uint8_t> modulus_;
  PrivateKey key_;
};

}  // namespace

Result<SigningKeyPtr> load(const PrivateKeyMaterial& material, const bignum::Montgomery& kernel) {
  auto key = with_wiped_stack<stack_depth>([&] { return load_private_key(material, kernel); });
  if (!key) return key.error();
  return SigningKeyPtr(std::make_shared<RsaSigningKey>(material, *std::move(key)));
}

}  // namespace rsa

Result<SigningKeyPtr> load_rsa(const PrivateKeyMaterial& material) {
  return rsa::load(material, bignum::montgomery());
}

}  // namespace bulla::crypto
