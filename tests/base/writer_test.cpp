// What the writer says is what the reader understands; what does not fit its prefix ends the program.
#include "base/writer.h"
#include "base/reader.h"

#include <gtest/gtest.h>

namespace bulla {
namespace {

enum class Wide : uint16_t { value = 0x1234 };

TEST(Writer, NumbersAreBigEndian) {
  std::vector<uint8_t> out;
  Writer w(out);
  w.u8(1);
  w.u16(0x0203);
  w.u24(0x040506);
  w.u32(0x0708090a);
  w.u64(0x0b0c0d0e0f101112);
  w.value(Wide::value);
  EXPECT_EQ(to_hex(out), "0102030405060708090a0b0c0d0e0f1011121234");
  EXPECT_EQ(w.size(), out.size());
}

TEST(Writer, PrefixesNestAndCountWhatStandsInThem) {
  std::vector<uint8_t> out = {0xff};  // what stands there already is left alone
  Writer w(out);
  w.u16_prefixed([](Writer& list) {
    list.u8_bytes(as_bytes("ab"));
    list.u24_prefixed([](Writer& inner) { inner.u16(0x0102); });
    list.u8_prefixed([](Writer&) {});
  });
  EXPECT_EQ(to_hex(out), "ff0009026162000002010200");
  Reader r(Bytes(out).subspan(1));
  Reader list = r.u16_prefixed();
  EXPECT_EQ(as_text(list.u8_bytes()), "ab");
  EXPECT_EQ(list.u24_bytes().size(), 2u);
  EXPECT_TRUE(list.u8_bytes().empty());
  EXPECT_TRUE(list.done());
  EXPECT_TRUE(r.done());
}

TEST(Writer, TheLongestFieldsFit) {
  std::vector<uint8_t> out;
  Writer w(out);
  w.u8_bytes(std::vector<uint8_t>(0xff));
  w.u16_bytes(std::vector<uint8_t>(0xffff));
  EXPECT_EQ(out.size(), 1u + 0xff + 2u + 0xffff);
}

/// A length that is cut to its prefix would be a message that says something else than it means.
TEST(WriterDeathTest, AFieldThatIsTooLongForItsPrefix) {
  std::vector<uint8_t> out;
  Writer w(out);
  EXPECT_DEATH(w.u8_bytes(std::vector<uint8_t>(0x100)), "length prefix");
  EXPECT_DEATH(w.u16_bytes(std::vector<uint8_t>(0x10000)), "length prefix");
  EXPECT_DEATH(w.u24(0x1000000), "three bytes");
}

}  // namespace
}  // namespace bulla
