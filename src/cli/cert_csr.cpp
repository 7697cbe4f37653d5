// bulla cert csr: a key and a certification request for a CA elsewhere.
#include "cli/cert_commands.h"
#include "cli/cert_files.h"
#include "cli/terminal.h"
#include "os/shell_word.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace bulla::cli {
namespace {

struct CertCsrFlags {
  std::vector<std::string> names;
  std::string out = ".";
  NewKeyFlags key;
  bool force = false;
};

constexpr const char* examples =
    "Writes NAME.csr and NAME-key.pem. Nothing is replaced without --force.\n"
    "\n"
    "Examples:\n"
    "  bulla cert csr www.example.com example.com\n"
    "  bulla cert csr www.example.com --key-type rsa-3072 --passphrase-file secret.txt\n"
    "  bulla cert csr www.example.com --passphrase-prompt --out certs\n";

ExitStatus run_cert_csr(const CertCsrFlags& flags) {
  const auto kind = pki::KeyKind::parse(flags.key.kind);
  if (!kind) return report_usage(kind.error());
  const auto names = pki::parse_names(flags.names);
  if (!names) return report_usage(names.error());
  const IfExists if_exists = flags.force ? IfExists::replace : IfExists::refuse;
  const auto paths = output_paths(flags.out, names->front().text(), ".csr", if_exists);
  if (!paths) return report_usage(paths.error());
  const auto passphrase = new_passphrase(flags.key);
  if (!passphrase) return report_usage(passphrase.error());
  const auto made = pki::NewRequest{.names = flags.names, .key = *kind}.create();
  if (!made) return report(made.error());
  const auto written = write_key_and_product(*paths, made->key, *passphrase, made->pem(), if_exists);
  if (!written) return report_usage(written.error());

  print_line("  request       " + paths->product + "  (to send to the CA)");
  print_line("  key           " + paths->key + "  " + key_protection(*passphrase));
  print_line("Next:");
  print_line("  bulla cert sign " + shell_word(paths->product) + " --ca-cert CA.pem --ca-key CA-key.pem");
  print_line("  bulla cert show " + shell_word(paths->product));
  return ExitStatus::done;
}

}  // namespace

void add_cert_csr_command(CLI::App& cert, ExitStatus& status) {
  auto flags = std::make_shared<CertCsrFlags>();
  CLI::App* verb = cert.add_subcommand("csr", "Make a key and a certification request for a CA");
  verb->add_option("names", flags->names, "DNS names, wildcards and IP addresses")
      ->required()
      ->option_text("NAME|IP");
  verb->add_option("--out", flags->out, "Folder for the files")->option_text("DIR [.]");
  add_new_key_flags(*verb, flags->key);
  verb->add_flag("--force", flags->force, "Replace files that are there");
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_cert_csr(*flags); });
}

}  // namespace bulla::cli
