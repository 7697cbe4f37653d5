// secp256r1 and secp384r1 as key exchange groups (RFC 9846 §4.3.8.2, §7.4.2): shares are uncompressed points,
// the secret is the X coordinate with its leading zeros. The points are computed with libcrypto's EC_POINT
// functions, without the key objects around them.
#include "crypto/openssl/curves.h"
#include "crypto/openssl/tables.h"

namespace bulla::openssl {

namespace {

struct KeyPair {
  Bignum scalar;
  std::vector<uint8_t> share;
};

/// A share for a scalar in range; an empty share on failure.
KeyPair key_pair(const Curve& curve, Bytes scalar, BN_CTX* context) {
  KeyPair pair{to_secret_bignum(scalar), {}};
  if (!pair.scalar) return pair;
  const EcPoint point = multiply_generator(curve, pair.scalar.get(), context);
  if (point) pair.share = encode_point(curve, point.get(), context);
  return pair;
}

/// The X coordinate of scalar · share; empty where the share is no point of the curve.
SecretBytes agree(const Curve& curve, const BIGNUM* scalar, Bytes share, BN_CTX* context) {
  const EcPoint peer = decode_point(curve, share, context);
  if (!peer) return {};
  const EcPoint product(EC_POINT_new(curve.group));
  const Bignum x(BN_new());
  SecretBytes secret(curve.field_size);
  if (!product || !x || !EC_POINT_mul(curve.group, product.get(), nullptr, peer.get(), scalar, context) ||
      !EC_POINT_get_affine_coordinates(curve.group, product.get(), x.get(), nullptr, context) ||
      BN_bn2binpad(x.get(), secret.writable().data(), curve.field_size) != curve.field_size)
    return {};
  return secret;
}

template <const Curve& (*GetCurve)() noexcept>
void generate(Random& random, std::span<GenerateJob> jobs) noexcept {
  const ErrorQueueGuard errors;
  const Curve& curve = GetCurve();
  const BignumContext context(BN_CTX_new());
  for (GenerateJob& job : jobs) {
    job.private_key = random_scalar(curve, random);
    job.share.clear();
    if (!job.private_key.empty()) job.share = key_pair(curve, job.private_key.reveal(), context.get()).share;
    job.ok = !job.share.empty();
  }
}

template <const Curve& (*GetCurve)() noexcept>
void encapsulate(Random& random, std::span<EncapsulateJob> jobs) noexcept {
  const ErrorQueueGuard errors;
  const Curve& curve = GetCurve();
  const BignumContext context(BN_CTX_new());
  for (EncapsulateJob& job : jobs) {
    job.secret.reset();
    job.share.clear();
    const SecretBytes scalar = random_scalar(curve, random);
    KeyPair pair;
    if (!scalar.empty()) pair = key_pair(curve, scalar.reveal(), context.get());
    if (!pair.share.empty()) job.secret = agree(curve, pair.scalar.get(), job.peer_share, context.get());
    job.ok = !job.secret.empty();
    if (job.ok) job.share = std::move(pair.share);
  }
}

template <const Curve& (*GetCurve)() noexcept>
void decapsulate(std::span<DecapsulateJob> jobs) noexcept {
  const ErrorQueueGuard errors;
  const Curve& curve = GetCurve();
  const BignumContext context(BN_CTX_new());
  for (DecapsulateJob& job : jobs) {
    job.secret.reset();
    const Bytes key = job.private_key ? job.private_key->reveal() : Bytes{};
    if (key.size() == curve.field_size && in_range(key, curve.order)) {
      const Bignum scalar = to_secret_bignum(key);
      if (scalar) job.secret = agree(curve, scalar.get(), job.peer_share, context.get());
    }
    job.ok = !job.secret.empty();
  }
}

}  // namespace

constexpr GroupAlgorithm secp256r1 = {.id = NamedGroup::secp256r1,
                                      .name = "secp256r1",
                                      .share_size = 65,
                                      .reply_size = 65,
                                      .generate = generate<p256>,
                                      .encapsulate = encapsulate<p256>,
                                      .decapsulate = decapsulate<p256>};
constexpr GroupAlgorithm secp384r1 = {.id = NamedGroup::secp384r1,
                                      .name = "secp384r1",
                                      .share_size = 97,
                                      .reply_size = 97,
                                      .generate = generate<p384>,
                                      .encapsulate = encapsulate<p384>,
                                      .decapsulate = decapsulate<p384>};

}  // namespace bulla::openssl
