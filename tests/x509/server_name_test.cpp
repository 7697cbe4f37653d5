// What a user may type as the name of a server.
#include <bulla/certificate.h>

#include <gtest/gtest.h>

namespace bulla {
namespace {

TEST(ServerNameParse, NamesAndAddresses) {
  EXPECT_EQ(ServerName::parse("Example.COM")->text(), "example.com");
  EXPECT_EQ(ServerName::parse("example.com.")->text(), "example.com");
  EXPECT_EQ(ServerName::parse("192.0.2.1")->kind(), ServerName::Kind::ip);
  EXPECT_EQ(ServerName::parse("[2001:db8::1]")->address().size(), 16u);
  EXPECT_EQ(ServerName::parse("2001:DB8:0::1")->text(), "2001:db8::1");
}

TEST(ServerNameParse, RefusesWhatIsNoName) {
  const std::string long_label(64, 'a');
  const std::string label(63, 'a');
  const std::string long_name = label + '.' + label + '.' + label + '.' + label + ".com";
  for (const std::string& text :
       {std::string(), std::string("."), std::string("a..b"), std::string("-a.com"), std::string("a-.com"),
        std::string("a b"), std::string("a\0b", 3), std::string("*.example.com"),
        std::string("bücher.example"), std::string("https://example.com"), std::string("example.com:443"),
        std::string("[2001:db8::1"), std::string("[192.0.2.1]"), std::string("1.2.3.4.5"),
        std::string("256.1.1.1"), std::string("1::2::3"), long_label + ".com", long_name}) {
    const auto name = ServerName::parse(text);
    ASSERT_FALSE(name) << text;
    EXPECT_EQ(name.error().code, ErrorCode::bad_server_name) << text;
  }
}

}  // namespace
}  // namespace bulla
