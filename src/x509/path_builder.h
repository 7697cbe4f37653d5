// Path building (RFC 4158): a depth-first search from the leaf towards the roots, over the certificates that
// the peer sent. Cross-signed CAs give several paths, and loops; every path is tried until one passes, within
// a budget.
#pragma once

#include "x509/path_check.h"
#include "x509/revocation.h"
#include "x509/signatures.h"

#include <string>
#include <vector>

namespace bulla::x509 {

class PathBuilder {
 public:
  /// All live as long as this object.
  PathBuilder(const RootStore& roots, const Provider& provider, const Question& question);

  enum class Outcome : uint8_t { found, nothing, budget_exhausted };
  /// Looks for a path that passes; the leaf's own checks are not among what is asked.
  Outcome build();
  /// After Outcome::found: the path, leaf first, anchor last.
  std::vector<CertificatePtr> take_path() noexcept { return std::move(path_); }
  /// After Outcome::budget_exhausted: what was spent.
  Error budget_failure() const;

  /// For the report of a search that found nothing, which asks the same again.
  Issuers& issuers() noexcept { return issuers_; }
  Signatures& signatures() noexcept { return signatures_; }
  RevocationSearch& revocation() noexcept { return revocation_; }

 private:
  Outcome extend();
  Outcome try_candidate(const Candidate& candidate);
  Outcome go_on_from(const Candidate& candidate);
  Outcome check_whole();

  const Question& question_;
  Issuers issuers_;
  Signatures signatures_;
  RevocationSearch revocation_;
  ConstraintBudget constraint_budget_;
  unsigned steps_ = 0;
  std::vector<CertificatePtr> path_;
};

}  // namespace bulla::x509
