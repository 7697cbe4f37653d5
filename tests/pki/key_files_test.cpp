// Encrypted key files of others and ours: OpenSSL, GnuTLS and Java write them and we read them, and the other
// way round. What we do not open is named, and the command that we name converts it.
#include "pki/openssl_test.h"

#include <bulla/pki.h>

#include <array>

namespace bulla::pki {
namespace {

using test::OpensslTest;
using test::Outcome;

constexpr std::string_view passphrase = "correct horse";
const std::string java = "java '" BULLA_SOURCE_DIR "/tests/pki/KeyFile.java'";

struct KeyFilesTest : OpensslTest {
  /// A key in key.pem and key.der, made by openssl; its public half.
  std::string make_key() const {
    must("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out key.pem");
    must("openssl pkcs8 -topk8 -nocrypt -in key.pem -outform DER -out key.der");
    must("openssl pkey -in key.pem -pubout -outform DER -out pub.der");
    return get("pub.der");
  }
  /// The file opens with the passphrase, to the key of this public half, and with nothing else.
  void expect_opens(const std::string& file, const std::string& public_half) const {
    const std::string content = get(file);
    const auto key = KeyPair::load(as_bytes(content), passphrase);
    ASSERT_TRUE(key) << key.error().message();
    EXPECT_EQ(as_text(encode_public_key(key->public_key())), public_half);
    EXPECT_EQ(KeyPair::load(as_bytes(content), "correct house").error().code,
              ErrorCode::key_passphrase_wrong);
    EXPECT_EQ(KeyPair::load(as_bytes(content)).error().code, ErrorCode::key_passphrase_needed);
  }
  /// The file is refused with the words, and the command of the error makes of it one that opens.
  void expect_converts(const std::string& file, const std::string& words,
                       const std::string& public_half) const {
    const auto refused = KeyPair::load(as_bytes(get(file)), passphrase);
    ASSERT_FALSE(refused);
    const Error& error = refused.error();
    EXPECT_EQ(error.code, ErrorCode::key_unsupported);
    EXPECT_NE(error.message().find(words), std::string::npos) << error.message();
    const size_t begin = error.remedy.find('`') + 1, end = error.remedy.find('`', begin);
    ASSERT_NE(end, std::string::npos) << error.remedy;
    std::string command = error.remedy.substr(begin, end - begin);
    command.replace(command.find(" FILE"), 5, ' ' + file);
    command.replace(command.find(" NEW"), 4, " converted.pem");
    command += " -passin 'pass:correct horse' -passout 'pass:correct horse'";
    must("rm -f converted.pem; " + command);
    expect_opens("converted.pem", public_half);
  }
  bool has_java() const { return run("command -v java").status == 0; }
};

const std::string openssl_encrypts = "openssl pkcs8 -topk8 -in key.pem -passout 'pass:correct horse' ";
const std::string certtool_encrypts =
    "certtool --to-p8 --load-privkey key.pem --password 'correct horse' --outfile enc ";

// RFC 7914 §7.
TEST_F(KeyFilesTest, opens_scrypt_of_openssl) {
  const std::string public_half = make_key();
  for (const char* cost :
       {"", "-scrypt_N 1024 -scrypt_r 8 -scrypt_p 16", "-scrypt_N 2 -scrypt_r 1 -scrypt_p 1",
        "-scrypt_N 16384 -scrypt_r 8 -scrypt_p 5", "-v2 aes-128-cbc", "-v2 aes-192-cbc"}) {
    SCOPED_TRACE(cost);
    must(openssl_encrypts + "-scrypt " + cost + " -out enc");
    expect_opens("enc", public_half);
  }
}

TEST_F(KeyFilesTest, opens_what_gnutls_writes) {
  const std::string public_half = make_key();
  for (const char* cipher : {"", "--pkcs-cipher=aes-128", "--pkcs-cipher=aes-192", "--pkcs-cipher=aes-256"}) {
    SCOPED_TRACE(cipher);
    must(certtool_encrypts + cipher);
    expect_opens("enc", public_half);
  }
}

TEST_F(KeyFilesTest, opens_what_java_writes) {
  if (!has_java()) GTEST_SKIP() << "java is not installed";
  const std::string public_half = make_key();
  std::string jobs;
  const std::array algorithms = {"PBEWithHmacSHA1AndAES_128",
                                 "PBEWithHmacSHA256AndAES_128",
                                 "PBEWithHmacSHA256AndAES_256",
                                 "PBEWithHmacSHA384AndAES_256",
                                 "PBEWithHmacSHA512AndAES_256",
                                 "PBEWithHmacSHA224AndAES_256",
                                 "PBEWithMD5AndDES",
                                 "PBEWithSHA1AndDESede"};
  for (const std::string algorithm : algorithms)
    jobs += " write 'correct horse' key.der " + algorithm + ' ' + algorithm;
  must(java + jobs);
  for (size_t i = 0; i < 5; ++i) {
    SCOPED_TRACE(algorithms[i]);
    expect_opens(algorithms[i], public_half);
  }
  expect_converts("PBEWithHmacSHA224AndAES_256", "SHA-224", public_half);
  expect_converts("PBEWithMD5AndDES", "DES and MD5", public_half);
  expect_converts("PBEWithSHA1AndDESede", "3DES", public_half);
}

// As we write them when nothing is said of iterations; the kinds of keys stand in key_pair_test.cpp.
TEST_F(KeyFilesTest, openssl_opens_ours) {
  for (const KeyDerivation derivation : {KeyDerivation::pbkdf2, KeyDerivation::scrypt}) {
    SCOPED_TRACE(derivation == KeyDerivation::scrypt ? "scrypt" : "PBKDF2");
    const auto key = KeyPair::generate();
    ASSERT_TRUE(key);
    const auto pem = key->to_encrypted_pem({.passphrase = passphrase, .derivation = derivation});
    ASSERT_TRUE(pem) << pem.error().message();
    put("enc", *pem);
    must("openssl pkey -in enc -passin 'pass:correct horse' -pubout -outform DER -out pub.der");
    const std::string public_half(as_text(encode_public_key(key->public_key())));
    EXPECT_EQ(get("pub.der"), public_half);
    EXPECT_NE(run("openssl pkey -in enc -passin 'pass:correct house' -noout").status, 0);
    expect_opens("enc", public_half);
  }
}

// RFC 7914 §7.1; the cost that OWASP names for 16 MiB.
TEST_F(KeyFilesTest, our_scrypt_is_at_the_cost_that_we_say) {
  const auto key = KeyPair::generate();
  put("enc", *key->to_encrypted_pkcs8({.passphrase = passphrase, .derivation = KeyDerivation::scrypt}));
  const std::string shape = must("openssl asn1parse -inform DER -in enc");
  for (const char* part : {":PBES2", ":scrypt", "INTEGER           :4000", ":08", ":05", ":aes-256-cbc"})
    EXPECT_NE(shape.find(part), std::string::npos) << part << '\n' << shape;
}

TEST_F(KeyFilesTest, gnutls_opens_ours) {
  for (const char* kind : {"ecdsa-p256", "ed25519", "rsa-2048"}) {
    SCOPED_TRACE(kind);
    const auto key = KeyPair::generate(*KeyKind::parse(kind));
    ASSERT_TRUE(key);
    const uint32_t iterations = key->public_key().type == KeyType::ec_p256 ? 600'000 : 5000;
    put("enc", *key->to_encrypted_pem({.passphrase = passphrase, .iterations = iterations}));
    must("certtool --pubkey-info --load-privkey enc --password 'correct horse' --outder --outfile pub.der");
    EXPECT_EQ(get("pub.der"), as_text(encode_public_key(key->public_key())));
    EXPECT_NE(run("certtool --pubkey-info --load-privkey enc --password 'correct house'").status, 0);
  }
}

TEST_F(KeyFilesTest, java_opens_ours_and_signs) {
  if (!has_java()) GTEST_SKIP() << "java is not installed";
  const std::pair<const char*, SignatureAlgorithm> kinds[] = {
      {"ecdsa-p256", SignatureAlgorithm::ecdsa_sha256},
      {"ed25519", SignatureAlgorithm::ed25519},
      {"rsa-2048", SignatureAlgorithm::rsa_pkcs1_sha256}};
  put("message", "signed by another");
  std::string jobs;
  std::vector<KeyPair> keys;
  for (const auto& [kind, algorithm] : kinds) {
    keys.push_back(*KeyPair::generate(*KeyKind::parse(kind)));
    const uint32_t iterations = algorithm == SignatureAlgorithm::ecdsa_sha256 ? 600'000 : 5000;
    put(kind, *keys.back().to_encrypted_pkcs8({.passphrase = passphrase, .iterations = iterations}));
    jobs += std::string(" sign 'correct horse' ") + kind + " message " + kind + ".sig";
  }
  must(java + jobs);
  for (size_t i = 0; i < keys.size(); ++i) {
    const std::string signature = get(std::string(kinds[i].first) + ".sig");
    const PublicKeyView public_key = keys[i].public_key();
    VerifyJob job{.key = &public_key,
                  .algorithm = kinds[i].second,
                  .message = as_bytes("signed by another"),
                  .signature = as_bytes(signature)};
    default_provider().signing.verify({&job, 1});
    EXPECT_TRUE(job.ok) << kinds[i].first;
  }
  EXPECT_NE(run(java + " sign 'correct house' ed25519 message ed25519.sig").status, 0);
}

// RFC 8018 §A.3, RFC 7292 §C; ciphers and functions that PBES2 may also have.
TEST_F(KeyFilesTest, names_and_converts_other_encryption_of_openssl) {
  const std::string public_half = make_key();
  const std::pair<const char*, const char*> cases[] = {{"-v1 PBE-MD5-DES", "DES and MD5"},
                                                       {"-v1 PBE-MD5-RC2-64", "RC2 and MD5"},
                                                       {"-v1 PBE-SHA1-DES", "DES and SHA-1"},
                                                       {"-v1 PBE-SHA1-RC2-64", "RC2 and SHA-1"},
                                                       {"-v1 PBE-SHA1-RC4-128", "RC4"},
                                                       {"-v1 PBE-SHA1-RC4-40", "RC4 of 40 bits"},
                                                       {"-v1 PBE-SHA1-3DES", "3-KeyTripleDES"},
                                                       {"-v1 PBE-SHA1-2DES", "2-KeyTripleDES"},
                                                       {"-v1 PBE-SHA1-RC2-128", "RC2"},
                                                       {"-v1 PBE-SHA1-RC2-40", "RC2 of 40 bits"},
                                                       {"-v2 des-cbc", "DES (des-cbc)"},
                                                       {"-v2 des3", "3DES"},
                                                       {"-v2 rc2-cbc", "RC2 (rc2-cbc)"},
                                                       {"-v2 camellia-128-cbc", "Camellia"},
                                                       {"-v2 camellia-192-cbc", "Camellia"},
                                                       {"-v2 camellia-256-cbc", "Camellia"},
                                                       {"-v2 aria-128-cbc", "ARIA"},
                                                       {"-v2 aria-192-cbc", "ARIA"},
                                                       {"-v2 aria-256-cbc", "ARIA"},
                                                       {"-v2 seed-cbc", "SEED"},
                                                       {"-v2prf hmacWithSHA224", "SHA-224"},
                                                       {"-v2prf hmacWithSHA512-224", "SHA-512/224"},
                                                       {"-v2prf hmacWithSHA512-256", "SHA-512/256"}};
  for (const auto& [how, words] : cases) {
    SCOPED_TRACE(how);
    must(openssl_encrypts + how + " -provider default -provider legacy -out enc");
    expect_converts("enc", words, public_half);
  }
  must("openssl ec -in key.pem -aes128 -passout 'pass:correct horse' -out enc");
  expect_converts("enc", "old PEM way", public_half);
}

TEST_F(KeyFilesTest, names_and_converts_other_encryption_of_gnutls) {
  const std::string public_half = make_key();
  for (const auto& [cipher, words] : {std::pair("3des", "des-ede3-cbc"), std::pair("3des-pkcs12", "3-KeyTri"),
                                      std::pair("rc2-40", "40 bits"), std::pair("arcfour", "128BitRC4")}) {
    SCOPED_TRACE(cipher);
    must(certtool_encrypts + "--pkcs-cipher=" + cipher);
    expect_converts("enc", words, public_half);
  }
}

// RFC 7292: what Java's keytool makes by default.
TEST_F(KeyFilesTest, names_and_converts_pkcs12) {
  const std::string public_half = make_key();
  must("openssl req -x509 -key key.pem -subj /CN=a -out cert.pem");
  must("openssl pkcs12 -export -inkey key.pem -in cert.pem -passout 'pass:correct horse' -out enc");
  expect_converts("enc", "PKCS#12", public_half);
}

}  // namespace
}  // namespace bulla::pki
