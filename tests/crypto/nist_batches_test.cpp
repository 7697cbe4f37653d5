// Jobs of one call, from one to more than a kernel has lanes: each as if it came alone, whatever becomes of
// the others.
#include "crypto/ecdsa/ecdsa.h"
#include "crypto/nist_curves.h"
#include "crypto/sha2/sha2.h"

namespace bulla::test {
namespace {

using namespace bulla::crypto;

constexpr size_t most = 17;

TEST(NistBatches, shares_are_those_of_soft) {
  for (const NistCurve& curve : nist_curves()) {
    each_kernel(curve.groups, [&](const GroupAlgorithm& group) {
      for (size_t count = 0; count <= most; ++count) {
        SeededRandom random(count), again(count);
        std::vector<GenerateJob> jobs(count), wanted(count);
        group.generate(random, jobs);
        curve.groups.back().algorithm->generate(again, wanted);
        for (size_t i = 0; i < count; ++i) {
          EXPECT_TRUE(jobs[i].ok);
          EXPECT_EQ(to_hex(jobs[i].private_key.reveal()), to_hex(wanted[i].private_key.reveal()));
          EXPECT_EQ(to_hex(jobs[i].share), to_hex(wanted[i].share)) << i << " of " << count;
        }
      }
    });
  }
}

/// Every third share is no point, every fifth private key is none.
TEST(NistBatches, secrets_are_those_of_soft_and_a_bad_job_fails_alone) {
  for (const NistCurve& curve : nist_curves()) {
    if (curve.type == KeyType::ec_p521) continue;  // one by one, and slow
    const GroupAlgorithm& soft = *curve.groups.back().algorithm;
    each_kernel(curve.groups, [&](const GroupAlgorithm& group) {
      for (size_t count = 1; count <= most; count += count < 10 ? 1 : 7) {
        SeededRandom random(count), again(count), source(99);
        std::vector<GenerateJob> own(count);
        soft.generate(source, own);
        for (size_t i = 0; i < count; ++i) {
          if (i % 3 == 2) own[i].share.back() ^= 1;
          if (i % 5 == 3) own[i].private_key = SecretBytes(ByteVector(curve.size, 0xff));
        }
        std::vector<EncapsulateJob> answers(count), wanted(count);
        for (size_t i = 0; i < count; ++i) answers[i].peer_share = wanted[i].peer_share = own[i].share;
        group.encapsulate(random, answers);
        soft.encapsulate(again, wanted);
        std::vector<DecapsulateJob> ends(count);
        for (size_t i = 0; i < count; ++i) {
          EXPECT_EQ(answers[i].ok, i % 3 != 2);
          EXPECT_EQ(wanted[i].ok, answers[i].ok);
          EXPECT_EQ(to_hex(answers[i].share), to_hex(wanted[i].share)) << i << " of " << count;
          EXPECT_EQ(to_hex(answers[i].secret.reveal()), to_hex(wanted[i].secret.reveal()))
              << i << " of " << count;
          ends[i] = {.private_key = &own[i].private_key, .peer_share = answers[i].share};
        }
        group.decapsulate(ends);
        for (size_t i = 0; i < count; ++i) {
          EXPECT_EQ(ends[i].ok, i % 3 != 2 && i % 5 != 3) << i << " of " << count;
          EXPECT_EQ(to_hex(ends[i].secret.reveal()),
                    ends[i].ok ? to_hex(answers[i].secret.reveal()) : std::string{});
        }
      }
    });
  }
}

/// Nonces in and out of range, side by side: FIPS 186-5 §6.4.1.
TEST(NistBatches, signatures_with_given_nonces) {
  for (const NistCurve& curve : nist_curves()) {
    const EcdsaCurve& soft = *curve.ecdsa.back().algorithm;
    each_kernel(curve.ecdsa, [&](const EcdsaCurve& kernel) {
      EXPECT_GE(kernel.lanes, 1u);
      for (size_t count = 0; count <= most; ++count) {
        SeededRandom random(count);
        const SecretBytes d = soft.random_scalar(random);
        std::vector<std::array<ByteVector, 4>> numbers(count);  // k, e, r, s
        std::vector<EcdsaJob> jobs(count);
        for (size_t i = 0; i < count; ++i) {
          auto& [k, e, r, s] = numbers[i];
          k = to_vector(soft.random_scalar(random).reveal());
          if (i % 4 == 1) k = order_of(curve);
          if (i % 8 == 6) k = ByteVector(curve.size);
          e.assign(curve.size, static_cast<uint8_t>(i));
          r.resize(curve.size), s.resize(curve.size);
          jobs[i] = {.k = k, .e = e, .r = r, .s = s};
        }
        kernel.sign(d.reveal(), jobs);
        for (size_t i = 0; i < count; ++i) {
          auto& [k, e, r, s] = numbers[i];
          ByteVector wanted_r(curve.size), wanted_s(curve.size);
          EXPECT_EQ(jobs[i].ok, i % 4 != 1 && i % 8 != 6) << i << " of " << count;
          EXPECT_EQ(soft.sign_one(d.reveal(), k, e, wanted_r, wanted_s), jobs[i].ok);
          EXPECT_EQ(to_hex(r), to_hex(wanted_r)) << i << " of " << count;
          EXPECT_EQ(to_hex(s), to_hex(wanted_s)) << i << " of " << count;
        }
        for (EcdsaJob& job : jobs) job.ok = true;
        kernel.sign(order_of(curve), jobs);
        for (const EcdsaJob& job : jobs) EXPECT_FALSE(job.ok) << "a key out of range";
      }
    });
  }
}

/// By the key that this machine picks a kernel for; one in the middle has an algorithm that is not the key's.
TEST(NistBatches, signatures_of_one_key) {
  constexpr SignatureAlgorithm algorithms[] = {
      SignatureAlgorithm::ecdsa_sha256, SignatureAlgorithm::ecdsa_sha384, SignatureAlgorithm::ecdsa_sha512};
  for (const NistCurve& curve : nist_curves()) {
    SeededRandom random(7);
    const auto key = load_ecdsa(generate_ecdsa(curve.type, random).value()).value();
    EXPECT_EQ(key->lanes(), ecdsa::curve_of(curve.type)->lanes);
    for (size_t count = 1; count <= most; count += 4) {
      SeededRandom together(count), alone(count);
      std::vector<SignJob> jobs(count);
      std::vector<ByteVector> messages(count);
      for (size_t i = 0; i < count; ++i) {
        messages[i].assign(i, 0x5a);
        jobs[i] = {.algorithm = i == 2 ? SignatureAlgorithm::ed25519 : algorithms[i % 3],
                   .message = messages[i]};
      }
      key->sign(together, jobs);
      for (size_t i = 0; i < count; ++i) {
        SignJob job{.algorithm = jobs[i].algorithm, .message = messages[i]};
        key->sign(alone, {&job, 1});
        EXPECT_EQ(jobs[i].ok, i != 2);
        EXPECT_EQ(to_hex(jobs[i].signature), to_hex(job.signature)) << i << " of " << count;
        EXPECT_EQ(verify_ecdsa_vartime(key->public_key(), jobs[i].algorithm, messages[i], jobs[i].signature),
                  jobs[i].ok);
      }
    }
  }
}

}  // namespace
}  // namespace bulla::test
