// What the CA issues, judged by openssl, GnuTLS and Java; and what it does not issue.
#include "ca/fixture.h"
#include "pki/seeded_random.h"

#include <algorithm>
#include <set>

namespace bulla::ca {
namespace {

using pki::CertificateUse;
using std::chrono::days;
using std::chrono::hours;

struct IssueTest : CaTest {
  Issuer issuer(const NewAuthority& wanted = {.name = "Test"}, const pki::Surroundings& around = {}) const {
    return make(wanted, around).unlock().value();
  }
  /// By openssl, with the intermediate as untrusted.
  test::Outcome verify(const std::vector<CertificatePtr>& chain, const std::string& options = {}) const {
    put("leaf.pem", pki::to_pem(chain));
    return run("openssl verify -x509_strict " + options +
               " -CAfile ca/root.pem -untrusted leaf.pem leaf.pem");
  }
  static bool has(const char* tool) {
    return std::system((std::string("command -v ") + tool + " >/dev/null 2>&1").c_str()) == 0;
  }
  size_t recorded() const { return open().records().value().size(); }
};

TEST_F(IssueTest, ServersClientsAndBothHaveTheirPurposes) {
  const Issuer ca = issuer();
  const struct {
    CertificateUse use;
    const char *purpose, *accepted, *refused;
    int days;
  } templates[] = {
      {CertificateUse::server, "TLS Web Server Authentication\n", "sslserver", "sslclient", 90},
      {CertificateUse::client, "TLS Web Client Authentication\n", "sslclient", "sslserver", 365},
      {CertificateUse::both, "TLS Web Server Authentication, TLS Web Client Authentication\n", "sslserver",
       nullptr, 90},
  };
  for (const auto& expected : templates) {
    SCOPED_TRACE(expected.purpose);
    const auto issued = ca.issue({.names = {"node.example"}}, {.use = expected.use}).value();
    ASSERT_EQ(issued.chain.size(), 2u);  // the intermediate is sent along, the root is not
    EXPECT_NE(text_of(issued.certificate()).find(expected.purpose), std::string::npos);
    EXPECT_EQ(verify(issued.chain, std::string("-purpose ") + expected.accepted).status, 0);
    if (expected.refused) {
      EXPECT_NE(verify(issued.chain, std::string("-purpose ") + expected.refused).status, 0);
    }
    const auto lasts = issued.certificate().not_after() - now();
    EXPECT_LE(lasts, days(expected.days));
    EXPECT_GE(lasts, days(expected.days) - hours(1));
  }
}

TEST_F(IssueTest, EveryIssuedCertificateIsRecordedAsItIs) {
  const Authority ca = make();
  const auto issued = ca.unlock()
                          .value()
                          .issue({.names = {"www.example.com", "192.0.2.7"}}, {.use = CertificateUse::both})
                          .value();
  const Record record = ca.by_serial(issued.certificate().serial()).value();
  EXPECT_TRUE(equal_vartime(record.certificate->der(), issued.certificate().der()));
  EXPECT_EQ(record.made_for, Template::both);
  EXPECT_EQ(record.origin, Origin::issue);
  EXPECT_TRUE(record.predecessor.empty());
  EXPECT_TRUE(record.successor.empty());
  EXPECT_FALSE(record.revocation);
  EXPECT_EQ(open().records().value().size(), 3u);
}

TEST_F(IssueTest, PeopleAreCertifiedWithNameAndMailbox) {
  const Authority ca = make();
  const auto issued = ca.unlock()
                          .value()
                          .issue({.names = {"ada@Example.com"}, .common_name = "Ada Lovelace"},
                                 {.use = CertificateUse::client})
                          .value();
  const std::string text = text_of(issued.certificate());
  EXPECT_NE(text.find("Subject: CN = Ada Lovelace"), std::string::npos) << text;
  EXPECT_NE(text.find("email:ada@example.com"), std::string::npos) << text;
  EXPECT_EQ(text.find("DNS:"), std::string::npos) << text;
  EXPECT_EQ(verify(issued.chain, "-purpose sslclient -verify_email ada@example.com").status, 0);
  EXPECT_NE(verify(issued.chain, "-verify_email eve@example.com").status, 0);
  for (const char* name : {"Ada Lovelace", "ada@example.com", "ADA@example.com"})
    EXPECT_EQ(ca.find(name).value().serial(), issued.certificate().serial()) << name;
  // A name alone is enough for a client.
  EXPECT_TRUE(open().unlock().value().issue({.common_name = "Eve"}, {.use = CertificateUse::client}));
}

TEST_F(IssueTest, OnlyClientsArePeople) {
  const Issuer ca = issuer();
  for (const CertificateUse use : {CertificateUse::server, CertificateUse::both}) {
    EXPECT_EQ(ca.issue({.names = {"ada@example.com"}}, {.use = use}).error().code, ErrorCode::bad_name);
    EXPECT_EQ(ca.issue({.common_name = "Ada Lovelace"}, {.use = use}).error().code, ErrorCode::bad_name);
    EXPECT_TRUE(ca.issue({.names = {"a.example"}, .common_name = "A server"}, {.use = use}));
  }
  EXPECT_EQ(ca.issue({}, {.use = CertificateUse::client}).error().code, ErrorCode::bad_name);
  EXPECT_EQ(recorded(), 4u);
}

TEST_F(IssueTest, WhatCannotBeIssuedIsNotRecorded) {
  const Issuer ca = issuer();
  for (const pki::Subject& subject :
       {pki::Subject{}, pki::Subject{.names = {"no name"}}, pki::Subject{.names = {"*.com"}},
        pki::Subject{.names = {"a.example"}, .common_name = "line\nfeed"},
        pki::Subject{.names = {"a.example"}, .common_name = std::string(65, 'x')}})
    EXPECT_EQ(ca.issue(subject).error().code, ErrorCode::bad_name);
  EXPECT_EQ(ca.issue({.names = {"a.example"}}, {.days = 36'501}).error().code, ErrorCode::bad_argument);
  EXPECT_EQ(ca.issue({.common_name = "Test Intermediate CA"}, {.use = CertificateUse::client}).error().code,
            ErrorCode::csr_unacceptable);
  EXPECT_EQ(recorded(), 2u);
}

// RFC 5280 §4.2.1.13, §4.2.2.1.
TEST_F(IssueTest, RevocationUrlsStandInWhatIsIssued) {
  const Issuer ca = issuer({.name = "Test",
                            .crl_url = "http://ca.example.test/ca.crl",
                            .ocsp_url = "http://ca.example.test:8080/ocsp"});
  const auto issued = ca.issue({.names = {"a.example"}}).value();
  const std::string text = text_of(issued.certificate());
  EXPECT_NE(text.find("CRL Distribution Points: \n                Full Name:\n                  "
                      "URI:http://ca.example.test/ca.crl\n"),
            std::string::npos)
      << text;
  EXPECT_NE(text.find("OCSP - URI:http://ca.example.test:8080/ocsp\n"), std::string::npos) << text;
  EXPECT_EQ(verify(issued.chain, "-purpose sslserver").status, 0);
  // Where nothing was given, nothing is said; and the CA's own certificates have other ones above them.
  EXPECT_EQ(must("openssl x509 -noout -text -in ca/intermediate.pem").find("URI:"), std::string::npos);
  EXPECT_EQ(text_of(Authority::create(path("plain"), {.name = "Test"})
                        .value()
                        .unlock()
                        .value()
                        .issue({.names = {"a.example"}})
                        .value()
                        .certificate())
                .find("URI:"),
            std::string::npos);
}

TEST_F(IssueTest, TheIntermediateSaysWhereTheRootsListLies) {
  make({.name = "Test", .root_crl_url = "http://ca.example.test/root.crl"});
  const std::string text = must("openssl x509 -noout -text -in ca/intermediate.pem");
  EXPECT_NE(text.find("URI:http://ca.example.test/root.crl\n"), std::string::npos) << text;
  EXPECT_EQ(must("openssl x509 -noout -text -in ca/root.pem").find("URI:"), std::string::npos);
  for (const char* url : {"https://ca.example.test/root.crl", "root.crl", "http://"})
    EXPECT_EQ(Authority::create(path("none"), {.name = "Test", .root_crl_url = url}).error().code,
              ErrorCode::bad_argument)
        << url;
  EXPECT_FALSE(std::filesystem::exists(path("none")));
}

// ---- constraints ------------------------------------------------------------------------------------------

const Names permitted = {"example.test", "10.0.0.0/8", "@example.test"};

// RFC 5280 §4.2.1.10.
TEST_F(IssueTest, AConfinedCaSaysSoCritically) {
  make({.name = "Test", .permitted = permitted});
  for (const char* file : {"ca/root.pem", "ca/intermediate.pem"}) {
    const std::string text = must("openssl x509 -noout -text -in " + std::string(file));
    EXPECT_NE(text.find("X509v3 Name Constraints: critical\n                Permitted:\n                  "
                        "DNS:example.test\n                  IP:10.0.0.0/255.0.0.0\n                  "
                        "email:example.test\n                Excluded:\n                  IP:0:0:0:0:0:0:0:0/"
                        "0:0:0:0:0:0:0:0\n"),
              std::string::npos)
        << text;
  }
}

TEST_F(IssueTest, AConfinedCaIssuesWhatItMay) {
  const Issuer ca = issuer({.name = "Test", .permitted = permitted});
  const auto server =
      ca.issue({.names = {"www.example.test", "example.test", "*.example.test", "10.1.2.3"}}).value();
  EXPECT_EQ(verify(server.chain, "-purpose sslserver -verify_hostname www.example.test").status, 0);
  const auto client = ca.issue({.names = {"ada@example.test"}}, {.use = CertificateUse::client}).value();
  EXPECT_EQ(verify(client.chain, "-purpose sslclient").status, 0);
  RootStore roots;
  roots.add(open().chain().back());
  const auto name = ServerName::parse("www.example.test").value();
  EXPECT_TRUE(WebPkiVerifier(roots).verify({.chain = server.chain, .name = &name, .now = now()}));
}

TEST_F(IssueTest, AConfinedCaDoesNotIssueTheRest) {
  const Issuer ca = issuer({.name = "Test", .permitted = permitted});
  for (const char* name : {"example.com", "notexample.test", "example.test.evil.example", "*.test.example",
                           "11.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", "localhost"}) {
    const auto issued = ca.issue({.names = {"www.example.test", name}});
    ASSERT_FALSE(issued) << name;
    EXPECT_EQ(issued.error().code, ErrorCode::certificate_name_constraint) << name;
    EXPECT_FALSE(issued.error().detail.empty());
  }
  for (const char* name : {"ada@example.com", "ada@sub.example.test"})
    EXPECT_EQ(ca.issue({.names = {name}}, {.use = CertificateUse::client}).error().code,
              ErrorCode::certificate_name_constraint)
        << name;
  const auto request = pki::NewRequest{.names = {"evil.example"}}.create().value();
  EXPECT_EQ(ca.sign(pki::CertificationRequest::from_pem_or_der(request.der).value()).error().code,
            ErrorCode::certificate_name_constraint);
  EXPECT_EQ(recorded(), 2u);
}

/// Kinds of names of which nothing is permitted are excluded as a whole.
TEST_F(IssueTest, AKindThatIsNotMentionedIsForbidden) {
  const struct {
    const char *only, *folder;
    Names fits, rest;
  } cases[] = {
      {"example.test", "a", {"www.example.test"}, {"10.0.0.1", "2001:db8::1", "ada@example.test"}},
      {"2001:db8::/32", "b", {"2001:db8::1"}, {"www.example.test", "10.0.0.1", "ada@example.test"}},
      {"10.0.0.0/8", "c", {"10.0.0.1"}, {"www.example.test", "2001:db8::1", "ada@example.test"}},
      {"ada@example.test", "d", {"ada@example.test"}, {"eve@example.test", "www.example.test", "10.0.0.1"}},
  };
  for (const auto& one : cases) {
    SCOPED_TRACE(one.only);
    const Issuer ca = Authority::create(path(one.folder), {.name = "Test", .permitted = {one.only}})
                          .value()
                          .unlock()
                          .value();
    for (const std::string& name : one.fits)
      EXPECT_TRUE(ca.issue({.names = {name}, .common_name = "x"}, {.use = CertificateUse::client})) << name;
    for (const std::string& name : one.rest)
      EXPECT_EQ(ca.issue({.names = {name}, .common_name = "x"}, {.use = CertificateUse::client}).error().code,
                ErrorCode::certificate_name_constraint)
          << name;
  }
}

/// Not we alone: an intermediate whose key was stolen is held back by the verifiers of others. The thief has
/// the same name and key, and a certificate without constraints of his own above the root's.
TEST_F(IssueTest, OthersHoldAConfinedCaToIt) {
  make({.name = "Test", .permitted = permitted});
  put("v.ext", "subjectAltName=DNS:evil.example\n");
  put("g.ext", "subjectAltName=DNS:www.example.test\n");
  must(
      "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out r.csr -subj "
      "/CN=x");
  for (const char* which : {"v", "g"})
    must(std::string(
             "openssl x509 -req -in r.csr -CA ca/intermediate.pem -CAkey ca/intermediate-key.pem -days 5 "
             "-extfile ") +
         which + ".ext -out " + which + ".pem");
  must("openssl verify -CAfile ca/root.pem -untrusted ca/intermediate.pem g.pem");
  const auto refused = run("openssl verify -CAfile ca/root.pem -untrusted ca/intermediate.pem v.pem");
  EXPECT_NE(refused.status, 0);
  EXPECT_NE(refused.output.find("permitted subtree violation"), std::string::npos) << refused.output;
  if (!has("certtool")) GTEST_SKIP() << "certtool is not installed";
  must("cat g.pem ca/intermediate.pem > gc.pem; cat v.pem ca/intermediate.pem > vc.pem");
  must("certtool --verify --load-ca-certificate ca/root.pem --infile gc.pem");
  EXPECT_NE(run("certtool --verify --load-ca-certificate ca/root.pem --infile vc.pem").status, 0);
}

// ---- other programs ---------------------------------------------------------------------------------------

TEST_F(IssueTest, GnutlsAcceptsWhatIsIssued) {
  if (!has("certtool")) GTEST_SKIP() << "certtool is not installed";
  const Issuer ca = issuer({.name = "Test",
                            .permitted = permitted,
                            .crl_url = "http://ca.example.test/ca.crl",
                            .ocsp_url = "http://ca.example.test/ocsp"});
  for (const CertificateUse use : {CertificateUse::server, CertificateUse::client, CertificateUse::both}) {
    put("chain.pem", ca.issue({.names = {"www.example.test", "10.0.0.1"}}, {.use = use}).value().chain_pem());
    const std::string said = must(
        "certtool --verify --load-ca-certificate ca/root.pem --infile chain.pem --verify-hostname "
        "www.example.test");
    EXPECT_NE(said.find("Verified."), std::string::npos) << said;
  }
  const std::string text = must("certtool -i --infile chain.pem");
  EXPECT_NE(text.find("URI: http://ca.example.test/ca.crl"), std::string::npos) << text;
  EXPECT_NE(text.find("http://ca.example.test/ocsp"), std::string::npos) << text;
}

TEST_F(IssueTest, JavaReadsWhatIsIssued) {
  if (!has("keytool")) GTEST_SKIP() << "keytool is not installed";
  const Issuer ca = issuer({.name = "Test",
                            .permitted = permitted,
                            .crl_url = "http://ca.example.test/ca.crl",
                            .ocsp_url = "http://ca.example.test/ocsp"});
  put("leaf.pem",
      ca.issue({.names = {"www.example.test"}}, {.use = CertificateUse::both}).value().chain_pem());
  const std::string text =
      must("keytool -printcert -file leaf.pem; keytool -printcert -file ca/intermediate.pem");
  for (const char* part : {"CN=www.example.test", "DNSName: www.example.test", "clientAuth", "serverAuth",
                           "http://ca.example.test/ca.crl", "http://ca.example.test/ocsp", "NameConstraints",
                           "Certificate[2]", "CN=Test Intermediate CA"})
    EXPECT_NE(text.find(part), std::string::npos) << part << '\n' << text;
}

// ---- requests ---------------------------------------------------------------------------------------------

struct SignTest : IssueTest {
  pki::CertificationRequest request(const std::string& subject, const std::string& extensions) const {
    must(
        "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out r.csr -subj "
        "'" +
        subject + "' " + extensions);
    return pki::CertificationRequest::from_pem_or_der(as_bytes(get("r.csr"))).value();
  }
};

TEST_F(SignTest, ARequestIsSignedAndRecorded) {
  const Authority ca = make();
  const auto chain =
      ca.unlock()
          .value()
          .sign(request("/O=Example/CN=www.example.com", "-addext subjectAltName=DNS:www.example.com"),
                {.days = 30})
          .value();
  EXPECT_EQ(verify(chain, "-purpose sslserver -verify_hostname www.example.com").status, 0);
  const Record record = ca.find("www.example.com").value();
  EXPECT_EQ(record.origin, Origin::sign);
  EXPECT_EQ(record.made_for, Template::server);
  EXPECT_EQ(record.certificate->subject(), "CN=www.example.com, O=Example");
}

TEST_F(SignTest, PurposesAreThoseThatBothWant) {
  const Issuer ca = issuer();
  const auto client_only = request("/CN=a.example", "-addext extendedKeyUsage=clientAuth");
  EXPECT_EQ(ca.sign(client_only, {.use = CertificateUse::server}).error().code, ErrorCode::csr_unacceptable);
  EXPECT_EQ(recorded(), 2u);
  const auto both = ca.sign(client_only, {.use = CertificateUse::both}).value();
  EXPECT_NE(text_of(*both.front()).find("Key Usage: \n                TLS Web Client Authentication\n"),
            std::string::npos);
  EXPECT_TRUE(client_only.not_granted().empty());
  const auto asks_both = request("/CN=a.example", "-addext extendedKeyUsage=clientAuth,serverAuth");
  const auto server = ca.sign(asks_both, {.use = CertificateUse::server}).value();
  EXPECT_NE(verify(server, "-purpose sslclient").status, 0);
  EXPECT_EQ(asks_both.not_granted(CertificateUse::server), Names{"purpose clientAuth"});
}

TEST_F(SignTest, MailboxesAreGrantedToClientsAlone) {
  const Issuer ca = issuer();
  const auto ada = request("/CN=Ada Lovelace", "-addext subjectAltName=email:ada@example.com");
  EXPECT_EQ(ca.sign(ada, {.use = CertificateUse::server}).error().code, ErrorCode::csr_unacceptable);
  EXPECT_EQ(ada.not_granted(), Names{"name email:ada@example.com"});
  EXPECT_TRUE(ada.not_granted(CertificateUse::client).empty());
  const auto chain = ca.sign(ada, {.use = CertificateUse::client}).value();
  EXPECT_EQ(verify(chain, "-purpose sslclient -verify_email ada@example.com").status, 0);
  // No name at all: a subject is enough for a client, and for nobody else.
  const auto eve = request("/CN=Eve of nowhere", "");
  EXPECT_TRUE(ca.sign(eve, {.use = CertificateUse::client}));
  EXPECT_EQ(ca.sign(eve, {.use = CertificateUse::both}).error().code, ErrorCode::csr_unacceptable);
  const auto nobody = request("/", "");
  EXPECT_EQ(ca.sign(nobody, {.use = CertificateUse::client}).error().code, ErrorCode::csr_unacceptable);
}

// ---- time, and the CA itself
// --------------------------------------------------------------------------------

TEST_F(IssueTest, NothingIsIssuedOutsideOfTheCasOwnTime) {
  const Time then = now();
  const Issuer ca = issuer({.name = "Test", .days = 100, .intermediate_days = 50}, {.now = then});
  const Error early = ca.issue({.names = {"a.example"}}, {}, {.now = then - hours(2)}).error();
  EXPECT_EQ(early.code, ErrorCode::ca_cannot_sign);
  EXPECT_NE(early.detail.find("not valid yet"), std::string::npos) << early.detail;
  const Error late = ca.issue({.names = {"a.example"}}, {}, {.now = then + days(51)}).error();
  EXPECT_EQ(late.code, ErrorCode::ca_cannot_sign);
  EXPECT_NE(late.detail.find("expired"), std::string::npos) << late.detail;
  EXPECT_EQ(recorded(), 2u);
  const auto cut = ca.issue({.names = {"a.example"}}, {.days = 90}, {.now = then + days(10)}).value();
  EXPECT_EQ(cut.certificate().not_after(), cut.chain[1]->not_after());
}

TEST_F(IssueTest, ARevokedCaIssuesNothing) {
  Authority ca = make();
  const Issuer issuer = ca.unlock().value();
  ASSERT_TRUE(ca.revoke(ca.certificate().serial(), RevocationReason::ca_compromise));
  EXPECT_EQ(issuer.issue({.names = {"a.example"}}).error().code, ErrorCode::ca_cannot_sign);
  EXPECT_EQ(recorded(), 2u);
}

// ---- serial numbers
// -----------------------------------------------------------------------------------------

/// CA/Browser Forum, Baseline Requirements §7.1: at least 64 bits of a random source. RFC 5280 §4.1.2.2:
/// positive, at most 20 octets.
TEST_F(IssueTest, SerialNumbersAreLongPositiveAndDifferent) {
  const Issuer ca = issuer();
  std::set<std::string> seen;
  for (int i = 0; i < 50; ++i) {
    const std::string serial = ca.issue({.names = {"a.example"}}).value().certificate().serial();
    EXPECT_EQ(serial.size(), 32u);
    EXPECT_LT(serial.front(), '8');
    EXPECT_TRUE(seen.insert(serial).second) << serial;
  }
}

/// A random source that a virtual machine's snapshot has set back gives the same numbers again.
TEST_F(IssueTest, ARandomSourceThatRepeatsItselfGivesNoSerialTwice) {
  const Issuer ca = issuer();
  test::SeededRandom first(7), again(7);
  const auto request = pki::NewRequest{.names = {"a.example"}}.create().value();
  const auto parsed = pki::CertificationRequest::from_pem_or_der(request.der).value();
  const auto one = ca.sign(parsed, {}, {.random = &first}).value();
  const auto two = ca.sign(parsed, {}, {.random = &again}).value();
  EXPECT_NE(one.front()->serial(), two.front()->serial());

  /// One that gives nothing else any more.
  struct Stuck : Random {
    void fill(MutBytes out) noexcept override { std::fill(out.begin(), out.end(), uint8_t{0x55}); }
  } stuck;
  ASSERT_TRUE(ca.sign(parsed, {}, {.random = &stuck}));
  const Error error = ca.sign(parsed, {}, {.random = &stuck}).error();
  EXPECT_EQ(error.code, ErrorCode::internal);
  EXPECT_NE(error.detail.find("random"), std::string::npos);
  EXPECT_EQ(recorded(), 5u);
}

}  // namespace
}  // namespace bulla::ca
