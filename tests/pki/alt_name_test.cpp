#include <bulla/pki.h>

#include <gtest/gtest.h>

namespace bulla::pki {
namespace {

using Names = std::vector<std::string>;

TEST(AltName, TellsAddressesFromNames) {
  const auto dns = AltName::parse("WWW.Example.com.");
  ASSERT_TRUE(dns);
  EXPECT_EQ(dns->kind(), AltName::Kind::dns);
  EXPECT_EQ(dns->text(), "www.example.com");
  EXPECT_TRUE(dns->address().empty());
  const auto v4 = AltName::parse("192.0.2.1");
  ASSERT_TRUE(v4);
  EXPECT_EQ(v4->kind(), AltName::Kind::ip);
  EXPECT_EQ(to_hex(v4->address()), "c0000201");
  for (const char* text : {"2001:DB8:0:0::1", "[2001:db8::1]"}) {
    const auto v6 = AltName::parse(text);
    ASSERT_TRUE(v6) << text;
    EXPECT_EQ(v6->kind(), AltName::Kind::ip);
    EXPECT_EQ(v6->text(), "2001:db8::1");
    EXPECT_EQ(v6->address().size(), 16u);
  }
  EXPECT_EQ(AltName::parse("localhost")->text(), "localhost");
  EXPECT_EQ(AltName::parse("*.Example.com")->text(), "*.example.com");
}

TEST(AltName, RefusesWhatIsNoName) {
  for (const char* text : {"",
                           ".",
                           "*",
                           "*.",
                           "*.com",
                           "*.localhost",
                           "*.*.example.com",
                           "a.*.example.com",
                           "w*.example.com",
                           "*.192.0.2.1",
                           "example..com",
                           "-a.example.com",
                           "a-.example.com",
                           "https://example.com",
                           "example.com:443",
                           "example.com/path",
                           "exa mple.com",
                           "b\xc3\xbc"
                           "cher.example",
                           "1.2.3",
                           "1.2.3.4.5",
                           "256.1.1.1",
                           "010.0.0.1",
                           "2001:db8::1::2",
                           "fe80::1%eth0",
                           "[192.0.2.1]",
                           "a\nb",
                           "example.com\n"}) {
    const auto name = AltName::parse(text);
    ASSERT_FALSE(name) << text;
    EXPECT_EQ(name.error().code, ErrorCode::bad_name) << text;
  }
  EXPECT_EQ(AltName::parse(std::string_view("a\0b", 3)).error().code, ErrorCode::bad_name);
  EXPECT_EQ(AltName::parse(std::string(64, 'a') + ".example").error().code, ErrorCode::bad_name);
  const std::string label(62, 'a');
  const std::string long_name = label + '.' + label + '.' + label + '.' + label;  // 251
  EXPECT_TRUE(AltName::parse(long_name));
  EXPECT_TRUE(AltName::parse("*." + long_name).ok());
  EXPECT_EQ(AltName::parse("*." + long_name + "a").error().code, ErrorCode::bad_name);
}

TEST(AltName, ErrorsNameTheTextSafely) {
  const Error error = AltName::parse("evil\x1b[31m").error();
  EXPECT_EQ(error.detail.find('\x1b'), std::string::npos);
  EXPECT_NE(error.detail.find("evil"), std::string::npos);
}

TEST(ParseNames, DropsRepetitionsAndKeepsTheOrder) {
  const auto names = parse_names(Names{"b.example", "A.example", "B.EXAMPLE", "::1", "0:0:0:0:0:0:0:1"});
  ASSERT_TRUE(names);
  ASSERT_EQ(names->size(), 3u);
  EXPECT_EQ((*names)[0].text(), "b.example");
  EXPECT_EQ((*names)[1].text(), "a.example");
  EXPECT_EQ((*names)[2].text(), "::1");
}

TEST(ParseNames, RefusesNoneAndTooMany) {
  EXPECT_EQ(parse_names(Names{}).error().code, ErrorCode::bad_name);
  EXPECT_EQ(parse_names(Names(1001, "a.example")).error().code, ErrorCode::bad_name);
  EXPECT_EQ(parse_names(Names{"good.example", "bad name"}).error().code, ErrorCode::bad_name);
}

TEST(FileStem, IsAPlainFileName) {
  EXPECT_EQ(file_stem("www.example.com"), "www.example.com");
  EXPECT_EQ(file_stem("*.example.com"), "wildcard.example.com");
  EXPECT_EQ(file_stem("::1"), "__1");
  EXPECT_EQ(file_stem("Example root CA"), "Example_root_CA");
  EXPECT_EQ(file_stem("../../etc/passwd"), "_._.._etc_passwd");
  EXPECT_EQ(file_stem("-rf"), "_rf");
  EXPECT_EQ(file_stem(".hidden"), "_hidden");
  EXPECT_EQ(file_stem(""), "_");
  EXPECT_EQ(file_stem("a/b\\c\nd"), "a_b_c_d");
  EXPECT_EQ(file_stem(std::string(500, 'a')).size(), 200u);
}

}  // namespace
}  // namespace bulla::pki
