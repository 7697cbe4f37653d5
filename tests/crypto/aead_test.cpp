#include "crypto/one_shot.h"
#include "support/vectors.h"

#include <array>
#include <numeric>

namespace bulla::test {
namespace {

std::unique_ptr<AeadKey> make_key(AeadId id, Bytes key) {
  return tested_provider().aead(id)->make_key(key);
}

struct Known {
  AeadId id;
  const char *key, *nonce, *aad, *text, *sealed;
};

// GCM: McGrew and Viega, test cases 1, 4, 13, 16 (12-byte nonces). ChaCha20-Poly1305: RFC 8439 §2.8.2.
constexpr Known known[] = {
    {AeadId::aes_128_gcm, "00000000000000000000000000000000", "000000000000000000000000", "", "",
     "58e2fccefa7e3061367f1d57a4e7455a"},
    {AeadId::aes_128_gcm, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf"
     "5aa0de657"
     "ba637b39",
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b3"
     "96a0aac97"
     "3d58e0915bc94fbc3221a5db94fae95ae7121a47"},
    {AeadId::aes_256_gcm, "0000000000000000000000000000000000000000000000000000000000000000",
     "000000000000000000000000", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {AeadId::aes_256_gcm, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
     "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf"
     "5aa0de657"
     "ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6"
     "393ba7a0a"
     "bcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
    {AeadId::chacha20_poly1305, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
     "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
     "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a204966204920636f756c6"
     "4206f6666"
     "657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73637265656e20776f756c642"
     "062652069"
     "742e",
     "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0"
     "a9e060b29"
     "05d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26"
     "586cec64b"
     "61161ae10b594f09e26a7e902ecbd0600691"},
};

TEST(Aead, known_answers) {
  for (const Known& k : known) {
    const auto key = make_key(k.id, from_hex(k.key));
    const AeadNonce nonce = to_nonce(from_hex(k.nonce));
    const ByteVector aad = from_hex(k.aad), text = from_hex(k.text), sealed = from_hex(k.sealed);
    EXPECT_EQ(seal(*key, nonce, aad, text), sealed);
    EXPECT_EQ(open(*key, nonce, aad, sealed), text);
    EXPECT_EQ(seal(*key, nonce, aad, text), sealed) << "a key can turn from opening to sealing";
  }
}

class EveryAead : public testing::TestWithParam<AeadId> {
 protected:
  EveryAead() {
    std::iota(key_bytes_.begin(), key_bytes_.end(), uint8_t{1});
    std::iota(nonce_.begin(), nonce_.end(), uint8_t{0x80});
    key_ = algorithm_.make_key(Bytes(key_bytes_).first(algorithm_.key_size));
  }
  static ByteVector text_of_size(size_t size) {
    ByteVector text(size);
    for (size_t i = 0; i < size; ++i) text[i] = static_cast<uint8_t>(i * 31 + 5);
    return text;
  }

  const AeadAlgorithm& algorithm_ = *tested_provider().aead(GetParam());
  std::array<uint8_t, 32> key_bytes_{};
  AeadNonce nonce_{};
  ByteVector aad_ = {0x17, 3, 3, 0, 99};
  std::unique_ptr<AeadKey> key_;
};

TEST_P(EveryAead, in_place_gives_what_separate_buffers_give) {
  for (const size_t size : {0u, 1u, 15u, 16u, 17u, 255u, 256u, 257u, 1350u, 16384u}) {
    const ByteVector text = text_of_size(size);
    const ByteVector sealed = seal(*key_, nonce_, aad_, text);
    ByteVector buffer = text;
    buffer.resize(size + aead_tag_size);
    const Bytes in = Bytes(buffer).first(size);
    key_->seal(buffer, nonce_, aad_, {&in, 1});
    EXPECT_EQ(buffer, sealed) << size;
    EXPECT_EQ(open(*key_, nonce_, aad_, sealed), text) << size;
  }
}

TEST_P(EveryAead, gathers_any_number_of_pieces) {
  // Sizes on both sides of what is copied and what is encrypted from where it lies.
  const std::vector<std::vector<size_t>> plans = {
      {},
      {0},
      {5},
      {300, 1},
      {1, 300},
      {16384, 1},
      {0, 0, 7},
      {257, 256, 3},
      {256, 257, 0},
      {1000, 1000, 1},
      {1, 2, 3, 4},
      {400, 1, 400, 1},
      {1, 400, 1, 400},
      {64, 64, 64, 64},
      {0, 400, 0, 17},
  };
  for (const auto& plan : plans) {
    const ByteVector text = text_of_size(std::accumulate(plan.begin(), plan.end(), size_t{0}));
    const ByteVector sealed = seal(*key_, nonce_, aad_, text);
    std::vector<Bytes> pieces;
    size_t at = 0;
    for (const size_t size : plan) {
      pieces.push_back(Bytes(text).subspan(at, size));
      at += size;
    }
    ByteVector out(text.size() + aead_tag_size);
    key_->seal(out, nonce_, aad_, pieces);
    EXPECT_EQ(out, sealed) << pieces.size() << " pieces of " << text.size();
    if (plan.empty()) continue;
    // The first piece may lie where its ciphertext goes.
    std::copy_n(text.begin(), plan[0], out.begin());
    pieces[0] = Bytes(out).first(plan[0]);
    key_->seal(out, nonce_, aad_, pieces);
    EXPECT_EQ(out, sealed) << pieces.size() << " pieces of " << text.size() << ", the first in place";
  }
}

TEST_P(EveryAead, unaligned_buffers) {
  const ByteVector text = text_of_size(1000);
  const ByteVector sealed = seal(*key_, nonce_, aad_, text);
  ByteVector aad_room(aad_.size() + 16), in_room(text.size() + 16), out_room(sealed.size() + 16);
  for (size_t shift = 0; shift < 16; ++shift) {
    std::copy(aad_.begin(), aad_.end(), aad_room.begin() + static_cast<ptrdiff_t>(shift));
    std::copy(text.begin(), text.end(), in_room.begin() + static_cast<ptrdiff_t>(shift));
    const Bytes aad = Bytes(aad_room).subspan(shift, aad_.size());
    const Bytes in = Bytes(in_room).subspan(shift, text.size());
    const MutBytes out = MutBytes(out_room).subspan(15 - shift, sealed.size());
    key_->seal(out, nonce_, aad, {&in, 1});
    EXPECT_TRUE(equal_vartime(out, sealed)) << shift;
    ASSERT_TRUE(key_->open(out, nonce_, aad)) << shift;
    EXPECT_TRUE(equal_vartime(out.first(text.size()), text)) << shift;
  }
}

TEST_P(EveryAead, every_flipped_bit_is_refused_and_nothing_is_left) {
  const ByteVector text = text_of_size(33);
  const ByteVector sealed = seal(*key_, nonce_, aad_, text);
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    ByteVector altered = sealed;
    altered[bit / 8] ^= static_cast<uint8_t>(1u << (bit % 8));
    ASSERT_FALSE(key_->open(altered, nonce_, aad_)) << "bit " << bit;
    ASSERT_EQ(altered, ByteVector(sealed.size())) << "bit " << bit;
  }
  EXPECT_EQ(open(*key_, nonce_, aad_, sealed), text) << "a refused record does not hurt the key";
}

TEST_P(EveryAead, wrong_nonce_or_additional_data_is_refused) {
  const ByteVector sealed = seal(*key_, nonce_, aad_, text_of_size(50));
  for (size_t i = 0; i < nonce_.size(); ++i) {
    AeadNonce other = nonce_;
    other[i] ^= 1;
    EXPECT_FALSE(open(*key_, other, aad_, sealed));
  }
  ByteVector other = aad_;
  other.back() ^= 1;
  EXPECT_FALSE(open(*key_, nonce_, other, sealed));
  EXPECT_FALSE(open(*key_, nonce_, {}, sealed));
  other = aad_;
  other.push_back(0);
  EXPECT_FALSE(open(*key_, nonce_, other, sealed));
}

TEST_P(EveryAead, every_truncation_is_refused_and_nothing_is_left) {
  const ByteVector sealed = seal(*key_, nonce_, aad_, text_of_size(20));
  for (size_t size = 0; size < sealed.size(); ++size) {
    ByteVector cut(sealed.begin(), sealed.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_FALSE(key_->open(cut, nonce_, aad_)) << size;
    EXPECT_EQ(cut, ByteVector(size));
  }
}

TEST_P(EveryAead, another_key_is_refused) {
  const ByteVector sealed = seal(*key_, nonce_, aad_, text_of_size(20));
  key_bytes_[algorithm_.key_size - 1] ^= 1;
  const auto other = algorithm_.make_key(Bytes(key_bytes_).first(algorithm_.key_size));
  EXPECT_FALSE(open(*other, nonce_, aad_, sealed));
}

using AeadDeathTest = EveryAead;

TEST_P(AeadDeathTest, misuse_ends_the_process) {
  ByteVector buffer(100);
  const Bytes shifted = Bytes(buffer).subspan(1, 50);
  EXPECT_DEATH(key_->seal(MutBytes(buffer).first(66), nonce_, aad_, {&shifted, 1}), "overlaps");
  const Bytes pieces[2] = {Bytes(buffer).first(10), Bytes(buffer).subspan(10, 10)};
  EXPECT_DEATH(key_->seal(MutBytes(buffer).first(36), nonce_, aad_, pieces), "overlaps");
  const ByteVector text(50);
  const Bytes in = text;
  EXPECT_DEATH(key_->seal(MutBytes(buffer).first(65), nonce_, aad_, {&in, 1}), "too small");
  EXPECT_DEATH(key_->seal(MutBytes(buffer).first(67), nonce_, aad_, {&in, 1}), "inputs and the tag");
  EXPECT_DEATH(key_->seal(MutBytes(buffer).first(66), nonce_, Bytes(buffer).subspan(65, 5), {&in, 1}),
               "overlaps");
  EXPECT_DEATH(algorithm_.make_key(Bytes(key_bytes_).first(algorithm_.key_size - 1u)), "size");
}

// The first piece may lie exactly at the output; any other overlap, of a byte even, is refused. Neighbours do
// not overlap.
TEST_P(AeadDeathTest, every_overlap_but_that_in_place_is_refused) {
  constexpr size_t size = 40, record = size + aead_tag_size, at = 100;
  ByteVector memory(300);
  const MutBytes out = MutBytes(memory).subspan(at, record);
  const auto seal_from = [&](size_t first, size_t second) {
    const Bytes pieces[2] = {Bytes(memory).subspan(first, size / 2), Bytes(memory).subspan(second, size / 2)};
    key_->seal(out, nonce_, aad_, pieces);
  };
  const size_t apart = at + record + 50;
  for (const size_t begin : {at - size / 2 + 1, at - 1, at + 1, at + size / 2, at + size, at + record - 1}) {
    EXPECT_DEATH(seal_from(begin, apart), "overlaps") << "first " << begin;
    EXPECT_DEATH(seal_from(apart, begin), "overlaps") << "second " << begin;
    EXPECT_DEATH(seal_from(at, begin), "overlaps") << "second, the first in place " << begin;
  }
  EXPECT_DEATH(seal_from(apart, at), "overlaps") << "only the first may lie at the output";
  EXPECT_DEATH(seal_from(at, at), "overlaps");
  for (const auto& [first, second] : {std::pair{at - size / 2, at + record}, std::pair{at + record, apart}}) {
    for (size_t i = 0; i < size / 2; ++i) memory[first + i] = 1, memory[second + i] = 2;
    ByteVector text(size / 2, 1);
    text.resize(size, 2);
    seal_from(first, second);
    EXPECT_EQ(open(*key_, nonce_, aad_, to_vector(out)), text);
  }
}

constexpr AeadId all[] = {AeadId::aes_128_gcm, AeadId::aes_256_gcm, AeadId::chacha20_poly1305};
const auto print_name = [](const auto& info) {
  std::string name(default_provider().aead(info.param)->name);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
};
INSTANTIATE_TEST_SUITE_P(Openssl, EveryAead, testing::ValuesIn(all), print_name);
INSTANTIATE_TEST_SUITE_P(Openssl, AeadDeathTest, testing::ValuesIn(all), print_name);

// ------------------------------------------------------------------------------------ sets outside the tree

std::optional<AeadId> gcm_of(size_t key_size) {
  if (key_size == 16) return AeadId::aes_128_gcm;
  if (key_size == 32) return AeadId::aes_256_gcm;
  return std::nullopt;
}

void wycheproof(const std::string& set, std::optional<AeadId> fixed) {
  const auto json = load_json(set);
  BULLA_NEED_VECTORS(json, set);
  size_t cases = 0, out_of_scope = 0;
  for (const auto& group : json->at("testGroups").as_array()) {
    for (const auto& test : group.at("tests").as_array()) {
      const ByteVector key_bytes = from_hex(text_of(test, "key")), iv = from_hex(text_of(test, "iv"));
      const auto id = fixed ? fixed : gcm_of(key_bytes.size());
      // The seam's nonce type holds 12 bytes and nothing else: other lengths cannot be asked for.
      if (!id || iv.size() != aead_nonce_size) {
        ++out_of_scope;
        continue;
      }
      const ByteVector aad = from_hex(text_of(test, "aad")), text = from_hex(text_of(test, "msg"));
      ByteVector sealed = from_hex(text_of(test, "ct"));
      const ByteVector tag = from_hex(text_of(test, "tag"));
      sealed.insert(sealed.end(), tag.begin(), tag.end());
      const bool valid = text_of(test, "result") == "valid";
      const auto key = make_key(*id, key_bytes);
      const AeadNonce nonce = to_nonce(iv);
      const auto opened = open(*key, nonce, aad, sealed);
      EXPECT_EQ(opened.has_value(), valid) << set << " tcId " << test.at("tcId");
      if (valid) {
        EXPECT_EQ(opened, text) << set << " tcId " << test.at("tcId");
        EXPECT_EQ(seal(*key, nonce, aad, text), sealed) << set << " tcId " << test.at("tcId");
      }
      ++cases;
    }
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
  report_cases(set + " (nonce or key sizes that the seam cannot express)", out_of_scope);
}

TEST(AeadVectors, wycheproof_aes_gcm) {
  wycheproof("wycheproof/aes_gcm_test.json", std::nullopt);
}
TEST(AeadVectors, wycheproof_chacha20_poly1305) {
  wycheproof("wycheproof/chacha20_poly1305_test.json", AeadId::chacha20_poly1305);
}

/// Blocks with the fields named so; a block with `FAIL` or FAILS must not open.
struct FieldNames {
  const char *key, *nonce, *aad, *text, *sealed, *tag;
};

void blocks(const std::string& set, std::optional<AeadId> fixed, const FieldNames& names) {
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (!block.has(names.key)) continue;
    const ByteVector key_bytes = block.bytes(names.key), iv = block.bytes(names.nonce);
    const auto id = fixed ? fixed : gcm_of(key_bytes.size());
    ByteVector sealed = block.bytes(names.sealed);
    const ByteVector tag = block.bytes(names.tag), aad = block.bytes(names.aad);
    if (!id || iv.size() != aead_nonce_size || tag.size() != aead_tag_size) continue;
    sealed.insert(sealed.end(), tag.begin(), tag.end());
    const bool valid = !block.has("FAIL") && !block.has("FAILS");
    const auto key = make_key(*id, key_bytes);
    const auto opened = open(*key, to_nonce(iv), aad, sealed);
    EXPECT_EQ(opened.has_value(), valid) << set << " case " << cases;
    if (valid && opened) {
      EXPECT_EQ(*opened, block.bytes(names.text)) << set << " case " << cases;
      EXPECT_EQ(seal(*key, to_nonce(iv), aad, *opened), sealed) << set << " case " << cases;
    }
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

constexpr FieldNames cavp = {"Key", "IV", "AAD", "PT", "CT", "Tag"};
constexpr FieldNames boringssl = {"KEY", "NONCE", "AD", "IN", "CT", "TAG"};

TEST(AeadVectors, nist_gcm) {
  for (const char* set : {"nist/aes-gcm/gcmDecrypt128.rsp", "nist/aes-gcm/gcmDecrypt256.rsp",
                          "nist/aes-gcm/gcmEncryptExtIV128.rsp", "nist/aes-gcm/gcmEncryptExtIV256.rsp"})
    blocks(set, std::nullopt, cavp);
}
TEST(AeadVectors, boringssl_gcm) {
  blocks("nist/boringssl-text/aes_128_gcm_tests.txt", AeadId::aes_128_gcm, boringssl);
  blocks("nist/boringssl-text/aes_256_gcm_tests.txt", AeadId::aes_256_gcm, boringssl);
}

// GMAC is GCM without text.
TEST(AeadVectors, wycheproof_aes_gmac) {
  const std::string set = "wycheproof/aes_gmac_test.json";
  const auto json = load_json(set);
  BULLA_NEED_VECTORS(json, set);
  size_t cases = 0, out_of_scope = 0;
  for (const auto& group : json->at("testGroups").as_array()) {
    for (const auto& test : group.at("tests").as_array()) {
      const ByteVector key_bytes = from_hex(text_of(test, "key")), iv = from_hex(text_of(test, "iv"));
      const auto id = gcm_of(key_bytes.size());
      if (!id || iv.size() != aead_nonce_size) {
        ++out_of_scope;
        continue;
      }
      const ByteVector message = from_hex(text_of(test, "msg")), tag = from_hex(text_of(test, "tag"));
      const bool valid = text_of(test, "result") == "valid";
      const auto key = make_key(*id, key_bytes);
      EXPECT_EQ(open(*key, to_nonce(iv), message, tag).has_value(), valid) << test.at("tcId");
      EXPECT_EQ(seal(*key, to_nonce(iv), message, {}) == tag, valid) << test.at("tcId");
      ++cases;
    }
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
  report_cases(set + " (nonce or key sizes that the seam cannot express)", out_of_scope);
}

/// Ciphertext and tag in one field, and tags that were cut: they are the front of the whole.
TEST(AeadVectors, botan_gcm) {
  const std::string set = "nist/botan-text/gcm.vec";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0, out_of_scope = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (!block.has("Key")) continue;
    const ByteVector key_bytes = block.bytes("Key"), nonce = block.bytes("Nonce"), in = block.bytes("In"),
                     wanted = block.bytes("Out");
    const auto id = gcm_of(key_bytes.size());
    if (!block.section.starts_with("AES") || !id || nonce.size() != aead_nonce_size) {
      ++out_of_scope;
      continue;
    }
    const auto key = make_key(*id, key_bytes);
    ByteVector sealed = seal(*key, to_nonce(nonce), block.bytes("AD"), in);
    EXPECT_EQ(open(*key, to_nonce(nonce), block.bytes("AD"), sealed), in) << "case " << cases;
    EXPECT_GT(wanted.size(), in.size());
    sealed.resize(std::min(sealed.size(), wanted.size()));
    EXPECT_EQ(sealed, wanted) << "case " << cases;
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
  report_cases(set + " (another cipher, or sizes that the seam cannot express)", out_of_scope);
}

TEST(AeadVectors, openssl_gcm) {
  const std::string set = "nist/openssl-evp/evpciph_aes_common.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0, out_of_scope = 0;
  for (const Block& block : parse_blocks(*text)) {
    std::string name(block.text("Cipher"));
    for (char& c : name) c = static_cast<char>(std::tolower(c));
    if (!name.starts_with("aes-") || !name.ends_with("-gcm")) continue;
    const ByteVector key_bytes = block.bytes("Key"), nonce = block.bytes("IV"), aad = block.bytes("AAD"),
                     tag = block.bytes("Tag"), plain = block.bytes("Plaintext");
    const auto id = gcm_of(key_bytes.size());
    if (!id || nonce.size() != aead_nonce_size || tag.size() != aead_tag_size) {
      ++out_of_scope;
      continue;
    }
    ByteVector sealed = block.bytes("Ciphertext");
    sealed.insert(sealed.end(), tag.begin(), tag.end());
    const auto key = make_key(*id, key_bytes);
    const bool valid = !block.has("Result");  // all of them name a failure
    EXPECT_EQ(open(*key, to_nonce(nonce), aad, sealed).has_value(), valid) << "case " << cases;
    EXPECT_EQ(seal(*key, to_nonce(nonce), aad, plain) == sealed, valid) << "case " << cases;
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set + " GCM", cases);
  report_cases(set + " GCM (nonce, tag or key sizes that the seam cannot express)", out_of_scope);
}
TEST(AeadVectors, boringssl_chacha20_poly1305) {
  blocks("nist/boringssl-text/chacha20_poly1305_tests.txt", AeadId::chacha20_poly1305, boringssl);
  blocks("nist/chacha20-poly1305/aead-boringssl.txt", AeadId::chacha20_poly1305, boringssl);
}

}  // namespace
}  // namespace bulla::test
