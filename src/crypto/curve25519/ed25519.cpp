#include "crypto/curve25519/ed25519.h"

#include "crypto/by_lanes.h"
#include "crypto/curve25519/impl.h"
#include "crypto/curve25519/inverse.h"
#include "crypto/curve25519/scalar.h"
#include "crypto/sha2/sha2.h"
#include "crypto/wipe_stack.h"

#include <bulla/secret.h>

#include <algorithm>
#include <initializer_list>

namespace bulla::crypto {

using namespace curve25519;

namespace {

constexpr size_t key_size = ed25519_key_size, signature_size = ed25519_signature_size;

constexpr Kernel<EdwardsAlgorithm> kernels[] = {
#if defined(__x86_64__)
    {"ifma", cpu::avx512 | cpu::avx512_ifma, &edwards_ifma},
#endif
    {"soft", 0, &edwards_soft}};

const EdwardsAlgorithm& picked() noexcept {
  return *pick<EdwardsAlgorithm>(kernels, cpu_word()).algorithm;
}

/// SHA-512 of parts in a row.
void hash_of(std::initializer_list<Bytes> parts, std::span<uint8_t, 64> out) noexcept {
  HashContext context(sha512());
  for (const Bytes part : parts) context.update(part);
  context.finish(out);
}

struct ExpandedKeyRole;
/// What becomes of a seed (RFC 8032 §5.1.5): the scalar s in the first half, the prefix of §5.1.6 in the
/// second.
using ExpandedKey = InlineSecret<ExpandedKeyRole, 64>;

ExpandedKey expand(Bytes seed) noexcept {
  ExpandedKey key(64);
  const auto h = key.writable().first<64>();
  hash_of({seed}, h);
  h[0] &= 248;
  h[31] &= 127;
  h[31] |= 64;
  return key;
}

/// RFC 8032 §5.1.5 step 4.
void public_key_of(const ExpandedKey& key, std::span<uint8_t, key_size> out) noexcept {
  Projective a = picked().multiply_base(key.reveal().first<32>());
  encode_point(a, out);
  ct::declassify(out.data(), out.size(), "a public key");
  wipe({reinterpret_cast<uint8_t*>(&a), sizeof a});
}

/// How many are signed together.
constexpr size_t most_jobs = most_inverses;

/// RFC 8032 §5.1.6, of jobs whose signatures have their size.
void compute_signatures(const ExpandedKey& key, Bytes point, std::span<SignJob* const> jobs) noexcept {
  const auto scalar = key.reveal().first<32>();
  const auto prefix = key.reveal().last<32>();
  struct {
    std::array<uint8_t, 64> hash;
    std::array<Encoded, most_jobs> r;
    std::array<Projective, most_jobs> points;
  } s;
  for (size_t i = 0; i < jobs.size(); ++i) {
    hash_of({prefix, jobs[i]->message}, s.hash);
    reduce_scalar(s.hash, s.r[i]);
  }
  picked().multiply_bases(std::span(s.r).first(jobs.size()), s.points.data());
  std::array<Encoded, most_jobs> encoded;
  encode_points(std::span(s.points).first(jobs.size()), encoded.data());
  for (size_t i = 0; i < jobs.size(); ++i) {
    const auto out = std::span(jobs[i]->signature).first<signature_size>();
    const auto encoded_r = out.first<32>();
    std::ranges::copy(encoded[i], encoded_r.begin());
    ct::declassify(encoded_r.data(), encoded_r.size(), "the first half of a signature");
    hash_of({encoded_r, point, jobs[i]->message}, s.hash);
    Encoded k;
    reduce_scalar(s.hash, k);
    multiply_add_scalar(k, scalar, s.r[i], out.last<32>());
    ct::declassify(out.data(), out.size(), "a signature");
  }
  wipe({reinterpret_cast<uint8_t*>(&s), sizeof s});
}

class Ed25519SigningKey final : public SigningKey {
 public:
  Ed25519SigningKey(ExpandedKey key, std::vector<uint8_t> point) noexcept
      : key_(std::move(key)), point_(std::move(point)) {}

  KeyType type() const noexcept override { return KeyType::ed25519; }
  PublicKeyView public_key() const noexcept override { return {.type = KeyType::ed25519, .point = point_}; }
  size_t lanes() const noexcept override { return picked().lanes; }
  /// Ed25519 is deterministic. Nothing is left of it: who finds r has the private key.
  void sign(Random&, std::span<SignJob> all) const noexcept override {
    by_lanes<most_jobs>(all, [&](std::span<SignJob> jobs) {
      std::array<SignJob*, most_jobs> wanted;
      size_t filled = 0;
      for (SignJob& job : jobs) {
        job.ok = job.algorithm == SignatureAlgorithm::ed25519;
        job.signature.resize(job.ok ? signature_size : 0);
        if (job.ok) wanted[filled++] = &job;
      }
      with_wiped_stack<stack_depth>(
          [&] { compute_signatures(key_, point_, std::span(wanted).first(filled)); });
    });
  }

 private:
  ExpandedKey key_;
  std::vector<uint8_t> point_;
};

Error bad_key(std::string_view what) {
  return {ErrorCode::private_key_inconsistent, name_of(KeyType::ed25519) + " key: " + std::string(what)};
}

}  // namespace

std::span<const Kernel<EdwardsAlgorithm>> ed25519_kernels() noexcept {
  return kernels;
}

/// RFC 8032 §5.1.7; R = [S]B - [k]A.
bool verify_ed25519_vartime(Bytes public_key, Bytes message, Bytes signature) noexcept {
  if (public_key.size() != key_size || signature.size() != signature_size) return false;
  const auto r = signature.first<32>();
  const auto s = signature.last<32>();
  Extended a;
  if (!is_scalar_vartime(s) || !decode_point_vartime(public_key.first<key_size>(), a)) return false;
  std::array<uint8_t, 64> hash;
  hash_of({r, public_key, message}, hash);
  Encoded k, expected;
  reduce_scalar(hash, k);
  const Extended minus_a = {tighten(negate(a.x)), a.y, a.z, tighten(negate(a.t))};
  encode_point_vartime(picked().double_multiply_vartime(s, k, minus_a), expected);
  return bulla::equal_vartime(expected, r);
}

namespace {

Result<SigningKeyPtr> load(const PrivateKeyMaterial& m) {
  if (m.scalar.size() != key_size) return bad_key("its seed does not have 32 bytes");
  ExpandedKey key = expand(m.scalar.reveal());
  std::vector<uint8_t> point(key_size);
  public_key_of(key, std::span(point).first<key_size>());
  if (!m.point.empty() && !bulla::equal_vartime(m.point, point))
    return bad_key("its public key does not belong to its seed");
  return SigningKeyPtr(std::make_shared<Ed25519SigningKey>(std::move(key), std::move(point)));
}

PrivateKeyMaterial generate(Random& random) {
  PrivateKeyMaterial m{.type = KeyType::ed25519};
  m.scalar = SecretBytes(key_size);
  random.fill(m.scalar.writable());
  m.point.resize(key_size);
  public_key_of(expand(m.scalar.reveal()), std::span(m.point).first<key_size>());
  return m;
}

}  // namespace

Result<SigningKeyPtr> load_ed25519(const PrivateKeyMaterial& m) {
  return with_wiped_stack<stack_depth>([&] { return load(m); });
}

Result<PrivateKeyMaterial> generate_ed25519(Random& random) {
  return with_wiped_stack<stack_depth>([&] { return generate(random); });
}

}  // namespace bulla::crypto
