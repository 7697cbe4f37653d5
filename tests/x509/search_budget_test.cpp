// What a search for a path costs at the most, however the peer's certificates are meant to keep it going:
// signatures, and certificates looked at. Every signature is right here, which no peer achieves.
#include "crafted.h"
#include "support/credulous_provider.h"

#include <gtest/gtest.h>

#include <string>

namespace bulla::test {
namespace {

/// A leaf, and `size` CAs of one name with a key each: everyone may have issued everyone.
std::vector<CertificatePtr> namesakes(size_t size) {
  Draft ca = ca_draft("Mesh");
  ca.key_identifiers = false;
  const Entity first = issue(ca);
  std::vector<CertificatePtr> out = {issue(Draft{.key_identifiers = false}, &first).certificate,
                                     first.certificate};
  while (out.size() <= size) out.push_back(issue(ca).certificate);
  return out;
}

Error search(const std::vector<CertificatePtr>& chain, WebPkiVerifier::Options options) {
  options.provider = &credulous_provider();
  signatures_asked = 0;
  RootStore roots;
  roots.add(issue(ca_draft("Another")).certificate);
  const auto result = WebPkiVerifier(std::move(roots), options).verify({.chain = chain, .now = test_now()});
  EXPECT_FALSE(result.ok());
  return result ? Error{ErrorCode::internal} : result.error();
}

/// "N candidate certificates were looked at".
unsigned long looked_at(const Error& error) {
  return std::stoul("0" + error.detail);
}

TEST(SearchBudget, AMeshThatGoesOnForeverCostsSignaturesUpToTheBound) {
  const auto chain = namesakes(30);  // 30 * 29 signatures could be asked for
  for (const unsigned bound : {1u, 10u, 100u}) {
    const Error error = search(chain, {.max_signatures = bound});
    EXPECT_EQ(error.code, ErrorCode::certificate_budget_exhausted);
    EXPECT_EQ(signatures_asked, bound);
    EXPECT_LE(looked_at(error), 50 * bound);
  }
}

TEST(SearchBudget, SignaturesThatWerePaidForAreNotAskedAgainAndStepsEndTheSearch) {
  const auto chain = namesakes(9);  // 90 signatures, and 9! paths
  const Error error = search(chain, {.max_signatures = 100});
  EXPECT_EQ(error.code, ErrorCode::certificate_budget_exhausted);
  EXPECT_LE(signatures_asked, 90u);
  EXPECT_EQ(looked_at(error), 5000u);
}

TEST(SearchBudget, OfCertificatesThatMaySignNothingAFewAreReportedOn) {
  auto chain = namesakes(1);
  Draft no_ca = ca_draft("Mesh");
  no_ca.ca = false;
  no_ca.key_identifiers = false;
  chain.pop_back();
  for (int i = 0; i < 200; ++i) chain.push_back(issue(no_ca).certificate);
  const Error error = search(chain, {});
  EXPECT_NE(error.code, ErrorCode::certificate_budget_exhausted);
  // The search asks for none of them; the report does, for as many as it tells of.
  EXPECT_LE(signatures_asked, 50u);
}

TEST(SearchBudget, APathEndsAtItsLongest) {
  const auto chain = namesakes(4);
  const Error error = search(chain, {.max_path_length = 3});
  EXPECT_NE(error.code, ErrorCode::certificate_budget_exhausted);
  // The leaf by 4, each of these by 3 others; a third CA would make the path of four.
  EXPECT_LE(signatures_asked, 4u + 4 * 3);
}

}  // namespace
}  // namespace bulla::test
