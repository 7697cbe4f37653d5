// Ed25519 (RFC 8032 §5.1): verification is cofactorless and refuses S >= L.
#include "crypto/openssl/raw_keys.h"
#include "crypto/openssl/signature.h"

namespace bulla::openssl {

namespace {

using MdContext = std::unique_ptr<EVP_MD_CTX, Freer<EVP_MD_CTX_free>>;

constexpr size_t signature_size = 64;

class Ed25519SigningKey final : public SigningKey {
 public:
  Ed25519SigningKey(Pkey key, std::vector<uint8_t> point) noexcept
      : key_(std::move(key)), point_(std::move(point)) {}

  KeyType type() const noexcept override { return KeyType::ed25519; }
  PublicKeyView public_key() const noexcept override { return {.type = KeyType::ed25519, .point = point_}; }
  /// Ed25519 is deterministic.
  void sign(Random&, std::span<SignJob> jobs) const noexcept override {
    const ErrorQueueGuard errors;
    for (SignJob& job : jobs) {
      job.ok = allows(public_key(), job.algorithm) && sign_one(job);
      if (!job.ok) job.signature.clear();
    }
  }

 private:
  bool sign_one(SignJob& job) const noexcept {
    const MdContext context(EVP_MD_CTX_new());
    job.signature.resize(signature_size);
    size_t size = signature_size;
    return context && EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_.get()) == 1 &&
           EVP_DigestSign(context.get(), job.signature.data(), &size, job.message.data(),
                          job.message.size()) == 1 &&
           size == signature_size;
  }

  Pkey key_;
  std::vector<uint8_t> point_;
};

}  // namespace

bool verify_ed25519(const VerifyJob& job) noexcept {
  if (job.signature.size() != signature_size) return false;
  const Pkey key = load_public(RawKeyKind::ed25519, job.key->point);
  const MdContext context(EVP_MD_CTX_new());
  return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), job.signature.data(), job.signature.size(), job.message.data(),
                          job.message.size()) == 1;
}

Result<SigningKeyPtr> load_ed25519(const PrivateKeyMaterial& m) {
  if (m.scalar.size() != raw_key_size) return bad_key(m.type, "its seed does not have 32 bytes");
  Pkey key = load_private(RawKeyKind::ed25519, m.scalar.reveal());
  std::vector<uint8_t> point(raw_key_size);
  if (!key || !export_public(key.get(), point)) return libcrypto_failed("loading an Ed25519 key");
  if (!m.point.empty() && !equal_vartime(m.point, point))
    return bad_key(m.type, "its public key does not belong to its seed");
  return SigningKeyPtr(std::make_shared<Ed25519SigningKey>(std::move(key), std::move(point)));
}

Result<PrivateKeyMaterial> generate_ed25519(Random& random) {
  PrivateKeyMaterial m{.type = KeyType::ed25519};
  m.scalar = SecretBytes(raw_key_size);
  random.fill(m.scalar.writable());
  m.point.resize(raw_key_size);
  const Pkey key = load_private(RawKeyKind::ed25519, m.scalar.reveal());
  if (!key || !export_public(key.get(), m.point)) return libcrypto_failed("making an Ed25519 key");
  return m;
}

}  // namespace bulla::openssl
