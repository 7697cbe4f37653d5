#include "crypto/ecdsa/ecdsa.h"

#include "crypto/ecdsa/der.h"
#include "crypto/ecdsa/nonce.h"
#include "crypto/sha2/sha2.h"

#include <algorithm>
#include <optional>

namespace bulla::crypto {
namespace ecdsa {
namespace {

/// Bytes of a scalar of P-521.
constexpr size_t max_size = 66;

/// A number of the curve's size, in place.
struct Number {
  explicit Number(const EcdsaCurve& curve) noexcept : size(curve.size) {}
  MutBytes view() noexcept { return {bytes.data(), size}; }

  std::array<uint8_t, max_size> bytes{};
  size_t size;
};

/// `number` with zeros in front; false where it is too long.
bool extend(Bytes number, MutBytes out) noexcept {
  if (number.size() > out.size()) return false;
  std::copy(number.begin(), number.end(), out.end() - static_cast<ptrdiff_t>(number.size()));
  return true;
}

/// To e, and e.
Bytes digest_number(const EcdsaCurve& curve, const HashAlgorithm& hash, Bytes message, MutBytes e) noexcept {
  std::array<uint8_t, max_digest_size> digest;
  HashContext context(hash);
  context.update(message);
  context.finish(digest);
  curve.digest_number({digest.data(), hash.digest_size}, e);
  return e;
}

}  // namespace

const EcdsaCurve* curve_of(KeyType type) noexcept {
  switch (type) {
    case KeyType::ec_p256: return pick(p256_ecdsa_kernels(), cpu_word()).algorithm;
    case KeyType::ec_p384: return pick(p384_ecdsa_kernels(), cpu_word()).algorithm;
    case KeyType::ec_p521: return pick(p521_ecdsa_kernels(), cpu_word()).algorithm;
    default: return nullptr;
  }
}

const HashAlgorithm* hash_of(SignatureAlgorithm algorithm) noexcept {
  switch (algorithm) {
    case SignatureAlgorithm::ecdsa_sha256: return &sha256();
    case SignatureAlgorithm::ecdsa_sha384: return &sha384();
    case SignatureAlgorithm::ecdsa_sha512: return &sha512();
    default: return nullptr;
  }
}

namespace {

/// A signature in the making: the number of its digest, and nonces until one will do.
class Signing {
 public:
  Signing(const EcdsaCurve& curve, const HashAlgorithm& hash, Bytes d, Bytes message,
          Bytes additional) noexcept
      : e_(curve),
        k_(curve),
        r_(curve),
        s_(curve),
        nonces_(hash, curve.order_bits, d, digest_number(curve, hash, message, e_.view()), additional) {}
  Signing(const Signing&) = delete;
  Signing& operator=(const Signing&) = delete;
  ~Signing() { wipe(k_.bytes); }

  EcdsaJob with_next_nonce() noexcept {
    nonces_.next(k_.view());
    return {.k = k_.view(), .e = e_.view(), .r = r_.view(), .s = s_.view()};
  }
  /// Empty until it is made.
  std::vector<uint8_t> signature() { return made ? write_signature(r_.view(), s_.view()) : ByteVector{}; }

  bool made = false;

 private:
  using ByteVector = std::vector<uint8_t>;
  Number e_, k_, r_, s_;
  NonceGenerator nonces_;
};

/// How many are made in one go, at most.
constexpr size_t most_jobs = 8;
using Signings = std::array<std::optional<Signing>, most_jobs>;

void make_all(const EcdsaCurve& curve, Bytes d, Signings& all) noexcept {
  // A nonce is refused once in 2^32 signatures of P-256, and never on the other curves, for what can be
  // observed: that many in a row mean that d is not in range.
  constexpr int attempts = 64;
  std::array<EcdsaJob, most_jobs> jobs;
  std::array<Signing*, most_jobs> of{};
  for (int i = 0; i < attempts; ++i) {
    size_t count = 0;
    for (auto& signing : all) {
      if (!signing || signing->made) continue;
      jobs[count] = signing->with_next_nonce();
      of[count++] = &*signing;
    }
    if (count == 0) return;
    curve.sign(d, std::span(jobs).first(count));
    for (size_t j = 0; j < count; ++j) of[j]->made = jobs[j].ok;
  }
}

}  // namespace

std::vector<uint8_t> sign(const EcdsaCurve& curve, const HashAlgorithm& hash, Bytes d, Bytes message,
                          Bytes additional) {
  Signings all;
  all[0].emplace(curve, hash, d, message, additional);
  make_all(curve, d, all);
  return all[0]->signature();
}

namespace {

class EcdsaKey final : public SigningKey {
 public:
  EcdsaKey(const EcdsaCurve& curve, SecretBytes d, std::vector<uint8_t> point) noexcept
      : curve_(curve), d_(std::move(d)), point_(std::move(point)) {}

  KeyType type() const noexcept override { return curve_.type; }
  PublicKeyView public_key() const noexcept override { return {.type = curve_.type, .point = point_}; }
  /// The nonce comes from the key, the digest and the source: a weak source cannot give the key away.
  void sign(Random& random, std::span<SignJob> all) const noexcept override {
    by_lanes<most_jobs>(all, [&](std::span<SignJob> jobs) {
      // The source is asked once.
      SecretBytes additional(32 * static_cast<size_t>(std::ranges::count_if(jobs, [](const SignJob& job) {
                               return hash_of(job.algorithm) != nullptr;
                             })));
      random.fill(additional.writable());
      Signings signings;
      size_t used = 0;
      for (size_t i = 0; i < jobs.size(); ++i) {
        const HashAlgorithm* hash = hash_of(jobs[i].algorithm);
        if (!hash) continue;
        signings[i].emplace(curve_, *hash, d_.reveal(), jobs[i].message,
                            additional.reveal().subspan(32 * used++, 32));
      }
      make_all(curve_, d_.reveal(), signings);
      for (size_t i = 0; i < jobs.size(); ++i) {
        jobs[i].signature = signings[i] ? signings[i]->signature() : std::vector<uint8_t>{};
        jobs[i].ok = !jobs[i].signature.empty();
      }
    });
  }
  size_t lanes() const noexcept override { return curve_.lanes; }

 private:
  const EcdsaCurve& curve_;
  const SecretBytes d_;
  const std::vector<uint8_t> point_;
};

Error bad_key(KeyType type, std::string_view what) {
  return {ErrorCode::private_key_inconsistent, name_of(type) + " key: " + std::string(what)};
}
Error not_ec() {
  return {ErrorCode::bad_argument, "not an EC key type"};
}

/// Whether a point as a key file has it, uncompressed or compressed (SEC 1 §2.3.3), is this uncompressed one.
bool is_same_point(Bytes given, Bytes uncompressed) noexcept {
  if (given.size() == uncompressed.size()) return equal_vartime(given, uncompressed);
  const size_t field = uncompressed.size() / 2;
  return given.size() == 1 + field && given[0] == (0x02 | (uncompressed.back() & 1)) &&
         equal_vartime(given.subspan(1), uncompressed.subspan(1, field));
}

}  // namespace
}  // namespace ecdsa

Result<SigningKeyPtr> load_ecdsa(const PrivateKeyMaterial& material) {
  const EcdsaCurve* curve = ecdsa::curve_of(material.type);
  if (!curve) return ecdsa::not_ec();
  std::vector<uint8_t> point(1 + 2 * curve->size);
  if (!curve->public_point(material.scalar.reveal(), point))
    return ecdsa::bad_key(material.type, "its private number is out of range");
  if (!material.point.empty() && !ecdsa::is_same_point(material.point, point))
    return ecdsa::bad_key(material.type, "its public point does not belong to its private number");
  return SigningKeyPtr(std::make_shared<ecdsa::EcdsaKey>(*curve, material.scalar.clone(), std::move(point)));
}

Result<PrivateKeyMaterial> generate_ecdsa(KeyType type, Random& random) {
  const EcdsaCurve* curve = ecdsa::curve_of(type);
  if (!curve) return ecdsa::not_ec();
  PrivateKeyMaterial material{.type = type};
  material.scalar = curve->random_scalar(random);
  if (material.scalar.empty())
    return Error{ErrorCode::internal, "the random source brings forth no private number"};
  material.point.resize(1 + 2 * curve->size);
  if (!curve->public_point(material.scalar.reveal(), material.point))
    return Error{ErrorCode::internal, "a scalar that was checked is out of range"};
  return material;
}

bool verify_ecdsa_vartime(const PublicKeyView& key, SignatureAlgorithm algorithm, Bytes message,
                          Bytes signature) noexcept {
  const EcdsaCurve* curve = ecdsa::curve_of(key.type);
  const HashAlgorithm* hash = ecdsa::hash_of(algorithm);
  if (!curve || !hash) return false;
  const ecdsa::SignatureNumbers numbers = ecdsa::read_signature(signature);
  ecdsa::Number e(*curve), r(*curve), s(*curve);
  if (numbers.r.empty() || !ecdsa::extend(numbers.r, r.view()) || !ecdsa::extend(numbers.s, s.view()))
    return false;
  ecdsa::digest_number(*curve, *hash, message, e.view());
  return curve->verify_vartime(key.point, e.view(), r.view(), s.view());
}

}  // namespace bulla::crypto
