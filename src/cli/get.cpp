// bulla get: one HTTPS request.
#include "cli/account.h"
#include "cli/body_file.h"
#include "cli/commands.h"
#include "cli/http_text.h"
#include "cli/narration.h"
#include "cli/progress.h"
#include "cli/response_json.h"
#include "cli/setup.h"
#include "cli/terminal.h"

#include <bulla/https_client.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <utility>

namespace bulla::cli {
namespace {

struct GetFlags {
  std::string url;
  std::vector<std::string> resolve, headers;
  std::string output;
  std::optional<std::string> method, data;
  bool head = false, include = false, json = false, fail = false;
  double timeout = 0;
  int redirects = 10;
  TlsFlags tls;
  TrustFlags trust;
  IdentityFlags identity;
};

constexpr const char* examples =
    "An HTTP status of 400 and more is no failure unless --fail is given.\n"
    "\n"
    "Examples:\n"
    "  bulla get https://example.com/\n"
    "  bulla get -o disk.img https://example.com/disk.img         with a progress bar\n"
    "  bulla get -v --ca ca.pem https://localhost:8443/           follow the handshake\n"
    "  bulla get -d 'name=value' https://example.com/form         POST\n"
    "  bulla get -I --json https://example.com/                   head and TLS facts for a script\n"
    "  bulla get --resolve example.com:443:192.0.2.7 https://example.com/\n";

// ---- the request ------------------------------------------------------------------------------------------

/// `-d DATA` as it stands, `-d @FILE` out of a file, `-d @-` from standard input.
Result<std::string> body_of(const std::string& data) {
  if (!data.starts_with('@')) return data;
  constexpr size_t most = size_t{1} << 30;  // it is held in memory
  BULLA_TRY(const auto content, read_file(data == "@-" ? "/dev/stdin" : data.substr(1), most));
  return std::string(as_text(content));
}

Result<void> add_header(http::Headers& headers, const std::string& line) {
  const size_t colon = line.find(':');
  if (colon == std::string::npos || colon == 0)
    return Error{ErrorCode::bad_argument, "\"" + printable(line) + "\" is not \"Name: value\""};
  const size_t value = line.find_first_not_of(" \t", colon + 1);
  headers.add(line.substr(0, colon), value == std::string::npos ? "" : line.substr(value));
  return {};
}

Result<http::ClientRequest> request_of(const GetFlags& flags) {
  http::ClientRequest request;
  BULLA_TRY(request.url, http::Url::parse(flags.url.find("://") == std::string::npos ? "https://" + flags.url
                                                                                     : flags.url));
  request.method = flags.method.value_or(flags.head ? "HEAD" : flags.data ? "POST" : "GET");
  for (const std::string& line : flags.headers) {
    BULLA_TRY(add_header(request.headers, line));
  }
  if (flags.data) {
    BULLA_TRY(request.body, body_of(*flags.data));
    if (!request.headers.contains("Content-Type"))
      request.headers.add("Content-Type", "application/x-www-form-urlencoded");
  }
  // The client would add them by itself; standing here, -v shows the request as it is sent.
  if (!request.headers.contains("User-Agent")) request.headers.add("User-Agent", "bulla");
  if (!request.headers.contains("Accept")) request.headers.add("Accept", "*/*");
  return request;
}

Result<net::HttpsClientOptions> client_of(const GetFlags& flags,
                                          const std::shared_ptr<explain::Narrator>& narrator,
                                          std::string request_lines) {
  net::HttpsClientOptions out;
  BULLA_TRY(ClientOptions options, client_options(flags.tls, flags.trust, flags.identity));
  options.common.alpn = {"http/1.1"};
  options.common.tap = narrator;
  BULLA_TRY(out.config, make_client_config(std::move(options)));
  for (const std::string& text : flags.resolve) {
    BULLA_TRY(auto entry, net::ResolveOverride::parse(text));
    out.resolve.push_back(std::move(entry));
  }
  out.redirects.max = flags.redirects;
  // It goes to a file or a pipe, not into memory; unless it becomes part of a JSON object.
  if (!flags.json || !flags.output.empty()) out.limits.body = UINT64_MAX;
  out.total_timeout = Milliseconds(static_cast<int64_t>(flags.timeout * 1000));
  if (narrator)
    out.on_connection = [narrator, lines = std::move(request_lines)](const Endpoint&,
                                                                     const ConnectionInfo& info) mutable {
      narrator->handshake_done(info);
      // Once: where a redirect leads is told by the account at the end.
      if (!lines.empty()) say(std::exchange(lines, {}));
    };
  return out;
}

// ---- the response -----------------------------------------------------------------------------------------

/// Takes the body of the final response, and leaves out what --fail does not want.
class Receiver {
 public:
  Receiver(const GetFlags& flags, BodyFile file)
      : flags_(flags),
        file_(std::move(file)),
        progress_(flags.output.empty() || flags.output == "-" || !stderr_is_terminal()
                      ? Progress::Shown::no
                      : Progress::Shown::yes),
        to_terminal_(flags.output.empty() && stdout_is_terminal()) {}

  Result<void> take(const http::ResponseHead& head, Bytes part) {
    if (is_refused(head)) return {};
    if (flags_.json && flags_.output.empty()) {
      collected_ += as_text(part);
      return {};
    }
    BULLA_TRY(start(head));
    if (to_terminal_ && part.end() != std::find(part.begin(), part.end(), uint8_t{0}))
      return Error{ErrorCode::bad_argument, "the body is no text, and would garble the terminal",
                   "write it to a file with -o FILE, or to the terminal all the same with -o -"};
    BULLA_TRY(file_.write(part));
    progress_.update(file_.written(), head.content_length);
    return {};
  }

  Result<void> finish(const http::ResponseHead& head) {
    if (is_refused(head)) return {};
    BULLA_TRY(start(head));
    return file_.finish();
  }

  /// For --json; nothing where the body went elsewhere or was not wanted.
  std::optional<std::string> collected(const http::ResponseHead& head) const {
    if (!flags_.output.empty() || is_refused(head)) return std::nullopt;
    return collected_;
  }
  uint64_t size() const noexcept { return collected_.size() + file_.written(); }

 private:
  bool is_refused(const http::ResponseHead& head) const { return flags_.fail && head.status >= 400; }

  /// -i and -I: the head, once, before the body.
  Result<void> start(const http::ResponseHead& head) {
    if (std::exchange(started_, true) || flags_.json || !(flags_.include || flags_.head)) return {};
    const std::string text = response_text(head, "\r\n") + "\r\n";
    return file_.write(as_bytes(text));
  }

  const GetFlags& flags_;
  BodyFile file_;
  Progress progress_;
  const bool to_terminal_;
  std::string collected_;
  bool started_ = false;
};

ExitStatus failed(const GetFlags& flags, const Error& error, ExitStatus status) {
  if (flags.json) print_line(error.to_json());
  if (status == ExitStatus::usage) return report_usage(error);
  report(error);
  return status;
}

ExitStatus show(const GetFlags& flags, const net::ClientResponse& response, const Receiver& receiver) {
  if (flags.tls.verbose)
    say(marked(response_text(response.head, "\n") + "\n", "< ") + account_of(response.tls, response.peer));
  if (flags.json) print_line(response_json(response, receiver.collected(response.head), receiver.size()));
  if (!flags.fail || response.status() < 400) return ExitStatus::done;
  say(in_red("bulla: ") + "the server answered " + std::to_string(response.status()) + " " +
      printable(response.head.reason));
  return ExitStatus::failed;
}

ExitStatus run_get(const GetFlags& flags) {
  const auto narrator = flags.tls.verbose ? narrator_on_stderr(Role::client) : nullptr;
  auto request = request_of(flags);
  if (!request) return failed(flags, request.error(), ExitStatus::usage);
  auto options = client_of(flags, narrator, marked(request_text(*request), "> ") + ">");
  if (!options) return failed(flags, options.error(), ExitStatus::usage);
  auto file = BodyFile::open(flags.output);
  if (!file) return failed(flags, file.error(), ExitStatus::usage);

  if (flags.trust.insecure) warn_insecure();
  net::HttpsClient client(*std::move(options));
  Receiver receiver(flags, *std::move(file));
  auto response = client.send(*std::move(request), [&](const http::ResponseHead& head, Bytes part) {
    return receiver.take(head, part);
  });
  if (!response) {
    const Error error = hint_at_local_ca(response.error(), flags.trust);
    return failed(flags, error, status_of(error));
  }
  if (const auto finished = receiver.finish(response->head); !finished)
    return failed(flags, finished.error(), ExitStatus::failed);
  return show(flags, *response, receiver);
}

}  // namespace

void add_get_command(CLI::App& program, ExitStatus& status) {
  auto flags = std::make_shared<GetFlags>();
  CLI::App* verb = program.add_subcommand("get", "Fetch a URL over HTTPS, verifying who the server is");
  verb->add_option("url", flags->url, "https://host[:port]/path; https:// may be left out")
      ->required()
      ->option_text("URL");
  verb->add_option("-o,--output", flags->output, "Write the body to FILE, with a progress bar on a terminal")
      ->option_text("FILE");
  auto* head = verb->add_flag("-I,--head", flags->head, "Ask for the head only, and print it");
  verb->add_flag("-i,--include", flags->include, "Print the head before the body");
  verb->add_option("-d,--data", flags->data,
                   "Send DATA, or the content of @FILE (@- is standard input), with POST")
      ->option_text("DATA|@FILE")
      ->excludes(head);
  verb->add_option("-X,--request", flags->method, "Another method")->option_text("METHOD")->excludes(head);
  verb->add_option("-H,--header", flags->headers, "A further header field; may be repeated")
      ->option_text("'NAME: VALUE'");
  verb->add_option("--resolve", flags->resolve, "Connect to ADDR for this host and port; may be repeated")
      ->option_text("HOST:PORT:ADDR");
  verb->add_option("--max-redirects", flags->redirects, "Redirects to follow")
      ->check(CLI::Range(0, 1000))
      ->option_text("N [10]");
  verb->add_option("--timeout", flags->timeout,
                   "For all of it, redirects included; 0: no limit beyond those of each part")
      ->check(CLI::Range(0.0, 1e9))
      ->option_text("SECONDS [0]");
  verb->add_flag("-f,--fail", flags->fail,
                 "An HTTP status of 400 and more is a failure: no body, exit status 1");
  verb->add_flag("--json", flags->json, "Print head, body and TLS facts as one JSON object");
  add_trust_flags(*verb, flags->trust);
  add_identity_flags(*verb, flags->identity);
  add_tls_flags(*verb, flags->tls);
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_get(*flags); });
}

}  // namespace bulla::cli
