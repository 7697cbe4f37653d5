// Certificate policies (RFC 5280 §6.1, with the policy graph of RFC 9618): a CA may require one, and so may
// the user.
#pragma once

#include "x509/checks.h"

namespace bulla::x509 {

enum class PolicyProblem : uint8_t {
  any_policy_mapped,  ///< a mapping names anyPolicy (RFC 5280 §6.1.4 (a))
  none_valid,         ///< an explicit policy is required, and none holds down to here
};
struct PolicyFailure {
  PolicyProblem problem;
  size_t index;  ///< of the certificate where it shows
};

/// Nothing where the path passes: nobody requires an explicit policy, or there is one of those accepted that
/// is valid down to the leaf. `path` is leaf first and ends with the anchor, whose own policies do not count.
std::optional<PolicyFailure> check_policies(Path path, const PolicyDemands& demands);

}  // namespace bulla::x509
