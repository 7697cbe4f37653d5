#include "x509/policy.h"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

namespace bulla::x509 {
namespace {

using asn1::oids::any_policy;

/// The variables of RFC 5280 §6.1.2. Since the user accepts any policy, it is enough to know of the policy
/// graph its lowest level: the policies that the next certificate may assert, and whether anyPolicy still
/// holds. The graph is NULL exactly if that level is empty.
struct State {
  uint32_t explicit_policy = 0, policy_mapping = 0, inhibit_any = 0;
  bool any = true;
  std::set<std::string_view> expected = {};

  bool is_null() const { return !any && expected.empty(); }
};

/// §6.1.3 (d), (e).
void apply_policies(State& state, const ParsedCertificate& certificate, bool is_leaf) {
  const auto& policies = certificate.extensions.policies;
  std::set<std::string_view> asserted;
  bool has_any = false;
  for (const Bytes policy : policies) {
    if (any_policy == policy)
      has_any = state.inhibit_any > 0 || (!is_leaf && certificate.self_issued);
    else if (state.any || state.expected.contains(as_text(policy)))
      asserted.insert(as_text(policy));
  }
  if (has_any) asserted.insert(state.expected.begin(), state.expected.end());
  state.expected = std::move(asserted);
  state.any = state.any && has_any;
}

/// §6.1.4 (a).
bool maps_any_policy(const ParsedCertificate& certificate) {
  const auto& mappings = certificate.extensions.policy_mappings;
  return std::any_of(mappings.begin(), mappings.end(), [](const PolicyMapping& mapping) {
    return any_policy == mapping.issuer_policy || any_policy == mapping.subject_policy;
  });
}

/// §6.1.4 (b).
void apply_mappings(State& state, const ParsedCertificate& certificate) {
  std::map<std::string_view, std::set<std::string_view>> mapped;
  for (const PolicyMapping& mapping : certificate.extensions.policy_mappings)
    mapped[as_text(mapping.issuer_policy)].insert(as_text(mapping.subject_policy));
  std::set<std::string_view> next;
  for (const std::string_view policy : state.expected)
    if (!mapped.contains(policy)) next.insert(policy);
  if (state.policy_mapping > 0)
    for (const auto& [policy, to] : mapped)
      if (state.any || state.expected.contains(policy)) next.insert(to.begin(), to.end());
  state.expected = std::move(next);
}

void lower_to(uint32_t& value, std::optional<uint32_t> bound) {
  if (bound) value = std::min(value, *bound);
}

/// §6.1.4 (i), (j).
void apply_limits(State& state, const Extensions& extensions) {
  if (extensions.policy_constraints) {
    lower_to(state.explicit_policy, extensions.policy_constraints->require_explicit_policy);
    lower_to(state.policy_mapping, extensions.policy_constraints->inhibit_policy_mapping);
  }
  lower_to(state.inhibit_any, extensions.inhibit_any_policy);
}

void count_down(uint32_t& value) {
  if (value) --value;
}

}  // namespace

std::optional<PolicyFailure> check_policies(Path path) {
  const auto unlimited = static_cast<uint32_t>(path.size());  // n + 1
  State state{unlimited, unlimited, unlimited};
  apply_limits(state, path[path.size() - 1]->parsed().extensions);
  for (size_t i = path.size() - 1; i-- > 0;) {
    const ParsedCertificate& certificate = path[i]->parsed();
    const bool is_leaf = i == 0;
    if (maps_any_policy(certificate)) return PolicyFailure{PolicyProblem::any_policy_mapped, i};
    apply_policies(state, certificate, is_leaf);
    if (state.explicit_policy == 0 && state.is_null())
      return PolicyFailure{PolicyProblem::none_valid, i};  // §6.1.3 (f)
    if (is_leaf) break;
    apply_mappings(state, certificate);
    if (!certificate.self_issued) {
      count_down(state.explicit_policy);
      count_down(state.policy_mapping);
      count_down(state.inhibit_any);
    }
    apply_limits(state, certificate.extensions);
  }
  // §6.1.5 (a), (b)
  count_down(state.explicit_policy);
  const auto& constraints = path[0]->parsed().extensions.policy_constraints;
  if (path.size() > 1 && constraints && constraints->require_explicit_policy == 0u) state.explicit_policy = 0;
  if (state.explicit_policy == 0 && state.is_null()) return PolicyFailure{PolicyProblem::none_valid, 0};
  return {};
}

}  // namespace bulla::x509
