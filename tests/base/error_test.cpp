// Errors say what happened, whose fault it is and what to do; what a peer chose cannot talk to a terminal or
// break JSON.
#include <bulla/error.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include <set>

namespace bulla {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(ErrorTable, EveryRowExplains) {
  size_t count = 0;
  const ErrorRow* rows = all_error_rows(count);
  ASSERT_GT(count, 100u);
  std::set<std::string_view> names;
  for (size_t i = 0; i < count; ++i) {
    const ErrorRow& row = rows[i];
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_EQ(&row_of(static_cast<ErrorCode>(i)), &row);
    EXPECT_FALSE(row.sentence.empty()) << row.name;
    EXPECT_FALSE(row.sentence.ends_with('.')) << row.name;  // the evidence follows behind a colon
    EXPECT_FALSE(row.remedy.empty()) << row.name;
    EXPECT_NE(describe(row.fault), "unknown") << row.name;
    EXPECT_TRUE(row.section.empty() || row.section.starts_with("RFC ")) << row.name;
  }
}

TEST(Error, Explain) {
  const Error error{ErrorCode::certificate_expired, "CN=a", "do this"};
  EXPECT_THAT(error.message(), HasSubstr(": CN=a"));
  EXPECT_THAT(error.explain(), HasSubstr("\n  error:  certificate_expired\n"));
  EXPECT_THAT(error.explain(), HasSubstr("\n  remedy: do this"));
  const Error plain{ErrorCode::certificate_expired};
  EXPECT_THAT(plain.explain(), HasSubstr(std::string(plain.row().remedy)));
  EXPECT_EQ(plain.message(), plain.row().sentence);
}

TEST(Error, TheAlertOfAPeerIsNotSentBack) {
  const Error from_peer{ErrorCode::peer_sent_alert, "", "", AlertDescription::unknown_ca};
  EXPECT_EQ(from_peer.alert_to_send(), from_peer.row().alert);
  const Error of_a_verifier{ErrorCode::certificate_unknown_issuer, "", "", AlertDescription::access_denied};
  EXPECT_EQ(of_a_verifier.alert_to_send(), AlertDescription::access_denied);
}

TEST(Error, JsonStaysJsonWhateverAPeerSent) {
  for (const std::string& hostile :
       {std::string("\"}\\"), std::string("\x1b[31m\r\n\t\0x", 9), std::string("\xff\xc3"),
        std::string("\xc2\x9b"
                    "31m"),
        std::string("\xed\xa0\x80")}) {
    const Error error{ErrorCode::decode_error, hostile, hostile};
    const auto parsed = boost::json::parse(error.to_json());
    EXPECT_EQ(parsed.at("error").as_string(), "decode_error");
  }
  const auto parsed = boost::json::parse(Error{ErrorCode::decode_error, "say \"é\"\n"}.to_json());
  EXPECT_EQ(parsed.at("detail").as_string(), "say \"é\"\n");
}

TEST(Printable, ControlCharactersAndBrokenTextAreEscaped) {
  EXPECT_EQ(printable("plain é 漢 😀"), "plain é 漢 😀");
  EXPECT_EQ(printable("\x1b[31m\n\x7f"), "\\x1b[31m\\x0a\\x7f");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\\xc2\\x9b31m");  // CSI of the C1 block
  EXPECT_EQ(printable("a\xff"), "a\\xff");
  EXPECT_EQ(printable("\xc3"), "\\xc3");                             // cut
  EXPECT_EQ(printable("\xc0\xaf"), "\\xc0\\xaf");                    // overlong slash
  EXPECT_EQ(printable("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // half of a surrogate pair
  EXPECT_EQ(printable("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // beyond U+10FFFF
  EXPECT_EQ(printable(std::string_view("a\0b", 3)), "a\\x00b");
}

}  // namespace
}  // namespace bulla
