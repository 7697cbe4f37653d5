#include "pki/openssl_test.h"

#include <bulla/os.h>
#include <bulla/pki.h>

#include <boost/json/parse.hpp>

namespace bulla::pki {
namespace {

using test::OpensslTest;
using namespace std::chrono_literals;
using std::chrono::days;

const Time start = std::chrono::sys_days(std::chrono::year(2030) / 5 / 17);

struct DescribeTest : OpensslTest {
  static CertificatePtr make(std::vector<std::string> names = {"a.example", "::1"}) {
    return SelfSigned{.names = std::move(names), .days = 10}.issue({.now = start})->chain[0];
  }
};

TEST_F(DescribeTest, SaysHowLongACertificateIsValid) {
  const auto certificate = make();
  EXPECT_EQ(describe_validity(*certificate, start), "expires in 10 days");
  EXPECT_EQ(describe_validity(*certificate, start + 20ms), "expires in 10 days");
  EXPECT_EQ(describe_validity(*certificate, start + days(8)), "expires in 2 days");
  EXPECT_EQ(describe_validity(*certificate, start + days(9)), "expires in 24 hours");
  EXPECT_EQ(describe_validity(*certificate, start + days(10) - 1min), "expires in 1 minute");
  EXPECT_EQ(describe_validity(*certificate, start + days(13)), "expired 3 days ago");
  EXPECT_EQ(describe_validity(*certificate, start - days(5)), "not valid yet, but in 5 days");
}

TEST_F(DescribeTest, NamesEverything) {
  const std::string text = describe(*make(), start);
  for (const char* part :
       {"Subject:      CN=a.example\n", "Issuer:       CN=a.example (itself)\n", "DNS:a.example, IP:::1",
        "2030-05-16 23:00:00 UTC to 2030-05-27 00:00:00 UTC, expires in 10 days\n", "ECDSA P-256\n",
        "ecdsa-with-SHA256\n", "CA:           no\n", "digitalSignature\n", "serverAuth, clientAuth\n",
        "SHA-256:"})
    EXPECT_NE(text.find(part), std::string::npos) << part << '\n' << text;
}

TEST_F(DescribeTest, FingerprintIsOpenssls) {
  const auto certificate = make();
  put("cert.der", certificate->der());
  EXPECT_NE(must("openssl x509 -inform DER -in cert.der -noout -fingerprint -sha256")
                .find(fingerprint_sha256(*certificate)),
            std::string::npos);
}

TEST_F(DescribeTest, JsonParsesAndHoldsNoSurprise) {
  must(
      "openssl req -x509 -newkey ed25519 -nodes -keyout k.pem -out c.pem -days 1 -subj "
      "'/CN=quote\"\\\\and\x01more'");
  const auto chain = Certificate::from_pem_or_der(as_bytes(get("c.pem")));
  ASSERT_TRUE(chain) << chain.error().message();
  const std::string text = describe_json(*chain->front(), bulla::now());
  EXPECT_EQ(text.find('\n'), std::string::npos);
  boost::system::error_code why;
  const auto json = boost::json::parse(text, why);
  ASSERT_FALSE(why) << text;
  EXPECT_EQ(json.at("key").as_string(), "Ed25519");
  EXPECT_TRUE(json.at("ca").as_bool());
  EXPECT_TRUE(json.at("names").as_array().empty());
  EXPECT_EQ(describe(*chain->front(), bulla::now()).find('\x01'), std::string::npos);
}

TEST_F(DescribeTest, FindsWhatIsOddAboutAChain) {
  const auto root = NewCa{.name = "Root"}.issue();
  const auto ca = CertificateAuthority::create(root->chain, root->key.signer());
  const auto made = NewRequest{.names = {"middle.example"}}.create();
  const auto request = CertificationRequest::from_pem_or_der(made->der);
  const auto middle = ca->sign(*request, 30, CertificateRole::ca);
  const auto below = CertificateAuthority::create(*middle, made->key.signer());
  const auto leaf = below->issue(std::vector<std::string>{"a.example"}, 10)->chain[0];
  const CertificatePtr m = middle->front(), r = root->chain[0];
  const auto problems = [](std::vector<CertificatePtr> chain) { return chain_problems(chain); };
  EXPECT_TRUE(problems({leaf, m, r}).empty());
  EXPECT_TRUE(problems({leaf}).empty());
  EXPECT_TRUE(problems({}).empty());
  EXPECT_EQ(problems({leaf, r, m}).at(0),
            "certificate 2 did not issue certificate 1; certificate 3 did, so the order is wrong");
  EXPECT_EQ(problems({leaf, r}).at(0), "certificate 2 did not issue certificate 1");
  EXPECT_EQ(problems({leaf, m, m}).at(0), "certificate 3 repeats certificate 2");
  EXPECT_EQ(problems({m, leaf}).back(), "certificate 2 is no CA: CN=a.example");
}

}  // namespace
}  // namespace bulla::pki
