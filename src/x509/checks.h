// The checks that RFC 5280 §6.1 makes on single certificates of a path. Each returns the explained error, or
// nothing where the certificate passes. `path` is leaf first and gives the words; `index` is the one looked
// at.
#pragma once

#include "x509/certificate.h"

#include <optional>
#include <span>
#include <vector>

namespace bulla::x509 {

/// Whether a failure is put into words. A search fails in hundreds of places, over names that the peer made
/// as long as it liked, and one failure is told in the end.
enum class Wording : uint8_t { full, none };

/// A path, leaf first. Where the wording is none, failures of it have a code and no detail.
class PathView {
 public:
  PathView(std::span<const CertificatePtr> path, Wording wording = Wording::full) noexcept
      : path_(path), wording_(wording) {}
  PathView(const std::vector<CertificatePtr>& path, Wording wording = Wording::full) noexcept
      : path_(path), wording_(wording) {}

  std::span<const CertificatePtr> path() const noexcept { return path_; }
  size_t size() const noexcept { return path_.size(); }
  const CertificatePtr& operator[](size_t index) const noexcept { return path_[index]; }
  bool is_worded() const noexcept { return wording_ == Wording::full; }

 private:
  std::span<const CertificatePtr> path_;
  Wording wording_;
};
using Failure = std::optional<Error>;

/// §6.1.3 (a) (2): notBefore <= now <= notAfter, both inclusive.
Failure check_dates(PathView path, size_t index, Time now);
/// extendedKeyUsage allows the purpose, in the leaf and in each CA above it (a rule of the Web's, older than
/// any RFC's; CAs are constrained by it).
Failure check_purpose(PathView path, size_t index, CertificatePurpose purpose);
/// A key of a known kind, RSA of enough bits, ML-DSA without a keyUsage of encryption (RFC 9881 §5).
Failure check_key(PathView path, size_t index, unsigned min_rsa_bits);
/// §4.2: no critical extension that is not processed.
Failure check_extensions(PathView path, size_t index);
/// §6.1.4 (k), (n): the certificate may sign others. A root of version 1 or 2 may, where it is the anchor: it
/// was chosen, and cannot say CA:TRUE.
enum class Position : uint8_t { intermediate, anchor };
Failure check_ca(PathView path, size_t index, Position position);
/// The leaf carries the name.
Failure check_name(PathView path, const ServerName& name);

}  // namespace bulla::x509
