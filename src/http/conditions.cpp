#include "http/conditions.h"

#include "http/text.h"

#include <algorithm>

namespace bulla::http {
namespace {

enum class Comparison : uint8_t { strong, weak };

/// Whether a field's list of entity tags names `etag` (RFC 9110 §8.8.3.2). Tags may hold commas inside their
/// quotes.
bool lists_tag(const Headers& headers, std::string_view name, std::string_view etag, Comparison comparison) {
  for (const Field& field : headers) {
    if (!iequals(field.name, name)) continue;
    std::string_view rest = trim(field.value);
    if (rest == "*") return true;
    while (!rest.empty()) {
      const bool weak = rest.substr(0, 2) == "W/";
      if (weak) rest.remove_prefix(2);
      if (rest.empty() || rest.front() != '"') break;
      const size_t close = rest.find('"', 1);
      if (close == std::string_view::npos) break;
      const bool counts = !weak || comparison == Comparison::weak;
      if (counts && rest.substr(0, close + 1) == etag) return true;
      rest.remove_prefix(close + 1);
      while (!rest.empty() && (rest.front() == ',' || rest.front() == ' ' || rest.front() == '\t'))
        rest.remove_prefix(1);
    }
  }
  return false;
}

std::optional<Time> date_in(const Headers& headers, std::string_view name, Time now) {
  return headers.count(name) == 1 ? parse_http_date(headers[name], now) : std::nullopt;
}

/// §13.1.5: a tag must match strongly; a date must be exactly the file's and old enough to be strong
/// (§8.8.2.2).
bool if_range_holds(const Headers& headers, const Validators& validators, Time now) {
  const auto condition = headers.find("If-Range");
  if (!condition) return true;
  if (!condition->empty() && condition->front() == '"') return *condition == validators.etag;
  const auto date = date_in(headers, "If-Range", now);
  return date && *date == validators.last_modified && now - *date >= Seconds(1);
}

/// One range-spec of §14.1.2; nothing if malformed.
std::optional<RangeChoice> parse_range(std::string_view spec, uint64_t size) {
  const size_t dash = spec.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view before = spec.substr(0, dash), after = spec.substr(dash + 1);
  if (before.empty()) {
    const auto suffix = parse_decimal(after);
    if (!suffix) return std::nullopt;
    if (*suffix == 0 || size == 0) return RangeChoice{RangeKind::unsatisfiable};
    return RangeChoice{RangeKind::part, {size - std::min(*suffix, size), size - 1}};
  }
  const auto first = parse_decimal(before);
  const auto last = after.empty() ? std::optional<uint64_t>(UINT64_MAX) : parse_decimal(after);
  if (!first || !last || *first > *last) return std::nullopt;
  if (*first >= size) return RangeChoice{RangeKind::unsatisfiable};
  return RangeChoice{RangeKind::part, {*first, std::min(*last, size - 1)}};
}

}  // namespace

Verdict check_conditions(const Headers& headers, const Validators& validators, Time now) {
  if (headers.contains("If-Match")) {
    if (!lists_tag(headers, "If-Match", validators.etag, Comparison::strong))
      return Verdict::precondition_failed;
  } else if (const auto since = date_in(headers, "If-Unmodified-Since", now);
             since && validators.last_modified > *since) {
    return Verdict::precondition_failed;
  }
  if (headers.contains("If-None-Match"))
    return lists_tag(headers, "If-None-Match", validators.etag, Comparison::weak) ? Verdict::not_modified
                                                                                  : Verdict::proceed;
  const auto since = date_in(headers, "If-Modified-Since", now);
  return since && validators.last_modified <= *since ? Verdict::not_modified : Verdict::proceed;
}

RangeChoice choose_range(const Headers& headers, const Validators& validators, uint64_t size, Time now) {
  if (headers.count("Range") != 1 || !if_range_holds(headers, validators, now)) return {};
  std::string_view value = headers["Range"];
  const std::string_view unit = take_until(value, '=');
  if (!iequals(trim(unit), "bytes") || value.find(',') != std::string_view::npos) return {};
  return parse_range(trim(value), size).value_or(RangeChoice{});
}

}  // namespace bulla::http
