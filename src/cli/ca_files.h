// What the ca verbs share: which CA is meant, its passphrase, records in words, and where certificates are
// written.
#pragma once

#include "cli/cert_files.h"
#include "cli/exit_status.h"

#include <bulla/ca.h>

#include <string>

namespace CLI {
class App;
}

namespace bulla::cli {

/// --dir: every ca verb.
void add_ca_folder_flag(CLI::App& verb, std::string& folder);
/// `folder`; where that is empty, that of the CA that `bulla ca init` makes, or else of the local CA of
/// `bulla serve`. Error: file_not_writable where there is no home folder.
Result<std::string> ca_folder(const std::string& folder);
/// The CA in that folder. Errors: those of Authority::open.
Result<ca::Authority> open_ca(const std::string& folder);
/// Where `bulla ca init` makes a CA unless --dir says otherwise.
Result<std::string> default_ca_folder();
/// " --dir DIR" for a line that is to be pasted; empty where the folder need not be named.
std::string folder_words(const std::string& folder);

/// Calls `attempt` with the passphrase of a CA's key, and returns its Result: the first line of
/// `passphrase_file`; or none, and where one is needed what is typed on the terminal.
template <class Attempt>
auto with_ca_passphrase(const Certificate& ca, const std::string& passphrase_file, Attempt&& attempt)
    -> decltype(attempt(std::string_view())) {
  if (!passphrase_file.empty()) {
    BULLA_TRY(const SecretBytes passphrase, read_passphrase_file(passphrase_file));
    return attempt(as_text(passphrase.reveal()));
  }
  auto opened = attempt(std::string_view());
  if (opened || opened.error().code != ErrorCode::key_passphrase_needed) return opened;
  const auto typed = prompt_passphrase("Passphrase of " + printable(ca.subject()) + ": ");
  if (typed) return attempt(as_text(typed->reveal()));
  Error error = opened.error();
  error.remedy = "give the passphrase of the CA's key: --ca-passphrase-file FILE";
  return error;
}
/// Opens the issuing key.
Result<ca::Issuer> unlock_ca(const ca::Authority& authority, const std::string& passphrase_file);
/// --ca-passphrase-file, which of old is --passphrase-file where no other key has one.
void add_ca_passphrase_flag(CLI::App& verb, std::string& passphrase_file);

/// --crl-url and --ocsp-url of the verbs that make certificates.
void add_revocation_url_flags(CLI::App& verb, ca::RevocationUrls& urls);

/// --template, as text.
void add_template_flag(CLI::App& verb, std::string& text);
/// `text` as add_template_flag allows it.
pki::CertificateUse use_of(const std::string& text);

/// Prints an error of a ca verb: mistakes in what was typed are status 2, a CA that cannot or may not sign
/// is 3.
ExitStatus report_ca(const Error& error);
/// The same where `paths` could not be written: an earlier run that was cut off behind its record is told
/// from other files in the way.
ExitStatus report_in_the_way(const ca::Authority& authority, const OutputPaths& paths,
                             const std::string& folder, Error error);

/// The same where a certificate was recorded and could then not be written.
ExitStatus report_unwritten(const std::string& folder, const std::string& serial, Error error);

/// A record as a JSON object on one line.
std::string record_json(const ca::Record& record);
/// The same with the files that were written.
std::string written_json(const ca::Record& record, const std::string& certificate, const std::string& key);

}  // namespace bulla::cli
