// A certificate as it is written and signed (RFC 5280 §4.1): the one place that knows the profile of what we
// issue.
#pragma once

#include "asn1/der_writer.h"
#include "pki/means.h"

#include <optional>
#include <vector>

namespace bulla::pki {

/// extendedKeyUsage of an end entity.
struct Purposes {
  bool server = true, client = true;
  bool ocsp_signing = false;  ///< answers for the CA (RFC 6960 §4.2.2.2)
};
inline Purposes purposes_for(CertificateUse use) noexcept {
  return {.server = use != CertificateUse::client, .client = use != CertificateUse::server};
}

/// What the new certificate says.
struct Profile {
  CertificateRole role = CertificateRole::end_entity;
  std::vector<uint8_t> subject = {};  ///< Name, DER
  std::vector<AltName> names = {};    ///< end entities
  Bytes spki = {};
  Time not_before = {}, not_after = {};
  Purposes purposes = {};                    ///< end entities
  bool must_staple = false;                  ///< TLS feature status_request (RFC 7633)
  std::string crl_url = {}, ocsp_url = {};   ///< left out where empty
  std::optional<unsigned> path_length = {};  ///< CAs
  std::vector<Subtree> permitted = {};       ///< CAs; empty: everything
};

/// Who signs it.
struct Issuer {
  Bytes name = {};    ///< Name, DER: the subject of the issuer's certificate
  Bytes key_id = {};  ///< its subjectKeyIdentifier; empty for none
  const SigningKey& key;
  SignatureAlgorithm algorithm;
};

/// Name with nothing but a common name; empty where `name` is longer than a common name may be.
std::vector<uint8_t> common_name(std::string_view name);
/// The subjectAltName's value: GeneralNames.
void write_alt_names(asn1::DerWriter& w, std::span<const AltName> names);
/// One Extension (RFC 5280 §4.1), whose value is the DER that `body` writes.
enum class Criticality : uint8_t { critical, not_critical };
template <std::invocable<asn1::DerWriter&> F>
void write_extension(asn1::DerWriter& w, const asn1::Oid& oid, Criticality criticality, F&& body) {
  w.sequence([&](asn1::DerWriter& w) {
    w.oid(oid);
    if (criticality == Criticality::critical) w.boolean(true);  // FALSE is the default, hence not written
    w.octet_string(body);
  });
}

/// RFC 7093 §2 (1): the first 160 bits of the SHA-256 of the key's bits.
std::vector<uint8_t> key_identifier(Bytes spki, const Provider& provider);

Result<CertificatePtr> sign_certificate(const Profile& profile, const Issuer& issuer, const Means& means);

/// From an hour ago (for peers whose clocks are slow) to `days` from now. Error: bad_argument.
struct Validity {
  Time not_before, not_after;
};
Result<Validity> validity_of(unsigned days, Time now);

}  // namespace bulla::pki
