// Key agreement beside EVP, by the functions that libssl calls for a key share of TLS 1.3.
#include "evp.h"

#include <bulla/provider.h>

#include <openssl/evp.h>

#include <algorithm>
#include <memory>

namespace bulla::bench {
namespace {

using Pkey = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using PkeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;

struct Case {
  NamedGroup id;
  const char *key, *group;  ///< as libcrypto names them; no group: the key has but one
};

PkeyContext generator_of(const Case& c) {
  PkeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, c.key, nullptr));
  need(context && EVP_PKEY_keygen_init(context.get()) == 1 &&
       (!c.group || EVP_PKEY_CTX_set_group_name(context.get(), c.group) == 1));
  return context;
}

Pkey generate(EVP_PKEY_CTX* context) {
  EVP_PKEY* key = nullptr;
  need(EVP_PKEY_generate(context, &key) == 1);
  return Pkey(key);
}

std::vector<uint8_t> share_of(EVP_PKEY* key) {
  unsigned char* encoded = nullptr;
  const size_t size = EVP_PKEY_get1_encoded_public_key(key, &encoded);
  need(size > 0);
  std::vector<uint8_t> share(encoded, encoded + size);
  OPENSSL_free(encoded);
  return share;
}

/// Both sides take the share as bytes, check it (SP 800-56A §5.6.2.3), and make the shared secret.
std::vector<uint8_t> agree(EVP_PKEY* own, Bytes peer_share) {
  const Pkey peer(EVP_PKEY_new());
  need(peer && EVP_PKEY_copy_parameters(peer.get(), own) == 1 &&
       EVP_PKEY_set1_encoded_public_key(peer.get(), peer_share.data(), peer_share.size()) == 1);
  const PkeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, own, nullptr));
  std::vector<uint8_t> secret(64);
  size_t size = secret.size();
  need(context && EVP_PKEY_derive_init(context.get()) == 1 &&
       EVP_PKEY_derive_set_peer(context.get(), peer.get()) == 1 &&
       EVP_PKEY_derive(context.get(), secret.data(), &size) == 1);
  secret.resize(size);
  return secret;
}

void rows_of(Report& report, const Case& c) {
  const Provider& provider = default_provider();
  const GroupAlgorithm& group = *provider.group(c.id);
  const PkeyContext context = generator_of(c);
  evp_row(
      report, name_of(c.id) + " generate", "EVP_PKEY_generate", 200,
      [&] {
        GenerateJob job;
        group.generate(*provider.random, {&job, 1});
      },
      [&] { share_of(generate(context.get()).get()); });

  GenerateJob own;
  group.generate(*provider.random, {&own, 1});
  const Pkey theirs = generate(context.get());
  const std::vector<uint8_t> their_share = share_of(theirs.get());
  DecapsulateJob ours{.private_key = &own.private_key, .peer_share = their_share};
  group.decapsulate({&ours, 1});
  need(ours.secret.reveal().size() > 0 &&
       std::ranges::equal(ours.secret.reveal(), agree(theirs.get(), own.share)));
  evp_row(
      report, name_of(c.id) + " agree", "EVP_PKEY_set1_encoded_public_key to _derive", 200,
      [&] {
        DecapsulateJob job{.private_key = &own.private_key, .peer_share = their_share};
        group.decapsulate({&job, 1});
      },
      [&] { agree(theirs.get(), own.share); });
}

}  // namespace

void groups_beside_evp(Report& report) {
  for (const Case& c :
       {Case{NamedGroup::x25519, "X25519", nullptr}, Case{NamedGroup::secp256r1, "EC", "P-256"},
        Case{NamedGroup::secp384r1, "EC", "P-384"}})
    rows_of(report, c);
}

}  // namespace bulla::bench
