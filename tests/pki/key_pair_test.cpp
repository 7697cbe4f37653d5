// Our keys are read by openssl and openssl's by us; what is wrong with a key or a passphrase is said.
#include "pki/openssl_test.h"
#include "pki/seeded_random.h"

#include <bulla/pki.h>

namespace bulla::pki {
namespace {

using test::OpensslTest;
using test::SeededRandom;

struct KeyPairTest : OpensslTest {
  /// The public key as openssl sees it in a private key file.
  std::string public_der(const std::string& options) const {
    must("openssl pkey " + options + " -pubout -outform DER -out pub.der");
    return get("pub.der");
  }
};

// RFC 3279 §2.3.1, RFC 5480 §2.1.1, RFC 8410 §3.
TEST_F(KeyPairTest, OpensslReadsAndChecksAllKinds) {
  for (const std::string_view kind : KeyKind::all()) {
    if (kind == "rsa-4096") continue;          // slow to make, and no other code than rsa-3072
    if (kind.starts_with("ml-dsa")) continue;  // openssl 3.0 has none: ml_dsa_test.cpp
    SCOPED_TRACE(kind);
    const auto key = KeyPair::generate(*KeyKind::parse(kind));
    ASSERT_TRUE(key) << key.error().message();
    put("key.pem", key->to_pem().reveal());
    put("key.der", key->to_pkcs8().reveal());
    EXPECT_TRUE(key->to_pem().reveal().size() > 100 &&
                get("key.pem").starts_with("-----BEGIN PRIVATE KEY-----\n"));
    if (kind != "ed25519") {  // openssl 3.0 has no check for it
      EXPECT_NE(must("openssl pkey -in key.pem -noout -check").find("valid"), std::string::npos);
    }
    const std::string expected(as_text(encode_public_key(key->public_key())));
    EXPECT_EQ(public_der("-in key.pem"), expected);
    EXPECT_EQ(public_der("-inform DER -in key.der"), expected);
    // What openssl writes of it is, byte for byte, what we write.
    must("openssl pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out theirs.der");
    EXPECT_EQ(get("theirs.der"), as_text(key->to_pkcs8().reveal()));
    const auto back = KeyPair::load(key->to_pem().reveal());
    ASSERT_TRUE(back);
    EXPECT_TRUE(equal_vartime(back->to_pkcs8().reveal(), key->to_pkcs8().reveal()));
  }
}

TEST_F(KeyPairTest, RsaPssKeysAreWrittenAsSuch) {
  const auto key = KeyPair::generate({KeyType::rsa_pss, 2048});
  ASSERT_TRUE(key);
  put("key.pem", key->to_pem().reveal());
  EXPECT_NE(must("openssl asn1parse -in key.pem").find(":rsassaPss"), std::string::npos);
  EXPECT_EQ(KeyPair::load(key->to_pem().reveal())->public_key().type, KeyType::rsa_pss);
}

// RFC 4055 §1.2: what a key is bound to is written with it, and signed by.
TEST_F(KeyPairTest, ParametersOfRsaPssKeysStay) {
  for (const char* hash : {"sha256", "sha384", "sha512"}) {
    const std::string size = std::to_string(std::stoi(hash + 3) / 8), md = hash;
    must("openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_pss_keygen_md:" + md +
         " -pkeyopt rsa_pss_keygen_mgf1_md:" + md + " -pkeyopt rsa_pss_keygen_saltlen:" + size +
         " -outform DER -out key.der");
    const auto key = KeyPair::load(as_bytes(get("key.der")));
    ASSERT_TRUE(key) << key.error().message();
    EXPECT_EQ(as_text(key->to_pkcs8().reveal()), get("key.der"));
    EXPECT_EQ(as_text(encode_public_key(key->public_key())), public_der("-inform DER -in key.der"));
    put("r.der", NewRequest{.names = {"a.example"}}.create_for(*key->signer()).value());
    EXPECT_NE(must("openssl req -inform DER -in r.der -noout -verify -text").find("Hash Algorithm: " + md),
              std::string::npos);
    EXPECT_TRUE(CertificationRequest::from_pem_or_der(as_bytes(get("r.der"))));
  }
}

TEST_F(KeyPairTest, OpensslOpensOurEncryptedKeys) {
  for (const char* kind : {"ecdsa-p256", "ed25519", "rsa-2048"}) {
    const auto key = KeyPair::generate(*KeyKind::parse(kind));
    ASSERT_TRUE(key);
    const auto pem = key->to_encrypted_pem({.passphrase = "correct horse", .iterations = 5000});
    ASSERT_TRUE(pem) << pem.error().message();
    EXPECT_TRUE(pem->starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
    put("key.pem", *pem);
    EXPECT_EQ(public_der("-passin 'pass:correct horse' -in key.pem"),
              as_text(encode_public_key(key->public_key())));
    EXPECT_NE(run("openssl pkey -passin pass:wrong -in key.pem -noout").status, 0);
    const auto back = KeyPair::load(as_bytes(*pem), "correct horse");
    ASSERT_TRUE(back) << back.error().message();
    EXPECT_TRUE(equal_vartime(back->to_pkcs8().reveal(), key->to_pkcs8().reveal()));
  }
}

TEST_F(KeyPairTest, EncryptsWithSixHundredThousandRoundsOfSha256AndAes256) {
  const auto key = KeyPair::generate();
  const auto der = key->to_encrypted_pkcs8({.passphrase = "p"});
  ASSERT_TRUE(der);
  put("key.der", *der);
  const std::string shape = must("openssl asn1parse -inform DER -in key.der");
  for (const char* part : {":PBES2", ":PBKDF2", ":0927C0", ":hmacWithSHA256", ":aes-256-cbc"})
    EXPECT_NE(shape.find(part), std::string::npos) << part << '\n' << shape;
}

// RFC 8018 §4.1.
TEST_F(KeyPairTest, SaltAndIvDifferEachTime) {
  const auto key = KeyPair::generate();
  SeededRandom random(1);
  const KeyEncryption how = {.passphrase = "p", .iterations = 1};
  const auto first = key->to_encrypted_pkcs8(how, {.random = &random});
  const auto second = key->to_encrypted_pkcs8(how, {.random = &random});
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
}

TEST_F(KeyPairTest, ReadsWhatOpensslWrites) {
  const std::pair<const char*, const char*> kinds[] = {{"EC -pkeyopt ec_paramgen_curve:P-256", "ECDSA P-256"},
                                                       {"EC -pkeyopt ec_paramgen_curve:P-384", "ECDSA P-384"},
                                                       {"EC -pkeyopt ec_paramgen_curve:P-521", "ECDSA P-521"},
                                                       {"ED25519", "Ed25519"},
                                                       {"RSA -pkeyopt rsa_keygen_bits:2048", "RSA"},
                                                       {"RSA-PSS -pkeyopt rsa_keygen_bits:2048", "RSA-PSS"}};
  for (const auto& [options, name] : kinds) {
    SCOPED_TRACE(options);
    must(std::string("openssl genpkey -algorithm ") + options + " -out key.pem");
    const std::string expected = public_der("-in key.pem");
    if (run("openssl pkey -in key.pem -traditional -out traditional.pem").status != 0)
      must("cp key.pem traditional.pem");  // Ed25519 has no older form
    must("openssl pkey -in key.pem -outform DER -out key.der");
    for (const char* file : {"key.pem", "traditional.pem", "key.der"}) {
      const auto key = KeyPair::load(as_bytes(get(file)));
      ASSERT_TRUE(key) << file << ": " << key.error().message();
      EXPECT_EQ(name_of(key->public_key().type), name);
      EXPECT_EQ(as_text(encode_public_key(key->public_key())), expected) << file;
    }
  }
}

TEST_F(KeyPairTest, OpensOpensslsEncryption) {
  must("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem");
  const std::string expected = public_der("-in key.pem");
  for (const char* cipher : {"aes-128-cbc", "aes-256-cbc"})
    for (const char* prf : {"hmacWithSHA1", "hmacWithSHA256", "hmacWithSHA384", "hmacWithSHA512"})
      for (const char* form : {"PEM", "DER"}) {
        SCOPED_TRACE(std::string(cipher) + ' ' + prf + ' ' + form);
        must(std::string("openssl pkcs8 -topk8 -in key.pem -passout pass:secret -iter 1000 -v2 ") + cipher +
             " -v2prf " + prf + " -outform " + form + " -out enc");
        const auto key = KeyPair::load(as_bytes(get("enc")), "secret");
        ASSERT_TRUE(key) << key.error().message();
        EXPECT_EQ(as_text(encode_public_key(key->public_key())), expected);
        EXPECT_EQ(KeyPair::load(as_bytes(get("enc")), "Secret").error().code,
                  ErrorCode::key_passphrase_wrong);
        EXPECT_EQ(KeyPair::load(as_bytes(get("enc"))).error().code, ErrorCode::key_passphrase_needed);
      }
}

TEST_F(KeyPairTest, RefusesWeakAndBrokenKeys) {
  must("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out weak.pem");
  EXPECT_EQ(KeyPair::load(as_bytes(get("weak.pem"))).error().code, ErrorCode::private_key_unsupported);
  // As many bytes as 2048 bits have, but not as many bits.
  for (const char* const bits : {"2041", "2047"}) {
    must("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:" + std::string(bits) + " -out odd.pem");
    EXPECT_EQ(KeyPair::load(as_bytes(get("odd.pem"))).error().code, ErrorCode::private_key_unsupported)
        << bits;
  }
  must("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out other.pem");
  EXPECT_EQ(KeyPair::load(as_bytes(get("other.pem"))).error().code, ErrorCode::key_unsupported);
  EXPECT_EQ(KeyPair::load({}).error().code, ErrorCode::key_not_found);
  EXPECT_EQ(KeyPair::load(as_bytes("no key")).error().code, ErrorCode::key_malformed);
  EXPECT_EQ(KeyPair::load(as_bytes("-----BEGIN PRIVATE KEY-----\nMIIB")).error().code,
            ErrorCode::pem_malformed);
  const auto key = KeyPair::generate();
  SecretBytes der = key->to_pkcs8();
  EXPECT_EQ(KeyPair::load(der.reveal().first(der.size() - 1)).error().code, ErrorCode::key_malformed);
  der.writable()[der.size() - 1] ^= 1;  // the public point is no longer that of the scalar
  EXPECT_FALSE(KeyPair::load(der.reveal()));
}

TEST_F(KeyPairTest, RefusesToEncryptWithNothingOrTooMuch) {
  const auto key = KeyPair::generate();
  EXPECT_EQ(key->to_encrypted_pem({.passphrase = ""}).error().code, ErrorCode::bad_argument);
  for (const uint32_t iterations : {0u, 10'000'001u})
    EXPECT_EQ(key->to_encrypted_pkcs8({.passphrase = "p", .iterations = iterations}).error().code,
              ErrorCode::bad_argument);
  Provider without = default_provider();
  without.key_files = {};
  EXPECT_EQ(key->to_encrypted_pkcs8({.passphrase = "p"}, {.provider = &without}).error().code,
            ErrorCode::key_unsupported);
}

TEST_F(KeyPairTest, RefusesKindsThatAreNotMade) {
  for (const char* text :
       {"", "rsa", "rsa-1024", "rsa-2047", "RSA-2048", "ecdsa", "ecdsa-p224", "ed448", "p256"})
    EXPECT_EQ(KeyKind::parse(text).error().code, ErrorCode::bad_argument) << text;
  EXPECT_NE(KeyKind::parse("x").error().remedy.find("ed25519"), std::string::npos);
  EXPECT_EQ(KeyPair::generate({KeyType::rsa, 1024}).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(KeyPair::generate({KeyType::rsa, 0}).error().code, ErrorCode::bad_argument);
}

}  // namespace
}  // namespace bulla::pki
