// Revocation lists and OCSP responses made to measure, mostly wrong ones.
#pragma once

#include "crafted.h"

#include <bulla/revocation.h>

namespace bulla::test {

/// Writes part of a structure in place of what would stand there.
using Writer = std::function<void(asn1::DerWriter&)>;

struct EntryDraft {
  std::vector<uint8_t> serial = {0x05};  ///< INTEGER content
  Time revoked_at = test_now() - std::chrono::hours(48);
  Writer extensions = {};  ///< whole Extension elements; absent: none
};

/// An entry with a reason.
EntryDraft entry(std::vector<uint8_t> serial, std::optional<uint8_t> reason = {});

/// One list to be; everything has a value that is accepted, and nothing is revoked.
struct ListDraft {
  std::optional<uint64_t> version = 1;  ///< as it is encoded; absent: v1
  Time this_update = test_now() - std::chrono::hours(1);
  std::optional<Time> next_update = test_now() + std::chrono::hours(24);
  std::vector<EntryDraft> entries = {};
  std::optional<uint64_t> number = 1;  ///< the CRL number; absent: no such extension
  Writer more_extensions = {};         ///< whole Extension elements
  Writer revoked = {};                 ///< takes the place of the entries, SEQUENCE included
  Writer dates = {};                   ///< takes the place of thisUpdate and nextUpdate
  std::function<void(asn1::DerWriter&, bool outer)> algorithm = {};
};
/// `issuer` names it; `signer`: another key than the issuer's.
std::vector<uint8_t> list_der(const ListDraft& draft, const Entity& issuer, const Entity* signer = nullptr);
/// The same, parsed; fails the running test where it is not accepted.
RevocationListPtr make_list(const ListDraft& draft, const Entity& issuer, const Entity* signer = nullptr);

/// An issuingDistributionPoint extension with these fields.
Writer issuing_point(Writer fields);
/// distributionPoint [0] with fullName: one URI.
void write_uri_point(asn1::DerWriter& w, std::string_view uri);
/// cRLDistributionPoints of one point with these fields, as more_extensions of a Draft.
Writer distribution_point(Writer fields);
/// TLS feature status_request (RFC 7633), likewise.
void write_must_staple(asn1::DerWriter& w);

struct AnswerDraft {
  std::vector<uint8_t> serial = {0x05};
  RevocationStatus status = RevocationStatus::good;
  Writer cert_status = {};  ///< takes the place of the status
  HashId hash = HashId::sha1;
  Time this_update = test_now() - std::chrono::hours(1);
  std::optional<Time> next_update = test_now() + std::chrono::hours(24);
  std::optional<uint8_t> reason = {};
  Writer extensions = {};
};

struct ResponseDraft {
  std::vector<AnswerDraft> answers = {{}};
  Time produced_at = test_now() - std::chrono::hours(1);
  bool by_key = true;      ///< how the responder is named
  Writer responder = {};   ///< takes the place of the ResponderID
  Writer extensions = {};  ///< whole Extension elements
  std::vector<std::vector<uint8_t>> certificates = {};
  Writer version = {};
  asn1::Oid type = asn1::oids::ocsp_basic;
  std::function<void(asn1::DerWriter&)> algorithm = {};
};
/// `issuer`: of the certificates that the answers are about. `signer`: the responder.
std::vector<uint8_t> response_der(const ResponseDraft& draft, const Entity& issuer, const Entity& signer);
/// Signed by the issuer itself.
std::vector<uint8_t> response_der(const ResponseDraft& draft, const Entity& issuer);

/// A certificate that answers OCSP for its issuer.
Draft responder_draft();

}  // namespace bulla::test
