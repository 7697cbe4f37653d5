// bulla connect: standard input to TLS, TLS to standard output.
#include "cli/account.h"
#include "cli/commands.h"
#include "cli/narration.h"
#include "cli/relay.h"
#include "cli/setup.h"
#include "cli/stop_signals.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>

namespace bulla::cli {
namespace {

struct ConnectFlags {
  std::string where;
  std::string name;
  std::string alpn;
  unsigned timeout = 30;
  TlsFlags tls;
  TrustFlags trust;
  IdentityFlags identity;
};

constexpr const char* examples =
    "Ends when standard input has ended and the server has closed as well.\n"
    "\n"
    "Examples:\n"
    "  printf 'GET / HTTP/1.0\\r\\nHost: example.com\\r\\n\\r\\n' | bulla connect example.com:443\n"
    "  bulla connect localhost:4433 --ca ca.pem                     type, and read what comes\n"
    "  bulla connect localhost:4433 --ca ca.pem --cert me.pem --key me-key.pem\n"
    "  bulla connect 192.0.2.7:443 --name www.example.com -v </dev/null\n";

ExitStatus run_connect(const ConnectFlags& flags) {
  const auto where = Endpoint::parse(flags.where, uint16_t{443});
  if (!where) return report_usage(where.error());
  auto name = ServerName::parse(flags.name.empty() ? where->host : flags.name);
  if (!name) return report_usage(name.error());
  auto options = client_options(flags.tls, flags.trust, flags.identity);
  if (!options) return report_usage(options.error());
  options->common.alpn = alpn_list(flags.alpn);
  const auto narrator = flags.tls.verbose ? narrator_on_stderr(Role::client) : nullptr;
  options->common.tap = narrator;
  options->common.limits.handshake_timeout = Seconds(flags.timeout);
  const auto config = make_client_config(*std::move(options));
  if (!config) return report_usage(config.error());

  auto tcp = tcp_connect(*where, Seconds(flags.timeout));
  if (!tcp) return report(tcp.error());
  if (flags.trust.insecure) warn_insecure();
  // From here on Ctrl-C says close_notify first, so that the server can tell a goodbye from an accident.
  const auto signals = StopSignals::watch();
  if (!signals) return report(signals.error());
  Relay::Hooks hooks;
  hooks.stop_descriptor = signals->descriptor();
  hooks.on_handshake = [&](const ConnectionInfo& info) {
    if (narrator) narrator->handshake_done(info);
  };
  Relay relay(Connection::client(*config, *std::move(name)), std::move(tcp->socket), std::move(hooks));
  const auto end = relay.run();
  if (!end) return report(hint_at_local_ca(end.error(), flags.trust));
  if (*end == Relay::End::stopped) signals->deliver();
  return ExitStatus::done;
}

}  // namespace

void add_connect_command(CLI::App& program, ExitStatus& status) {
  auto flags = std::make_shared<ConnectFlags>();
  CLI::App* verb = program.add_subcommand(
      "connect", "Connect with TLS: standard input goes out, what comes in is printed");
  verb->add_option("where", flags->where, "The server; port 443 if none is given")
      ->required()
      ->option_text("HOST:PORT");
  verb->add_option("--name", flags->name, "The name to ask for and to verify, where it is not HOST")
      ->option_text("NAME");
  verb->add_option("--alpn", flags->alpn, "Application protocols to offer, with commas between")
      ->option_text("LIST");
  verb->add_option("--timeout", flags->timeout, "For the connection and for the handshake; 0: none")
      ->option_text("SECONDS [30]");
  add_trust_flags(*verb, flags->trust);
  add_identity_flags(*verb, flags->identity);
  add_tls_flags(*verb, flags->tls);
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_connect(*flags); });
}

}  // namespace bulla::cli
