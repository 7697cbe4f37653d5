// key_share, RFC 9846 §4.3.8.
#include "tls/ext/key_share.h"

#include "tls/msg/codec_checks.h"

namespace bulla::tls {
namespace {

using namespace bulla::test;

std::optional<std::vector<KeyShareEntry>> shares_of(const ByteVector& body) {
  Reader r{Bytes(body)};
  auto shares = decode_client_shares(r);
  if (!r.done()) return std::nullopt;
  return shares;
}

ByteVector share(uint16_t group, size_t size) {
  return joined({{static_cast<uint8_t>(group >> 8), static_cast<uint8_t>(group)}, prefixed(2, filled(size))});
}

TEST(KeyShare, Section4_3_8_ListInOrder) {
  const ByteVector body = prefixed(2, joined({share(0x0a0a, 1), share(0x001d, 32), share(0x0017, 65)}));
  const auto shares = shares_of(body);
  ASSERT_TRUE(shares.has_value());
  ASSERT_EQ(shares->size(), 3u);
  EXPECT_EQ((*shares)[0].group, NamedGroup{0x0a0a});
  EXPECT_EQ((*shares)[1].group, NamedGroup::x25519);
  EXPECT_EQ((*shares)[2].key_exchange.size(), 65u);
  ByteVector out;
  Writer w(out);
  encode_client_shares(w, *shares);
  EXPECT_EQ(out, body);
}

TEST(KeyShare, Section4_3_8_AnEmptyListAsksForAGroup) {
  const auto shares = shares_of(from_hex("0000"));
  ASSERT_TRUE(shares.has_value());
  EXPECT_TRUE(shares->empty());
}

TEST(KeyShare, Section4_3_8_AnEmptyShareIsRefused) {
  EXPECT_FALSE(shares_of(from_hex("0004001d0000")).has_value());
  EXPECT_FALSE(shares_of(prefixed(2, joined({share(0x1d, 32), share(0x17, 0)}))).has_value());
}

TEST(KeyShare, Section4_3_8_EveryTruncationIsRefused) {
  const ByteVector body = prefixed(2, joined({share(0x001d, 32), share(0x0017, 65)}));
  for (size_t n = 0; n < body.size(); ++n)
    EXPECT_FALSE(shares_of({body.begin(), body.begin() + static_cast<std::ptrdiff_t>(n)}).has_value()) << n;
  EXPECT_FALSE(shares_of(joined({body, {0}})).has_value());
}

TEST(KeyShare, Section4_3_8_ALengthThatDisagreesIsRefused) {
  EXPECT_FALSE(shares_of(from_hex("0005001d000261")).has_value());
  EXPECT_FALSE(shares_of(from_hex("0006001d00016100")).has_value());
  EXPECT_FALSE(shares_of(from_hex("0004001d000161")).has_value());
}

TEST(KeyShare, MoreSharesThanAnybodyHasAreRefused) {
  ByteVector list;
  for (uint16_t i = 0; i < 64; ++i) list = joined({list, share(i, 1)});
  ASSERT_TRUE(shares_of(prefixed(2, list)).has_value());
  EXPECT_EQ(shares_of(prefixed(2, list))->size(), 64u);
  EXPECT_FALSE(shares_of(prefixed(2, joined({list, share(64, 1)}))).has_value());
}

TEST(KeyShare, Section4_3_8_TheServersEntry) {
  const ByteVector body = share(0x001d, 32);
  Reader r{Bytes(body)};
  const KeyShareEntry entry = KeyShareEntry::decode(r);
  EXPECT_TRUE(r.done());
  EXPECT_EQ(entry.group, NamedGroup::x25519);
  ByteVector out;
  Writer w(out);
  entry.encode(w);
  EXPECT_EQ(out, body);
}

}  // namespace
}  // namespace bulla::tls
