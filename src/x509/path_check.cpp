#include "x509/path_check.h"

#include "x509/evidence.h"
#include "x509/policy.h"

#include <algorithm>

namespace bulla::x509 {
namespace {

/// §6.1.4 (l), (m): walks from the anchor down. Certificates that a CA issued to itself (for a new key) do
/// not count, and the leaf never does.
std::optional<PathViolation> find_long_path(Path path, PathContext&) {
  size_t allowed = path.size(), limited_by = path.size();
  for (size_t i = path.size(); i-- > 1;) {
    const ParsedCertificate& ca = path[i]->parsed();
    if (i + 1 < path.size() && !ca.self_issued) {
      if (allowed == 0) return PathViolation{ErrorCode::certificate_path_too_long, i, limited_by};
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

std::string path_length_text(Path path, const PathContext&) {
  return std::to_string(path.size()) + (path.size() == 1 ? " certificate" : " certificates");
}

/// §6.1.3 (b), (c): the constraints of each CA hold for all certificates below it; those that a CA issued to
/// itself are let through unless they are the leaf.
std::optional<PathViolation> find_forbidden_name(Path path, PathContext& context) {
  for (size_t ca = path.size(); ca-- > 1;) {
    const auto& constraints = path[ca]->parsed().extensions.name_constraints;
    if (!constraints) continue;
    for (size_t i = ca; i-- > 0;) {
      if (i != 0 && path[i]->parsed().self_issued) continue;
      const auto failure = check_names(*constraints, path[i]->parsed(), context.names);
      if (!failure) continue;
      const bool spent = failure->problem == ConstraintProblem::budget_exhausted;
      const ErrorCode code =
          spent ? ErrorCode::certificate_budget_exhausted : ErrorCode::certificate_name_constraint;
      return PathViolation{code, i, ca, failure};
    }
  }
  return {};
}

std::string name_constraints_text(Path path, const PathContext&) {
  const auto count = std::count_if(path.begin() + 1, path.end(), [](const CertificatePtr& ca) {
    return ca->parsed().extensions.name_constraints.has_value();
  });
  return count ? "all names are within those of " + std::to_string(count) + (count == 1 ? " CA" : " CAs")
               : "none";
}

/// §6.1.3 (d) to (f), §6.1.5.
std::optional<PathViolation> find_missing_policy(Path path, PathContext& context) {
  constexpr size_t cost_of_policy = 8;
  size_t count = 0;
  for (const CertificatePtr& one : path)
    count += one->parsed().extensions.policies.size() + one->parsed().extensions.policy_mappings.size();
  if (!context.names.spend(count * cost_of_policy))
    return PathViolation{ErrorCode::certificate_budget_exhausted, 0, 0};
  const auto failure = check_policies(path, context.policies);
  if (!failure) return {};
  return PathViolation{.code = ErrorCode::certificate_policy,
                       .index = failure->index,
                       .rule_of = failure->index,
                       .maps_any_policy = failure->problem == PolicyProblem::any_policy_mapped};
}

std::string policies_text(Path path, const PathContext& context) {
  const bool required =
      context.policies.required || std::any_of(path.begin(), path.end(), [](const CertificatePtr& one) {
        const auto& constraints = one->parsed().extensions.policy_constraints;
        return constraints && constraints->require_explicit_policy;
      });
  return required ? "one that is required holds down to the leaf" : "none is required";
}

constexpr PathCheck checks[] = {{"path length", find_long_path, path_length_text},
                                {"name constraints", find_forbidden_name, name_constraints_text},
                                {"policies", find_missing_policy, policies_text}};

}  // namespace

std::span<const PathCheck> path_checks() noexcept {
  return checks;
}

std::optional<PathViolation> check_path(Path path, PathContext context) {
  for (const PathCheck& check : checks)
    if (auto violation = check.find(path, context)) return violation;
  return {};
}

Error explain(const PathViolation& violation, Path path) {
  const std::string which = describe(path, violation.index), rule_of = label(*path[violation.rule_of]);
  switch (violation.code) {
    case ErrorCode::certificate_path_too_long:
      return {violation.code, which + "; " + rule_of + " allows fewer CA certificates below it"};
    case ErrorCode::certificate_name_constraint:
      return {violation.code, describe(*violation.names) + "; constraint of " + rule_of + "; " + which};
    case ErrorCode::certificate_policy:
      return {violation.code,
              (violation.maps_any_policy ? "anyPolicy is mapped by " : "no policy is valid for ") + which};
    default: return {violation.code, describe(ConstraintFailure{})};
  }
}

}  // namespace bulla::x509
