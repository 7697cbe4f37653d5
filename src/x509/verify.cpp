// WebPkiVerifier, and the one place where proofs of verification are made.
#include "base/assert.h"
#include "x509/list_warnings.h"
#include "x509/path_builder.h"
#include "x509/report.h"

#include <bulla/verification_report.h>

namespace bulla {
namespace x509 {

class ChainVerifiedMint {
 public:
  static ChainVerified mint(std::vector<CertificatePtr> path, const ServerName* name) {
    ChainVerified proof;
    proof.path_ = std::move(path);
    if (name) proof.name_ = name->text();
    return proof;
  }
};

}  // namespace x509

ChainVerified dangerous::assert_verified(const VerifyRequest& request, std::string reason) {
  BULLA_ASSERT(!request.chain.empty() && request.chain.front(), "there is no leaf to speak of");
  BULLA_ASSERT(!reason.empty(), "an asserted proof needs a reason");
  ChainVerified proof;
  proof.path_ = {request.chain.front()};
  if (request.name) proof.name_ = request.name->text();
  proof.reason_ = std::move(reason);
  return proof;
}

bool ChainVerified::is_for(const Certificate& leaf, const ServerName* name) const noexcept {
  return !path_.empty() && equal_vartime(path_.front()->der(), leaf.der()) &&
         name_ == (name ? std::string_view(name->text()) : std::string_view());
}

WebPkiVerifier::WebPkiVerifier(RootStore roots) : WebPkiVerifier(std::move(roots), Options{}) {}
WebPkiVerifier::WebPkiVerifier(RootStore roots, Options options)
    : roots_(std::move(roots)), options_(options) {}

namespace {

/// A request as a search and a report see it.
struct Verification {
  Verification(const RootStore& roots, const WebPkiVerifier::Options& options, const VerifyRequest& request)
      : question{request, options},
        builder(roots, options.provider ? *options.provider : default_provider(), question),
        leaf(request.chain.front()),
        is_trusted_itself(roots.contains(*leaf)) {}

  /// The path that passes; empty where there is none.
  std::vector<CertificatePtr> find() {
    const auto position = is_trusted_itself ? x509::Position::trusted_leaf : x509::Position::leaf;
    if (!x509::passes(position, *leaf, question)) return {};
    if (is_trusted_itself) return {leaf};
    outcome = builder.build();
    if (outcome == x509::PathBuilder::Outcome::found) return builder.take_path();
    return {};
  }
  VerificationReport explain(std::span<const CertificatePtr> accepted) {
    if (is_trusted_itself) return x509::report_on_trusted_leaf(question);
    VerificationReport out = x509::report(question, builder, accepted);
    if (outcome == x509::PathBuilder::Outcome::budget_exhausted) out.error = builder.budget_failure();
    return out;
  }

  /// Last: the signatures that it pays for are no longer needed for the verdict.
  std::vector<Warning> warnings(const CandidatePath& told_first) {
    if (!told_first.reaches_anchor) return {};
    std::vector<CertificatePtr> path;
    for (const auto& step : told_first.steps) path.push_back(step.certificate);
    return x509::list_warnings(question, builder.revocation(), path);
  }

  x509::Question question;
  x509::PathBuilder builder;
  CertificatePtr leaf;
  bool is_trusted_itself;
  x509::PathBuilder::Outcome outcome = x509::PathBuilder::Outcome::nothing;
};

}  // namespace

Result<ChainVerified> WebPkiVerifier::verify(const VerifyRequest& request) const {
  BULLA_ASSERT(!request.chain.empty() && request.chain.front(), "a chain to verify has a leaf");
  Verification verification(roots_, options_, request);
  if (auto path = verification.find(); !path.empty())
    return x509::ChainVerifiedMint::mint(std::move(path), request.name);
  return *verification.explain({}).error;
}

VerificationReport WebPkiVerifier::explain(const VerifyRequest& request) const {
  BULLA_ASSERT(!request.chain.empty() && request.chain.front(), "a chain to verify has a leaf");
  Verification verification(roots_, options_, request);
  VerificationReport out = verification.explain(verification.find());
  out.warnings = verification.warnings(out.paths.front());
  return out;
}

std::vector<std::vector<uint8_t>> WebPkiVerifier::accepted_authorities() const {
  std::vector<std::vector<uint8_t>> out;
  for (const CertificatePtr& root : roots_.all()) {
    auto name = to_vector(root->subject_der());
    if (out.empty() || out.back() != name) out.push_back(std::move(name));
  }
  return out;
}

}  // namespace bulla
