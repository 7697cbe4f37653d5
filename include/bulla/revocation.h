// Revocation: lists of revoked certificates (CRLs, RFC 5280 §5) and OCSP (RFC 6960), read and looked at.
// Making them is the business of <bulla/revocation_authority.h>.
//
//   RevocationLists lists;
//   lists.add(read_file("ca.crl").value()).value();
//   WebPkiVerifier verifier(roots, {.revocation = RevocationPolicy::required, .lists = lists});
#pragma once

#include <bulla/bytes.h>
#include <bulla/provider.h>
#include <bulla/result.h>
#include <bulla/time.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulla {

class Certificate;  // <bulla/certificate.h>
namespace x509 {
struct ParsedRevocationList;  // src/x509/crl.h
struct ParsedOcspResponse;    // src/x509/ocsp_response.h
struct ParsedOcspRequest;     // src/x509/ocsp_request.h
}  // namespace x509

/// Why a certificate was revoked (CRLReason, RFC 5280 §5.3.1); the numbers are those of the encoding.
enum class RevocationReason : uint8_t {
  unspecified = 0,
  key_compromise = 1,
  ca_compromise = 2,
  affiliation_changed = 3,
  superseded = 4,
  cessation_of_operation = 5,
  certificate_hold = 6,  ///< may be taken back, as no other
  remove_from_crl = 8,   ///< of delta lists
  privilege_withdrawn = 9,
  aa_compromise = 10,
};
/// As RFC 5280 and `openssl` write it: "keyCompromise".
std::string_view name_of(RevocationReason reason) noexcept;
/// The reason of such a name; none for another text.
std::optional<RevocationReason> parse_revocation_reason(std::string_view name) noexcept;

/// One revoked certificate of a list.
struct RevokedCertificate {
  std::string serial = {};                      ///< as Certificate::serial() has it
  Time revoked_at = {};                         ///< when the CA revoked it
  std::optional<RevocationReason> reason = {};  ///< none where the CA gives none
  std::optional<Time> invalid_since = {};       ///< when the key was lost, where the CA says so
};

class RevocationList;
/// A list, shared.
using RevocationListPtr = std::shared_ptr<const RevocationList>;

/// A list of revoked certificates (CertificateList, RFC 5280 §5.1), parsed whole and immutable. Who signed it
/// is not known until a path is verified. Besides its bytes it takes 4 bytes an entry.
class RevocationList {
 public:
  /// Parses strict DER of at most 64 MiB, version 1 or 2. The bytes are copied once. Error:
  /// revocation_list_malformed.
  static Result<RevocationListPtr> from_der(Bytes der);
  /// Every X509 CRL block of a PEM text, in its order, or one list in DER. At least one. Errors:
  /// revocation_list_not_found, pem_malformed, revocation_list_malformed.
  static Result<std::vector<RevocationListPtr>> from_pem_or_der(Bytes text);
  ~RevocationList();

  /// The list as it was given; a view into this object, as all views below.
  Bytes der() const noexcept;
  /// Whose list it is, raw DER of the Name.
  Bytes issuer_der() const noexcept;
  /// For a person: "CN=Example CA". Control characters are escaped.
  std::string issuer() const;
  Time this_update() const noexcept;                 ///< what the list says was so at this time
  std::optional<Time> next_update() const noexcept;  ///< by then there is a newer list; none: not said
  /// The CRL number (RFC 5280 §5.2.3), in hexadecimal as serial numbers; none where the list has none.
  std::optional<std::string> number() const;
  /// Why the list is not used, for a person ("it is a delta list", ...); empty where it can be.
  std::string why_not_used() const;

  /// How many entries there are.
  size_t size() const noexcept;
  /// The entry at `index` (below size()), in the order of their serial numbers' encodings: shorter ones
  /// first.
  RevokedCertificate entry(size_t index) const;
  /// The entry of a serial number in the form of Certificate::serial(); the first in the file of several.
  /// None where there is none, or `serial` is no number. Takes logarithmic time. The issuer is not compared.
  std::optional<RevokedCertificate> find(std::string_view serial) const;

  /// All of it, for the library's own use: the type is not public.
  const x509::ParsedRevocationList& parsed() const noexcept { return *parsed_; }

 private:
  explicit RevocationList(std::unique_ptr<const x509::ParsedRevocationList> parsed) noexcept;
  std::unique_ptr<const x509::ParsedRevocationList> parsed_;
};

/// The lists that a verifier looks at, found by their issuers. A value: copies are cheap, and adding to one
/// does not change the others. For newer lists make a new value: adding keeps the old ones.
class RevocationLists {
 public:
  /// No list.
  RevocationLists();
  ~RevocationLists();
  /// Shares the lists until one of the two is added to.
  RevocationLists(const RevocationLists&);
  /// The same; the other stays as it is.
  RevocationLists(RevocationLists&&) noexcept;
  /// Shares the other's lists.
  RevocationLists& operator=(RevocationLists) noexcept;
  /// Adds every list of a PEM text, or one in DER; returns how many it read. Errors: those of
  /// RevocationList::from_pem_or_der; then nothing is added.
  Result<size_t> add(Bytes pem_or_der);
  /// Adds one, not nullptr; no effect if it is known.
  void add(RevocationListPtr list);
  size_t size() const noexcept;  ///< lists, all different
  /// The lists whose issuer equals `name_der` as RFC 5280 §7.1 compares, in the order they were added; the
  /// view lives until the value changes.
  std::span<const RevocationListPtr> of_issuer(Bytes name_der) const noexcept;

 private:
  struct Index;
  std::shared_ptr<const Index> index_;  // copy on write
};

/// What a verifier asks of the revocation status of a path. A certificate that is known to be revoked (by a
/// list, or a stapled OCSP response) and a stapled response that proves nothing are refused by all but
/// `ignore`.
enum class RevocationPolicy : uint8_t {
  ignore,         ///< lists and stapled responses are not looked at, must-staple is not enforced
  if_known,       ///< a certificate of which nothing is known passes
  leaf_required,  ///< the leaf needs a good status, from a list or a stapled response
  required,       ///< so does every CA certificate of the path but the anchor, from a list
};

/// Whether the peer was asked for a stapled OCSP response (RFC 6066 §8). Where it was, a certificate that
/// promises one (must-staple, RFC 7633) is refused without.
enum class OcspStapling : uint8_t { not_requested, requested };

// ---- OCSP -------------------------------------------------------------------------------------------------

/// OCSPResponseStatus (RFC 6960 §4.2.1); the numbers are those of the encoding.
enum class OcspResponseStatus : uint8_t {
  successful = 0,         ///< there are answers
  malformed_request = 1,  ///< the request was not understood
  internal_error = 2,     ///< the responder has a problem
  try_later = 3,          ///< the responder has no time
  sig_required = 5,       ///< the request must be signed
  unauthorized = 6,       ///< the responder does not answer this
};
/// "successful", "malformedRequest".
std::string_view name_of(OcspResponseStatus status) noexcept;

/// What a responder says of one certificate (CertStatus, RFC 6960 §2.2).
enum class RevocationStatus : uint8_t {
  good,     ///< it is not revoked
  revoked,  ///< it is
  unknown,  ///< the responder does not know it
};

/// One answer of an OCSP response.
struct OcspStatus {
  std::string serial = {};                              ///< as Certificate::serial() has it
  RevocationStatus status = RevocationStatus::unknown;  ///< what the responder says
  Time revoked_at = {};                                 ///< where it is revoked
  std::optional<RevocationReason> reason = {};          ///< where it is revoked and a reason is given
  Time this_update = {};                                ///< the status was so at this time
  std::optional<Time> next_update = {};                 ///< by then there is a newer answer; none: always
};

class OcspResponse;
/// A response, shared.
using OcspResponsePtr = std::shared_ptr<const OcspResponse>;

/// An OCSP response (RFC 6960 §4.2.1), parsed whole and immutable.
class OcspResponse {
 public:
  /// Parses strict DER of at most 1 MiB; the bytes are copied once. Error: ocsp_response_malformed.
  static Result<OcspResponsePtr> from_der(Bytes der);
  ~OcspResponse();

  /// The response as it was given; a view into this object, as all views below.
  Bytes der() const noexcept;
  OcspResponseStatus status() const noexcept;  ///< only a successful one has what follows
  Time produced_at() const noexcept;           ///< when it was signed
  /// Who says to have signed it, for a person: a name, or "key " and the SHA-1 of the key in hexadecimal.
  std::string responder() const;
  /// The nonce that came back; empty for none.
  Bytes nonce() const noexcept;
  size_t size() const noexcept;           ///< how many answers there are
  OcspStatus answer(size_t index) const;  ///< the answer at `index` (below size()); nothing is verified

  /// The answer for `certificate`, which `issuer` issued, where the response proves one: signed by the
  /// issuer or by a responder that it appointed (RFC 6960 §4.2.2.2), and of today. Errors:
  /// ocsp_response_bad, with the reason. What it says (good, revoked, unknown) is no error here.
  Result<OcspStatus> verify(const Certificate& certificate, const Certificate& issuer, Time now,
                            const Provider& provider = default_provider()) const;

  /// All of it, for the library's own use: the type is not public.
  const x509::ParsedOcspResponse& parsed() const noexcept { return *parsed_; }

 private:
  explicit OcspResponse(std::unique_ptr<const x509::ParsedOcspResponse> parsed) noexcept;
  std::unique_ptr<const x509::ParsedOcspResponse> parsed_;
};

/// An OCSP request (RFC 6960 §4.1.1): which certificates are asked about. Immutable; copies share.
class OcspRequest {
 public:
  /// Parses strict DER of at most 64 KiB, one certificate asked about at least and 256 at most. A signature
  /// is not looked at. Error: ocsp_request_malformed.
  static Result<OcspRequest> from_der(Bytes der);
  /// Asks about one certificate. `issuer`: the one that issued it. `nonce`: up to 128 bytes, 32 are advised
  /// (RFC 9654 §2.1); empty for none, as where the answer is to be stapled. CertIDs are of SHA-1, which every
  /// responder knows. Error: bad_argument for a longer nonce.
  static Result<OcspRequest> create(const Certificate& certificate, const Certificate& issuer,
                                    Bytes nonce = {}, const Provider& provider = default_provider());

  /// The request as it was given or made; a view into this object, as all views below.
  Bytes der() const noexcept;
  size_t size() const noexcept;  ///< how many certificates are asked about
  /// The serial number of the one at `index` (below size()), as Certificate::serial() has it.
  std::string serial(size_t index) const;
  /// Whether `issuer` issued the one at `index`: its name and key have the hashes of the request.
  bool is_issued_by(size_t index, const Certificate& issuer,
                    const Provider& provider = default_provider()) const;
  /// 1 to 128 bytes that the response has to repeat; empty for none.
  Bytes nonce() const noexcept;

  /// All of it, for the library's own use: the type is not public.
  const x509::ParsedOcspRequest& parsed() const noexcept { return *parsed_; }

 private:
  explicit OcspRequest(std::shared_ptr<const x509::ParsedOcspRequest> parsed) noexcept;
  std::shared_ptr<const x509::ParsedOcspRequest> parsed_;
};

}  // namespace bulla
