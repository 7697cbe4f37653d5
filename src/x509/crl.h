// A list of revoked certificates taken apart (RFC 5280 §5.1). Everything is a view into `der`, which the
// object owns. Entries, of which there may be hundreds of thousands, stay where they are: an index of their
// offsets, ordered by serial number, finds them.
#pragma once

#include "x509/algorithm.h"
#include "x509/distribution_point.h"

#include <bulla/revocation.h>

#include <memory>
#include <string>
#include <vector>

namespace bulla::x509 {

/// RevokedCertificate of the file, taken apart when it is asked for.
struct ListEntry {
  Bytes serial = {};  ///< INTEGER content
  Time revoked_at = {};
  std::optional<RevocationReason> reason = {};
  std::optional<Time> invalid_since = {};
};

/// What keeps a list from being used although it is well-formed.
enum class ListProblem : uint8_t {
  none,
  delta,                   ///< deltaCRLIndicator
  indirect,                ///< indirectCRL, or an entry with a certificateIssuer
  unknown_critical,        ///< a critical extension that is not processed
  unknown_critical_entry,  ///< the same in an entry
  attribute_certificates,  ///< of no use for public key certificates
};
struct ParsedRevocationList {
  std::vector<uint8_t> der = {};

  Bytes tbs = {};  ///< the TBSCertList with its tag: what is signed
  uint8_t version = 1;
  AlgorithmIdentifier signature = {};
  std::optional<SignatureAlgorithm> signature_algorithm = {};
  Bytes signature_value = {};
  Bytes issuer = {};  ///< the whole Name
  Time this_update = {};
  std::optional<Time> next_update = {};
  std::optional<Bytes> number = {};            ///< INTEGER content
  std::optional<Bytes> authority_key_id = {};  ///< a hint which key signed
  std::optional<IssuingDistributionPoint> distribution_point = {};
  ListProblem problem = ListProblem::none;
  Bytes unknown_critical = {};  ///< the OID that `problem` speaks of

  /// Where the entries stand in `der`, ordered by their serial numbers: length, then bytes, then place.
  std::vector<uint32_t> by_serial = {};

  ListEntry entry(size_t index) const;
  /// The first entry with this INTEGER content.
  std::optional<ListEntry> find(Bytes serial) const;

  ParsedRevocationList() = default;
  ParsedRevocationList(const ParsedRevocationList&) = delete;
  ParsedRevocationList& operator=(const ParsedRevocationList&) = delete;
};

Result<std::unique_ptr<const ParsedRevocationList>> parse_revocation_list(Bytes der);
/// Why a list is not used, for a person; empty where it can be.
std::string explain_problem(const ParsedRevocationList& list);

}  // namespace bulla::x509
