// Certificate extensions (RFC 5280 §4.2): those that path validation needs, parsed; the others kept as they
// are.
#pragma once

#include "asn1/der_reader.h"
#include "x509/distribution_point.h"
#include "x509/general_name.h"

#include <bulla/bytes.h>

#include <optional>
#include <vector>

namespace bulla::x509 {

/// One extension as it stands; views into the certificate.
struct Extension {
  Bytes oid = {};
  bool critical = false;
  Bytes value = {};
};

struct BasicConstraints {
  bool ca = false;
  std::optional<uint32_t> path_length = {};
};

/// Named bits of keyUsage (RFC 5280 §4.2.1.3).
enum class KeyUsage : uint8_t {
  digital_signature = 0,
  content_commitment = 1,
  key_encipherment = 2,
  data_encipherment = 3,
  key_agreement = 4,
  key_cert_sign = 5,
  crl_sign = 6,
  encipher_only = 7,
  decipher_only = 8,
};

struct NameConstraints {
  std::vector<GeneralName> permitted = {}, excluded = {};
};

struct AccessDescription {
  Bytes method = {};
  GeneralName location = {};
};

struct PolicyMapping {
  Bytes issuer_policy = {}, subject_policy = {};
};

struct PolicyConstraints {
  std::optional<uint32_t> require_explicit_policy = {}, inhibit_policy_mapping = {};
};

/// Everything is absent by default: a certificate without extensions.
struct Extensions {
  std::vector<Extension> all = {};
  std::optional<BasicConstraints> basic_constraints = {};
  std::optional<asn1::BitString> key_usage = {};
  std::optional<std::vector<Bytes>> extended_key_usage = {};  ///< OID contents
  std::optional<std::vector<GeneralName>> subject_alt_name = {};
  std::optional<NameConstraints> name_constraints = {};
  std::optional<Bytes> subject_key_id = {}, authority_key_id = {};
  std::vector<AccessDescription> authority_info_access = {};
  std::vector<Bytes> policies = {};
  std::vector<PolicyMapping> policy_mappings = {};
  std::optional<PolicyConstraints> policy_constraints = {};
  std::optional<uint32_t> inhibit_any_policy = {};
  std::vector<DistributionPoint> crl_distribution_points = {}, freshest_crl = {};
  std::vector<uint16_t> tls_features = {};  ///< RFC 7633: TLS extensions that the server must answer
  bool ocsp_no_check = false;               ///< id-pkix-ocsp-nocheck (RFC 6960 §4.2.2.2.1)
  /// The OID of the first critical extension that nothing here processes; empty for none.
  Bytes unknown_critical = {};

  /// Absent keyUsage allows everything (RFC 5280 §4.2.1.3).
  bool allows(KeyUsage usage) const noexcept {
    return !key_usage || key_usage->bit(static_cast<size_t>(usage));
  }
};

/// Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension, as they stand, in place of what `out` held; of
/// certificates, lists and their entries, OCSP. A duplicate fails `r`.
void read_extension_list(asn1::DerReader& r, std::vector<Extension>& out);
/// The same for a certificate; a malformed known extension fails `r` too.
Extensions read_extensions(asn1::DerReader& r);

}  // namespace bulla::x509
