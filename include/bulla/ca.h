// A CA that remembers: a folder with its certificates and keys, and in it a record of everything that it ever
// issued, in SQLite. A certificate leaves a function here only after its record is safe on the disk.
//
//   auto ca = ca::Authority::create("my-ca", {.name = "Example"}).value();   // once
//   auto issuer = ca.unlock().value();                                       // opens the issuing key
//   auto web = issuer.issue({.names = {"www.example.com"}}).value();         // chain and key, recorded
//   ca.revoke(web.certificate().serial(), ca::RevocationReason::key_compromise).value();
//
// Any number of processes may use a folder at the same time. An object is for one thread at a time, and for
// the process that made it.
#pragma once

#include <bulla/pki.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulla::ca {

// ---- records ----------------------------------------------------------------------------------------------

/// Why a certificate was revoked: the numbers of CRLReason (RFC 5280 §5.3.1) that certificates of end
/// entities and of CAs have. certificateHold is not among them: what is revoked here stays revoked.
enum class RevocationReason : uint8_t {
  unspecified = 0,
  key_compromise = 1,
  ca_compromise = 2,
  affiliation_changed = 3,
  superseded = 4,
  cessation_of_operation = 5,
  privilege_withdrawn = 9,
};
/// "key-compromise"; static.
std::string_view name_of(RevocationReason reason) noexcept;
/// Reads what name_of writes, and the RFC's spelling ("keyCompromise"). Error: bad_argument, with all of
/// them.
Result<RevocationReason> parse_reason(std::string_view text);

/// What a certificate was made for; `ocsp` is a responder's, who answers in the CA's stead.
enum class Template : uint8_t { server, client, both, ca, ocsp };
/// "server"; static.
std::string_view name_of(Template kind) noexcept;

/// How a certificate came into the records.
enum class Origin : uint8_t {
  init,   ///< the CA's own
  issue,  ///< issued with a key that was made for it
  sign,   ///< signed for a request
  renew,  ///< made in place of an older one, its predecessor
  local,  ///< found in the folder of the local CA, as `bulla serve` and `bulla demo` put it there
};
/// "issue"; static.
std::string_view name_of(Origin origin) noexcept;

/// What a certificate is worth at a moment. A revoked one is that for ever.
enum class State : uint8_t { valid, not_yet_valid, expired, revoked };
/// "not yet valid"; static.
std::string_view name_of(State state) noexcept;

/// When and why a certificate was revoked.
struct Revocation {
  Time at = {};                                             ///< in whole seconds
  RevocationReason reason = RevocationReason::unspecified;  ///< as a CRL will say it
};

/// One certificate of the CA, with what the certificate itself does not say.
struct Record {
  CertificatePtr certificate = {};            ///< never nullptr
  Template made_for = Template::both;         ///< what for
  Origin origin = Origin::issue;              ///< how
  Time recorded_at = {};                      ///< in whole seconds
  std::string predecessor = {};               ///< the serial number of the one that this one renews; or empty
  std::string successor = {};                 ///< of the newest one that renews this one; or empty
  std::optional<Revocation> revocation = {};  ///< none: not revoked

  /// Revoked, or what its dates say.
  State state(Time now) const noexcept;
  /// As Certificate::serial writes it.
  std::string serial() const { return certificate->serial(); }
};

/// Which records are wanted: all of them, or those that all conditions fit.
struct Filter {
  bool revoked = false;  ///< revoked ones only
  /// Those that end at or before this moment and still need somebody: not revoked, not ended at `now`, not
  /// renewed, and no OCSP responder's.
  std::optional<Time> ending_until = {};
  Time now = {};  ///< for ending_until
};

// ---- the CA -----------------------------------------------------------------------------------------------

/// A CA that is to be made: a root, which signs nothing but the intermediate, and the intermediate.
struct NewAuthority {
  /// 1 to 48 bytes: "Example" makes "Example Root CA" and "Example Intermediate CA". Empty: "Bulla
  /// user@host".
  std::string name = {};
  pki::KeyKind key = {};              ///< of both
  unsigned days = 3650;               ///< of the root, 1 to 36500
  unsigned intermediate_days = 1825;  ///< at most as long as the root
  /// What the CA may certify: see pki::NewCa::permitted. Both certificates say it.
  std::vector<std::string> permitted = {};
  std::string crl_url = {};       ///< goes into every certificate that is issued: see pki::Terms
  std::string ocsp_url = {};      ///< the same
  std::string root_crl_url = {};  ///< goes into the intermediate: http://..., where the root's own list lies
  /// Encrypts both keys; empty: they are written in the clear, for the owner only.
  std::string_view passphrase = {};
  /// With a passphrase: what makes a key of it.
  pki::KeyDerivation derivation = pki::KeyDerivation::pbkdf2;
};

/// A template with its days: how long certificates of servers, clients and both last unless something else is
/// said.
unsigned default_days(pki::CertificateUse use) noexcept;

/// Where a certificate says that its revocation would be told; nothing is said where one is empty.
struct RevocationUrls {
  std::string crl = {};   ///< http://..., where the list lies
  std::string ocsp = {};  ///< http://..., where the OCSP responder answers
};

/// What is wanted of a new certificate beside its names.
struct Order {
  pki::CertificateUse use = pki::CertificateUse::server;  ///< the template
  unsigned days = 0;                                      ///< 0: default_days(use)
  pki::KeyKind key = {};                                  ///< where a key is made
  RevocationUrls urls = {};                               ///< in place of the CA's own, each if not empty
};

/// What is wanted of a renewal.
struct Renewal {
  unsigned days = 0;                     ///< 0: as long as the predecessor lasts
  std::optional<pki::KeyKind> key = {};  ///< of the new key; none: as the predecessor's
  RevocationUrls urls = {};              ///< in place of the CA's own, each if not empty
};

class Records;     // src/ca/records.h
class ListSigner;  // <bulla/ca_status.h>, as all that a CA with records tells of revocation
class Responder;

/// The CA with its key opened: it signs, and records what it signs. One that has expired or is not valid yet
/// cannot be told apart here: each function says ca_cannot_sign then.
///
/// Errors of all functions: ca_cannot_sign, also where the CA itself was revoked; certificate_name_constraint
/// where the CA may not certify a name; those of Authority::open for the records. Where there is an error,
/// nothing was issued and nothing recorded.
class Issuer {
 public:
  /// Makes a key and a certificate. Errors: also those of pki::CertificateAuthority::issue.
  Result<pki::Issued> issue(const pki::Subject& subject, const Order& order = {},
                            const pki::Surroundings& around = {}) const;
  /// Signs a request; `order.key` is not looked at. Returns the chain, the new certificate first. Errors:
  /// also those of pki::CertificateAuthority::sign.
  Result<std::vector<CertificatePtr>> sign(const pki::CertificationRequest& request, const Order& order = {},
                                           const pki::Surroundings& around = {}) const;
  /// Issues a certificate of the end entity `serial` once more, with a new key. The old one stays as it is.
  /// Errors: ca_certificate_unknown; ca_revoked; bad_argument for a CA and for an OCSP responder.
  Result<pki::Issued> renew(std::string_view serial, const Renewal& renewal = {},
                            const pki::Surroundings& around = {}) const;
  /// The same for the key that it has. Returns the chain. `renewal.key` is not looked at.
  Result<std::vector<CertificatePtr>> renew_same_key(std::string_view serial, const Renewal& renewal = {},
                                                     const pki::Surroundings& around = {}) const;

 private:
  friend class Authority;
  friend class Responder;
  /// The certificate of an OCSP responder, recorded.
  Result<pki::Issued> issue_responder(unsigned days, const pki::Surroundings& around) const;
  Issuer(pki::CertificateAuthority authority, std::shared_ptr<Records> records) noexcept
      : authority_(std::move(authority)), records_(std::move(records)) {}
  pki::CertificateAuthority authority_;
  std::shared_ptr<Records> records_;
};

/// What others are to trust, and the file that it stands in.
struct RootFile {
  CertificatePtr certificate = {};  ///< never nullptr
  std::string path = {};            ///< below the folder as it was given
};
/// The root of the CA in `folder`, a local CA's as well. Nothing else is read, neither keys nor records, and
/// nothing is written. Errors: ca_not_found, ca_records_broken, ca_cannot_sign; those of files and of
/// certificates.
Result<RootFile> find_root(const std::string& folder);

/// The folder of a CA. The records are read, and certificates revoked, without any key.
class Authority {
 public:
  /// Makes a CA in `folder`, which is not there yet or is empty: root.pem, root-key.pem, intermediate.pem,
  /// intermediate-key.pem (keys with mode 0600), records.sqlite. All of it or nothing is there afterwards,
  /// whenever the power goes. Errors: bad_name, bad_argument; ca_exists where something is in the folder;
  /// those of files.
  static Result<Authority> create(const std::string& folder, const NewAuthority& wanted,
                                  const pki::Surroundings& around = {});
  /// The CA in `folder`. The folder of a local CA (pki::LocalCa) is adopted: its ca.pem and ca-key.pem stay
  /// as they are, and records.sqlite begins with the certificates in the folder; those that came since are
  /// recorded each time. Errors: ca_not_found; ca_records_broken for damaged or missing records,
  /// ca_records_newer, ca_records_busy; those of files. None of them changes anything.
  static Result<Authority> open(const std::string& folder, const pki::Surroundings& around = {});
  /// Whether there are a CA's files in the folder, be they usable or not.
  static bool is_there(const std::string& folder);

  /// Whether the folder has records: a local CA's has some once it was adopted.
  static bool keeps_records(const std::string& folder);

  /// The issuing certificate; lives as long as this object.
  const Certificate& certificate() const noexcept { return *chain_.front(); }
  /// The issuing certificate, then the root if that is another.
  const std::vector<CertificatePtr>& chain() const noexcept { return chain_; }
  /// What others are to trust.
  const Certificate& root() const noexcept { return *chain_.back(); }
  /// The file of root().
  std::string root_path() const;
  /// As given.
  const std::string& folder() const noexcept { return folder_; }
  /// Whether it is the local CA of `bulla serve`.
  bool is_local() const noexcept { return is_local_; }

  /// Opens the issuing key. Errors: those of pki::CertificateAuthority::from_bytes, above all
  /// key_passphrase_needed and key_passphrase_wrong; those of files.
  Result<Issuer> unlock(std::string_view passphrase = {},
                        const Provider& provider = default_provider()) const;

  /// A server's certificate for exactly these names, kept in the folder as pki::LocalCa::fitting_identity
  /// does: the one that is there while it is fresh and not revoked, or else a new one, recorded. The
  /// passphrase is needed for a new one only. Errors: those of that function, unlock and Issuer::issue.
  Result<pki::LocalCa::Fitting> fitting_identity(std::vector<std::string> names = pki::LocalCa::local_names(),
                                                 std::string_view passphrase = {},
                                                 const pki::Surroundings& around = {}) const;

  /// The records that fit, in the order in which they were made.
  Result<std::vector<Record>> records(const Filter& filter = {}) const;
  /// The record with this serial number ("4f3a...", "4F:3A:...", 0x before it or not), or the one whose
  /// number begins with these digits (at least 6). Error: ca_certificate_unknown, also where several begin
  /// so.
  Result<Record> by_serial(std::string_view serial) const;
  /// The same, or else the newest certificate that has this name or common name, those that are not revoked
  /// first. Error: ca_certificate_unknown.
  Result<Record> find(std::string_view serial_or_name) const;
  /// Revokes a certificate that by_serial finds; returns its record. Errors: ca_certificate_unknown;
  /// ca_revoked; bad_argument for the root, which no CRL of its own can revoke.
  Result<Record> revoke(std::string_view serial, RevocationReason reason,
                        const pki::Surroundings& around = {});
  /// The number of the issuing certificate's next CRL (RFC 5280 §5.2.3): 1, 2, 3, ..., none ever twice.
  /// ListSigner takes one for each list.
  Result<uint64_t> next_crl_number();
  /// Where certificates say that revocation is told, unless Order says otherwise.
  Result<RevocationUrls> revocation_urls() const;

 private:
  friend class ListSigner;
  Authority(std::string folder, std::vector<CertificatePtr> chain, std::shared_ptr<Records> records,
            bool is_local) noexcept
      : folder_(std::move(folder)),
        chain_(std::move(chain)),
        records_(std::move(records)),
        is_local_(is_local) {}
  std::string folder_;
  std::vector<CertificatePtr> chain_;
  std::shared_ptr<Records> records_;
  bool is_local_;
};

}  // namespace bulla::ca
