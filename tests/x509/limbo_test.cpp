// x509-limbo, BetterTLS and chains seen on the Internet: one schema, one runner.
#include "limbo_case.h"
#include "support/vectors.h"

#include <gtest/gtest.h>

namespace bulla::test {
namespace {

namespace json = boost::json;

constexpr const char* issuance = "a rule for CAs: nothing is proved less when they break it";
constexpr const char* common_name = "a commonName is never read, so what stands in it does not matter";

const Scoreboard::Divergences limbo_divergences = {
    {"rfc5280::aki::critical-aki", issuance},
    {"rfc5280::aki::intermediate-missing-aki", issuance},
    {"rfc5280::nc::not-allowed-in-ee-noncritical", issuance},
    {"rfc5280::pc::ica-noncritical-pc", issuance},
    {"rfc5280::san::noncritical-with-empty-subject", issuance},
    {"rfc5280::serial::zero", issuance},
    {"crl::crlnumber-missing", issuance},
    {"crl::crlnumber-critical", issuance},
    {"rfc5280::ski::critical-ski", issuance},
    {"rfc5280::ski::intermediate-missing-ski", issuance},
    {"rfc5280::root-non-critical-basic-constraints", issuance},
    {"rfc5280::leaf-ku-keycertsign", issuance},
    {"webpki::aki::root-with-aki-missing-keyidentifier", issuance},
    {"webpki::aki::root-with-aki-authoritycertissuer", issuance},
    {"webpki::eku::ee-critical-eku", issuance},
    {"webpki::san::san-critical-with-nonempty-subject", issuance},
    {"webpki::forbidden-rsa-key-not-divisible-by-8-in-leaf", issuance},
    {"webpki::cn::ipv4-hex-mismatch", common_name},
    {"webpki::cn::ipv4-leading-zeros-mismatch", common_name},
    {"webpki::cn::ipv6-uppercase-mismatch", common_name},
    {"webpki::cn::ipv6-non-rfc5952-mismatch", common_name},
    {"webpki::cn::punycode-not-in-san", common_name},
    {"webpki::cn::utf8-vs-punycode-mismatch", common_name},
    {"webpki::cn::not-in-san", common_name},
    {"webpki::cn::case-mismatch", common_name},
    {"webpki::eku::ee-anyeku", "anyExtendedKeyUsage is what RFC 5280 §4.2.1.12 says it is: any purpose"},
    {"webpki::eku::ee-without-eku",
     "RFC 5280 §4.2.1.12: without extendedKeyUsage there is no restriction; private CAs write none"},
    {"webpki::ee-basicconstraints-ca",
     "a CA certificate may serve TLS (RFC 5280 forbids it nowhere); self-made ones often do"},
    {"rfc5280::nc::invalid-dnsname-leading-period",
     "a leading period means subdomains only, as in OpenSSL, GnuTLS, webpki and Botan"},
    {"rfc5280::san::underscore-dns", "host names with underscores exist, and everybody takes them"},
    {"pathlen::max-chain-depth-1-self-issued",
     "max_path_length counts every certificate, the self-issued too"},
};

constexpr const char* chosen = "a root was chosen, and is not asked how it looks (RFC 5280 §6.1.1 (d))";
constexpr const char* sloppy =
    "the set's certificates for other names have example.com as commonName, which BR §7.1.4.3 forbids";

const Scoreboard::Divergences webpki_divergences = {
    {"crl::crlnumber-missing", issuance},
    {"crl::crlnumber-critical", issuance},
    {"rfc5280::aki::critical-aki", chosen},
    {"rfc5280::ski::critical-ski", chosen},
    {"rfc5280::root-non-critical-basic-constraints", chosen},
    {"webpki::aki::root-with-aki-missing-keyidentifier", chosen},
    {"webpki::aki::root-with-aki-authoritycertissuer", chosen},
    {"rfc5280::nc::permitted-dns-match-more", sloppy},
    {"rfc5280::nc::permitted-ipv4-match", sloppy},
    {"rfc5280::nc::permitted-ipv6-match", sloppy},
    {"webpki::nc::nc-permits-dns-san-pattern", sloppy},
    {"webpki::san::exact-localhost-ip-san", sloppy},
    {"webpki::san::leftmost-wildcard-san", sloppy},
    {"rfc5280::eku::ee-without-eku", "BR §7.1.2.7.10 wants an extendedKeyUsage"},
    {"pathlen::validation-ignores-pathlen-in-leaf", "BR §7.1.2.7.8: a server's certificate is no CA's"},
    {"pathlen::max-chain-depth-1-self-issued",
     "max_path_length counts every certificate, the self-issued too"},
};

void run_all(const json::value& document, Scoreboard& board,
             CertificateProfile profile = CertificateProfile::rfc5280) {
  for (const auto& value : document.at("testcases").as_array()) {
    const auto& test = value.as_object();
    const std::string id = text_of(test.at("id"));
    board.expect(id, text_of(test.at("expected_result")) == "SUCCESS", run(chain_of(test, profile)));
  }
  board.finish();
}

TEST(LimboTest, X509Limbo) {
  const auto document = load_json("x509/limbo/limbo.json");
  BULLA_NEED_VECTORS(document, "x509/limbo");
  Scoreboard board("x509/limbo", limbo_divergences);
  run_all(*document, board);
}

TEST(LimboTest, X509LimboByTheRulesOfTheWeb) {
  const auto document = load_json("x509/limbo/limbo.json");
  BULLA_NEED_VECTORS(document, "x509/limbo");
  Scoreboard board("x509/limbo, profile webpki", webpki_divergences);
  run_all(*document, board, CertificateProfile::webpki);
}

TEST(LimboTest, RealChains) {
  const auto document = load_json("x509/real-chains/chains.json");
  BULLA_NEED_VECTORS(document, "x509/real-chains");
  Scoreboard board("x509/real-chains", {});
  run_all(*document, board);
}

TEST(LimboTest, BetterTlsPathBuilding) {
  const auto document = load_json("x509/bettertls/bettertls-pathbuilding.json");
  BULLA_NEED_VECTORS(document, "x509/bettertls");
  Scoreboard board("x509/bettertls pathbuilding", {});
  run_all(*document, board);
}

TEST(LimboTest, BetterTlsNameConstraints) {
  const auto document = load_json("x509/bettertls/bettertls-nameconstraints.json");
  BULLA_NEED_VECTORS(document, "x509/bettertls");
  Scoreboard board("x509/bettertls nameconstraints", {});
  run_all(*document, board);
}

}  // namespace
}  // namespace bulla::test
