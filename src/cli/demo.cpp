// bulla demo: a server and a client in one process, and an account of what passed between them.
#include "cli/account.h"
#include "cli/commands.h"
#include "cli/http_text.h"
#include "cli/narration.h"
#include "cli/server_identity.h"
#include "cli/setup.h"
#include "cli/terminal.h"
#include "os/shell_word.h"

#include <bulla/https_client.h>
#include <bulla/https_server.h>
#include <bulla/pki.h>

#include <CLI/CLI.hpp>

#include <mutex>

namespace bulla::cli {
namespace {

struct DemoFlags {
  bool once = false;
  uint16_t port = 8443;
  TlsFlags tls;
};

constexpr const char* examples =
    "Makes a local CA and a certificate for localhost the first time, and says where they are.\n"
    "\n"
    "Examples:\n"
    "  bulla demo                  fetch a page from a server of our own, explain it, and go on serving\n"
    "  bulla demo --once           end after that; exit status 0 only if all of it was right\n"
    "  bulla demo --once -v        and show each step of the handshake\n";

/// How many ports are tried from the first one on.
constexpr uint16_t ports_to_try = 100;
constexpr const char* page_path = "/";

// ---- the server -------------------------------------------------------------------------------------------

std::string page_for(const http::Request& request) {
  const http::PeerInfo& peer = request.peer;
  std::string out = "Hello from Bulla! This page came to you sealed.\n\n";
  out += account_line("you are", Endpoint{peer.address, peer.port}.to_string());
  out += account_line("version", peer.tls_version);
  out += account_line("cipher suite", peer.cipher_suite);
  if (!peer.group.empty()) out += account_line("group", peer.group);
  if (!peer.server_name.empty()) out += account_line("asked for", printable(peer.server_name));
  out += account_line("handshake", peer.resumed ? "resumed" : "full");
  return out;
}

/// The server's log: held back until the account is printed, so that lines do not run into it.
class DemoLog {
 public:
  void add(const http::AccessEntry& entry) {
    const std::lock_guard lock(mutex_);
    const std::string line = http::access_log_line(entry);
    if (open_) return print_line(line);
    held_ += line + '\n';
  }
  std::string open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    return std::move(held_);
  }

 private:
  std::mutex mutex_;
  std::string held_;
  bool open_ = false;
};

net::HttpsServerOptions demo_server_options(DemoLog& log) {
  net::HttpsServerOptions options;
  options.access_log = [&log](const http::AccessEntry& entry) { log.add(entry); };
  return options;
}

/// Listens on the first free port. The system's word that a port is taken is the only reason to go on.
Result<void> start_somewhere(net::HttpsServer& server, uint16_t first) {
  Result<void> result = ErrorCode::address_in_use;
  for (uint16_t i = 0; i < ports_to_try && first <= UINT16_MAX - i; ++i) {
    result = server.start(Endpoint{"localhost", static_cast<uint16_t>(first + i)}.to_string());
    if (result || result.error().code != ErrorCode::address_in_use) return result;
  }
  return result;
}

// ---- the client -------------------------------------------------------------------------------------------

/// All that is sent stands in it, so that the account can show it as it is.
Result<http::ClientRequest> request_for(const std::string& url) {
  http::ClientRequest request;
  BULLA_TRY(request.url, http::Url::parse(url));
  request.headers.add("User-Agent", "bulla");
  request.headers.add("Accept", "*/*");
  return request;
}

Result<net::ClientResponse> fetch(const DemoFlags& flags, const pki::LocalCa& ca,
                                  const http::ClientRequest& request) {
  ClientOptions options;
  BULLA_TRY(options.common, common_options(flags.tls));
  options.common.alpn = {"http/1.1"};
  options.roots = ca.roots();  // this one CA and no other
  const auto narrator = flags.tls.verbose ? narrator_on_stderr(Role::client) : nullptr;
  options.common.tap = narrator;
  net::HttpsClientOptions http_options;
  BULLA_TRY(http_options.config, make_client_config(std::move(options)));
  http_options.total_timeout = Milliseconds(20'000);
  if (narrator)
    http_options.on_connection = [narrator](const Endpoint&, const ConnectionInfo& info) {
      narrator->handshake_done(info);
    };
  return net::HttpsClient(std::move(http_options)).send(request);
}

std::string account_of_fetch(const http::ClientRequest& request, const net::ClientResponse& response,
                             const std::string& server_log) {
  std::string out = "\nThe connection, as our client saw it:\n" + account_of(response.tls, response.peer);
  out += "\nRequest:\n" + marked(request_text(request), "    ");
  out += "\nResponse, " + std::to_string(response.timings.total.count()) + " ms later:\n" +
         marked(response_text(response.head, "\n") + "\n" + response.body, "    ");
  return out + "\nThe server's log:\n" + marked(server_log, "    ");
}

/// What --once answers for: the page is the server's, and the server was verified up to the local CA.
Result<void> check(const net::ClientResponse& response, const pki::LocalCa& ca) {
  const auto wrong = [](std::string what) {
    return Error{ErrorCode::internal, "the demo: " + std::move(what)};
  };
  if (response.status() != 200) return wrong("status " + std::to_string(response.status()));
  if (!response.body.starts_with("Hello from Bulla!")) return wrong("the page is not the server's");
  const auto& path = response.tls.verified_path;
  if (path.empty() || !equal_vartime(path.back()->der(), ca.certificate().der()))
    return wrong("the chain was not verified up to the local CA");
  return {};
}

// ---- the verb ---------------------------------------------------------------------------------------------

ExitStatus run_with(const DemoFlags& flags, const pki::LocalCa& ca, net::HttpsServer& server, DemoLog& log) {
  const std::string url = "https://" + Endpoint{"localhost", server.port()}.to_string() + page_path;
  print_line("Serving        " + url);
  const auto request = request_for(url);
  if (!request) return report(request.error());
  const auto response = fetch(flags, ca, *request);
  if (!response) return report(response.error());
  print_line(account_of_fetch(*request, *response, log.open()));
  if (const auto right = check(*response, ca); !right) return report(right.error());
  if (flags.once) return ExitStatus::done;
  print_line("Now try it yourself:");
  print_line("  curl --cacert " + shell_word(ca.certificate_path()) + " " + url);
  print_line("  bulla get -v --ca " + shell_word(ca.certificate_path()) + " " + url);
  print_line("or open " + url + " in a browser (it warns, until it is given " + ca.certificate_path() + ").");
  print_line("Ctrl-C stops the server.\n");
  server.wait();
  return ExitStatus::done;
}

ExitStatus run_demo(const DemoFlags& flags) {
  const auto ca = open_local_ca();
  if (!ca) return report(ca.error());
  const auto fitting = local_identity(*ca, pki::LocalCa::local_names());
  if (!fitting) return report(fitting.error());
  print_line("Local CA       " + ca->certificate_path() + (ca->newly_made() ? " (just made)" : ""));
  print_line("Certificate    " + fitting->certificate_path + (fitting->newly_issued ? " (just issued)" : ""));

  auto options = server_options(flags.tls, {}, fitting->identity);
  if (!options) return report_usage(options.error());
  options->common.alpn = {"http/1.1", "http/1.0"};  // curl -0 offers the latter only
  const auto config = make_server_config(*std::move(options));
  if (!config) return report_usage(config.error());
  DemoLog log;
  net::HttpsServer server(*config, demo_server_options(log));
  server.get("/*", [](const http::Request& request) {
    http::Response response;
    response.text(page_for(request));
    return response;
  });
  server.stop_on_signals();
  if (const auto started = start_somewhere(server, flags.port); !started) return report(started.error());
  const ExitStatus status = run_with(flags, *ca, server, log);
  server.stop();
  return status;
}

}  // namespace

void add_demo_command(CLI::App& program, ExitStatus& status) {
  auto flags = std::make_shared<DemoFlags>();
  CLI::App* verb = program.add_subcommand("demo", "Serve, fetch and explain a page on this machine");
  verb->add_flag("--once", flags->once, "End after the fetch; exit status 0 only if all of it was right");
  verb->add_option("--port", flags->port, "The first port to try")
      ->check(CLI::Range(1, 65535))
      ->option_text("PORT [8443]");
  add_tls_flags(*verb, flags->tls);
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_demo(*flags); });
}

}  // namespace bulla::cli
