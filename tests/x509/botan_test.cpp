// Botan's certificate tests: name constraints, x509test, the German BSI's, RSA-PSS certificates, path
// building.
#include "chain_case.h"
#include "files.h"

#include <gtest/gtest.h>

#include <sstream>

namespace bulla::test {
namespace {

const std::string base = "x509/botan/";

struct Expected {
  std::string name;
  bool accept = false;
};

/// "NAME<tab or colon>Botan's verdict" a line.
std::vector<Expected> read_expected(const std::string& path) {
  std::vector<Expected> out;
  std::istringstream in(read_text(path).value_or(""));
  for (std::string line; std::getline(in, line);) {
    const size_t at = line.find_first_of("\t:");
    if (at == std::string::npos) continue;
    const std::string verdict = line.substr(at + 1);
    out.push_back({line.substr(0, at), verdict.starts_with("Verified") || verdict.starts_with("Warning")});
  }
  return out;
}

#define NEED(expected)    \
  if ((expected).empty()) \
  GTEST_SKIP() << "missing test data: " << base << " (set BULLA_VECTORS to its folder)"

const Scoreboard::Divergences constraint_divergences = {
    {"dns-cn-fallback-multiple-cn-one-outside-invalid",
     "a commonName is never read, so it is not constrained either"},
    {"dns-excluded-mixed-case-cn-invalid", "a commonName is never read, so it is not constrained either"},
    {"ip-cn-fallback-outside-permit-invalid", "a commonName is never read, so it is not constrained either"},
    {"dns-constraint-with-underscore-invalid", "underscores are taken in constraints as in names"},
    {"empty-dns-permitted-allows-anything-valid",
     "an empty constraint holds every name, as in OpenSSL and BoringSSL"},
    {"empty-uri-permitted-allows-anything-invalid",
     "an empty constraint holds every name, as in OpenSSL and BoringSSL"},
    {"othername-san-with-noncritical-unknown-constraint-invalid",
     "what is not processed and constrained is refused, critical or not"},
    {"unsupported-critical-constraint-name-form-absent-valid",
     "RFC 5280 §4.2.1.10: the constraint matters only where such a name appears"},
    {"subject-email-ignored-when-san-present-valid",
     "emailAddress attributes are constrained always, as in OpenSSL"},
    {"smtp-utf8-rfc822-mailbox-permit-strict-9549-exact-valid",
     "an SmtpUTF8Mailbox is compared like any mailbox"},
    {"smtp-utf8-san-excluded-mailbox-diff-local-invalid", "an SmtpUTF8Mailbox is compared like any mailbox"},
};

const Scoreboard::Divergences x509test_divergences = {
    {"ValidAltName.pem", "signed with SHA-1"},  {"ValidCert.pem", "signed with SHA-1"},
    {"ValidChained.pem", "signed with SHA-1"},  {"ValidNameConstraint.pem", "signed with SHA-1"},
    {"ValidIntCALen.pem", "signed with SHA-1"}, {"ValidWildcard.pem", "signed with SHA-1"},
};

const Scoreboard::Divergences pss_divergences = {
    {"01", "SHA-1"},
    {"02", "SHA-1"},
    {"105", "SHA-1"},
    {"106", "SHA-1"},
    {"04", "its extendedKeyUsage is for another purpose than TLS"},
    {"101", "a salt of another length than the hash, or another hash for MGF1: not what TLS signs with"},
    {"102", "a salt of another length than the hash, or another hash for MGF1: not what TLS signs with"},
    {"103", "a salt of another length than the hash, or another hash for MGF1: not what TLS signs with"},
    {"104", "a salt of another length than the hash, or another hash for MGF1: not what TLS signs with"},
    {"107", "a salt of another length than the hash, or another hash for MGF1: not what TLS signs with"},
    {"108", "a salt of another length than the hash, or another hash for MGF1: not what TLS signs with"},
    {"111", "a salt of another length than the hash, or another hash for MGF1: not what TLS signs with"},
    {"112", "a salt of another length than the hash, or another hash for MGF1: not what TLS signs with"},
};

TEST(BotanTest, NameConstraints) {
  const auto expected = read_expected(base + "name_constraints/expected.txt");
  NEED(expected);
  Scoreboard board("x509/botan name_constraints", constraint_divergences);
  for (const Expected& one : expected) {
    ChainCase chain;
    chain.now = parse_rfc3339("2027-01-01T00:00:00Z");
    chain.roots.push_back(read_text(base + "name_constraints/root.pem").value_or(""));
    chain.leaf = read_text(base + "name_constraints/" + one.name + ".pem").value_or("");
    board.expect(one.name, one.accept, run(chain));
  }
  board.finish();
}

TEST(BotanTest, X509Test) {
  const auto expected = read_expected(base + "x509test/expected.txt");
  NEED(expected);
  Scoreboard board("x509/botan x509test", x509test_divergences);
  for (const Expected& one : expected) {
    ChainCase chain;
    chain.now = parse_rfc3339("2016-10-21T04:20:00Z");
    chain.name = "www.tls.test";
    chain.options.min_rsa_bits = 1024;
    chain.roots.push_back(read_text(base + "x509test/root.pem").value_or(""));
    chain.leaf = read_text(base + "x509test/" + one.name).value_or("");
    board.expect(one.name, one.accept, run(chain));
  }
  board.finish();
}

TEST(BotanTest, Bsi) {
  const auto expected = read_expected(base + "bsi/expected.txt");
  NEED(expected);
  Scoreboard board("x509/botan bsi", read_divergences("botan-bsi.txt"));
  for (const Expected& one : expected) {
    ChainCase chain;
    chain.now = parse_rfc3339("2017-08-19T12:00:00Z");
    for (const std::string& path : files_below(base + "bsi/" + one.name, ".crt")) {
      const std::string text = read_text(path).value_or("");
      if (path.find(".TC.") != std::string::npos)
        chain.leaf = text;
      else if (path.find(".TA.") != std::string::npos)
        chain.roots.push_back(text);
      else
        chain.intermediates.push_back(text);
    }
    if (one.name.starts_with("CRL")) chain.options.revocation = RevocationPolicy::required;
    // A list that cannot be parsed is none.
    for (const std::string& path : files_below(base + "bsi/" + one.name, ".crl"))
      (void)chain.options.lists.add(as_bytes(read_text(path).value_or("")));
    board.expect(one.name, one.accept, run(chain));
  }
  board.finish();
}

TEST(BotanTest, PssCertificates) {
  const auto expected = read_expected(base + "pss_certs/expected.txt");
  NEED(expected);
  std::map<std::string, std::string> years;
  std::istringstream in(read_text(base + "pss_certs/validation_times.txt").value_or(""));
  for (std::string line; std::getline(in, line);)
    if (const size_t at = line.find(':'); at != std::string::npos)
      years[line.substr(0, at)] = line.substr(at + 1, 4);
  Scoreboard board("x509/botan pss_certs", pss_divergences);
  for (const Expected& one : expected) {
    ChainCase chain;
    chain.now = parse_rfc3339((years.contains(one.name) ? years[one.name] : "2017") + "-01-01T00:00:00Z");
    chain.options.min_rsa_bits = 1024;
    for (const std::string& path : files_below(base + "pss_certs/" + one.name, ".crt")) {
      const std::string text = read_text(path).value_or("");
      if (path.ends_with("end.crt"))
        chain.leaf = text;
      else if (path.ends_with("root.crt"))
        chain.roots.push_back(text);
      else
        chain.intermediates.push_back(text);
    }
    if (chain.leaf.empty()) {
      board.left_out(one.name, "a certificate request");
      continue;
    }
    if (chain.roots.empty()) chain.roots.push_back(chain.leaf);  // self-signed: trusted as it is
    board.expect(one.name, one.accept, run(chain));
  }
  board.finish();
}

TEST(BotanTest, PathBuilding) {
  const auto expected = read_expected(base + "path_building/expected.txt");
  NEED(expected);
  Scoreboard board("x509/botan path_building", {});
  for (const Expected& one : expected) {
    ChainCase chain;
    chain.now = parse_rfc3339("2027-09-01T00:00:00Z");
    chain.options.min_rsa_bits = 1024;
    chain.roots.push_back(read_text(base + "path_building/root.pem").value_or(""));
    for (const std::string& path : files_below(base + "path_building", ".pem"))
      if (path.find("level") != std::string::npos)
        chain.intermediates.push_back(read_text(path).value_or(""));
    chain.leaf = read_text(base + "path_building/" + one.name).value_or("");
    board.expect(one.name, one.accept, run(chain));
  }
  board.finish();
}

TEST(BotanTest, ExtendedChains) {
  const auto expected = read_expected(base + "extended/expected.txt");
  NEED(expected);
  Scoreboard board("x509/botan extended", {});
  for (const Expected& one : expected) {
    ChainCase chain;
    chain.now = parse_rfc3339("2017-09-01T00:00:00Z");
    for (const std::string& path : files_below(base + "extended/" + one.name, ".crt")) {
      const std::string text = read_text(path).value_or("");
      if (path.ends_with("end.crt"))
        chain.leaf = text;
      else if (path.ends_with("root.crt"))
        chain.roots.push_back(text);
      else
        chain.intermediates.push_back(text);
    }
    board.expect(one.name, one.accept, run(chain));
  }
  board.finish();
}

TEST(BotanTest, CrossSignedMesh) {
  const auto mesh = files_below(base + "cross_signed_mesh", ".pem");
  NEED(mesh);
  ChainCase chain;
  chain.now = parse_rfc3339("2030-01-01T00:00:00Z");
  for (const std::string& path : mesh) {
    const std::string text = read_text(path).value_or("");
    if (path.ends_with("leaf.pem"))
      chain.leaf = text;
    else if (path.ends_with("root_a.pem"))
      chain.roots.push_back(text);
    else
      chain.intermediates.push_back(text);
  }
  const auto outcome = run(chain);
  EXPECT_TRUE(outcome.ok()) << outcome.error().explain();
  // Without the root the loops of the mesh end in an explained refusal.
  chain.roots.clear();
  EXPECT_EQ(run(chain).error().code, ErrorCode::certificate_unknown_issuer);
  report_cases("x509/botan cross_signed_mesh", 2);
}

// CVE-2020-0601: a fake CA with the key of the real one on a curve with another generator.
TEST(BotanTest, CurveSpoofing) {
  const auto end = read_text(base + "cve-2020-0601/ee.pem");
  BULLA_NEED_VECTORS(end, "x509/botan/cve-2020-0601");
  ChainCase chain;
  chain.now = parse_rfc3339("2020-01-20T00:00:00Z");
  chain.roots.push_back(*read_text(base + "cve-2020-0601/ca.pem"));
  chain.intermediates.push_back(*read_text(base + "cve-2020-0601/fake_ca.pem"));
  chain.leaf = *end;
  EXPECT_FALSE(run(chain).ok());
  chain.roots = chain.intermediates;  // even where somebody trusts the fake itself, its curve is not used
  const auto outcome = run(chain);
  ASSERT_FALSE(outcome.ok());
  EXPECT_EQ(outcome.error().code, ErrorCode::certificate_unsupported_algorithm) << outcome.error().explain();
}

}  // namespace
}  // namespace bulla::test
