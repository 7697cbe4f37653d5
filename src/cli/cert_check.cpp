// bulla cert check: how long certificates of files and servers still last, for people and for monitoring.
#include "cli/account.h"
#include "cli/cert_commands.h"
#include "cli/cert_input.h"
#include "cli/server_chain.h"
#include "cli/setup.h"
#include "cli/terminal.h"
#include "x509/evidence.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <filesystem>
#include <future>
#include <memory>

namespace bulla::cli {
namespace {

struct CertCheckFlags {
  std::vector<std::string> targets;
  unsigned days = 30;
  unsigned timeout = 10;
  bool json = false;
  std::string passphrase_file;
  TlsFlags tls;
};

constexpr const char* examples =
    "One line for each target; every certificate of a file or chain counts, and the one that ends first is "
    "shown. Who "
    "issued them is not asked: see `bulla cert show`.\n"
    "Exit status, the first that applies to any target: 2 a file cannot be read, 3 expired or not valid yet, "
    "1 a server "
    "cannot be reached, 4 expires within --days, 0 fine.\n"
    "\n"
    "Examples:\n"
    "  bulla cert check /etc/ssl/www.pem\n"
    "  bulla cert check example.com:443 mail.example.com:465 --days 14\n"
    "  bulla cert check example.com:443 --json\n";

enum class Verdict : uint8_t { fine, expires_soon, unreachable, not_valid_yet, expired, unreadable };

struct Row {
  Verdict verdict;
  std::string_view word;
  ExitStatus status;
};
// The worst last: it decides the exit status.
constexpr Row rows[] = {
    {Verdict::fine, "ok", ExitStatus::done},
    {Verdict::expires_soon, "expires soon", ExitStatus::expires_soon},
    {Verdict::unreachable, "unreachable", ExitStatus::failed},
    {Verdict::not_valid_yet, "not valid yet", ExitStatus::certificate},
    {Verdict::expired, "expired", ExitStatus::certificate},
    {Verdict::unreadable, "unreadable", ExitStatus::usage},
};
const Row& row_of(Verdict verdict) {
  return *std::ranges::find(rows, verdict, &Row::verdict);
}

struct Finding {
  Verdict verdict = Verdict::fine;
  CertificatePtr certificate = {};  ///< the one that ends first, or is not valid yet
  size_t of = 0;                    ///< how many there were
  std::optional<Error> error = {};
};

Finding judge(std::span<const CertificatePtr> chain, unsigned days) {
  const Time moment = now();
  Finding out{
      .certificate = *std::ranges::min_element(chain, {}, [](const auto& c) { return c->not_after(); }),
      .of = chain.size()};
  if (moment >= out.certificate->not_after() + Seconds(1)) {  // RFC 5280 §4.1.2.5: to the end of that second
    out.verdict = Verdict::expired;
    return out;
  }
  const auto early = std::ranges::find_if(chain, [&](const auto& c) { return moment < c->not_before(); });
  if (early != chain.end()) {
    out.verdict = Verdict::not_valid_yet;
    out.certificate = *early;
  } else if (out.certificate->not_after() - moment < std::chrono::days(days)) {
    out.verdict = Verdict::expires_soon;
  }
  return out;
}

Finding failed(Verdict verdict, Error error) {
  return {.verdict = verdict, .error = std::move(error)};
}

Finding check_file(const CertCheckFlags& flags, const std::string& path) {
  Gathered all;
  const GatherFlags how = {.passphrase_file = flags.passphrase_file, .keys = Keys::ignore};
  if (const auto gathered = gather(path, how, all); !gathered)
    return failed(Verdict::unreadable, gathered.error());
  if (all.certificates.empty())
    return failed(Verdict::unreadable, in_input(path, {ErrorCode::certificate_not_found}));
  return judge(all.certificates, flags.days);
}

Finding check_server(const CertCheckFlags& flags, const Endpoint& where) {
  const auto name = name_to_ask(where, {});
  if (!name) return failed(Verdict::unreadable, name.error());
  // Dates are looked at, and nothing is sent: whom the system trusts does not matter here.
  auto options = client_options(flags.tls, {.insecure = true}, {});
  if (!options) return failed(Verdict::unreadable, options.error());
  const auto seen =
      fetch_chain({.where = where, .name = *name, .limit = Seconds(flags.timeout)}, *std::move(options));
  if (!seen) return failed(Verdict::unreachable, seen.error());
  return judge(seen->chain, flags.days);
}

Finding check(const CertCheckFlags& flags, const std::string& target) {
  if (const auto where = as_server(target)) return check_server(flags, *where);
  std::error_code error;
  if (target != "-" && !std::filesystem::exists(target, error) && !error)
    return failed(Verdict::unreadable, no_target(target));
  return check_file(flags, target);
}

std::string line_of(const std::string& target, const Finding& finding) {
  std::string line(row_of(finding.verdict).word);
  line.resize(15, ' ');
  line += printable(target) + "  ";
  if (finding.error) return line + printable(finding.error->message());
  line += pki::describe_validity(*finding.certificate, now()) + "  " + x509::label(*finding.certificate);
  return finding.of > 1 ? line + "  (of " + std::to_string(finding.of) + " certificates)" : line;
}

std::string json_of(const std::string& target, const Finding& finding) {
  std::string out =
      "{" + json_field("target", target) + ',' + json_field("status", row_of(finding.verdict).word);
  if (finding.error) return out + ",\"error\":" + finding.error->to_json() + '}';
  const Certificate& one = *finding.certificate;
  const auto left = std::chrono::floor<std::chrono::days>(one.not_after() - now()).count();
  const auto end = std::chrono::floor<std::chrono::seconds>(one.not_after()).time_since_epoch().count();
  return out + ',' + json_field("subject", one.subject()) + ',' + json_field("serial", one.serial()) +
         ",\"not_after_unix\":" + std::to_string(end) + ",\"days_left\":" + std::to_string(left) +
         ",\"certificates\":" + std::to_string(finding.of) + '}';
}

/// Servers are asked side by side, a few at a time: most of the time is waiting.
std::vector<Finding> check_all(const CertCheckFlags& flags) {
  constexpr size_t at_once = 16;
  std::vector<Finding> out(flags.targets.size());
  for (size_t begin = 0; begin < out.size(); begin += at_once) {
    std::vector<std::pair<size_t, std::future<Finding>>> running;
    for (size_t i = begin; i < std::min(out.size(), begin + at_once); ++i) {
      if (as_server(flags.targets[i]))
        running.emplace_back(
            i, std::async(std::launch::async, check, std::cref(flags), std::cref(flags.targets[i])));
      else
        out[i] = check(flags, flags.targets[i]);
    }
    for (auto& [i, finding] : running) out[i] = finding.get();
  }
  return out;
}

ExitStatus run_cert_check(const CertCheckFlags& flags) {
  const std::vector<Finding> findings = check_all(flags);
  Verdict worst = Verdict::fine;
  for (size_t i = 0; i < findings.size(); ++i) {
    const std::string& target = flags.targets[i];
    print_line(flags.json ? json_of(target, findings[i]) : line_of(target, findings[i]));
    worst = std::max(worst, findings[i].verdict);
  }
  return row_of(worst).status;
}

}  // namespace

void add_cert_check_command(CLI::App& cert, ExitStatus& status) {
  auto flags = std::make_shared<CertCheckFlags>();
  CLI::App* verb = cert.add_subcommand("check", "Tell how long certificates of files and servers still last");
  verb->add_option("what", flags->targets, "Files (- for standard input), and servers")
      ->required()
      ->option_text("FILE|HOST:PORT");
  verb->add_option("--days", flags->days, "What ends within so many days ends soon")
      ->check(CLI::Range(0u, 36500u))
      ->option_text("N [30]");
  verb->add_flag("--json", flags->json, "One JSON object on one line for each target");
  verb->add_option("--timeout", flags->timeout, "Seconds to wait for a server")->option_text("SECONDS [10]");
  verb->add_option("--passphrase-file", flags->passphrase_file,
                   "First line: the passphrase of a PKCS#12 file (default: ask on the terminal)")
      ->option_text("FILE");
  add_tls_flags(*verb, flags->tls);
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_cert_check(*flags); });
}

}  // namespace bulla::cli
