// What lists and OCSP responses have in common: signatures that are checked once and within the budget of the
// search, and dates.
#pragma once

#include "x509/certificate.h"

#include <map>
#include <utility>

namespace bulla::x509 {

/// Checks signatures of lists, responses and the certificates that sign them.
class StatusSignatures {
 public:
  StatusSignatures(const Provider& provider, const WebPkiVerifier::Options& options, unsigned& spent) noexcept
      : provider_(provider), options_(options), spent_(spent) {}

  /// What is signed, and how.
  struct Signed {
    Bytes message;
    std::optional<SignatureAlgorithm> algorithm;
    Bytes signature;
  };
  /// Whether `signer`'s key, which is strong enough, made the signature; also false where the budget is used
  /// up. Both live as long as this object.
  bool verifies(const Signed& what, const Certificate& signer);
  /// Some signature was not checked, since the budget is used up.
  bool exhausted() const noexcept { return exhausted_; }
  const Provider& provider() const noexcept { return provider_; }
  unsigned min_rsa_bits() const noexcept { return options_.min_rsa_bits; }

 private:
  const Provider& provider_;
  const WebPkiVerifier::Options& options_;
  unsigned& spent_;
  bool exhausted_ = false;
  std::map<std::pair<const uint8_t*, const Certificate*>, bool> verified_;
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
