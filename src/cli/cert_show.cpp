// bulla cert show: certificates, requests and keys in words, from files or from servers.
#include "cli/account.h"
#include "cli/cert_commands.h"
#include "cli/cert_show_file.h"
#include "cli/server_chain.h"
#include "cli/setup.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>

namespace bulla::cli {
namespace {

constexpr const char* examples =
    "Of keys, the kind and the fingerprint of the public half are shown, never the secret; of what is "
    "encrypted, how "
    "it is, and with --passphrase-file what it is.\n"
    "Exit status for a server: 3 if its certificate does not verify. A file is only described.\n"
    "\n"
    "Examples:\n"
    "  bulla cert show www.example.com.pem www.example.com-key.pem\n"
    "  bulla cert show --text ca.der\n"
    "  bulla cert show ca.crl\n"
    "  bulla cert show www.p12 --passphrase-file secret.txt\n"
    "  bulla cert show example.com:443\n"
    "  bulla cert show localhost:8443 --ca ca.pem --json\n"
    "  bulla cert show 192.0.2.7:443 --name www.example.com\n";

ExitStatus print_server_json(const std::string& target, const SeenChain& seen) {
  const auto& refused = seen.refused_because;
  print_line("{" + json_field("source", target) + ",\"verified\":" + (refused ? "false" : "true") +
             ",\"error\":" + (refused ? refused->to_json() : "null") + ',' + chain_json(seen.chain) + '}');
  return refused ? ExitStatus::certificate : ExitStatus::done;
}

ExitStatus print_server(const CertShowFlags& flags, const std::string& target, const SeenChain& seen,
                        const ServerName& name) {
  if (flags.json) return print_server_json(target, seen);
  print_chain(flags, seen.chain);
  if (seen.refused_because) {
    print_line("Verified: no");
    return report(hint_at_local_ca(*seen.refused_because, flags.trust));
  }
  const Certificate& anchor = *seen.path.back();
  print_line("Verified: yes, for " + name.text() +
             (seen.path.size() == 1 ? ", being trusted itself" : ", up to " + printable(anchor.subject())));
  return ExitStatus::done;
}

ExitStatus show_server(const CertShowFlags& flags, const std::string& target, const Endpoint& where) {
  const auto name = name_to_ask(where, flags.name);
  if (!name) return report_usage(name.error());
  auto options = client_options(flags.tls, flags.trust, {});
  if (!options) return report_usage(options.error());
  const auto seen =
      fetch_chain({.where = where, .name = *name, .limit = Seconds(flags.timeout)}, *std::move(options));
  if (!seen) return report(seen.error());
  return print_server(flags, target, *seen, *name);
}

ExitStatus show(const CertShowFlags& flags, const std::string& target) {
  if (const auto where = as_server(target)) return show_server(flags, target, *where);
  std::error_code ignored;
  if (target == "-" || std::filesystem::exists(target, ignored)) return show_file(flags, target);
  return report_usage(no_target(target));
}

ExitStatus run_cert_show(const CertShowFlags& flags) {
  ExitStatus status = ExitStatus::done;
  for (const std::string& target : flags.targets) {
    if (flags.targets.size() > 1 && !flags.json) print_line(printable(target));
    const ExitStatus one = show(flags, target);
    if (status == ExitStatus::done) status = one;
  }
  return status;
}

}  // namespace

void add_cert_show_command(CLI::App& cert, ExitStatus& status) {
  auto flags = std::make_shared<CertShowFlags>();
  CLI::App* verb =
      cert.add_subcommand("show", "Describe certificates, lists, requests and keys of files or servers");
  verb->add_option("what", flags->targets, "Files: PEM, DER or PKCS#12 (- for standard input); servers")
      ->required()
      ->option_text("FILE|HOST:PORT");
  auto* json = verb->add_flag("--json", flags->json, "One JSON object on one line for each");
  verb->add_flag("--text", flags->text, "All of a certificate or list: every extension with what it says")
      ->excludes(json);
  verb->add_option("--passphrase-file", flags->passphrase_file,
                   "First line: the passphrase of a key or PKCS#12 file, to show what is inside")
      ->option_text("FILE");
  verb->add_option(
          "--name", flags->name,
          "The name to ask a server for and to verify, where it is not HOST; which of several keys of a "
          "PKCS#12 file")
      ->option_text("NAME");
  verb->add_option("--ca", flags->trust.ca,
                   "Verify a server with the certificates of this file or folder (default: the system's)")
      ->option_text("FILE|DIR");
  verb->add_option("--timeout", flags->timeout, "Seconds to wait for a server")->option_text("SECONDS [10]");
  add_tls_flags(*verb, flags->tls);
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_cert_show(*flags); });
}

}  // namespace bulla::cli
