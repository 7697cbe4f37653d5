// pre_shared_key, RFC 9846 §4.3.11.
#include "tls/ext/pre_shared_key.h"

#include "tls/msg/codec_checks.h"

namespace bulla::tls {
namespace {

using namespace bulla::test;

std::optional<OfferedPsks> psks_of(const ByteVector& body) {
  Reader r{Bytes(body)};
  OfferedPsks psks = OfferedPsks::decode(r);
  if (!r.done()) return std::nullopt;
  return psks;
}
ByteVector identity(size_t size, uint32_t age = 0x01020304) {
  return joined({prefixed(2, filled(size)),
                 {static_cast<uint8_t>(age >> 24), static_cast<uint8_t>(age >> 16),
                  static_cast<uint8_t>(age >> 8), static_cast<uint8_t>(age)}});
}
ByteVector offered(const ByteVector& identities, const ByteVector& binders) {
  return joined({prefixed(2, identities), prefixed(2, binders)});
}
ByteVector binder(size_t size) {
  return prefixed(1, filled(size, 0x22));
}

TEST(PreSharedKey, Section4_3_11_IdentitiesAndBinders) {
  const ByteVector body = offered(joined({identity(5), identity(1)}), joined({binder(32), binder(48)}));
  const auto psks = psks_of(body);
  ASSERT_TRUE(psks.has_value());
  ASSERT_EQ(psks->identities.size(), 2u);
  ASSERT_EQ(psks->binders.size(), 2u);
  EXPECT_EQ(psks->identities[0].identity.size(), 5u);
  EXPECT_EQ(psks->identities[0].obfuscated_ticket_age, 0x01020304u);
  EXPECT_EQ(psks->binders[1].size(), 48u);
  EXPECT_EQ(psks->binders_size, 2u + 33 + 49);
  ByteVector out;
  Writer w(out);
  psks->encode(w);
  EXPECT_EQ(out, body);
}

TEST(PreSharedKey, Section4_3_11_EveryTruncationIsRefused) {
  const ByteVector body = offered(joined({identity(5), identity(1)}), joined({binder(32), binder(48)}));
  for (size_t n = 0; n < body.size(); ++n)
    EXPECT_FALSE(psks_of({body.begin(), body.begin() + static_cast<std::ptrdiff_t>(n)}).has_value()) << n;
  EXPECT_FALSE(psks_of(joined({body, {0}})).has_value());
}

TEST(PreSharedKey, Section4_3_11_NeitherListIsEmpty) {
  EXPECT_FALSE(psks_of(offered({}, binder(32))).has_value());
  EXPECT_FALSE(psks_of(offered(identity(1), {})).has_value());
  EXPECT_FALSE(psks_of(offered({}, {})).has_value());
}

TEST(PreSharedKey, Section4_3_11_AnEmptyIdentityIsRefused) {
  EXPECT_FALSE(psks_of(offered(identity(0), binder(32))).has_value());
  EXPECT_FALSE(psks_of(offered(joined({identity(8), identity(0)}), binder(32))).has_value());
}

/// One that is too short does not validate, which §4.3.11.2 wants told apart from what does not parse.
TEST(PreSharedKey, Section4_3_11_ShortBindersAreLeftToBeComparedEmptyOnesRefused) {
  EXPECT_TRUE(psks_of(offered(identity(1), binder(255))).has_value());
  EXPECT_TRUE(psks_of(offered(identity(1), binder(31))).has_value());
  EXPECT_FALSE(psks_of(offered(identity(1), binder(0))).has_value());
  EXPECT_FALSE(psks_of(offered(identity(1), joined({binder(32), binder(0)}))).has_value());
}

TEST(PreSharedKey, Section4_3_11_LengthsThatDisagreeAreRefused) {
  ByteVector body = offered(identity(5), binder(32));
  for (const size_t at : {size_t{1}, size_t{3}, body.size() - 34, body.size() - 33}) {
    ByteVector changed = body;
    ++changed[at];
    EXPECT_FALSE(psks_of(changed).has_value()) << at;
    changed = body;
    --changed[at];
    EXPECT_FALSE(psks_of(changed).has_value()) << at;
  }
}

}  // namespace
}  // namespace bulla::tls
