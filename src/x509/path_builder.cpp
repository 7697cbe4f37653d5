#include "x509/path_builder.h"

#include "x509/evidence.h"
#include "x509/name.h"

#include <algorithm>
#include <set>
#include <string_view>

namespace bulla::x509 {
namespace {

/// Certificates looked at for each signature that may be checked: a look is some hundred times cheaper.
constexpr unsigned steps_per_signature = 50;

std::string key_of(Bytes name_der) {
  return canonical_name(name_der).value_or(std::string(as_text(name_der)));
}

/// What a signature costs, in those of RSA-2048: RSA grows with the square of the modulus. Curves and ML-DSA
/// have no size that a peer could choose: 100 signatures of the slowest, P-521, take less than a tenth of a
/// second, and those of ML-DSA-87 a fifth of that.
unsigned cost_of(const PublicKeyView& key) {
  if (key.type != KeyType::rsa && key.type != KeyType::rsa_pss) return 1;
  const unsigned n = (key_bits(key) + 2047) / 2048;
  return n * n;
}

enum class KeyIdentifiers : uint8_t { differ, unknown, match };

/// authorityKeyIdentifier of the child against subjectKeyIdentifier of the issuer: a hint, never a proof.
KeyIdentifiers compare_identifiers(const Certificate& child, const Certificate& issuer) {
  const auto& wanted = child.parsed().extensions.authority_key_id;
  const auto& present = issuer.parsed().extensions.subject_key_id;
  if (!wanted || !present) return KeyIdentifiers::unknown;
  return equal_vartime(*wanted, *present) ? KeyIdentifiers::match : KeyIdentifiers::differ;
}

}  // namespace

PathBuilder::PathBuilder(const RootStore& roots, const WebPkiVerifier::Options& options,
                         const Provider& provider, const VerifyRequest& request)
    : roots_(roots), options_(options), provider_(provider), request_(request) {
  // Roots that were sent along are found in the store; what was sent twice is looked at once.
  std::set<std::string_view> seen;
  for (const CertificatePtr& sent : request.chain.subspan(1)) {
    if (!seen.insert(as_text(sent->der())).second || roots.contains(*sent)) continue;
    pool_by_subject_[subject_key(*sent)].push_back(sent);
  }
}

Result<std::vector<CertificatePtr>> PathBuilder::build() {
  path_.push_back(request_.chain.front());
  if (extend() == Outcome::found) return std::move(path_);
  return std::move(best_);
}

/// Looks for an issuer of the last certificate of the path, and goes on from there.
PathBuilder::Outcome PathBuilder::extend() {
  const auto issuers = candidates();
  if (issuers.empty() && is_better(Rank::no_issuer)) remember(Rank::no_issuer, no_issuer());
  for (const Candidate& candidate : issuers)
    if (const Outcome outcome = try_candidate(candidate); outcome != Outcome::nothing) return outcome;
  return Outcome::nothing;
}

PathBuilder::Outcome PathBuilder::try_candidate(const Candidate& candidate) {
  if (!spend_step()) return Outcome::stop;
  path_.push_back(candidate.certificate);
  Outcome outcome = Outcome::nothing;
  const bool anchor = candidate.position == Position::anchor;
  if (path_.size() > options_.max_path_length) {
    remember(Rank::intermediate, {ErrorCode::certificate_path_too_long,
                                  "more than " + std::to_string(options_.max_path_length) + " certificates"});
  } else if (auto failure = check_issuer(candidate.position)) {
    if (failure->code == ErrorCode::certificate_budget_exhausted) {
      outcome = Outcome::stop;
      remember(Rank::budget, *std::move(failure));
    } else {
      const bool other_key = failure->code == ErrorCode::certificate_unknown_issuer;
      remember(other_key ? Rank::other_key : anchor ? Rank::anchor : Rank::intermediate, *std::move(failure));
    }
  } else if (!anchor) {
    outcome = extend();
  } else if (auto whole = check_path(path_for(Rank::whole_path), constraint_budget_)) {
    const bool spent = whole->code == ErrorCode::certificate_budget_exhausted;
    remember(spent ? Rank::budget : Rank::whole_path, *std::move(whole));
    if (spent) outcome = Outcome::stop;
  } else {
    outcome = Outcome::found;
  }
  if (outcome != Outcome::found) path_.pop_back();
  return outcome;
}

/// Roots and sent certificates whose subject is the issuer that is looked for, the likeliest first.
std::vector<PathBuilder::Candidate> PathBuilder::candidates() {
  std::vector<Candidate> out;
  const Issuers& issuers = issuers_of(*path_.back());
  for (const CertificatePtr& root : issuers.roots)
    if (!in_path(*root)) out.push_back({root, Position::anchor, score_of(*root, Position::anchor)});
  if (issuers.sent)
    for (const CertificatePtr& sent : *issuers.sent)
      if (!in_path(*sent))
        out.push_back({sent, Position::intermediate, score_of(*sent, Position::intermediate)});
  for (size_t i = 0; i < out.size(); ++i) out[i].order = i;  // equals stay as they came
  std::sort(out.begin(), out.end(), [](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.order < b.order;
  });
  return out;
}

int PathBuilder::score_of(const Certificate& candidate, Position position) const {
  int score = 0;
  switch (compare_identifiers(*path_.back(), candidate)) {
    case KeyIdentifiers::match: score += 8; break;
    case KeyIdentifiers::unknown: score += 4; break;
    case KeyIdentifiers::differ: break;
  }
  if (request_.now >= candidate.not_before() && request_.now <= candidate.not_after()) score += 2;
  if (position == Position::anchor) score += 1;
  return score;
}

/// A certificate, or another one for the same subject and key, never helps twice: this is what ends loops.
bool PathBuilder::in_path(const Certificate& candidate) {
  return std::any_of(path_.begin(), path_.end(), [&](const CertificatePtr& one) {
    return equal_vartime(one->spki(), candidate.spki()) && subject_key(*one) == subject_key(candidate);
  });
}

const std::string& PathBuilder::subject_key(const Certificate& certificate) {
  const auto [entry, is_new] = subject_keys_.try_emplace(&certificate);
  if (is_new) entry->second = key_of(certificate.subject_der());
  return entry->second;
}

const PathBuilder::Issuers& PathBuilder::issuers_of(const Certificate& certificate) {
  const auto [entry, is_new] = issuers_.try_emplace(&certificate);
  if (!is_new) return entry->second;
  entry->second.roots = roots_.with_subject(certificate.issuer_der());
  const auto sent = pool_by_subject_.find(key_of(certificate.issuer_der()));
  if (sent != pool_by_subject_.end()) entry->second.sent = &sent->second;
  return entry->second;
}

/// The last certificate of the path as the issuer of the one before it: what is cheap first, the signature
/// last.
Failure PathBuilder::check_issuer(Position position) {
  const size_t index = path_.size() - 1;
  const PathView path = path_for(position == Position::anchor ? Rank::anchor : Rank::intermediate);
  if (auto failure = check_ca(path, index, position)) return failure;
  if (auto failure = check_dates(path, index, request_.now)) return failure;
  if (auto failure = check_purpose(path, index, request_.purpose)) return failure;
  if (auto failure = check_extensions(path, index)) return failure;
  if (auto failure = check_key(path, index, options_.min_rsa_bits)) return failure;
  return check_signature(path);
}

Failure PathBuilder::check_signature(PathView path) {
  const size_t index = path.size() - 2;
  const Certificate &child = *path[index], &issuer = *path[index + 1];
  const AlgorithmIdentifier& written = child.parsed().signature;
  const auto refuse = [&](ErrorCode code, const auto& why) {
    return path.is_worded() ? Error{code, describe(path.path(), index) + "; " + why()} : Error{code};
  };
  const auto signed_with = [&] { return "it is signed with " + print_algorithm(written); };
  if (is_weak_signature(written)) return refuse(ErrorCode::certificate_weak_signature, signed_with);
  const auto algorithm = child.signature_algorithm();
  if (!algorithm || !provider_.supports(*algorithm))
    return refuse(ErrorCode::certificate_unsupported_algorithm, signed_with);
  const bool fits = issuer.key_allows(*algorithm);
  if (fits && !verified_.contains({&child, &issuer}) && signatures_ >= options_.max_signatures)
    return Error{ErrorCode::certificate_budget_exhausted,
                 std::to_string(verified_.size()) + " signatures were checked"};
  if (fits && signature_verifies(child, issuer, *algorithm)) return {};
  if (!fits || compare_identifiers(child, issuer) == KeyIdentifiers::differ)
    return is_better(Rank::other_key) ? other_key() : Error{ErrorCode::certificate_unknown_issuer};
  return refuse(ErrorCode::certificate_bad_signature,
                [&] { return "the key of " + label(issuer) + " did not make its signature"; });
}

Error PathBuilder::other_key() const {
  return {ErrorCode::certificate_unknown_issuer,
          describe(path_, path_.size() - 2) +
              "; there is a certificate of that name, but with another key than the one that signed",
          "the issuer was made anew, or it is another CA of the same name: give the certificate of the CA "
          "that really signed (--ca FILE); `openssl x509 -in FILE -noout -ext authorityKeyIdentifier,"
          "subjectKeyIdentifier` shows which"};
}

bool PathBuilder::signature_verifies(const Certificate& child, const Certificate& issuer,
                                     SignatureAlgorithm algorithm) {
  const auto [entry, is_new] = verified_.try_emplace({&child, &issuer}, false);
  if (!is_new) return entry->second;
  const PublicKeyView key = issuer.public_key();
  signatures_ += cost_of(key);
  VerifyJob job{.key = &key,
                .algorithm = algorithm,
                .message = child.parsed().tbs,
                .signature = child.parsed().signature_value};
  provider_.signing.verify({&job, 1});
  entry->second = job.ok;
  return job.ok;
}

bool PathBuilder::spend_step() {
  if (++steps_ <= options_.max_signatures * steps_per_signature) return true;
  remember(Rank::budget, {ErrorCode::certificate_budget_exhausted,
                          std::to_string(steps_ - 1) + " candidate certificates were looked at"});
  return false;
}

bool PathBuilder::is_better(Rank rank) const noexcept {
  return rank > best_rank_ || (rank == best_rank_ && rank == Rank::no_issuer && path_.size() > best_length_);
}

/// The path to check; a failure that would not be remembered needs no words.
PathView PathBuilder::path_for(Rank rank) const noexcept {
  return {path_, is_better(rank) ? Wording::full : Wording::none};
}

void PathBuilder::remember(Rank rank, Error error) {
  if (!is_better(rank)) return;
  best_rank_ = rank;
  best_length_ = path_.size();
  best_ = std::move(error);
}

/// Nobody has a certificate of the issuer: what to do depends on what was sent.
Error PathBuilder::no_issuer() const {
  const Certificate& last = *path_.back();
  const size_t index = path_.size() - 1;
  Error error{ErrorCode::certificate_unknown_issuer, describe(path_, index)};
  if (last.parsed().self_issued) {
    error.detail += index == 0 ? "; it is not among the trusted certificates"
                               : "; this root is not among the trusted certificates";
    error.remedy = index == 0 ? "if it is yours, trust exactly this certificate: --ca FILE (with "
                              : "if you trust this CA, give its certificate: --ca FILE (with ";
    error.remedy += request_.name ? "`openssl s_client -connect " + request_.name->text() +
                                        ":443 -showcerts </dev/null` you see what the server sends)"
                                  : "`openssl x509 -in FILE -noout -fingerprint -sha256` you compare it)";
    return error;
  }
  error.detail += "; no certificate of that issuer was sent, and none is trusted";
  error.remedy =
      "the chain should hold the intermediate certificates: `cat leaf.pem intermediate.pem > chain.pem`; "
      "if the issuer is your own CA, give its certificate: --ca FILE";
  for (const AccessDescription& access : last.parsed().extensions.authority_info_access) {
    if (!(asn1::oids::access_ca_issuers == access.method) || access.location.kind != GeneralNameKind::uri)
      continue;
    const std::string url = shell_safe_url(access.location.value);
    if (!url.empty()) error.remedy += "; its issuer publishes the missing one: `curl -sO " + url + '`';
    break;
  }
  return error;
}

}  // namespace bulla::x509
