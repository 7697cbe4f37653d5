// bulla cert new: a key and a certificate, self-signed, of a CA, or for a CA.
#include "cli/account.h"
#include "cli/cert_commands.h"
#include "cli/cert_files.h"
#include "cli/terminal.h"
#include "os/shell_word.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace bulla::cli {
namespace {

struct CertNewFlags {
  std::vector<std::string> names;
  unsigned days = 0;
  std::string out = ".";
  NewKeyFlags key;
  CaFlags ca;
  bool make_ca = false;
  bool force = false;
};

constexpr const char* examples =
    "Writes NAME.pem and NAME-key.pem. Nothing is replaced without --force.\n"
    "\n"
    "Examples:\n"
    "  bulla cert new localhost 127.0.0.1 ::1\n"
    "  bulla cert new '*.dev.example' dev.example --days 30 --out certs\n"
    "  bulla cert new --ca 'Example root CA'\n"
    "  bulla cert new www.example.com --ca-cert Example_root_CA.pem --ca-key Example_root_CA-key.pem\n"
    "  bulla cert new www.example.com --key-type rsa-3072 --passphrase-file secret.txt\n";

constexpr unsigned default_days = 365;
constexpr unsigned default_ca_days = 3650;

Result<pki::Issued> issue(const CertNewFlags& flags, pki::KeyKind kind) {
  const unsigned days = flags.days ? flags.days : flags.make_ca ? default_ca_days : default_days;
  if (flags.make_ca) return pki::NewCa{.name = flags.names.front(), .days = days, .key = kind}.issue();
  if (flags.ca.certificate.empty())
    return pki::SelfSigned{.names = flags.names, .days = days, .key = kind}.issue();
  BULLA_TRY(const pki::CertificateAuthority ca, load_ca(flags.ca));
  return ca.issue(flags.names, days, kind);
}

std::string signer_text(const CertNewFlags& flags, const Certificate& certificate) {
  if (flags.make_ca) return "a CA";
  if (flags.ca.certificate.empty()) return "signed by itself";
  return "signed by " + printable(certificate.issuer());
}

void print_next(const CertNewFlags& flags, const OutputPaths& paths, const std::string& name) {
  const std::string certificate = shell_word(paths.product), key = shell_word(paths.key);
  print_line("Next:");
  if (flags.make_ca) {
    print_line("  bulla cert new www.example.com --ca-cert " + certificate + " --ca-key " + key);
    print_line("  bulla cert sign REQUEST.csr --ca-cert " + certificate + " --ca-key " + key);
    print_line("  bulla get https://www.example.com/ --ca " + certificate);
    return;
  }
  print_line("  bulla serve --text 'It works' --cert " + certificate + " --key " + key +
             (flags.key.passphrase_file.empty()
                  ? ""
                  : " --passphrase-file " + shell_word(flags.key.passphrase_file)));
  const std::string trusted = flags.ca.certificate.empty() ? certificate : shell_word(flags.ca.certificate);
  const std::string host = name.starts_with("*.") ? "www" + name.substr(1) : name;
  print_line("  bulla get " + shell_word("https://" + Endpoint{host, 8443}.to_string() + "/") + " --ca " +
             trusted);
  print_line("  bulla cert show " + certificate);
}

ExitStatus run_cert_new(const CertNewFlags& flags) {
  const auto kind = pki::KeyKind::parse(flags.key.kind);
  if (!kind) return report_usage(kind.error());
  if (flags.make_ca && flags.names.size() != 1)
    return report_usage({ErrorCode::bad_argument, "a CA has one name, which may be any text",
                         "put the CA's name in quotes: --ca 'Example root CA'"});
  std::string name = flags.names.front();
  if (!flags.make_ca) {
    const auto names = pki::parse_names(flags.names);
    if (!names) return report_usage(names.error());
    name = names->front().text();
  }
  const IfExists if_exists = flags.force ? IfExists::replace : IfExists::refuse;
  const auto paths = output_paths(flags.out, name, ".pem", if_exists);
  if (!paths) return report_usage(paths.error());
  const auto passphrase = new_passphrase(flags.key);
  if (!passphrase) return report_usage(passphrase.error());
  const auto issued = issue(flags, *kind);
  if (!issued) {
    // A CA that has expired is no mistake in the command line; the rest is.
    const bool refused = issued.error().code == ErrorCode::ca_cannot_sign;
    return refused ? report(issued.error()) : report_usage(issued.error());
  }
  const auto written =
      write_key_and_product(*paths, issued->key, *passphrase, issued->chain_pem(), if_exists);
  if (!written) return report_usage(written.error());

  const Certificate& certificate = issued->certificate();
  print_line("  certificate   " + paths->product + "  (" + signer_text(flags, certificate) + ", " +
             pki::describe_validity(certificate, now()) + ')');
  print_line("  key           " + paths->key + "  " + key_protection(*passphrase));
  print_next(flags, *paths, name);
  return ExitStatus::done;
}

}  // namespace

void add_cert_new_command(CLI::App& cert, ExitStatus& status) {
  auto flags = std::make_shared<CertNewFlags>();
  CLI::App* verb =
      cert.add_subcommand("new", "Make a key and a certificate: self-signed, or signed by a CA of yours");
  verb->add_option("names", flags->names, "DNS names, wildcards and IP addresses; with --ca the CA's name")
      ->required()
      ->option_text("NAME|IP");
  verb->add_option("--days", flags->days, "How long the certificate is valid: 1 to 36500")
      ->check(CLI::Range(1u, 36500u))
      ->option_text("N [365, a CA 3650]");
  verb->add_option("--out", flags->out, "Folder for the files")->option_text("DIR [.]");
  add_new_key_flags(*verb, flags->key);
  auto* make_ca = verb->add_flag("--ca", flags->make_ca, "Make a CA certificate, which signs others");
  auto* ca_cert = verb->add_option("--ca-cert", flags->ca.certificate, "Sign with this CA: its certificate")
                      ->option_text("FILE")
                      ->excludes(make_ca);
  auto* ca_key = verb->add_option("--ca-key", flags->ca.key, "The CA's private key")->option_text("FILE");
  verb->add_option("--ca-passphrase-file", flags->ca.passphrase_file,
                   "First line: the passphrase of the CA's key (default: ask on the terminal)")
      ->option_text("FILE")
      ->needs(ca_key);
  ca_cert->needs(ca_key);
  ca_key->needs(ca_cert);
  verb->add_flag("--force", flags->force, "Replace files that are there");
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_cert_new(*flags); });
}

}  // namespace bulla::cli
