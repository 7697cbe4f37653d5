// bulla serve: a folder, or one text, over HTTPS.
#include "cli/account.h"
#include "cli/commands.h"
#include "cli/narration.h"
#include "cli/server_identity.h"
#include "cli/setup.h"
#include "cli/staple_file.h"
#include "cli/terminal.h"
#include "http/folder.h"
#include "os/shell_word.h"
#include "x509/ml_dsa.h"

#include <bulla/https_server.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

namespace bulla::cli {
namespace {

struct ServeFlags {
  std::string folder = ".";
  std::string listen = "localhost:8443";
  std::optional<std::string> text;
  std::string staple;
  bool json = false;
  size_t max_connections = 10'000;
  std::string batching = "auto";
  TlsFlags tls;
  ServerIdentityFlags identity;
  ClientAuthFlags clients;
};

constexpr const char* examples =
    "Each request is a line of the access log on standard output. Ctrl-C or SIGTERM stops it in good order.\n"
    "Without --cert it shows a certificate of the local CA, which is made the first time, and says where "
    "both are.\n"
    "\n"
    "Examples:\n"
    "  bulla serve                                          this folder, at https://localhost:8443/\n"
    "  bulla serve public --listen 0.0.0.0:443 --cert chain.pem --key key.pem\n"
    "  bulla serve --text 'Hello!' --self-signed --cert-out hello.pem\n"
    "  bulla serve --cert chain.pem --key key.pem --ocsp chain.ocsp       stapling what its CA says of it\n"
    "  bulla serve --client-ca ca.pem                       only for clients with a certificate\n"
    "  bulla serve --tls 1.2 --listen :4433 --cert server.der --key server-key.pem -v\n";

http::Handler one_text(std::string text) {
  return [text = std::move(text) + "\n"](const http::Request& request) {
    if (request.method == "GET" || request.method == "HEAD") {
      http::Response response;
      response.content("text/plain", text);
      return response;
    }
    return http::Response::of_status(405).header("Allow", "GET, HEAD");
  };
}

/// Which versions the server will speak: TLS 1.2 has no ML-DSA.
std::string versions_of(const TlsFlags& flags, const Identity& identity) {
  if (x509::find_ml_dsa_set(identity.leaf().public_key().type)) return "TLS 1.3 only";
  return flags.versions == "1.2-1.3" ? "TLS 1.2 and 1.3" : "TLS " + flags.versions + " only";
}

void say_where(const ServeFlags& flags, const ServerIdentity& identity, const std::string& url) {
  const std::string what = flags.text ? "a text" : "the folder " + printable(flags.folder);
  say("Serving " + what + " at " + url + " (" + versions_of(flags.tls, *identity.identity) + ")");
  std::string story = identity.story;
  if (!flags.clients.ca.empty())
    story +=
        account_line("clients", "certificate " + flags.clients.demand + ", from a CA in " + flags.clients.ca);
  if (!identity.trust_file.empty()) {
    const bool of_clients = !flags.clients.ca.empty() && flags.clients.demand == "required";
    const std::string rest = (of_clients ? " --cert FILE --key FILE " : " ") + url;
    story += account_line("try", "curl --cacert " + shell_word(identity.trust_file) + rest);
    story += account_line("or", "bulla get --ca " + shell_word(identity.trust_file) + rest);
  }
  say(story + "Ctrl-C stops it.");
}

/// Whether a request could fetch the file: it lies in the folder, and no name on the way is hidden. Links are
/// followed first, on both sides.
bool is_served(const std::filesystem::path& folder, const std::string& file) {
  std::error_code wrong;
  const auto inside = std::filesystem::relative(file, folder, wrong);
  if (wrong || inside.empty()) return false;
  return std::none_of(inside.begin(), inside.end(),
                      [](const auto& part) { return http::is_hidden(part.string()); });
}

/// Whoever has the local CA's key is any server to all who trust that CA: it is not served, and no answer to
/// a warning. The CA need not be there yet: another run may make it while this one serves.
Result<void> check_local_ca_stays_private(const ServeFlags& flags) {
  const auto data = data_folder();
  if (flags.text || !data || !is_served(flags.folder, *data + "/ca-key.pem")) return {};
  return Error{
      ErrorCode::bad_argument,
      printable(flags.folder) + " holds " + printable(*data) + ", the folder of the local CA's private key",
      "serve another folder, or set XDG_DATA_HOME to one that is not served"};
}

bool holds_private_key(const std::string& file) {
  const auto content = read_file(file);
  return content && as_text(*content).find("PRIVATE KEY") != std::string_view::npos;
}

/// What nobody else may read, of the files that this run was given.
std::vector<std::string> secret_files(const ServeFlags& flags) {
  const IdentityFlags& given = flags.identity.given;
  std::vector<std::string> out = {given.key, given.passphrase_file, flags.tls.key_log};
  if (given.key.empty() || holds_private_key(given.certificate)) out.push_back(given.certificate);
  const char* const key_log = ::secure_getenv("SSLKEYLOGFILE");
  if (flags.tls.key_log.empty() && key_log) out.emplace_back(key_log);
  std::erase(out, "");
  return out;
}

/// Who tries things out in one folder may serve the key, its passphrase or a key log beside the pages.
void warn_of_served_secrets(const ServeFlags& flags) {
  if (flags.text) return;
  for (const std::string& file : secret_files(flags))
    if (is_served(flags.folder, file))
      say(in_red("WARNING: " + printable(file) +
                 " lies in the folder that is served: whoever asks gets it. Serve another folder, or keep it "
                 "elsewhere."));
}

net::HttpsServerOptions server_hooks(const ServeFlags& flags, ServerNarration* narration) {
  net::HttpsServerOptions options;
  options.max_connections = flags.max_connections;
  if (flags.batching != "auto")
    options.batching = flags.batching == "never" ? net::Batching::never : net::Batching::always;
  if (flags.json)
    options.access_log = [](const http::AccessEntry& entry) { print_line(http::access_log_json(entry)); };
  if (!narration) return options;
  options.config_for = [narration](const Endpoint& client) { return narration->config_for(client); };
  options.on_connection = [narration](const Endpoint& client, const ConnectionInfo& info) {
    narration->handshake_done(client, info);
  };
  options.on_notice = [narration](const net::ServerNotice& notice) {
    narration->handshake_failed(notice.peer);
    say(notice.line());
  };
  return options;
}

ExitStatus serve(const ServeFlags& flags, const Endpoint& where, const ServerIdentity& identity,
                 const ServerOptions& options) {
  const auto config = make_server_config(options);
  if (!config) return report_usage(config.error());
  std::optional<ServerNarration> narration;
  if (flags.tls.verbose) narration.emplace(options);
  net::HttpsServer server(*config, server_hooks(flags, narration ? &*narration : nullptr));
  if (flags.text) {
    server.handle("/*", one_text(*flags.text));
  } else if (const auto files = server.serve_files(flags.folder, http::Listing::on); !files) {
    return report_usage(files.error());
  }
  server.stop_on_signals();
  if (const auto started = server.start(where.to_string()); !started) return report(started.error());
  if (const auto written = publish(flags.identity, identity); !written) return report_usage(written.error());
  warn_of_served_secrets(flags);
  say_where(flags, identity, url_of(where, server.port()));
  server.wait();
  const net::ServerMetrics total = server.metrics();
  say("Stopped after " + std::to_string(total.requests) + " requests on " + std::to_string(total.accepted) +
      " connections (" + std::to_string(total.handshakes_resumed) + " resumed, " +
      std::to_string(total.handshakes_failed) + " failed handshakes).");
  return ExitStatus::done;
}

/// The identity is asked for its response in each handshake: whoever renews the file need not restart us.
Result<void> staple(const ServeFlags& flags, ServerOptions& options) {
  if (flags.staple.empty()) return {};
  BULLA_TRY(const auto file, StapleFile::open(flags.staple, std::move(options.identity)));
  options.identity = nullptr;
  options.select_identity = [file](const SelectIdentity&) { return file->identity(now()); };
  return {};
}

ExitStatus run_serve(const ServeFlags& flags) {
  const auto where = Endpoint::parse(flags.listen);
  if (!where) return report_usage(where.error());
  const auto identity = server_identity(flags.identity, *where);
  if (!identity) return report_identity(flags.identity, identity.error());
  if (const auto checked = check_local_ca_stays_private(flags); !checked)
    return report_usage(checked.error());
  auto options = server_options(flags.tls, flags.clients, identity->identity);
  if (!options) return report_usage(options.error());
  if (const auto stapled = staple(flags, *options); !stapled) return report_usage(stapled.error());
  options->common.alpn = {"http/1.1", "http/1.0"};  // curl -0 offers the latter only
  return serve(flags, *where, *identity, *options);
}

}  // namespace

void add_serve_command(CLI::App& program, ExitStatus& status) {
  auto flags = std::make_shared<ServeFlags>();
  CLI::App* verb = program.add_subcommand("serve", "Serve a folder over HTTPS");
  auto* folder = verb->add_option("folder", flags->folder, "The folder")->option_text("DIR [.]");
  verb->add_option("--listen", flags->listen, "Address and port; no address: all of this machine")
      ->option_text("ADDR:PORT [localhost:8443]");
  verb->add_option("--text", flags->text, "Answer every request with this text instead of a folder's files")
      ->option_text("TEXT")
      ->excludes(folder);
  add_identity_flags(*verb, flags->identity.given);
  verb->add_option(
          "--ocsp", flags->staple,
          "An OCSP response to staple, DER, as `ca ocsp --for` writes it; read again when it changes")
      ->option_text("FILE")
      ->needs("--cert");
  auto* self_signed = verb->add_flag("--self-signed", flags->identity.self_signed,
                                     "Make a self-signed certificate for this run")
                          ->excludes("--cert");
  verb->add_option("--cert-out", flags->identity.certificate_out,
                   "Write that certificate to FILE, for clients to trust")
      ->option_text("FILE")
      ->needs(self_signed);
  verb->add_option("--name", flags->identity.names, "Further name or address for a certificate that is made")
      ->option_text("NAME|IP")
      ->excludes("--cert");
  add_client_auth_flags(*verb, flags->clients);
  add_tls_flags(*verb, flags->tls);
  verb->add_flag("--json", flags->json, "Access log as JSON, one object a line");
  verb->add_option("--max-connections", flags->max_connections, "More are closed at once")
      ->option_text("N [10000]");
  verb->add_option("--batching", flags->batching, "Compute what several handshakes want in one go")
      ->check(CLI::IsMember({"auto", "always", "never"}))
      ->option_text("auto|always|never [auto]");
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_serve(*flags); });
}

}  // namespace bulla::cli
