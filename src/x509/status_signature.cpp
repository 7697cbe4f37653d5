#include "x509/status_signature.h"

#include "asn1/time.h"

namespace bulla::x509 {

Freshness freshness_of(const StatusDates& dates, Time now, Seconds max_age) noexcept {
  constexpr auto clock_skew = std::chrono::minutes(5);
  constexpr auto without_end = std::chrono::days(7);
  if (dates.this_update > now + clock_skew) return Freshness::early;
  if (dates.next_update && now > *dates.next_update) return Freshness::stale;
  const bool bounded = max_age > Seconds(0);
  const auto age = now - dates.this_update;
  if (bounded && age > max_age) return Freshness::stale;
  if (!bounded && !dates.next_update && age > without_end) return Freshness::stale;
  return Freshness::fresh;
}

std::string describe(const StatusDates& dates) {
  return "of " + asn1::format_time(dates.this_update) +
         (dates.next_update ? ", good until " + asn1::format_time(*dates.next_update)
                            : std::string(", without a date for the next one"));
}

bool is_lasting(const std::optional<RevocationReason>& reason) noexcept {
  return reason != RevocationReason::certificate_hold;
}

std::string describe_revocation(Time at, const std::optional<RevocationReason>& reason) {
  return "revoked on " + asn1::format_time(at) + (reason ? " (" + std::string(name_of(*reason)) + ')' : "");
}

}  // namespace bulla::x509
