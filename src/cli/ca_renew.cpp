// bulla ca renew: a certificate once more, with a new key unless the old one is to stay.
#include "cli/ca_commands.h"
#include "cli/ca_files.h"
#include "cli/terminal.h"
#include "os/shell_word.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>

namespace bulla::cli {
namespace {

struct CaRenewFlags {
  std::string what;
  unsigned days = 0;
  std::string out = ".";
  NewKeyFlags key = {.kind = {}};
  std::string folder, ca_passphrase_file;
  bool same_key = false;
  ca::RevocationUrls urls;
  bool force = false;
  bool json = false;
};

constexpr const char* examples =
    "Subject, names and purposes stay as they are. The old certificate stays valid: revoke it if it must not "
    "be used.\n"
    "With --same-key only the certificate is written, for the key that its holder has.\n"
    "\n"
    "Examples:\n"
    "  bulla ca renew www.example.com --force            new NAME.pem and NAME-key.pem in place of the old "
    "ones\n"
    "  bulla ca renew 4f3a91 --days 30 --out renewed\n"
    "  bulla ca renew www.example.com --same-key --force\n";

/// What the files of a certificate are called after: its first name, or its common name.
std::string stem_of(const Certificate& certificate) {
  const std::vector<std::string> names = certificate.names();
  if (!names.empty()) return names.front();
  const std::string subject = certificate.subject();
  return subject.starts_with("CN=") ? subject.substr(3, subject.find(',') - 3) : certificate.serial();
}

ExitStatus print_renewed(const CaRenewFlags& flags, const ca::Authority& authority,
                         const Certificate& certificate, const OutputPaths& paths,
                         const std::string& key_line) {
  const auto record = authority.by_serial(certificate.serial());
  if (!record) return report_ca(record.error());
  if (flags.json) {
    print_line(written_json(*record, paths.product, flags.same_key ? std::string() : paths.key));
    return ExitStatus::done;
  }
  print_line("  certificate   " + paths.product + "  (" + pki::describe_validity(certificate, now()) + ')');
  print_line("  key           " + key_line);
  print_line("  serial        " + certificate.serial() + "  (renews " + record->predecessor + ')');
  print_line("Next:");
  print_line("  bulla cert show " + shell_word(paths.product));
  print_line("  bulla ca revoke" + folder_words(flags.folder) + ' ' + record->predecessor +
             " --reason superseded");
  return ExitStatus::done;
}

ExitStatus renew_same_key(const CaRenewFlags& flags, const ca::Authority& authority, const ca::Issuer& issuer,
                          const ca::Record& old, const OutputPaths& paths) {
  const auto chain = issuer.renew_same_key(old.serial(), {.days = flags.days, .urls = flags.urls});
  if (!chain) return report_ca(chain.error());
  const auto written = write_file(paths.product, as_bytes(pki::to_pem(*chain)), Privacy::world_readable,
                                  flags.force ? IfExists::replace : IfExists::refuse);
  if (!written) return report_unwritten(flags.folder, chain->front()->serial(), written.error());
  return print_renewed(flags, authority, *chain->front(), paths, "as before");
}

ExitStatus renew_with_new_key(const CaRenewFlags& flags, const ca::Authority& authority,
                              const ca::Issuer& issuer, const ca::Record& old, const OutputPaths& paths) {
  ca::Renewal renewal = {.days = flags.days, .urls = flags.urls};
  if (!flags.key.kind.empty()) {
    const auto kind = pki::KeyKind::parse(flags.key.kind);
    if (!kind) return report_usage(kind.error());
    renewal.key = *kind;
  }
  const auto passphrase = new_passphrase(flags.key);
  if (!passphrase) return report_usage(passphrase.error());
  const auto issued = issuer.renew(old.serial(), renewal);
  if (!issued) return report_ca(issued.error());
  const auto written = write_key_and_product(paths, issued->key, *passphrase, issued->chain_pem(),
                                             flags.force ? IfExists::replace : IfExists::refuse);
  if (!written) return report_unwritten(flags.folder, issued->certificate().serial(), written.error());
  return print_renewed(flags, authority, issued->certificate(), paths,
                       paths.key + "  " + key_protection(*passphrase));
}

ExitStatus run_ca_renew(const CaRenewFlags& flags) {
  const auto authority = open_ca(flags.folder);
  if (!authority) return report_ca(authority.error());
  const auto old = authority->find(flags.what);
  if (!old) return report_ca(old.error());
  if (old->revocation)
    return report_ca(
        {ErrorCode::ca_revoked, printable(old->certificate->subject()) + ", serial number " + old->serial()});
  // Whoever made the request holds the key, and would not have the new one.
  if (!flags.same_key && old->origin == ca::Origin::sign)
    return report_usage(
        {ErrorCode::bad_argument,
         printable(old->certificate->subject()) + " was signed for a request: its key is elsewhere",
         "add --same-key; or have a new request made, and `bulla ca sign` it"});
  const IfExists if_exists = flags.force ? IfExists::replace : IfExists::refuse;
  const std::string stem = stem_of(*old->certificate);
  // The key of a certificate that keeps it may well be there.
  auto paths = output_paths(flags.out, stem, ".pem", flags.same_key ? IfExists::replace : if_exists);
  if (!paths) return report_usage(paths.error());
  if (flags.same_key)
    if (const auto free = check_free(paths->product, if_exists); !free) return report_usage(free.error());
  const auto issuer = unlock_ca(*authority, flags.ca_passphrase_file);
  if (!issuer) return report_ca(issuer.error());
  return (flags.same_key ? renew_same_key : renew_with_new_key)(flags, *authority, *issuer, *old, *paths);
}

}  // namespace

void add_ca_renew_command(CLI::App& ca, ExitStatus& status) {
  auto flags = std::make_shared<CaRenewFlags>();
  CLI::App* verb = ca.add_subcommand("renew", "Issue a certificate once more, with a new key");
  verb->add_option("what", flags->what, "A serial number, its beginning, or a name: then the newest one")
      ->required()
      ->option_text("SERIAL|NAME");
  verb->add_flag("--same-key", flags->same_key, "For the key that the certificate has")
      ->excludes(add_new_key_flags(*verb, flags->key, "--key-type,--key"));
  verb->add_option("--days", flags->days, "How long the certificate is valid, at most as long as the CA")
      ->check(CLI::Range(1u, 36500u))
      ->option_text("N [as before]");
  verb->add_option("--out", flags->out, "Folder for the files")->option_text("DIR [.]");
  verb->add_option("--ca-passphrase-file", flags->ca_passphrase_file,
                   "First line: the passphrase of the CA's key (default: ask on the terminal)")
      ->option_text("FILE");
  add_revocation_url_flags(*verb, flags->urls);
  add_ca_folder_flag(*verb, flags->folder);
  verb->add_flag("--force", flags->force, "Replace files that are there");
  verb->add_flag("--json", flags->json, "The record as one JSON object on one line");
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_ca_renew(*flags); });
}

}  // namespace bulla::cli
