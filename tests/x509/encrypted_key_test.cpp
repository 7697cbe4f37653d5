// Encrypted PKCS#8 files: those that OpenSSL, GnuTLS and Java wrote, and those that nobody should have
// written.
#include "x509/private_key.h"

#include "asn1/der_writer.h"
#include "key_fixture.h"

#include <functional>
#include <vector>

namespace bulla::test {
namespace {

using namespace asn1;

// RFC 5958 §3; RFC 8018 §6.2, §A.2, §A.4; RFC 7914 §7. tests/x509/data/make_encrypted_keys.sh made most of
// them.
TEST(EncryptedKey, opens_what_others_write) {
  const auto plain = parse_key("p256.pem").value();
  for (const char* file :
       {"enc_default.pem", "enc_128_hmacWithSHA1.pem", "enc_128_hmacWithSHA384.pem",
        "enc_128_hmacWithSHA512.pem", "enc_192.pem", "enc_scrypt.pem", "enc_scrypt_128.pem",
        "enc_scrypt_wide.pem", "gnutls_aes-128.pem", "gnutls_aes-192.pem", "gnutls_aes-256.pem",
        "java_PBEWithHmacSHA1AndAES_128.pem", "java_PBEWithHmacSHA256AndAES_128.pem",
        "java_PBEWithHmacSHA256AndAES_256.pem", "java_PBEWithHmacSHA512AndAES_256.pem"}) {
    const auto key = parse_key(file, key_passphrase);
    ASSERT_TRUE(key.ok()) << file << ": " << key.error().explain();
    EXPECT_TRUE(equal_vartime(key->scalar.reveal(), plain.scalar.reveal())) << file;
    expect_error(parse_key(file), ErrorCode::key_passphrase_needed, "--passphrase-file");
    expect_error(parse_key(file, "wrong"), ErrorCode::key_passphrase_wrong, "passphrase");
  }
}

// RFC 8018 §6.1.1: the padding.
TEST(EncryptedKey, every_wrong_passphrase_is_just_that) {
  // One of 256 gives the right padding by chance: it must not look like a malformed key.
  for (int i = 0; i < 400; ++i) {
    const auto key = parse_key("enc_128_hmacWithSHA1.pem", "wrong" + std::to_string(i));
    ASSERT_FALSE(key.ok());
    EXPECT_EQ(key.error().code, ErrorCode::key_passphrase_wrong) << i;
  }
}

// What is not opened has a name, and a command that converts it; tests/pki runs those commands.
TEST(EncryptedKey, names_what_it_does_not_open) {
  const auto refused = [](const char* file, std::string_view words) {
    SCOPED_TRACE(file);
    expect_error(parse_key(file, key_passphrase), ErrorCode::key_unsupported, words);
    expect_error(parse_key(file), ErrorCode::key_unsupported,
                 words);  // nobody is asked for a passphrase first
    expect_error(parse_key(file), ErrorCode::key_unsupported, "`openssl pkcs8 -topk8 -v2 aes-256-cbc ");
  };
  refused("legacy.pem", "old PEM way");
  refused("enc_pbe1.pem", "3DES (pbeWithSHAAnd3-KeyTripleDES-CBC)");
  refused("enc_des3.pem", "3DES (des-ede3-cbc)");
  refused("enc_camellia.pem", "Camellia");
  refused("gnutls_3des.pem", "3DES (des-ede3-cbc)");
  refused("gnutls_3des-pkcs12.pem", "3DES (pbeWithSHAAnd3-KeyTripleDES-CBC)");
  refused("gnutls_rc2-40.pem", "RC2 of 40 bits");
  refused("gnutls_arcfour.pem", "RC4");
  refused("java_PBEWithMD5AndDES.pem", "DES and MD5 (pbeWithMD5AndDES-CBC)");
  refused("java_PBEWithHmacSHA224AndAES_256.pem", "SHA-224");
  expect_error(parse_key("enc_slow.pem", key_passphrase), ErrorCode::key_unsupported, "20000000 iterations");
  expect_error(parse_key("p256.p12", key_passphrase), ErrorCode::key_unsupported,
               "`openssl pkcs12 -nocerts -in FILE -out NEW`");
}

using Write = std::function<void(DerWriter&)>;

/// An EncryptedPrivateKeyInfo under PBES2, whose derivation `kdf` writes.
std::vector<uint8_t> encrypted(const Write& kdf, const Oid& cipher = oids::aes_256_cbc, size_t iv_size = 16,
                               size_t size = 144) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.oid(oids::pbes2);
        w.sequence([&](DerWriter& w) {
          w.sequence([&](DerWriter& w) { kdf(w); });
          w.sequence([&](DerWriter& w) {
            w.oid(cipher);
            w.octet_string(std::vector<uint8_t>(iv_size, 1));
          });
        });
      });
      w.octet_string(std::vector<uint8_t>(size, 2));
    });
  });
}

/// scrypt-params (RFC 7914 §7.1).
Write scrypt_of(uint64_t n, uint64_t r, uint64_t p, std::optional<uint64_t> key_size = {}) {
  return [=](DerWriter& w) {
    w.oid(oids::scrypt);
    w.sequence([&](DerWriter& w) {
      w.octet_string(as_bytes("salt"));
      w.integer(n);
      w.integer(r);
      w.integer(p);
      if (key_size) w.integer(*key_size);
    });
  };
}
/// PBKDF2-params (RFC 8018 §A.2).
Write pbkdf2_of(uint64_t iterations, std::optional<uint64_t> key_size = {},
                const Oid& prf = oids::hmac_sha256) {
  return [=](DerWriter& w) {
    w.oid(oids::pbkdf2);
    w.sequence([&](DerWriter& w) {
      w.octet_string(as_bytes("salt"));
      w.integer(iterations);
      if (key_size) w.integer(*key_size);
      w.sequence([&](DerWriter& w) {
        w.oid(prf);
        w.null();
      });
    });
  };
}

Result<PrivateKeyMaterial> parse(const std::vector<uint8_t>& der, std::string_view passphrase = "p") {
  return parse_private_key(der, passphrase);
}

// 256 MiB, N * r * p = 2^24: what goes beyond is refused before memory is taken, with or without a
// passphrase.
TEST(EncryptedKey, bounds_what_scrypt_may_cost) {
  constexpr uint64_t mebi = uint64_t{1} << 20;
  const auto cost = [](uint64_t n, uint64_t r, uint64_t p) { return encrypted(scrypt_of(n, r, p)); };
  for (const auto& affordable : {cost(2, 1, 1), cost(mebi / 8, 8, 1), cost(mebi / 8, 8, 16),
                                 cost(mebi / 2, 2, 16), cost(mebi / 8, 15, 1), cost(1024, 8, 2048)})
    EXPECT_EQ(parse(affordable, "").error().code, ErrorCode::key_passphrase_needed);
  const std::pair<std::vector<uint8_t>, std::string_view> dear[] = {
      {cost(mebi / 8, 16, 1), "takes 256 MiB of memory, more than 256"},  // and the two blocks beside it
      {cost(mebi, 8, 1), "takes 1024 MiB of memory"},
      {cost(mebi << 20, 8, 1), "N = 1099511627776, r = 8, p = 1"},
      {cost(uint64_t{1} << 46, 8, 1), "MiB of memory"},
      {cost(2, uint64_t{1} << 29, 1), "MiB of memory"},
      {cost(2, 1, (uint64_t{1} << 30) - 1), "MiB of memory"},
      {cost(mebi / 8, 8, 17), "more work than N * r * p = 16777216"},
      {cost(1024, 8, 2049), "more work"}};
  for (const auto& [der, words] : dear)
    for (const std::string_view passphrase : {"", "p"})
      expect_error(parse(der, passphrase), ErrorCode::key_unsupported, words);
  expect_error(parse(cost(mebi, 8, 1)), ErrorCode::key_unsupported, "N = 16384, r = 8, p = 5 is enough");
}

// RFC 7914 §6.
TEST(EncryptedKey, refuses_scrypt_parameters_that_are_none) {
  const uint64_t none[][3] = {
      {0, 8, 1},     {1, 8, 1},     {3, 8, 1},          {16383, 8, 1},      {16384, 0, 1},
      {65536, 1, 1}, {16384, 8, 0}, {1ull << 63, 8, 1}, {2, 1, 1ull << 30}, {2, UINT32_MAX, UINT32_MAX}};
  for (const auto& [n, r, p] : none)
    expect_error(parse(encrypted(scrypt_of(n, r, p))), ErrorCode::key_malformed, "RFC 7914 §6");
  for (const auto& der : {encrypted(scrypt_of(2, 1ull << 32, 1)), encrypted(scrypt_of(2, 1, 1ull << 32)),
                          encrypted(scrypt_of(2, UINT64_MAX, UINT64_MAX))})
    EXPECT_EQ(parse(der).error().code, ErrorCode::key_malformed);
  expect_error(parse(encrypted(scrypt_of(2, 1, 1, 31))), ErrorCode::key_malformed, "another length");
  expect_error(parse(encrypted(scrypt_of(2, 1, 1, 16))), ErrorCode::key_malformed, "another length");
  EXPECT_EQ(parse(encrypted(scrypt_of(2, 1, 1, 32))).error().code, ErrorCode::key_passphrase_wrong);
  EXPECT_EQ(parse(encrypted(scrypt_of(2, 1, 1, 24), oids::aes_192_cbc)).error().code,
            ErrorCode::key_passphrase_wrong);
  const auto with = [](const Write& numbers) {
    return encrypted([&](DerWriter& w) {
      w.oid(oids::scrypt);
      w.sequence([&](DerWriter& w) { numbers(w); });
    });
  };
  const auto negative = with([](DerWriter& w) {
    w.octet_string({});
    w.value(tag::integer, std::vector<uint8_t>{0xf0});
    w.integer(1);
    w.integer(1);
  });
  const auto huge = with([](DerWriter& w) {
    w.octet_string({});
    w.unsigned_integer(std::vector<uint8_t>(9, 0x80));
    w.integer(1);
    w.integer(1);
  });
  const auto no_salt = with([](DerWriter& w) {
    w.integer(2);
    w.integer(1);
    w.integer(1);
  });
  const auto too_few = with([](DerWriter& w) {
    w.octet_string({});
    w.integer(2);
    w.integer(1);
  });
  const auto too_many = with([](DerWriter& w) {
    w.octet_string({});
    for (const uint64_t number : {2u, 1u, 1u, 32u, 7u}) w.integer(number);
  });
  const auto nothing = encrypted([](DerWriter& w) { w.oid(oids::scrypt); });
  for (const auto& der : {negative, huge, no_salt, too_few, too_many, nothing})
    EXPECT_EQ(parse(der).error().code, ErrorCode::key_malformed);
}

// RFC 8018 §A.2, §B.2.5.
TEST(EncryptedKey, refuses_pbes2_that_does_not_fit) {
  EXPECT_EQ(parse(encrypted(pbkdf2_of(1, 32))).error().code, ErrorCode::key_passphrase_wrong);
  EXPECT_EQ(parse(encrypted(pbkdf2_of(10'000'000)), "").error().code, ErrorCode::key_passphrase_needed);
  for (const uint64_t iterations : {uint64_t{10'000'001}, uint64_t{1} << 32, UINT64_MAX})
    expect_error(parse(encrypted(pbkdf2_of(iterations))), ErrorCode::key_unsupported, "iterations of PBKDF2");
  expect_error(parse(encrypted(pbkdf2_of(0))), ErrorCode::key_malformed, "no iterations");
  expect_error(parse(encrypted(pbkdf2_of(1, 16))), ErrorCode::key_malformed, "another length");
  expect_error(parse(encrypted(pbkdf2_of(1, {}, oids::sha256))), ErrorCode::key_unsupported,
               "2.16.840.1.101.3.4.2.1");
  expect_error(parse(encrypted(pbkdf2_of(1), oids::aes_256_cbc, 12)), ErrorCode::key_malformed, "16 bytes");
  expect_error(parse(encrypted(pbkdf2_of(1), oids::pbkdf2)), ErrorCode::key_unsupported,
               "1.2.840.113549.1.5.12");
  for (const size_t size : {0u, 1u, 15u, 17u, 143u})
    expect_error(parse(encrypted(pbkdf2_of(1), oids::aes_256_cbc, 16, size)), ErrorCode::key_malformed,
                 "cut off");
  const auto unknown = encrypted([](DerWriter& w) { w.oid(oids::hmac_sha256); });
  expect_error(parse(unknown), ErrorCode::key_unsupported, "1.2.840.113549.2.9");
}

// One file after another is cut off everywhere; no cut is opened, and none takes long.
TEST(EncryptedKey, no_truncation_is_a_key) {
  for (const auto& der : {encrypted(scrypt_of(2, 1, 1, 32)), encrypted(pbkdf2_of(1, 32))})
    for (size_t size = 0; size < der.size(); ++size)
      EXPECT_NE(parse_private_key(Bytes(der).first(size), "p").error().code, ErrorCode::key_passphrase_wrong);
}

// A caller may allow less.
TEST(EncryptedKey, limits_are_the_callers) {
  const auto open = [](const std::vector<uint8_t>& der, const x509::KeyFileLimits& limits) {
    return x509::decrypt_pkcs8(der, "p", default_provider(), limits).error().code;
  };
  EXPECT_EQ(open(encrypted(pbkdf2_of(100)), {.pbkdf2_iterations = 100}), ErrorCode::key_passphrase_wrong);
  EXPECT_EQ(open(encrypted(pbkdf2_of(101)), {.pbkdf2_iterations = 100}), ErrorCode::key_unsupported);
  EXPECT_EQ(open(encrypted(scrypt_of(4, 1, 1)), {.scrypt_work = 4}), ErrorCode::key_passphrase_wrong);
  EXPECT_EQ(open(encrypted(scrypt_of(8, 1, 1)), {.scrypt_work = 4}), ErrorCode::key_unsupported);
  EXPECT_EQ(open(encrypted(scrypt_of(8, 1, 1)), {.scrypt_memory = 1023}), ErrorCode::key_unsupported);
}

}  // namespace
}  // namespace bulla::test
