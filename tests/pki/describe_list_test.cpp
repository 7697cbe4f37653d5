// Revocation lists in words: what is said of a short one, and of a very long one.
#include <bulla/revocation_authority.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

namespace bulla::pki {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr, testing::Not;

const Time now = Time(std::chrono::seconds(1'800'000'000));  // 2027-01-15T08:00:00Z

RevocationListPtr list_of(size_t entries) {
  std::vector<RevokedCertificate> revoked;
  for (size_t i = 0; i < entries; ++i) {
    std::array<uint8_t, 4> serial = {0x11, static_cast<uint8_t>(i >> 16), static_cast<uint8_t>(i >> 8),
                                     static_cast<uint8_t>(i)};
    revoked.push_back({.serial = to_hex(serial),
                       .revoked_at = now - 48h,
                       .reason = RevocationReason::superseded,
                       .invalid_since = i ? std::nullopt : std::optional(now - 72h)});
  }
  const Surroundings around = {.now = now - 24h};
  const Issued ca = NewCa{.name = "Test CA"}.issue(around).value();
  return CertificateAuthority::create(ca.chain, ca.key.signer())
      .value()
      .revocation_list(
          {.revoked = revoked, .number = 300, .this_update = now - 24h, .next_update = now + 144h}, around)
      .value();
}

size_t lines_of(const std::string& text) {
  return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST(DescribeList, WhatAPersonWantsToKnow) {
  const auto list = list_of(2);
  const std::string text = describe(*list, now);
  for (const char* piece : {"  Issuer:       CN=Test", "  Number:       300\n", "  This update:  2027-01-14",
                            ", in 6 days", "  Revoked:      2 certificates", "    11000000  2027-01-13",
                            "superseded", "(invalid since 2027-01-12", "  Signature:    ecdsa"})
    EXPECT_THAT(text, HasSubstr(piece));
  EXPECT_THAT(describe(*list, now + 240h), HasSubstr("due 4 days ago"));
  const std::string whole = describe_whole(*list, now);
  for (const char* piece : {"  Version:      2", "  Issuer key:   ", "  SHA-256:      "})
    EXPECT_THAT(whole, HasSubstr(piece));
  EXPECT_THAT(whole, Not(HasSubstr("more")));
}

TEST(DescribeList, ALongOneIsCountedAndNotPoured) {
  const auto list = list_of(1500);
  const std::string text = describe(*list, now);
  EXPECT_THAT(text, HasSubstr("1500 certificates"));
  EXPECT_THAT(text, HasSubstr("and 1490 more"));
  EXPECT_LT(lines_of(text), 20u);
  const std::string whole = describe_whole(*list, now);
  EXPECT_THAT(whole, HasSubstr("and 500 more"));
  EXPECT_LT(lines_of(whole), 1030u);
  EXPECT_THAT(describe_json(*list), HasSubstr("\"revoked\":1500"));
  EXPECT_THAT(describe_json(*list), HasSubstr("\"entries_left_out\":500}"));
}

TEST(DescribeList, AsJson) {
  const std::string json = describe_json(*list_of(1));
  for (const char* piece : {"\"number\":\"300\"", "\"why_not_used\":null", "\"reason\":\"superseded\"",
                            "\"invalid_since\":\"2027-01-12", "\"entries_left_out\":0}"})
    EXPECT_THAT(json, HasSubstr(piece));
  EXPECT_THAT(describe_json(*list_of(0)), HasSubstr("\"entries\":[]"));
}

}  // namespace
}  // namespace bulla::pki
