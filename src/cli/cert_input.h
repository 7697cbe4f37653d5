// Files that the cert verbs are given: whatever stands in them, in any form, opened with a passphrase where
// one is needed.
#pragma once

#include "pki/items.h"

#include <bulla/os.h>
#include <bulla/pkcs12.h>

#include <optional>
#include <string>
#include <vector>

namespace bulla::cli {

/// A file's bytes, or those of standard input for "-"; wiped, since they may be a key. At most 16 MiB.
Result<SecretBytes> read_input(const std::string& path);

/// Tries without a passphrase, or with that of `passphrase_file`; where one is needed and no file is named,
/// with what is typed on the terminal. `attempt` takes a passphrase and returns a Result. Errors name `path`.
Error in_input(const std::string& path, Error error);
bool wants_passphrase(const Error& error) noexcept;
Result<SecretBytes> given_passphrase(const std::string& passphrase_file);
template <class Attempt>
auto open_input(const std::string& path, const std::string& passphrase_file, Attempt&& attempt)
    -> decltype(attempt(std::string_view())) {
  BULLA_TRY(const SecretBytes given, given_passphrase(passphrase_file));
  auto first = attempt(as_text(given.reveal()));
  if (first) return first;
  if (!passphrase_file.empty() || !wants_passphrase(first.error())) return in_input(path, first.error());
  const auto typed = prompt_passphrase("Passphrase of " + printable(path) + ": ");
  if (!typed) return in_input(path, first.error());
  auto second = attempt(as_text(typed->reveal()));
  if (second) return second;
  return in_input(path, second.error());
}

/// What several files hold altogether.
struct Gathered {
  std::vector<CertificatePtr> certificates = {};
  std::optional<pki::KeyPair> key = {};
  /// A key that is kept as it is, encrypted: EncryptedPrivateKeyInfo.
  std::optional<SecretBytes> encrypted_key = {};
  std::string friendly_name = {};
  std::vector<pki::Item> others = {};  ///< requests, lists, public keys
};

/// What is done with private keys: encrypted ones are opened, or kept as they are where a file holds them so;
/// or keys are not what is looked for.
enum class Keys : uint8_t { open, keep_encrypted, ignore };
struct GatherFlags {
  std::string passphrase_file = {};
  std::string name = {};  ///< which of several keys of a PKCS#12 file
  Keys keys = Keys::open;
};
/// Adds what a file holds. Errors name it: those of reading; bad_argument for a second key.
Result<void> gather(const std::string& path, const GatherFlags& flags, Gathered& out);

}  // namespace bulla::cli
