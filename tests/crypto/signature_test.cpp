#include "crypto/one_shot.h"
#include "support/vectors.h"

#include <algorithm>

namespace bulla::test {
namespace {

const SignatureFunctions& functions() {
  return tested_provider().signing;
}
Random& random_source() {
  return tested_random();
}

PrivateKeyMaterial generated(KeyType type, unsigned rsa_bits = 2048) {
  auto material = functions().generate(type, rsa_bits, random_source());
  EXPECT_TRUE(material) << name_of(type);
  return *std::move(material);
}

/// A copy; the secrets inside are cloned.
PrivateKeyMaterial copy_of(const PrivateKeyMaterial& m) {
  return {.type = m.type,
          .modulus = m.modulus,
          .exponent = m.exponent,
          .private_exponent = m.private_exponent.clone(),
          .prime1 = m.prime1.clone(),
          .prime2 = m.prime2.clone(),
          .exponent1 = m.exponent1.clone(),
          .exponent2 = m.exponent2.clone(),
          .coefficient = m.coefficient.clone(),
          .scalar = m.scalar.clone(),
          .expanded = m.expanded.clone(),
          .point = m.point};
}

/// One RSA key serves all tests: making it costs the most.
const PrivateKeyMaterial& rsa_material() {
  static const PrivateKeyMaterial material = generated(KeyType::rsa);
  return material;
}

bool is_ecdsa(SignatureAlgorithm algorithm) {
  return name_of(algorithm).starts_with("ECDSA");
}
bool is_pss(SignatureAlgorithm algorithm) {
  return name_of(algorithm).starts_with("RSA-PSS");
}
bool is_pkcs1(SignatureAlgorithm algorithm) {
  return name_of(algorithm).starts_with("RSA PKCS");
}

bool expected_to_fit(KeyType type, SignatureAlgorithm algorithm) {
  switch (type) {
    case KeyType::rsa: return is_pss(algorithm) || is_pkcs1(algorithm);
    case KeyType::rsa_pss: return is_pss(algorithm);
    case KeyType::ed25519: return algorithm == SignatureAlgorithm::ed25519;
    case KeyType::ml_dsa_44: return algorithm == SignatureAlgorithm::ml_dsa_44;
    case KeyType::ml_dsa_65: return algorithm == SignatureAlgorithm::ml_dsa_65;
    case KeyType::ml_dsa_87: return algorithm == SignatureAlgorithm::ml_dsa_87;
    default: return is_ecdsa(algorithm);
  }
}

class EveryKey : public testing::TestWithParam<KeyType> {
 protected:
  void SetUp() override {
    if (std::ranges::none_of(tested_provider().signatures, [](SignatureAlgorithm algorithm) {
          return expected_to_fit(GetParam(), algorithm);
        }))
      GTEST_SKIP() << "this provider has no " << name_of(GetParam());
    material_.type = GetParam();
    if (is_rsa()) {
      material_ = copy_of(rsa_material());
      material_.type = GetParam();
    } else {
      material_ = generated(GetParam());
    }
    key_ = functions().load(material_).value();
  }
  bool is_rsa() const { return GetParam() == KeyType::rsa || GetParam() == KeyType::rsa_pss; }

  PrivateKeyMaterial material_{.type = KeyType::rsa};
  SigningKeyPtr key_;
};

TEST_P(EveryKey, signs_what_fits_and_verifies) {
  const ByteVector message(200, 0x5a);
  for (const SignatureAlgorithm algorithm : tested_provider().signatures) {
    const ByteVector signature = sign(*key_, algorithm, message);
    EXPECT_EQ(!signature.empty(), expected_to_fit(GetParam(), algorithm)) << name_of(algorithm);
    if (signature.empty()) continue;
    EXPECT_TRUE(verify(key_->public_key(), algorithm, message, signature)) << name_of(algorithm);
    for (const SignatureAlgorithm other : tested_provider().signatures) {
      if (other == algorithm) continue;
      EXPECT_FALSE(verify(key_->public_key(), other, message, signature)) << name_of(other);
    }
  }
}

// RFC 8017 §8.1.2, §8.2.2, and the same of the others.
TEST_P(EveryKey, an_altered_message_or_signature_is_refused) {
  ByteVector message(200, 0x5a);
  for (const SignatureAlgorithm algorithm : tested_provider().signatures) {
    ByteVector signature = sign(*key_, algorithm, message);
    if (signature.empty()) continue;
    for (size_t i = 0; i < signature.size(); i += 7) {
      signature[i] ^= 1;
      EXPECT_FALSE(verify(key_->public_key(), algorithm, message, signature))
          << name_of(algorithm) << " " << i;
      signature[i] ^= 1;
    }
    ByteVector other = signature;
    other.push_back(0);
    EXPECT_FALSE(verify(key_->public_key(), algorithm, message, other)) << name_of(algorithm);
    other = signature;
    other.pop_back();
    EXPECT_FALSE(verify(key_->public_key(), algorithm, message, other)) << name_of(algorithm);
    EXPECT_FALSE(verify(key_->public_key(), algorithm, message, {})) << name_of(algorithm);
    message[100] ^= 1;
    EXPECT_FALSE(verify(key_->public_key(), algorithm, message, signature)) << name_of(algorithm);
    message[100] ^= 1;
    EXPECT_TRUE(verify(key_->public_key(), algorithm, message, signature)) << name_of(algorithm);
  }
}

TEST_P(EveryKey, jobs_of_a_batch_are_independent) {
  const ByteVector message = {1, 2, 3};
  std::vector<SignJob> jobs(4);
  size_t i = 0;
  for (const SignatureAlgorithm algorithm : tested_provider().signatures)
    if (expected_to_fit(GetParam(), algorithm) && i < 3) jobs[i++].algorithm = algorithm;
  const size_t fitting = i;
  for (; i < jobs.size(); ++i)
    jobs[i].algorithm = is_rsa() ? SignatureAlgorithm::ed25519 : SignatureAlgorithm::rsa_pss_sha256;
  for (SignJob& job : jobs) job.message = message;
  key_->sign(random_source(), jobs);
  const PublicKeyView view = key_->public_key();
  std::vector<VerifyJob> checks;
  for (size_t j = 0; j < jobs.size(); ++j) {
    EXPECT_EQ(jobs[j].ok, j < fitting);
    checks.push_back(
        {.key = &view, .algorithm = jobs[j].algorithm, .message = message, .signature = jobs[j].signature});
  }
  checks.push_back({});  // a job without a key
  functions().verify(checks);
  for (size_t j = 0; j < checks.size(); ++j) EXPECT_EQ(checks[j].ok, j < fitting) << j;
}

TEST_P(EveryKey, the_public_half_is_filled_in) {
  EXPECT_EQ(key_->type(), GetParam());
  EXPECT_EQ(key_->public_key().type, GetParam());
  if (is_rsa()) {
    EXPECT_EQ(material_.modulus.size(), 256u);
    EXPECT_TRUE(equal_vartime(key_->public_key().modulus, material_.modulus));
    EXPECT_TRUE(equal_vartime(key_->public_key().exponent, from_hex("010001")));
    return;
  }
  EXPECT_FALSE(material_.point.empty());
  PrivateKeyMaterial without_point = copy_of(material_);
  without_point.point.clear();
  const auto loaded = functions().load(without_point);
  ASSERT_TRUE(loaded);
  EXPECT_TRUE(equal_vartime((*loaded)->public_key().point, material_.point));
}

INSTANTIATE_TEST_SUITE_P(Types, EveryKey,
                         testing::Values(KeyType::rsa, KeyType::rsa_pss, KeyType::ec_p256, KeyType::ec_p384,
                                         KeyType::ec_p521, KeyType::ed25519, KeyType::ml_dsa_44,
                                         KeyType::ml_dsa_65, KeyType::ml_dsa_87),
                         [](const auto& info) {
                           std::string name = name_of(info.param);
                           std::erase_if(name,
                                         [](char c) { return !std::isalnum(static_cast<unsigned char>(c)); });
                           return name;
                         });

// RFC 8032 §5.1; tests 1 to 3 of RFC 8032 §7.1.
TEST(Ed25519, rfc8032) {
  struct Known {
    const char *seed, *point, *message, *signature;
  };
  for (const Known& k : {
           Known{"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                 "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
                 "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf"
                 "9b46bd25bf"
                 "5f0595bbe24655141438e7a100b"},
           Known{"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
                 "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
                 "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f"
                 "11d8c387b2"
                 "eaeb4302aeeb00d291612bb0c00"},
       }) {
    PrivateKeyMaterial material{.type = KeyType::ed25519};
    material.scalar = SecretBytes(from_hex(k.seed));
    const auto key = functions().load(material);
    ASSERT_TRUE(key);
    EXPECT_EQ(to_hex((*key)->public_key().point), k.point);
    EXPECT_EQ(to_hex(sign(**key, SignatureAlgorithm::ed25519, from_hex(k.message))), k.signature);
  }
}

TEST(PublicKeys, malformed_keys_verify_nothing) {
  const ByteVector message = {1}, signature(256, 1), e = {1, 0, 1};
  ByteVector modulus = rsa_material().modulus;
  const auto rsa = [&](Bytes n, Bytes exponent) {
    const ByteVector s(n.size(), 1);
    return verify({.type = KeyType::rsa, .modulus = n, .exponent = exponent},
                  SignatureAlgorithm::rsa_pss_sha256, message, s);
  };
  EXPECT_FALSE(rsa({}, e));
  EXPECT_FALSE(rsa(modulus, {}));
  EXPECT_FALSE(rsa(modulus, ByteVector{1}));
  EXPECT_FALSE(rsa(modulus, ByteVector{2}));
  EXPECT_FALSE(rsa(modulus, ByteVector{0, 3}));
  EXPECT_FALSE(rsa(modulus, ByteVector(33, 1)));
  EXPECT_FALSE(rsa(ByteVector(127, 0xff), e));
  EXPECT_FALSE(rsa(ByteVector(1025, 0xff), e));
  for (const KeyType type : {KeyType::ec_p256, KeyType::ec_p384, KeyType::ec_p521, KeyType::ed25519}) {
    for (const size_t size : {0u, 31u, 32u, 33u, 65u, 97u, 133u}) {
      const ByteVector point(size, 0x04);
      EXPECT_FALSE(
          verify({.type = type, .point = point},
                 type == KeyType::ed25519 ? SignatureAlgorithm::ed25519 : SignatureAlgorithm::ecdsa_sha256,
                 message, from_hex("3006020101020101")));
    }
  }
}

TEST(Ecdsa, signatures_that_are_not_strict_der_are_refused) {
  const auto key = functions().load(generated(KeyType::ec_p256)).value();
  const PublicKeyView view = key->public_key();
  const ByteVector message = {1, 2, 3};
  const ByteVector good = sign(*key, SignatureAlgorithm::ecdsa_sha256, message);
  ASSERT_TRUE(verify(view, SignatureAlgorithm::ecdsa_sha256, message, good));
  const auto refused = [&](const ByteVector& signature) {
    return !verify(view, SignatureAlgorithm::ecdsa_sha256, message, signature);
  };
  ByteVector s = good;
  s.insert(s.begin() + 1, 0x81);  // a long form of a short length
  EXPECT_TRUE(refused(s));
  s = good;
  s[1] = 0x80;  // indefinite length
  s.insert(s.end(), {0, 0});
  EXPECT_TRUE(refused(s));
  s = good;
  s.insert(s.begin() + 4, 0);  // a zero too many in front of r
  s[1]++, s[3]++;
  EXPECT_TRUE(refused(s));
  s = good;
  s.insert(s.end(), {5, 0});  // something behind s
  s[1] = static_cast<uint8_t>(s[1] + 2);
  EXPECT_TRUE(refused(s));
  s = good;
  s[0] = 0x31;
  EXPECT_TRUE(refused(s));
  s = good;
  s[2] = 0x03;
  EXPECT_TRUE(refused(s));
  EXPECT_TRUE(refused(from_hex("3006020100020101"))) << "r = 0";
  EXPECT_TRUE(refused(from_hex("3006020101020100"))) << "s = 0";
  EXPECT_TRUE(refused(from_hex("30060201ff020101"))) << "r < 0";
  EXPECT_TRUE(refused(from_hex("3000")));
  EXPECT_TRUE(refused(from_hex("300402000200")));
}

// ------------------------------------------------------------------------------- private keys that
// contradict

void expect_inconsistent(const PrivateKeyMaterial& material) {
  const auto key = functions().load(material);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, ErrorCode::private_key_inconsistent) << key.error().message();
  EXPECT_NE(key.error().detail.find(name_of(material.type)), std::string::npos);
}
void expect_unsupported(const PrivateKeyMaterial& material) {
  const auto key = functions().load(material);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().code, ErrorCode::private_key_unsupported) << key.error().message();
}

// RFC 8017 §3.2.
// RFC 4055 §1.2.
TEST(PrivateKeys, an_rsa_pss_key_keeps_to_its_hash) {
  PrivateKeyMaterial m = copy_of(rsa_material());
  m.type = KeyType::rsa_pss;
  const auto free = functions().load(m).value();
  m.pss_hash = HashId::sha384;
  const auto bound = functions().load(m).value();
  EXPECT_EQ(bound->public_key().pss_hash, HashId::sha384);
  for (const auto algorithm : {SignatureAlgorithm::rsa_pss_sha256, SignatureAlgorithm::rsa_pss_sha384,
                               SignatureAlgorithm::rsa_pss_sha512, SignatureAlgorithm::rsa_pkcs1_sha384}) {
    const bool fits = algorithm == SignatureAlgorithm::rsa_pss_sha384;
    SignJob job{.algorithm = algorithm, .message = as_bytes("x")};
    bound->sign(*tested_provider().random, {&job, 1});
    EXPECT_EQ(job.ok, fits);
    EXPECT_EQ(job.signature.empty(), !fits);
    free->sign(*tested_provider().random, {&job, 1});
    EXPECT_EQ(job.ok, algorithm != SignatureAlgorithm::rsa_pkcs1_sha384);
    EXPECT_EQ(verify(bound->public_key(), algorithm, as_bytes("x"), job.signature), fits);
  }
}

TEST(PrivateKeys, rsa_numbers_that_contradict_each_other_are_refused) {
  SecretBytes PrivateKeyMaterial::* const parts[] = {
      &PrivateKeyMaterial::private_exponent, &PrivateKeyMaterial::prime1,
      &PrivateKeyMaterial::prime2,           &PrivateKeyMaterial::exponent1,
      &PrivateKeyMaterial::exponent2,        &PrivateKeyMaterial::coefficient};
  for (const auto part : parts) {
    for (const uint8_t bit : {uint8_t{1}, uint8_t{2}, uint8_t{0x80}}) {
      PrivateKeyMaterial m = copy_of(rsa_material());
      (m.*part).writable().back() ^= bit;
      expect_inconsistent(m);
    }
    PrivateKeyMaterial m = copy_of(rsa_material());
    (m.*part).reset();
    expect_inconsistent(m);
    (m.*part) = SecretBytes(ByteVector(300, 0xff));
    expect_inconsistent(m);
  }
  PrivateKeyMaterial m = copy_of(rsa_material());
  m.modulus[100] ^= 1;
  expect_inconsistent(m);
  m = copy_of(rsa_material());
  std::swap(m.prime1, m.prime2);
  expect_inconsistent(m);
  m = copy_of(rsa_material());
  m.exponent = {3};
  expect_inconsistent(m);
  m = copy_of(rsa_material());
  m.prime1 = SecretBytes(ByteVector{1});
  m.prime2 = SecretBytes(m.modulus);
  expect_inconsistent(m);
}

TEST(PrivateKeys, rsa_sizes_and_exponents_that_are_not_safe_are_refused) {
  PrivateKeyMaterial m = copy_of(rsa_material());
  for (const ByteVector& exponent :
       {ByteVector{}, ByteVector{1}, ByteVector{2}, ByteVector{1, 0, 0}, ByteVector(33, 3)}) {
    m.exponent = exponent;
    expect_unsupported(m);
  }
  m = copy_of(rsa_material());
  for (const ByteVector& modulus :
       {ByteVector{}, ByteVector(127, 0xff), ByteVector(128, 0x7f), ByteVector(1025, 0xff)}) {
    m.modulus = modulus;
    expect_unsupported(m);
  }
  m = copy_of(rsa_material());
  m.modulus.back() ^= 1;
  expect_unsupported(m);
  m = copy_of(rsa_material());
  m.modulus.insert(m.modulus.begin(), 0);
  expect_unsupported(m);
}

TEST(PrivateKeys, ec_and_ed25519_keys_that_contradict_are_refused) {
  for (const KeyType type : {KeyType::ec_p256, KeyType::ec_p384, KeyType::ec_p521, KeyType::ed25519}) {
    const PrivateKeyMaterial good = generated(type);
    PrivateKeyMaterial m = copy_of(good);
    m.point.back() ^= 1;
    expect_inconsistent(m);
    m = copy_of(good);
    m.point.pop_back();
    expect_inconsistent(m);
    m = copy_of(good);
    m.scalar.writable().back() ^= 1;
    expect_inconsistent(m);
    for (const size_t size : {size_t{0}, good.scalar.size() - 1, good.scalar.size() + 1}) {
      m = copy_of(good);
      m.scalar = SecretBytes(ByteVector(size, 1));
      m.point.clear();
      expect_inconsistent(m);
    }
    if (type == KeyType::ed25519) continue;
    for (const uint8_t fill : {uint8_t{0}, uint8_t{0xff}}) {
      m = copy_of(good);
      m.scalar = SecretBytes(ByteVector(good.scalar.size(), fill));
      m.point.clear();
      expect_inconsistent(m);
    }
  }
}

TEST(PrivateKeys, sizes_to_generate_are_checked) {
  for (const unsigned bits : {0u, 512u, 1024u, 2047u, 2049u, 8193u, 16384u}) {
    const auto m = functions().generate(KeyType::rsa, bits, random_source());
    ASSERT_FALSE(m) << bits;
    EXPECT_EQ(m.error().code, ErrorCode::bad_argument);
  }
  const auto m = functions().generate(KeyType::rsa_pss, 3072, random_source());
  ASSERT_TRUE(m);
  EXPECT_EQ(m->type, KeyType::rsa_pss);
  EXPECT_EQ(m->modulus.size(), 384u);
  const auto key = functions().load(*m);
  ASSERT_TRUE(key);
  EXPECT_TRUE(verify((*key)->public_key(), SignatureAlgorithm::rsa_pss_sha512, {},
                     sign(**key, SignatureAlgorithm::rsa_pss_sha512, {})));
}

// FIPS 186-5 §A.2.2: 0 and 255 for ever are no scalars.
TEST(PrivateKeys, a_source_that_is_stuck_makes_no_ec_key) {
  for (const uint8_t byte : {uint8_t{0}, uint8_t{0xff}}) {
    for (const KeyType type : {KeyType::ec_p256, KeyType::ec_p384, KeyType::ec_p521}) {
      FixedRandom stuck({byte});
      const auto key = functions().generate(type, 0, stuck);
      ASSERT_FALSE(key) << name_of(type);
      EXPECT_EQ(key.error().code, ErrorCode::internal);
    }
    FixedRandom stuck({byte});
    EXPECT_TRUE(functions().generate(KeyType::ed25519, 0, stuck));
  }
}

TEST(PrivateKeys, a_fixed_random_source_makes_a_fixed_key) {
  for (const KeyType type : {KeyType::ec_p256, KeyType::ec_p384, KeyType::ec_p521, KeyType::ed25519}) {
    FixedRandom a({0, 1, 2, 3, 4, 5, 6}), b({0, 1, 2, 3, 4, 5, 6});
    EXPECT_EQ(functions().generate(type, 0, a).value().point, functions().generate(type, 0, b).value().point);
  }
  // PSS: the salt comes from the source that sign is given (RFC 8017 §9.1.1 step 4).
  const auto key = functions().load(rsa_material()).value();
  FixedRandom a({7}), b({7}), c({8});
  const ByteVector first = sign(*key, SignatureAlgorithm::rsa_pss_sha256, {}, a);
  EXPECT_EQ(first, sign(*key, SignatureAlgorithm::rsa_pss_sha256, {}, b));
  EXPECT_NE(first, sign(*key, SignatureAlgorithm::rsa_pss_sha256, {}, c));
}

}  // namespace
}  // namespace bulla::test
