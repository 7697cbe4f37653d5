// Whether the certificates of a path have been revoked: what lists (RFC 5280 §6.3) and the stapled OCSP
// response (RFC 6960 §3.2) say.
#pragma once

#include "x509/checks.h"
#include "x509/crl.h"
#include "x509/ocsp_check.h"
#include "x509/status_signature.h"

#include <map>
#include <tuple>

namespace bulla::x509 {

/// Why a list says nothing of a certificate.
enum class ListFlaw : uint8_t {
  none,
  not_processed,  ///< its problem: a delta list, an unknown critical extension
  other_scope,    ///< its issuingDistributionPoint is about others
  stale,
  early,
  not_signed,  ///< by a key of the issuer that may sign lists
};
/// The same in words, for a person; "" for none.
std::string explain(ListFlaw flaw, const ParsedRevocationList& list, Time now);
/// "the revocation list number 0C of CN=CA, of 2026-01-01 00:00:00 UTC, good until ..."
std::string describe_list(const ParsedRevocationList& list);
/// Where the CA publishes its lists, if it says so in a form that may stand in a command; "" otherwise.
std::string list_url(const ParsedCertificate& certificate);

/// Remembers for the length of one search what it found: paths share most of their certificates.
class RevocationSearch {
 public:
  /// `paid`: the signatures of the search; those that are checked here are among them. All live as long as
  /// this object.
  RevocationSearch(const WebPkiVerifier::Options& options, const VerifyRequest& request, PaidSignatures& paid)
      : options_(options), request_(request), signatures_(paid, options.min_rsa_bits) {}

  /// The certificates of `path` (leaf first, anchor last, everything else about it is in order) against
  /// Options::revocation. The anchor is not looked at: it was chosen.
  Failure check(Path path);

  /// What keeps a list from speaking of path[index], which its issuer issued; the signature is looked at as
  /// well.
  ListFlaw flaw_of(const ParsedRevocationList& list, Path path, size_t index);
  bool exhausted() const noexcept { return signatures_.exhausted(); }

 private:
  enum class Known : uint8_t { nothing, good, revoked };
  /// What lists say of one certificate.
  struct Finding {
    Known known = Known::nothing;
    RevocationListPtr list = {};  ///< the one that says revoked
    ListEntry entry = {};
    std::string why = {};  ///< where nothing is known: why, for a person
  };
  /// Whether a certificate that is on no list has to be proved good, which costs a signature.
  enum class Wanted : uint8_t { if_revoked, proof };

  /// What a list says of one certificate, where its signature is good.
  struct Reading {
    ListFlaw flaw = ListFlaw::none;
    ReasonMask reasons = 0;               ///< of which it speaks
    std::optional<ListEntry> entry = {};  ///< that revokes
  };
  Reading read(const ParsedRevocationList& list, const ParsedCertificate& certificate) const;

  Failure check_ca(Path path, size_t index);
  Failure check_leaf(Path path);
  Failure check_staple(Path path, bool& good);
  static Failure exhausted_failure();

  const Finding& look_up(Path path, size_t index, Wanted wanted);
  Finding search_lists(Path path, size_t index, Wanted wanted);
  bool is_signed(const ParsedRevocationList& list, Path path, size_t index);
  bool is_signed_by_another_key(const ParsedRevocationList& list, Path path, size_t index);
  bool is_appointed(const CertificatePtr& signer, Path path, size_t index);
  bool is_listed(const CertificatePtr& certificate, Path path, size_t issuer);

  const WebPkiVerifier::Options& options_;
  const VerifyRequest& request_;
  StatusSignatures signatures_;
  std::map<std::tuple<const Certificate*, const Certificate*, const Certificate*>, Finding> found_;
  std::optional<OcspEvidence> staple_;
  std::string staple_problem_;  ///< why it cannot be parsed
};

}  // namespace bulla::x509
