#include "x509/path_builder.h"

namespace bulla::x509 {
namespace {

/// Certificates looked at for each signature that may be checked: a look is some hundred times cheaper.
constexpr unsigned steps_per_signature = 50;

}  // namespace

PathBuilder::PathBuilder(const RootStore& roots, const Provider& provider, const Question& question)
    : question_(question),
      issuers_(roots, question.request.chain.subspan(1)),
      signatures_(provider, question.options.max_signatures),
      revocation_(question.options, question.request, signatures_.paid()) {}

PathBuilder::Outcome PathBuilder::build() {
  path_ = {question_.request.chain.front()};
  return extend();
}

/// Looks for an issuer of the last certificate of the path, and goes on from there.
PathBuilder::Outcome PathBuilder::extend() {
  for (const Candidate& candidate : issuers_.after(path_, question_.request.now))
    if (const Outcome outcome = try_candidate(candidate); outcome != Outcome::nothing) return outcome;
  return Outcome::nothing;
}

/// What is cheap first, the signature last.
PathBuilder::Outcome PathBuilder::try_candidate(const Candidate& candidate) {
  if (steps_ >= question_.options.max_signatures * steps_per_signature) return Outcome::budget_exhausted;
  ++steps_;
  if (path_.size() >= question_.options.max_path_length) return Outcome::nothing;
  if (!passes(candidate.position, *candidate.certificate, question_)) return Outcome::nothing;
  switch (signatures_.state(*path_.back(), *candidate.certificate)) {
    case SignatureState::good: return go_on_from(candidate);
    case SignatureState::unpaid: return Outcome::budget_exhausted;
    default: return Outcome::nothing;
  }
}

PathBuilder::Outcome PathBuilder::go_on_from(const Candidate& candidate) {
  path_.push_back(candidate.certificate);
  const Outcome outcome = candidate.position == Position::intermediate ? extend() : check_whole();
  if (outcome != Outcome::found) path_.pop_back();
  return outcome;
}

PathBuilder::Outcome PathBuilder::check_whole() {
  const auto refused = [](ErrorCode code) {
    return code == ErrorCode::certificate_budget_exhausted ? Outcome::budget_exhausted : Outcome::nothing;
  };
  if (const auto violation = check_path(path_, {question_.options.policies, constraint_budget_}))
    return refused(violation->code);
  if (const auto failure = revocation_.check(path_)) return refused(failure->code);
  return Outcome::found;
}

Error PathBuilder::budget_failure() const {
  return {ErrorCode::certificate_budget_exhausted,
          std::to_string(steps_) + " candidate certificates were looked at, and " +
              std::to_string(signatures_.count()) +
              " signatures checked, those of revocation lists and OCSP responses among them"};
}

}  // namespace bulla::x509
