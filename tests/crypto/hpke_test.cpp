// HPKE (RFC 9180), base mode.
#include "crypto/hpke/hpke.h"
#include "crypto/one_shot.h"
#include "support/vectors.h"

#include <fstream>
#include <sstream>

namespace bulla::test {
namespace {

using namespace bulla::crypto::hpke;

constexpr Suite usual = {Kem::dhkem_x25519_hkdf_sha256, Kdf::hkdf_sha256, Aead::aes_128_gcm};
constexpr Suite suites[] = {
    usual,
    {Kem::dhkem_x25519_hkdf_sha256, Kdf::hkdf_sha512, Aead::chacha20_poly1305},
    {Kem::dhkem_p256_hkdf_sha256, Kdf::hkdf_sha256, Aead::aes_256_gcm},
    {Kem::dhkem_p384_hkdf_sha384, Kdf::hkdf_sha384, Aead::aes_256_gcm},
};

const Provider& provider() {
  return tested_provider();
}
/// For keys: the random source of the tested provider, if it has one.
Random& any_random() {
  return *builtin_provider().random;
}

/// One suite of RFC 9180 §A and what is said under it.
struct Case {
  Block setup;
  std::vector<Block> messages, exports;

  uint16_t number(std::string_view key) const {
    return static_cast<uint16_t>(std::stoul(std::string(setup.text(key))));
  }
  Suite suite() const {
    return {static_cast<Kem>(number("kem_id")), static_cast<Kdf>(number("kdf_id")),
            static_cast<Aead>(number("aead_id"))};
  }
};

std::vector<Case> rfc9180() {
  std::ostringstream text;
  text << std::ifstream(BULLA_SOURCE_DIR "/tests/crypto/data/hpke_rfc9180.txt").rdbuf();
  std::vector<Case> cases;
  for (Block& block : parse_blocks(text.str())) {
    if (block.has("kem_id"))
      cases.push_back({std::move(block), {}, {}});
    else
      (block.has("ct") ? cases.back().messages : cases.back().exports).push_back(std::move(block));
  }
  EXPECT_EQ(cases.size(), 7u);
  return cases;
}

void check_exports(const Case& c, const Context& context) {
  for (const Block& e : c.exports) {
    const auto secret =
        context.export_secret(e.bytes("exporter_context"), std::stoul(std::string(e.text("L"))));
    ASSERT_TRUE(secret);
    EXPECT_EQ(to_vector(secret->reveal()), e.bytes("exported_value"));
  }
}

TEST(Hpke, Rfc9180AppendixA) {
  size_t messages = 0, without = 0;
  for (const Case& c : rfc9180()) {
    if (!supports(provider(), c.suite())) {
      ++without;
      continue;
    }
    FixedRandom ephemeral(c.setup.bytes("skEm"));
    auto sender =
        Sender::setup(provider(), c.suite(), c.setup.bytes("pkRm"), c.setup.bytes("info"), ephemeral);
    const KeyPair keys{SecretBytes(Bytes(c.setup.bytes("skRm"))), c.setup.bytes("pkRm")};
    auto recipient =
        Recipient::setup(provider(), c.suite(), keys, c.setup.bytes("enc"), c.setup.bytes("info"));
    ASSERT_TRUE(sender && recipient);
    EXPECT_EQ(to_vector(sender->encapsulated_key()), c.setup.bytes("enc"));
    check_exports(c, *sender);
    check_exports(c, *recipient);
    uint64_t sequence = 0;
    for (const Block& m : c.messages) {
      for (const uint64_t wanted = std::stoul(std::string(m.text("sequence"))); sequence < wanted; ++sequence)
        ASSERT_TRUE(recipient->open({}, *sender->seal({}, {})));
      EXPECT_EQ(sender->seal(m.bytes("aad"), m.bytes("pt")), m.bytes("ct"));
      EXPECT_EQ(recipient->open(m.bytes("aad"), m.bytes("ct")), m.bytes("pt"));
      ++sequence;
      ++messages;
    }
  }
  EXPECT_GT(messages, 0u);
  report_cases("RFC 9180 §A, base mode, messages", messages);
  if (without) report_cases("RFC 9180 §A, suites that the provider does not have", without);
}

struct Pair {
  KeyPair keys;
  Sender sender;
  Recipient recipient;
};
Pair make_pair(const Suite& suite) {
  KeyPair keys = generate(provider(), suite.kem, any_random()).value();
  Sender sender = Sender::setup(provider(), suite, keys.public_key, as_bytes("info"), any_random()).value();
  Recipient recipient =
      Recipient::setup(provider(), suite, keys, sender.encapsulated_key(), as_bytes("info")).value();
  return {std::move(keys), std::move(sender), std::move(recipient)};
}

TEST(Hpke, WhatIsSealedIsOpened) {
  for (const Suite& suite : suites) {
    if (!supports(provider(), suite)) continue;
    Pair pair = make_pair(suite);
    for (const size_t size : {0u, 1u, 100u, 20'000u}) {
      const ByteVector text(size, 0x5a);
      const auto sealed = pair.sender.seal(as_bytes("aad"), text);
      ASSERT_TRUE(sealed);
      EXPECT_EQ(pair.recipient.open(as_bytes("aad"), *sealed), text);
    }
    EXPECT_EQ(to_hex(pair.sender.export_secret(as_bytes("x"), 40)->reveal()),
              to_hex(pair.recipient.export_secret(as_bytes("x"), 40)->reveal()));
  }
}

TEST(Hpke, WhatWasAlteredIsNot) {
  Pair pair = make_pair(usual);
  const ByteVector sealed = *pair.sender.seal(as_bytes("aad"), as_bytes("text"));
  for (size_t i = 0; i < sealed.size(); ++i) {
    ByteVector altered = sealed;
    altered[i] ^= 1;
    EXPECT_FALSE(pair.recipient.open(as_bytes("aad"), altered)) << i;
  }
  EXPECT_FALSE(pair.recipient.open(as_bytes("aae"), sealed));
  EXPECT_FALSE(pair.recipient.open(as_bytes("aad"), {}));
  EXPECT_FALSE(pair.recipient.open(as_bytes("aad"), Bytes(sealed).first(sealed.size() - 1)));
  const ByteVector second = *pair.sender.seal({}, as_bytes("second"));
  EXPECT_FALSE(pair.recipient.open({}, second)) << "not the next message";
  EXPECT_TRUE(pair.recipient.open(as_bytes("aad"), sealed)) << "what failed took no number";
  EXPECT_FALSE(pair.recipient.open(as_bytes("aad"), sealed)) << "nor is a message opened twice";
  EXPECT_TRUE(pair.recipient.open({}, second));
}

TEST(Hpke, AnotherKeyInfoOrSuiteIsAnotherSecret) {
  Pair pair = make_pair(usual);
  const ByteVector sealed = *pair.sender.seal({}, as_bytes("text"));
  const Bytes enc = pair.sender.encapsulated_key();
  const auto opens = [&](const Suite& suite, const KeyPair& keys, std::string_view info) {
    auto recipient = Recipient::setup(provider(), suite, keys, enc, as_bytes(info));
    return recipient && recipient->open({}, sealed);
  };
  EXPECT_TRUE(opens(usual, pair.keys, "info"));
  EXPECT_FALSE(opens(usual, pair.keys, "infp"));
  EXPECT_FALSE(opens(usual, generate(provider(), usual.kem, any_random()).value(), "info"));
  EXPECT_FALSE(opens({usual.kem, Kdf::hkdf_sha512, usual.aead}, pair.keys, "info"));
  EXPECT_FALSE(opens({usual.kem, usual.kdf, Aead::aes_256_gcm}, pair.keys, "info"));
  EXPECT_FALSE(opens({usual.kem, usual.kdf, Aead::export_only}, pair.keys, "info"));
}

// RFC 9180 §7.1.4: shares are checked, and an all-zero X25519 secret is refused.
TEST(Hpke, KeysThatAreNone) {
  for (const Suite& suite : suites) {
    if (!supports(provider(), suite)) continue;
    const KeyPair keys = generate(provider(), suite.kem, any_random()).value();
    ByteVector longer = keys.public_key;
    longer.push_back(0);
    for (const ByteVector& bad : {ByteVector(), ByteVector(keys.public_key.size()), longer,
                                  ByteVector(keys.public_key.begin(), keys.public_key.end() - 1)}) {
      EXPECT_FALSE(Sender::setup(provider(), suite, bad, {}, any_random()));
      EXPECT_FALSE(Recipient::setup(provider(), suite, keys, bad, {}));
    }
  }
}

TEST(Hpke, SuitesThatNobodyHas) {
  const KeyPair keys = generate(provider(), usual.kem, any_random()).value();
  const Suite none[] = {{static_cast<Kem>(0x7777), usual.kdf, usual.aead},
                        {usual.kem, static_cast<Kdf>(9), usual.aead},
                        {usual.kem, usual.kdf, static_cast<Aead>(9)}};
  for (const Suite& suite : none) {
    EXPECT_FALSE(supports(provider(), suite));
    EXPECT_FALSE(Sender::setup(provider(), suite, keys.public_key, {}, any_random()));
    EXPECT_FALSE(Recipient::setup(provider(), suite, keys, keys.public_key, {}));
  }
  EXPECT_FALSE(generate(provider(), static_cast<Kem>(0x7777), any_random()));
}

// What was moved away has neither key nor secret: an empty one would give bytes that everybody knows.
TEST(Hpke, AMovedContextGivesNothing) {
  Pair pair = make_pair(usual);
  const Sender sender = std::move(pair.sender);
  const Recipient recipient = std::move(pair.recipient);
  EXPECT_FALSE(pair.sender.export_secret(as_bytes("use"), 16));
  EXPECT_FALSE(pair.recipient.export_secret(as_bytes("use"), 16));
  EXPECT_FALSE(pair.sender.seal({}, as_bytes("text")));
  EXPECT_FALSE(pair.recipient.open({}, ByteVector(32)));
  EXPECT_TRUE(pair.sender.encapsulated_key().empty());
  EXPECT_EQ(to_hex(sender.export_secret(as_bytes("use"), 16)->reveal()),
            to_hex(recipient.export_secret(as_bytes("use"), 16)->reveal()));
}

// RFC 9180 §5.3: at most 255 * Nh bytes; an export-only suite seals nothing.
TEST(Hpke, Limits) {
  Pair pair = make_pair({usual.kem, usual.kdf, Aead::export_only});
  EXPECT_FALSE(pair.sender.seal({}, as_bytes("text")));
  EXPECT_FALSE(pair.recipient.open({}, ByteVector(32)));
  EXPECT_TRUE(pair.sender.export_secret({}, 255 * 32));
  EXPECT_FALSE(pair.sender.export_secret({}, 255 * 32 + 1));
  EXPECT_TRUE(pair.sender.export_secret({}, 0)->empty());
}

}  // namespace
}  // namespace bulla::test
