#include "x509/report.h"

#include "x509/evidence.h"
#include "x509/path_check.h"
#include "x509/unknown_issuer.h"

#include <algorithm>
#include <tuple>

namespace bulla::x509 {
namespace {

using Role = CandidatePath::Role;

constexpr size_t max_paths = 16;

Position position_of(Role role) {
  switch (role) {
    case Role::leaf: return Position::leaf;
    case Role::trusted_leaf: return Position::trusted_leaf;
    case Role::intermediate: return Position::intermediate;
    case Role::anchor: break;
  }
  return Position::anchor;
}

/// What a path came to an end with, by how much it says: the nearer to a trusted root, the more.
enum class End : uint8_t { no_issuer, other_key, broken_link, anchor };

struct Tried {
  CandidatePath path = {};
  End end = End::anchor;
  size_t failures = 0;
  size_t found = 0;  ///< the how-manieth it is

  /// The smaller, the further to the front. Of paths whose last issuer is not known, the longest says most.
  auto order() const {
    const size_t length = end == End::no_issuer ? path.steps.size() : 0;
    return std::tuple(-static_cast<int>(end), -static_cast<ptrdiff_t>(length), failures, found);
  }
};

class Explorer {
 public:
  Explorer(const Question& question, PathBuilder& search)
      : question_(question),
        issuers_(search.issuers()),
        signatures_(search.signatures()),
        revocation_(search.revocation()) {}

  /// Every path, in the order of the search, until there are too many.
  void explore() {
    path_ = {question_.request.chain.front()};
    roles_ = {Role::leaf};
    extend();
  }
  void add_accepted(Path path) {
    path_.assign(path.begin(), path.end());
    roles_.assign(path.size(), Role::intermediate);
    roles_.front() = Role::leaf;
    roles_.back() = Role::anchor;
    add(End::anchor, {});
    accepted_ = std::move(path_);
  }
  VerificationReport take(bool accepted);

 private:
  void extend();
  void try_candidate(const Candidate& candidate);
  void add(End end, std::optional<Finding> last);
  Finding signature_finding(size_t index);
  void add_path_findings(CandidatePath& out);

  const Question& question_;
  Issuers& issuers_;
  Signatures& signatures_;
  RevocationSearch& revocation_;
  std::vector<CertificatePtr> path_, accepted_;
  std::vector<Role> roles_;
  std::vector<Tried> tried_;
  bool complete_ = true;
};

void Explorer::extend() {
  if (path_.size() >= question_.options.max_path_length)
    return add(End::broken_link,
               Finding{.check = "issuer",
                       .error = Error{ErrorCode::certificate_path_too_long,
                                      "more than " + std::to_string(question_.options.max_path_length) +
                                          " certificates"}});
  const auto candidates = issuers_.after(path_, question_.request.now);
  if (candidates.empty())
    return add(End::no_issuer, Finding{.check = "issuer",
                                       .error = unknown_issuer(*path_.back(), position_of(roles_.back()),
                                                               question_.request)});
  for (const Candidate& candidate : candidates) {
    if (tried_.size() >= max_paths) {
      complete_ = false;
      return;
    }
    try_candidate(candidate);
  }
}

/// Goes on past whatever is wrong with the candidate, but for the signature below it: without that one it has
/// nothing to do with the path.
void Explorer::try_candidate(const Candidate& candidate) {
  const auto state = signatures_.state(*path_.back(), *candidate.certificate);
  path_.push_back(candidate.certificate);
  roles_.push_back(candidate.position == Position::anchor ? Role::anchor : Role::intermediate);
  if (state != SignatureState::good)
    add(state == SignatureState::other_key ? End::other_key : End::broken_link, {});
  else if (candidate.position == Position::anchor)
    add(End::anchor, {});
  else
    extend();
  path_.pop_back();
  roles_.pop_back();
}

Finding Explorer::signature_finding(size_t index) {
  const auto state = signatures_.state(*path_[index], *path_[index + 1]);
  if (state == SignatureState::good)
    return {.check = "signature",
            .evidence = print_algorithm(path_[index]->parsed().signature) + ", made by the key of " +
                        label(*path_[index + 1])};
  return {.check = "signature",
          .error = signature_failure(state, *path_[index], *path_[index + 1], signatures_.count())};
}

/// By what the revocation of a path was found in order.
std::string revocation_text(const Question& question) {
  switch (question.options.revocation) {
    case RevocationPolicy::ignore: return {};
    case RevocationPolicy::if_known: break;
    case RevocationPolicy::leaf_required: return "the leaf is known to be good";
    case RevocationPolicy::required: return "all certificates are known to be good";
  }
  return "none is known to be revoked";
}

void Explorer::add_path_findings(CandidatePath& out) {
  for (const PathCheck& check : path_checks()) {
    ConstraintBudget names;
    PathContext context{question_.options.policies, names};
    const auto violation = check.find(path_, context);
    out.findings.push_back(violation
                               ? Finding{.check = check.name, .error = explain(*violation, path_)}
                               : Finding{.check = check.name, .evidence = check.evidence(path_, context)});
  }
  Finding revocation = {.check = "revocation", .evidence = revocation_text(question_)};
  revocation.error = revocation_.check(path_);
  if (revocation.error || !revocation.evidence.empty()) out.findings.push_back(std::move(revocation));
}

std::vector<Finding> findings_of(const Certificate& certificate, Position position,
                                 const Question& question) {
  std::vector<Finding> out;
  for (const Check& check : checks_for(position)) {
    Finding finding = {.check = check.name};
    if (check.holds(certificate, question))
      finding.evidence = check.evidence(certificate, question);
    else
      finding.error = check.failure(certificate, question, position);
    if (finding.error || !finding.evidence.empty()) out.push_back(std::move(finding));
  }
  return out;
}

size_t count_failures(const std::vector<Finding>& findings) {
  return static_cast<size_t>(
      std::count_if(findings.begin(), findings.end(), [](const Finding& f) { return f.error.has_value(); }));
}

/// `last`: what is to be said of the last certificate's issuer, where it is not in the path.
void Explorer::add(End end, std::optional<Finding> last) {
  if (Path(path_).size() == accepted_.size() && std::equal(path_.begin(), path_.end(), accepted_.begin()))
    return;
  Tried out = {.end = end};
  for (size_t i = 0; i < path_.size(); ++i) {
    auto findings = findings_of(*path_[i], position_of(roles_[i]), question_);
    if (i + 1 < path_.size()) findings.push_back(signature_finding(i));
    out.path.steps.push_back({path_[i], roles_[i], std::move(findings)});
  }
  if (last) out.path.steps.back().findings.push_back(*std::move(last));
  out.path.reaches_anchor = end == End::anchor;
  if (end == End::anchor) add_path_findings(out.path);
  out.failures = count_failures(out.path.findings);
  for (const auto& step : out.path.steps) out.failures += count_failures(step.findings);
  out.found = tried_.size();
  tried_.push_back(std::move(out));
}

/// The failures of a path, the most useful first: whether anybody vouches for the certificate comes before
/// what is wrong with those who do, and what is wrong with the leaf itself comes last. Each says which
/// certificate it speaks of.
std::vector<Error> ranked_failures(const CandidatePath& path) {
  std::vector<CertificatePtr> certificates;
  for (const auto& step : path.steps) certificates.push_back(step.certificate);
  std::vector<Error> links, issuers, leaf;
  for (size_t i = path.steps.size(); i-- > 0;)
    for (const Finding& finding : path.steps[i].findings) {
      if (!finding.error) continue;
      const bool link = finding.check == "signature" || finding.check == "issuer";
      auto& rank = link ? links : i == 0 ? leaf : issuers;
      const bool alone = !link && i == 0;  // true of the leaf on every path
      rank.push_back(*finding.error);
      rank.back().detail = alone ? "certificate 1 (" + label(*certificates[0]) + "): " + finding.error->detail
                                 : describe(certificates, i) + "; " + finding.error->detail;
    }
  for (const Finding& finding : path.findings)
    if (finding.error) issuers.push_back(*finding.error);
  links.insert(links.end(), issuers.begin(), issuers.end());
  links.insert(links.end(), leaf.begin(), leaf.end());
  return links;
}

std::optional<Error> headline(const CandidatePath& path) {
  constexpr size_t most = 3;
  auto failures = ranked_failures(path);
  if (failures.empty()) return {};
  Error out = std::move(failures.front());
  for (size_t i = 1; i < failures.size() && i < most; ++i)
    out.detail += "; besides, " + failures[i].message();
  return out;
}

VerificationReport Explorer::take(bool accepted) {
  std::sort(tried_.begin() + (accepted ? 1 : 0), tried_.end(),
            [](const Tried& a, const Tried& b) { return a.order() < b.order(); });
  VerificationReport out;
  out.complete = complete_;
  for (Tried& one : tried_) out.paths.push_back(std::move(one.path));
  if (!accepted) out.error = headline(out.paths.front());
  return out;
}

}  // namespace

VerificationReport report(const Question& question, PathBuilder& search, Path accepted) {
  Explorer explorer(question, search);
  if (!accepted.empty()) explorer.add_accepted(accepted);
  explorer.explore();
  return explorer.take(!accepted.empty());
}

VerificationReport report_on_trusted_leaf(const Question& question) {
  CandidatePath only = {
      .steps = {{question.request.chain[0], Role::trusted_leaf,
                 findings_of(*question.request.chain[0], Position::trusted_leaf, question)}},
      .reaches_anchor = true};
  VerificationReport out;
  out.error = headline(only);
  out.paths.push_back(std::move(only));
  return out;
}

}  // namespace bulla::x509
