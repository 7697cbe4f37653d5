// PKCS#12 files (RFC 7292; .p12, .pfx): a key with its chain, or certificates alone, behind a passphrase.
// What Windows, macOS, Java, Firefox and mail programs import and export.
//
//   auto file = pki::Pkcs12::open(read_file("server.p12").value(), "secret").value();
//   auto identity = file.identity().value();                        // for make_server_config
//   write_file("new.p12", file.write({.passphrase = "secret"}).value(), Privacy::owner_only);
#pragma once

#include <bulla/pki.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bulla::pki {

/// How a file is proven to be unaltered.
enum class Pkcs12Integrity : uint8_t {
  hmac,    ///< HMAC-SHA-256 with the key derivation of RFC 7292 §B.2: everybody reads it
  pbmac1,  ///< PBKDF2 and HMAC-SHA-256 (RFC 9579): OpenSSL from 3.4 on, GnuTLS from 3.8.8 on, few others yet
};

/// What keeps a file secret and unaltered.
struct Pkcs12Protection {
  std::string_view passphrase = {};                   ///< UTF-8, not empty
  uint32_t iterations = 600'000;                      ///< of each key derivation, 1 to 2,000,000
  Pkcs12Integrity integrity = Pkcs12Integrity::hmac;  ///< which MAC
};

/// Which of several keys to take out of a file.
struct Pkcs12Choice {
  std::string_view friendly_name = {};  ///< empty: the only one
};

/// What a PKCS#12 file holds. Move-only, for its key.
struct Pkcs12 {
  /// None in a file of certificates alone.
  std::optional<KeyPair> key = {};
  /// The key's certificate, then those above it, each signed by the next; empty without a key, or where the
  /// file has no certificate for it.
  std::vector<CertificatePtr> chain = {};
  /// What programs list the key under, UTF-8; may be empty.
  std::string friendly_name = {};
  /// The other certificates, in the file's order. Written without a key, they are marked as trusted for Java,
  /// which shows no others.
  std::vector<CertificatePtr> further = {};

  /// Opens a file of at most 16 MiB, DER or BER: protected by HMAC with SHA-1 or SHA-2, or PBMAC1 (RFC 9579),
  /// which is checked before anything inside is looked at; encrypted under PBES2 with AES-CBC. An empty
  /// passphrase opens files that were made with an empty one, or with none. Key derivations together take at
  /// most as much as ten million iterations. Errors: pkcs12_malformed; pkcs12_unsupported, with what converts
  /// the file; pkcs12_passphrase_needed, pkcs12_passphrase_wrong; bad_argument for a passphrase that is no
  /// UTF-8, and where a key has to be chosen; those of Certificate::from_der and KeyPair::load.
  static Result<Pkcs12> open(Bytes file, std::string_view passphrase, const Pkcs12Choice& choice = {},
                             const Surroundings& around = {});

  /// The file, DER. Key and certificates are encrypted under PBES2 with PBKDF2-HMAC-SHA-256 and AES-256-CBC.
  /// Errors: bad_argument for an empty passphrase, for one or a name that is no UTF-8, for no or too many
  /// iterations, and where there is nothing to write; key_mismatch where key and chain do not belong
  /// together; key_unsupported where the provider cannot.
  Result<std::vector<uint8_t>> write(const Pkcs12Protection& how, const Surroundings& around = {}) const;

  /// Chain and key, for a config. Errors: key_not_found, and those of Identity::create.
  Result<IdentityPtr> identity() const;
};

/// Whether bytes begin as a PKCS#12 file does; nothing about the rest.
bool looks_like_pkcs12(Bytes file) noexcept;

/// How a PKCS#12 file is protected, as far as it shows without its passphrase. Nothing of it is proven.
struct Pkcs12Outline {
  std::string integrity = {};  ///< "HMAC-SHA-256 with 2048 iterations", "none"
  /// One for each part that is encrypted and each thing that stands beside: "encrypted: AES-256-CBC, PBKDF2
  /// with ...", "a key: AES-256-CBC, ...", "a key, not encrypted", "certificates, not encrypted".
  std::vector<std::string> parts = {};
};
/// Errors: pkcs12_malformed, pkcs12_unsupported.
Result<Pkcs12Outline> outline_pkcs12(Bytes file);

}  // namespace bulla::pki
