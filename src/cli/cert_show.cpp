// bulla cert show: certificates and requests in words, from a file or from a server.
#include "asn1/pem.h"
#include "cli/account.h"
#include "cli/cert_commands.h"
#include "cli/cert_files.h"
#include "cli/setup.h"
#include "cli/terminal.h"

#include <bulla/tls_stream.h>

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>

namespace bulla::cli {
namespace {

struct CertShowFlags {
  std::string what;
  std::string name;
  bool json = false;
  unsigned timeout = 10;
  TlsFlags tls;
  TrustFlags trust;
};

constexpr const char* examples =
    "Exit status for a server: 3 if its certificate does not verify. A file is only described.\n"
    "\n"
    "Examples:\n"
    "  bulla cert show www.example.com.pem\n"
    "  bulla cert show www.example.com.csr\n"
    "  bulla cert show example.com:443\n"
    "  bulla cert show localhost:8443 --ca ca.pem --json\n"
    "  bulla cert show 192.0.2.7:443 --name www.example.com\n";

// ---- what is shown ---------------------------------------------------------------------------------------

/// Certificates and what is odd about their order.
void print_chain(std::span<const CertificatePtr> chain) {
  for (size_t i = 0; i < chain.size(); ++i) {
    if (chain.size() > 1)
      print_line("Certificate " + std::to_string(i + 1) + " of " + std::to_string(chain.size()));
    std::string text = pki::describe(*chain[i], now());
    text.pop_back();
    print_line(text);
  }
  for (const std::string& problem : pki::chain_problems(chain)) print_line("Problem: " + printable(problem));
}

/// "certificates":[...],"problems":[...]
std::string chain_json(std::span<const CertificatePtr> chain) {
  std::string out = "\"certificates\":[";
  for (size_t i = 0; i < chain.size(); ++i) out += (i ? "," : "") + pki::describe_json(*chain[i], now());
  out += "],\"problems\":[";
  const auto problems = pki::chain_problems(chain);
  for (size_t i = 0; i < problems.size(); ++i) out += (i ? ",\"" : "\"") + json_escaped(problems[i]) + '"';
  return out + ']';
}

// ---- a file ----------------------------------------------------------------------------------------------

std::string names_text(const pki::CertificationRequest& request, std::string_view between) {
  std::string out;
  for (const pki::AltName& name : request.names())
    out += (out.empty() ? "" : std::string(between)) + name.text();
  return out;
}

void show_request(const CertShowFlags& flags, const pki::CertificationRequest& request) {
  if (flags.json) {
    const std::string names = names_text(request, "\",\"");
    print_line("{" + json_field("source", flags.what) + ",\"request\":{" +
               json_field("subject", request.subject()) + ",\"names\":[" +
               (names.empty() ? "" : '"' + names + '"') + "]," +
               json_field("key", name_of(request.public_key().type)) +
               ",\"asks_for_ca\":" + (request.wants_ca() ? "true" : "false") + "}}");
    return;
  }
  print_line("Certification request, signature good");
  print_line("  Subject:      " + request.subject());
  print_line("  Names:        " + (request.names().empty() ? "none" : names_text(request, ", ")));
  print_line("  Key:          " + name_of(request.public_key().type));
  if (request.wants_ca()) print_line("  Note:         it asks for a CA certificate");
  for (const std::string& one : request.not_granted())
    print_line("  Note:         it asks for " + printable(one));
}

ExitStatus show_file(const CertShowFlags& flags, const std::string& path) {
  const auto text = read_file(path);
  if (!text) return report_usage(text.error());
  const auto chain = Certificate::from_pem_or_der(*text);
  if (!chain) {
    // A request is no certificate, but people keep both in files that look alike.
    const auto request = pki::CertificationRequest::from_pem_or_der(*text);
    if (request) return show_request(flags, *request), ExitStatus::done;
    const auto code = request.error().code;
    if (code == ErrorCode::csr_bad_signature || code == ErrorCode::csr_unacceptable)
      return report(in_file(flags.what, request.error()));
    return report_usage(in_file(flags.what, chain.error()));
  }
  if (flags.json)
    print_line("{" + json_field("source", flags.what) + ',' + chain_json(*chain) + '}');
  else
    print_chain(*chain);
  return ExitStatus::done;
}

// ---- a server --------------------------------------------------------------------------------------------

/// Verifies as always, keeps what was seen, and lets the handshake go on in any case, so that a bad chain can
/// be shown. Nothing is sent over the connection.
class Witness : public Verifier {
 public:
  explicit Witness(RootStore roots) : verifier_(std::move(roots)) {}
  Result<ChainVerified> verify(const VerifyRequest& request) const override {
    chain_.assign(request.chain.begin(), request.chain.end());
    auto verified = verifier_.verify(request);
    if (verified) {
      path_ = verified->path();
      return verified;
    }
    refused_because_ = verified.error();
    return dangerous::assert_verified(request, "the chain is only looked at");
  }
  const std::vector<CertificatePtr>& chain() const { return chain_; }
  const std::vector<CertificatePtr>& path() const { return path_; }
  const std::optional<Error>& refused_because() const { return refused_because_; }

 private:
  WebPkiVerifier verifier_;
  mutable std::vector<CertificatePtr> chain_, path_;
  mutable std::optional<Error> refused_because_;
};

ExitStatus print_server_json(const CertShowFlags& flags, const Witness& witness) {
  const auto& refused = witness.refused_because();
  print_line("{" + json_field("source", flags.what) + ",\"verified\":" + (refused ? "false" : "true") +
             ",\"error\":" + (refused ? refused->to_json() : "null") + ',' + chain_json(witness.chain()) +
             '}');
  return refused ? ExitStatus::certificate : ExitStatus::done;
}

ExitStatus print_server(const CertShowFlags& flags, const Witness& witness, const ServerName& name) {
  if (flags.json) return print_server_json(flags, witness);
  print_chain(witness.chain());
  if (witness.refused_because()) {
    print_line("Verified: no");
    return report(hint_at_local_ca(*witness.refused_because(), flags.trust));
  }
  const Certificate& anchor = *witness.path().back();
  print_line(
      "Verified: yes, for " + name.text() +
      (witness.path().size() == 1 ? ", being trusted itself" : ", up to " + printable(anchor.subject())));
  return ExitStatus::done;
}

ExitStatus show_server(const CertShowFlags& flags, const Endpoint& where) {
  auto name = ServerName::parse(flags.name.empty() ? where.host : flags.name);
  if (!name) return report_usage(name.error());
  auto options = client_options(flags.tls, flags.trust, {});
  if (!options) return report_usage(options.error());
  const auto witness = std::make_shared<Witness>(*std::move(options->roots));
  options->roots.reset();
  options->verifier = witness;
  const auto config = make_client_config(*std::move(options));
  if (!config) return report_usage(config.error());
  const Milliseconds limit = Seconds(flags.timeout);
  auto tcp = tcp_connect(where, limit);
  if (!tcp) return report(tcp.error());
  const auto stream = TlsStream::adopt(*std::move(tcp), *config, *name,
                                       {.connect_timeout = limit, .handshake_timeout = limit});
  // A server that wants a client certificate breaks off, but its chain was seen.
  if (!stream && witness->chain().empty()) return report(stream.error());
  return print_server(flags, *witness, *name);
}

ExitStatus run_cert_show(const CertShowFlags& flags) {
  if (flags.what == "-") return show_file(flags, "/dev/stdin");
  std::error_code ignored;
  if (!std::filesystem::exists(flags.what, ignored)) {
    const auto where = Endpoint::parse(flags.what);
    const bool is_server = where && !where->host.empty() && where->port != 0;
    if (is_server && flags.what.find('/') == std::string::npos) return show_server(flags, *where);
    return report_usage({ErrorCode::file_not_readable, printable(flags.what) + " is no file and no HOST:PORT",
                         "name a file, or a server as in example.com:443"});
  }
  return show_file(flags, flags.what);
}

}  // namespace

void add_cert_show_command(CLI::App& cert, ExitStatus& status) {
  auto flags = std::make_shared<CertShowFlags>();
  CLI::App* verb = cert.add_subcommand("show", "Describe certificates of a file or a server");
  verb->add_option("what", flags->what, "A file, PEM or DER (- for standard input), or a server")
      ->required()
      ->option_text("FILE|HOST:PORT");
  verb->add_flag("--json", flags->json, "One JSON object on one line");
  verb->add_option("--name", flags->name, "The name to ask a server for and to verify, where it is not HOST")
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
