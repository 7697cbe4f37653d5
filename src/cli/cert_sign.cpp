// bulla cert sign: the CA's side of a certification request.
#include "cli/cert_commands.h"
#include "cli/cert_files.h"
#include "cli/terminal.h"
#include "os/shell_word.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace bulla::cli {
namespace {

struct CertSignFlags {
  std::string request;
  CaFlags ca;
  unsigned days = 365;
  std::string out;
  bool as_ca = false;
  bool force = false;
};

constexpr const char* examples =
    "The request's signature is checked; its names go into the certificate, and besides them only what TLS "
    "needs.\n"
    "Exit status 3: the request or the CA certificate is not acceptable.\n"
    "\n"
    "Examples:\n"
    "  bulla cert sign www.example.com.csr --ca-cert ca.pem --ca-key ca-key.pem\n"
    "  bulla cert sign www.example.com.csr --ca-cert ca.pem --ca-key ca-key.pem --passphrase-file secret.txt "
    "--days 90\n"
    "  bulla cert sign middle.csr --ca-cert root.pem --ca-key root-key.pem --intermediate\n"
    "  bulla cert sign r.csr --ca-cert ca.pem --ca-key ca-key.pem --out - | bulla cert show -\n";

/// What the request asks for and does not get; the CA's people should know.
void say_what_is_not_granted(const CertSignFlags& flags, const pki::CertificationRequest& request) {
  if (request.wants_ca() && !flags.as_ca)
    say("bulla: note: the request asks for a CA certificate, which --intermediate would make; this one is "
        "none");
  for (const std::string& one : request.not_granted()) say("bulla: note: not granted: " + printable(one));
}

ExitStatus report_request(const std::string& path, Error error) {
  const bool refused =
      error.code == ErrorCode::csr_bad_signature || error.code == ErrorCode::csr_unacceptable;
  error = in_file(path, std::move(error));
  return refused ? report(error) : report_usage(error);
}

ExitStatus run_cert_sign(const CertSignFlags& flags) {
  const std::string out = flags.out.empty() ? certificate_beside(flags.request) : flags.out;
  const bool to_stdout = out == "-";
  const auto text = read_file(flags.request == "-" ? "/dev/stdin" : flags.request);
  if (!text) return report_usage(text.error());
  const auto request = pki::CertificationRequest::from_pem_or_der(*text);
  if (!request) return report_request(flags.request, request.error());
  const auto ca = load_ca(flags.ca);
  if (!ca) return report_usage(ca.error());
  const auto role = flags.as_ca ? pki::CertificateRole::ca : pki::CertificateRole::end_entity;
  const auto chain = ca->sign(*request, flags.days, role);
  if (!chain) return report(chain.error());
  say_what_is_not_granted(flags, *request);
  const std::string pem = pki::to_pem(*chain);
  if (to_stdout) {
    if (const auto written = write_out(as_bytes(pem)); !written) return report(written.error());
    return ExitStatus::done;
  }
  const auto if_exists = flags.force ? IfExists::replace : IfExists::refuse;
  if (auto written = write_file(out, as_bytes(pem), Privacy::world_readable, if_exists); !written) {
    Error error = written.error();
    if (error.code == ErrorCode::file_exists)
      error.remedy = "add --force to replace it, or write elsewhere: --out FILE";
    return report_usage(error);
  }
  const Certificate& certificate = *chain->front();
  print_line("  certificate   " + out + "  (signed by " + printable(certificate.issuer()) + ", " +
             pki::describe_validity(certificate, now()) + ')');
  print_whom(certificate);
  print_line("Next:");
  print_line("  bulla serve --text 'It works' --cert " + shell_word(out) + " --key " +
             key_beside(flags.request));
  print_line("  bulla cert show " + shell_word(out));
  return ExitStatus::done;
}

}  // namespace

void add_cert_sign_command(CLI::App& cert, ExitStatus& status) {
  auto flags = std::make_shared<CertSignFlags>();
  CLI::App* verb = cert.add_subcommand("sign", "Sign a certification request with a CA");
  verb->add_option("csr", flags->request, "The request, PEM or DER; - for standard input")
      ->required()
      ->option_text("CSR");
  verb->add_option("--ca-cert", flags->ca.certificate, "The CA's certificate, and those above it if any")
      ->required()
      ->option_text("FILE");
  verb->add_option("--ca-key", flags->ca.key, "The CA's private key")->required()->option_text("FILE");
  verb->add_option("--passphrase-file,--ca-passphrase-file", flags->ca.passphrase_file,
                   "First line: the passphrase of the CA's key (default: ask on the terminal)")
      ->option_text("FILE");
  verb->add_option("--days", flags->days, "How long the certificate is valid, at most as long as the CA")
      ->check(CLI::Range(1u, 36500u))
      ->option_text("N [365]");
  verb->add_option("--out", flags->out,
                   "The certificate's file; - for standard output (default: CSR with .pem instead of .csr)")
      ->option_text("FILE");
  verb->add_flag("--intermediate", flags->as_ca,
                 "Make a CA certificate, which signs end entities but no further CA");
  verb->add_flag("--force", flags->force, "Replace a file that is there");
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_cert_sign(*flags); });
}

}  // namespace bulla::cli
