// bulla ca sign: a certificate for a request, recorded.
#include "cli/ca_commands.h"
#include "cli/ca_files.h"
#include "cli/terminal.h"
#include "os/shell_word.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace bulla::cli {
namespace {

struct CaSignFlags {
  std::string request;
  std::string use = "server";
  unsigned days = 0;
  std::string out;
  std::string folder, ca_passphrase_file;
  ca::RevocationUrls urls;
  bool force = false;
  bool json = false;
};

constexpr const char* examples =
    "The request's signature is checked; its names go into the certificate, and besides them only what TLS "
    "needs.\n"
    "Exit status 3: the request is not acceptable, or the CA cannot sign it.\n"
    "\n"
    "Examples:\n"
    "  bulla ca sign www.example.com.csr\n"
    "  bulla ca sign ada.csr --template client --days 30 --out ada.pem\n"
    "  bulla ca sign - --out - < www.example.com.csr | bulla cert show -\n";

ExitStatus report_request(const std::string& path, Error error) {
  const bool refused =
      error.code == ErrorCode::csr_bad_signature || error.code == ErrorCode::csr_unacceptable;
  error = in_file(path, std::move(error));
  return refused ? report(error) : report_usage(error);
}

/// Writes the chain; to standard output where `out` is "-".
Result<void> write_chain(const CaSignFlags& flags, const std::string& out, const std::string& pem) {
  if (out == "-") return write_out(as_bytes(pem));
  return write_file(out, as_bytes(pem), Privacy::world_readable,
                    flags.force ? IfExists::replace : IfExists::refuse);
}

ExitStatus print_signed(const CaSignFlags& flags, const ca::Authority& authority,
                        const Certificate& certificate, const std::string& out) {
  if (flags.json) {
    const auto record = authority.by_serial(certificate.serial());
    if (!record) return report_ca(record.error());
    print_line(written_json(*record, out, {}));
    return ExitStatus::done;
  }
  print_line("  certificate   " + out + "  (signed by " + printable(certificate.issuer()) + ", " +
             pki::describe_validity(certificate, now()) + ')');
  print_whom(certificate);
  print_line("  serial        " + certificate.serial());
  print_line("Next:");
  print_line("  bulla serve --text 'It works' --cert " + shell_word(out) + " --key " +
             key_beside(flags.request));
  print_line("  bulla ca show" + folder_words(flags.folder) + ' ' + certificate.serial());
  return ExitStatus::done;
}

ExitStatus run_ca_sign(const CaSignFlags& flags) {
  const pki::CertificateUse use = use_of(flags.use);
  const std::string out = flags.out.empty() ? certificate_beside(flags.request) : flags.out;
  if (out == "-" && flags.json)
    return report_usage({ErrorCode::bad_argument, "standard output is for the certificate, or for JSON",
                         "name a file for the certificate: --out FILE"});
  const auto text = read_file(flags.request == "-" ? "/dev/stdin" : flags.request);
  if (!text) return report_usage(text.error());
  const auto request = pki::CertificationRequest::from_pem_or_der(*text);
  if (!request) return report_request(flags.request, request.error());
  // Before it is signed and recorded.
  if (const auto free = check_free(out, flags.force ? IfExists::replace : IfExists::refuse); !free)
    return report_usage(free.error());
  const auto authority = open_ca(flags.folder);
  if (!authority) return report_ca(authority.error());
  const auto issuer = unlock_ca(*authority, flags.ca_passphrase_file);
  if (!issuer) return report_ca(issuer.error());
  const auto chain = issuer->sign(*request, {.use = use, .days = flags.days, .urls = flags.urls});
  if (!chain)
    return chain.error().code == ErrorCode::csr_unacceptable ? report_request(flags.request, chain.error())
                                                             : report_ca(chain.error());
  if (request->wants_ca()) say("bulla: note: the request asks for a CA certificate; this one is none");
  for (const std::string& one : request->not_granted(use)) say("bulla: note: not granted: " + printable(one));
  if (auto written = write_chain(flags, out, pki::to_pem(*chain)); !written)
    return report_unwritten(flags.folder, chain->front()->serial(), written.error());
  return out == "-" ? ExitStatus::done : print_signed(flags, *authority, *chain->front(), out);
}

}  // namespace

void add_ca_sign_command(CLI::App& ca, ExitStatus& status) {
  auto flags = std::make_shared<CaSignFlags>();
  CLI::App* verb = ca.add_subcommand("sign", "Sign a certification request");
  verb->add_option("csr", flags->request, "The request, PEM or DER; - for standard input")
      ->required()
      ->option_text("CSR");
  add_template_flag(*verb, flags->use);
  verb->add_option("--days", flags->days, "How long the certificate is valid, at most as long as the CA")
      ->check(CLI::Range(1u, 36500u))
      ->option_text("N [90, a client 365]");
  verb->add_option("--out", flags->out,
                   "The certificate's file; - for standard output (default: CSR with .pem instead of .csr)")
      ->option_text("FILE");
  verb->add_option("--passphrase-file,--ca-passphrase-file", flags->ca_passphrase_file,
                   "First line: the passphrase of the CA's key (default: ask on the terminal)")
      ->option_text("FILE");
  add_revocation_url_flags(*verb, flags->urls);
  add_ca_folder_flag(*verb, flags->folder);
  verb->add_flag("--force", flags->force, "Replace a file that is there");
  verb->add_flag("--json", flags->json, "The record as one JSON object on one line");
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_ca_sign(*flags); });
}

}  // namespace bulla::cli
