// The checks that RFC 5280 §6.1 makes on single certificates of a path. Each returns the explained error, or
// nothing where the certificate passes. `path` is leaf first and gives the words; `index` is the one looked
// at.
#pragma once

#include "x509/certificate.h"

#include <optional>
#include <span>

namespace bulla::x509 {

using PathView = std::span<const CertificatePtr>;
using Failure = std::optional<Error>;

/// §6.1.3 (a) (2): notBefore <= now <= notAfter, both inclusive.
Failure check_dates(PathView path, size_t index, Time now);
/// extendedKeyUsage allows the purpose, in the leaf and in each CA above it (a rule of the Web's, older than
/// any RFC's; CAs are constrained by it).
Failure check_purpose(PathView path, size_t index, CertificatePurpose purpose);
/// A key of a known kind, RSA of enough bits.
Failure check_key(PathView path, size_t index, unsigned min_rsa_bits);
/// §4.2: no critical extension that is not processed.
Failure check_extensions(PathView path, size_t index);
/// §6.1.4 (k), (n): the certificate may sign others. An anchor of version 1 or 2 may, since it was chosen.
enum class Position : uint8_t { intermediate, anchor };
Failure check_ca(PathView path, size_t index, Position position);
/// The leaf carries the name.
Failure check_name(PathView path, const ServerName& name);

}  // namespace bulla::x509
