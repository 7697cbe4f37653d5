// What a CA says of revocation: lists of revoked certificates and answers to OCSP requests.
//
//   pki::NewRevocationList fields{.revoked = revoked, .number = 7, .this_update = now, .next_update = now +
//   week}; write("ca.crl", pki::to_pem(*ca.revocation_list(fields).value()));
//
//   auto request = OcspRequest::from_der(body);
//   if (!request) return pki::ocsp_refusal(OcspResponseStatus::malformed_request);
//   auto response = ca.ocsp_response(*request, {.status_of = look_up, .this_update = now, .next_update =
//   later});
#pragma once

#include <bulla/pki.h>
#include <bulla/revocation.h>

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulla::pki {

/// The fields of a new list (version 2, RFC 5280 §5). Errors of CertificateAuthority::revocation_list:
/// bad_argument for a serial number that is none or stands twice, a reason that is none of a complete list,
/// dates in the wrong order, or a list of more than 64 MiB; ca_cannot_sign where the CA's keyUsage lacks
/// cRLSign; operation_failed where its key does not sign.
struct NewRevocationList {
  std::span<const RevokedCertificate> revoked = {};  ///< every certificate that is revoked, in any order
  /// The CRL number: greater than that of every earlier list of this CA.
  uint64_t number = 0;
  Time this_update = {};  ///< from when it speaks
  Time next_update = {};  ///< when there will be a newer one, at the latest; after this_update
};

/// The list as PEM, "X509 CRL".
std::string to_pem(const RevocationList& list);

/// A list for a person: issuer, number, dates seen from `now`, the first ten entries, signature. Lines
/// "  Label:  value", safe for a terminal. The signature is not verified.
std::string describe(const RevocationList& list, Time now);
/// The same with version, key identifier and signature in hexadecimal, and a thousand entries at most.
std::string describe_whole(const RevocationList& list, Time now,
                           const Provider& provider = default_provider());
/// The same as a JSON object on one line; the entries beyond a thousand are counted.
std::string describe_json(const RevocationList& list);

/// What the CA knows of one certificate.
struct OcspAnswer {
  RevocationStatus status = RevocationStatus::unknown;  ///< unknown: it never issued this one
  Time revoked_at = {};                                 ///< where it is revoked
  std::optional<RevocationReason> reason = {};          ///< where it is revoked and there is one to tell
};

/// How an OCSP request is answered: by basic responses (RFC 6960 §4.2.1), the nonce echoed, signed by the
/// CA's own key or by a responder that it appointed. Certificates of other CAs are unknown; a request that
/// asks about no other ones is answered `unauthorized`, one with a critical extension that is not processed
/// `malformed_request`. Errors of CertificateAuthority::ocsp_response: bad_argument for dates in the wrong
/// order, and for a responder that is none of this CA's, or without its key; operation_failed where the key
/// does not sign.
struct OcspAnswers {
  /// Called with each serial number that is asked about, in the form of Certificate::serial(). Not empty
  /// (assertion). May not throw.
  std::function<OcspAnswer(std::string_view serial)> status_of = {};
  Time this_update = {};                 ///< the answers are known to be right at this time
  std::optional<Time> next_update = {};  ///< by then there are newer ones; none: always
  CertificatePtr responder = {};         ///< see CertificateAuthority::issue_ocsp_responder; none: the CA
  SigningKeyPtr responder_key = {};      ///< the responder's
};

/// An answer that says nothing but why there is none, DER. `status` is any but successful (assertion).
std::vector<uint8_t> ocsp_refusal(OcspResponseStatus status);

}  // namespace bulla::pki
