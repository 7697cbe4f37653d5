// Private keys as openssl writes them, and the ways in which they are wrong; identities.
#include "asn1/der_writer.h"
#include "asn1/pem.h"
#include "crafted.h"
#include "key_fixture.h"

namespace bulla::test {
namespace {

using namespace asn1;
using testing::HasSubstr;

// RFC 5915 §3, RFC 8410 §7, RFC 8017 §A.1.2, RFC 5958 §2.
TEST(KeyTest, ReadsWhatOpenSslWrites) {
  const std::pair<const char*, KeyType> cases[] = {
      {"p256.pem", KeyType::ec_p256},
      {"p256_sec1.pem", KeyType::ec_p256},
      {"with_params.pem", KeyType::ec_p256},
      {"p384.pem", KeyType::ec_p384},
      {"p521.pem", KeyType::ec_p521},
      {"ed25519.pem", KeyType::ed25519},
      {"rsa.pem", KeyType::rsa},
      {"rsa_pkcs1.pem", KeyType::rsa},
      {"rsa_pss.pem", KeyType::rsa_pss},
  };
  for (const auto& [file, type] : cases) {
    const auto key = parse_key(file);
    ASSERT_TRUE(key.ok()) << file << ": " << key.error().explain();
    EXPECT_EQ(key->type, type) << file;
    const auto loaded = default_provider().signing.load(*key);
    EXPECT_TRUE(loaded.ok()) << file << ": " << loaded.error().explain();
    // The same in DER.
    const auto blocks = decode_pem(as_bytes(key_fixture(file))).value();
    const auto from_der = parse_private_key(blocks.back().content.reveal(), {});
    ASSERT_TRUE(from_der.ok()) << file;
    EXPECT_EQ(from_der->type, type);
    // No truncation of it is taken for a key.
    const Bytes der = blocks.back().content.reveal();
    for (size_t n = 0; n < der.size(); n += 1 + n / 64)
      EXPECT_FALSE(parse_private_key(der.first(n), {}).ok()) << n;
  }
}

// RFC 7468 §10 and other forms of files.
// RFC 4055 §1.2. What openssl makes where just the hash is asked for has MGF1 over SHA-1.
TEST(KeyTest, RsaPssParametersAreKept) {
  EXPECT_EQ(parse_key("rsa_pss.pem")->pss_hash, HashId::sha256);
  EXPECT_EQ(parse_key("rsa.pem")->pss_hash, std::nullopt);
  const auto refused = parse_key("pss_mgf1_sha1.pem");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::key_unsupported);
  EXPECT_THAT(refused.error().detail, HasSubstr("bound to parameters"));
  EXPECT_THAT(refused.error().remedy, HasSubstr("rsa_pss_keygen_saltlen:32"));
}

TEST(KeyTest, ExplainsWhatItDoesNotOpen) {
  expect_error(parse_key("ssh.pem"), ErrorCode::key_unsupported, "ssh-keygen");
  expect_error(parse_key("x25519.pem"), ErrorCode::key_unsupported, "1.3.101.110");
  expect_error(parse_key("k256.pem"), ErrorCode::key_unsupported, "elliptic curve 1.3.132.0.10");
  expect_error(parse_key("explicit_curve.pem"), ErrorCode::key_unsupported, "not named");
  expect_error(parse_key("p256_cert.pem"), ErrorCode::key_not_found, "CERTIFICATE");
  expect_error(parse_private_key({}, {}), ErrorCode::key_not_found, "empty");
  expect_error(parse_private_key(issue({}).der, {}), ErrorCode::key_not_found, "certificate");
  expect_error(parse_private_key(as_bytes("nonsense"), {}), ErrorCode::key_malformed, "neither PEM");
  expect_error(parse_private_key(as_bytes("-----BEGIN PRIVATE KEY-----\nAAAA"), {}), ErrorCode::pem_malformed,
               "cut off");
}

/// A PrivateKeyInfo around `key`.
std::vector<uint8_t> pkcs8(const std::function<void(DerWriter&)>& algorithm,
                           const std::function<void(DerWriter&)>& key) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.integer(0);
      w.sequence([&](DerWriter& w) { algorithm(w); });
      w.octet_string([&](DerWriter& w) { key(w); });
    });
  });
}

TEST(KeyTest, RefusesMalformedKeys) {
  const auto ec = [](DerWriter& w) {
    w.oid(oids::ec_public_key);
    w.oid(oids::p256);
  };
  const auto sec1 = [](size_t scalar, std::optional<Oid> curve, size_t point) {
    return [=](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.integer(1);
        w.octet_string(std::vector<uint8_t>(scalar, 1));
        if (curve) w.explicit_tag(0, [&](DerWriter& w) { w.oid(*curve); });
        if (point) w.explicit_tag(1, [&](DerWriter& w) { w.bit_string(std::vector<uint8_t>(point, 4)); });
      });
    };
  };
  expect_error(parse_private_key(pkcs8(ec, sec1(33, {}, 0)), {}), ErrorCode::key_malformed,
               "longer than its curve");
  expect_error(parse_private_key(pkcs8(ec, sec1(0, {}, 0)), {}), ErrorCode::key_malformed, "or empty");
  expect_error(parse_private_key(pkcs8(ec, sec1(32, oids::p384, 0)), {}), ErrorCode::key_malformed,
               "two different curves");
  expect_error(parse_private_key(pkcs8(ec, sec1(32, {}, 64)), {}), ErrorCode::key_malformed,
               "no point of its curve");
  expect_error(parse_private_key(to_der(sec1(32, {}, 0)), {}), ErrorCode::key_malformed,
               "does not name its curve");
  const auto ed = [](DerWriter& w) { w.oid(oids::ed25519); };
  expect_error(
      parse_private_key(pkcs8(ed, [](DerWriter& w) { w.octet_string(std::vector<uint8_t>(31, 1)); }), {}),
      ErrorCode::key_malformed, "32 bytes");
  const auto multi_prime = to_der([](DerWriter& w) {
    w.sequence([](DerWriter& w) {
      w.integer(1);
      w.integer(2);
    });
  });
  expect_error(parse_private_key(multi_prime, {}), ErrorCode::key_unsupported, "two primes");
  // A short scalar is padded, a zero in front is dropped.
  EXPECT_EQ(parse_private_key(pkcs8(ec, sec1(20, {}, 0)), {}).value().scalar.size(), 32u);
}

// RFC 3279 §2.3.1 (RSA: NULL), RFC 5480 §2.1.1 (EC: a named curve), RFC 8410 §3 (Ed25519: none).
TEST(KeyTest, RefusesOtherParametersThanTheAlgorithms) {
  using Write = std::function<void(DerWriter&)>;
  const auto blocks = decode_pem(as_bytes(key_fixture("rsa_pkcs1.pem"))).value();
  const Bytes pkcs1 = blocks.back().content.reveal();
  const auto around = [](Oid algorithm, const Write& parameters, const Write& key) {
    return parse_private_key(pkcs8(
                                 [&](DerWriter& w) {
                                   w.oid(algorithm);
                                   parameters(w);
                                 },
                                 key),
                             {});
  };
  const Write none = [](DerWriter&) {}, null = [](DerWriter& w) { w.null(); };
  const Write number = [](DerWriter& w) { w.integer(5); }, curve = [](DerWriter& w) { w.oid(oids::p256); };
  const Write sequence = [](DerWriter& w) { w.sequence([](DerWriter&) {}); };
  const Write long_null = [](DerWriter& w) { w.value(tag::null, std::vector<uint8_t>{0}); };
  const Write rsa = [&](DerWriter& w) { w.raw(pkcs1); };
  const Write ed = [](DerWriter& w) { w.octet_string(std::vector<uint8_t>(32, 1)); };
  const Write ec = [](DerWriter& w) {
    w.sequence([](DerWriter& w) {
      w.integer(1);
      w.octet_string(std::vector<uint8_t>(32, 1));
      w.explicit_tag(0, [](DerWriter& w) { w.oid(oids::p256); });
    });
  };
  EXPECT_TRUE(around(oids::rsa_encryption, null, rsa).ok());
  EXPECT_TRUE(around(oids::ec_public_key, curve, ec).ok());
  EXPECT_TRUE(around(oids::ed25519, none, ed).ok());
  for (const Write& parameters : {none, number, curve, sequence, long_null})
    expect_error(around(oids::rsa_encryption, parameters, rsa), ErrorCode::key_malformed, "not NULL");
  for (const Write& parameters : {none, null, number, long_null})
    expect_error(around(oids::ec_public_key, parameters, ec), ErrorCode::key_malformed, "no curve");
  expect_error(around(oids::ec_public_key, sequence, ec), ErrorCode::key_unsupported, "described");
  for (const Write& parameters : {null, number, curve, sequence, long_null})
    expect_error(around(oids::ed25519, parameters, ed), ErrorCode::key_malformed, "has parameters");
}

/// A OneAsymmetricKey of version 2 (RFC 5958 §2) with `key` inside and `public_key` beside it.
std::vector<uint8_t> with_public_key(const std::function<void(DerWriter&)>& algorithm, Bytes key,
                                     Bytes public_key) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.integer(1);
      w.sequence([&](DerWriter& w) { algorithm(w); });
      w.octet_string(key);
      auto bits = to_vector(public_key);
      bits.insert(bits.begin(), 0);  // no unused bits
      w.value(tag::context(1), bits);
    });
  });
}

// RFC 5958 §2: a public key in the file must be the private key's own, in whatever place and form it stands.
TEST(KeyTest, EveryPublicKeyOfAFileIsThePrivateKeysOwn) {
  const auto load = [](const std::vector<uint8_t>& der) -> Result<SigningKeyPtr> {
    BULLA_TRY(const PrivateKeyMaterial material, parse_private_key(der, {}));
    return default_provider().signing.load(material);
  };
  const auto ec = [](DerWriter& w) {
    w.oid(oids::ec_public_key);
    w.oid(oids::p256);
  };
  const PrivateKeyMaterial material = parse_key("p256.pem").value();
  const Bytes point = material.point;
  auto compressed = to_vector(point.first(33)), other_half = compressed;
  compressed[0] = static_cast<uint8_t>(2 | (point.back() & 1));
  other_half[0] = static_cast<uint8_t>(3 ^ (point.back() & 1));
  const auto foreign = to_vector(new_key()->public_key().point);
  const auto sec1 = [&](Bytes inner_point) {
    return to_der([&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.integer(1);
        w.octet_string(material.scalar.reveal());
        if (!inner_point.empty()) w.explicit_tag(1, [&](DerWriter& w) { w.bit_string(inner_point); });
      });
    });
  };
  EXPECT_TRUE(load(with_public_key(ec, sec1({}), point)).ok());
  EXPECT_TRUE(load(with_public_key(ec, sec1(point), point)).ok());
  EXPECT_TRUE(load(with_public_key(ec, sec1({}), compressed)).ok());
  EXPECT_TRUE(load(with_public_key(ec, sec1(compressed), compressed)).ok());
  const std::pair<std::vector<uint8_t>, ErrorCode> bad[] = {
      {with_public_key(ec, sec1({}), foreign), ErrorCode::private_key_inconsistent},
      {with_public_key(ec, sec1({}), other_half), ErrorCode::private_key_inconsistent},
      {with_public_key(ec, sec1(other_half), other_half), ErrorCode::private_key_inconsistent},
      {with_public_key(ec, sec1(point), foreign), ErrorCode::key_malformed},
      {with_public_key(ec, sec1(point), point.first(64)), ErrorCode::key_malformed},
      {with_public_key(ec, sec1(point), {}), ErrorCode::key_malformed},
      {with_public_key(ec, sec1(std::vector<uint8_t>(65, 0x06)), point), ErrorCode::key_malformed}};
  for (const auto& [der, code] : bad) {
    const auto loaded = load(der);
    ASSERT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.error().code, code) << loaded.error().explain();
  }
}

// RFC 8017 §A.1.1.
TEST(KeyTest, AnRsaKeysSecondPublicKeyIsTheSame) {
  const auto rsa = [](DerWriter& w) {
    w.oid(oids::rsa_encryption);
    w.null();
  };
  const std::string pem = key_fixture("rsa_pkcs1.pem");
  const auto blocks = decode_pem(as_bytes(pem)).value();
  const Bytes pkcs1 = blocks.front().content.reveal();
  const PrivateKeyMaterial material = parse_key("rsa_pkcs1.pem").value();
  const auto public_key = [&](Bytes modulus) {
    return to_der([&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.unsigned_integer(modulus);
        w.unsigned_integer(material.exponent);
      });
    });
  };
  EXPECT_TRUE(parse_private_key(with_public_key(rsa, pkcs1, public_key(material.modulus)), {}).ok());
  auto other = material.modulus;
  other.back() = static_cast<uint8_t>(other.back() ^ 2);
  expect_error(parse_private_key(with_public_key(rsa, pkcs1, public_key(other)), {}),
               ErrorCode::key_malformed, "two different public keys");
  expect_error(parse_private_key(with_public_key(rsa, pkcs1, as_bytes("x")), {}), ErrorCode::key_malformed,
               "public key is malformed");
}

TEST(IdentityTest, BelongsTogether) {
  for (const std::string name : {"p256", "rsa", "rsa_pss", "ed25519"}) {
    const auto identity =
        Identity::from_bytes(as_bytes(key_fixture(name + "_cert.pem")), as_bytes(key_fixture(name + ".pem")));
    ASSERT_TRUE(identity.ok()) << name << ": " << identity.error().explain();
    EXPECT_EQ((*identity)->leaf().subject(), "CN=" + name + ", O=Test");
    const std::vector<uint8_t> ocsp = {1, 2, 3};
    EXPECT_TRUE(equal_vartime((*identity)->with_ocsp_response(ocsp)->ocsp_response(), ocsp));
  }
  const auto encrypted = Identity::from_bytes(as_bytes(key_fixture("p256_cert.pem")),
                                              as_bytes(key_fixture("enc_default.pem")), key_passphrase);
  EXPECT_TRUE(encrypted.ok());
}

TEST(IdentityTest, RefusesAKeyOfAnotherCertificate) {
  const auto other =
      Identity::from_bytes(as_bytes(key_fixture("p256_cert.pem")), as_bytes(key_fixture("rsa.pem")));
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, ErrorCode::key_mismatch);
  const auto order =
      Identity::from_bytes(as_bytes(key_fixture("rsa_cert.pem") + key_fixture("p256_cert.pem")),
                           as_bytes(key_fixture("p256.pem")));
  ASSERT_FALSE(order.ok());
  EXPECT_EQ(order.error().code, ErrorCode::key_mismatch);
  EXPECT_THAT(order.error().detail, HasSubstr("certificate 2 of the chain"));
  EXPECT_EQ(Identity::create({}, new_key()).error().code, ErrorCode::certificate_not_found);
  EXPECT_EQ(Identity::create({issue({}).certificate}, nullptr).error().code, ErrorCode::key_not_found);
}

}  // namespace
}  // namespace bulla::test
