// What is short, long or left over marks a reader as failed, and a failed reader gives nothing but zeros.
#include "base/reader.h"

#include <gtest/gtest.h>

namespace bulla {
namespace {

Reader over(std::initializer_list<uint8_t> bytes, std::vector<uint8_t>& storage) {
  storage = bytes;
  return Reader(storage);
}

struct ReaderTest : testing::Test {
  std::vector<uint8_t> storage;
  Reader reader(std::initializer_list<uint8_t> bytes) { return over(bytes, storage); }
};

TEST_F(ReaderTest, NumbersAreBigEndian) {
  Reader r = reader({1, 1, 2, 1, 2, 3, 1, 2, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8});
  EXPECT_EQ(r.u8(), 1);
  EXPECT_EQ(r.u16(), 0x0102);
  EXPECT_EQ(r.u24(), 0x010203u);
  EXPECT_EQ(r.u32(), 0x01020304u);
  EXPECT_FALSE(r.done());
  EXPECT_EQ(r.u64(), 0x0102030405060708u);
  EXPECT_TRUE(r.done());
}

TEST_F(ReaderTest, AReadPastTheEndFailsForGood) {
  Reader r = reader({1, 2, 3});
  EXPECT_EQ(r.u32(), 0u);
  EXPECT_FALSE(r.ok());
  // What would have fitted is not given any more: nothing may be decided on the rest of a broken message.
  EXPECT_EQ(r.u8(), 0);
  EXPECT_EQ(r.u64(), 0u);
  EXPECT_TRUE(r.bytes(1).empty());
  EXPECT_TRUE(r.rest().empty());
  EXPECT_EQ(r.left(), 0u);
  EXPECT_FALSE(r.done());
  EXPECT_FALSE(r.more());
}

TEST_F(ReaderTest, NothingMayBeLeftOver) {
  Reader r = reader({1, 2});
  EXPECT_EQ(r.u8(), 1);
  EXPECT_TRUE(r.ok());
  EXPECT_TRUE(r.more());
  EXPECT_FALSE(r.done());
  EXPECT_EQ(r.rest().size(), 1u);
  EXPECT_TRUE(r.done());
}

TEST_F(ReaderTest, AnEmptyInputIsDoneAndEmptyFieldsAreFields) {
  Reader r = reader({});
  EXPECT_TRUE(r.done());
  EXPECT_TRUE(r.bytes(0).empty());
  EXPECT_TRUE(r.done());
  Reader field = reader({0});
  EXPECT_TRUE(field.u8_bytes().empty());
  EXPECT_TRUE(field.done());
}

TEST_F(ReaderTest, PrefixesThatSayMoreThanThereIs) {
  for (const auto& read : {+[](Reader& r) { (void)r.u8_bytes(); }, +[](Reader& r) { (void)r.u16_bytes(); },
                           +[](Reader& r) { (void)r.u24_bytes(); }}) {
    Reader r = reader({0, 0xff, 0xff, 0xff, 1});
    (void)r.u8();
    read(r);
    EXPECT_FALSE(r.ok());
  }
  // The prefix itself is cut.
  Reader cut = reader({0});
  (void)cut.u16_bytes();
  EXPECT_FALSE(cut.ok());
}

TEST_F(ReaderTest, FieldsHaveALeastAndAMostLength) {
  Reader exact = reader({2, 7, 8, 2, 7, 8});
  EXPECT_EQ(exact.u8_bytes(2, 2).size(), 2u);
  EXPECT_EQ(exact.u8_bytes(0, 2).size(), 2u);
  EXPECT_TRUE(exact.done());
  Reader shorter = reader({1, 7});
  EXPECT_TRUE(shorter.u8_bytes(2, 3).empty());
  EXPECT_FALSE(shorter.ok());
  Reader longer = reader({0, 4, 7, 7, 7, 7});
  EXPECT_TRUE(longer.u16_bytes(2, 3).empty());
  EXPECT_FALSE(longer.ok());
}

TEST_F(ReaderTest, ASubReaderSeesItsFieldOnly) {
  Reader r = reader({2, 1, 2, 3});
  Reader inner = r.u8_prefixed();
  EXPECT_EQ(inner.u16(), 0x0102);
  EXPECT_TRUE(inner.done());
  EXPECT_EQ(inner.u8(), 0);
  EXPECT_FALSE(inner.ok());
  EXPECT_EQ(r.u8(), 3);
  EXPECT_TRUE(r.done());
  r.require_done(inner);
  EXPECT_FALSE(r.ok());
}

TEST_F(ReaderTest, FailureGoesDownAndUp) {
  Reader r = reader({9, 1});
  Reader inner = r.u8_prefixed();
  EXPECT_FALSE(inner.ok());
  EXPECT_FALSE(inner.more());
  Reader outer = reader({1, 5, 6});
  Reader unread = outer.u8_prefixed();
  outer.require_done(unread);  // one byte of the field was not looked at
  EXPECT_FALSE(outer.ok());
  EXPECT_FALSE(outer.u16_prefixed().ok());
  EXPECT_FALSE(outer.u24_prefixed().ok());
}

}  // namespace
}  // namespace bulla
