// Lists that were given and say nothing are told of, also where that decides nothing (RFC 5280 §6.3.3).
#include "crafted_status.h"

#include <bulla/verification_report.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace bulla::test {
namespace {

using namespace asn1;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class ListWarningsTest : public testing::Test {
 protected:
  void give(const ListDraft& draft) { options_.lists.add(make_list(draft, ca_)); }
  VerificationReport explain(const std::vector<CertificatePtr>& trusted) const {
    RootStore roots;
    for (const CertificatePtr& one : trusted) roots.add(one);
    const std::vector<CertificatePtr> chain = {leaf_.certificate, ca_.certificate};
    return WebPkiVerifier(roots, options_).explain({.chain = chain, .now = test_now()});
  }
  VerificationReport explain() const { return explain({root_.certificate}); }
  /// The path is accepted, with one warning of these words.
  void expect_warning(std::string_view why, std::string_view remedy) const {
    const auto report = explain();
    EXPECT_FALSE(report.error) << report.error->explain();
    ASSERT_EQ(report.warnings.size(), 1u) << why;
    const Warning& warning = report.warnings[0];
    EXPECT_EQ(warning.what, "the revocation list number 01 of CN=CA, " + dates_ + ", is of no use");
    EXPECT_THAT(warning.why, HasSubstr(std::string(why)));
    EXPECT_THAT(warning.section, HasSubstr("RFC 5280 §"));
    EXPECT_THAT(warning.remedy, HasSubstr(std::string(remedy)));
  }

  std::string dates_ = "of 2025-12-31 23:00:00 UTC, good until 2026-01-02 00:00:00 UTC";
  Entity root_ = issue(ca_draft("Root"));
  Entity ca_ = issue(ca_draft("CA"), &root_);
  Entity leaf_ = [this] {
    Draft draft;
    draft.more_extensions = distribution_point([](DerWriter& w) { write_uri_point(w, "http://ca/1.crl"); });
    return issue(draft, &ca_);
  }();
  WebPkiVerifier::Options options_ = {};
};

TEST_F(ListWarningsTest, NoneWhereAListSpeaks) {
  EXPECT_THAT(explain().warnings, IsEmpty());
  give({});
  options_.lists.add(make_list({}, root_));
  EXPECT_THAT(explain().warnings, IsEmpty());
  give({.entries = {entry({0x01})}, .number = 2});
  const auto revoked = explain();
  EXPECT_EQ(revoked.error.value().code, ErrorCode::certificate_revoked);
  EXPECT_THAT(revoked.warnings, IsEmpty());
}

TEST_F(ListWarningsTest, Rfc5280_5_2_4_ADeltaList) {
  give({.more_extensions = [](DerWriter& w) {
    write_extension(w, oids::delta_crl_indicator, Critical::yes, [](DerWriter& w) { w.integer(1); });
  }});
  expect_warning("it is a delta list, and only complete lists are used",
                 "give the complete list, to which this one adds: `curl -sO http://ca/1.crl`");
}

TEST_F(ListWarningsTest, Rfc5280_5_2_AnUnknownCriticalExtension) {
  give({.more_extensions = [](DerWriter& w) {
    write_extension(w, oid("1.2.3.4"), Critical::yes, [](DerWriter& w) { w.integer(1); });
  }});
  expect_warning("critical extension 1.2.3.4 is not processed", "a complete list of the CA's own");
}

TEST_F(ListWarningsTest, Rfc5280_6_3_3_a_AnExpiredList) {
  give({.next_update = test_now() - Seconds(1)});
  dates_ = "of 2025-12-31 23:00:00 UTC, good until 2025-12-31 23:59:59 UTC";
  expect_warning("it is too old; now it is 2026-01-01 00:00:00 UTC", "get the current list from the CA");
}

TEST_F(ListWarningsTest, AListOfTheFuture) {
  give({.this_update = test_now() + std::chrono::hours(1)});
  dates_ = "of 2026-01-01 01:00:00 UTC, good until 2026-01-02 00:00:00 UTC";
  expect_warning("it lies in the future", "clock");
}

TEST_F(ListWarningsTest, Rfc5280_6_3_3_b_AListForOthers) {
  const uint8_t yes = 0xff;  // onlyContainsCACerts
  give({.more_extensions = issuing_point([&](DerWriter& w) { w.value(tag::context(2), {&yes, 1}); })});
  expect_warning("issuingDistributionPoint", "that the certificate's cRLDistributionPoints name");
}

TEST_F(ListWarningsTest, Rfc5280_6_3_3_g_AForgedList) {
  const Entity impostor = issue(ca_draft("CA"));
  options_.lists.add(make_list({}, ca_, &impostor));
  expect_warning("it is not signed by a key of the issuer", "it was altered, or is another CA's");
}

TEST_F(ListWarningsTest, NoneWhereListsAreNotLookedAtOrNoPathIsFound) {
  give({.next_update = test_now() - Seconds(1)});
  EXPECT_THAT(explain({}).warnings, IsEmpty());
  EXPECT_THAT(explain({leaf_.certificate}).warnings, IsEmpty());
  options_.revocation = RevocationPolicy::ignore;
  EXPECT_THAT(explain().warnings, IsEmpty());
}

TEST_F(ListWarningsTest, AreBoundedAndLeaveTheVerdictAlone) {
  const Entity impostor = issue(ca_draft("CA"));
  for (uint64_t i = 0; i < 40; ++i) options_.lists.add(make_list({.number = i}, ca_, &impostor));
  options_.max_signatures = 5;
  const auto few = explain();
  EXPECT_FALSE(few.error) << few.error->explain();
  EXPECT_LE(few.warnings.size(), 5u);
  options_.max_signatures = 100;
  EXPECT_EQ(explain().warnings.size(), 16u);
}

TEST_F(ListWarningsTest, TextAndJsonHaveThem) {
  give({.next_update = test_now() - Seconds(1)});
  const auto report = explain();
  const std::string text = report.to_text();
  EXPECT_THAT(text, HasSubstr("Verified: up to CN=Root\n"
                              "Warning: the revocation list number 01 of CN=CA, "));
  EXPECT_THAT(text, HasSubstr(", is of no use\n  why:  it is too old; now it is 2026-01-01 00:00:00 UTC\n"
                              "  rule: RFC 5280 §6.3.3 (a)\n  do:   get the current list from the CA"));
  const auto json = boost::json::parse(report.to_json());
  EXPECT_TRUE(json.at("verified").as_bool());
  EXPECT_EQ(json.at("warnings").at(0).at("section").as_string(), "RFC 5280 §6.3.3 (a)");
  EXPECT_THAT(VerificationReport{.paths = report.paths}.to_json(), HasSubstr("\"warnings\":[],"));
  EXPECT_THAT(VerificationReport{.paths = report.paths}.to_text(), Not(HasSubstr("Warning")));
}

}  // namespace
}  // namespace bulla::test
