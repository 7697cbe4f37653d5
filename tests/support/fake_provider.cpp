#include "support/fake_provider.h"

#include <algorithm>
#include <cstring>

namespace bulla::test {
namespace {

// ------------------------------------------------------------------------------------------------ hashes

template <uint16_t digest_size>
void finish(void*, uint8_t* digest) noexcept {
  std::memset(digest, fake_digest_byte, digest_size);
}

template <HashId id_, uint16_t digest_size, uint16_t block_size>
constexpr HashAlgorithm fake_hash = {.id = id_,
                                     .name = "fake hash",
                                     .digest_size = digest_size,
                                     .block_size = block_size,
                                     .state_size = 1,
                                     .init = [](void* state) noexcept { *static_cast<uint8_t*>(state) = 0; },
                                     .update = [](void*, Bytes) noexcept {},
                                     .finish = finish<digest_size>};

constexpr const HashAlgorithm* hashes[] = {
    &fake_hash<HashId::sha1, 20, 64>, &fake_hash<HashId::sha256, 32, 64>, &fake_hash<HashId::sha384, 48, 128>,
    &fake_hash<HashId::sha512, 64, 128>};

// ------------------------------------------------------------------------------------------------- AEADs

/// The plaintext stays as it is; any tag is right.
class FakeAead : public AeadKey {
 public:
  void seal(MutBytes out, const AeadNonce&, Bytes, std::span<const Bytes> in) noexcept override {
    uint8_t* at = out.data();
    for (const Bytes part : in) {
      if (!part.empty()) std::memmove(at, part.data(), part.size());
      at += part.size();
    }
    std::memset(at, fake_tag_byte, aead_tag_size);
  }
  bool open(MutBytes inout, const AeadNonce&, Bytes) noexcept override {
    return inout.size() >= aead_tag_size;
  }
};

template <AeadId id_, uint16_t key_size>
constexpr AeadAlgorithm fake_aead = {
    .id = id_,
    .name = "fake AEAD",
    .key_size = key_size,
    .confidentiality_limit = 1 << 20,
    .make_key = [](Bytes) -> std::unique_ptr<AeadKey> { return std::make_unique<FakeAead>(); }};

constexpr const AeadAlgorithm* aeads[] = {&fake_aead<AeadId::aes_128_gcm, 16>,
                                          &fake_aead<AeadId::aes_256_gcm, 32>,
                                          &fake_aead<AeadId::chacha20_poly1305, 32>};

// ------------------------------------------------------------------------------------------------- groups

SecretBytes constant_secret() {
  SecretBytes secret(size_t{32});
  std::ranges::fill(secret.writable(), fake_secret_byte);
  return secret;
}

/// Any share of the right length has the one secret.
template <size_t share_size>
struct FakeGroup {
  static void generate(Random&, std::span<GenerateJob> jobs) noexcept {
    for (GenerateJob& job : jobs) {
      job.private_key = constant_secret();
      job.share.assign(share_size, fake_share_byte);
      job.ok = true;
    }
  }
  static void encapsulate(Random&, std::span<EncapsulateJob> jobs) noexcept {
    for (EncapsulateJob& job : jobs) {
      job.ok = job.peer_share.size() == share_size;
      if (!job.ok) continue;
      job.share.assign(share_size, fake_share_byte);
      job.secret = constant_secret();
    }
  }
  static void decapsulate(std::span<DecapsulateJob> jobs) noexcept {
    for (DecapsulateJob& job : jobs) {
      job.ok = job.private_key && job.peer_share.size() == share_size;
      if (job.ok) job.secret = constant_secret();
    }
  }
};

template <NamedGroup id_, uint16_t share_size>
constexpr GroupAlgorithm fake_group = {.id = id_,
                                       .name = "fake group",
                                       .share_size = share_size,
                                       .reply_size = share_size,
                                       .generate = FakeGroup<share_size>::generate,
                                       .encapsulate = FakeGroup<share_size>::encapsulate,
                                       .decapsulate = FakeGroup<share_size>::decapsulate};

constexpr const GroupAlgorithm* groups[] = {&fake_group<NamedGroup::x25519, 32>,
                                            &fake_group<NamedGroup::secp256r1, 65>};

// --------------------------------------------------------------------------------------------- signatures

constexpr SignatureAlgorithm signatures[] = {
    SignatureAlgorithm::rsa_pkcs1_sha256, SignatureAlgorithm::rsa_pkcs1_sha384,
    SignatureAlgorithm::rsa_pkcs1_sha512, SignatureAlgorithm::rsa_pss_sha256,
    SignatureAlgorithm::rsa_pss_sha384,   SignatureAlgorithm::rsa_pss_sha512,
    SignatureAlgorithm::ecdsa_sha256,     SignatureAlgorithm::ecdsa_sha384,
    SignatureAlgorithm::ecdsa_sha512,     SignatureAlgorithm::ed25519};

void verify(std::span<VerifyJob> jobs) noexcept {
  for (VerifyJob& job : jobs) job.ok = true;
}

Result<SigningKeyPtr> load(const PrivateKeyMaterial&) {
  return Error{ErrorCode::internal, "fake keys come from fake_identity"};
}

Result<PrivateKeyMaterial> generate_key(KeyType, unsigned, Random&) {
  return Error{ErrorCode::internal, "fake keys come from fake_identity"};
}

class FakeKey : public SigningKey {
 public:
  explicit FakeKey(CertificatePtr leaf) : leaf_(std::move(leaf)) {}
  KeyType type() const noexcept override { return leaf_->public_key().type; }
  PublicKeyView public_key() const noexcept override { return leaf_->public_key(); }
  void sign(Random&, std::span<SignJob> jobs) const noexcept override {
    for (SignJob& job : jobs) {
      job.signature.assign(fake_signature_size, fake_digest_byte);
      job.ok = true;
    }
  }

 private:
  CertificatePtr leaf_;
};

}  // namespace

const Provider& fake_provider() noexcept {
  static CountingRandom random;
  static const Provider provider = {.name = "fake",
                                    .hashes = hashes,
                                    .aeads = aeads,
                                    .groups = groups,
                                    .signatures = signatures,
                                    .signing = {.verify = verify, .load = load, .generate = generate_key},
                                    .key_files = {.cbc_encrypt = [](Bytes, Bytes, MutBytes) noexcept {},
                                                  .cbc_decrypt = [](Bytes, Bytes, MutBytes) noexcept {}},
                                    .random = &random};
  return provider;
}

IdentityPtr fake_identity(std::vector<CertificatePtr> chain) {
  auto key = std::make_shared<FakeKey>(chain.front());
  return Identity::create(std::move(chain), std::move(key)).value();
}

}  // namespace bulla::test
