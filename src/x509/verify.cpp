// WebPkiVerifier, and the one place where proofs of verification are made.
#include "base/assert.h"
#include "x509/checks.h"
#include "x509/evidence.h"
#include "x509/path_builder.h"

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

namespace {

/// What the leaf must be by itself, whichever path leads to it.
Failure check_leaf(PathView leaf, const VerifyRequest& request, const WebPkiVerifier::Options& options) {
  if (auto failure = check_dates(leaf, 0, request.now)) return failure;
  if (request.name)
    if (auto failure = check_name(leaf, *request.name)) return failure;
  if (auto failure = check_purpose(leaf, 0, request.purpose)) return failure;
  if (auto failure = check_extensions(leaf, 0)) return failure;
  return check_key(leaf, 0, options.min_rsa_bits);
}

/// A leaf that is trusted itself: its own names, dates and purposes count, and that all of it is understood;
/// who signed it and with what key does not.
Failure check_trusted_leaf(PathView leaf, const VerifyRequest& request) {
  if (auto failure = check_dates(leaf, 0, request.now)) return failure;
  if (request.name)
    if (auto failure = check_name(leaf, *request.name)) return failure;
  if (auto failure = check_purpose(leaf, 0, request.purpose)) return failure;
  if (auto failure = check_extensions(leaf, 0)) return failure;
  // No provider verifies with less: better said here than as a failed signature later.
  constexpr unsigned least_rsa_bits = 1024;
  return check_key(leaf, 0, least_rsa_bits);
}

}  // namespace
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

Result<ChainVerified> WebPkiVerifier::verify(const VerifyRequest& request) const {
  BULLA_ASSERT(!request.chain.empty() && request.chain.front(), "a chain to verify has a leaf");
  const CertificatePtr& leaf = request.chain.front();
  const x509::PathView alone(std::span(&leaf, 1));
  if (roots_.contains(*leaf)) {
    if (auto failure = x509::check_trusted_leaf(alone, request)) return *std::move(failure);
    return x509::ChainVerifiedMint::mint({leaf}, request.name);
  }
  const Provider& provider = options_.provider ? *options_.provider : default_provider();
  const auto leaf_failure = x509::check_leaf(alone, request, options_);
  auto path = x509::PathBuilder(roots_, options_, provider, request).build();
  // Whether anybody vouches for the certificate comes first; what else is wrong with it is said beside.
  if (!path) {
    Error error = std::move(path).error();
    if (leaf_failure) error.detail += "; besides, " + leaf_failure->message();
    return error;
  }
  if (leaf_failure) return *leaf_failure;
  return x509::ChainVerifiedMint::mint(*std::move(path), request.name);
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
