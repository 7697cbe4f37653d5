// What a CA with records tells of revocation: numbered lists (CRLs), and answers to OCSP requests.
//
//   auto lists = ca::ListSigner::unlock(ca).value();
//   lists.publish("ca.crl").value();                            // numbered, signed, written whole
//
//   auto responder = ca::Responder::unlock(ca).value();
//   ca::OcspReply reply = responder.answer(body_of_the_request);  // always something to send
#pragma once

#include <bulla/ca.h>
#include <bulla/revocation.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulla::ca {

// ---- lists ------------------------------------------------------------------------------------------------

/// Whose certificates a list speaks of: each CA signs the list of what itself has issued.
enum class WhoseList : uint8_t {
  issuing,  ///< of the end entities: the intermediate's list, or that of a local CA
  root,     ///< of the intermediate: the root's list
};

/// How a list stands in its file.
enum class ListForm : uint8_t { der, pem };

/// What is wanted of a new list.
struct ListOrder {
  unsigned days = 7;  ///< until the next one, at the latest: 1 to 3650
};

/// The key of a CA, opened to sign lists. It holds every revoked certificate; one that has expired is left
/// out once it stood on a list that was published after its end (RFC 5280 §3.3).
class ListSigner {
 public:
  /// Opens the key. A local CA has one list only: its root is what issues. Errors: those of
  /// Authority::unlock; bad_argument where the root of a local CA is asked for apart.
  static Result<ListSigner> unlock(const Authority& authority, WhoseList whose = WhoseList::issuing,
                                   std::string_view passphrase = {},
                                   const Provider& provider = default_provider());

  /// The CA whose list it is; lives as long as this object.
  const Certificate& certificate() const noexcept { return authority_.certificate(); }
  /// A list with a number that no other has: the number is on the disk before the list is signed. It speaks
  /// of the moment at which it took its number, so that of two lists the one with the higher number knows
  /// more. Errors: bad_argument for the days; ca_cannot_sign, also outside of the CA's own validity; those of
  /// the records.
  Result<RevocationListPtr> make(const ListOrder& order = {}, const pki::Surroundings& around = {}) const;
  /// The same, written to a file, whole or not at all. Processes take turns: an older list never replaces a
  /// newer one that was published at the same time. Errors: also those of write_file.
  Result<RevocationListPtr> publish(const std::string& path, ListForm form = ListForm::der,
                                    const ListOrder& order = {}, const pki::Surroundings& around = {}) const;

 private:
  ListSigner(pki::CertificateAuthority authority, std::shared_ptr<Records> records,
             std::string folder) noexcept
      : authority_(std::move(authority)), records_(std::move(records)), folder_(std::move(folder)) {}
  pki::CertificateAuthority authority_;
  std::shared_ptr<Records> records_;
  std::string folder_;
};

// ---- OCSP -------------------------------------------------------------------------------------------------

/// With whose key answers are signed.
enum class ResponderKey : uint8_t {
  delegate,  ///< one made for this object, whose certificate is recorded (RFC 6960 §4.2.2.2)
  ca,        ///< the issuing CA's own
};

/// How requests are answered.
struct ResponderOptions {
  ResponderKey key = ResponderKey::delegate;  ///< with whose key answers are signed
  /// How long a delegate's certificate lasts, 1 to 365. It is replaced when a third of that is left.
  unsigned delegate_days = 7;
  /// From thisUpdate to nextUpdate: how long clients may use an answer. A minute to 100 days.
  Seconds validity = std::chrono::hours(24);
};

/// What is sent for a request.
struct OcspReply {
  std::vector<uint8_t> der = {};  ///< an OCSPResponse, never empty
  OcspResponseStatus status = OcspResponseStatus::internal_error;
  /// Whether others who ask the same may be given this one: it is an answer, and bears no nonce.
  enum class Reuse : uint8_t { no, yes };
  Reuse reuse = Reuse::no;
  Time this_update = {};              ///< of an answer
  Time next_update = {};              ///< the same
  std::optional<Error> trouble = {};  ///< why there is no answer, where the responder is to blame
};

/// Answers OCSP requests (RFC 6960, RFC 5019) from the records, which it reads each time: a revocation by
/// another process is seen by the next request. For one thread at a time.
class Responder {
 public:
  /// Opens the CA's key, and makes a delegate if one is wanted. The CA's key stays open, for the delegate's
  /// successors. Errors: those of Authority::unlock and Issuer::issue; bad_argument for the options.
  static Result<Responder> unlock(const Authority& authority, const ResponderOptions& options = {},
                                  std::string_view passphrase = {}, const pki::Surroundings& around = {});

  /// Answers about certificates of the issuing CA: good, revoked, or unknown where it issued no such one.
  /// What is no request is answered malformedRequest, one about other CAs alone unauthorized; where the
  /// records are busy tryLater, where they cannot be read internalError.
  OcspReply answer(Bytes request, const pki::Surroundings& around = {});

  /// With whose key it signs at the moment; lives until the next answer.
  const Certificate& signer() const noexcept;

  /// An inner type; no part of the interface.
  struct Kept;
  Responder(Responder&&) noexcept;             ///< the other may only be destroyed or assigned to
  Responder& operator=(Responder&&) noexcept;  ///< the same
  ~Responder();

 private:
  Responder(Issuer issuer, const ResponderOptions& options, std::unique_ptr<Kept> kept) noexcept;
  struct Lookup;
  Result<void> renew_delegate(const pki::Surroundings& around);
  Result<OcspReply> sign(const OcspRequest& request, const std::vector<Lookup>& found,
                         const pki::Surroundings& around);
  Issuer issuer_;
  ResponderOptions options_;
  std::optional<pki::Issued> delegate_ = {};
  std::unique_ptr<Kept> kept_;
};

}  // namespace bulla::ca
