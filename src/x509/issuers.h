// Who may have issued a certificate, by name: among the trusted roots, and among the certificates that the
// peer sent in whatever order (RFC 4158 §2).
#pragma once

#include "x509/checks.h"

#include <map>
#include <string>
#include <vector>

namespace bulla::x509 {

enum class KeyIdentifiers : uint8_t { differ, unknown, match };
/// authorityKeyIdentifier of the child against subjectKeyIdentifier of the issuer: a hint, never a proof.
KeyIdentifiers compare_identifiers(const Certificate& child, const Certificate& issuer) noexcept;

/// A certificate that may be the next of a path.
struct Candidate {
  CertificatePtr certificate = {};
  Position position = Position::intermediate;  ///< intermediate or anchor
  int score = 0;
  size_t order = 0;  ///< among equals, the one that came first
};

/// For one search. The names in it are as long as the peer made them: each is brought into the form in which
/// names are compared once.
class Issuers {
 public:
  /// `sent` without the leaf. Both live as long as this object.
  Issuers(const RootStore& roots, std::span<const CertificatePtr> sent);

  /// Roots and sent certificates whose subject is the issuer of the path's last certificate, the likeliest
  /// first. A certificate, or another one for the same subject and key, never helps a path twice: this is
  /// what ends loops.
  std::vector<Candidate> after(Path path, Time now);

 private:
  struct Named {
    std::span<const CertificatePtr> roots = {};
    const std::vector<CertificatePtr>* sent = nullptr;
  };
  const Named& issuers_of(const Certificate& certificate);
  const std::string& subject_key(const Certificate& certificate);
  bool is_in(Path path, const Certificate& candidate);

  const RootStore& roots_;
  std::map<std::string, std::vector<CertificatePtr>> sent_by_subject_;
  std::map<const Certificate*, std::string> subject_keys_;
  std::map<const Certificate*, Named> issuers_;
};

}  // namespace bulla::x509
