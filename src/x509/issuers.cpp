#include "x509/issuers.h"

#include "x509/name.h"

#include <algorithm>
#include <set>

namespace bulla::x509 {
namespace {

/// RFC 4158 §3.5: what makes a candidate likely to lead to a path.
int score_of(const Certificate& child, const Certificate& candidate, Position position, Time now) {
  int score = 0;
  switch (compare_identifiers(child, candidate)) {
    case KeyIdentifiers::match: score += 8; break;
    case KeyIdentifiers::unknown: score += 4; break;
    case KeyIdentifiers::differ: break;
  }
  if (now >= candidate.not_before() && now <= candidate.not_after()) score += 2;
  if (position == Position::anchor) score += 1;
  return score;
}

}  // namespace

KeyIdentifiers compare_identifiers(const Certificate& child, const Certificate& issuer) noexcept {
  const auto& wanted = child.parsed().extensions.authority_key_id;
  const auto& present = issuer.parsed().extensions.subject_key_id;
  if (!wanted || !present) return KeyIdentifiers::unknown;
  return equal_vartime(*wanted, *present) ? KeyIdentifiers::match : KeyIdentifiers::differ;
}

Issuers::Issuers(const RootStore& roots, std::span<const CertificatePtr> sent) : roots_(roots) {
  // Roots that were sent along are found in the store; what was sent twice is looked at once.
  std::set<std::string_view> seen;
  for (const CertificatePtr& one : sent) {
    if (!seen.insert(as_text(one->der())).second || roots.contains(*one)) continue;
    sent_by_subject_[subject_key(*one)].push_back(one);
  }
}

std::vector<Candidate> Issuers::after(Path path, Time now) {
  const Certificate& child = *path.back();
  const Named& named = issuers_of(child);
  std::vector<Candidate> out;
  const auto add = [&](const CertificatePtr& one, Position position) {
    if (!is_in(path, *one)) out.push_back({one, position, score_of(child, *one, position, now), out.size()});
  };
  for (const CertificatePtr& root : named.roots) add(root, Position::anchor);
  if (named.sent)
    for (const CertificatePtr& one : *named.sent) add(one, Position::intermediate);
  std::sort(out.begin(), out.end(), [](const Candidate& a, const Candidate& b) {
    return a.score != b.score ? a.score > b.score : a.order < b.order;
  });
  return out;
}

const Issuers::Named& Issuers::issuers_of(const Certificate& certificate) {
  const auto [entry, is_new] = issuers_.try_emplace(&certificate);
  if (!is_new) return entry->second;
  entry->second.roots = roots_.with_subject(certificate.issuer_der());
  const auto sent = sent_by_subject_.find(name_key(certificate.issuer_der()));
  if (sent != sent_by_subject_.end()) entry->second.sent = &sent->second;
  return entry->second;
}

const std::string& Issuers::subject_key(const Certificate& certificate) {
  const auto [entry, is_new] = subject_keys_.try_emplace(&certificate);
  if (is_new) entry->second = name_key(certificate.subject_der());
  return entry->second;
}

bool Issuers::is_in(Path path, const Certificate& candidate) {
  return std::any_of(path.begin(), path.end(), [&](const CertificatePtr& one) {
    return equal_vartime(one->spki(), candidate.spki()) && subject_key(*one) == subject_key(candidate);
  });
}

}  // namespace bulla::x509
