// A gather list of bounded length.
#include "base/pieces.h"

#include <gtest/gtest.h>

#include <array>

namespace bulla {
namespace {

TEST(PiecesTest, HoldsThemInOrder) {
  const std::array<uint8_t, 3> bytes = {1, 2, 3};
  Pieces<3> pieces;
  EXPECT_TRUE(pieces.all().empty());
  for (size_t n = 1; n <= 3; ++n) {
    EXPECT_FALSE(pieces.full());
    pieces.add(Bytes(bytes).first(n));
  }
  EXPECT_TRUE(pieces.full());
  ASSERT_EQ(pieces.all().size(), 3u);
  for (size_t n = 1; n <= 3; ++n) {
    EXPECT_EQ(pieces.all()[n - 1].data(), bytes.data());
    EXPECT_EQ(pieces.all()[n - 1].size(), n);
  }
  pieces.clear();
  EXPECT_TRUE(pieces.all().empty());
  EXPECT_FALSE(pieces.full());
}

TEST(PiecesDeathTest, MoreThanThereIsRoomFor) {
  Pieces<1> pieces;
  pieces.add({});
  EXPECT_DEATH(pieces.add({}), "more pieces than room");
}

}  // namespace
}  // namespace bulla
