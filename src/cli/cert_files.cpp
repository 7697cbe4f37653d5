#include "cli/cert_files.h"

#include "base/ct.h"
#include "cli/terminal.h"
#include "os/shell_word.h"
#include "x509/certificate.h"
#include "x509/evidence.h"

#include <CLI/CLI.hpp>

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

namespace bulla::cli {
namespace {

std::string kinds() {
  std::string out;
  for (const std::string_view kind : pki::KeyKind::all()) out += (out.empty() ? "" : "|") + std::string(kind);
  return out;
}

Result<void> check_both_free(const OutputPaths& paths, IfExists if_exists) {
  BULLA_TRY(check_free(paths.product, if_exists));
  return check_free(paths.key, if_exists);
}

/// Waits until no other `bulla cert` writes a pair into the folder of `path`; released when the descriptor
/// dies, or the process. The folder itself is locked: no file of ours is left there. A file system without
/// such locks (some network ones) does without.
Descriptor lock_folder_of(const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  Descriptor held(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  while (held && ::flock(held.number(), LOCK_EX) != 0 && errno == EINTR) {
  }
  return held;
}

/// The passphrase of a CA key that turned out to be encrypted: as far as there is a terminal.
Result<pki::CertificateAuthority> open_with_typed_passphrase(const CaFlags& flags, Bytes certificate,
                                                             Bytes key, Error needed) {
  const auto passphrase = prompt_passphrase("Passphrase of " + printable(flags.key) + ": ");
  if (!passphrase) return needed;
  return pki::CertificateAuthority::from_bytes(certificate, key, as_text(passphrase->reveal()));
}

}  // namespace

Result<void> check_free(const std::string& path, IfExists if_exists) {
  std::error_code ignored;
  // A link that leads nowhere is in the way too.
  const auto there = std::filesystem::symlink_status(path, ignored);
  if (if_exists == IfExists::replace || path == "-" || !std::filesystem::exists(there)) return {};
  return Error{ErrorCode::file_exists, path, "add --force to replace it, or write elsewhere: --out"};
}

std::string certificate_beside(const std::string& request) {
  if (request == "-") return "-";
  for (const std::string_view ending : {".csr", ".req", ".p10"})
    if (request.ends_with(ending)) return request.substr(0, request.size() - ending.size()) + ".pem";
  return request + ".pem";
}

std::string key_beside(const std::string& request) {
  std::string path = certificate_beside(request);
  path.resize(path.size() - std::min(path.size(), std::string_view(".pem").size()));
  path += "-key.pem";
  std::error_code ignored;
  return std::filesystem::exists(path, ignored) ? shell_word(path) : "KEY-OF-THE-REQUEST";
}

CLI::Option* add_new_key_flags(CLI::App& verb, NewKeyFlags& flags, const std::string& kind_names) {
  auto* kind = verb.add_option(kind_names, flags.kind, "Kind of the new key: " + kinds())
                   ->option_text(flags.kind.empty() ? "TYPE [as before]" : "TYPE [" + flags.kind + ']');
  auto* file = verb.add_option("--passphrase-file", flags.passphrase_file,
                               "Encrypt the new key with the first line of FILE")
                   ->option_text("FILE");
  verb.add_flag("--passphrase-prompt", flags.passphrase_prompt,
                "Encrypt the new key with a passphrase asked for on the terminal")
      ->excludes(file);
  return kind;
}

Result<SecretBytes> new_passphrase(const NewKeyFlags& flags) {
  if (!flags.passphrase_file.empty()) {
    BULLA_TRY(SecretBytes passphrase, read_passphrase_file(flags.passphrase_file));
    if (passphrase.empty())
      return Error{ErrorCode::bad_argument, flags.passphrase_file + ": the first line is empty",
                   "write the passphrase into its first line"};
    return passphrase;
  }
  if (!flags.passphrase_prompt) return SecretBytes{};
  BULLA_TRY(SecretBytes passphrase, prompt_passphrase("New passphrase: "));
  if (passphrase.empty()) return Error{ErrorCode::bad_argument, "the passphrase is empty"};
  BULLA_TRY(const SecretBytes again, prompt_passphrase("The same again: "));
  if (!ct::equal(passphrase.reveal(), again.reveal()))
    return Error{ErrorCode::bad_argument, "the two passphrases differ", "type the same passphrase twice"};
  return passphrase;
}

Result<pki::CertificateAuthority> load_ca(const CaFlags& flags) {
  BULLA_TRY(const std::vector<uint8_t> certificate, read_file(flags.certificate));
  BULLA_TRY(const SecretBytes key, read_secret_file(flags.key));
  SecretBytes passphrase;
  if (!flags.passphrase_file.empty()) {
    BULLA_TRY(passphrase, read_passphrase_file(flags.passphrase_file));
  }
  auto ca = pki::CertificateAuthority::from_bytes(certificate, key.reveal(), as_text(passphrase.reveal()));
  if (!ca && ca.error().code == ErrorCode::key_passphrase_needed && flags.passphrase_file.empty())
    ca = open_with_typed_passphrase(flags, certificate, key.reveal(), ca.error());
  if (ca) return ca;
  // Errors of keys belong to the one file, the rest to the other.
  const bool about_key = ca.error().row().name.find("key") != std::string_view::npos;
  return in_file(about_key ? flags.key : flags.certificate, std::move(ca).error());
}

Result<OutputPaths> output_paths(const std::string& folder, std::string_view name,
                                 std::string_view product_ending, IfExists if_exists) {
  const std::string place = folder.empty() || folder == "." ? ""
                            : folder.ends_with('/')         ? folder
                                                            : folder + '/';
  const std::string stem = place + pki::file_stem(name);
  const OutputPaths out = {.product = stem + std::string(product_ending), .key = stem + "-key.pem"};
  if (!place.empty()) {
    BULLA_TRY(make_folders(folder));
  }
  BULLA_TRY(check_both_free(out, if_exists));
  return out;
}

Result<void> write_key_and_product(const OutputPaths& paths, const pki::KeyPair& key,
                                   const SecretBytes& passphrase, std::string_view product,
                                   IfExists if_exists) {
  SecretBytes pem;
  if (passphrase.empty()) {
    pem = key.to_pem();
  } else {
    BULLA_TRY(const std::string text, key.to_encrypted_pem({.passphrase = as_text(passphrase.reveal())}));
    pem = SecretBytes(as_bytes(text));
  }
  const Descriptor lock = lock_folder_of(paths.key);
  BULLA_TRY(check_both_free(paths, if_exists));
  BULLA_TRY(write_file(paths.key, pem.reveal(), Privacy::owner_only, if_exists));
  return write_file(paths.product, as_bytes(product), Privacy::world_readable, if_exists);
}

Error in_file(const std::string& path, Error error) {
  error.detail = printable(path) + (error.detail.empty() ? "" : ": " + error.detail);
  return error;
}

void print_whom(const Certificate& certificate) {
  constexpr size_t most = 10;
  const auto& names = certificate.parsed().extensions.subject_alt_name;
  const size_t count = names ? names->size() : 0;
  std::string list;
  for (size_t i = 0; i < std::min(count, most); ++i)
    list += (i ? ", " : "") + x509::shortened(x509::print_general_name((*names)[i]), 260);
  if (count > most) list += " and " + std::to_string(count - most) + " more";
  print_line("  subject       " + x509::shortened(certificate.subject(), 1000));
  print_line("  names         " + (list.empty() ? "none" : list));
}

std::string key_protection(const SecretBytes& passphrase) {
  return passphrase.empty() ? "(not encrypted; only you can read the file)"
                            : "(encrypted with the passphrase)";
}

}  // namespace bulla::cli
