// The seam's private key (RFC 8017 §8.1.1, §8.2.1).
#include "crypto/rsa/impl.h"
#include "crypto/rsa/rsa.h"
#include "crypto/wipe_stack.h"

#include <algorithm>

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
  size_t lanes() const noexcept override { return key_.n.kernel().lanes(key_.p.prime.size()); }
  void sign(Random& random, std::span<SignJob> jobs) const noexcept override {
    while (!jobs.empty()) {
      const size_t count = std::min(jobs.size(), most_jobs);
      with_wiped_stack<stack_depth>([&] { sign_some(random, jobs.first(count)); });
      jobs = jobs.subspan(count);
    }
  }

 private:
  /// At most most_jobs, of which each may fail without the others.
  void sign_some(Random& random, std::span<SignJob> jobs) const {
    const size_t size = modulus_.size();
    std::vector<uint8_t> encoded(jobs.size() * size);
    std::array<PrivateJob, most_jobs> work;
    std::array<SignJob*, most_jobs> of;
    size_t count = 0;
    std::array<uint8_t, most_jobs * max_digest_size> room_of_salts;
    MutBytes salts = MutBytes(room_of_salts).first(size_of_salts(jobs));
    if (!salts.empty()) random.fill(salts);
    for (SignJob& job : jobs) {
      job.signature.assign(size, 0);
      job.ok = false;
      const MutBytes room = MutBytes(encoded).subspan(count * size, size);
      if (!allows(public_key(), job.algorithm) || !encode(job, salts, room)) continue;
      of[count] = &job;
      work[count++] = {.encoded = room, .signature = job.signature};
    }
    private_operations(key_, random, std::span(work).first(count));
    for (size_t i = 0; i < count; ++i) of[i]->ok = work[i].ok;
    for (SignJob& job : jobs)
      if (!job.ok) job.signature.clear();
  }

  /// Each is as long as its hash.
  static size_t size_of_salts(std::span<const SignJob> jobs) noexcept {
    size_t sum = 0;
    for (const SignJob& job : jobs)
      if (is_pss(job.algorithm)) sum += hash_of(job.algorithm).digest_size;
    return sum;
  }

  /// Takes its salt from the front of `salts`.
  bool encode(const SignJob& job, MutBytes& salts, MutBytes out) const {
    const HashAlgorithm& hash = hash_of(job.algorithm);
    const Digest digest = digest_of(job.algorithm, job.message);
    if (!is_pss(job.algorithm)) return pkcs1_encode(hash.id, digest.view(), out);
    const Bytes salt = salts.first(digest.size);
    salts = salts.subspan(digest.size);
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
