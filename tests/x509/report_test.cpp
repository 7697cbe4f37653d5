// WebPkiVerifier::explain: every path, every check, the most useful reason first; and the same words as
// verify().
#include "crafted.h"

#include <bulla/verification_report.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace bulla::test {
namespace {

using namespace asn1;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Role = CandidatePath::Role;

class ReportTest : public testing::Test {
 protected:
  VerificationReport explain(const std::vector<CertificatePtr>& chain, const char* name = "example.com",
                             CertificatePurpose purpose = CertificatePurpose::server) const {
    std::optional<ServerName> parsed;
    if (name) parsed = ServerName::parse(name).value();
    const VerifyRequest request{
        .chain = chain, .name = parsed ? &*parsed : nullptr, .purpose = purpose, .now = test_now()};
    const WebPkiVerifier verifier(roots_, options_);
    VerificationReport report = verifier.explain(request);
    expect_same_words(report, verifier.verify(request));
    return report;
  }
  /// Whatever is asked, verify() and explain() say the same.
  static void expect_same_words(const VerificationReport& report, const Result<ChainVerified>& verified) {
    EXPECT_EQ(report.error.has_value(), !verified.ok());
    EXPECT_FALSE(report.paths.empty());
    EXPECT_EQ(report.paths.front().accepted(), verified.ok());
    if (verified.ok()) return;
    EXPECT_EQ(report.error.value().explain(), verified.error().explain());
  }

  static const Finding* find(const std::vector<Finding>& findings, std::string_view check) {
    for (const Finding& finding : findings)
      if (finding.check == check) return &finding;
    return nullptr;
  }
  /// The evidence of a check that held; "NO: " and the code's name where it failed; "-" where it was not
  /// made.
  static std::string outcome(const std::vector<Finding>& findings, std::string_view check) {
    const Finding* finding = find(findings, check);
    if (!finding) return "-";
    return finding->error ? "NO: " + std::string(finding->error->row().name) : finding->evidence;
  }
  static std::vector<std::string> checks(const std::vector<Finding>& findings) {
    std::vector<std::string> out;
    for (const Finding& finding : findings) out.emplace_back(finding.check);
    return out;
  }
  static std::vector<std::string> subjects(const CandidatePath& path) {
    std::vector<std::string> out;
    for (const auto& step : path.steps) out.push_back(step.certificate->subject());
    return out;
  }

  Entity root_ = issue(ca_draft("Root"));
  Entity intermediate_ = issue(ca_draft("Intermediate"), &root_);
  Entity leaf_ = issue({}, &intermediate_);
  RootStore roots_ = [this] {
    RootStore store;
    store.add(root_.certificate);
    return store;
  }();
  WebPkiVerifier::Options options_ = {};
};

TEST_F(ReportTest, TellsByWhatEachCheckOfAnAcceptedPathHeld) {
  const auto report = explain({leaf_.certificate, intermediate_.certificate});
  ASSERT_EQ(report.paths.size(), 1u);
  EXPECT_TRUE(report.complete);
  const CandidatePath& path = report.paths[0];
  EXPECT_TRUE(path.reaches_anchor);
  EXPECT_THAT(subjects(path), ElementsAre("CN=Leaf", "CN=Intermediate", "CN=Root"));
  const auto& leaf = path.steps[0].findings;
  EXPECT_EQ(path.steps[0].role, Role::leaf);
  EXPECT_THAT(checks(leaf), ElementsAre("validity", "name", "purpose", "extensions", "key", "signature"));
  EXPECT_EQ(outcome(leaf, "validity"), "2025-12-31 00:00:00 UTC to 2026-01-02 00:00:00 UTC, 24 hours left");
  EXPECT_EQ(outcome(leaf, "name"), "example.com is DNS:example.com");
  EXPECT_EQ(outcome(leaf, "purpose"), "no extendedKeyUsage: any purpose");
  EXPECT_EQ(outcome(leaf, "key"), "ECDSA P-256");
  EXPECT_EQ(outcome(leaf, "signature"), "ecdsa-with-SHA256, made by the key of CN=Intermediate");
  EXPECT_EQ(path.steps[1].role, Role::intermediate);
  EXPECT_EQ(outcome(path.steps[1].findings, "ca"), "CA:TRUE");
  EXPECT_EQ(path.steps[2].role, Role::anchor);
  EXPECT_THAT(checks(path.steps[2].findings), ElementsAre("ca", "validity", "purpose", "extensions", "key"));
  EXPECT_THAT(checks(path.findings),
              ElementsAre("path length", "name constraints", "policies", "revocation"));
  EXPECT_EQ(outcome(path.findings, "name constraints"), "none");
}

TEST_F(ReportTest, GoesOnPastWhatIsWrong) {
  Draft late = ca_draft("Late");
  late.not_after = test_now() - Seconds(1);
  const Entity ca = issue(late, &root_);
  Draft draft;
  draft.purposes = {oids::client_auth};
  const auto report = explain({issue(draft, &ca).certificate, ca.certificate}, "example.org");
  ASSERT_EQ(report.paths.size(), 1u);
  const auto& steps = report.paths[0].steps;
  ASSERT_EQ(steps.size(), 3u);
  EXPECT_EQ(outcome(steps[0].findings, "name"), "NO: certificate_name_mismatch");
  EXPECT_EQ(outcome(steps[0].findings, "purpose"), "NO: certificate_bad_usage");
  EXPECT_THAT(outcome(steps[0].findings, "signature"), HasSubstr("made by the key of CN=Late"));
  EXPECT_EQ(outcome(steps[1].findings, "validity"), "NO: certificate_expired");
  EXPECT_EQ(outcome(steps[2].findings, "validity").substr(0, 2), "20");
  EXPECT_TRUE(report.paths[0].reaches_anchor);
  EXPECT_FALSE(report.paths[0].accepted());
}

// What is wrong with those who vouch for the leaf comes before what is wrong with the leaf.
TEST_F(ReportTest, TheHeadlineIsTheMostUsefulReasonAndNamesOthers) {
  Draft late = ca_draft("Late");
  late.not_after = test_now() - Seconds(1);
  const Entity ca = issue(late, &root_);
  const auto report = explain({issue({}, &ca).certificate, ca.certificate}, "example.org");
  ASSERT_TRUE(report.error);
  EXPECT_EQ(report.error->code, ErrorCode::certificate_expired);
  EXPECT_THAT(report.error->detail, HasSubstr("certificate 2 of 3 (CN=Late)"));
  EXPECT_THAT(report.error->detail, HasSubstr("; besides, the certificate is for another name"));
}

TEST_F(ReportTest, TheHeadlineStaysReadableWhereEverythingIsWrong) {
  Draft late = ca_draft("Late");
  late.not_after = test_now() - Seconds(1);
  late.purposes = {oids::code_signing};
  const Entity ca = issue(late, &root_);
  Draft draft;
  draft.purposes = {oids::client_auth};
  draft.not_after = test_now() - Seconds(1);
  const auto report = explain({issue(draft, &ca).certificate, ca.certificate}, "example.org");
  size_t besides = 0;
  const std::string& detail = report.error.value().detail;
  for (size_t at = 0; (at = detail.find("besides", at)) != std::string::npos; ++at) ++besides;
  EXPECT_EQ(besides, 2u);
}

TEST_F(ReportTest, RanksThePathThatCameNearestFirst) {
  Draft expired = ca_draft("Cross");
  expired.not_after = test_now() - Seconds(60);
  const Entity stranger = issue(ca_draft("Stranger"));
  const Entity old = issue(expired, &root_), cross = issue(ca_draft("Cross"), &stranger, old.key);
  const Entity forged = issue(ca_draft("Cross"), &root_);
  const auto report =
      explain({issue({}, &old).certificate, cross.certificate, old.certificate, forged.certificate});
  ASSERT_EQ(report.paths.size(), 3u);
  EXPECT_THAT(subjects(report.paths[0]), ElementsAre("CN=Leaf", "CN=Cross", "CN=Root"));
  EXPECT_EQ(outcome(report.paths[0].steps[1].findings, "validity"), "NO: certificate_expired");
  EXPECT_EQ(outcome(report.paths[1].steps[0].findings, "signature"), "NO: certificate_unknown_issuer");
  EXPECT_THAT(report.paths[1].steps[0].findings.back().error.value().detail, HasSubstr("with another key"));
  EXPECT_EQ(outcome(report.paths[2].steps[1].findings, "issuer"), "NO: certificate_unknown_issuer");
  EXPECT_EQ(report.paths[2].steps[1].certificate->issuer(), "CN=Stranger");
}

TEST_F(ReportTest, TheAcceptedPathComesFirstAndTheOthersAreTold) {
  Draft expired = ca_draft("Cross");
  expired.not_after = test_now() - Seconds(60);
  const Entity old = issue(expired, &root_), fresh = issue(ca_draft("Cross"), &root_, old.key);
  const auto report = explain({issue({}, &old).certificate, old.certificate, fresh.certificate});
  ASSERT_EQ(report.paths.size(), 2u);
  EXPECT_TRUE(report.paths[0].accepted());
  EXPECT_EQ(report.paths[0].steps[1].certificate->der().data(), fresh.certificate->der().data());
  EXPECT_EQ(outcome(report.paths[1].steps[1].findings, "validity"), "NO: certificate_expired");
}

TEST_F(ReportTest, ABadSignatureEndsAPath) {
  std::vector<uint8_t> der = leaf_.der;
  der[der.size() - 3] = static_cast<uint8_t>(der[der.size() - 3] ^ 1);
  const auto report = explain({Certificate::from_der(der).value(), intermediate_.certificate});
  ASSERT_EQ(report.paths.size(), 1u);
  EXPECT_THAT(subjects(report.paths[0]), ElementsAre("CN=Leaf", "CN=Intermediate"));
  EXPECT_FALSE(report.paths[0].reaches_anchor);
  EXPECT_EQ(outcome(report.paths[0].steps[0].findings, "signature"), "NO: certificate_bad_signature");
  EXPECT_THAT(report.paths[0].findings, IsEmpty());
}

// RFC 5280 §4.2.2.1.
TEST_F(ReportTest, SaysThatAnIntermediateWasForgottenAndWhereItIs) {
  Draft draft;
  draft.more_extensions = [&](DerWriter& w) {
    write_extension(w, oids::authority_info_access, Critical::no, [&](DerWriter& w) {
      w.sequence([&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          w.oid(oids::access_ca_issuers);
          w.value(tag::context(6), as_bytes("http://ca.test/i.crt"));
        });
      });
    });
  };
  const Entity end = issue(draft, &intermediate_);
  const auto report = explain({end.certificate});
  const Error& error = report.error.value();
  EXPECT_EQ(error.code, ErrorCode::certificate_unknown_issuer);
  EXPECT_THAT(error.detail, HasSubstr("the server most likely forgot its intermediate certificate"));
  EXPECT_THAT(error.remedy, HasSubstr("curl -s http://ca.test/i.crt"));
  EXPECT_THAT(error.remedy, HasSubstr("chain.pem"));
  EXPECT_THAT(explain({end.certificate}, nullptr, CertificatePurpose::client).error.value().detail,
              HasSubstr("the client most likely forgot"));
}

TEST_F(ReportTest, ATrustedLeafIsAPathByItself) {
  roots_.add(leaf_.certificate);
  const auto good = explain({leaf_.certificate});
  ASSERT_EQ(good.paths.size(), 1u);
  EXPECT_EQ(good.paths[0].steps[0].role, Role::trusted_leaf);
  EXPECT_TRUE(good.paths[0].accepted());
  const auto bad = explain({leaf_.certificate}, "example.org");
  EXPECT_EQ(outcome(bad.paths[0].steps[0].findings, "name"), "NO: certificate_name_mismatch");
}

TEST_F(ReportTest, TellsOfSixteenPathsAtMost) {
  std::vector<CertificatePtr> chain = {leaf_.certificate};
  for (int i = 0; i < 40; ++i) chain.push_back(issue(ca_draft("Intermediate"), &root_).certificate);
  const auto report = explain(chain);
  EXPECT_EQ(report.paths.size(), 16u);
  EXPECT_FALSE(report.complete);
  EXPECT_THAT(report.to_text(), HasSubstr("There are more paths"));
}

TEST_F(ReportTest, AnExhaustedBudgetIsSaidFirst) {
  options_.max_signatures = 1;
  const auto report = explain({leaf_.certificate, intermediate_.certificate});
  EXPECT_EQ(report.error.value().code, ErrorCode::certificate_budget_exhausted);
  EXPECT_EQ(outcome(report.paths[0].steps[1].findings, "signature"), "NO: certificate_budget_exhausted");
}

// The paths through a mesh are without number; the report ends all the same.
TEST_F(ReportTest, EndsOnAMesh) {
  const auto report = explain(mesh());
  EXPECT_LE(report.paths.size(), 16u);
  EXPECT_FALSE(report.complete);
}

TEST_F(ReportTest, TextSaysVerdictReasonRuleAndRemedyThenThePaths) {
  const std::string text = explain({leaf_.certificate, intermediate_.certificate}, "example.org").to_text();
  EXPECT_THAT(text, HasSubstr("Not verified: the certificate is for another name\n"));
  EXPECT_THAT(text,
              HasSubstr("  why:  certificate 1 (CN=Leaf): it is for example.com; wanted is example.org\n"));
  EXPECT_THAT(text, HasSubstr("  rule: RFC 9525 §6\n"));
  EXPECT_THAT(text, HasSubstr("  do:   connect to a name"));
  EXPECT_THAT(text, HasSubstr("Path 1 of 1: refused\n  1  CN=Leaf  (the peer's own)\n"));
  EXPECT_THAT(text, HasSubstr("     ok  key               ECDSA P-256\n"));
  EXPECT_THAT(
      text,
      HasSubstr("     NO  name              the certificate is for another name: it is for example.com; "));
  EXPECT_THAT(text, HasSubstr("  3  CN=Root  (trusted)\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  const auto good = explain({leaf_.certificate, intermediate_.certificate});
  EXPECT_THAT(good.to_text(), HasSubstr("Verified: up to CN=Root\n"));
  EXPECT_THAT(good.to_text(VerificationReport::Style::colored), HasSubstr("\x1b[32mVerified\x1b[0m"));
}

TEST_F(ReportTest, WhatAPeerWroteIsSafeForATerminal) {
  Draft draft;
  draft.subject = "evil\x1b[2J\nVerified";
  const Entity end = issue(draft, &intermediate_);
  const auto report = explain({end.certificate, intermediate_.certificate}, "example.org");
  const std::string text = report.to_text();
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\nVerified")));
}

TEST_F(ReportTest, JsonHoldsTheSame) {
  const auto report = explain({leaf_.certificate, intermediate_.certificate}, "example.org");
  const auto json = boost::json::parse(report.to_json());
  EXPECT_FALSE(json.at("verified").as_bool());
  EXPECT_EQ(json.at("error").at("error").as_string(), "certificate_name_mismatch");
  EXPECT_TRUE(json.at("complete").as_bool());
  const auto& path = json.at("paths").at(0);
  EXPECT_FALSE(path.at("accepted").as_bool());
  EXPECT_TRUE(path.at("reaches_anchor").as_bool());
  EXPECT_EQ(path.at("certificates").at(0).at("role").as_string(), "leaf");
  const auto& name = path.at("certificates").at(0).at("checks").at(1);
  EXPECT_EQ(name.at("check").as_string(), "name");
  EXPECT_FALSE(name.at("held").as_bool());
  EXPECT_EQ(name.at("error").at("error").as_string(), "certificate_name_mismatch");
  EXPECT_EQ(path.at("checks").at(0).at("evidence").as_string(), "3 certificates");
  const auto good = boost::json::parse(explain({leaf_.certificate, intermediate_.certificate}).to_json());
  EXPECT_TRUE(good.at("verified").as_bool());
  EXPECT_TRUE(good.at("error").is_null());
}

}  // namespace
}  // namespace bulla::test
