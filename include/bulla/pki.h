// The certificate workshop: keys, self-signed certificates, certification requests, issuing, and a local CA.
//
//   auto dev = pki::SelfSigned{.names = {"localhost", "127.0.0.1"}}.issue().value();
//   auto identity = dev.identity().value();       // for make_server_config
//   write(dev.chain_pem()), write_secret(dev.key.to_pem());
//
// Nothing here but LocalCa touches a file. Time, randomness and cryptography are arguments (Surroundings).
#pragma once

#include <bulla/certificate.h>
#include <bulla/pki_profile.h>
#include <bulla/provider.h>
#include <bulla/result.h>
#include <bulla/secret.h>
#include <bulla/time.h>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulla::pki {

struct NewRevocationList;  // <bulla/revocation_authority.h>, as all that a CA says of revocation
struct OcspAnswers;

/// What making a certificate takes from outside. Everything has a default, so that programs pass nothing and
/// tests pass a fixed clock and a seeded random source (libcrypto makes RSA keys from its own).
struct Surroundings {
  std::optional<Time> now = {};        ///< the system's clock if not given
  Random* random = nullptr;            ///< the provider's if not given
  const Provider* provider = nullptr;  ///< default_provider() if not given
};

// ---- names ------------------------------------------------------------------------------------------------

/// One name of a subjectAltName: a DNS name, a wildcard ("*.example.com"), an IP address or a mailbox.
class AltName {
 public:
  /// What it names; a wildcard is a dns name.
  enum class Kind : uint8_t { dns, ip, mailbox };
  /// Tells addresses from names by their look. "example.com", "*.example.com", "192.0.2.1", "2001:db8::1",
  /// "[2001:db8::1]". A wildcard stands for one label below a domain of at least two. Error: bad_name.
  static Result<AltName> parse(std::string_view text);
  /// A mailbox, "ada@example.com" (RFC 5280 §4.2.1.6: rfc822Name), whose local part is ASCII without quotes
  /// and keeps its case. Error: bad_name.
  static Result<AltName> parse_mailbox(std::string_view text);

  Kind kind() const noexcept { return kind_; }  ///< what it names
  /// The DNS name in lower case without final dot, the address in its canonical form, or the mailbox with its
  /// host in lower case.
  const std::string& text() const noexcept { return text_; }
  /// 4 or 16 bytes for an address, empty for the rest.
  Bytes address() const noexcept { return address_; }
  /// The same name in its canonical form.
  friend bool operator==(const AltName&, const AltName&) = default;

 private:
  Kind kind_ = Kind::dns;
  std::string text_;
  std::vector<uint8_t> address_;
};

/// Parses all, drops repetitions, keeps the order. Error: bad_name, also where there is no name at all or
/// more than 1000.
Result<std::vector<AltName>> parse_names(std::span<const std::string> names);

/// A file name without extension for a certificate of this name: "wildcard.example.com", "__1" for ::1. At
/// most 200 bytes, without slashes, not hidden; different names may share one.
std::string file_stem(std::string_view name);

// ---- keys -------------------------------------------------------------------------------------------------

/// What kind of key to make.
struct KeyKind {
  KeyType type = KeyType::ec_p256;  ///< which algorithm
  unsigned rsa_bits = 0;            ///< 2048 to 8192 for RSA, ignored otherwise

  /// ecdsa-p256, ecdsa-p384, ecdsa-p521, ed25519, rsa-2048, rsa-3072, rsa-4096, ml-dsa-44, ml-dsa-65,
  /// ml-dsa-87. Error: bad_argument.
  static Result<KeyKind> parse(std::string_view text);
  /// The texts that parse reads; static.
  static std::span<const std::string_view> all() noexcept;
};

/// What makes a key of a passphrase, slowly.
enum class KeyDerivation : uint8_t {
  pbkdf2,  ///< PBKDF2-HMAC-SHA256 (RFC 8018): every TLS library opens it
  scrypt,  ///< scrypt (RFC 7914): costs a guesser memory too; OpenSSL opens it, GnuTLS and Java do not
};

/// How a key is encrypted before it is written: PBES2 with AES-256-CBC (RFC 8018).
struct KeyEncryption {
  std::string_view passphrase = {};  ///< not empty
  uint32_t iterations = 600'000;     ///< of PBKDF2, up to 10,000,000: OWASP's number (2023)
  /// scrypt takes N = 16384, r = 8, p = 5 (OWASP, 2023): 16 MiB, as much as OpenSSL 3.0 is willing to spend.
  KeyDerivation derivation = KeyDerivation::pbkdf2;
};

/// A private key that can be used and written. Move-only; the secret parts are wiped when it dies.
class KeyPair {
 public:
  /// Makes a key. Errors: bad_argument for rsa_bits out of range; internal where the provider fails.
  static Result<KeyPair> generate(KeyKind kind = {}, const Surroundings& around = {});
  /// Out of a file's bytes, in any form that parse_private_key reads. Errors: its own;
  /// private_key_inconsistent, and private_key_unsupported below 2048 bits of RSA.
  static Result<KeyPair> load(Bytes pem_or_der, std::string_view passphrase = {},
                              const Surroundings& around = {});

  /// The key that signs; it may outlive this object.
  const SigningKeyPtr& signer() const noexcept { return signer_; }
  /// The public half; the view lives as long as signer().
  PublicKeyView public_key() const noexcept { return signer_->public_key(); }
  /// PrivateKeyInfo (RFC 5958 §2), DER. An ML-DSA key is written as its seed (RFC 9881 §6), unless what it
  /// was loaded from has none.
  SecretBytes to_pkcs8() const;
  /// The same as PEM, "PRIVATE KEY".
  SecretBytes to_pem() const;
  /// EncryptedPrivateKeyInfo (RFC 5958 §3), DER. Errors: bad_argument for an empty passphrase, and
  /// for no or too many iterations; key_unsupported where the provider cannot encrypt key files.
  Result<std::vector<uint8_t>> to_encrypted_pkcs8(const KeyEncryption& how,
                                                  const Surroundings& around = {}) const;
  /// The same as PEM, "ENCRYPTED PRIVATE KEY".
  Result<std::string> to_encrypted_pem(const KeyEncryption& how, const Surroundings& around = {}) const;

 private:
  KeyPair(PrivateKeyMaterial material, SigningKeyPtr signer) noexcept
      : material_(std::move(material)), signer_(std::move(signer)) {}
  PrivateKeyMaterial material_;
  SigningKeyPtr signer_;
};

/// SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), DER.
std::vector<uint8_t> encode_public_key(const PublicKeyView& key);

// ---- certificates -----------------------------------------------------------------------------------------

/// A chain as PEM text, in its order.
std::string to_pem(std::span<const CertificatePtr> chain);

/// What issuing gives: the certificate, those above it that a server sends along, and the key.
struct Issued {
  std::vector<CertificatePtr> chain = {};  ///< leaf first; a self-signed root is not part of it
  KeyPair key;                             ///< the leaf's

  /// The leaf; lives as long as the chain.
  const Certificate& certificate() const noexcept { return *chain.front(); }
  /// The whole chain, for a file that a server reads.
  std::string chain_pem() const { return to_pem(chain); }
  /// Chain and key, for a config; what issuing made always fits.
  Result<IdentityPtr> identity() const { return Identity::create(chain, key.signer()); }
};

/// A certificate for servers and clients that nobody vouches for. Whoever is to trust it is given it.
struct SelfSigned {
  std::vector<std::string> names = {};  ///< DNS names and addresses; the first one is the common name too
  unsigned days = 365;                  ///< 1 to 36500
  KeyKind key = {};                     ///< ECDSA P-256 by default
  /// Makes a key and a certificate, valid from an hour ago. Errors: bad_name, bad_argument for days, and
  /// those of KeyPair::generate.
  Result<Issued> issue(const Surroundings& around = {}) const;
};

/// A CA of one's own: the certificate that signs others.
struct NewCa {
  std::string name = {};  ///< for people, 1 to 64 characters of UTF-8: "Example root CA"
  unsigned days = 3650;   ///< 1 to 36500
  KeyKind key = {};       ///< ECDSA P-256 by default
  /// How many CAs may follow below this one; none: no limit.
  std::optional<unsigned> path_length = {};
  /// What it may certify, as Subtree::parse reads it: "example.com", "10.0.0.0/8", "@example.com". Of kinds
  /// of names that are not mentioned it may certify none; no entry at all: it may certify everything.
  std::vector<std::string> permitted = {};
  /// Below another CA: http://..., where that one's list lies; not mentioned if empty, nor by a root.
  std::string crl_url = {};
  /// Makes a key and a CA certificate, valid from an hour ago. Errors: bad_name, bad_argument for days, and
  /// those of KeyPair::generate.
  Result<Issued> issue(const Surroundings& around = {}) const;
};

// ---- certification requests -------------------------------------------------------------------------------

/// A PKCS#10 request (RFC 2986) whose signature was checked: who sent it holds the key. Immutable.
class CertificationRequest {
 public:
  /// The first CERTIFICATE REQUEST block of a PEM text, or one request in DER, at most 256 KiB. Errors:
  /// csr_malformed, csr_not_found, pem_malformed, csr_bad_signature; csr_unacceptable where the key is weak
  /// or of no kind that is used, or a name is none.
  static Result<CertificationRequest> from_pem_or_der(Bytes text,
                                                      const Provider& provider = default_provider());
  /// Takes the request; the other can only be assigned to or destroyed.
  CertificationRequest(CertificationRequest&&) noexcept;
  /// The same.
  CertificationRequest& operator=(CertificationRequest&&) noexcept;
  ~CertificationRequest();

  /// The request as it was given; a view into this object, as all views below.
  Bytes der() const noexcept;
  /// The subject, raw DER of the Name; may be empty of attributes.
  Bytes subject_der() const noexcept;
  /// For a person: "CN=example.com". Control characters are escaped.
  std::string subject() const;
  /// The key to be certified.
  PublicKeyView public_key() const noexcept;
  /// The names asked for: those of the requested subjectAltName, or else the common name if it is one.
  const std::vector<AltName>& names() const noexcept;
  /// Whether it asks for a CA certificate; that is granted with CertificateRole::ca only.
  bool wants_ca() const noexcept;
  /// The mailboxes of the requested subjectAltName: granted to clients alone.
  const std::vector<AltName>& mailboxes() const noexcept;
  /// What is asked for and not granted to a certificate for `use`, for a person: "purpose 1.3.6.1.5.5.7.3.3";
  /// empty for usual requests.
  std::vector<std::string> not_granted(CertificateUse use = CertificateUse::both) const;

  /// An inner type; no part of the interface.
  struct Parsed;

 private:
  friend class CertificateAuthority;
  explicit CertificationRequest(std::unique_ptr<const Parsed> parsed) noexcept;
  std::unique_ptr<const Parsed> parsed_;
};

/// A request for names, with a key that was made for it.
struct NewRequest {
  std::vector<std::string> names = {};  ///< as for SelfSigned
  KeyKind key = {};                     ///< ECDSA P-256 by default
  /// A request with its key.
  struct Made {
    std::vector<uint8_t> der = {};  ///< the request
    KeyPair key;                    ///< to be kept: the certificate is of no use without it
    /// The request as PEM, "CERTIFICATE REQUEST".
    std::string pem() const;
  };
  /// Makes a key and a request. Errors: bad_name and those of KeyPair::generate.
  Result<Made> create(const Surroundings& around = {}) const;
  /// The same for a key that exists: the request in DER. `key` above is not looked at. Errors: bad_name;
  /// operation_failed where the key does not sign.
  Result<std::vector<uint8_t>> create_for(const SigningKey& existing, const Surroundings& around = {}) const;
};

// ---- issuing ----------------------------------------------------------------------------------------------

/// What a certificate is for.
enum class CertificateRole : uint8_t {
  end_entity,  ///< TLS servers and clients
  ca,          ///< signs certificates of end entities, but of no further CA
};

struct Profile;  // src/pki/certificate_writer.h

/// A CA certificate with its key. Immutable, usable from several threads.
class CertificateAuthority {
 public:
  /// `chain`: the CA's certificate, then those above it, if any. Errors: ca_cannot_sign where the certificate
  /// is no CA's, has no subject, or its key may not sign certificates; those of Identity::create.
  static Result<CertificateAuthority> create(std::vector<CertificatePtr> chain, SigningKeyPtr key);
  /// From the bytes of files, as Identity::from_bytes. Errors: those of Certificate::from_pem_or_der,
  /// KeyPair::load and create.
  static Result<CertificateAuthority> from_bytes(Bytes chain, Bytes key, std::string_view passphrase = {},
                                                 const Provider& provider = default_provider());

  /// The CA's own; lives as long as this object.
  const Certificate& certificate() const noexcept { return *chain_.front(); }
  /// The CA's certificate, then those above it, as given.
  const std::vector<CertificatePtr>& chain() const noexcept { return chain_; }

  /// Makes a key and a certificate for `names`. It begins an hour ago, for peers whose clocks are slow, and
  /// ends after `days` (1 to 36500), but neither outside the CA's own validity. Errors: bad_name,
  /// bad_argument; ca_cannot_sign where the CA has expired or is not valid yet; certificate_name_constraint,
  /// certificate_policy, certificate_path_too_long where the CA's own constraints, or those above it, forbid
  /// it; operation_failed where its key does not sign.
  Result<Issued> issue(std::span<const std::string> names, unsigned days, KeyKind key = {},
                       const Surroundings& around = {}) const;
  /// Signs a request: its subject and key as they are, its names, the purposes serverAuth and clientAuth
  /// (both where it asks for none), and TLS feature status_request; nothing else that it asks for. A CA gets
  /// no names, and path length 0. Returns the chain, the new certificate first. Errors as above;
  /// csr_unacceptable where no name is asked for, the subject is the CA's own, or that of a CA is empty.
  Result<std::vector<CertificatePtr>> sign(const CertificationRequest& request, unsigned days,
                                           CertificateRole role = CertificateRole::end_entity,
                                           const Surroundings& around = {}) const;

  /// The same for `subject`, on these terms. Errors as above, and bad_argument for a URL.
  Result<Issued> issue(const Subject& subject, const Terms& terms, KeyKind key = {},
                       const Surroundings& around = {}) const;
  /// Makes a key and the certificate of a CA below this one. Errors: those of NewCa::issue and of issue.
  Result<Issued> issue_ca(const NewCa& wanted, const Surroundings& around = {}) const;
  /// Signs a request of an end entity on these terms. The purposes are those that both ask for; mailboxes are
  /// granted to clients, and a client whose subject is not empty needs no name. Errors: as above;
  /// csr_unacceptable also where the request asks for other purposes only.
  Result<std::vector<CertificatePtr>> sign(const CertificationRequest& request, const Terms& terms,
                                           const Surroundings& around = {}) const;
  /// An end entity's certificate once more: subject, names, purposes and TLS feature as they are in `old`,
  /// with a new key. `terms.use` is not looked at. Errors: those of issue; bad_name where `old` has names
  /// that are not issued here.
  Result<Issued> renew(const Certificate& old, const Terms& terms, KeyKind key,
                       const Surroundings& around = {}) const;
  /// The same for the key that `old` has, whoever holds it.
  Result<std::vector<CertificatePtr>> renew_same_key(const Certificate& old, const Terms& terms,
                                                     const Surroundings& around = {}) const;
  /// Signs a list of revoked certificates; see NewRevocationList for its fields and errors.
  Result<RevocationListPtr> revocation_list(const NewRevocationList& fields,
                                            const Surroundings& around = {}) const;
  /// Answers an OCSP request; see OcspAnswers for its fields and errors.
  Result<OcspResponsePtr> ocsp_response(const OcspRequest& request, const OcspAnswers& answers,
                                        const Surroundings& around = {}) const;
  /// Makes a key and a certificate with which somebody answers OCSP in the CA's stead (RFC 6960 §4.2.2.2):
  /// purpose OCSPSigning, and never looked up itself, so `days` should be few. `name`: 1 to 64 characters.
  /// Errors: those of issue.
  Result<Issued> issue_ocsp_responder(const std::string& name, unsigned days, KeyKind key = {},
                                      const Surroundings& around = {}) const;

 private:
  CertificateAuthority() = default;
  Result<std::vector<CertificatePtr>> certify(const Profile& profile, const Surroundings& around) const;
  Result<Issued> certify_new_key(Profile profile, KeyKind kind, const Surroundings& around) const;
  std::vector<CertificatePtr> with_intermediates(CertificatePtr leaf) const;
  std::vector<CertificatePtr> chain_;
  SigningKeyPtr key_;
};

// ---- the local CA -----------------------------------------------------------------------------------------

/// A CA for this user on this machine, kept in a folder: ca.pem, ca-key.pem (mode 0600), and the certificates
/// that it issued. Made the first time it is asked for, and again when it has expired. Several processes may
/// ask at the same time.
class LocalCa {
 public:
  /// Where, and under which name.
  struct Options {
    std::string folder = {};  ///< data_folder() if empty
    std::string name = {};    ///< "Bulla local CA user@host" if empty; looked at when the CA is made
  };
  /// The CA in the folder, or a new one; the folder is made with mode 0700. Errors: those of files;
  /// local_ca_broken where ca.pem and ca-key.pem cannot be used together, or only one of them is there.
  static Result<LocalCa> open(Options options, const Surroundings& around = {});
  /// The same with default options.
  static Result<LocalCa> open(const Surroundings& around = {});

  /// The CA, to issue and sign with; lives as long as this object.
  const CertificateAuthority& authority() const noexcept { return authority_; }
  const Certificate& certificate() const noexcept { return authority_.certificate(); }  ///< the CA's own
  /// Just this CA, for a client's config.
  RootStore roots() const;
  /// Where all of it is: as given, or data_folder().
  const std::string& folder() const noexcept { return folder_; }
  /// ca.pem, which browsers and other machines are given.
  std::string certificate_path() const { return folder_ + "/ca.pem"; }
  /// Whether open() made the CA.
  bool newly_made() const noexcept { return newly_made_; }

  /// A certificate with its key, and the files in which they are.
  struct Fitting {
    IdentityPtr identity = {};          ///< for a server's config
    std::string certificate_path = {},  ///< PEM, the chain
        key_path = {};                  ///< PEM, mode 0600
    bool newly_issued = false;          ///< made by this call, not found in the folder
  };
  /// The names that a server on this machine goes by.
  static std::vector<std::string> local_names() { return {"localhost", "127.0.0.1", "::1"}; }
  /// A certificate of 90 days for exactly these names: the one in the folder while it is good for at least a
  /// third of its lifetime, or else a new one. Errors: bad_name, those of files, ca_cannot_sign.
  Result<Fitting> fitting_identity(std::vector<std::string> names = local_names(),
                                   const Surroundings& around = {}) const;

 private:
  LocalCa(CertificateAuthority authority, std::string folder) noexcept
      : authority_(std::move(authority)), folder_(std::move(folder)) {}
  CertificateAuthority authority_;
  std::string folder_;
  bool newly_made_ = false;
};

// ---- descriptions -----------------------------------------------------------------------------------------

/// A certificate for a person: subject, issuer, names, validity seen from `now`, key, signature, usages,
/// fingerprint, serial number. Lines "  Label:  value", safe for a terminal.
std::string describe(const Certificate& certificate, Time now, const Provider& provider = default_provider());
/// All of a certificate for a person: besides the above version, key and signature in hexadecimal, and every
/// extension by its name with what it says. Safe for a terminal.
std::string describe_whole(const Certificate& certificate, Time now,
                           const Provider& provider = default_provider());
/// The same as describe() as a JSON object on one line.
std::string describe_json(const Certificate& certificate, Time now,
                          const Provider& provider = default_provider());
/// "expires in 12 days", "expired 3 days ago", "not valid until ...".
std::string describe_validity(const Certificate& certificate, Time now);
/// What is odd about the order of a chain as a file or a server gives it, one sentence each; empty for a good
/// one. Names are compared, no signature is checked.
std::vector<std::string> chain_problems(std::span<const CertificatePtr> chain);

}  // namespace bulla::pki
