// A Result has a value or an explained error, and nothing else.
#include <bulla/result.h>

#include <gtest/gtest.h>

#include <memory>

namespace bulla {
namespace {

Result<int> number(bool good) {
  if (good) return 7;
  return Error{ErrorCode::decode_error, "no number"};
}

Result<int> doubled(bool good) {
  BULLA_TRY(const int n, number(good));
  BULLA_TRY(number(good));
  return 2 * n;
}

Result<void> nothing(bool good) {
  BULLA_TRY(number(good));
  return {};
}

TEST(Result, TryPassesErrorsOnUnchanged) {
  EXPECT_EQ(*doubled(true), 14);
  const auto failed = doubled(false);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, ErrorCode::decode_error);
  EXPECT_EQ(failed.error().detail, "no number");
  EXPECT_TRUE(nothing(true).ok());
  EXPECT_EQ(nothing(false).error().detail, "no number");
}

TEST(Result, ValueThrowsTheExplanationOfAFailure) {
  EXPECT_EQ(number(true).value(), 7);
  EXPECT_NO_THROW(nothing(true).value());
  EXPECT_THROW(nothing(false).value(), BadResult);
  try {
    (void)number(false).value();
    FAIL();
  } catch (const BadResult& bad) {
    EXPECT_EQ(bad.error().code, ErrorCode::decode_error);
    EXPECT_EQ(std::string(bad.what()), bad.error().explain());
  }
}

TEST(Result, HoldsWhatCannotBeCopiedAndWidens) {
  Result<std::unique_ptr<int>> owner = std::make_unique<int>(3);
  const std::unique_ptr<int> taken = *std::move(owner);
  EXPECT_EQ(*taken, 3);
  Result<std::string> text = "from a literal";
  EXPECT_EQ(text->size(), 14u);
  const Result<std::string> code = ErrorCode::timeout;
  EXPECT_EQ(code.error().code, ErrorCode::timeout);
}

}  // namespace
}  // namespace bulla
