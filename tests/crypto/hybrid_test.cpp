// Hybrid groups: ML-KEM joined to curves, half by half.
#include "crypto/hybrid/hybrid.h"
#include "crypto/curve25519/x25519.h"
#include "crypto/ml_kem/ml_kem.h"
#include "crypto/ml_kem_cases.h"
#include "crypto/p256/p256.h"
#include "crypto/p384/p384.h"

namespace bulla::test {
namespace {

struct Case {
  const GroupAlgorithm *group, *first, *second;
  size_t secret_size;
};
void PrintTo(const Case& c, std::ostream* out) {
  *out << c.group->name;
}

const GroupAlgorithm* soft(std::span<const crypto::Kernel<GroupAlgorithm>> kernels) {
  return kernels.back().algorithm;
}

class HybridGroup : public testing::TestWithParam<Case> {
 protected:
  const GroupAlgorithm& group() const { return *GetParam().group; }
  Random& random() const { return *builtin_provider().random; }
  GenerateJob generate() const {
    GenerateJob job;
    group().generate(random(), {&job, 1});
    EXPECT_TRUE(job.ok);
    return job;
  }
  EncapsulateJob encapsulate(Bytes share) const {
    EncapsulateJob job{.peer_share = share};
    group().encapsulate(random(), {&job, 1});
    EXPECT_TRUE(job.ok || (job.share.empty() && job.secret.empty()));
    return job;
  }
};
INSTANTIATE_TEST_SUITE_P(Draft, HybridGroup,
                         testing::Values(Case{&crypto::x25519mlkem768, soft(crypto::ml_kem_768_kernels()),
                                              soft(crypto::x25519_kernels()), 64},
                                         Case{&crypto::secp256r1mlkem768, soft(crypto::p256_kernels()),
                                              soft(crypto::ml_kem_768_kernels()), 64},
                                         Case{&crypto::secp384r1mlkem1024, soft(crypto::p384_kernels()),
                                              soft(crypto::ml_kem_1024_kernels()), 80}),
                         [](const auto& info) { return std::string(info.param.group->name); });

TEST_P(HybridGroup, both_sides_agree_in_batches) {
  constexpr size_t count = 5;
  std::vector<GenerateJob> initiators(count);
  group().generate(random(), initiators);
  std::vector<EncapsulateJob> responders(count);
  for (size_t i = 0; i < count; ++i) responders[i].peer_share = initiators[i].share;
  group().encapsulate(random(), responders);
  std::vector<DecapsulateJob> finals(count);
  for (size_t i = 0; i < count; ++i)
    finals[i] = {.private_key = &initiators[i].private_key, .peer_share = responders[i].share};
  group().decapsulate(finals);
  for (size_t i = 0; i < count; ++i) {
    ASSERT_TRUE(initiators[i].ok && responders[i].ok && finals[i].ok);
    EXPECT_EQ(initiators[i].share.size(), group().share_size);
    EXPECT_EQ(responders[i].share.size(), group().reply_size);
    EXPECT_EQ(finals[i].secret.size(), GetParam().secret_size);
    EXPECT_EQ(to_hex(finals[i].secret.reveal()), to_hex(responders[i].secret.reveal()));
  }
}

TEST_P(HybridGroup, sizes_are_sums) {
  EXPECT_EQ(group().share_size, GetParam().first->share_size + GetParam().second->share_size);
  EXPECT_EQ(group().reply_size, GetParam().first->reply_size + GetParam().second->reply_size);
}

/// Each half of the reply, taken by the half's own algorithm, gives its part of the secret, in the draft's
/// order.
TEST_P(HybridGroup, halves_stand_where_the_draft_says) {
  const GroupAlgorithm &first = *GetParam().first, &second = *GetParam().second;
  GenerateJob a, b;
  first.generate(random(), {&a, 1});
  second.generate(random(), {&b, 1});
  const EncapsulateJob reply = encapsulate(joined(a.share, b.share));
  ASSERT_TRUE(reply.ok);
  const Bytes share = reply.share;
  const auto one = decapsulate(first, a.private_key.reveal(), share.first(first.reply_size));
  const auto two = decapsulate(second, b.private_key.reveal(), share.subspan(first.reply_size));
  ASSERT_TRUE(one && two);
  EXPECT_EQ(to_hex(joined(*one, *two)), to_hex(reply.secret.reveal()));
}

TEST_P(HybridGroup, shares_of_wrong_length_are_refused) {
  const GenerateJob own = generate();
  const EncapsulateJob reply = encapsulate(own.share);
  const auto sizes_around = [](size_t size, size_t half) {
    return std::vector<size_t>{0, 1, half - 1, half, half + 1, size - half, size - 1, size + 1, 2 * size};
  };
  for (const size_t size : sizes_around(group().share_size, GetParam().first->share_size)) {
    ByteVector share = own.share;
    share.resize(size);
    EXPECT_FALSE(encapsulate(share).ok) << size;
  }
  for (const size_t size : sizes_around(group().reply_size, GetParam().first->reply_size)) {
    ByteVector share = reply.share;
    share.resize(size);
    EXPECT_FALSE(decapsulate(group(), own.private_key.reveal(), share)) << size;
  }
}

TEST_P(HybridGroup, a_bad_half_spoils_the_whole_and_no_other_job) {
  const bool kem_first = GetParam().first->name.starts_with("ML-KEM");
  const size_t split = GetParam().first->share_size;
  const GenerateJob own = generate();
  ByteVector bad_kem = own.share, bad_curve = own.share;
  const size_t kem_at = kem_first ? 0 : split;
  bad_kem[kem_at] = 0xff, bad_kem[kem_at + 1] |= 0x0f;  // a coefficient of 4095
  const auto curve = kem_first ? bad_curve.begin() + static_cast<ptrdiff_t>(split) : bad_curve.begin();
  std::fill(curve, kem_first ? bad_curve.end() : bad_curve.begin() + static_cast<ptrdiff_t>(split),
            uint8_t{0});
  std::vector<EncapsulateJob> jobs(4);
  jobs[0].peer_share = jobs[3].peer_share = own.share;
  jobs[1].peer_share = bad_kem;
  jobs[2].peer_share = bad_curve;
  group().encapsulate(random(), jobs);
  EXPECT_TRUE(jobs[0].ok && !jobs[1].ok && !jobs[2].ok && jobs[3].ok);
  for (const size_t i : {1u, 2u}) EXPECT_TRUE(jobs[i].share.empty() && jobs[i].secret.empty());

  const size_t reply_split = GetParam().first->reply_size;
  ByteVector zero_curve = jobs[0].share;
  for (size_t i = kem_first ? reply_split : 0; i < (kem_first ? zero_curve.size() : reply_split); ++i)
    zero_curve[i] = 0;
  EXPECT_FALSE(decapsulate(group(), own.private_key.reveal(), zero_curve));
  EXPECT_TRUE(decapsulate(group(), own.private_key.reveal(), jobs[3].share));
}

TEST_P(HybridGroup, broken_private_keys_are_refused) {
  const GenerateJob own = generate();
  const EncapsulateJob reply = encapsulate(own.share);
  const ByteVector key = to_vector(own.private_key.reveal());
  for (const size_t size : {0u, 1u, 3u, 4u, 5u, 36u, 1000u}) {
    const Bytes cut = Bytes(key).first(std::min<size_t>(size, key.size() - 1));
    EXPECT_FALSE(decapsulate(group(), cut, reply.share)) << size;
  }
  for (const uint8_t byte : std::initializer_list<uint8_t>{0, 1, 0x7f, 0xff}) {
    ByteVector altered = key;
    altered[1] = static_cast<uint8_t>(altered[1] + 1 + byte % 0xff);  // another size for the first half
    EXPECT_FALSE(decapsulate(group(), altered, reply.share)) << int{byte};
    altered = key;
    altered[3] = static_cast<uint8_t>(byte | 1);  // a size beyond the key
    EXPECT_FALSE(decapsulate(group(), altered, reply.share)) << int{byte};
  }
  DecapsulateJob without_key{.peer_share = reply.share};
  group().decapsulate({&without_key, 1});
  EXPECT_FALSE(without_key.ok);
}

TEST_P(HybridGroup, a_flipped_bit_gives_another_secret) {
  const GenerateJob own = generate();
  const EncapsulateJob reply = encapsulate(own.share);
  const size_t in_kem = GetParam().first->name.starts_with("ML-KEM") ? 7 : GetParam().first->reply_size + 7;
  ByteVector altered = reply.share;
  altered[in_kem] ^= 1;
  const auto secret = decapsulate(group(), own.private_key.reveal(), altered);
  ASSERT_TRUE(secret) << "implicit rejection is no error";
  EXPECT_NE(to_hex(*secret), to_hex(reply.secret.reveal()));
}

}  // namespace
}  // namespace bulla::test
