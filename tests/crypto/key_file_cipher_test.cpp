#include "crypto/one_shot.h"
#include "crypto/pbkdf2.h"
#include "support/vectors.h"
#include "support/witness.h"

#include <random>

namespace bulla::test {
namespace {

const KeyFileCipher& cipher() {
  return tested_provider().key_files;
}

ByteVector encrypted(Bytes key, Bytes iv, ByteVector text) {
  cipher().cbc_encrypt(key, iv, text);
  return text;
}
ByteVector decrypted(Bytes key, Bytes iv, ByteVector text) {
  cipher().cbc_decrypt(key, iv, text);
  return text;
}

// RFC 8018 §B.2.5; NIST SP 800-38A §F.2.1, §F.2.3, §F.2.5: the first two blocks.
TEST(KeyFileCipher, known_answers) {
  const ByteVector iv = from_hex("000102030405060708090a0b0c0d0e0f");
  const ByteVector text = from_hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
  const std::pair<const char*, const char*> cases[] = {
      {"2b7e151628aed2a6abf7158809cf4f3c",
       "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"},
      {"8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
       "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"},
      {"603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
       "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"}};
  for (const auto& [key, sealed] : cases) {
    EXPECT_EQ(to_hex(encrypted(from_hex(key), iv, text)), sealed);
    EXPECT_EQ(decrypted(from_hex(key), iv, from_hex(sealed)), text);
  }
  EXPECT_TRUE(encrypted(from_hex(cases[0].first), iv, {}).empty());
}

// More blocks than any kernel does side by side, and what is left over.
TEST(KeyFileCipher, agrees_with_libcrypto_on_every_count_of_blocks) {
  BULLA_NEED_WITNESS();
  const KeyFileCipher& other = witness()->key_files;
  std::mt19937_64 random(800);
  const auto random_bytes = [&](size_t size) {
    ByteVector out(size);
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(random());
    return out;
  };
  for (const size_t key_size : {16u, 24u, 32u}) {
    for (size_t count = 0; count <= 40; ++count) {
      const ByteVector key = random_bytes(key_size), iv = random_bytes(16), text = random_bytes(16 * count);
      ByteVector sealed = text, opened = text;
      other.cbc_encrypt(key, iv, sealed);
      other.cbc_decrypt(key, iv, opened);
      EXPECT_EQ(encrypted(key, iv, text), sealed) << "seed 800, blocks " << count;
      EXPECT_EQ(decrypted(key, iv, text), opened) << "seed 800, blocks " << count;
    }
  }
}

TEST(KeyFileCipherDeathTest, misuse_ends_the_process) {
  const ByteVector key(16), iv(16);
  EXPECT_DEATH(encrypted(key, iv, ByteVector(15)), "whole blocks");
  EXPECT_DEATH(encrypted(key, ByteVector(12), ByteVector(16)), "IV of 16");
  EXPECT_DEATH(encrypted(ByteVector(20), iv, ByteVector(16)), "16, 24 or 32");
  EXPECT_DEATH(decrypted(key, iv, ByteVector(17)), "whole blocks");
  EXPECT_DEATH(decrypted(key, ByteVector(17), ByteVector(16)), "IV of 16");
  EXPECT_DEATH(decrypted({}, iv, ByteVector(16)), "16, 24 or 32");
}

/// PKCS#7 padding taken off; nothing if it is malformed.
std::optional<ByteVector> unpadded(ByteVector text) {
  if (text.empty() || text.back() == 0 || text.back() > 16 || text.back() > text.size()) return std::nullopt;
  const size_t padding = text.back();
  for (size_t i = 1; i <= padding; ++i)
    if (text[text.size() - i] != padding) return std::nullopt;
  text.erase(text.end() - static_cast<ptrdiff_t>(padding), text.end());
  return text;
}

template <class KeyOf>
void wycheproof(const std::string& set, KeyOf key_of) {
  const auto json = load_json(set);
  BULLA_NEED_VECTORS(json, set);
  size_t cases = 0;
  for (const auto& group : json->at("testGroups").as_array()) {
    for (const auto& test : group.at("tests").as_array()) {
      const ByteVector sealed = from_hex(text_of(test, "ct"));
      const bool valid = text_of(test, "result") == "valid";
      ++cases;
      if (sealed.size() % 16 != 0) {
        EXPECT_FALSE(valid) << test.at("tcId");
        continue;
      }
      const auto text = unpadded(decrypted(key_of(test), from_hex(text_of(test, "iv")), sealed));
      EXPECT_EQ(text.has_value() && *text == from_hex(text_of(test, "msg")), valid) << test.at("tcId");
    }
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

TEST(KeyFileCipherVectors, wycheproof_aes_cbc) {
  wycheproof("wycheproof/aes_cbc_pkcs5_test.json",
             [](const auto& test) { return from_hex(text_of(test, "key")); });
}

TEST(KeyFileCipherVectors, openssl_cbc) {
  const std::string set = "nist/openssl-evp/evpciph_aes_common.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    std::string name(block.text("Cipher"));
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    if (!name.starts_with("aes-") || !name.ends_with("-cbc")) continue;
    const ByteVector key = block.bytes("Key"), iv = block.bytes("IV"), plain = block.bytes("Plaintext"),
                     sealed = block.bytes("Ciphertext");
    EXPECT_EQ(encrypted(key, iv, plain), sealed) << "case " << cases;
    EXPECT_EQ(decrypted(key, iv, sealed), plain) << "case " << cases;
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set + " CBC", cases);
}

TEST(KeyFileCipherVectors, wycheproof_pbes2) {
  wycheproof("wycheproof/pbes2_hmacsha256_aes_256_test.json", [](const auto& test) {
    ByteVector key(32);
    pbkdf2(need_hash(HashId::sha256), from_hex(text_of(test, "password")), from_hex(text_of(test, "salt")),
           static_cast<uint32_t>(test.at("iterationCount").as_int64()), key);
    return key;
  });
}

}  // namespace
}  // namespace bulla::test
