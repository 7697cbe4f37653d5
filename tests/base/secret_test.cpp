// Secrets are wiped, moved, never copied by accident, and compared in a time that tells nothing.
#include "base/ct.h"

#include <bulla/secret.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace bulla {
namespace {

struct OneRole {};
struct AnotherRole {};
using Key = InlineSecret<OneRole, 32>;
using OtherKey = InlineSecret<AnotherRole, 32>;

template <class T>
concept Comparable = requires(const T& a) { a == a; };
template <class T>
concept Printable = requires(std::ostream& out, const T& a) { out << a; };

static_assert(!std::is_copy_constructible_v<Key> && !std::is_copy_assignable_v<Key>);
static_assert(!std::is_copy_constructible_v<SecretBytes> && !std::is_copy_assignable_v<SecretBytes>);
static_assert(!std::is_constructible_v<Key, OtherKey> && !std::is_convertible_v<Key, OtherKey>);
static_assert(!Comparable<Key> && !Comparable<SecretBytes>);
static_assert(!Printable<Key> && !Printable<SecretBytes>);

bool all_zero(Bytes bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](uint8_t b) { return b == 0; });
}

TEST(Wipe, OverwritesAllOfIt) {
  std::vector<uint8_t> bytes(1000, 0xaa);
  wipe(MutBytes(bytes).subspan(1, 998));
  EXPECT_EQ(bytes.front(), 0xaa);
  EXPECT_EQ(bytes.back(), 0xaa);
  EXPECT_TRUE(all_zero(Bytes(bytes).subspan(1, 998)));
  wipe({});
}

// MemorySanitizer takes what a destructor leaves behind for uninitialised, and rightly so elsewhere.
#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#define BULLA_TEST_MSAN
#endif
#endif

#ifndef BULLA_TEST_MSAN
TEST(InlineSecret, LeavesNothingBehindWhenItDies) {
  alignas(Key) unsigned char place[sizeof(Key)];
  Key* key = new (place) Key(as_bytes("0123456789abcdef0123456789abcdef"));
  key->~Key();
  // The place outlives the key: it may be looked at as plain bytes. What stood there is nothing to the
  // compiler any more, which therefore has to look by itself.
  __asm__ volatile("" : : "r"(+place) : "memory");
  unsigned char after[sizeof place];
  std::memcpy(after, place, sizeof place);
  EXPECT_EQ(std::string_view(reinterpret_cast<char*>(after), sizeof after).find("0123"),
            std::string_view::npos);
}
#endif

TEST(InlineSecret, AMoveLeavesTheSourceEmptyAndWiped) {
  Key a(as_bytes("secret"));
  const MutBytes place = a.writable();
  Key b(std::move(a));
  EXPECT_TRUE(a.empty());
  EXPECT_TRUE(all_zero(place));
  EXPECT_EQ(as_text(b.reveal()), "secret");
  Key c(as_bytes("a longer one, to be replaced"));
  c = std::move(b);
  EXPECT_EQ(as_text(c.reveal()), "secret");
  EXPECT_EQ(c.size(), 6u);
  EXPECT_EQ(as_text(c.clone().reveal()), "secret");
  c.reset();
  EXPECT_TRUE(c.empty());
}

TEST(InlineSecretDeathTest, MoreThanItsCapacity) {
  EXPECT_DEATH(Key(size_t{33}), "");
  EXPECT_DEATH(Key(std::vector<uint8_t>(256)), "");  // 256 is 0 in a byte
}

TEST(SecretBytes, AMoveLeavesTheSourceEmpty) {
  SecretBytes a(as_bytes("secret"));
  SecretBytes b(std::move(a));
  EXPECT_TRUE(a.empty());
  EXPECT_TRUE(a.reveal().empty());
  EXPECT_EQ(as_text(b.reveal()), "secret");
  a = b.clone();
  EXPECT_EQ(as_text(a.reveal()), "secret");
  b = std::move(a);
  EXPECT_EQ(as_text(b.reveal()), "secret");
  b.reset();
  EXPECT_TRUE(b.empty());
  EXPECT_TRUE(SecretBytes(size_t{0}).empty());
  EXPECT_TRUE(all_zero(SecretBytes(size_t{9}).reveal()));
}

TEST(ConstantTime, EqualSeesEveryBit) {
  std::vector<uint8_t> a(48, 0x5a);
  EXPECT_TRUE(ct::equal(a, a));
  EXPECT_TRUE(ct::equal({}, {}));
  for (size_t i = 0; i < a.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::vector<uint8_t> b = a;
      b[i] = static_cast<uint8_t>(b[i] ^ (1u << bit));
      EXPECT_FALSE(ct::equal(a, b)) << i << '.' << bit;
    }
  }
  EXPECT_FALSE(ct::equal(a, Bytes(a).first(47)));
  EXPECT_FALSE(ct::equal(a, {}));
}

TEST(ConstantTime, Masks) {
  using M = ct::Mask<uint32_t>;
  const uint32_t values[] = {0,          1,          2,          3,          0x7ffffffe,
                             0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff};
  for (const uint32_t a : values) {
    EXPECT_EQ(M::is_zero(a).bits(), a == 0 ? ~0u : 0u);
    EXPECT_EQ(M::of_top_bit(a).bit(), a >> 31);
    for (const uint32_t b : values) {
      EXPECT_EQ(M::is_less(a, b).bit(), a < b) << a << ' ' << b;
      EXPECT_EQ(M::is_equal(a, b).bit(), a == b) << a << ' ' << b;
      EXPECT_EQ(M::is_less(a, b).select(a, b), std::min(a, b));
      EXPECT_EQ((~M::is_less(a, b)).keep(a), a < b ? 0 : a);
    }
  }
  for (unsigned a = 0; a < 256; ++a)
    for (unsigned b = 0; b < 256; ++b)
      EXPECT_EQ(ct::Mask<uint8_t>::is_less(static_cast<uint8_t>(a), static_cast<uint8_t>(b)).bits(),
                a < b ? 0xff : 0);
}

}  // namespace
}  // namespace bulla
