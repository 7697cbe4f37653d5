// X25519 by each kernel that this machine runs, whichever provider the suite is about.
#include "crypto/curve25519/x25519.h"
#include "base/ct.h"
#include "crypto/one_shot.h"
#include "support/vectors.h"
#include "support/witness.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

namespace bulla::test {
namespace {

/// A random source with a seed, so that two providers can be given the same.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(uint64_t seed) : engine_(seed) {}
  void fill(MutBytes out) noexcept override {
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(engine_());
  }
  ByteVector bytes(size_t size) {
    ByteVector out(size);
    fill(out);
    return out;
  }

 private:
  std::mt19937_64 engine_;
};

class X25519Kernel : public testing::TestWithParam<const crypto::Kernel<GroupAlgorithm>*> {
 protected:
  void SetUp() override {
    if (!GetParam()->runs_on(crypto::cpu_word()))
      GTEST_SKIP() << "this machine cannot run " << GetParam()->name;
  }
  const GroupAlgorithm& group_ = *GetParam()->algorithm;
  std::optional<ByteVector> agree(Bytes key, Bytes share) const { return decapsulate(group_, key, share); }
  ByteVector share_of(const ByteVector& key) const {
    FixedRandom random(key);
    GenerateJob job;
    group_.generate(random, {&job, 1});
    EXPECT_TRUE(job.ok);
    EXPECT_EQ(to_vector(job.private_key.reveal()), key);
    return job.share;
  }
};

std::vector<const crypto::Kernel<GroupAlgorithm>*> kernels() {
  std::vector<const crypto::Kernel<GroupAlgorithm>*> out;
  for (const auto& kernel : crypto::x25519_kernels()) out.push_back(&kernel);
  return out;
}
INSTANTIATE_TEST_SUITE_P(Every, X25519Kernel, testing::ValuesIn(kernels()),
                         [](const auto& info) { return std::string(info.param->name); });

/// u = 9, whose multiples shares are.
ByteVector nine() {
  ByteVector out(32);
  out[0] = 9;
  return out;
}

TEST_P(X25519Kernel, is_the_group_it_says) {
  EXPECT_EQ(group_.id, NamedGroup::x25519);
  EXPECT_EQ(group_.name, "x25519");
  EXPECT_EQ(group_.share_size, 32);
  EXPECT_EQ(group_.reply_size, 32);
}

// RFC 7748 §5.2, and §6.1 below.
TEST_P(X25519Kernel, rfc7748_single_multiplications) {
  EXPECT_EQ(agree(from_hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                  from_hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")),
            from_hex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"));
  EXPECT_EQ(agree(from_hex("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
                  from_hex("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")),
            from_hex("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"));
}

TEST_P(X25519Kernel, rfc7748_iterated_multiplications) {
  ByteVector k = nine(), u = nine();
  const size_t most = std::getenv("BULLA_FULL") ? 1'000'000 : 1'000;
  const std::map<size_t, const char*> known = {
      {1, "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079"},
      {1'000, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51"},
      {1'000'000, "7c3911e0ab2586fd864497297e575e6f3bc601c0883c30df5f4dd2d24f665424"}};
  for (size_t i = 1; i <= most; ++i) {
    auto next = agree(k, u);
    ASSERT_TRUE(next);
    u = std::exchange(k, *std::move(next));
    if (known.contains(i)) {
      EXPECT_EQ(to_hex(k), known.at(i)) << i;
    }
  }
}

TEST_P(X25519Kernel, rfc7748_diffie_hellman) {
  const ByteVector alice = from_hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  const ByteVector bob = from_hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  const ByteVector secret = from_hex("4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
  EXPECT_EQ(to_hex(share_of(alice)), "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  EXPECT_EQ(to_hex(share_of(bob)), "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  EXPECT_EQ(agree(alice, share_of(bob)), secret);
  EXPECT_EQ(agree(bob, share_of(alice)), secret);
}

// Shares come by another way than secrets: the table of Ed25519, not the ladder.
TEST_P(X25519Kernel, a_share_is_the_multiple_of_nine) {
  SeededRandom random(9);
  std::vector<ByteVector> keys;
  for (const int fill : {0x00, 0x77, 0x78, 0x80, 0x87, 0x88, 0xff})
    keys.push_back(ByteVector(32, static_cast<uint8_t>(fill)));
  for (int i = 0; i < 200; ++i) keys.push_back(random.bytes(32));
  for (const ByteVector& key : keys) EXPECT_EQ(share_of(key), agree(key, nine())) << to_hex(key);
}

// RFC 7748 §5: of the scalar, the lowest three bits and the highest are cleared and the second highest is
// set.
TEST_P(X25519Kernel, scalars_are_clamped) {
  SeededRandom random(3);
  const ByteVector key = random.bytes(32), peer = share_of(random.bytes(32));
  for (const size_t bit : {0u, 1u, 2u, 254u, 255u}) {
    ByteVector other = key;
    other[bit / 8] = static_cast<uint8_t>(other[bit / 8] ^ 1 << bit % 8);
    EXPECT_EQ(agree(other, peer), agree(key, peer)) << bit;
    EXPECT_EQ(share_of(other), share_of(key)) << bit;
  }
  for (const size_t bit : {3u, 4u, 100u, 252u, 253u}) {
    ByteVector other = key;
    other[bit / 8] = static_cast<uint8_t>(other[bit / 8] ^ 1 << bit % 8);
    EXPECT_NE(agree(other, peer), agree(key, peer)) << bit;
  }
}

// RFC 7748 §5: the highest bit is masked, and values from p to 2^255 - 1 are taken modulo p.
TEST_P(X25519Kernel, other_encodings_of_a_coordinate) {
  SeededRandom random(4);
  const ByteVector key = random.bytes(32);
  for (uint8_t u = 2; u < 19; ++u) {
    ByteVector small(32), large(32, 0xff);
    small[0] = u;
    large[0] = static_cast<uint8_t>(0xed + u);
    large[31] = 0x7f;
    const auto agreed = agree(key, small);
    ASSERT_TRUE(agreed);
    EXPECT_EQ(agree(key, large), agreed) << int{u};
    small[31] = 0x80, large[31] = 0xff;
    EXPECT_EQ(agree(key, small), agreed) << int{u};
    EXPECT_EQ(agree(key, large), agreed) << int{u};
  }
}

/// The points of small order of curve and twist in every encoding: their multiples by 8 are zero.
std::vector<ByteVector> small_order() {
  std::vector<ByteVector> out;
  for (const char* hex : {"0000000000000000000000000000000000000000000000000000000000000000",
                          "0100000000000000000000000000000000000000000000000000000000000000",
                          "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                          "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                          "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"}) {
    out.push_back(from_hex(hex));
    out.push_back(out.back());
    out.back()[31] |= 0x80;
  }
  return out;
}

// RFC 9846 §7.4.2.
TEST_P(X25519Kernel, points_of_small_order_are_refused) {
  SeededRandom random(5);
  for (const ByteVector& share : small_order()) {
    for (int i = 0; i < 8; ++i) EXPECT_FALSE(agree(random.bytes(32), share)) << to_hex(share);
    EncapsulateJob job{.peer_share = share};
    job.share = {1, 2, 3};
    job.secret = SecretBytes(7);
    group_.encapsulate(random, {&job, 1});
    EXPECT_FALSE(job.ok);
    EXPECT_TRUE(job.secret.empty());
    EXPECT_TRUE(job.share.empty());
  }
}

TEST_P(X25519Kernel, keys_and_shares_of_other_sizes_are_refused) {
  SeededRandom random(6);
  const ByteVector key = random.bytes(32), share = share_of(random.bytes(32));
  for (size_t size = 0; size <= 70; ++size) {
    if (size == 32) continue;
    EXPECT_FALSE(agree(ByteVector(size, 1), share)) << size;
    ByteVector other = share;
    other.resize(size, 1);
    EXPECT_FALSE(agree(key, other)) << size;
    EncapsulateJob job{.peer_share = other};
    group_.encapsulate(random, {&job, 1});
    EXPECT_FALSE(job.ok || !job.secret.empty() || !job.share.empty()) << size;
  }
  DecapsulateJob without_key{.peer_share = share};
  without_key.secret = SecretBytes(7);
  group_.decapsulate({&without_key, 1});
  EXPECT_FALSE(without_key.ok);
  EXPECT_TRUE(without_key.secret.empty());
}

TEST_P(X25519Kernel, jobs_of_a_batch_are_independent) {
  SeededRandom random(7);
  constexpr size_t n = 9;
  std::vector<GenerateJob> initiators(n);
  group_.generate(random, initiators);
  const std::vector<ByteVector> bad = small_order();
  const auto is_bad = [](size_t i) { return i % 3 == 1; };
  std::vector<EncapsulateJob> responders(n);
  for (size_t i = 0; i < n; ++i)
    responders[i].peer_share = is_bad(i) ? Bytes(bad[i]) : Bytes(initiators[i].share);
  group_.encapsulate(random, responders);
  std::vector<DecapsulateJob> finals(n);
  for (size_t i = 0; i < n; ++i) {
    EXPECT_EQ(responders[i].ok, !is_bad(i));
    finals[i].private_key = &initiators[i].private_key;
    finals[i].peer_share = responders[i].share;
  }
  group_.decapsulate(finals);
  for (size_t i = 0; i < n; ++i) {
    EXPECT_EQ(finals[i].ok, !is_bad(i));
    EXPECT_EQ(to_hex(finals[i].secret.reveal()), to_hex(responders[i].secret.reveal()));
    EXPECT_EQ(finals[i].secret.size(), is_bad(i) ? 0u : 32u);
    for (size_t j = 0; j < i; ++j) EXPECT_NE(initiators[i].share, initiators[j].share);
  }
  group_.generate(random, {});
  group_.encapsulate(random, {});
  group_.decapsulate({});
}

// Batches of every size around those that a kernel computes side by side, with shares that are refused for
// their size or their order in every place: each job has what it would have alone.
TEST_P(X25519Kernel, batches_of_every_size_give_what_single_jobs_give) {
  SeededRandom random(17);
  const GroupAlgorithm& soft = *crypto::x25519_kernels().back().algorithm;
  const std::vector<ByteVector> small = small_order();
  for (size_t n = 1; n <= 19; ++n) {
    std::vector<GenerateJob> own(n);
    group_.generate(random, own);
    std::vector<ByteVector> shares(n);
    std::vector<DecapsulateJob> jobs(n);
    for (size_t i = 0; i < n; ++i) {
      FixedRandom same(to_vector(own[i].private_key.reveal()));
      GenerateJob single;
      soft.generate(same, {&single, 1});
      EXPECT_TRUE(own[i].ok);
      EXPECT_EQ(to_hex(own[i].share), to_hex(single.share)) << i << " of " << n;
      shares[i] = random.bytes(32);
      if (i % 5 == n % 5) shares[i] = small[(i + n) % small.size()];
      if (i % 7 == n % 7) shares[i].resize(31 + 2 * (n % 2));
      jobs[i] = {.private_key = (i + n) % 11 == 0 ? nullptr : &own[i].private_key, .peer_share = shares[i]};
      jobs[i].secret = SecretBytes(3);
    }
    group_.decapsulate(jobs);
    std::vector<EncapsulateJob> replies(n);
    for (size_t i = 0; i < n; ++i) replies[i].peer_share = shares[i];
    group_.encapsulate(random, replies);
    for (size_t i = 0; i < n; ++i) {
      const auto wanted = decapsulate(soft, own[i].private_key.reveal(), shares[i]);
      EXPECT_EQ(jobs[i].ok, wanted && jobs[i].private_key) << i << " of " << n;
      EXPECT_EQ(to_hex(jobs[i].secret.reveal()), jobs[i].ok ? to_hex(*wanted) : "") << i << " of " << n;
      EXPECT_EQ(replies[i].ok, wanted.has_value()) << i << " of " << n;
      EXPECT_EQ(replies[i].share.size(), wanted ? 32u : 0u);
      EXPECT_EQ(replies[i].secret.size(), wanted ? 32u : 0u);
    }
  }
}

// In a build for the checker (base/ct.h) a branch or an index that depends on a private key or on a secret is
// reported here; in others this says that marks change nothing.
TEST_P(X25519Kernel, marked_secrets_give_what_others_give) {
  SeededRandom random(8);
  const ByteVector plain = random.bytes(32), peer = share_of(random.bytes(32));
  const auto expected = agree(plain, peer);
  ByteVector marked = plain;
  ct::poison(marked.data(), marked.size());
  FixedRandom source(marked);
  GenerateJob own;
  group_.generate(source, {&own, 1});
  ASSERT_TRUE(own.ok);
  EXPECT_EQ(own.share, share_of(plain));
  DecapsulateJob job{.private_key = &own.private_key, .peer_share = peer};
  group_.decapsulate({&job, 1});
  ASSERT_TRUE(job.ok && expected);
  EXPECT_TRUE(ct::equal(job.secret.reveal(), *expected));
}

TEST_P(X25519Kernel, agrees_with_libcrypto) {
  BULLA_NEED_WITNESS();
  const GroupAlgorithm& reference = *witness()->group(NamedGroup::x25519);
  constexpr uint64_t seed = 20260101;
  SCOPED_TRACE(seed);
  SeededRandom random(seed);
  for (uint64_t i = 0; i < 500; ++i) {
    const ByteVector key = random.bytes(32);
    ByteVector share = random.bytes(32);  // half of them on the twist
    if (i % 5 == 0)
      std::fill(share.begin() + 8, share.end() - 8, static_cast<uint8_t>(i % 2 == 0 ? 0 : 0xff));
    ASSERT_EQ(agree(key, share), decapsulate(reference, key, share)) << to_hex(key) << ' ' << to_hex(share);
    FixedRandom same(key);
    GenerateJob job;
    reference.generate(same, {&job, 1});
    ASSERT_EQ(share_of(key), job.share) << to_hex(key);
    // The two as one: each side by another provider.
    EncapsulateJob reply{.peer_share = job.share};
    group_.encapsulate(random, {&reply, 1});
    ASSERT_TRUE(reply.ok);
    ASSERT_EQ(decapsulate(reference, key, reply.share), to_vector(reply.secret.reveal()));
  }
}

// ------------------------------------------------------------------------------------ sets outside the tree

TEST_P(X25519Kernel, vectors_wycheproof) {
  const std::string set = "wycheproof/x25519_test.json";
  const auto json = load_json(set);
  BULLA_NEED_VECTORS(json, set);
  size_t cases = 0;
  for (const auto& group : json->at("testGroups").as_array()) {
    for (const auto& test : group.at("tests").as_array()) {
      const ByteVector shared = from_hex(text_of(test, "shared"));
      const auto agreed = agree(from_hex(text_of(test, "private")), from_hex(text_of(test, "public")));
      EXPECT_EQ(agreed.has_value(), !has_flag(test, "ZeroSharedSecret")) << test.at("tcId");
      EXPECT_EQ(agreed.value_or(shared), shared) << test.at("tcId");
      ++cases;
    }
  }
  EXPECT_EQ(cases, 394u);
  report_cases(set, cases);
}

/// SubjectPublicKeyInfo and PrivateKeyInfo of RFC 8410 have one form each: a head, then the 32 bytes.
/// Anything else is not a key that the seam could be given.
TEST_P(X25519Kernel, vectors_wycheproof_in_asn1) {
  const std::string set = "wycheproof/x25519_asn_test.json";
  const auto json = load_json(set);
  BULLA_NEED_VECTORS(json, set);
  const auto inside = [](std::string_view hex, std::string_view head) {
    return from_hex(hex.starts_with(head) ? hex.substr(head.size()) : std::string_view{});
  };
  size_t cases = 0;
  for (const auto& group : json->at("testGroups").as_array()) {
    for (const auto& test : group.at("tests").as_array()) {
      const ByteVector shared = from_hex(text_of(test, "shared"));
      const auto agreed = agree(inside(text_of(test, "private"), "302e020100300506032b656e04220420"),
                                inside(text_of(test, "public"), "302a300506032b656e032100"));
      const bool refused = text_of(test, "result") == "invalid" || has_flag(test, "ZeroSharedSecret");
      EXPECT_EQ(agreed.has_value(), !refused) << test.at("tcId");
      EXPECT_EQ(agreed.value_or(shared), shared) << test.at("tcId");
      ++cases;
    }
  }
  EXPECT_EQ(cases, 408u);
  report_cases(set, cases);
}

TEST_P(X25519Kernel, vectors_nist_folder) {
  struct Set {
    const char *name, *key, *share, *secret;
    size_t cases;
  };
  for (const Set& s : {Set{"nist/x25519/rfc7748.txt", "INPUT_SCALAR", "INPUT_U", "OUTPUT_U", 3},
                       Set{"nist/botan-text/x25519.vec", "Secret", "CounterKey", "K", 0}}) {
    const auto text = read_text(s.name);
    BULLA_NEED_VECTORS(text, s.name);
    size_t cases = 0;
    for (const Block& block : parse_blocks(*text)) {
      if (!block.has(s.secret)) continue;
      const ByteVector wanted = block.bytes(s.secret);
      const auto agreed = agree(block.bytes(s.key), block.bytes(s.share));
      EXPECT_EQ(agreed.has_value(), wanted != ByteVector(32));
      EXPECT_EQ(agreed.value_or(wanted), wanted);
      ++cases;
    }
    EXPECT_GE(cases, std::max<size_t>(s.cases, 3));
    report_cases(s.name, cases);
  }
}

/// Keys have names, and what is derived names them.
TEST_P(X25519Kernel, vectors_boringssl) {
  const std::string set = "nist/boringssl-text/x25519_tests.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  std::map<std::string, ByteVector> privates, publics;
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    const std::string name(block.text("Key"));
    if (block.has("RawPrivate")) {
      privates[name] = block.bytes("RawPrivate");
      EXPECT_EQ(share_of(privates[name]), block.bytes("RawPublic"));
      ++cases;
    }
    if (block.has("RawPublic")) publics[name] = block.bytes("RawPublic");
    if (!block.has("Derive")) continue;
    std::string own(block.text("Derive"));
    const std::string peer(block.text("DerivePeer"));
    ASSERT_TRUE(publics.contains(peer));
    ByteVector key;  // "/PublicOnly" is a key without its private half
    if (own.ends_with("/Private")) key = privates.at(own.substr(0, own.size() - 8));
    const auto agreed = agree(key, publics.at(peer));
    EXPECT_EQ(agreed.has_value(), block.has("Output"));
    if (block.has("Output")) {
      EXPECT_EQ(agreed, block.bytes("Output"));
    }
    ++cases;
  }
  EXPECT_EQ(cases, 4u);
  report_cases(set, cases);
}

}  // namespace
}  // namespace bulla::test
