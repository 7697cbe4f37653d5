// The tables as a whole, errors that must not leak, and many threads.
#include "crypto/one_shot.h"
#include "support/vectors.h"

#include <set>
#include <thread>

namespace bulla::test {
namespace {

TEST(Provider, lookup_finds_every_entry_and_nothing_else) {
  const Provider& provider = tested_provider();
  for (const HashAlgorithm* entry : provider.hashes) EXPECT_EQ(provider.hash(entry->id), entry);
  for (const AeadAlgorithm* entry : provider.aeads) EXPECT_EQ(provider.aead(entry->id), entry);
  for (const GroupAlgorithm* entry : provider.groups) EXPECT_EQ(provider.group(entry->id), entry);
  for (const SignatureAlgorithm entry : provider.signatures) EXPECT_TRUE(provider.supports(entry));
  EXPECT_EQ(provider.hashes.size(), 4u);
  EXPECT_EQ(provider.aeads.size(), 3u);
  // libcrypto's P-521 is not wired up: nobody asks for it.
  EXPECT_EQ(provider.groups.size(), provider.name == "builtin" ? 7u : 3u);
  EXPECT_EQ(provider.signatures.size(), provider.name == "builtin" ? 13u : 10u);
  EXPECT_EQ(provider.hash(static_cast<HashId>(99)), nullptr);
  EXPECT_EQ(provider.aead(static_cast<AeadId>(99)), nullptr);
  EXPECT_EQ(provider.group(static_cast<NamedGroup>(0x7777)), nullptr);
  EXPECT_FALSE(provider.supports(static_cast<SignatureAlgorithm>(99)));
}

TEST(Provider, names_are_different_and_readable) {
  std::set<std::string> names;
  for (unsigned i = 0; i <= 8; ++i) names.insert(name_of(static_cast<KeyType>(i)));
  EXPECT_EQ(names.size(), 9u);
  for (const SignatureAlgorithm algorithm : tested_provider().signatures) names.insert(name_of(algorithm));
  EXPECT_EQ(names.size(), 18u) << "Ed25519 and ML-DSA are both key types and algorithms";
  EXPECT_EQ(name_of(static_cast<KeyType>(99)), "unknown key type");
  EXPECT_EQ(name_of(static_cast<SignatureAlgorithm>(99)), "unknown signature algorithm");
}

TEST(Provider, random_fills_any_size) {
  Random& random = *tested_provider().random;
  random.fill({});
  ByteVector a(1000), b(1000);
  random.fill(a);
  random.fill(b);
  EXPECT_NE(a, b);
  EXPECT_GT(std::set<uint8_t>(a.begin(), a.end()).size(), 200u);
}

TEST(Provider, several_keys_in_several_threads) {
  const Provider& provider = tested_provider();
  std::vector<SigningKeyPtr> keys;
  for (const KeyType type : {KeyType::ec_p256, KeyType::ed25519, KeyType::rsa}) {
    auto material = provider.signing.generate(type, 2048, *provider.random);
    ASSERT_TRUE(material);
    keys.push_back(provider.signing.load(*material).value());
  }
  const auto work = [&](uint8_t id) {
    AeadNonce nonce{};
    std::vector<std::unique_ptr<AeadKey>> aeads;
    for (const AeadAlgorithm* aead : provider.aeads)
      aeads.push_back(aead->make_key(ByteVector(aead->key_size, id)));
    for (unsigned round = 0; round < 20; ++round) {
      const ByteVector text(round * 100, id);
      for (const auto& aead : aeads) EXPECT_EQ(open(*aead, nonce, {}, seal(*aead, nonce, {}, text)), text);
      for (const GroupAlgorithm* group : provider.groups) {
        GenerateJob own;
        group->generate(*provider.random, {&own, 1});
        EncapsulateJob peer{.peer_share = own.share};
        group->encapsulate(*provider.random, {&peer, 1});
        EXPECT_EQ(decapsulate(*group, own.private_key.reveal(), peer.share), to_vector(peer.secret.reveal()));
      }
      for (const SigningKeyPtr& key : keys) {
        const SignatureAlgorithm algorithm = key->type() == KeyType::rsa ? SignatureAlgorithm::rsa_pss_sha256
                                             : key->type() == KeyType::ec_p256
                                                 ? SignatureAlgorithm::ecdsa_sha256
                                                 : SignatureAlgorithm::ed25519;
        EXPECT_TRUE(verify(key->public_key(), algorithm, text, sign(*key, algorithm, text)));
      }
    }
  };
  std::vector<std::thread> threads;
  for (uint8_t id = 1; id <= 4; ++id) threads.emplace_back(work, id);
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace bulla::test
