// Every specimen of the zoo is what it says: our verifier reports just that finding, and OpenSSL refuses what
// everybody must.
#include "openssl_test.h"
#include "x509/certificate.h"

#include <bulla/os.h>
#include <bulla/verification_report.h>
#include <bulla/zoo.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace bulla::pki {
namespace {

using testing::HasSubstr;

const Zoo& zoo() {
  static const Zoo one = Zoo::open().value();
  return one;
}

/// What a client that trusts the zoo's root says: parsing first, as TLS does.
Result<void> verify(const Exhibit& exhibit, const std::string& host) {
  std::vector<CertificatePtr> chain;
  for (const auto& der : exhibit.chain) {
    BULLA_TRY(CertificatePtr one, Certificate::from_der(der));
    chain.push_back(std::move(one));
  }
  constexpr size_t most = 16;  // Limits::certificate_list
  if (chain.size() > most) return Error{ErrorCode::certificate_list_too_large};
  RootStore roots;
  BULLA_TRY(roots.add(as_bytes(zoo().root_pem())));
  const ServerName name = ServerName::parse(host).value();
  RevocationLists lists;
  BULLA_TRY(lists.add(as_bytes(zoo().lists_pem())));
  BULLA_TRY(WebPkiVerifier(roots, {.lists = lists})
                .verify({.chain = chain,
                         .name = &name,
                         .now = now(),
                         .ocsp_response = exhibit.ocsp_response,
                         .stapling = OcspStapling::requested}));
  return {};
}

class EverySpecimen : public testing::TestWithParam<Specimen> {};

TEST_P(EverySpecimen, IsReportedForWhatItIs) {
  const Specimen& specimen = GetParam();
  const auto exhibit = zoo().exhibit(specimen);
  ASSERT_TRUE(exhibit.ok()) << exhibit.error().explain();
  const auto verified = verify(*exhibit, specimen.host());
  ASSERT_EQ(verified.ok(), !specimen.finding) << (verified.ok() ? "" : verified.error().explain());
  if (specimen.finding) {
    EXPECT_EQ(verified.error().code, *specimen.finding) << verified.error().explain();
    EXPECT_EQ(verified.error().detail.find("besides"), std::string::npos)
        << "one fault a specimen: " << verified.error().detail;
  }
}

std::string test_name(const testing::TestParamInfo<Specimen>& info) {
  std::string out(info.param.name);
  std::replace(out.begin(), out.end(), '-', '_');
  return out;
}
INSTANTIATE_TEST_SUITE_P(Zoo, EverySpecimen, testing::ValuesIn(specimens().begin(), specimens().end()),
                         test_name);

TEST(ZooTest, NamesAndSentencesAreInOrder) {
  std::set<std::string_view> names;
  for (const Specimen& one : specimens()) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_TRUE(ServerName::parse(one.host()).ok()) << one.host();
    EXPECT_EQ(one.what.back(), '.') << one.name;
    EXPECT_EQ(one.name.starts_with("sound"), !one.finding) << one.name;
  }
  EXPECT_GE(names.size(), 30u);
}

TEST(ZooTest, WhatCannotBeParsedGoesOverTheWireAllTheSame) {
  for (const Specimen& one : specimens()) {
    const Exhibit exhibit = zoo().exhibit(one).value();
    ASSERT_EQ(exhibit.identity->chain().size(), exhibit.chain.size()) << one.name;
    for (size_t i = 0; i < exhibit.chain.size(); ++i)
      EXPECT_TRUE(equal_vartime(exhibit.identity->chain()[i]->der(), exhibit.chain[i])) << one.name;
  }
}

TEST(ZooTest, OnlyRevocationTellsTheseFromSoundOnes) {
  for (const Specimen& one : specimens()) {
    if (!one.name.starts_with("revoked") && one.name != "must-staple") continue;
    const Exhibit exhibit = zoo().exhibit(one).value();
    std::vector<CertificatePtr> chain;
    for (const auto& der : exhibit.chain) chain.push_back(Certificate::from_der(der).value());
    RootStore roots;
    roots.add(as_bytes(zoo().root_pem())).value();
    const ServerName name = ServerName::parse(one.host()).value();
    EXPECT_TRUE(WebPkiVerifier(roots).verify({.chain = chain, .name = &name, .now = now()}).ok()) << one.name;
    EXPECT_EQ(exhibit.ocsp_response.empty(), one.name != "revoked") << one.name;
    EXPECT_EQ(exhibit.identity->ocsp_response().size(), exhibit.ocsp_response.size());
  }
}

TEST(ZooTest, ASpecimenThatIsNotThereIsSaidToBe) {
  const auto none = zoo().exhibit({.name = "unicorn"});
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, ErrorCode::bad_argument);
  EXPECT_THAT(none.error().detail, HasSubstr("unicorn"));
}

TEST(ZooTest, RefusesToDisguiseWhatIsNoCertificate) {
  EXPECT_EQ(x509::disguised({}, {}).error().code, ErrorCode::certificate_malformed);
}

}  // namespace
}  // namespace bulla::pki
