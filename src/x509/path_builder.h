// Path building (RFC 4158): a depth-first search from the leaf towards the roots, over the certificates that
// the peer sent in whatever order. Cross-signed CAs give several paths, and loops; every path is tried until
// one passes, within a budget.
#pragma once

#include "x509/path_check.h"
#include "x509/revocation.h"

#include <bulla/certificate.h>

#include <map>
#include <string>
#include <vector>

namespace bulla::x509 {

class PathBuilder {
 public:
  PathBuilder(const RootStore& roots, const WebPkiVerifier::Options& options, const Provider& provider,
              const VerifyRequest& request);

  /// The first path found that passes, leaf first, anchor last; or the failure of the most promising one.
  Result<std::vector<CertificatePtr>> build();

 private:
  /// How much a failure says: the nearer to a trusted root, the more. The first of equals is kept.
  enum class Rank : uint8_t { none, no_issuer, other_key, intermediate, anchor, whole_path, budget };
  enum class Outcome : uint8_t { found, nothing, stop };
  /// Who may have issued a certificate, by name: in the store, and among those sent.
  struct Issuers {
    std::span<const CertificatePtr> roots = {};
    const std::vector<CertificatePtr>* sent = nullptr;
  };
  struct Candidate {
    CertificatePtr certificate = {};
    Position position = Position::intermediate;
    int score = 0;
    size_t order = 0;
  };

  Outcome extend();
  Outcome try_candidate(const Candidate& candidate);
  std::vector<Candidate> candidates();
  int score_of(const Certificate& candidate, Position position) const;
  bool in_path(const Certificate& candidate);
  const std::string& subject_key(const Certificate& certificate);
  const Issuers& issuers_of(const Certificate& certificate);
  Failure check_issuer(Position position);
  Failure check_whole(PathView path);
  Failure check_signature(PathView path);
  bool signature_verifies(const Certificate& child, const Certificate& issuer, SignatureAlgorithm algorithm);
  bool spend_step();
  bool is_better(Rank rank) const noexcept;
  PathView path_for(Rank rank) const noexcept;
  void remember(Rank rank, Error error);
  Error no_issuer() const;
  Error other_key() const;

  const RootStore& roots_;
  const WebPkiVerifier::Options& options_;
  const Provider& provider_;
  const VerifyRequest& request_;
  std::vector<CertificatePtr> path_;
  std::map<std::string, std::vector<CertificatePtr>> pool_by_subject_;
  // What is asked again on every path, and costs as much as the peer made its names long.
  std::map<const Certificate*, std::string> subject_keys_;
  std::map<const Certificate*, Issuers> issuers_;
  std::map<std::pair<const Certificate*, const Certificate*>, bool> verified_;
  unsigned signatures_ = 0;  ///< what they cost
  unsigned steps_ = 0;
  ConstraintBudget constraint_budget_;
  RevocationSearch revocation_{options_, provider_, request_, signatures_};
  Rank best_rank_ = Rank::none;
  size_t best_length_ = 0;
  Error best_{ErrorCode::certificate_unknown_issuer};
};

}  // namespace bulla::x509
