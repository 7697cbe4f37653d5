// nameConstraints (RFC 5280 §4.2.1.10): which names the certificates below a CA may carry.
#pragma once

#include "x509/certificate.h"

#include <optional>
#include <string>

namespace bulla::x509 {

/// Comparisons are names times constraints, both chosen by the peer. The bound for one certificate is
/// OpenSSL's and BoringSSL's; the budget is for a whole search. To make a byte of a name ready costs as much
/// as a comparison, a policy as much as eight: a search goes over the same certificates on hundreds of paths.
inline constexpr size_t max_comparisons_per_certificate = 1 << 20;
struct ConstraintBudget {
  size_t comparisons = 4 * max_comparisons_per_certificate;
  /// False where it is spent.
  bool spend(size_t some) noexcept {
    const bool enough = some <= comparisons;
    comparisons -= enough ? some : 0;
    return enough;
  }
};

enum class ConstraintProblem : uint8_t {
  excluded,        ///< the name is under an excluded one
  not_permitted,   ///< the name is under none of the permitted ones
  not_comparable,  ///< one of the two is malformed, or of a form that is not processed
  budget_exhausted,
};

/// Views into the certificates.
struct ConstraintFailure {
  ConstraintProblem problem = ConstraintProblem::budget_exhausted;
  GeneralName name = {}, constraint = {};
};
/// "DNS:evil.test is under none of the permitted names (DNS:example.com ...)".
std::string describe(const ConstraintFailure& failure);

/// Checks every name of `certificate` (subject, its emailAddress, subjectAltName) against the constraints.
/// What cannot be judged (a form that is not processed, a malformed name) counts as violated.
std::optional<ConstraintFailure> check_names(const NameConstraints& constraints,
                                             const ParsedCertificate& certificate, ConstraintBudget& budget);

}  // namespace bulla::x509
