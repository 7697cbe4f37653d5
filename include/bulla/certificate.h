// Certificates, names, trust and verification: what the TLS engine and applications see of X.509.
#pragma once

#include <bulla/bytes.h>
#include <bulla/provider.h>
#include <bulla/result.h>
#include <bulla/revocation.h>
#include <bulla/time.h>

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulla {

class Certificate;
namespace x509 {
struct ParsedCertificate;  // src/x509/certificate.h
/// For the library's own use: src/x509/certificate.h.
Result<std::shared_ptr<const Certificate>> disguised(Bytes good, Bytes shown);
}  // namespace x509

/// One X.509 certificate, parsed whole and immutable. Shared between chains, stores and connections.
class Certificate {
 public:
  /// Parses strict DER (RFC 5280 §4.1) of at most 1 MiB. The bytes are copied once. Error:
  /// certificate_malformed.
  static Result<std::shared_ptr<const Certificate>> from_der(Bytes der);
  /// Every CERTIFICATE block of a PEM text, in its order, or one certificate in DER. At least one. Errors:
  /// certificate_not_found, pem_malformed, certificate_malformed.
  static Result<std::vector<std::shared_ptr<const Certificate>>> from_pem_or_der(Bytes text);
  ~Certificate();

  /// The certificate as it was given; a view into this object, as all views below.
  Bytes der() const noexcept;
  /// The certified key, views into this object. Where has_usable_key() is false it is empty, and no signature
  /// verifies with it.
  PublicKeyView public_key() const noexcept;
  /// Whether the key is of a kind that this library uses: RSA, ECDSA on P-256, P-384 or P-521, Ed25519.
  bool has_usable_key() const noexcept;
  /// Whether the key may make signatures of this kind: its type, and the hash that an id-RSASSA-PSS key may
  /// be bound to (RFC 4055 §1.2).
  bool key_allows(SignatureAlgorithm algorithm) const noexcept;
  /// The SubjectPublicKeyInfo, DER.
  Bytes spki() const noexcept;
  /// The subject, raw DER of the Name: what is compared and what certificate_authorities carries.
  Bytes subject_der() const noexcept;
  /// The issuer, likewise.
  Bytes issuer_der() const noexcept;
  /// For a person: "CN=example.com, O=Example". Control characters are escaped.
  std::string subject() const;
  /// The issuer, likewise.
  std::string issuer() const;
  /// DNS names and IP addresses of the subjectAltName, as text, escaped.
  std::vector<std::string> names() const;
  /// Every name of the subjectAltName in its order, with its kind, escaped: "DNS:example.com",
  /// "IP:192.0.2.1", "email:ada@example.com", "URI:spiffe://example.com/db".
  std::vector<std::string> alternative_names() const;
  Time not_before() const noexcept;  ///< valid from
  Time not_after() const noexcept;   ///< valid until the end of that second
  /// The number in lower-case hexadecimal, whole octets, no sign octet: "abcd", "00", "-01" where negative.
  std::string serial() const;
  bool is_ca() const noexcept;  ///< basicConstraints says CA:TRUE
  /// keyUsage is absent or has digitalSignature (RFC 9846 §4.5.1.2, RFC 5246 §7.4.2).
  bool allows_digital_signature() const noexcept;
  /// How the certificate is signed; empty where the algorithm is not one this library verifies.
  std::optional<SignatureAlgorithm> signature_algorithm() const noexcept;

  /// All of it, for the library's own use: the type is not public.
  const x509::ParsedCertificate& parsed() const noexcept { return *parsed_; }

 private:
  friend Result<std::shared_ptr<const Certificate>> x509::disguised(Bytes good, Bytes shown);
  explicit Certificate(std::unique_ptr<const x509::ParsedCertificate> parsed) noexcept;
  std::unique_ptr<const x509::ParsedCertificate> parsed_;
};
/// A certificate, shared.
using CertificatePtr = std::shared_ptr<const Certificate>;

/// SHA-256 of the DER, "AB:CD:..." as other tools print it.
std::string fingerprint_sha256(const Certificate& certificate, const Provider& provider = default_provider());

/// The name of a peer: a DNS name (kept as lower-case A-labels, without trailing dot) or an IP address.
class ServerName {
 public:
  /// What it names.
  enum class Kind : uint8_t { dns, ip };
  /// Parses a host as a user types it: "example.com", "192.0.2.1", "2001:db8::1", "[2001:db8::1]". No port,
  /// no wildcard; international names in their xn-- form. Error: bad_server_name.
  static Result<ServerName> parse(std::string_view text);

  /// A DNS name, or an address.
  Kind kind() const noexcept { return kind_; }
  /// As text: the DNS name, or the address in its canonical form without brackets.
  const std::string& text() const noexcept { return text_; }
  /// 4 or 16 bytes for an address, empty for a DNS name.
  Bytes address() const noexcept { return address_; }

 private:
  Kind kind_ = Kind::dns;
  std::string text_;
  std::vector<uint8_t> address_;
};

/// The certificates that are trusted without further proof. A CA certificate anchors chains; any certificate,
/// CA or not, given here is accepted itself as a leaf for its own names and dates. A value: copies are cheap,
/// and adding to one does not change the others.
class RootStore {
 public:
  /// Trusts nobody.
  RootStore();
  ~RootStore();
  /// Shares the certificates until one of the two is added to.
  RootStore(const RootStore&);
  /// The same; the other stays as it is.
  RootStore(RootStore&&) noexcept;
  /// Shares the other's certificates.
  RootStore& operator=(RootStore) noexcept;
  /// Adds every certificate of a PEM text, or one in DER; returns how many it read, those that were known
  /// included. Errors: those of Certificate::from_pem_or_der; then nothing is added.
  Result<size_t> add(Bytes pem_or_der);
  /// Adds one, not nullptr; no effect if it is known.
  void add(CertificatePtr certificate);
  /// The same for many: much faster than one by one.
  void add_all(std::span<const CertificatePtr> certificates);
  size_t size() const noexcept;  ///< certificates, all different
  /// The anchors whose subject equals `name_der` as RFC 5280 §7.1 compares; the view lives until the store
  /// changes.
  std::span<const CertificatePtr> with_subject(Bytes name_der) const noexcept;
  /// Whether this very certificate, byte for byte, is trusted.
  bool contains(const Certificate& certificate) const noexcept;
  /// All of them, ordered by subject.
  std::vector<CertificatePtr> all() const;

 private:
  struct Index;
  std::shared_ptr<const Index> index_;  // copy on write
};

/// What a certificate is to be used for (extendedKeyUsage).
enum class CertificatePurpose : uint8_t { server, client };

/// The question that a verifier answers. Views and pointers live during the call.
struct VerifyRequest {
  std::span<const CertificatePtr> chain;  ///< as the peer sent it, leaf first, never empty
  const ServerName* name =
      nullptr;  ///< the name that the leaf must carry; nullptr when a server checks a client
  CertificatePurpose purpose = CertificatePurpose::server;  ///< what the peer is to us
  Time now = {};                                            ///< for the validity of every certificate
  Bytes ocsp_response = {};                                 ///< stapled, not yet looked at; may be empty
  OcspStapling stapling = OcspStapling::not_requested;      ///< whether a response was asked for
};

class ChainVerified;
struct VerificationReport;  // <bulla/verification_report.h>
namespace x509 {
class ChainVerifiedMint;  // src/x509/verify.cpp is the one place that makes proofs
}
namespace dangerous {
/// Mints the proof for a verifier of another kind: the operating system, a pin, `--insecure`. `reason` is
/// shown wherever the connection is described, and may not be empty. Bound to this request's leaf and name.
ChainVerified assert_verified(const VerifyRequest& request, std::string reason);
}  // namespace dangerous

/// Proof that a chain was verified for one leaf and one name. Only the verifier can make one.
class ChainVerified {
 public:
  /// The path that was accepted, leaf first, ending in the anchor; just the leaf for an asserted proof.
  const std::vector<CertificatePtr>& path() const noexcept { return path_; }
  /// Empty for a verified path; the reason given to assert_verified otherwise.
  const std::string& asserted_because() const noexcept { return reason_; }
  /// Whether this proof speaks of `leaf` and `name` (nullptr: none).
  bool is_for(const Certificate& leaf, const ServerName* name) const noexcept;

 private:
  friend class x509::ChainVerifiedMint;
  friend ChainVerified dangerous::assert_verified(const VerifyRequest&, std::string);
  ChainVerified() = default;
  std::vector<CertificatePtr> path_;
  std::string name_, reason_;
};

/// Decides whether a peer's chain is acceptable. Derive from it to pin, to ask the operating system, to log;
/// call a WebPkiVerifier inside and return its proof, or mint one with dangerous::assert_verified. Called
/// from the threads of all connections of the config, several at once. May not throw.
class Verifier {
 public:
  virtual ~Verifier() = default;
  /// The proof, or why not. The peer is told the alert of the error's row, or Error::alert where it is set.
  virtual Result<ChainVerified> verify(const VerifyRequest& request) const = 0;
  /// The names of the CAs this verifier accepts, raw DER, for a server's CertificateRequest; may be empty:
  /// any. Sessions are not resumed where the list has changed.
  virtual std::vector<std::vector<uint8_t>> accepted_authorities() const { return {}; }
};
/// A verifier, shared by configs.
using VerifierPtr = std::shared_ptr<const Verifier>;

/// By which rules certificates are judged.
enum class CertificateProfile : uint8_t {
  rfc5280,  ///< RFC 5280, leniently where only the form suffers: private CAs rarely keep every rule for
            ///< issuers
  webpki,   ///< besides, what the CA/Browser Forum asks of public CAs and their server certificates
};

/// The number of a certificate policy: "2.23.140.1.2.1".
class PolicyId {
 public:
  /// Decimal arcs with dots between them; at least two, the first at most 2, the second at most 39 below the
  /// arcs 0 and 1, each below 2^63. Error: bad_argument.
  static Result<PolicyId> parse(std::string_view dotted);
  Bytes content() const noexcept { return content_; }  ///< as in DER, without tag and length
  std::string text() const;                            ///< as it is parsed

 private:
  std::vector<uint8_t> content_;
};

/// What is asked of certificate policies (RFC 5280 §6.1.1 (c), (e), (f), (g)). By default nothing but what
/// the CAs of the path ask for themselves.
struct PolicyDemands {
  /// Where a policy is required, by `required` or by a CA, it must be one of these; empty: any.
  std::vector<PolicyId> accepted = {};
  bool required = false;         ///< a policy must hold from the first CA down to the leaf
  bool inhibit_mapping = false;  ///< policies of one CA are not taken for those of another
  bool inhibit_any = false;      ///< anyPolicy stands for none
};

/// RFC 5280 path building and validation to given roots, with the Web's rules (names in subjectAltName only,
/// RFC 9525). Revocation: the lists it is given and the stapled OCSP response; nothing is fetched. Immutable,
/// for any number of threads.
class WebPkiVerifier : public Verifier {
 public:
  /// Bounds and means.
  struct Options {
    /// Signatures, in those of P-256, before a search is given up with certificate_budget_exhausted: P-384
    /// counts 4, P-521 7, ML-DSA-87 2, RSA of n times 2048 bits n². Fifty times as many candidates are tried.
    unsigned max_signatures = 100;
    unsigned max_path_length = 10;  ///< certificates, leaf and anchor included: certificate_path_too_long
    unsigned min_rsa_bits = 2048;   ///< of every key but that of a trusted leaf: certificate_weak_key
    CertificateProfile profile = CertificateProfile::rfc5280;  ///< webpki: certificate_profile
    PolicyDemands policies = {};                               ///< certificate_policy
    const Provider* provider = nullptr;                        ///< default_provider() if not given
    RevocationPolicy revocation = RevocationPolicy::if_known;  ///< what is asked of the status of a path
    RevocationLists lists = {};                                ///< lists of the CAs that may occur
    /// Lists and responses older than this make nothing good; zero: until their nextUpdate, or for 7 days
    /// where they have none.
    Seconds max_status_age = {};
  };
  explicit WebPkiVerifier(RootStore roots);  ///< with the bounds above
  /// With bounds of one's own.
  WebPkiVerifier(RootStore roots, Options options);
  /// The proof with the path that was found. Errors: the rows certificate_... of errors.def; where no path is
  /// found, that of the most promising one. The chain may not be empty (assertion).
  Result<ChainVerified> verify(const VerifyRequest& request) const override;
  /// The same question answered at length, for a person: every path that was tried, and what held and what
  /// failed on it. Include <bulla/verification_report.h>. The chain may not be empty (assertion).
  VerificationReport explain(const VerifyRequest& request) const;
  /// The subjects of all roots.
  std::vector<std::vector<uint8_t>> accepted_authorities() const override;
  const RootStore& roots() const noexcept { return roots_; }  ///< lives as long as the verifier

 private:
  RootStore roots_;
  Options options_;
};

/// A certificate chain with the private key of its leaf: what a server or client proves its identity with.
/// Immutable; shared by configs and threads.
class Identity {
 public:
  /// `chain`: leaf first. Errors: key_mismatch if the key does not belong to the leaf; certificate_not_found,
  /// key_not_found where one is missing; certificate_unsupported_algorithm for a leaf whose key is of no use.
  static Result<std::shared_ptr<const Identity>> create(std::vector<CertificatePtr> chain, SigningKeyPtr key);
  /// Chain in PEM or DER; key in PEM or DER as PKCS#8, encrypted PKCS#8, PKCS#1 or SEC1. `passphrase` opens
  /// an encrypted key. Errors: those of Certificate::from_pem_or_der, parse_private_key,
  /// SignatureFunctions::load and create.
  static Result<std::shared_ptr<const Identity>> from_bytes(Bytes chain, Bytes key,
                                                            std::string_view passphrase = {},
                                                            const Provider& provider = default_provider());
  /// The same from files, with the default provider; an error names them (implemented in os; link bulla::os).
  /// Errors: those of read_file and from_bytes.
  static Result<std::shared_ptr<const Identity>> from_pem_files(const std::string& chain_path,
                                                                const std::string& key_path,
                                                                std::string_view passphrase = {});

  const std::vector<CertificatePtr>& chain() const noexcept { return chain_; }  ///< leaf first, never empty
  const Certificate& leaf() const noexcept { return *chain_.front(); }          ///< the first of the chain
  const SigningKey& key() const noexcept { return *key_; }                      ///< the leaf's private key
  /// A DER OCSP response to staple (RFC 6066 §8); empty for none.
  Bytes ocsp_response() const noexcept { return ocsp_response_; }
  /// A copy that staples `response`, which is not looked at; renew it before it runs out.
  std::shared_ptr<const Identity> with_ocsp_response(std::vector<uint8_t> response) const;

 private:
  Identity() = default;
  std::vector<CertificatePtr> chain_;
  SigningKeyPtr key_;
  std::vector<uint8_t> ocsp_response_;
};
/// An identity, shared.
using IdentityPtr = std::shared_ptr<const Identity>;

/// A private key out of a file's bytes: PEM or DER; PKCS#8, encrypted PKCS#8 (PBES2), PKCS#1 or SEC1. The
/// first one of a PEM text. `passphrase` is not looked at where the key is not encrypted. Errors:
/// key_not_found, pem_malformed, key_malformed, key_unsupported, key_passphrase_needed, key_passphrase_wrong.
Result<PrivateKeyMaterial> parse_private_key(Bytes pem_or_der, std::string_view passphrase,
                                             const Provider& provider = default_provider());

}  // namespace bulla
