// Names: distinguished names, DNS names, addresses, what a user types, root stores.
#include "asn1/der_writer.h"
#include "crafted.h"
#include "x509/dns_name.h"
#include "x509/ip_address.h"
#include "x509/name.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulla::test {
namespace {

using namespace asn1;
using testing::HasSubstr;

struct Part {
  Oid type;
  uint8_t tag;
  std::string value;
};
std::vector<uint8_t> name(const std::vector<std::vector<Part>>& rdns) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      for (const auto& rdn : rdns)
        w.set([&](DerWriter& w) {
          for (const Part& part : rdn)
            w.sequence([&](DerWriter& w) {
              w.oid(part.type);
              w.value(part.tag, as_bytes(part.value));
            });
        });
    });
  });
}

// RFC 4514 §2.4, §3; the attributes of RFC 4519 §2 and of RFC 2985 §5.2.1 by their short names.
TEST(NameTest, PrintsLikeRfc4514) {
  EXPECT_EQ(x509::print_name(name({{{oids::country, tag::printable_string, "DE"}},
                                   {{oids::organization, tag::utf8_string, "Müller, Söhne"}},
                                   {{oids::common_name, tag::utf8_string, "#1 "}}})),
            "CN=\\#1\\ , O=Müller\\, Söhne, C=DE");
  EXPECT_EQ(x509::print_name(name({{{oid("1.2.3"), tag::octet_string, "\x01"}}})), "1.2.3=#01");
  EXPECT_EQ(x509::print_name(name({{{oids::email_address, tag::ia5_string, "me@example.com"}},
                                   {{oids::domain_component, tag::ia5_string, "example"}}})),
            "DC=example, emailAddress=me@example.com");
  EXPECT_EQ(x509::print_name(name({})), "(empty name)");
  EXPECT_EQ(x509::print_name(as_bytes("x")), "(malformed name)");
  EXPECT_EQ(x509::print_name(name({{{oids::common_name, tag::bmp_string, std::string("\0\xe9", 2)}}})),
            "CN=é");
  EXPECT_EQ(x509::print_name(name({{{oids::common_name, tag::utf8_string, "a\x1b[31m"}}})), "CN=a\\x1b[31m");
  EXPECT_EQ(x509::print_name(name({{{oids::common_name, tag::utf8_string, "\xff"}}})), "CN=#ff");
}

// RFC 5280 §7.1, with RFC 4518 §2.6.1 for the blanks.
TEST(NameTest, ComparesByRfc5280) {
  const auto one = [](uint8_t tag, std::string value) {
    return name({{{oids::common_name, tag, std::move(value)}}});
  };
  const auto base = one(tag::utf8_string, "Example CA");
  EXPECT_TRUE(x509::names_equal(base, one(tag::printable_string, "  EXAMPLE   ca ")));
  EXPECT_TRUE(
      x509::names_equal(base, one(tag::bmp_string, std::string("\0E\0x\0a\0m\0p\0l\0e\0 \0C\0A", 20))));
  EXPECT_TRUE(x509::names_equal(base, one(tag::utf8_string, "\tExample\r\n CA\v")));  // RFC 4518 §2.2
  EXPECT_FALSE(x509::names_equal(base, one(tag::utf8_string, "ExampleCA")));
  for (const char* control : {"Example\x01 CA", "Example CA\x1b",
                              "\x7f"
                              "Example CA"}) {
    EXPECT_FALSE(x509::names_equal(base, one(tag::utf8_string, control)));
    EXPECT_TRUE(x509::names_equal(one(tag::utf8_string, control), one(tag::utf8_string, control)));
    EXPECT_FALSE(x509::canonical_name(one(tag::utf8_string, control)));
  }
  EXPECT_FALSE(x509::names_equal(base, one(tag::octet_string, "Example CA")));
  EXPECT_FALSE(x509::names_equal(base, name({})));
  EXPECT_FALSE(x509::names_equal(base, name({{{oids::organization, tag::utf8_string, "Example CA"}}})));
  EXPECT_TRUE(x509::names_equal(one(tag::utf8_string, "\xff"), one(tag::utf8_string, "\xff")));  // octets
  EXPECT_FALSE(x509::names_equal(one(tag::utf8_string, "\xff "), one(tag::utf8_string, "\xff")));
  // An RDN of two attributes is not two RDNs, and its order does not matter.
  const Part cn = {oids::common_name, tag::utf8_string, "a"}, o = {oids::organization, tag::utf8_string, "b"};
  EXPECT_FALSE(x509::names_equal(name({{cn, o}}), name({{cn}, {o}})));
}

// RFC 1035 §2.3.1, and the underscores that hosts have.
TEST(DnsNameTest, TellsHostNames) {
  for (const char* good : {"example.com", "localhost", "xn--mller-kva.example", "_dmarc.example.com", "a-b.c",
                           "1.com", "EXAMPLE.com"})
    EXPECT_EQ(x509::why_no_dns_name(good), nullptr) << good;
  for (const std::string& bad :
       {std::string(), std::string("."), std::string("a..b"), std::string(".a"), std::string("a."),
        std::string("-a.b"), std::string("a-.b"), std::string("a b"), std::string("*.a"), std::string("a.1"),
        std::string("1.2.3.4"), std::string("a\0b", 3), std::string(64, 'a'),
        std::string(127, 'a') + std::string(127, 'b'), std::string("m\xc3\xbcller")})
    EXPECT_NE(x509::why_no_dns_name(bad), nullptr) << bad;
  std::string longest;
  while (longest.size() < 250) longest += "abcdefgh.";
  longest += "a";
  EXPECT_EQ(longest.size(), 253u);
  EXPECT_EQ(x509::why_no_dns_name(longest), nullptr);
  EXPECT_NE(x509::why_no_dns_name(longest + "b"), nullptr);
}

TEST(DnsNameTest, MatchesByRfc9525) {
  struct Case {
    const char *pattern, *host;
    bool match;
  };
  const Case cases[] = {{"example.com", "example.com", true},
                        {"EXAMPLE.com", "example.COM", true},
                        {"*.example.com", "www.example.com", true},
                        {"*.example.com", "xn--a.example.com", true},
                        {"*.example.com", "example.com", false},
                        {"*.example.com", "a.b.example.com", false},
                        {"*.example.com", "www.example.org", false},
                        {"*.com", "example.com", false},
                        {"*", "localhost", false},
                        {"*.", "localhost", false},
                        {"w*.example.com", "www.example.com", false},
                        {"*w.example.com", "www.example.com", false},
                        {"www.*.com", "www.example.com", false},
                        {"*.*.com", "www.example.com", false},
                        {"**.example.com", "www.example.com", false},
                        {"example.com.", "example.com", false},
                        {".example.com", "www.example.com", false},
                        {"", "", false},
                        {"192.0.2.1", "192.0.2.1", false}};
  for (const Case& one : cases)
    EXPECT_EQ(x509::dns_name_matches(one.pattern, one.host), one.match) << one.pattern << " for " << one.host;
}

// RFC 4291 §2.2; printed as RFC 5952 §4.2 asks.
TEST(IpAddressTest, ReadsAndPrints) {
  const std::pair<const char*, const char*> good[] = {{"192.0.2.1", "192.0.2.1"},
                                                      {"0.0.0.0", "0.0.0.0"},
                                                      {"2001:DB8::1", "2001:db8::1"},
                                                      {"::", "::"},
                                                      {"::1", "::1"},
                                                      {"1::", "1::"},
                                                      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
                                                      {"::ffff:192.0.2.1", "::ffff:c000:201"},
                                                      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
                                                      {"1:0:3:4:5:6:7:8", "1:0:3:4:5:6:7:8"},
                                                      {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0"}};
  for (const auto& [text, canonical] : good) {
    const auto address = x509::parse_ip_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(x509::format_ip_address(*address), canonical);
  }
  for (const char* bad : {"",         "1.2.3",     "1.2.3.4.5",     "256.0.0.1",
                          "01.2.3.4", "1.2.3.4 ",  "0x7f.0.0.1",    "1..2.3",
                          ":",        ":::",       "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9",
                          "1::2::3",  "12345::",   "g::",           "1:2:3:4:5:6:7::8",
                          "::1.2.3",  "1.2.3.4::", "::1%eth0",      "1:2:3:4:5:6:1.2.3.4:7"})
    EXPECT_FALSE(x509::parse_ip_address(bad)) << bad;
}

TEST(ServerNameTest, ReadsWhatUsersType) {
  const std::pair<const char*, const char*> good[] = {
      {"Example.COM", "example.com"}, {"example.com.", "example.com"},  {"localhost", "localhost"},
      {"192.0.2.1", "192.0.2.1"},     {"[2001:db8::1]", "2001:db8::1"}, {"::1", "::1"}};
  for (const auto& [text, canonical] : good) {
    const auto parsed = ServerName::parse(text);
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(parsed->text(), canonical);
    EXPECT_EQ(parsed->kind() == ServerName::Kind::ip, !parsed->address().empty());
  }
  const std::pair<const char*, const char*> bad[] = {{"", "empty"},
                                                     {".", "empty label"},
                                                     {"example.com..", "empty label"},
                                                     {"*.example.com", "character"},
                                                     {"example.com:443", "port"},
                                                     {"https://example.com", "port"},
                                                     {"[192.0.2.1]", "character"},
                                                     {"fe80::1%eth0", "zone"},
                                                     {"müller.de", "xn--"},
                                                     {"1.2.3.4.5", "IP address"},
                                                     {"256.1.1.1", "IP address"},
                                                     {"a b", "character"},
                                                     {"a\nb", "\\x0a"}};
  for (const auto& [text, words] : bad) {
    const auto parsed = ServerName::parse(text);
    ASSERT_FALSE(parsed.ok()) << text;
    EXPECT_EQ(parsed.error().code, ErrorCode::bad_server_name);
    EXPECT_THAT(parsed.error().message(), HasSubstr(words)) << text;
  }
}

TEST(RootStoreTest, FindsBySubjectAndCopiesOnWrite) {
  const Entity one = issue(ca_draft("Root")), same_name = issue(ca_draft("root")),
               other = issue(ca_draft("Other"));
  RootStore store;
  store.add(one.certificate);
  store.add(one.certificate);
  EXPECT_EQ(store.size(), 1u);
  const RootStore before = store;
  store.add(same_name.certificate);
  store.add(other.certificate);
  EXPECT_EQ(before.size(), 1u);
  EXPECT_EQ(store.size(), 3u);
  EXPECT_EQ(store.all().size(), 3u);
  EXPECT_EQ(store.with_subject(one.name_der).size(), 2u);
  EXPECT_TRUE(store.with_subject(as_bytes("nothing")).empty());
  EXPECT_TRUE(store.contains(*other.certificate));
  EXPECT_FALSE(before.contains(*other.certificate));
  EXPECT_EQ(store.add(as_bytes("no certificate")).error().code, ErrorCode::certificate_malformed);
}

}  // namespace
}  // namespace bulla::test
