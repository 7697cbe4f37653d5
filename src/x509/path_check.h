// What RFC 5280 §6.1 asks of a path as a whole.
#pragma once

#include "x509/checks.h"
#include "x509/name_constraints.h"

namespace bulla::x509 {

/// Which certificate of a path breaks whose rule; put into words by explain().
struct PathViolation {
  ErrorCode code;
  size_t index;    ///< of the certificate
  size_t rule_of;  ///< of the CA whose rule it is
  std::optional<ConstraintFailure> names = {};
  bool maps_any_policy = false;
};

/// What path checks need besides the path.
struct PathContext {
  const PolicyDemands& policies;
  ConstraintBudget& names;
};

/// One rule for a path from the leaf to its anchor, whose signatures, dates and CA bits were checked before.
/// The anchor's own constraints hold as well (RFC 5937).
struct PathCheck {
  std::string_view name;  ///< "path length"
  std::optional<PathViolation> (*find)(Path path, PathContext& context);
  std::string (*evidence)(Path path, const PathContext& context);  ///< where nothing was found
};
std::span<const PathCheck> path_checks() noexcept;

/// The first violation of all of them.
std::optional<PathViolation> check_path(Path path, PathContext context);

Error explain(const PathViolation& violation, Path path);

}  // namespace bulla::x509
