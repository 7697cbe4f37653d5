// What may be ordered of a CA: mailboxes, parts of the name space, URLs, purposes.
#include "pki/openssl_test.h"
#include "x509/certificate.h"

#include <bulla/os.h>
#include <bulla/pki.h>

#include <algorithm>

namespace bulla::pki {
namespace {

using Names = std::vector<std::string>;

// RFC 5280 §4.2.1.6, RFC 5321 §4.1.2.
TEST(Mailbox, KeepsTheCaseOfItsLocalPart) {
  const auto mailbox = AltName::parse_mailbox("Ada.Lovelace+x@Example.COM.").value();
  EXPECT_EQ(mailbox.kind(), AltName::Kind::mailbox);
  EXPECT_EQ(mailbox.text(), "Ada.Lovelace+x@example.com");
  EXPECT_TRUE(mailbox.address().empty());
}

TEST(Mailbox, RefusesWhatIsNone) {
  for (const std::string& text : {std::string(),
                                  std::string("@"),
                                  std::string("ada"),
                                  std::string("@example.com"),
                                  std::string("ada@"),
                                  std::string("ada@@example.com"),
                                  std::string("a@b@example.com"),
                                  std::string(".ada@example.com"),
                                  std::string("ada.@example.com"),
                                  std::string("a..b@example.com"),
                                  std::string("ada lovelace@example.com"),
                                  std::string("\"ada\"@example.com"),
                                  std::string("b\xc3\xbc@example.com"),
                                  std::string("ada@b\xc3\xbc.example"),
                                  std::string("ada@192.0.2.1"),
                                  std::string("ada@[192.0.2.1]"),
                                  std::string("ada@*.example.com"),
                                  std::string("ada@example..com"),
                                  std::string("ada\n@example.com"),
                                  std::string("ada@example.com\n"),
                                  std::string("a\0a@example.com", 15),
                                  std::string(65, 'a') + "@example.com"})
    EXPECT_EQ(AltName::parse_mailbox(text).error().code, ErrorCode::bad_name) << text;
  EXPECT_TRUE(AltName::parse_mailbox(std::string(64, 'a') + "@example.com"));
  // A name of a host stays one: no certificate of a server has a mailbox by mistake.
  EXPECT_EQ(AltName::parse("ada@example.com").error().code, ErrorCode::bad_name);
}

// RFC 5280 §4.2.1.10.
TEST(Subtree, ReadsDomainsNetworksAndMailboxes) {
  const struct {
    const char *text, *canonical, *base;
    Subtree::Kind kind;
  } cases[] = {
      {"Example.test.", "example.test", "6578616d706c652e74657374", Subtree::Kind::dns},
      {"test", "test", "74657374", Subtree::Kind::dns},
      {"10.0.0.0/8", "10.0.0.0/8", "0a000000ff000000", Subtree::Kind::ip},
      {"0.0.0.0/0", "0.0.0.0/0", "0000000000000000", Subtree::Kind::ip},
      {"192.0.2.128/25", "192.0.2.128/25", "c0000280ffffff80", Subtree::Kind::ip},
      {"192.0.2.1", "192.0.2.1/32", "c0000201ffffffff", Subtree::Kind::ip},
      {"2001:DB8::/33", "2001:db8::/33", "20010db8000000000000000000000000ffffffff800000000000000000000000",
       Subtree::Kind::ip},
      {"@Example.test", "@example.test", "6578616d706c652e74657374", Subtree::Kind::mailbox},
      {"Ada@Example.test", "Ada@example.test", "416461406578616d706c652e74657374", Subtree::Kind::mailbox},
  };
  for (const auto& one : cases) {
    const auto subtree = Subtree::parse(one.text);
    ASSERT_TRUE(subtree) << one.text;
    EXPECT_EQ(subtree->kind(), one.kind) << one.text;
    EXPECT_EQ(subtree->text(), one.canonical);
    EXPECT_EQ(to_hex(subtree->base()), one.base);
    EXPECT_EQ(Subtree::parse(subtree->text()).value(), *subtree);
  }
}

TEST(Subtree, RefusesWhatIsNone) {
  for (const char* text : {"",
                           ".",
                           ".example.test",
                           "*.example.test",
                           "exa mple",
                           "https://example.test",
                           "10.0.0.1/8",
                           "10.0.0.0/33",
                           "10.0.0.0/",
                           "10.0.0.0/-1",
                           "10.0.0.0/+8",
                           "10.0.0.0/8x",
                           "10.0.0.0/255.0.0.0",
                           "10.0.0/8",
                           "2001:db8::/129",
                           "2001:db8::1/64",
                           "example.test/8",
                           "@",
                           "@192.0.2.1",
                           "@.example.test",
                           "a@b@example.test",
                           "@exa mple",
                           "10.0.0.0/99999999999999999999",
                           "1.2.3"}) {
    const auto subtree = Subtree::parse(text);
    ASSERT_FALSE(subtree) << text;
    EXPECT_EQ(subtree.error().code, ErrorCode::bad_name) << text;
    EXPECT_FALSE(subtree.error().remedy.empty());
  }
  EXPECT_EQ(Subtree::parse("evil\x1b[31m").error().detail.find('\x1b'), std::string::npos);
  EXPECT_EQ(NewCa({.name = "x", .permitted = Names(1001, "a.test")}).issue().error().code,
            ErrorCode::bad_name);
}

struct TermsTest : test::OpensslTest {
  const Issued root = NewCa{.name = "Root", .path_length = 1}.issue().value();
  const CertificateAuthority ca = CertificateAuthority::create(root.chain, root.key.signer()).value();
  std::string text_of(const Issued& issued) const {
    put("one.pem", to_pem({issued.chain.data(), 1}));
    return must("openssl x509 -noout -text -in one.pem");
  }
};

// RFC 5280 §8, §4.2.1.13: nobody should have to verify a certificate to learn whether one was revoked.
TEST_F(TermsTest, UrlsThatNobodyWouldFetchAreRefused) {
  const Subject subject = {.names = {"a.example"}};
  for (const std::string& url :
       {std::string("https://ca.example/ca.crl"), std::string("ca.example/ca.crl"), std::string("http://"),
        std::string("http:///ca.crl"), std::string("http://exa mple/"), std::string("http://ca.example/a b"),
        std::string("http://ca.example/\n"), std::string("http://b\xc3\xbc.example/"),
        std::string("ldap://ca.example/"), std::string("http://user@ca.example/"),
        std::string("http://ca.example:/"), std::string("http://ca.example:x/"),
        std::string("http://ca.example:123456/"), std::string("http://ca.example/\"<>"),
        "http://ca.example/" + std::string(1000, 'x')}) {
    EXPECT_EQ(ca.issue(subject, {.crl_url = url}).error().code, ErrorCode::bad_argument) << url;
    EXPECT_EQ(ca.issue(subject, {.ocsp_url = url}).error().code, ErrorCode::bad_argument) << url;
  }
  for (const char* url : {"http://ca.example", "http://ca.example:8080/x/y?z=1", "http://192.0.2.1/",
                          "http://[::1]:80/", "http://[2001:db8::1]/ca.crl"})
    EXPECT_TRUE(ca.issue(subject, {.crl_url = url, .ocsp_url = url})) << url;
}

TEST_F(TermsTest, AnIntermediateIsBelowItsRoot) {
  const auto middle = ca.issue_ca({.name = "Middle", .path_length = 0}).value();
  EXPECT_EQ(middle.chain.size(), 1u);
  put("root.pem", to_pem(root.chain));
  put("middle.pem", middle.chain_pem());
  must("openssl verify -x509_strict -CAfile root.pem middle.pem");
  auto chain = middle.chain;
  chain.push_back(root.chain.front());
  const auto below = CertificateAuthority::create(chain, middle.key.signer()).value();
  EXPECT_EQ(below.issue_ca({.name = "Deeper"}).error().code, ErrorCode::ca_cannot_sign);
  EXPECT_EQ(ca.issue_ca({.name = "Root"}).error().code, ErrorCode::csr_unacceptable);
  EXPECT_EQ(ca.issue_ca({.name = ""}).error().code, ErrorCode::bad_name);
  const auto leaf = below.issue({.names = {"a.example"}}, {}).value();
  EXPECT_EQ(leaf.chain.size(), 2u);
  put("leaf.pem", leaf.chain_pem());
  must("openssl verify -x509_strict -CAfile root.pem -untrusted leaf.pem leaf.pem");
}

/// What is above an intermediate binds it, whether it says so itself or not.
TEST_F(TermsTest, ConstraintsAboveHoldBelow) {
  const auto confined = NewCa{.name = "Confined", .permitted = {"example.test"}}.issue().value();
  const auto authority = CertificateAuthority::create(confined.chain, confined.key.signer()).value();
  const auto middle = authority.issue_ca({.name = "Middle"}).value();
  auto chain = middle.chain;
  chain.push_back(confined.chain.front());
  const auto below = CertificateAuthority::create(chain, middle.key.signer()).value();
  EXPECT_TRUE(below.issue({.names = {"a.example.test"}}, {}));
  EXPECT_EQ(below.issue({.names = {"a.example.com"}}, {}).error().code,
            ErrorCode::certificate_name_constraint);
}

TEST_F(TermsTest, OneWhoIsNamedLikeTheCaIsRefused) {
  // RFC 5280 §6.1: the certificate would count as the CA's own.
  EXPECT_EQ(ca.issue({.common_name = "root"}, {.use = CertificateUse::client}).error().code,
            ErrorCode::csr_unacceptable);
}

TEST_F(TermsTest, ARenewalOfWhatIsNotIssuedHereIsRefused) {
  EXPECT_EQ(ca.renew(root.certificate(), {}, {}).error().code, ErrorCode::bad_argument);
  must(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out u.pem -subj "
      "/CN=x "
      "-addext subjectAltName=URI:spiffe://x/y");
  const auto foreign = Certificate::from_pem_or_der(as_bytes(get("u.pem"))).value();
  EXPECT_EQ(ca.renew(*foreign.front(), {}, {}).error().code,
            ErrorCode::bad_argument);  // openssl's default: a CA
  must(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out u.pem -subj "
      "/CN=x "
      "-addext subjectAltName=URI:spiffe://x/y -addext basicConstraints=critical,CA:FALSE");
  const auto leaf = Certificate::from_pem_or_der(as_bytes(get("u.pem"))).value();
  EXPECT_EQ(ca.renew(*leaf.front(), {}, {}).error().code, ErrorCode::bad_name);
}

}  // namespace
}  // namespace bulla::pki
