// Where revocation lists are published, and what each of them covers: the DistributionPoint of certificates
// (RFC 5280 §4.2.1.13) and the IssuingDistributionPoint of lists (§5.2.5).
#pragma once

#include "asn1/der_reader.h"
#include "x509/general_name.h"

#include <bulla/bytes.h>

#include <optional>
#include <vector>

namespace bulla::x509 {

/// ReasonFlags: bit n is named bit n. Bit 0 is not used.
using ReasonMask = uint16_t;
inline constexpr ReasonMask all_reasons = 0x1fe;

/// A full name, or one relative to the issuer's; views into the DER.
struct DistributionPointName {
  std::vector<GeneralName> full = {};
  Bytes relative = {};  ///< the content of a RelativeDistinguishedName; empty for a full name
};

struct DistributionPoint {
  std::optional<DistributionPointName> name = {};
  ReasonMask reasons = all_reasons;
  std::vector<GeneralName> crl_issuer = {};  ///< not empty: an indirect list
};

/// Which certificates a list speaks of.
enum class ListScope : uint8_t { all, user_certificates, ca_certificates, attribute_certificates };

struct IssuingDistributionPoint {
  std::optional<DistributionPointName> name = {};
  ListScope scope = ListScope::all;
  ReasonMask reasons = all_reasons;
  bool indirect = false;
};

/// CRLDistributionPoints ::= SEQUENCE SIZE (1..MAX) OF DistributionPoint; freshestCRL has the same form.
std::vector<DistributionPoint> read_distribution_points(asn1::DerReader& r);
IssuingDistributionPoint read_issuing_distribution_point(asn1::DerReader& r);

/// RFC 5280 §6.3.3 (b) (2) (i): whether one name of `a` is a name of `b`; relative ones are completed by
/// `issuer_name`, the Name that issued both.
bool share_a_name(const DistributionPointName& a, const DistributionPointName& b, Bytes issuer_name);

}  // namespace bulla::x509
