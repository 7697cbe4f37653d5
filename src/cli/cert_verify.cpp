// bulla cert verify: whether a chain is good, and why: every path that was tried, check by check.
#include "cli/account.h"
#include "cli/cert_commands.h"
#include "cli/cert_files.h"
#include "cli/server_chain.h"
#include "cli/setup.h"
#include "cli/terminal.h"
#include "x509/name.h"

#include <bulla/verification_report.h>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>

namespace bulla::cli {
namespace {

struct CertVerifyFlags {
  std::vector<std::string> what;
  std::string name;
  std::string at;
  std::string purpose = "server";
  std::string profile = "rfc5280";
  std::vector<std::string> policies;
  bool json = false;
  unsigned timeout = 10;
  TlsFlags tls;
  TrustFlags trust;
  std::vector<std::string> lists;
  std::string response;
};

constexpr const char* examples =
    "The first certificate of the first file is the one in question; all the others, in any order, may lead\n"
    "from it to a root. Exit status 3: it does not verify.\n"
    "\n"
    "Examples:\n"
    "  bulla cert verify example.com:443\n"
    "  bulla cert verify chain.pem --name www.example.com\n"
    "  bulla cert verify leaf.pem intermediate.pem --ca root.pem\n"
    "  bulla cert verify chain.pem --at 2027-06-01      as of that day\n"
    "  bulla cert verify chain.pem --crl ca.crl         held against a list of the CA\n"
    "  bulla cert verify user.pem --purpose client --ca ca.pem --json\n"
    "  bulla cert verify example.com:443 --profile webpki\n";

/// What is to be verified, for whom.
struct Subject {
  std::vector<CertificatePtr> chain = {};
  std::vector<uint8_t> ocsp_response = {};
  OcspStapling stapling = OcspStapling::not_requested;
  std::optional<ServerName> name = {};
};

/// Whether the text is the form, in which 0 is any digit.
bool has_form(std::string_view text, std::string_view form) {
  return std::ranges::equal(text, form,
                            [](char c, char f) { return f == '0' ? c >= '0' && c <= '9' : c == f; });
}

/// "2027-06-01" or "2027-06-01T12:00:00Z"; the present for "".
Result<Time> moment(const std::string& text) {
  if (text.empty()) return now();
  int year = 0;
  unsigned month = 0, day = 0, hour = 0, minute = 0, second = 0;
  const bool formed = has_form(text, "0000-00-00") || has_form(text, "0000-00-00T00:00:00Z");
  if (formed) std::sscanf(text.c_str(), "%d-%u-%uT%u:%u:%uZ", &year, &month, &day, &hour, &minute, &second);
  using namespace std::chrono;
  const auto date = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
  if (!formed || !date.ok() || hour > 23 || minute > 59 || second > 59)
    return Error{ErrorCode::bad_argument, '"' + printable(text) + "\" is no moment",
                 "write it as in --at 2027-06-01 or --at 2027-06-01T12:00:00Z (UTC)"};
  return Time(sys_days(date)) + Seconds(3600 * hour + 60 * minute + second);
}

/// Policies that the user names must hold.
Result<PolicyDemands> policy_demands(const CertVerifyFlags& flags) {
  PolicyDemands out = {.required = !flags.policies.empty()};
  for (const std::string& text : flags.policies) {
    BULLA_TRY(PolicyId id, PolicyId::parse(text));
    out.accepted.push_back(std::move(id));
  }
  return out;
}

Result<Subject> subject_from_files(const CertVerifyFlags& flags) {
  Subject out;
  std::error_code error;
  for (const std::string& path : flags.what) {
    if (path != "-" && !std::filesystem::exists(path, error) && !error) return no_target(path);
    BULLA_TRY(const auto text, read_file(path == "-" ? "/dev/stdin" : path));
    auto read = Certificate::from_pem_or_der(text);
    if (!read) return in_file(path, read.error());
    out.chain.insert(out.chain.end(), read->begin(), read->end());
  }
  if (!flags.name.empty()) {
    BULLA_TRY(out.name, ServerName::parse(flags.name));
  }
  if (!flags.response.empty()) {
    BULLA_TRY(out.ocsp_response, read_file(flags.response));
    // To the verifier, nothing is a server that staples nothing.
    if (out.ocsp_response.empty())
      return in_file(flags.response, {ErrorCode::ocsp_response_malformed, "it is empty"});
    out.stapling = OcspStapling::requested;
  }
  return out;
}

Result<Subject> subject_from_server(const CertVerifyFlags& flags, const Endpoint& server) {
  Subject out = {.stapling = OcspStapling::requested};
  BULLA_TRY(out.name, name_to_ask(server, flags.name));
  ClientOptions options = {.ocsp = out.stapling};
  BULLA_TRY(options.common, common_options(flags.tls));
  BULLA_TRY(SeenChain seen, fetch_chain({.where = server, .name = *out.name, .limit = Seconds(flags.timeout)},
                                        std::move(options)));
  out.chain = std::move(seen.chain);
  out.ocsp_response = std::move(seen.ocsp_response);
  return out;
}

ExitStatus print_report(const CertVerifyFlags& flags, VerificationReport report) {
  if (report.error) report.error = hint_at_local_ca(*report.error, flags.trust);
  if (flags.json) {
    print_line(report.to_json());
  } else {
    using Style = VerificationReport::Style;
    std::string text = report.to_text(stdout_has_colour() ? Style::colored : Style::plain);
    text.pop_back();
    print_line(text);
  }
  return report.error ? ExitStatus::certificate : ExitStatus::done;
}

/// The lists of one --crl.
struct GivenLists {
  std::string file = {};
  std::vector<RevocationListPtr> lists = {};
};

Result<std::vector<GivenLists>> lists_of(const CertVerifyFlags& flags) {
  std::vector<GivenLists> out;
  for (const std::string& path : flags.lists) {
    BULLA_TRY(const std::vector<uint8_t> file, read_file(path, size_t{64} << 20));
    auto lists = RevocationList::from_pem_or_der(file);
    if (!lists) return in_file(path, lists.error());
    out.push_back({path, *std::move(lists)});
  }
  return out;
}

/// A file none of whose lists is of an issuer of the path: whoever gave it expects something of it.
std::optional<Warning> warning_about(const GivenLists& given, const CandidatePath& path) {
  Warning out = {.what = printable(given.file) + " is of no use", .section = "RFC 5280 §6.3.3 (b)"};
  if (path.steps.size() == 1) {
    out.why = "the certificate is trusted itself, and is held against no list";
    out.remedy = "trust the CA that issued it instead: --ca";
    return out;
  }
  for (size_t i = 0; i + 1 < path.steps.size(); ++i)
    for (const RevocationListPtr& list : given.lists)
      if (x509::names_equal(list->issuer_der(), path.steps[i].certificate->issuer_der())) return {};
  out.why = "it is of " + printable(given.lists.front()->issuer()) +
            (given.lists.size() > 1 ? " and others" : "") +
            ", and no certificate of the path was issued there";
  out.remedy = "give the list of " + printable(path.steps[0].certificate->issuer());
  return out;
}

void add_warnings(std::span<const GivenLists> given, VerificationReport& report) {
  const CandidatePath& path = report.paths.front();
  if (!path.reaches_anchor) return;
  for (const GivenLists& one : given)
    if (auto warning = warning_about(one, path)) report.warnings.push_back(*std::move(warning));
}

ExitStatus verify(const CertVerifyFlags& flags, const Subject& subject) {
  const auto purpose = flags.purpose == "client" ? CertificatePurpose::client : CertificatePurpose::server;
  const auto roots = flags.trust.ca.empty() ? system_roots() : roots_named(flags.trust.ca, purpose);
  if (!roots) return report_usage(roots.error());
  const auto when = moment(flags.at);
  if (!when) return report_usage(when.error());
  const auto profile = flags.profile == "webpki" ? CertificateProfile::webpki : CertificateProfile::rfc5280;
  const auto policies = policy_demands(flags);
  if (!policies) return report_usage(policies.error());
  const auto given = lists_of(flags);
  if (!given) return report_usage(given.error());
  RevocationLists lists;
  for (const GivenLists& one : *given)
    for (const RevocationListPtr& list : one.lists) lists.add(list);
  const WebPkiVerifier verifier(*roots, {.profile = profile, .policies = *policies, .lists = lists});
  VerificationReport report = verifier.explain({.chain = subject.chain,
                                                .name = subject.name ? &*subject.name : nullptr,
                                                .purpose = purpose,
                                                .now = *when,
                                                .ocsp_response = subject.ocsp_response,
                                                .stapling = subject.stapling});
  add_warnings(*given, report);
  return print_report(flags, std::move(report));
}

ExitStatus run_cert_verify(const CertVerifyFlags& flags) {
  const auto server = flags.what.size() == 1 ? as_server(flags.what[0]) : std::nullopt;
  if (server && !flags.response.empty())
    return report_usage(
        {ErrorCode::bad_argument, "a server staples its OCSP response itself", "leave out --ocsp"});
  if (!server) {
    const auto subject = subject_from_files(flags);
    return subject ? verify(flags, *subject) : report_usage(subject.error());
  }
  const auto subject = subject_from_server(flags, *server);
  if (!subject) return report(subject.error());
  return verify(flags, *subject);
}

}  // namespace

void add_cert_verify_command(CLI::App& cert, ExitStatus& status) {
  auto flags = std::make_shared<CertVerifyFlags>();
  CLI::App* verb = cert.add_subcommand("verify", "Say whether a chain is good, and why");
  verb->add_option("what", flags->what, "Files, PEM or DER (- for standard input), or a server")
      ->required()
      ->option_text("FILE...|HOST:PORT");
  verb->add_option(
          "--name", flags->name,
          "The name that the certificate must be for (default: a server's HOST; for files: not asked)")
      ->option_text("NAME");
  verb->add_option("--crl", flags->lists,
                   "A list of revoked certificates, PEM or DER; may be given several times")
      ->option_text("FILE");
  verb->add_option("--ocsp", flags->response,
                   "With files: the OCSP response that a server would staple, as `ca ocsp --for` writes it")
      ->option_text("FILE");
  verb->add_option("--ca", flags->trust.ca,
                   "Trust the certificates of this file, folder or NSS database (default: the system's)")
      ->option_text("FILE|DIR|nss:DIR");
  verb->add_option("--purpose", flags->purpose, "What it is to be good for: server or client")
      ->check(CLI::IsMember({"server", "client"}))
      ->option_text("PURPOSE [server]");
  verb->add_option("--profile", flags->profile,
                   "rfc5280, or webpki: also what the CA/Browser Forum asks of public CAs")
      ->check(CLI::IsMember({"rfc5280", "webpki"}))
      ->option_text("PROFILE [rfc5280]");
  verb->add_option("--policy", flags->policies,
                   "A certificate policy that must hold, as 2.23.140.1.2.1; given several times: one of them")
      ->option_text("OID");
  verb->add_option("--at", flags->at, "As of this moment, 2027-06-01 or 2027-06-01T12:00:00Z (default: now)")
      ->option_text("TIME");
  verb->add_flag("--json", flags->json, "One JSON object on one line");
  verb->add_option("--timeout", flags->timeout, "Seconds to wait for a server")->option_text("SECONDS [10]");
  add_tls_flags(*verb, flags->tls);
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_cert_verify(*flags); });
}

}  // namespace bulla::cli
