// A list of revoked certificates as it is written and signed (RFC 5280 §5).
#include "asn1/pem.h"
#include "pki/algorithm.h"
#include "pki/certificate_writer.h"
#include "x509/certificate.h"
#include "x509/serial.h"

#include <bulla/revocation_authority.h>

#include <algorithm>

namespace bulla::pki {
namespace {

using namespace asn1;

using Serials = std::vector<std::vector<uint8_t>>;

/// The serial numbers as INTEGER contents, in the order of the entries.
Result<Serials> check_entries(std::span<const RevokedCertificate> revoked) {
  Serials out;
  out.reserve(revoked.size());
  for (const RevokedCertificate& one : revoked) {
    auto serial = x509::parse_serial(one.serial);
    if (!serial)
      return Error{ErrorCode::bad_argument, "\"" + printable(one.serial.substr(0, 120)) +
                                                "\" is no serial number: hexadecimal digits are"};
    // RFC 5280 §5.3.1
    if (one.reason == RevocationReason::remove_from_crl)
      return Error{ErrorCode::bad_argument, "removeFromCRL is a reason of delta lists only"};
    out.push_back(*std::move(serial));
  }
  Serials sorted = out;
  std::sort(sorted.begin(), sorted.end());
  const auto twice = std::adjacent_find(sorted.begin(), sorted.end());
  if (twice != sorted.end())
    return Error{ErrorCode::bad_argument,
                 "the serial number " + x509::print_serial(*twice) + " stands twice"};
  return out;
}

void write_entry(DerWriter& w, const RevokedCertificate& one, Bytes serial) {
  // §5.3.1: where no reason is known the extension is absent.
  const bool has_reason = one.reason && *one.reason != RevocationReason::unspecified;
  w.sequence([&](DerWriter& w) {
    w.value(tag::integer, serial);
    w.time(one.revoked_at);
    if (!has_reason && !one.invalid_since) return;
    w.sequence([&](DerWriter& w) {
      if (has_reason)
        write_extension(w, oids::crl_reason, Criticality::not_critical,
                        [&](DerWriter& w) { w.enumerated(static_cast<uint8_t>(*one.reason)); });
      if (one.invalid_since)
        write_extension(w, oids::invalidity_date, Criticality::not_critical,
                        [&](DerWriter& w) { w.generalized_time(*one.invalid_since); });
    });
  });
}

std::vector<uint8_t> write_tbs(const NewRevocationList& fields, const Serials& serials, const Certificate& ca,
                               SignatureAlgorithm algorithm, Bytes key_id) {
  return to_der([&](DerWriter& w) {
    w.sequence([&](DerWriter& w) {
      w.integer(1);  // v2
      write_signature_algorithm(w, algorithm);
      w.raw(ca.subject_der());
      w.time(fields.this_update);
      w.time(fields.next_update);
      // §5.1.2.6: absent where nothing is revoked.
      if (!serials.empty())
        w.sequence([&](DerWriter& w) {
          for (size_t i = 0; i < serials.size(); ++i) write_entry(w, fields.revoked[i], serials[i]);
        });
      w.explicit_tag(0, [&](DerWriter& w) {
        w.sequence([&](DerWriter& w) {
          write_extension(w, oids::authority_key_identifier, Criticality::not_critical, [&](DerWriter& w) {
            w.sequence([&](DerWriter& w) { w.value(tag::context(0), key_id); });
          });
          write_extension(w, oids::crl_number, Criticality::not_critical,
                          [&](DerWriter& w) { w.integer(fields.number); });
        });
      });
    });
  });
}

}  // namespace

Result<RevocationListPtr> CertificateAuthority::revocation_list(const NewRevocationList& fields,
                                                                const Surroundings& around) const {
  const Means means = means_of(around);
  if (fields.next_update <= fields.this_update)
    return Error{ErrorCode::bad_argument, "the next list is due before this one begins"};
  // RFC 5280 §4.2.1.3
  if (!certificate().parsed().extensions.allows(x509::KeyUsage::crl_sign))
    return Error{ErrorCode::ca_cannot_sign,
                 certificate().subject() + " may not sign revocation lists (keyUsage lacks cRLSign)"};
  BULLA_TRY(const Serials serials, check_entries(fields.revoked));
  const SignatureAlgorithm algorithm = signature_for(certificate().public_key());
  const auto& known_id = certificate().parsed().extensions.subject_key_id;
  const std::vector<uint8_t> key_id =
      known_id ? to_vector(*known_id) : key_identifier(certificate().spki(), means.provider);
  const auto tbs = write_tbs(fields, serials, certificate(), algorithm, key_id);
  BULLA_TRY(const auto signature, sign_checked(*key_, algorithm, tbs, means.random, means.provider));
  auto list = RevocationList::from_der(write_signed(tbs, algorithm, signature));
  if (!list) return Error{ErrorCode::bad_argument, list.error().detail};
  return list;
}

std::string to_pem(const RevocationList& list) {
  return asn1::encode_pem("X509 CRL", list.der());
}

}  // namespace bulla::pki
