// What lists and OCSP responses have in common: signatures within the budget of the search, and dates.
#pragma once

#include "x509/signatures.h"

#include <optional>
#include <string>

namespace bulla::x509 {

/// Checks signatures of lists, responses and the certificates that sign them.
class StatusSignatures {
 public:
  /// `paid` lives as long as this object. `min_rsa_bits`: of the keys of signers beside the path.
  StatusSignatures(PaidSignatures& paid, unsigned min_rsa_bits) noexcept
      : paid_(paid), min_rsa_bits_(min_rsa_bits) {}

  /// Whether `signer`'s key made the signature; also false where the budget is used up.
  bool verifies(const PaidSignatures::Signed& what, const Certificate& signer) {
    const auto good = paid_.verifies(what, signer);
    exhausted_ = exhausted_ || !good;
    return good.value_or(false);
  }
  /// Some signature was not checked, since the budget is used up.
  bool exhausted() const noexcept { return exhausted_; }
  const Provider& provider() const noexcept { return paid_.provider(); }
  unsigned min_rsa_bits() const noexcept { return min_rsa_bits_; }

 private:
  PaidSignatures& paid_;
  unsigned min_rsa_bits_;
  bool exhausted_ = false;
};

/// When a status was so, and until when it is good.
struct StatusDates {
  Time this_update = {};
  std::optional<Time> next_update = {};
};
enum class Freshness : uint8_t { fresh, early, stale };
/// `early`: more than 5 minutes ahead of our clock, which is what clocks of others may be ahead. For the end
/// there is no tolerance. `max_age`: WebPkiVerifier::Options::max_status_age.
Freshness freshness_of(const StatusDates& dates, Time now, Seconds max_age) noexcept;
/// "of 2026-01-01 00:00:00 UTC, good until 2026-01-08 00:00:00 UTC".
std::string describe(const StatusDates& dates);
/// Whether what an old list or response revoked is revoked still: all but a hold, which may be taken back.
bool is_lasting(const std::optional<RevocationReason>& reason) noexcept;
/// "revoked on 2026-01-01 00:00:00 UTC (keyCompromise)".
std::string describe_revocation(Time at, const std::optional<RevocationReason>& reason);

}  // namespace bulla::x509
