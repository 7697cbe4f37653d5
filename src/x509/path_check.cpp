#include "x509/path_check.h"

#include "x509/evidence.h"
#include "x509/policy.h"

namespace bulla::x509 {
namespace {

/// §6.1.4 (l), (m): walks from the anchor down. Certificates that a CA issued to itself (for a new key) do
/// not count, and the leaf never does.
Failure check_path_lengths(PathView path) {
  size_t allowed = path.size(), limited_by = path.size();
  for (size_t i = path.size(); i-- > 1;) {
    const ParsedCertificate& ca = path[i]->parsed();
    if (i + 1 < path.size() && !ca.self_issued) {
      if (allowed == 0 && !path.is_worded()) return Error{ErrorCode::certificate_path_too_long};
      if (allowed == 0)
        return Error{ErrorCode::certificate_path_too_long, describe(path.path(), i) + "; " +
                                                               label(*path[limited_by]) +
                                                               " allows fewer CA certificates below it"};
      --allowed;
    }
    const auto& constraints = ca.extensions.basic_constraints;
    if (constraints && constraints->path_length && *constraints->path_length < allowed) {
      allowed = *constraints->path_length;
      limited_by = i;
    }
  }
  return {};
}

/// §6.1.3 (b), (c): the constraints of each CA hold for all certificates below it; those that a CA issued to
/// itself are let through unless they are the leaf.
Failure check_constraints(PathView path, ConstraintBudget& budget) {
  for (size_t ca = path.size(); ca-- > 1;) {
    const auto& constraints = path[ca]->parsed().extensions.name_constraints;
    if (!constraints) continue;
    for (size_t i = ca; i-- > 0;) {
      if (i != 0 && path[i]->parsed().self_issued) continue;
      const auto failure = check_names(*constraints, path[i]->parsed(), budget);
      if (!failure) continue;
      if (failure->problem == ConstraintProblem::budget_exhausted)
        return Error{ErrorCode::certificate_budget_exhausted,
                     "too many names and name constraints to compare"};
      if (!path.is_worded()) return Error{ErrorCode::certificate_name_constraint};
      return Error{ErrorCode::certificate_name_constraint,
                   failure->detail + "; constraint of " + label(*path[ca]) + "; " + describe(path.path(), i)};
    }
  }
  return {};
}

}  // namespace

Failure check_path(PathView path, ConstraintBudget& budget) {
  if (auto failure = check_path_lengths(path)) return failure;
  if (auto failure = check_constraints(path, budget)) return failure;
  return check_policies(path);
}

}  // namespace bulla::x509
