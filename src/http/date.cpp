// Dates of HTTP (RFC 9110 §5.6.7), without locale or time zone tables.
#include "http/text.h"

#include <bulla/http.h>

#include <array>
#include <cstdio>

namespace bulla::http {
namespace {

using namespace std::chrono;

constexpr std::array<std::string_view, 7> days = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 7> long_days = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                       "Thursday", "Friday", "Saturday"};
constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

template <size_t n>
std::optional<unsigned> index_of(const std::array<std::string_view, n>& names,
                                 std::string_view name) noexcept {
  for (unsigned i = 0; i < n; ++i)
    if (names[i] == name) return i;
  return std::nullopt;
}

/// Digits at fixed places; nothing else may stand there.
std::optional<unsigned> number_at(std::string_view text, size_t at, size_t length) noexcept {
  const auto value = parse_decimal(text.substr(at, length));
  return value ? std::optional(static_cast<unsigned>(*value)) : std::nullopt;
}

/// A date from its parts; `clock` is "08:49:37". Day names are decoration and not compared with the date.
std::optional<Time> assemble(std::optional<unsigned> y, std::optional<unsigned> m, std::optional<unsigned> d,
                             std::string_view clock) noexcept {
  if (clock.size() != 8 || clock[2] != ':' || clock[5] != ':') return std::nullopt;
  const auto hour = number_at(clock, 0, 2), minute = number_at(clock, 3, 2), second = number_at(clock, 6, 2);
  if (!y || !m || !d || !hour || !minute || !second) return std::nullopt;
  const year_month_day date{year(static_cast<int>(*y)), month(*m + 1), day(*d)};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return sys_days(date) + hours(*hour) + minutes(*minute) + seconds(*second);
}

/// Sun, 06 Nov 1994 08:49:37 GMT
std::optional<Time> parse_imf(std::string_view t) noexcept {
  if (t.size() != 29 || t.substr(25) != " GMT" || t[7] != ' ' || t[11] != ' ' || t[16] != ' ')
    return std::nullopt;
  if (!index_of(days, t.substr(0, 3)) || t.substr(3, 2) != ", ") return std::nullopt;
  return assemble(number_at(t, 12, 4), index_of(months, t.substr(8, 3)), number_at(t, 5, 2), t.substr(17, 8));
}

/// Sunday, 06-Nov-94 08:49:37 GMT; a year that would be more than 50 years ahead is in the past.
std::optional<Time> parse_rfc850(std::string_view t, Time now) noexcept {
  const size_t comma = t.find(", ");
  if (comma == std::string_view::npos || !index_of(long_days, t.substr(0, comma))) return std::nullopt;
  t.remove_prefix(comma + 2);
  if (t.size() != 22 || t.substr(18) != " GMT" || t[2] != '-' || t[6] != '-' || t[9] != ' ')
    return std::nullopt;
  auto two_digits = number_at(t, 7, 2);
  if (!two_digits) return std::nullopt;
  const auto this_year = static_cast<int>(year_month_day(floor<std::chrono::days>(now)).year());
  int full = this_year - this_year % 100 + static_cast<int>(*two_digits);
  if (full > this_year + 50) full -= 100;
  return assemble(static_cast<unsigned>(full), index_of(months, t.substr(3, 3)), number_at(t, 0, 2),
                  t.substr(10, 8));
}

/// Sun Nov  6 08:49:37 1994
std::optional<Time> parse_asctime(std::string_view t) noexcept {
  if (t.size() != 24 || !index_of(days, t.substr(0, 3)) || t[3] != ' ' || t[7] != ' ' || t[10] != ' ' ||
      t[19] != ' ')
    return std::nullopt;
  const auto d = t[8] == ' ' ? number_at(t, 9, 1) : number_at(t, 8, 2);
  return assemble(number_at(t, 20, 4), index_of(months, t.substr(4, 3)), d, t.substr(11, 8));
}

}  // namespace

std::string http_date(Time time) {
  const auto today = floor<std::chrono::days>(time);
  const year_month_day date(today);
  const hh_mm_ss clock(floor<seconds>(time) - today);
  char out[64];
  std::snprintf(out, sizeof out, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                days[weekday(today).c_encoding()].data(), static_cast<unsigned>(date.day()),
                months[static_cast<unsigned>(date.month()) - 1].data(), static_cast<int>(date.year()),
                static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()));
  return out;
}

std::optional<Time> parse_http_date(std::string_view text, Time now) {
  if (const auto time = parse_imf(text)) return time;
  if (const auto time = parse_rfc850(text, now)) return time;
  return parse_asctime(text);
}

}  // namespace bulla::http
