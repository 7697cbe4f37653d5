// bulla ca issue: a key and a certificate, recorded.
#include "cli/ca_commands.h"
#include "cli/ca_files.h"
#include "cli/terminal.h"
#include "os/shell_word.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace bulla::cli {
namespace {

struct CaIssueFlags {
  std::vector<std::string> names;
  std::string use = "server";
  unsigned days = 0;
  std::string out = ".";
  NewKeyFlags key;
  std::string folder, ca_passphrase_file;
  ca::RevocationUrls urls;
  bool force = false;
  bool json = false;
};

constexpr const char* examples =
    "Writes NAME.pem (with the intermediate) and NAME-key.pem. Nothing is replaced without --force. A "
    "client's names may\n"
    "be those of a person: what is neither a host with a dot, nor an address, nor a mailbox becomes the "
    "common name.\n"
    "Exit status 3: the CA cannot sign this, or not now.\n"
    "\n"
    "Examples:\n"
    "  bulla ca issue www.example.com example.com\n"
    "  bulla ca issue 'Ada Lovelace' ada@example.com --template client\n"
    "  bulla ca issue node1.example.com --template both --days 30 --key ed25519 --out certs\n"
    "  bulla ca issue www.example.com --ca-passphrase-file ca-secret.txt --passphrase-file key-secret.txt\n";

/// Hosts, addresses and mailboxes are names; what a client is called besides is its common name.
Result<pki::Subject> subject_of(const std::vector<std::string>& words, pki::CertificateUse use) {
  if (use != pki::CertificateUse::client) return pki::Subject{.names = words};
  pki::Subject out;
  for (const std::string& word : words) {
    if (word.empty()) return Error{ErrorCode::bad_name, "a name is empty"};
    const auto host = pki::AltName::parse(word);
    const bool is_host =
        host && (host->kind() == pki::AltName::Kind::ip || word.find('.') != std::string::npos);
    if (is_host || word.find('@') != std::string::npos) {
      out.names.push_back(word);
      continue;
    }
    if (!out.common_name.empty())
      return Error{
          ErrorCode::bad_name,
          '"' + printable(out.common_name) + "\" and \"" + printable(word) + "\" are two common names",
          "put a name of several words in quotes: 'Ada Lovelace'"};
    out.common_name = word;
  }
  return out;
}

/// What the files are called after.
std::string stem_of(const pki::Subject& subject) {
  if (!subject.common_name.empty()) return subject.common_name;
  const auto first = pki::AltName::parse(subject.names.front());
  return first ? first->text() : subject.names.front();
}

void print_next(const CaIssueFlags& flags, const ca::Authority& authority, const OutputPaths& paths,
                const std::string& serial) {
  const std::string identity = " --cert " + shell_word(paths.product) + " --key " + shell_word(paths.key);
  print_line("Next:");
  if (flags.use == "client")
    print_line("  bulla get https://localhost:8443/ --ca " + shell_word(authority.root_path()) + identity);
  else
    print_line("  bulla serve --text 'It works'" + identity);
  print_line("  bulla ca show" + folder_words(flags.folder) + ' ' + serial);
}

ExitStatus run_ca_issue(const CaIssueFlags& flags) {
  const pki::CertificateUse use = use_of(flags.use);
  const auto kind = pki::KeyKind::parse(flags.key.kind);
  if (!kind) return report_usage(kind.error());
  const auto subject = subject_of(flags.names, use);
  if (!subject) return report_usage(subject.error());
  const auto authority = open_ca(flags.folder);
  if (!authority) return report_ca(authority.error());
  const IfExists if_exists = flags.force ? IfExists::replace : IfExists::refuse;
  const auto paths = output_paths(flags.out, stem_of(*subject), ".pem", if_exists);
  if (!paths) {
    const auto wanted = output_paths(flags.out, stem_of(*subject), ".pem", IfExists::replace);
    if (!wanted) return report_usage(wanted.error());
    return report_in_the_way(*authority, *wanted, flags.folder, paths.error());
  }
  const auto passphrase = new_passphrase(flags.key);
  if (!passphrase) return report_usage(passphrase.error());
  const auto issuer = unlock_ca(*authority, flags.ca_passphrase_file);
  if (!issuer) return report_ca(issuer.error());
  const auto issued =
      issuer->issue(*subject, {.use = use, .days = flags.days, .key = *kind, .urls = flags.urls});
  if (!issued) return report_ca(issued.error());
  const Certificate& certificate = issued->certificate();
  if (auto written = write_key_and_product(*paths, issued->key, *passphrase, issued->chain_pem(), if_exists);
      !written)
    return report_unwritten(flags.folder, certificate.serial(), written.error());

  if (flags.json) {
    const auto record = authority->by_serial(certificate.serial());
    if (!record) return report_ca(record.error());
    print_line(written_json(*record, paths->product, paths->key));
    return ExitStatus::done;
  }
  print_line("  certificate   " + paths->product + "  (signed by " + printable(certificate.issuer()) + ", " +
             pki::describe_validity(certificate, now()) + ')');
  print_line("  key           " + paths->key + "  " + key_protection(*passphrase));
  print_line("  serial        " + certificate.serial());
  print_next(flags, *authority, *paths, certificate.serial());
  return ExitStatus::done;
}

}  // namespace

void add_ca_issue_command(CLI::App& ca, ExitStatus& status) {
  auto flags = std::make_shared<CaIssueFlags>();
  CLI::App* verb = ca.add_subcommand("issue", "Make a key and a certificate");
  verb->add_option("names", flags->names,
                   "DNS names, wildcards, IP addresses; for clients mailboxes and a name")
      ->required()
      ->option_text("NAME|IP");
  add_template_flag(*verb, flags->use);
  verb->add_option("--days", flags->days, "How long the certificate is valid, at most as long as the CA")
      ->check(CLI::Range(1u, 36500u))
      ->option_text("N [90, a client 365]");
  verb->add_option("--out", flags->out, "Folder for the files")->option_text("DIR [.]");
  add_new_key_flags(*verb, flags->key, "--key-type,--key");
  verb->add_option("--ca-passphrase-file", flags->ca_passphrase_file,
                   "First line: the passphrase of the CA's key (default: ask on the terminal)")
      ->option_text("FILE");
  add_revocation_url_flags(*verb, flags->urls);
  add_ca_folder_flag(*verb, flags->folder);
  verb->add_flag("--force", flags->force, "Replace files that are there");
  verb->add_flag("--json", flags->json, "The record as one JSON object on one line");
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_ca_issue(*flags); });
}

}  // namespace bulla::cli
