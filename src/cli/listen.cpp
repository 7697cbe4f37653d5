// bulla listen: the server's side of connect.
#include "cli/account.h"
#include "cli/commands.h"
#include "cli/narration.h"
#include "cli/relay.h"
#include "cli/server_identity.h"
#include "cli/setup.h"
#include "cli/stop_signals.h"
#include "cli/terminal.h"
#include "os/resolve.h"
#include "os/shell_word.h"

#include <CLI/CLI.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <system_error>

namespace bulla::cli {
namespace {

struct ListenFlags {
  std::string where;
  std::string alpn;
  bool keep = false;
  unsigned timeout = 30;
  TlsFlags tls;
  ServerIdentityFlags identity;
  ClientAuthFlags clients;
};

constexpr const char* examples =
    "Serves one connection and ends with its exit status; with -k one after another, until Ctrl-C.\n"
    "Without --cert it shows a certificate of the local CA, as `bulla serve` does.\n"
    "\n"
    "Examples:\n"
    "  bulla listen localhost:4433 --cert server.pem --key server-key.pem\n"
    "  bulla listen :4433 --cert server.pem --key server-key.pem --client-ca ca.pem      clients need a "
    "certificate\n"
    "  bulla listen localhost:4433 -k -v\n"
    "  tar c folder | bulla listen :4433          send a folder to whoever connects\n";

/// Waits for a connection; nothing where a stop was wished.
Result<std::optional<TcpConnection>> accept_one(const std::vector<Descriptor>& sockets, int stop_descriptor) {
  std::vector<pollfd> polls = {{stop_descriptor, POLLIN, 0}};
  for (const Descriptor& socket : sockets) polls.push_back({socket.number(), POLLIN, 0});
  for (;;) {
    if (::poll(polls.data(), polls.size(), -1) < 0 && errno != EINTR)
      return Error{ErrorCode::io_failed, "poll: " + std::generic_category().message(errno)};
    if (polls[0].revents) return std::optional<TcpConnection>();
    for (size_t i = 1; i < polls.size(); ++i) {
      if (!polls[i].revents) continue;
      // A client that is gone again is no reason to end.
      // The address is taken here: of a connection that was reset meanwhile it cannot be asked any more.
      sockaddr_storage address = {};
      socklen_t size = sizeof address;
      Descriptor socket(::accept4(polls[i].fd, reinterpret_cast<sockaddr*>(&address), &size, SOCK_CLOEXEC));
      if (!socket) continue;
      const int on = 1;
      ::setsockopt(socket.number(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      TcpConnection connection;
      connection.peer = os::endpoint_of(address);
      connection.socket = std::move(socket);
      return std::optional<TcpConnection>(std::move(connection));
    }
  }
}

Result<Relay::End> serve_one(TcpConnection tcp, ServerNarration* narration, const ServerConfigPtr& config,
                             int stop) {
  const Endpoint client = tcp.peer;
  ServerConfigPtr own = narration ? narration->config_for(client) : config;
  Relay::Hooks hooks;
  hooks.stop_descriptor = stop;
  hooks.on_handshake = [&](const ConnectionInfo& info) {
    if (narration) narration->handshake_done(client, info);
    say("Client " + client.to_string() + ": " + summary_of(info));
  };
  Relay relay(Connection::server(std::move(own)), std::move(tcp.socket), std::move(hooks));
  return relay.run();
}

ExitStatus serve_all(const ListenFlags& flags, const std::vector<Descriptor>& sockets,
                     const ServerOptions& options, const ServerConfigPtr& config,
                     const StopSignals& signals) {
  std::optional<ServerNarration> narration;
  if (flags.tls.verbose) narration.emplace(options);
  for (;;) {
    auto tcp = accept_one(sockets, signals.descriptor());
    if (!tcp) return report(tcp.error());
    if (!*tcp) return ExitStatus::done;
    const std::string client = (*tcp)->peer.to_string();
    const auto end =
        serve_one(**std::move(tcp), narration ? &*narration : nullptr, config, signals.descriptor());
    if (!end) say("Client " + client + " failed:");
    const ExitStatus status = end ? ExitStatus::done : report(end.error());
    if (!flags.keep || (end && *end == Relay::End::stopped)) return status;
  }
}

ExitStatus run_listen(const ListenFlags& flags) {
  const auto where = Endpoint::parse(flags.where);
  if (!where) return report_usage(where.error());
  auto identity = server_identity(flags.identity, *where);
  if (!identity) return report_identity(flags.identity, identity.error());
  auto options = server_options(flags.tls, flags.clients, identity->identity);
  if (!options) return report_usage(options.error());
  options->common.alpn = alpn_list(flags.alpn);
  options->common.limits.handshake_timeout = Seconds(flags.timeout);
  const auto config = make_server_config(*options);
  if (!config) return report_usage(config.error());
  const auto signals = StopSignals::watch();
  if (!signals) return report(signals.error());
  const auto sockets = tcp_listen(*where);
  if (!sockets) return report(sockets.error());

  const uint16_t port = local_endpoint(sockets->front().number()).port;
  const std::string trust = identity->trust_file.empty() ? "" : " --ca " + shell_word(identity->trust_file);
  const std::string at = Endpoint{reachable_host(*where), port}.to_string();
  say("Listening on " + Endpoint{where->host, port}.to_string());
  say(identity->story + "Try: bulla connect " + at + trust);
  return serve_all(flags, *sockets, *options, *config, *signals);
}

}  // namespace

void add_listen_command(CLI::App& program, ExitStatus& status) {
  auto flags = std::make_shared<ListenFlags>();
  CLI::App* verb = program.add_subcommand(
      "listen", "Wait for a TLS connection: standard input goes out, what comes in is printed");
  verb->add_option("where", flags->where, "Address and port; no address: all of this machine")
      ->required()
      ->option_text("ADDR:PORT");
  verb->add_flag("-k,--keep", flags->keep, "Serve one connection after another");
  verb->add_option("--alpn", flags->alpn, "Application protocols to accept, with commas between")
      ->option_text("LIST");
  verb->add_option("--timeout", flags->timeout, "For the handshake; 0: none")->option_text("SECONDS [30]");
  add_identity_flags(*verb, flags->identity.given);
  add_client_auth_flags(*verb, flags->clients);
  add_tls_flags(*verb, flags->tls);
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_listen(*flags); });
}

}  // namespace bulla::cli
