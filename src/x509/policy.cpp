#include "x509/policy.h"

#include <bulla/error.h>

#include <algorithm>
#include <map>
#include <string_view>

namespace bulla::x509 {
namespace {

using asn1::oids::any_policy;

/// The variables of RFC 5280 §6.1.2. It is enough to know of the policy graph its lowest level: the policies
/// that the next certificate may assert, and whether anyPolicy still holds. The graph is NULL exactly if that
/// level is empty.
struct State {
  const PolicyDemands& demands;
  uint32_t explicit_policy, policy_mapping, inhibit_any;
  bool any = true;
  /// Each with whether it goes back to a policy that the user accepts: those are what §6.1.5 (g) (iii)
  /// leaves.
  std::map<std::string_view, bool> expected = {};

  bool is_null() const { return !any && expected.empty(); }
  bool has_accepted() const {
    return any || std::any_of(expected.begin(), expected.end(), [](const auto& one) { return one.second; });
  }
  bool accepts(std::string_view policy) const {
    const auto& accepted = demands.accepted;
    return accepted.empty() || std::any_of(accepted.begin(), accepted.end(), [&](const PolicyId& id) {
             return as_text(id.content()) == policy;
           });
  }
  /// Whether a policy is expected, and accepted: for itself, or as one that anyPolicy stands for.
  std::optional<bool> find(std::string_view policy) const {
    if (const auto found = expected.find(policy); found != expected.end()) return found->second;
    return any ? std::optional(accepts(policy)) : std::nullopt;
  }
};

/// §6.1.3 (d), (e).
void apply_policies(State& state, const ParsedCertificate& certificate, bool is_leaf) {
  std::map<std::string_view, bool> asserted;
  bool has_any = false;
  for (const Bytes policy : certificate.extensions.policies) {
    if (any_policy == policy)
      has_any = state.inhibit_any > 0 || (!is_leaf && certificate.self_issued);
    else if (const auto accepted = state.find(as_text(policy)))
      asserted[as_text(policy)] = *accepted;
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
  std::map<std::string_view, bool> next = state.expected;
  const auto& mappings = certificate.extensions.policy_mappings;
  for (const PolicyMapping& mapping : mappings) next.erase(as_text(mapping.issuer_policy));
  if (state.policy_mapping > 0)
    for (const PolicyMapping& mapping : mappings)
      if (const auto accepted = state.find(as_text(mapping.issuer_policy))) {
        bool& to = next[as_text(mapping.subject_policy)];
        to = to || *accepted;
      }
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

std::optional<PolicyFailure> check_policies(Path path, const PolicyDemands& demands) {
  const auto unlimited = static_cast<uint32_t>(path.size());  // n + 1
  State state{.demands = demands,
              .explicit_policy = demands.required ? 0 : unlimited,
              .policy_mapping = demands.inhibit_mapping ? 0 : unlimited,
              .inhibit_any = demands.inhibit_any ? 0 : unlimited};
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
  // §6.1.5 (a), (b), (g)
  count_down(state.explicit_policy);
  const auto& constraints = path[0]->parsed().extensions.policy_constraints;
  if (path.size() > 1 && constraints && constraints->require_explicit_policy == 0u) state.explicit_policy = 0;
  if (state.explicit_policy == 0 && !state.has_accepted()) return PolicyFailure{PolicyProblem::none_valid, 0};
  return {};
}

}  // namespace bulla::x509

namespace bulla {

Result<PolicyId> PolicyId::parse(std::string_view dotted) {
  PolicyId out;
  out.content_ = asn1::from_dotted(dotted);
  if (out.content_.empty())
    return Error{ErrorCode::bad_argument, '"' + printable(dotted.substr(0, 100)) + "\" is no policy",
                 "write its number, as in 2.23.140.1.2.1"};
  return out;
}

std::string PolicyId::text() const {
  return asn1::to_dotted(content_);
}

}  // namespace bulla
