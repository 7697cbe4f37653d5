// Dates of certificates (RFC 5280 §4.1.2.5).
#include "asn1/time.h"

#include "asn1/tag.h"

#include <gtest/gtest.h>

namespace bulla::asn1 {
namespace {

using namespace std::chrono;

std::string round_trip(uint8_t tag, std::string_view text) {
  const auto time = decode_time(tag, as_bytes(text));
  return time ? format_time(*time) : "refused";
}

TEST(TimeTest, ReadsBothForms) {
  EXPECT_EQ(round_trip(tag::utc_time, "260101123456Z"), "2026-01-01 12:34:56 UTC");
  EXPECT_EQ(round_trip(tag::utc_time, "491231235959Z"), "2049-12-31 23:59:59 UTC");
  EXPECT_EQ(round_trip(tag::utc_time, "500101000000Z"), "1950-01-01 00:00:00 UTC");
  EXPECT_EQ(round_trip(tag::generalized_time, "20500101000000Z"), "2050-01-01 00:00:00 UTC");
  EXPECT_EQ(round_trip(tag::generalized_time, "99991231235959Z"), "9999-12-31 23:59:59 UTC");
  EXPECT_EQ(round_trip(tag::generalized_time, "00000101000000Z"), "0000-01-01 00:00:00 UTC");
  EXPECT_EQ(round_trip(tag::generalized_time, "20240229000000Z"), "2024-02-29 00:00:00 UTC");
}

TEST(TimeTest, RefusesEverythingElse) {
  for (const char* bad :
       {"", "Z", "2601011234Z", "260101123456", "260101123456z", "260101123456+0000", "261301000000Z",
        "260001000000Z", "260132000000Z", "260100000000Z", "260229000000Z", "260101240000Z", "260101006000Z",
        "260101000060Z", "26010100000 Z", "-60101000000Z", "20260101123456Z"})
    EXPECT_EQ(round_trip(tag::utc_time, bad), "refused") << bad;
  for (const char* bad : {"260101123456Z", "20260101123456", "20260101123456.0Z", "20260101123456+0100",
                          "202601011234Z", "20230229000000Z", "2026010112345\0Z"})
    EXPECT_EQ(round_trip(tag::generalized_time, bad), "refused") << bad;
  EXPECT_EQ(round_trip(tag::ia5_string, "260101123456Z"), "refused");
}

TEST(TimeTest, WritesTheFormThatTheYearWants) {
  const auto encode = [](year_month_day date) {
    const EncodedTime e = encode_time(Time(sys_days(date)));
    return (e.tag == tag::utc_time ? "utc " : "generalized ") + e.text;
  };
  EXPECT_EQ(encode(2026y / 1 / 2), "utc 260102000000Z");
  EXPECT_EQ(encode(1950y / 1 / 1), "utc 500101000000Z");
  EXPECT_EQ(encode(1949y / 12 / 31), "generalized 19491231000000Z");
  EXPECT_EQ(encode(2049y / 12 / 31), "utc 491231000000Z");
  EXPECT_EQ(encode(2050y / 1 / 1), "generalized 20500101000000Z");
  EXPECT_EQ(encode(12000y / 1 / 1), "generalized 99991231235959Z");
  EXPECT_EQ(encode(year(-5) / 1 / 1), "generalized 00000101000000Z");
}

// RFC 6960 §4.2.2.1: OCSP has GeneralizedTime whatever the year is.
TEST(TimeTest, WritesGeneralizedTimeWhereItIsAskedTo) {
  for (const year_month_day date : {2026y / 1 / 2, 1949y / 12 / 31, 2050y / 1 / 1}) {
    const EncodedTime e = encode_generalized_time(Time(sys_days(date)));
    EXPECT_EQ(e.tag, tag::generalized_time);
    EXPECT_EQ(decode_time(e.tag, as_bytes(e.text)), Time(sys_days(date)));
  }
}

TEST(TimeTest, ReadsBackWhatItWrites) {
  for (int64_t day = -20000; day < 200000; day += 371) {
    const Time t = Time(sys_days(days(day))) + seconds(day % 86400 < 0 ? 0 : day % 86400);
    const EncodedTime e = encode_time(t);
    EXPECT_EQ(decode_time(e.tag, as_bytes(e.text)), t);
  }
}

}  // namespace
}  // namespace bulla::asn1
