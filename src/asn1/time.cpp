#include "asn1/time.h"

#include "asn1/tag.h"

#include <algorithm>
#include <cstdio>

namespace bulla::asn1 {
namespace {

struct Parts {
  int year;
  unsigned month, day, hour, minute, second;
};

Parts parts_of(Time t) {
  using namespace std::chrono;
  const auto earliest = sys_days(year(0) / January / 1);
  const auto latest = sys_days(year(9999) / December / 31) + hours(23) + minutes(59) + seconds(59);
  const sys_seconds clamped = std::clamp(floor<seconds>(t), sys_seconds(earliest), sys_seconds(latest));
  const sys_days date = floor<days>(clamped);
  const year_month_day ymd(date);
  const auto in_day = static_cast<unsigned>((clamped - date).count());
  return {static_cast<int>(ymd.year()),
          static_cast<unsigned>(ymd.month()),
          static_cast<unsigned>(ymd.day()),
          in_day / 3600,
          in_day / 60 % 60,
          in_day % 60};
}

enum class Form : uint8_t { utc, generalized };

EncodedTime encode(const Parts& p, Form form) {
  const bool utc = form == Form::utc;
  char text[32];
  std::snprintf(text, sizeof text, utc ? "%02d%02u%02u%02u%02u%02uZ" : "%04d%02u%02u%02u%02u%02uZ",
                utc ? p.year % 100 : p.year, p.month, p.day, p.hour, p.minute, p.second);
  return {utc ? tag::utc_time : tag::generalized_time, text};
}

}  // namespace

std::optional<Time> decode_time(uint8_t tag, Bytes content) noexcept {
  using namespace std::chrono;
  const size_t year_digits = tag == tag::utc_time ? 2 : 4;
  if (tag != tag::utc_time && tag != tag::generalized_time) return {};
  if (content.size() != year_digits + 11 || content.back() != 'Z') return {};
  for (const uint8_t c : content.first(content.size() - 1))
    if (c < '0' || c > '9') return {};
  const auto two = [&](size_t at) { return (content[at] - '0') * 10u + (content[at + 1] - '0'); };
  // UTCTime: 50 to 99 is 19YY, 00 to 49 is 20YY.
  const unsigned y = year_digits == 4 ? two(0) * 100 + two(2) : two(0) + (two(0) >= 50 ? 1900 : 2000);
  const size_t at = year_digits;
  const unsigned h = two(at + 4), m = two(at + 6), s = two(at + 8);
  const year_month_day date(year(static_cast<int>(y)), month(two(at)), day(two(at + 2)));
  if (!date.ok() || h > 23 || m > 59 || s > 59) return {};
  return Time(sys_days(date)) + hours(h) + minutes(m) + seconds(s);
}

EncodedTime encode_time(Time t) {
  const Parts p = parts_of(t);
  return encode(p, p.year >= 1950 && p.year <= 2049 ? Form::utc : Form::generalized);
}

EncodedTime encode_generalized_time(Time t) {
  return encode(parts_of(t), Form::generalized);
}

std::string format_time(Time t) {
  const Parts p = parts_of(t);
  char text[48];
  std::snprintf(text, sizeof text, "%04d-%02u-%02u %02u:%02u:%02u UTC", p.year, p.month, p.day, p.hour,
                p.minute, p.second);
  return text;
}

}  // namespace bulla::asn1
