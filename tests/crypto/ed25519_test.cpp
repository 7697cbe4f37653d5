// Ed25519 of src/crypto/curve25519, whichever provider the suite is about.
#include "crypto/curve25519/ed25519.h"
#include "base/ct.h"
#include "crypto/big_number.h"
#include "crypto/one_shot.h"
#include "support/vectors.h"
#include "support/witness.h"

#include <algorithm>
#include <random>
#include <sstream>

namespace bulla::test {
namespace {

using crypto::generate_ed25519;
using crypto::load_ed25519;
using crypto::verify_ed25519_vartime;

const BigNumber order =
    (BigNumber(1) << 252) + BigNumber::from_little_endian(from_hex("edd3f55c1a631258d69cf7a2def9de14"));

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
  size_t below(size_t bound) { return engine_() % bound; }

 private:
  std::mt19937_64 engine_;
};

PrivateKeyMaterial material_of(Bytes seed, Bytes point = {}) {
  PrivateKeyMaterial m{.type = KeyType::ed25519};
  m.scalar = SecretBytes(seed);
  m.point = to_vector(point);
  return m;
}
SigningKeyPtr key_of(Bytes seed, Bytes point = {}) {
  auto key = load_ed25519(material_of(seed, point));
  EXPECT_TRUE(key);
  return key ? *std::move(key) : nullptr;
}
ByteVector sign_with(const SigningKey& key, Bytes message) {
  FixedRandom unused({0});
  return sign(key, SignatureAlgorithm::ed25519, message, unused);
}
/// R, then S.
ByteVector joined(Bytes r, Bytes s) {
  ByteVector out = to_vector(r);
  out.insert(out.end(), s.begin(), s.end());
  return out;
}

/// Signs, verifies, and wants an altered message refused.
void expect_signature(Bytes seed, Bytes point, Bytes message, Bytes signature) {
  const SigningKeyPtr key = key_of(seed, point);
  ASSERT_TRUE(key);
  EXPECT_EQ(to_hex(key->public_key().point), to_hex(point));
  EXPECT_EQ(to_hex(sign_with(*key, message)), to_hex(signature));
  EXPECT_TRUE(verify_ed25519_vartime(point, message, signature));
  ByteVector other = to_vector(message);
  other.push_back(0);
  EXPECT_FALSE(verify_ed25519_vartime(point, other, signature));
}

// RFC 8032 §7.1, but for its test of 1,023 bytes, which the set of evppkey_ecx.txt below has.
TEST(Ed25519Own, rfc8032) {
  struct Known {
    const char *seed, *point, *message, *signature;
  };
  for (const Known& k : {
           Known{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                 "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                 "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf"
                 "9b46b"
                 "d25bf5f0595bbe24655141438e7a100b"},
           Known{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                 "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f"
                 "11d8c"
                 "387b2eaeb4302aeeb00d291612bb0c00"},
           Known{"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
                 "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
                 "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984"
                 "dc659"
                 "4a7c15e9716ed28dc027beceea1ec40a"},
           Known{"833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
                 "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
                 "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3f"
                 "eebbd"
                 "454d4423643ce80e2a9ac94fa54ca49f",
                 "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c6643"
                 "1e030"
                 "3dca179c138ac17ad9bef1177331a704"},
       })
    expect_signature(from_hex(k.seed), from_hex(k.point), from_hex(k.message), from_hex(k.signature));
}

// ------------------------------------------------------------------------------------------------ signatures

TEST(Ed25519Own, every_altered_bit_is_refused) {
  SeededRandom random(1);
  const auto key = key_of(random.bytes(32));
  ByteVector point = to_vector(key->public_key().point), message = random.bytes(60);
  ByteVector signature = sign_with(*key, message);
  ASSERT_TRUE(verify_ed25519_vartime(point, message, signature));
  for (ByteVector* bytes : {&point, &message, &signature}) {
    for (size_t bit = 0; bit < 8 * bytes->size(); ++bit) {
      (*bytes)[bit / 8] = static_cast<uint8_t>((*bytes)[bit / 8] ^ 1 << bit % 8);
      EXPECT_FALSE(verify_ed25519_vartime(point, message, signature)) << bit;
      (*bytes)[bit / 8] = static_cast<uint8_t>((*bytes)[bit / 8] ^ 1 << bit % 8);
    }
  }
  EXPECT_TRUE(verify_ed25519_vartime(point, message, signature));
}

TEST(Ed25519Own, other_sizes_are_refused) {
  SeededRandom random(2);
  const auto key = key_of(random.bytes(32));
  const ByteVector point = to_vector(key->public_key().point), message = random.bytes(20);
  const ByteVector signature = sign_with(*key, message);
  for (size_t size = 0; size <= 130; ++size) {
    ByteVector other = signature;
    other.resize(size);
    EXPECT_EQ(verify_ed25519_vartime(point, message, other), size == 64) << size;
    other = point;
    other.resize(size);
    EXPECT_EQ(verify_ed25519_vartime(other, message, signature), size == 32) << size;
  }
}

// RFC 8032 §5.1.7: S is below L, or each signature would have others that verify too (§8.4).
TEST(Ed25519Own, a_second_s_is_refused) {
  SeededRandom random(3);
  for (int i = 0; i < 20; ++i) {
    const auto key = key_of(random.bytes(32));
    const ByteVector message = random.bytes(10), signature = sign_with(*key, message);
    const Bytes r = Bytes(signature).first(32);
    const BigNumber s = BigNumber::from_little_endian(Bytes(signature).last(32));
    const auto accepted = [&](const BigNumber& other) {
      return verify_ed25519_vartime(key->public_key().point, message, joined(r, other.to_little_endian(32)));
    };
    EXPECT_TRUE(s < order);
    EXPECT_TRUE(accepted(s));
    for (uint64_t n = 1; n <= 14; ++n) EXPECT_FALSE(accepted(s + order * n)) << n;
    EXPECT_FALSE(accepted(order - s));
    EXPECT_FALSE(accepted(order));
    EXPECT_FALSE(accepted((BigNumber(1) << 256) - 1));
  }
}

/// Points of order 1, 2, 4 and 8, by their only canonical encodings.
const char* const small_order[] = {"0100000000000000000000000000000000000000000000000000000000000000",
                                   "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                                   "0000000000000000000000000000000000000000000000000000000000000000",
                                   "0000000000000000000000000000000000000000000000000000000000000080",
                                   "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                                   "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                                   "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                                   "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"};

bool verified_by_libcrypto(Bytes point, Bytes message, Bytes signature) {
  const PublicKeyView view{.type = KeyType::ed25519, .point = point};
  VerifyJob job{.key = &view, .message = message, .signature = signature};
  witness()->signing.verify({&job, 1});
  return job.ok;
}

// RFC 8032 §5.1.7 without the cofactor: a key of small order is a point like others, whose equation holds for
// some hashes; whoever publishes such a key has given away what it signs. libcrypto decides the same.
TEST(Ed25519Own, keys_of_small_order_are_decided_by_the_equation) {
  size_t accepted = 0, refused = 0;
  for (const char* point : small_order) {
    for (const char* r : small_order) {
      for (uint8_t message = 0; message < 20; ++message) {
        const ByteVector a = from_hex(point), signature = joined(from_hex(r), ByteVector(32));
        const bool ours = verify_ed25519_vartime(a, {&message, 1}, signature);
        if (witness()) {
          EXPECT_EQ(ours, verified_by_libcrypto(a, {&message, 1}, signature)) << point << ' ' << r;
        }
        ++(ours ? accepted : refused);
      }
    }
  }
  EXPECT_GT(accepted, 100u);
  EXPECT_GT(refused, 800u);
  report_cases("keys and R of small order", accepted + refused);
}

// An honest signature plus a point of small order on R is good with the cofactor only; so is one under a key
// that has such a part.
TEST(Ed25519Own, r_of_mixed_order_is_refused) {
  SeededRandom random(4);
  const auto key = key_of(random.bytes(32));
  const ByteVector message = random.bytes(33);
  const ByteVector s = to_vector(Bytes(sign_with(*key, message)).last(32));
  for (const char* r : small_order)
    EXPECT_FALSE(verify_ed25519_vartime(key->public_key().point, message, joined(from_hex(r), s)));
}

/// p + n for n below 19, with either sign.
ByteVector non_canonical(uint8_t n, bool sign) {
  ByteVector out(32, 0xff);
  out[0] = static_cast<uint8_t>(0xed + n);
  out[31] = sign ? 0xff : 0x7f;
  return out;
}

// RFC 8032 §5.1.3: y >= p, and x = 0 with its sign set, are no points. (libcrypto takes such keys modulo p.)
TEST(Ed25519Own, keys_with_other_encodings_are_refused) {
  std::vector<ByteVector> keys = {
      from_hex("0100000000000000000000000000000000000000000000000000000000000080"),
      from_hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")};
  for (uint8_t n = 0; n < 19; ++n)
    for (const bool sign : {false, true}) keys.push_back(non_canonical(n, sign));
  size_t cases = 0, accepted_by_libcrypto = 0;
  for (const ByteVector& key : keys) {
    for (const char* r : small_order) {
      for (uint8_t message = 0; message < 8; ++message, ++cases) {
        const ByteVector signature = joined(from_hex(r), ByteVector(32));
        EXPECT_FALSE(verify_ed25519_vartime(key, {&message, 1}, signature)) << to_hex(key);
        accepted_by_libcrypto += witness() && verified_by_libcrypto(key, {&message, 1}, signature);
      }
    }
  }
  if (witness()) {
    EXPECT_GT(accepted_by_libcrypto, 20u) << "the equation holds for many, so it is not what refuses";
  }
  report_cases("non-canonical keys", cases);
}

TEST(Ed25519Own, r_with_other_encodings_is_refused) {
  const ByteVector a = from_hex(small_order[0]);
  size_t accepted = 0;
  for (uint8_t message = 0; message < 16; ++message) {
    // Under the neutral element as key, R = [0]B = (0, 1) is the answer to S = 0, in its canonical form only.
    accepted += verify_ed25519_vartime(a, {&message, 1}, joined(a, ByteVector(32)));
    const ByteVector other_one = non_canonical(1, false);
    EXPECT_FALSE(verify_ed25519_vartime(a, {&message, 1}, joined(other_one, ByteVector(32))));
    ByteVector with_sign = a;
    with_sign[31] = 0x80;
    EXPECT_FALSE(verify_ed25519_vartime(a, {&message, 1}, joined(with_sign, ByteVector(32))));
    EXPECT_FALSE(verify_ed25519_vartime(a, {&message, 1}, joined(non_canonical(1, true), ByteVector(32))));
  }
  EXPECT_EQ(accepted, 16u);
}

TEST(Ed25519Own, y_without_x_is_refused) {
  SeededRandom random(5);
  size_t refused = 0;
  for (uint8_t y = 2; y < 100; ++y) {
    ByteVector a(32);
    a[0] = y;
    refused += !verify_ed25519_vartime(a, {}, joined(from_hex(small_order[0]), ByteVector(32)));
  }
  EXPECT_EQ(refused, 98u);
}

// ------------------------------------------------------------------------------------------------------ keys

TEST(Ed25519Own, keys_that_contradict_are_refused) {
  SeededRandom random(6);
  const auto expect_inconsistent = [](const PrivateKeyMaterial& m) {
    const auto key = load_ed25519(m);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, ErrorCode::private_key_inconsistent);
    if (!witness()) return;
    const auto theirs = witness()->signing.load(m);
    ASSERT_FALSE(theirs);
    EXPECT_EQ(key.error().message(), theirs.error().message());
  };
  const ByteVector seed = random.bytes(32), point = to_vector(key_of(seed)->public_key().point);
  for (const size_t size : {0u, 1u, 31u, 33u, 57u, 64u})
    expect_inconsistent(material_of(ByteVector(size, 1)));
  for (size_t i = 0; i < 32; ++i) {
    ByteVector other = point;
    other[i] ^= 0x80;
    expect_inconsistent(material_of(seed, other));
    other = seed;
    other[i] ^= 1;
    expect_inconsistent(material_of(other, point));
  }
  expect_inconsistent(material_of(seed, Bytes(point).first(31)));
  EXPECT_TRUE(load_ed25519(material_of(seed, point)));
}

TEST(Ed25519Own, generated_keys) {
  SeededRandom a(7), b(7), c(8);
  const auto m = generate_ed25519(a), same = generate_ed25519(b), other = generate_ed25519(c);
  ASSERT_TRUE(m && same && other);
  EXPECT_EQ(m->type, KeyType::ed25519);
  EXPECT_EQ(to_vector(m->scalar.reveal()), SeededRandom(7).bytes(32));
  EXPECT_EQ(m->point, same->point);
  EXPECT_NE(m->point, other->point);
  const auto key = load_ed25519(*m);
  ASSERT_TRUE(key);
  EXPECT_EQ((*key)->type(), KeyType::ed25519);
  EXPECT_EQ((*key)->public_key().type, KeyType::ed25519);
  EXPECT_EQ(to_vector((*key)->public_key().point), m->point);
}

TEST(Ed25519Own, a_key_signs_nothing_but_its_algorithm) {
  SeededRandom random(9);
  const auto key = key_of(random.bytes(32));
  std::vector<SignJob> jobs;
  for (int i = 0; i <= static_cast<int>(SignatureAlgorithm::ed25519); ++i)
    jobs.push_back({.algorithm = static_cast<SignatureAlgorithm>(i), .signature = {1, 2, 3}});
  key->sign(random, jobs);
  for (const SignJob& job : jobs) {
    EXPECT_EQ(job.ok, job.algorithm == SignatureAlgorithm::ed25519);
    EXPECT_EQ(job.signature.size(), job.ok ? 64u : 0u);
  }
  key->sign(random, {});
}

// In a build for the checker (base/ct.h) a branch or an index that depends on a seed is reported here; in
// others this says that marks change nothing.
TEST(Ed25519Own, marked_seeds_give_what_others_give) {
  SeededRandom random(10);
  const ByteVector plain = random.bytes(32), message = random.bytes(50);
  const auto expected = key_of(plain);
  ByteVector marked = plain;
  ct::poison(marked.data(), marked.size());
  FixedRandom source(marked);
  const auto m = generate_ed25519(source);
  ASSERT_TRUE(m);
  EXPECT_EQ(m->point, to_vector(expected->public_key().point));
  EXPECT_EQ(sign_with(*key_of(marked, m->point), message), sign_with(*expected, message));
}

TEST(Ed25519Own, agrees_with_libcrypto) {
  BULLA_NEED_WITNESS();
  constexpr uint64_t seed = 20260102;
  SCOPED_TRACE(seed);
  SeededRandom random(seed);
  for (size_t i = 0; i < 400; ++i) {
    const auto m = generate_ed25519(random);
    ASSERT_TRUE(m);
    const auto ours = load_ed25519(*m);
    const auto theirs = witness()->signing.load(*m);
    ASSERT_TRUE(ours && theirs) << to_hex(m->point);
    const ByteVector message = random.bytes(random.below(300));
    ByteVector signature = sign_with(**ours, message);
    ASSERT_EQ(to_hex(signature), to_hex(sign_with(**theirs, message)));
    ASSERT_TRUE(verify_ed25519_vartime(m->point, message, signature));
    for (int j = 0; j < 3; ++j) {
      const size_t bit = random.below(512);
      signature[bit / 8] = static_cast<uint8_t>(signature[bit / 8] ^ 1 << bit % 8);
      ASSERT_EQ(verify_ed25519_vartime(m->point, message, signature),
                verified_by_libcrypto(m->point, message, signature));
    }
  }
}

}  // namespace
}  // namespace bulla::test
