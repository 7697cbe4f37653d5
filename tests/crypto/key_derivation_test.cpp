// HMAC, HKDF, the TLS 1.2 PRF and PBKDF2.
#include "crypto/hkdf.h"
#include "crypto/hmac.h"
#include "crypto/one_shot.h"
#include "crypto/pbkdf2.h"
#include "crypto/tls12_prf.h"
#include "support/vectors.h"

namespace bulla::test {
namespace {

ByteVector mac_of(HashId id, Bytes key, Bytes message) {
  ByteVector out(need_hash(id).digest_size);
  hmac(need_hash(id), key, message, out);
  return out;
}

// RFC 4231 §4.2, §4.3, §4.7.
TEST(Hmac, rfc4231) {
  EXPECT_EQ(to_hex(mac_of(HashId::sha256, ByteVector(20, 0x0b), as_bytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(mac_of(HashId::sha256, as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      to_hex(mac_of(HashId::sha384, as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
      "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649");
  EXPECT_EQ(
      to_hex(mac_of(HashId::sha384, ByteVector(131, 0xaa),
                    as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
      "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952");
}

TEST(Hmac, one_key_serves_many_messages_in_pieces) {
  for (const HashAlgorithm* hash : tested_provider().hashes) {
    const HmacKey key(*hash, as_bytes("Jefe"));
    const ByteVector expected = mac_of(hash->id, as_bytes("Jefe"), as_bytes("what do ya want for nothing?"));
    for (int use = 0; use < 3; ++use) {
      ByteVector out(key.size());
      key.mac({as_bytes("what do ya "), {}, as_bytes("want for "), as_bytes("nothing?")}, out);
      EXPECT_EQ(out, expected);
    }
    Hmac running(key);
    for (const char c : std::string_view("what do ya want for nothing?")) running.update(as_bytes({&c, 1}));
    ByteVector out(key.size());
    running.finish(out);
    EXPECT_EQ(out, expected);
  }
}

TEST(Hmac, keys_around_the_block_size) {
  for (const HashAlgorithm* hash : tested_provider().hashes) {
    const ByteVector block(hash->block_size, 7);
    ByteVector longer = block;
    longer.push_back(7);
    EXPECT_EQ(mac_of(hash->id, longer, {}), mac_of(hash->id, digest(*hash, longer), {})) << "RFC 2104 §3";
    EXPECT_NE(mac_of(hash->id, block, {}), mac_of(hash->id, digest(*hash, block), {}));
    EXPECT_EQ(mac_of(hash->id, {}, {}), mac_of(hash->id, ByteVector(hash->block_size), {}));
  }
}

TEST(HmacDeathTest, an_output_too_short_ends_the_process) {
  ByteVector out(31);
  EXPECT_DEATH(hmac(need_hash(HashId::sha256), {}, {}, out), "as long as its hash");
}

// RFC 5869 §2.2, §2.3; cases §A.1, §A.3.
TEST(Hkdf, rfc5869) {
  const HashAlgorithm& hash = need_hash(HashId::sha256);
  const ByteVector ikm(22, 0x0b);
  ByteVector prk(32), okm(42);
  hkdf_extract(hash, from_hex("000102030405060708090a0b0c"), ikm, prk);
  EXPECT_EQ(to_hex(prk), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  hkdf_expand(hash, prk, from_hex("f0f1f2f3f4f5f6f7f8f9"), okm);
  EXPECT_EQ(to_hex(okm),
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  hkdf_extract(hash, {}, ikm, prk);
  EXPECT_EQ(to_hex(prk), "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
  hkdf_expand(hash, prk, {}, okm);
  EXPECT_EQ(to_hex(okm),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(Hkdf, into_secrets_of_a_role) {
  struct Role {};
  using RoleSecret = InlineSecret<Role, 48>;
  const HashAlgorithm& hash = need_hash(HashId::sha256);
  const auto prk =
      hkdf_extract<RoleSecret>(hash, from_hex("000102030405060708090a0b0c"), ByteVector(22, 0x0b));
  EXPECT_EQ(to_hex(prk.reveal()), "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
  const auto okm = hkdf_expand<RoleSecret>(hash, prk.reveal(), from_hex("f0f1f2f3f4f5f6f7f8f9"), 42);
  EXPECT_EQ(okm.size(), 42u);
  EXPECT_EQ(to_hex(okm.reveal()).substr(0, 16), "3cb25f25faacd57a");
}

TEST(Hkdf, the_longest_output) {
  for (const HashAlgorithm* hash : tested_provider().hashes) {
    ByteVector longest(hkdf_max_output(*hash)), shorter(100);
    hkdf_expand(*hash, as_bytes("key"), as_bytes("info"), longest);
    hkdf_expand(*hash, as_bytes("key"), as_bytes("info"), shorter);
    EXPECT_TRUE(equal_vartime(Bytes(longest).first(100), shorter));
    hkdf_expand(*hash, as_bytes("key"), as_bytes("info"), MutBytes());
  }
}

TEST(HkdfDeathTest, an_output_too_long_ends_the_process) {
  const HashAlgorithm& hash = need_hash(HashId::sha256);
  ByteVector out(hkdf_max_output(hash) + 1);
  EXPECT_DEATH(hkdf_expand(hash, as_bytes("key"), {}, out), "255 digests");
}

// The test vector of the IETF TLS list (2009), which implementers of RFC 5246 §5 share; RFC 5246 itself has
// none.
TEST(Tls12Prf, known_answer) {
  ByteVector out(100);
  const ByteVector seed = from_hex("a0ba9f936cda311827a6f796ffd5198c");
  const ByteVector secret = from_hex("9bbe436ba940f017b17652849a71db35");
  const std::string expected =
      "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af0fa022"
      "f7077def17"
      "abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff70187347b66";
  tls12_prf(need_hash(HashId::sha256), secret, "test label", {seed}, out);
  EXPECT_EQ(to_hex(out), expected);
  tls12_prf(need_hash(HashId::sha256), secret, "test label",
            {Bytes(seed).first(3), {}, Bytes(seed).subspan(3)}, out);
  EXPECT_EQ(to_hex(out), expected) << "the seed is what its pieces make together";
  for (size_t size = 0; size < 100; ++size) {
    ByteVector shorter(size);
    tls12_prf(need_hash(HashId::sha256), secret, "test label", {seed}, shorter);
    EXPECT_EQ(to_hex(shorter), expected.substr(0, 2 * size));
  }
}

// RFC 8018 §5.2; cases of RFC 6070 §2, and of RFC 7914 §11 for SHA-256.
TEST(Pbkdf2, known_answers) {
  ByteVector out(20);
  pbkdf2(need_hash(HashId::sha1), as_bytes("password"), as_bytes("salt"), 4096, out);
  EXPECT_EQ(to_hex(out), "4b007901b765489abead49d926f721d065a429c1");
  out.resize(64);
  pbkdf2(need_hash(HashId::sha256), as_bytes("passwd"), as_bytes("salt"), 1, out);
  EXPECT_EQ(to_hex(out),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
            "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
}

TEST(Pbkdf2DeathTest, no_iteration_ends_the_process) {
  ByteVector out(20);
  EXPECT_DEATH(pbkdf2(need_hash(HashId::sha1), {}, {}, 0, out), "at least once");
}

// ------------------------------------------------------------------------------------ sets outside the tree

/// Calls `run(group, test)` for each test of a wycheproof file.
template <class F>
void each_test(const std::string& set, F run) {
  const auto json = load_json(set);
  BULLA_NEED_VECTORS(json, set);
  size_t cases = 0;
  for (const auto& group : json->at("testGroups").as_array()) {
    for (const auto& test : group.at("tests").as_array()) {
      SCOPED_TRACE(set + " tcId " + std::to_string(test.at("tcId").as_int64()));
      run(group, test);
      ++cases;
    }
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

void wycheproof_hmac(HashId id, const std::string& set) {
  each_test(set, [&](const auto& group, const auto& test) {
    ByteVector mac = mac_of(id, from_hex(text_of(test, "key")), from_hex(text_of(test, "msg")));
    mac.resize(static_cast<size_t>(group.at("tagSize").as_int64()) / 8);
    EXPECT_EQ(mac == from_hex(text_of(test, "tag")), text_of(test, "result") == "valid");
  });
}
TEST(HmacVectors, wycheproof_sha1) {
  wycheproof_hmac(HashId::sha1, "wycheproof/hmac_sha1_test.json");
}
TEST(HmacVectors, wycheproof_sha256) {
  wycheproof_hmac(HashId::sha256, "wycheproof/hmac_sha256_test.json");
}
TEST(HmacVectors, wycheproof_sha384) {
  wycheproof_hmac(HashId::sha384, "wycheproof/hmac_sha384_test.json");
}
TEST(HmacVectors, wycheproof_sha512) {
  wycheproof_hmac(HashId::sha512, "wycheproof/hmac_sha512_test.json");
}

void rfc_hmac(HashId id, const std::string& set) {
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (!block.has("MD")) continue;
    EXPECT_EQ(mac_of(id, block.bytes("Key"), block.bytes("Msg")), block.bytes("MD"))
        << set << " case " << cases;
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}
TEST(HmacVectors, rfc2202_sha1) {
  rfc_hmac(HashId::sha1, "nist/hmac/rfc-2202-sha1.txt");
}
TEST(HmacVectors, rfc4231_sha256) {
  rfc_hmac(HashId::sha256, "nist/hmac/rfc-4231-sha256.txt");
}
TEST(HmacVectors, rfc4231_sha384) {
  rfc_hmac(HashId::sha384, "nist/hmac/rfc-4231-sha384.txt");
}
TEST(HmacVectors, rfc4231_sha512) {
  rfc_hmac(HashId::sha512, "nist/hmac/rfc-4231-sha512.txt");
}

void wycheproof_hkdf(HashId id, const std::string& set) {
  const HashAlgorithm& hash = need_hash(id);
  each_test(set, [&](const auto&, const auto& test) {
    const auto size = static_cast<size_t>(test.at("size").as_int64());
    EXPECT_EQ(size <= hkdf_max_output(hash), text_of(test, "result") == "valid");
    if (size > hkdf_max_output(hash)) return;
    ByteVector prk(hash.digest_size), okm(size);
    hkdf_extract(hash, from_hex(text_of(test, "salt")), from_hex(text_of(test, "ikm")), prk);
    hkdf_expand(hash, prk, from_hex(text_of(test, "info")), okm);
    EXPECT_EQ(okm, from_hex(text_of(test, "okm")));
  });
}
TEST(HkdfVectors, wycheproof_sha1) {
  wycheproof_hkdf(HashId::sha1, "wycheproof/hkdf_sha1_test.json");
}
TEST(HkdfVectors, wycheproof_sha256) {
  wycheproof_hkdf(HashId::sha256, "wycheproof/hkdf_sha256_test.json");
}
TEST(HkdfVectors, wycheproof_sha384) {
  wycheproof_hkdf(HashId::sha384, "wycheproof/hkdf_sha384_test.json");
}
TEST(HkdfVectors, wycheproof_sha512) {
  wycheproof_hkdf(HashId::sha512, "wycheproof/hkdf_sha512_test.json");
}

TEST(HkdfVectors, rfc5869_and_a_long_one) {
  for (const char* set : {"nist/hkdf/rfc-5869-HKDF-SHA1.txt", "nist/hkdf/rfc-5869-HKDF-SHA256.txt",
                          "nist/hkdf/hkdf-generated.txt"}) {
    const auto text = read_text(set);
    BULLA_NEED_VECTORS(text, set);
    size_t cases = 0;
    // The fields of one case are spread over several blocks; OKM is the last.
    Block all;
    for (const Block& block : parse_blocks(*text)) {
      if (block.has("COUNT")) all.values.clear();
      all.values.insert(all.values.end(), block.values.begin(), block.values.end());
      if (!all.has("OKM")) continue;
      const HashAlgorithm* known = hash_named(all.text("Hash"));
      ASSERT_TRUE(known);
      const HashAlgorithm& hash = *known;
      ByteVector prk(hash.digest_size), okm(static_cast<size_t>(std::stoul(std::string(all.text("L")))));
      hkdf_extract(hash, all.bytes("salt"), all.bytes("IKM"), prk);
      EXPECT_TRUE(!all.has("PRK") || prk == all.bytes("PRK"));
      hkdf_expand(hash, prk, all.bytes("info"), okm);
      EXPECT_EQ(okm, all.bytes("OKM")) << set << " " << all.text("COUNT");
      ++cases;
    }
    EXPECT_GT(cases, 0u);
    report_cases(set, cases);
  }
}

void wycheproof_pbkdf2(HashId id, const std::string& set) {
  each_test(set, [&](const auto&, const auto& test) {
    const auto iterations = test.at("iterationCount").as_int64();
    ByteVector out(static_cast<size_t>(test.at("dkLen").as_int64()));
    if (iterations <= 0 || iterations > 1'000'000) return;
    pbkdf2(need_hash(id), from_hex(text_of(test, "password")), from_hex(text_of(test, "salt")),
           static_cast<uint32_t>(iterations), out);
    EXPECT_EQ(out == from_hex(text_of(test, "dk")), text_of(test, "result") == "valid");
  });
}
TEST(Pbkdf2Vectors, wycheproof_sha1) {
  wycheproof_pbkdf2(HashId::sha1, "wycheproof/pbkdf2_hmacsha1_test.json");
}
TEST(Pbkdf2Vectors, wycheproof_sha256) {
  wycheproof_pbkdf2(HashId::sha256, "wycheproof/pbkdf2_hmacsha256_test.json");
}

TEST(Pbkdf2Vectors, openssl) {
  const std::string set = "nist/openssl-evp/evppbe_pbkdf2.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    const HashAlgorithm* hash = hash_named(block.text("MD"));
    // Escaped or absent passphrases are another tool's notation; the wycheproof set has such bytes in
    // hexadecimal.
    if (!hash || block.has("Result") || block.text("Password") == "NULL" ||
        block.text("Password").find('\\') != std::string_view::npos)
      continue;
    ByteVector out(block.bytes("Key").size());
    pbkdf2(*hash, block.bytes("Password"), block.bytes("Salt"),
           static_cast<uint32_t>(std::stoul(std::string(block.text("iter")))), out);
    EXPECT_EQ(out, block.bytes("Key")) << "case " << cases;
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

// NIST ACVP, TLS 1.2 with the extended master secret (RFC 7627): questions and answers join by tcId.
TEST(Tls12PrfVectors, nist_acvp) {
  const std::string set = "nist/acvp-boringssl/TLS12.vectors.json";
  const auto questions = load_json(set), answers = load_json("nist/acvp-boringssl/TLS12.expected.json");
  BULLA_NEED_VECTORS(questions && answers, set);
  const auto answer_of = [&](const boost::json::value& id) -> const boost::json::value& {
    for (const auto& group : answers->at(1).at("testGroups").as_array())
      for (const auto& test : group.at("tests").as_array())
        if (test.at("tcId") == id) return test;
    return id;
  };
  size_t cases = 0;
  for (const auto& group : questions->at(1).at("testGroups").as_array()) {
    const HashAlgorithm* known = hash_named(text_of(group, "hashAlg"));
    ASSERT_TRUE(known);
    const HashAlgorithm& hash = *known;
    for (const auto& test : group.at("tests").as_array()) {
      const auto& answer = answer_of(test.at("tcId"));
      ByteVector master(48), block(static_cast<size_t>(group.at("keyBlockLength").as_int64()) / 8);
      tls12_prf(hash, from_hex(text_of(test, "preMasterSecret")), "extended master secret",
                {from_hex(text_of(test, "sessionHash"))}, master);
      EXPECT_EQ(master, from_hex(text_of(answer, "masterSecret")));
      const ByteVector server = from_hex(text_of(test, "serverRandom")),
                       client = from_hex(text_of(test, "clientRandom"));
      tls12_prf(hash, master, "key expansion", {server, client}, block);
      EXPECT_EQ(block, from_hex(text_of(answer, "keyBlock")));
      ++cases;
    }
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

}  // namespace
}  // namespace bulla::test
