// Views, hexadecimal, and the two buffers that callers of the engine own.
#include <bulla/bytes.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <type_traits>

namespace bulla {
namespace {

TEST(Views, TextAndBytes) {
  EXPECT_EQ(as_bytes("ab").size(), 2u);
  EXPECT_EQ(as_text(as_bytes("ab")), "ab");
  EXPECT_TRUE(as_bytes("").empty());
  EXPECT_TRUE(equal_vartime(as_bytes("ab"), as_bytes("ab")));
  EXPECT_FALSE(equal_vartime(as_bytes("ab"), as_bytes("ac")));
  EXPECT_FALSE(equal_vartime(as_bytes("ab"), as_bytes("a")));
  EXPECT_TRUE(equal_vartime({}, {}));
}

TEST(Hex, LowerCaseAndComplete) {
  EXPECT_EQ(to_hex({}), "");
  const uint8_t bytes[] = {0x00, 0x0f, 0xf0, 0xff, 0xa5};
  EXPECT_EQ(to_hex(bytes), "000ff0ffa5");
}

TEST(OutputBuffer, AppendsSendsAndReusesItsMemory) {
  Output out;
  EXPECT_TRUE(out.empty());
  out.append(as_bytes("hello "));
  out.append(as_bytes("world"));
  EXPECT_EQ(as_text(out.pending()), "hello world");
  out.sent(6);
  EXPECT_EQ(as_text(out.pending()), "world");
  out.patch(0, 'W');
  out.shrink(2);
  EXPECT_EQ(as_text(out.pending()), "Wor");
  out.sent(3);
  EXPECT_TRUE(out.empty());
  const size_t kept = out.capacity();
  EXPECT_GT(kept, 0u);
  for (int i = 0; i < 1000; ++i) {
    out.append(as_bytes("0123456789"));
    out.sent(10);
  }
  EXPECT_EQ(out.capacity(), kept);
  out.append({});
  EXPECT_TRUE(out.empty());
  out.release();
  EXPECT_EQ(out.capacity(), 0u);
}

TEST(OutputBuffer, ReleaseKeepsWhatIsPending) {
  Output out;
  out.append(as_bytes("x"));
  out.release();
  EXPECT_EQ(as_text(out.pending()), "x");
}

TEST(OutputBuffer, GrowsBehindWhatIsPendingAndMovesItForward) {
  Output out;
  std::string expected;
  for (int i = 0; i < 300; ++i) {
    const std::string piece(static_cast<size_t>(i), static_cast<char>('a' + i % 26));
    out.append(as_bytes(piece));
    expected += piece;
    const size_t n = std::min(expected.size(), static_cast<size_t>(i / 2));
    out.sent(n);
    expected.erase(0, n);
  }
  EXPECT_EQ(as_text(out.pending()), expected);
  Output moved = std::move(out);
  EXPECT_EQ(as_text(moved.pending()), expected);
  EXPECT_TRUE(out.empty());  // NOLINT: that is what is tested
  out = std::move(moved);
  EXPECT_EQ(as_text(out.pending()), expected);
}

TEST(OutputBuffer, KnowsWhatItHolds) {
  Output out;
  EXPECT_FALSE(out.holds(as_bytes("x")));
  out.append(as_bytes("0123456789"));
  const Bytes pending = out.pending();
  EXPECT_TRUE(out.holds(pending));
  EXPECT_TRUE(out.holds(pending.subspan(9, 1)));
  EXPECT_FALSE(out.holds(pending.subspan(10)));
  EXPECT_TRUE(out.holds(Bytes(pending.data() + out.capacity() - 1, 1)));
  EXPECT_FALSE(out.holds(Bytes(pending.data() + out.capacity(), 1)));
  EXPECT_TRUE(out.holds(Bytes(pending.data() - 1, 2)));
}

TEST(OutputBufferDeathTest, ItsOwnBytesAppended) {
  Output out;
  out.append(as_bytes("x"));
  EXPECT_DEATH(out.append(out.pending()), "appended to itself");
}

TEST(OutputBufferDeathTest, MoreThanIsPending) {
  Output out;
  out.append(as_bytes("x"));
  EXPECT_DEATH(out.sent(2), "more bytes sent");
  EXPECT_DEATH(out.shrink(2), "more bytes taken back");
  EXPECT_DEATH(out.patch(1, 0), "not pending");
}

// `unread` views the buffer's own storage: a copy would view somebody else's.
static_assert(!std::is_copy_constructible_v<ReceiveBuffer> && !std::is_copy_assignable_v<ReceiveBuffer>);

void fill(ReceiveBuffer& buffer, std::string_view text) {
  const MutBytes space = buffer.space();
  ASSERT_GE(space.size(), text.size());
  std::ranges::copy(text, space.begin());
  buffer.filled(text.size());
}

TEST(ReceiveBuffers, WhatIsUnreadMovesToTheFront) {
  ReceiveBuffer buffer(8);
  fill(buffer, "abcdef");
  buffer.unread = buffer.unread.subspan(4);
  EXPECT_EQ(buffer.space().size(), 6u);
  EXPECT_EQ(as_text(buffer.unread), "ef");
  fill(buffer, "ghijkl");
  EXPECT_EQ(as_text(buffer.unread), "efghijkl");
  EXPECT_TRUE(buffer.space().empty());
}

// The engine may take bytes between space() and filled(): reading and waiting may overlap.
TEST(ReceiveBuffers, FilledAfterTheFrontWasTaken) {
  ReceiveBuffer buffer(8);
  fill(buffer, "abcd");
  const MutBytes space = buffer.space();
  std::ranges::copy(std::string_view("ef"), space.begin());
  buffer.unread = buffer.unread.subspan(3);
  buffer.filled(2);
  EXPECT_EQ(as_text(buffer.unread), "def");
  buffer.filled(0);
  EXPECT_EQ(as_text(buffer.unread), "def");
}

TEST(ReceiveBuffers, MovesTakeTheViewAlong) {
  ReceiveBuffer buffer(8);
  fill(buffer, "abc");
  ReceiveBuffer moved = std::move(buffer);
  EXPECT_EQ(as_text(moved.unread), "abc");
  EXPECT_TRUE(buffer.unread.empty());  // NOLINT: that is what is tested
  buffer = std::move(moved);
  EXPECT_EQ(as_text(buffer.unread), "abc");
}

TEST(ReceiveBuffersDeathTest, MoreThanThereIsRoomFor) {
  ReceiveBuffer buffer(4);
  EXPECT_DEATH(buffer.filled(1), "more bytes were filled in");
  (void)buffer.space();
  EXPECT_DEATH(buffer.filled(5), "more bytes were filled in");
}

}  // namespace
}  // namespace bulla
