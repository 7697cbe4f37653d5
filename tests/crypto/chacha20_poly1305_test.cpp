// ChaCha20 and Poly1305 by themselves, and what the suite of every AEAD (aead_test.cpp) does not ask.
#include "crypto/chacha20_poly1305/chacha20_poly1305.h"
#include "crypto/chacha20_poly1305/impl.h"
#include "crypto/little_endian.h"
#include "crypto/one_shot.h"
#include "support/vectors.h"
#include "support/witness.h"

#include <boost/multiprecision/cpp_int.hpp>

#include <numeric>
#include <random>

namespace bulla::test {
namespace {

using namespace crypto::chacha20_poly1305;
using crypto::load_little_endian;

using Part = crypto::Kernel<Functions>;

/// The functions of one kernel.
class ChaCha20Poly1305Parts : public testing::TestWithParam<Part> {
 protected:
  void SetUp() override {
    if (!GetParam().runs_on(crypto::cpu_word())) GTEST_SKIP() << "this machine cannot run it";
  }
  const Functions& functions() const { return *GetParam().algorithm; }

  ByteVector chacha20(Bytes key, Bytes nonce, uint32_t counter, Bytes in) const {
    KeyWords k;
    NonceWords n;
    for (size_t i = 0; i < k.size(); ++i) k[i] = load_little_endian<uint32_t>(&key[4 * i]);
    for (size_t i = 0; i < n.size(); ++i) n[i] = load_little_endian<uint32_t>(&nonce[4 * i]);
    ByteVector out(in.size());
    functions().chacha20(k, n, counter, in.data(), out.data(), in.size());
    return out;
  }
  /// RFC 8439 §2.5.1: a block that is not whole ends in a one.
  ByteVector poly1305(Bytes key, Bytes message) const {
    Poly1305State state;
    poly1305_init(state, key.data());
    const size_t whole = message.size() / 16;
    functions().poly1305_blocks(state, message.data(), whole, 1);
    if (message.size() % 16 != 0) {
      std::array<uint8_t, 16> last{};
      std::copy(message.begin() + static_cast<ptrdiff_t>(16 * whole), message.end(), last.begin());
      last[message.size() % 16] = 1;
      functions().poly1305_blocks(state, last.data(), 1, 0);
    }
    ByteVector tag(16);
    poly1305_finish(state, tag.data());
    return tag;
  }
};

INSTANTIATE_TEST_SUITE_P(Kernels, ChaCha20Poly1305Parts, testing::ValuesIn(functions()),
                         [](const auto& info) { return std::string(info.param.name); });

constexpr const char* ietf =
    "Any submission to the IETF intended by the Contributor for publication as all or part of "
    "an IETF Internet-Draft or RFC and any statement made within the context of an IETF "
    "activity is considered an \"IETF Contribution\". Such statements include oral statements in "
    "IETF sessions, as well as written and electronic communications made at any time or "
    "place, which are addressed to";
constexpr const char* jabberwocky =
    "'Twas brillig, and the slithy toves\nDid gyre and gimble in the wabe:\nAll mimsy were the "
    "borogoves,\nAnd the mome raths outgrabe.";

struct KnownStream {
  const char *key, *nonce;
  uint32_t counter;
  std::string_view text;  ///< empty: the key stream itself
  const char* out;
};
// RFC 8439 §A.1 (1 to 5) and §A.2 (2 and 3; its first is that of §A.1).
const KnownStream known_streams[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", 0, "",
     "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d7724e03fb8d84a37"
     "6a43b8f41518a11cc387b669b2ee6586"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", 1, "",
     "9f07e7be5551387a98ba977c732d080dcb0f29a048e3656912c6533e32ee7aed29b721769ce64e43d57133b074d839d5"
     "31ed1f28510afb45ace10a1f4b794d6f"},
    {"0000000000000000000000000000000000000000000000000000000000000001", "000000000000000000000000", 1, "",
     "3aeb5224ecf849929b9d828db1ced4dd832025e8018b8160b82284f3c949aa5a8eca00bbb4a73bdad192b5c42f73f2fd"
     "4e273644c8b36125a64addeb006c13a0"},
    {"00ff000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000", 2, "",
     "72d54dfbf12ec44b362692df94137f328fea8da73990265ec1bbbea1ae9af0ca13b25aa26cb4a648cb9b9d1be65b2c09"
     "24a66c54d545ec1b7374f4872e99f096"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000002", 0, "",
     "c2c64d378cd536374ae204b9ef933fcd1a8b2288b3dfa49672ab765b54ee27c78a970e0e955c14f3a88e741b97c286f7"
     "5f8fc299e8148362fa198a39531bed6d"},
    {"0000000000000000000000000000000000000000000000000000000000000001", "000000000000000000000002", 1, ietf,
     "a3fbf07df3fa2fde4f376ca23e82737041605d9f4f4f57bd8cff2c1d4b7955ec2a97948bd3722915c8f3d337f7d37005"
     "0e9e96d647b7c39f56e031ca5eb6250d4042e02785ececfa4b4bb5e8ead0440e20b6e8db09d881a7c6132f420e527950"
     "42bdfa7773d8a9051447b3291ce1411c680465552aa6c405b7764d5e87bea85ad00f8449ed8f72d0d662ab052691ca66"
     "424bc86d2df80ea41f43abf937d3259dc4b2d0dfb48a6c9139ddd7f76966e928e635553ba76c5c879d7b35d49eb2e62b"
     "0871cdac638939e25e8a1e0ef9d5280fa8ca328b351c3c765989cbcf3daa8b6ccc3aaf9f3979c92b3720fc88dc95ed84"
     "a1be059c6499b9fda236e7e818b04b0bc39c1e876b193bfe5569753f88128cc08aaa9b63d1a16f80ef2554d7189c411f"
     "5869ca52c5b83fa36ff216b9c1d30062bebcfd2dc5bce0911934fda79a86f6e698ced759c3ff9b6477338f3da4f9cd85"
     "14ea9982ccafb341b2384dd902f3d1ab7ac61dd29c6f21ba5b862f3730e37cfdc4fd806c22f221"},
    {"1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0", "000000000000000000000002", 42,
     jabberwocky,
     "62e6347f95ed87a45ffae7426f27a1df5fb69110044c0d73118effa95b01e5cf166d3df2d721caf9b21e5fb14c616871"
     "fd84c54f9d65b283196c7fe4f60553ebf39c6402c42234e32a356b3e764312a61a5532055716ead6962568f87d3f3f77"
     "04c6a8d1bcd1bf4d50d6154b6da731b187b58dfd728afa36757a797ac188d1"},
};

TEST_P(ChaCha20Poly1305Parts, chacha20_rfc8439_a1_a2) {
  for (const KnownStream& k : known_streams) {
    const ByteVector out = from_hex(k.out), key = from_hex(k.key), nonce = from_hex(k.nonce);
    const ByteVector in = k.text.empty() ? ByteVector(out.size()) : to_vector(as_bytes(k.text));
    EXPECT_EQ(to_hex(chacha20(key, nonce, k.counter, in)), k.out);
    EXPECT_EQ(chacha20(key, nonce, k.counter, out), in) << "adding the key stream twice takes it away";
  }
}

TEST_P(ChaCha20Poly1305Parts, chacha20_of_any_size_is_a_prefix_of_a_longer_one) {
  const ByteVector key(32, 0x42), nonce(12, 0x24), zeros(4400);
  const ByteVector whole = chacha20(key, nonce, 7, zeros);
  for (size_t size = 0; size <= zeros.size(); ++size) {
    const ByteVector some = chacha20(key, nonce, 7, Bytes(zeros).first(size));
    ASSERT_TRUE(std::equal(some.begin(), some.end(), whole.begin())) << size;
  }
}

TEST_P(ChaCha20Poly1305Parts, chacha20_writes_no_further_than_its_text) {
  const KeyWords key{1, 2, 3};
  for (size_t size = 0; size < 4400; size += 7) {
    ByteVector buffer(size + 32, 0xee);
    functions().chacha20(key, {}, 0, buffer.data(), buffer.data(), size);
    ASSERT_EQ(ByteVector(buffer.end() - 32, buffer.end()), ByteVector(32, 0xee)) << size;
  }
}

TEST_P(ChaCha20Poly1305Parts, chacha20_counts_in_32_bits_and_block_by_block) {
  const ByteVector key(32, 9), nonce(12, 0xff), zeros(64 * 60);
  for (const uint32_t first : {0u, 1u, 0x7ffffffau, 0xffffffd5u, 0xfffffff0u, 0xfffffffdu, 0xffffffffu}) {
    const ByteVector run = chacha20(key, nonce, first, zeros);
    for (uint32_t i = 0; i < 60; ++i) {
      const ByteVector one = chacha20(key, nonce, first + i, Bytes(zeros).first(64));
      ASSERT_TRUE(std::equal(one.begin(), one.end(), run.begin() + 64 * i)) << first << " + " << i;
    }
  }
}

TEST_P(ChaCha20Poly1305Parts, poly1305_rfc8439_a3) {
  const struct {
    std::string key, message, tag;
  } known[] = {
      {"0000000000000000000000000000000000000000000000000000000000000000",
       "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
       "00000000000000000000000000000000",
       "00000000000000000000000000000000"},
      {"0000000000000000000000000000000036e5f6b5c5e06070f0efca96227a863e", to_hex(as_bytes(ietf)),
       "36e5f6b5c5e06070f0efca96227a863e"},
      {"36e5f6b5c5e06070f0efca96227a863e00000000000000000000000000000000", to_hex(as_bytes(ietf)),
       "f3477e7cd95417af89a6b8794c310cf0"},
      {"1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0", to_hex(as_bytes(jabberwocky)),
       "4541669a7eaaee61e708dc7cbcc5eb62"},
      {"0200000000000000000000000000000000000000000000000000000000000000", "ffffffffffffffffffffffffffffffff",
       "03000000000000000000000000000000"},
      {"02000000000000000000000000000000ffffffffffffffffffffffffffffffff", "02000000000000000000000000000000",
       "03000000000000000000000000000000"},
      {"0100000000000000000000000000000000000000000000000000000000000000",
       "fffffffffffffffffffffffffffffffff0ffffffffffffffffffffffffffffff11000000000000000000000000000000",
       "05000000000000000000000000000000"},
      {"0100000000000000000000000000000000000000000000000000000000000000",
       "fffffffffffffffffffffffffffffffffbfefefefefefefefefefefefefefefe01010101010101010101010101010101",
       "00000000000000000000000000000000"},
      {"0200000000000000000000000000000000000000000000000000000000000000", "fdffffffffffffffffffffffffffffff",
       "faffffffffffffffffffffffffffffff"},
      {"0100000000000000040000000000000000000000000000000000000000000000",
       "e33594d7505e43b900000000000000003394d7505e4379cd010000000000000000000000000000000000000000000000"
       "01000000000000000000000000000000",
       "14000000000000005500000000000000"},
      {"0100000000000000040000000000000000000000000000000000000000000000",
       "e33594d7505e43b900000000000000003394d7505e4379cd010000000000000000000000000000000000000000000000",
       "13000000000000000000000000000000"},
  };
  static_assert(std::size(known) == 11);
  for (const auto& k : known)
    EXPECT_EQ(to_hex(poly1305(from_hex(k.key), from_hex(k.message))), k.tag) << k.key;
}

using boost::multiprecision::cpp_int;

cpp_int to_number(Bytes little_endian) {
  cpp_int out = 0;
  for (size_t i = little_endian.size(); i-- > 0;) out = out * 256 + little_endian[i];
  return out;
}

/// RFC 8439 §2.5 with numbers of any size.
ByteVector poly1305_by_definition(Bytes key, Bytes message) {
  const cpp_int p = (cpp_int(1) << 130) - 5;
  const cpp_int r = to_number(key.first(16)) & cpp_int("0x0ffffffc0ffffffc0ffffffc0fffffff");
  cpp_int h = 0;
  for (size_t at = 0; at < message.size(); at += 16) {
    ByteVector block = to_vector(message.subspan(at, std::min<size_t>(16, message.size() - at)));
    block.push_back(1);
    h = (h + to_number(block)) * r % p;
  }
  h += to_number(key.subspan(16));
  ByteVector tag(16);
  for (uint8_t& byte : tag) {
    byte = static_cast<uint8_t>(h & 0xff);
    h >>= 8;
  }
  return tag;
}

TEST_P(ChaCha20Poly1305Parts, poly1305_of_random_and_extreme_bytes_is_what_the_definition_says) {
  const unsigned seed = 20260817;
  std::mt19937 random(seed);
  // Bytes of 00, ff, fb and so on bring limbs to their edges far more often than random ones.
  constexpr uint8_t edges[] = {0x00, 0xff, 0xfb, 0xfc, 0x03, 0x04, 0x05, 0x80};
  for (unsigned round = 0; round < 4000; ++round) {
    // Several blocks at once are taken from 256 bytes on.
    ByteVector key(32), message(random() % (round % 32 < 4 ? 2100 : 100));
    const unsigned style = round % 4;
    for (ByteVector* bytes : {&key, &message}) {
      uint8_t run = 0;
      for (uint8_t& byte : *bytes) {
        if (style == 0 || random() % 4 == 0) run = static_cast<uint8_t>(random());
        if (style != 0 && random() % 4 != 0) run = style == 1 ? 0xff : edges[random() % std::size(edges)];
        byte = run;
      }
    }
    ASSERT_EQ(to_hex(poly1305(key, message)), to_hex(poly1305_by_definition(key, message)))
        << "seed " << seed << " round " << round << " key " << to_hex(key) << " message " << to_hex(message);
  }
}

/// Every value of the accumulator within a few of 0, p, 2^130 - 5 + 5 = 2^130, 2^128 and 2^64: with r = 1 the
/// accumulator is the sum of the blocks.
TEST_P(ChaCha20Poly1305Parts, poly1305_near_the_modulus) {
  ByteVector key(32);
  key[0] = 1;
  for (unsigned low = 0; low < 256; ++low) {
    for (const uint8_t rest : std::initializer_list<uint8_t>{0x00, 0xff, 0xfe, 0x7f, 0x80}) {
      for (size_t blocks = 1; blocks <= 5; ++blocks) {
        ByteVector message(16 * blocks, 0xff);
        std::fill(message.end() - 15, message.end(), rest);
        message[16 * (blocks - 1)] = static_cast<uint8_t>(low);
        ASSERT_EQ(poly1305(key, message), poly1305_by_definition(key, message)) << to_hex(message);
        message.push_back(static_cast<uint8_t>(low));
        ASSERT_EQ(poly1305(key, message), poly1305_by_definition(key, message)) << to_hex(message);
      }
    }
  }
}

/// The accumulator itself set to the edges of what it may hold, which no short message reaches.
TEST_P(ChaCha20Poly1305Parts, poly1305_from_every_edge_of_the_accumulator) {
  const cpp_int p = (cpp_int(1) << 130) - 5;
  constexpr uint64_t words[] = {0,         1, 2, 3, 4, 5, 6, UINT64_MAX - 5, UINT64_MAX - 4, UINT64_MAX - 1,
                                UINT64_MAX};
  constexpr uint64_t r0s[] = {0, 1, 0x0ffffffc0fffffff, 0x0ffffffc0ffffffc};
  constexpr uint64_t r1s[] = {0, 4, 0x0ffffffc0ffffffc};
  const auto number = [](uint64_t a, uint64_t b, uint64_t c) {
    return (cpp_int(c) << 128) + (cpp_int(b) << 64) + a;
  };
  ByteVector block(16);
  for (const uint64_t h0 : words)
    for (const uint64_t h1 : words)
      for (uint64_t h2 = 0; h2 <= 4; ++h2)
        for (const uint64_t r0 : r0s)
          for (const uint64_t r1 : r1s)
            for (const uint8_t fill : std::initializer_list<uint8_t>{0x00, 0xff}) {
              if (h2 == 4 && h1 != 0) continue;  // out of the bounds that a block leaves
              std::fill(block.begin(), block.end(), fill);
              Poly1305State state{{h0, h1, h2}, {r0, r1}, {0, 0}};
              functions().poly1305_blocks(state, block.data(), 1, 1);
              const cpp_int wanted =
                  (number(h0, h1, h2) + to_number(block) + (cpp_int(1) << 128)) * number(r0, r1, 0) % p;
              const cpp_int got = number(state.h[0], state.h[1], state.h[2]);
              ASSERT_EQ(got % p, wanted) << h0 << ' ' << h1 << ' ' << h2 << ' ' << r0 << ' ' << r1;
              ASSERT_LT(got, (cpp_int(1) << 130) + (cpp_int(1) << 64)) << "the bound between blocks";
              ByteVector tag(16);
              poly1305_finish(state, tag.data());
              ASSERT_EQ(to_number(tag), wanted % (cpp_int(1) << 128));
            }
}

TEST_P(ChaCha20Poly1305Parts, chacha20_vectors) {
  const char* const set = "nist/chacha20-poly1305/chacha20-rfc7539.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  Block head;  // key and nonce stand in a block of their own
  for (const Block& block : parse_blocks(*text)) {
    if (block.has("KEY")) head = block;
    if (!block.has("PLAINTEXT")) continue;
    const auto counter = static_cast<uint32_t>(std::stoul(std::string(block.text("INITIAL_BLOCK_COUNTER"))));
    EXPECT_EQ(chacha20(head.bytes("KEY"), head.bytes("NONCE"), counter, block.bytes("PLAINTEXT")),
              block.bytes("CIPHERTEXT"));
    ++cases;
  }
  EXPECT_GT(cases, 0u);
  report_cases(set, cases);
}

TEST_P(ChaCha20Poly1305Parts, poly1305_vectors) {
  const char* const set = "nist/chacha20-poly1305/poly1305-rfc7539.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    EXPECT_EQ(poly1305(block.bytes("KEY"), block.bytes("MSG")), block.bytes("TAG"));
    ++cases;
  }
  EXPECT_EQ(cases, 11u);
  report_cases(set, cases);
}

TEST_P(ChaCha20Poly1305Parts, openssl_chacha20) {
  const char* const set = "nist/openssl-evp/evpciph_chacha.txt";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (block.text("Cipher") != "chacha20") continue;
    // OpenSSL's IV is the counter, little-endian, and the nonce.
    const ByteVector iv = block.bytes("IV");
    EXPECT_EQ(chacha20(block.bytes("Key"), Bytes(iv).subspan(4), load_little_endian<uint32_t>(iv.data()),
                       block.bytes("Plaintext")),
              block.bytes("Ciphertext"));
    ++cases;
  }
  EXPECT_EQ(cases, 19u);
  report_cases(std::string(set) + " (chacha20)", cases);
}

// ---------------------------------------------------------------------------------------------- the AEAD

const AeadAlgorithm& algorithm() {
  return *tested_provider().aead(AeadId::chacha20_poly1305);
}

/// What both directions must give for `sealed`: its text, or nothing where it is not valid.
void expect_aead(Bytes key_bytes, const AeadNonce& nonce, Bytes aad, const ByteVector& text,
                 const ByteVector& sealed, bool valid) {
  const auto key = algorithm().make_key(key_bytes);
  const auto opened = open(*key, nonce, aad, sealed);
  ASSERT_EQ(opened.has_value(), valid);
  if (!valid) return;
  EXPECT_EQ(*opened, text);
  EXPECT_EQ(seal(*key, nonce, aad, text), sealed);
}

TEST(ChaCha20Poly1305Vectors, openssl) {
  for (const std::string set :
       {"nist/openssl-evp/evpciph_chacha.txt", "nist/chacha20-poly1305/aead-openssl.txt"}) {
    const auto text = read_text(set);
    BULLA_NEED_VECTORS(text, set);
    size_t cases = 0, out_of_scope = 0;
    for (const Block& block : parse_blocks(*text)) {
      if (!block.has("Tag")) continue;
      const ByteVector nonce = block.bytes("IV"), tag = block.bytes("Tag");
      if (nonce.size() != aead_nonce_size) {
        EXPECT_TRUE(block.has("Result") || set.ends_with("aead-openssl.txt"))
            << "an error, or before OpenSSL 3";
        ++out_of_scope;
        continue;
      }
      SCOPED_TRACE(set + " case " + std::to_string(cases));
      ByteVector sealed = block.bytes("Ciphertext");
      sealed.insert(sealed.end(), tag.begin(), tag.end());
      const bool valid = tag.size() == aead_tag_size && !block.has("Result");
      expect_aead(block.bytes("Key"), to_nonce(nonce), block.bytes("AAD"), block.bytes("Plaintext"), sealed,
                  valid);
      ++cases;
    }
    EXPECT_GT(cases, 0u);
    report_cases(set + " (AEAD)", cases);
    report_cases(set + " (nonce sizes that the seam cannot express)", out_of_scope);
  }
}

TEST(ChaCha20Poly1305Vectors, botan) {
  const std::string set = "nist/botan-text/chacha20poly1305.vec";
  const auto text = read_text(set);
  BULLA_NEED_VECTORS(text, set);
  size_t cases = 0, out_of_scope = 0;
  for (const Block& block : parse_blocks(*text)) {
    if (!block.has("Key")) continue;
    const ByteVector nonce = block.bytes("Nonce");
    if (nonce.size() != aead_nonce_size) {
      ++out_of_scope;
      continue;
    }
    SCOPED_TRACE(set + " case " + std::to_string(cases));
    expect_aead(block.bytes("Key"), to_nonce(nonce), block.bytes("AD"), block.bytes("In"), block.bytes("Out"),
                true);
    ++cases;
  }
  EXPECT_EQ(cases, 140u);
  report_cases(set, cases);
  report_cases(set + " (nonces of 8 and 24 bytes, which the seam cannot express)", out_of_scope);
}

TEST(ChaCha20Poly1305, WhatLibcryptoGives) {
  BULLA_NEED_WITNESS();
  const unsigned seed = 8439;
  std::mt19937 random(seed);
  const AeadAlgorithm& other = *witness()->aead(AeadId::chacha20_poly1305);
  const auto bytes = [&](size_t size) {
    ByteVector out(size);
    for (uint8_t& byte : out) byte = static_cast<uint8_t>(random());
    return out;
  };
  for (unsigned round = 0; round < 500; ++round) {
    SCOPED_TRACE("seed " + std::to_string(seed) + " round " + std::to_string(round));
    const ByteVector key_bytes = bytes(32), aad = bytes(random() % 40);
    const AeadNonce nonce = to_nonce(bytes(aead_nonce_size));
    const ByteVector text = bytes(random() % (round % 10 == 0 ? 20000 : 700));
    const auto ours = algorithm().make_key(key_bytes), theirs = other.make_key(key_bytes);
    std::vector<Bytes> pieces;
    for (size_t at = 0; at < text.size();) {
      const size_t size = std::min<size_t>(text.size() - at, random() % 200);
      pieces.push_back(Bytes(text).subspan(at, size));
      at += size;
    }
    ByteVector sealed(text.size() + aead_tag_size);
    ours->seal(sealed, nonce, aad, pieces);
    ASSERT_EQ(sealed, seal(*theirs, nonce, aad, text));
    ASSERT_EQ(open(*ours, nonce, aad, sealed), text);
    sealed[random() % sealed.size()] ^= static_cast<uint8_t>(1u << random() % 8);
    ASSERT_FALSE(open(*ours, nonce, aad, sealed));
  }
}

TEST(ChaCha20Poly1305, ATagOfZerosIsRefused) {
  const auto key = algorithm().make_key(ByteVector(32));
  EXPECT_FALSE(open(*key, {}, {}, ByteVector(aead_tag_size)));
  EXPECT_FALSE(open(*key, {}, {}, ByteVector(100)));
}

}  // namespace
}  // namespace bulla::test
