// PBES2 (RFC 8018 §6.2) with PBKDF2 or scrypt (RFC 7914 §7), and AES-CBC: how encrypted keys (PKCS#8) and
// PKCS#12 files are opened.
#pragma once

#include "crypto/scrypt/scrypt.h"
#include "x509/algorithm.h"
#include "x509/private_key.h"

#include <string>
#include <variant>

namespace bulla::x509 {

/// PBKDF2-params (RFC 8018 §A.2); the salt is a view into the file.
struct Pbkdf2 {
  HashId hash = HashId::sha1;  ///< where none is named
  uint32_t iterations = 0;
  Bytes salt = {};
  std::optional<size_t> key_size = {};  ///< in bytes, where the file says it
};
/// Errors: key_malformed; key_unsupported, also for more iterations than the limit.
Result<Pbkdf2> read_pbkdf2(Bytes parameters, const KeyFileLimits& limits);
/// Fills `out`; false where the provider lacks the hash.
[[nodiscard]] bool derive(const Pbkdf2& how, Bytes passphrase, const Provider& provider, MutBytes out);

/// scrypt-params (RFC 7914 §7.1).
struct Scrypt {
  ScryptCost cost = {};
  Bytes salt = {};
};

/// An encrypted thing and how it is encrypted; views into the file.
struct Pbes2 {
  std::variant<Pbkdf2, Scrypt> derivation = {};
  size_t key_size = 0;  ///< of AES, in bytes
  Bytes iv = {};
  Bytes encrypted = {};

  /// What opening costs, in iterations of PBKDF2 or about as much of scrypt.
  uint64_t work() const noexcept;
};
/// Judges what opening costs before anything is spent. Errors: key_malformed; key_unsupported for another
/// scheme, cipher or function, with its name, and beyond the limits.
Result<Pbes2> read_pbes2(const AlgorithmIdentifier& scheme, Bytes encrypted, const KeyFileLimits& limits);
/// What is inside, without its padding. Errors: key_passphrase_wrong where the padding is none, as nearly
/// always with a wrong passphrase; key_unsupported where the provider cannot.
Result<SecretBytes> open_pbes2(const Pbes2& box, Bytes passphrase, const Provider& provider);

/// For a person, whether it could be opened or not: "AES-256-CBC, PBKDF2 with HMAC-SHA-256 and 600000
/// iterations".
std::string print_encryption(const AlgorithmIdentifier& scheme);
/// The same for an EncryptedPrivateKeyInfo (RFC 5958 §3); nothing where it is none.
std::optional<std::string> print_key_encryption(Bytes der);

}  // namespace bulla::x509
