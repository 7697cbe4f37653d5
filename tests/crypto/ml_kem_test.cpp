// ML-KEM, over every kernel.
#include "crypto/ml_kem_cases.h"

#include <random>

namespace bulla::test {
namespace {

using namespace bulla::crypto;

class MlKem : public MlKemTest {};
INSTANTIATE_TEST_SUITE_P(Kernels, MlKem, testing::ValuesIn(kem_kernels()),
                         [](const auto& info) { return info.param.name; });

ByteVector bytes_from(std::mt19937& random, size_t size) {
  ByteVector out(size);
  for (uint8_t& byte : out) byte = static_cast<uint8_t>(random());
  return out;
}

TEST_P(MlKem, sizes_of_fips203_table_3) {
  const KemPair pair = kem_generate(kem(), ByteVector(64, 1));
  EXPECT_EQ(kem().share_size, is_768() ? 1184u : 1568u);
  EXPECT_EQ(kem().reply_size, is_768() ? 1088u : 1568u);
  EXPECT_EQ(pair.dk.size(), is_768() ? 2400u : 3168u);
  EXPECT_EQ(pair.ek.size(), kem().share_size);
  EXPECT_TRUE(equal_vartime(ek_of(pair), pair.ek));
}

/// Hashes of what ACVP tcId 26 and 51 (keyGen and encapsulation) give, so that the tree knows an answer
/// without the sets beside it: d = 00..1f, z = 20..3f, m = 40..5f, and the secret of a ciphertext of zeros.
TEST_P(MlKem, known_answers) {
  ByteVector seed(64), m(32);
  for (size_t i = 0; i < 64; ++i) seed[i] = static_cast<uint8_t>(i);
  for (size_t i = 0; i < 32; ++i) m[i] = static_cast<uint8_t>(64 + i);
  const auto hashed = [](const ByteVector& bytes) {
    ByteVector out(32);
    sha3_256(*keccak_kernels().back().algorithm, {bytes}, out.data());
    return to_hex(out);
  };
  const KemPair pair = kem_generate(kem(), seed);
  const auto answer = kem_encapsulate(kem(), pair.ek, m);
  ASSERT_TRUE(answer);
  const auto rejected = decapsulate(kem(), pair.dk, ByteVector(kem().reply_size));
  ASSERT_TRUE(rejected);
  EXPECT_EQ(hashed(pair.ek), is_768() ? "a24e16d8f8f9383a95b77050f4d9fd2f5733eec1d63ef3c23ebf9918173669a7"
                                      : "61349e5c131a7e116a0463861d7d18663c5627c38c7147ddaadfd48acd7a4535");
  EXPECT_EQ(hashed(pair.dk), is_768() ? "1149f17c3c4ac6ab1e3e2d9d8bd0171355ac0fa31bb8855c48ceade874c0864b"
                                      : "f0db5d938027fcd9bad87847d52c14cf0c4abcf0703b749793f212111ffb303b");
  EXPECT_EQ(hashed(answer->ciphertext),
            is_768() ? "b4cfbd24cef67afd3764276c6980e0f88f8e9ca57f59b7f12fe1a9c1e72f4710"
                     : "c1579fa02c614f3762b2a799b51e41cebb8f820f34fa736af02c56de2460ce3c");
  EXPECT_EQ(to_hex(answer->secret), is_768()
                                        ? "9cddd089ffe70e3996e76f7c8d06746df34d07e8657bc0fcf2bb0e1c3084aea1"
                                        : "0ad8d1ea1b8dd788979b4379581218df9321bdce5567eca42ae6be7d395f1a54");
  EXPECT_EQ(to_hex(*rejected), is_768() ? "c8fbeddafdacef2ffeb8b354ea644f11b5c150f3e2c4a74ce38abba8f854ae16"
                                        : "294cb5b6b0f37a047745a2a69991f66ac85936e1b077e717eaeb26bb0ba42c68");
}

TEST_P(MlKem, both_sides_agree_in_batches) {
  constexpr size_t count = 20;
  Random& random = *builtin_provider().random;
  std::vector<GenerateJob> initiators(count);
  kem().generate(random, initiators);
  std::vector<EncapsulateJob> responders(count);
  for (size_t i = 0; i < count; ++i) responders[i].peer_share = initiators[i].share;
  kem().encapsulate(random, responders);
  std::vector<DecapsulateJob> finals(count);
  for (size_t i = 0; i < count; ++i) {
    finals[i].private_key = &initiators[i].private_key;
    finals[i].peer_share = responders[i].share;
  }
  kem().decapsulate(finals);
  for (size_t i = 0; i < count; ++i) {
    ASSERT_TRUE(initiators[i].ok && responders[i].ok && finals[i].ok);
    EXPECT_EQ(to_hex(responders[i].secret.reveal()), to_hex(finals[i].secret.reveal()));
    for (size_t j = 0; j < i; ++j) EXPECT_NE(initiators[i].share, initiators[j].share);
    for (size_t j = 0; j < i; ++j) EXPECT_NE(responders[i].share, responders[j].share);
  }
}

TEST_P(MlKem, one_bad_job_in_a_batch_does_not_hurt_the_others) {
  const ByteVector seed(64, 3);
  const KemPair pair = kem_generate(kem(), seed);
  std::vector<EncapsulateJob> responders(3);
  responders[0].peer_share = responders[2].peer_share = pair.ek;
  kem().encapsulate(*builtin_provider().random, responders);
  EXPECT_TRUE(responders[0].ok && !responders[1].ok && responders[2].ok);
  EXPECT_TRUE(responders[1].secret.empty() && responders[1].share.empty());
  const SecretBytes key(pair.dk);
  std::vector<DecapsulateJob> finals(3);
  for (size_t i = 0; i < 3; ++i) finals[i] = {.private_key = &key, .peer_share = responders[i].share};
  kem().decapsulate(finals);
  EXPECT_TRUE(finals[0].ok && !finals[1].ok && finals[2].ok);
  EXPECT_TRUE(finals[1].secret.empty());
}

TEST_P(MlKem, a_seed_and_the_expanded_key_decapsulate_alike) {
  std::mt19937 random(203);
  for (int round = 0; round < 10; ++round) {
    const ByteVector seed = bytes_from(random, 64);
    const KemPair pair = kem_generate(kem(), seed);
    ByteVector ciphertext = kem_encapsulate(kem(), pair.ek, bytes_from(random, 32))->ciphertext;
    EXPECT_EQ(decapsulate(kem(), seed, ciphertext), decapsulate(kem(), pair.dk, ciphertext));
    ciphertext[random() % ciphertext.size()] ^= 1;
    EXPECT_EQ(decapsulate(kem(), seed, ciphertext), decapsulate(kem(), pair.dk, ciphertext));
  }
}

/// FIPS 203 §6.3: every ciphertext that was not made for the key gives J(z || c), and no error.
TEST_P(MlKem, implicit_rejection) {
  const KemPair pair = kem_generate(kem(), ByteVector(64, 0x5a));
  const auto made = kem_encapsulate(kem(), pair.ek, ByteVector(32, 7));
  ASSERT_EQ(decapsulate(kem(), pair.dk, made->ciphertext), made->secret);
  ASSERT_NE(rejected_secret(pair.dk, made->ciphertext), made->secret);
  for (size_t bit = 0; bit < 8 * made->ciphertext.size(); bit += 1 + bit % 13) {
    ByteVector altered = made->ciphertext;
    altered[bit / 8] ^= static_cast<uint8_t>(1u << bit % 8);
    ASSERT_EQ(decapsulate(kem(), pair.dk, altered), rejected_secret(pair.dk, altered)) << "bit " << bit;
  }
  // Only the last byte, only the first, and a byte of zero in front of the difference (a strcmp would stop
  // there).
  for (const uint8_t fill : std::initializer_list<uint8_t>{0x00, 0xff}) {
    const ByteVector ciphertext(kem().reply_size, fill);
    EXPECT_EQ(decapsulate(kem(), pair.dk, ciphertext), rejected_secret(pair.dk, ciphertext));
  }
  // Another z gives another secret for what is rejected, and the same for what is not.
  ByteVector other = pair.dk;
  other.back() ^= 1;
  EXPECT_EQ(decapsulate(kem(), other, made->ciphertext), made->secret);
  EXPECT_NE(decapsulate(kem(), other, ByteVector(kem().reply_size)),
            decapsulate(kem(), pair.dk, ByteVector(kem().reply_size)));
}

TEST_P(MlKem, wrong_lengths_are_refused) {
  const KemPair pair = kem_generate(kem(), ByteVector(64, 9));
  const ByteVector m(32, 1), good = kem_encapsulate(kem(), pair.ek, m)->ciphertext;
  const auto resized = [](ByteVector bytes, size_t size) {
    bytes.resize(size);
    return bytes;
  };
  for (const size_t size : {0u, 1u, 32u, 63u, 64u, 65u, 800u, 1088u, 1184u, 1568u, 2400u, 3168u, 4000u}) {
    EXPECT_EQ(kem_encapsulate(kem(), resized(pair.ek, size), m).has_value(), size == pair.ek.size()) << size;
    EXPECT_EQ(decapsulate(kem(), pair.dk, resized(good, size)).has_value(), size == good.size()) << size;
    EXPECT_EQ(decapsulate(kem(), resized(pair.dk, size), good).has_value(),
              size == pair.dk.size() || size == ml_kem_seed_size)
        << size;
  }
  for (const size_t by : {1u, 2u}) {
    EXPECT_FALSE(kem_encapsulate(kem(), resized(pair.ek, pair.ek.size() - by), m));
    EXPECT_FALSE(kem_encapsulate(kem(), resized(pair.ek, pair.ek.size() + by), m));
    EXPECT_FALSE(decapsulate(kem(), pair.dk, resized(good, good.size() - by)));
    EXPECT_FALSE(decapsulate(kem(), pair.dk, resized(good, good.size() + by)));
    EXPECT_FALSE(decapsulate(kem(), resized(pair.dk, pair.dk.size() - by), good));
    EXPECT_FALSE(decapsulate(kem(), resized(pair.dk, pair.dk.size() + by), good));
  }
  EXPECT_FALSE(decapsulate(kem(), {}, good));
  DecapsulateJob without_key{.peer_share = good};
  kem().decapsulate({&without_key, 1});
  EXPECT_FALSE(without_key.ok);
}

/// FIPS 203 §7.2: each coefficient of each polynomial set to every number from q to 2^12 - 1, in turn.
TEST_P(MlKem, encapsulation_keys_with_a_coefficient_of_q_or_more_are_refused) {
  const KemPair pair = kem_generate(kem(), ByteVector(64, 11));
  const ByteVector m(32, 1);
  const auto with = [&](size_t coefficient, unsigned value) {
    ByteVector ek = pair.ek;
    uint8_t* const at = &ek[coefficient / 2 * 3];
    if (coefficient % 2 == 0) {
      at[0] = static_cast<uint8_t>(value);
      at[1] = static_cast<uint8_t>((at[1] & 0xf0) | value >> 8);
    } else {
      at[1] = static_cast<uint8_t>((at[1] & 0x0f) | (value & 15) << 4);
      at[2] = static_cast<uint8_t>(value >> 4);
    }
    return ek;
  };
  const size_t count = (pair.ek.size() - 32) / 384 * 256;
  for (size_t i = 0; i < count; ++i) {
    ASSERT_FALSE(kem_encapsulate(kem(), with(i, 3329 + static_cast<unsigned>(i % 767)), m)) << i;
    if (i % 64 != 0) continue;
    ASSERT_TRUE(kem_encapsulate(kem(), with(i, 3328), m)) << i;
  }
  for (unsigned value = 3329; value < 4096; ++value)
    ASSERT_FALSE(kem_encapsulate(kem(), with(5, value), m)) << value;
}

/// FIPS 203 §7.3: the hash check, which any change of ek or of the hash itself must fail.
TEST_P(MlKem, expanded_keys_with_a_wrong_hash_are_refused) {
  const KemPair pair = kem_generate(kem(), ByteVector(64, 12));
  const ByteVector ciphertext = kem_encapsulate(kem(), pair.ek, ByteVector(32, 1))->ciphertext;
  const size_t ek_at = pair.dk.size() - 64 - pair.ek.size();
  for (size_t at = ek_at; at < pair.dk.size() - 32; ++at) {
    ByteVector dk = pair.dk;
    dk[at] ^= static_cast<uint8_t>(1u << at % 8);
    ASSERT_FALSE(decapsulate(kem(), dk, ciphertext)) << at;
  }
}

/// No check of §7 covers dk_PKE: whatever it holds, decapsulation gives some secret.
TEST_P(MlKem, any_private_vector_decapsulates_to_something) {
  const KemPair pair = kem_generate(kem(), ByteVector(64, 13));
  const ByteVector ciphertext = kem_encapsulate(kem(), pair.ek, ByteVector(32, 1))->ciphertext;
  for (const uint8_t fill : std::initializer_list<uint8_t>{0x00, 0xff, 0x0d, 0xd0}) {
    ByteVector dk = pair.dk;
    std::fill(dk.begin(), dk.end() - static_cast<ptrdiff_t>(pair.ek.size() + 64), fill);
    EXPECT_EQ(decapsulate(kem(), dk, ciphertext), rejected_secret(dk, ciphertext));
  }
}

TEST_P(MlKem, random_keys_and_messages_never_fail_to_agree) {
  std::mt19937 random(2024);
  for (int round = 0; round < 200; ++round) {
    const KemPair pair = kem_generate(kem(), bytes_from(random, 64));
    const auto made = kem_encapsulate(kem(), pair.ek, bytes_from(random, 32));
    ASSERT_EQ(decapsulate(kem(), pair.dk, made->ciphertext), made->secret) << "seed 2024 round " << round;
    const ByteVector noise = bytes_from(random, kem().reply_size);
    ASSERT_EQ(decapsulate(kem(), pair.dk, noise), rejected_secret(pair.dk, noise))
        << "seed 2024 round " << round;
  }
}

}  // namespace
}  // namespace bulla::test
