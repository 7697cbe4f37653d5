// Any bytes as a private key and as a share: every kernel of every group, and libcrypto, take or refuse the
// share alike and agree on the secret. Shares on the curve come about by making one and altering it.
#include "crypto/curve25519/x25519.h"
#include "crypto/p256/p256.h"
#include "crypto/p384/p384.h"
#include "crypto/p521/p521.h"
#include "kernels.h"

#include <bulla/openssl_provider.h>

#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/ec.h>
#include <openssl/ecdh.h>
#include <openssl/obj_mac.h>

using namespace bulla;
using namespace bulla::fuzz;

namespace {

/// The secret; empty where a side refuses.
ByteVector agreed(const GroupAlgorithm& group, const SecretBytes& key, Bytes share) {
  DecapsulateJob job{.private_key = &key, .peer_share = share};
  group.decapsulate({&job, 1});
  BULLA_ASSERT(job.ok == !job.secret.empty(), "a secret where it is ok, and only there");
  return to_vector(job.secret.reveal());
}

/// The same for several shares in one call, one behind the other with their sizes.
ByteVector agreed_together(const GroupAlgorithm& group, const SecretBytes& key,
                           std::span<const ByteVector> shares) {
  std::vector<DecapsulateJob> jobs(shares.size());
  for (size_t i = 0; i < jobs.size(); ++i) jobs[i] = {.private_key = &key, .peer_share = shares[i]};
  group.decapsulate(jobs);
  ByteVector out;
  for (const DecapsulateJob& job : jobs) {
    BULLA_ASSERT(job.ok == !job.secret.empty(), "a secret where it is ok, and only there");
    out.push_back(static_cast<uint8_t>(job.secret.size()));
    out.insert(out.end(), job.secret.reveal().begin(), job.secret.reveal().end());
  }
  return out;
}

/// As many key pairs in one call: what was drawn, and the shares.
ByteVector generated_together(const GroupAlgorithm& group, Bytes random, size_t count) {
  Source source(random);
  std::vector<GenerateJob> jobs(count);
  group.generate(source, jobs);
  ByteVector out;
  for (const GenerateJob& job : jobs) {
    BULLA_ASSERT(job.ok, "keys can be made");
    out.insert(out.end(), job.private_key.reveal().begin(), job.private_key.reveal().end());
    out.insert(out.end(), job.share.begin(), job.share.end());
  }
  return out;
}

/// The same by libcrypto's P-521, which stands behind no seam.
ByteVector agreed_p521(const SecretBytes& key, Bytes share) {
  constexpr size_t size = 66;
  const std::unique_ptr<EC_KEY, void (*)(EC_KEY*)> ec(EC_KEY_new_by_curve_name(NID_secp521r1), EC_KEY_free);
  const EC_GROUP* curve = EC_KEY_get0_group(ec.get());
  const std::unique_ptr<BIGNUM, void (*)(BIGNUM*)> d(
      BN_bin2bn(key.reveal().data(), static_cast<int>(key.size()), nullptr), BN_free);
  const std::unique_ptr<EC_POINT, void (*)(EC_POINT*)> peer(EC_POINT_new(curve), EC_POINT_free);
  if (key.size() != size || BN_is_zero(d.get()) || BN_cmp(d.get(), EC_GROUP_get0_order(curve)) >= 0)
    return {};
  if (share.size() != 1 + 2 * size || share[0] != 4 || !EC_KEY_set_private_key(ec.get(), d.get()) ||
      !EC_POINT_oct2point(curve, peer.get(), share.data(), share.size(), nullptr))
    return {};
  ByteVector secret(size);
  return ECDH_compute_key(secret.data(), size, peer.get(), ec.get(), nullptr) == size ? secret : ByteVector{};
}

ByteVector agreed_by_libcrypto(NamedGroup group, const SecretBytes& key, Bytes share) {
  if (group == NamedGroup::secp521r1) return agreed_p521(key, share);
  return agreed(*openssl_provider().group(group), key, share);
}

struct Pair {
  SecretBytes key;
  ByteVector share;
};
Pair generated(const GroupAlgorithm& group, Bytes random) {
  Source source(random);
  GenerateJob job;
  group.generate(source, {&job, 1});
  BULLA_ASSERT(job.ok && job.share.size() == group.share_size, "keys can be made");
  return {std::move(job.private_key), std::move(job.share)};
}

/// The reply and the secret, one behind the other; nothing where the share is refused.
ByteVector answered(const GroupAlgorithm& group, Bytes random, Bytes share) {
  Source source(random);
  EncapsulateJob job{.peer_share = share};
  group.encapsulate(source, {&job, 1});
  BULLA_ASSERT(job.ok == !job.secret.empty() && job.ok == !job.share.empty(), "an answer where it is ok");
  ByteVector out = job.share;
  out.insert(out.end(), job.secret.reveal().begin(), job.secret.reveal().end());
  return out;
}

/// A share of that group, then altered as `how` says: not at all, one bit, cut, or one byte longer.
ByteVector altered(ByteVector share, size_t how) {
  switch (how % 4) {
    case 1: flip(share, how / 4); break;
    case 2: share.resize(how / 4 % share.size()); break;
    case 3: share.push_back(static_cast<uint8_t>(how / 4)); break;
    default: break;
  }
  return share;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Reader input({data, size});
  const std::array tables = {crypto::x25519_kernels(), crypto::p256_kernels(), crypto::p384_kernels(),
                             crypto::p521_kernels()};
  const auto table = tables[input.u8() % tables.size()];
  const GroupAlgorithm& soft = *table.back().algorithm;
  const uint16_t how = input.u16();
  const Bytes random = input.u8_bytes(), key = input.u8_bytes(), rest = input.rest();

  const auto make = [&](const GroupAlgorithm& group) { return generated(group, random).share; };
  const ByteVector made = same_of_all(table, make);
  const ByteVector share = rest.empty() ? altered(made, how) : to_vector(rest);
  const SecretBytes own = key.empty() ? generated(soft, share).key : SecretBytes(key);
  const auto agree = [&](const GroupAlgorithm& group) { return agreed(group, own, share); };
  BULLA_ASSERT(same_of_all(table, agree) == agreed_by_libcrypto(soft.id, own, share),
               "a secret is libcrypto's");

  // Batches that fill the lanes of a kernel, or do not; where they are not computed side by side, two will
  // do.
  const size_t count = table.front().algorithm->lanes > 1 ? 1 + how % 17 : 2;
  std::vector<ByteVector> shares;
  for (size_t i = 0; i < count; ++i) shares.push_back(i % 2 == 0 ? share : altered(made, how + i));
  static_cast<void>(
      same_of_all(table, [&](const GroupAlgorithm& group) { return agreed_together(group, own, shares); }));
  static_cast<void>(same_of_all(
      table, [&](const GroupAlgorithm& group) { return generated_together(group, random, count); }));

  const auto answer = [&](const GroupAlgorithm& group) { return answered(group, random, share); };
  const ByteVector reply = same_of_all(table, answer);
  const SecretBytes responder = generated(soft, random).key;  // what encapsulate() drew, too
  const ByteVector secret = agreed(soft, responder, share);
  BULLA_ASSERT(reply.empty() == secret.empty(), "who answers and who takes the answer refuse alike");
  if (reply.empty()) return 0;
  BULLA_ASSERT(equal_vartime(Bytes(reply).first(soft.reply_size), made), "a reply is the share of its key");
  BULLA_ASSERT(equal_vartime(Bytes(reply).subspan(soft.reply_size), secret), "and its secret that of both");
  return 0;
}
