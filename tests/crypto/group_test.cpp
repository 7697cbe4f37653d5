#include "crypto/one_shot.h"
#include "support/vectors.h"

#include <algorithm>

namespace bulla::test {
namespace {

const GroupAlgorithm& group_of(NamedGroup id) {
  return *tested_provider().group(id);
}
Random& random_source() {
  return *tested_provider().random;
}

GenerateJob generate(const GroupAlgorithm& group, Random& random = random_source()) {
  GenerateJob job;
  group.generate(random, {&job, 1});
  EXPECT_TRUE(job.ok);
  return job;
}

class EveryGroup : public testing::TestWithParam<NamedGroup> {
 protected:
  const GroupAlgorithm& group_ = group_of(GetParam());
};

TEST_P(EveryGroup, both_sides_agree_in_batches) {
  constexpr size_t n = 10;
  std::vector<GenerateJob> initiators(n);
  group_.generate(random_source(), initiators);
  std::vector<EncapsulateJob> responders(n);
  for (size_t i = 0; i < n; ++i) responders[i].peer_share = initiators[i].share;
  group_.encapsulate(random_source(), responders);
  std::vector<DecapsulateJob> finals(n);
  for (size_t i = 0; i < n; ++i) {
    finals[i].private_key = &initiators[i].private_key;
    finals[i].peer_share = responders[i].share;
  }
  group_.decapsulate(finals);
  for (size_t i = 0; i < n; ++i) {
    ASSERT_TRUE(initiators[i].ok && responders[i].ok && finals[i].ok);
    EXPECT_EQ(initiators[i].share.size(), group_.share_size);
    EXPECT_EQ(responders[i].share.size(), group_.reply_size);
    EXPECT_EQ(to_hex(responders[i].secret.reveal()), to_hex(finals[i].secret.reveal()));
    for (size_t j = 0; j < i; ++j) EXPECT_NE(initiators[i].share, initiators[j].share);
  }
}

TEST_P(EveryGroup, one_bad_share_in_a_batch_does_not_hurt_the_others) {
  const GenerateJob peer = generate(group_);
  std::vector<EncapsulateJob> jobs(3);
  jobs[0].peer_share = jobs[2].peer_share = peer.share;
  group_.encapsulate(random_source(), jobs);
  EXPECT_TRUE(jobs[0].ok);
  EXPECT_FALSE(jobs[1].ok);
  EXPECT_TRUE(jobs[1].secret.empty());
  EXPECT_TRUE(jobs[2].ok);
}

TEST_P(EveryGroup, shares_of_wrong_length_are_refused) {
  const GenerateJob peer = generate(group_);
  for (size_t size = 0; size <= peer.share.size() + 2; ++size) {
    if (size == peer.share.size()) continue;
    ByteVector share = peer.share;
    share.resize(size);
    EncapsulateJob job{.peer_share = share};
    group_.encapsulate(random_source(), {&job, 1});
    EXPECT_FALSE(job.ok) << size;
    if (size != group_.reply_size) {
      EXPECT_FALSE(decapsulate(group_, peer.private_key.reveal(), share)) << size;
    }
  }
}

TEST_P(EveryGroup, zero_shares_are_refused) {
  const GenerateJob own = generate(group_);
  const ByteVector zero(group_.share_size);
  EncapsulateJob job{.peer_share = zero};
  group_.encapsulate(random_source(), {&job, 1});
  EXPECT_FALSE(job.ok);
  EXPECT_FALSE(decapsulate(group_, own.private_key.reveal(), zero));
}

TEST_P(EveryGroup, broken_private_keys_are_refused) {
  const GenerateJob peer = generate(group_);
  EXPECT_FALSE(decapsulate(group_, {}, peer.share));
  EXPECT_FALSE(decapsulate(group_, ByteVector(7, 1), peer.share));
  DecapsulateJob without_key{.peer_share = peer.share};
  group_.decapsulate({&without_key, 1});
  EXPECT_FALSE(without_key.ok);
}

TEST_P(EveryGroup, a_fixed_random_source_gives_a_fixed_share) {
  FixedRandom a({1, 2, 3, 4, 5}), b({1, 2, 3, 4, 5});
  EXPECT_EQ(generate(group_, a).share, generate(group_, b).share);
}

/// Bytes that are 0 or 255 for ever are no scalar of a NIST curve (FIPS 186-5 §A.2.2); the others take any.
TEST_P(EveryGroup, a_source_that_is_stuck_is_an_error_and_no_end) {
  const bool takes_all = GetParam() == NamedGroup::x25519 || GetParam() == NamedGroup::x25519mlkem768;
  const GenerateJob peer = generate(group_);
  for (const uint8_t byte : {uint8_t{0}, uint8_t{0xff}}) {
    FixedRandom stuck({byte});
    GenerateJob job;
    job.private_key = SecretBytes(size_t{5}), job.share = {1}, job.ok = true;
    group_.generate(stuck, {&job, 1});
    EXPECT_EQ(job.ok, takes_all);
    EXPECT_EQ(job.share.empty(), !takes_all);
    EXPECT_EQ(job.private_key.empty(), !takes_all);
    EncapsulateJob answer{.peer_share = peer.share};
    answer.secret = SecretBytes(size_t{5}), answer.share = {1}, answer.ok = true;
    group_.encapsulate(stuck, {&answer, 1});
    EXPECT_EQ(answer.ok, takes_all);
    EXPECT_EQ(answer.share.empty(), !takes_all);
    EXPECT_EQ(answer.secret.empty(), !takes_all);
  }
}

std::vector<NamedGroup> tested_groups() {
  std::vector<NamedGroup> out;
  for (const GroupAlgorithm* group : tested_provider().groups) out.push_back(group->id);
  return out;
}
INSTANTIATE_TEST_SUITE_P(Tested, EveryGroup, testing::ValuesIn(tested_groups()),
                         [](const auto& info) { return name_of(info.param); });

// RFC 7748 §6.1, the whole exchange with Alice as initiator and Bob as responder.
TEST(X25519, rfc7748_diffie_hellman) {
  const auto& group = group_of(NamedGroup::x25519);
  FixedRandom alice(from_hex("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"));
  FixedRandom bob(from_hex("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb"));
  const std::string secret = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";

  const GenerateJob initiator = generate(group, alice);
  EXPECT_EQ(to_hex(initiator.share), "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  EncapsulateJob responder{.peer_share = initiator.share};
  group.encapsulate(bob, {&responder, 1});
  ASSERT_TRUE(responder.ok);
  EXPECT_EQ(to_hex(responder.share), "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  EXPECT_EQ(to_hex(responder.secret.reveal()), secret);
  const auto agreed = decapsulate(group, initiator.private_key.reveal(), responder.share);
  ASSERT_TRUE(agreed);
  EXPECT_EQ(to_hex(*agreed), secret);
}

// RFC 7748 §5.2; the second case has the surplus top bit of its coordinate set.
TEST(X25519, rfc7748_scalar_multiplication) {
  const auto& group = group_of(NamedGroup::x25519);
  EXPECT_EQ(decapsulate(group, from_hex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                        from_hex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c")),
            from_hex("c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"));
  EXPECT_EQ(decapsulate(group, from_hex("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
                        from_hex("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493")),
            from_hex("95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"));
}

// RFC 9846 §7.4.2: the all-zero secret is refused. Points of small order, also with the top bit set.
TEST(X25519, points_of_small_order_are_refused) {
  const auto& group = group_of(NamedGroup::x25519);
  const GenerateJob own = generate(group);
  for (const char* point : {"0000000000000000000000000000000000000000000000000000000000000000",
                            "0100000000000000000000000000000000000000000000000000000000000000",
                            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                            "0000000000000000000000000000000000000000000000000000000000000080",
                            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"}) {
    const ByteVector share = from_hex(point);
    EXPECT_FALSE(decapsulate(group, own.private_key.reveal(), share)) << point;
    EncapsulateJob job{.peer_share = share};
    group.encapsulate(random_source(), {&job, 1});
    EXPECT_FALSE(job.ok) << point;
    EXPECT_TRUE(job.secret.empty());
  }
}

class NistGroup : public EveryGroup {};

TEST_P(NistGroup, other_forms_of_a_point_are_refused) {
  const GenerateJob peer = generate(group_);
  const GenerateJob own = generate(group_);
  const size_t field = (peer.share.size() - 1) / 2;
  ByteVector compressed(peer.share.begin(), peer.share.begin() + static_cast<ptrdiff_t>(field + 1));
  compressed[0] = static_cast<uint8_t>(2 + (peer.share.back() & 1));
  EXPECT_FALSE(decapsulate(group_, own.private_key.reveal(), compressed));
  const ByteVector infinity = {0};
  EXPECT_FALSE(decapsulate(group_, own.private_key.reveal(), infinity));
  for (unsigned form = 0; form < 256; ++form) {
    ByteVector other = peer.share;
    other[0] = static_cast<uint8_t>(form);
    EXPECT_EQ(decapsulate(group_, own.private_key.reveal(), other).has_value(), form == 4) << form;
  }
}

// RFC 9846 §4.3.8.2.
TEST_P(NistGroup, points_off_the_curve_are_refused) {
  const GenerateJob peer = generate(group_);
  const GenerateJob own = generate(group_);
  for (size_t i = 1; i < peer.share.size(); ++i) {
    ByteVector off = peer.share;
    off[i] ^= 0x10;
    EXPECT_FALSE(decapsulate(group_, own.private_key.reveal(), off)) << i;
  }
  ByteVector too_large = peer.share;
  std::fill(too_large.begin() + 1, too_large.end(), uint8_t{0xff});
  EXPECT_FALSE(decapsulate(group_, own.private_key.reveal(), too_large));
}

TEST_P(NistGroup, private_keys_out_of_range_are_refused) {
  const GenerateJob peer = generate(group_);
  const size_t field = (peer.share.size() - 1) / 2;
  EXPECT_FALSE(decapsulate(group_, ByteVector(field), peer.share));
  EXPECT_FALSE(decapsulate(group_, ByteVector(field, 0xff), peer.share));
  EXPECT_FALSE(decapsulate(group_, ByteVector(field + 1, 1), peer.share));
}

INSTANTIATE_TEST_SUITE_P(Openssl, NistGroup, testing::Values(NamedGroup::secp256r1, NamedGroup::secp384r1),
                         [](const auto& info) { return name_of(info.param); });

// ------------------------------------------------------------------------------------ sets outside the tree

TEST(GroupVectors, wycheproof_x25519) {
  const std::string set = "wycheproof/x25519_test.json";
  const auto json = load_json(set);
  BULLA_NEED_VECTORS(json, set);
  size_t cases = 0;
  for (const auto& group : json->at("testGroups").as_array()) {
    for (const auto& test : group.at("tests").as_array()) {
      const ByteVector shared = from_hex(text_of(test, "shared"));
      const auto agreed = decapsulate(group_of(NamedGroup::x25519), from_hex(text_of(test, "private")),
                                      from_hex(text_of(test, "public")));
      const bool zero = shared == ByteVector(32);
      EXPECT_EQ(zero, has_flag(test, "ZeroSharedSecret"));
      EXPECT_EQ(agreed.has_value(), !zero) << test.at("tcId");
      EXPECT_EQ(agreed.value_or(shared), shared) << test.at("tcId");
      ++cases;
    }
  }
  report_cases(set, cases);
}

void wycheproof_ecpoint(NamedGroup id, size_t field, const std::string& set) {
  const auto json = load_json(set);
  BULLA_NEED_VECTORS(json, set);
  size_t cases = 0;
  for (const auto& group : json->at("testGroups").as_array()) {
    for (const auto& test : group.at("tests").as_array()) {
      const ByteVector private_key = to_size(from_hex(text_of(test, "private")), field);
      const auto agreed = decapsulate(group_of(id), private_key, from_hex(text_of(test, "public")));
      // The "acceptable" case is a compressed point, which TLS does not know.
      EXPECT_EQ(agreed.has_value(), text_of(test, "result") == "valid") << set << " tcId " << test.at("tcId");
      const ByteVector shared = from_hex(text_of(test, "shared"));
      EXPECT_EQ(agreed.value_or(shared), shared) << set << " tcId " << test.at("tcId");
      ++cases;
    }
  }
  report_cases(set, cases);
}

TEST(GroupVectors, wycheproof_secp256r1) {
  wycheproof_ecpoint(NamedGroup::secp256r1, 32, "wycheproof/ecdh_secp256r1_ecpoint_test.json");
}
TEST(GroupVectors, wycheproof_secp384r1) {
  wycheproof_ecpoint(NamedGroup::secp384r1, 48, "wycheproof/ecdh_secp384r1_ecpoint_test.json");
}

struct NistCurve {
  NamedGroup id;
  size_t field;
};
std::optional<NistCurve> curve_named(std::string_view name) {
  if (name.find("P-256") != name.npos) return NistCurve{NamedGroup::secp256r1, 32};
  if (name.find("P-384") != name.npos) return NistCurve{NamedGroup::secp384r1, 48};
  return std::nullopt;
}

TEST(GroupVectors, nist_ecdh_primitive) {
  const std::string set = "nist/boringssl-text/ecdh_tests.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    const auto curve = curve_named(block.text("Curve"));
    if (!curve) continue;
    const auto agreed = decapsulate(group_of(curve->id), to_size(block.bytes("Private"), curve->field),
                                    uncompressed(block.bytes("PeerX"), block.bytes("PeerY"), curve->field));
    EXPECT_EQ(agreed, block.bytes("Z"));
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

/// Keys of the peer that fail validation must be refused; where only something else is wrong (our own key
/// pair, the hash of the secret), the primitive's answer is the one given.
TEST(GroupVectors, nist_key_agreement_validity) {
  const std::string set = "nist/ecdh/KASValidityTest_ECCStaticUnified_NOKC_ZZOnly_resp.fax";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    const auto curve = block.section == "EC - SHA256"   ? curve_named("P-256")
                       : block.section == "ED - SHA384" ? curve_named("P-384")
                                                        : std::nullopt;
    if (!curve || !block.has("QsCAVSx")) continue;
    const std::string_view result = block.text("Result");
    const bool peer_bad = result.find("CAVS's Static public key") != result.npos;
    const ByteVector x = without_leading_zeros(block.bytes("QsCAVSx"));
    const ByteVector y = without_leading_zeros(block.bytes("QsCAVSy"));
    std::optional<ByteVector> agreed;
    // A coordinate longer than the field cannot be written as a share.
    if (x.size() <= curve->field && y.size() <= curve->field)
      agreed = decapsulate(group_of(curve->id), to_size(block.bytes("dsIUT"), curve->field),
                           uncompressed(x, y, curve->field));
    EXPECT_EQ(agreed.has_value(), !peer_bad) << block.section << " " << block.text("COUNT");
    if (result.front() == 'P') {
      EXPECT_EQ(agreed, block.bytes("Z"));
    }
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

}  // namespace
}  // namespace bulla::test
