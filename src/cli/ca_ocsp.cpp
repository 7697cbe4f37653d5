// bulla ca ocsp: tells whoever asks whether a certificate was revoked; or writes one such answer to a file.
#include "asn1/time.h"
#include "cli/account.h"
#include "cli/ca_commands.h"
#include "cli/ca_files.h"
#include "cli/ocsp_http.h"
#include "cli/plain_server.h"
#include "cli/server_identity.h"
#include "cli/stop_signals.h"
#include "cli/terminal.h"
#include "os/shell_word.h"

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>

namespace bulla::cli {
namespace {

struct CaOcspFlags {
  std::string listen = "localhost:2560";
  std::string certificate, out;
  unsigned hours = 0;
  unsigned responder_days = 7;
  bool by_ca = false;
  bool json = false;
  std::string folder, ca_passphrase_file;
};

constexpr const char* examples =
    "Reads the records for each request: what `bulla ca revoke` revokes is revoked at once. Answers are "
    "signed by a\n"
    "responder that the CA appoints for a few days, and whose key is only in memory. Each request is a line "
    "of the access\n"
    "log on standard output. Ctrl-C or SIGTERM stops it in good order.\n"
    "With --for, one answer goes to a file, for a server that staples it.\n"
    "\n"
    "Examples:\n"
    "  bulla ca ocsp                                            http://localhost:2560/\n"
    "  bulla ca ocsp --listen :8080 --hours 6\n"
    "  bulla ca ocsp --for www.example.com.pem                  www.example.com.ocsp\n"
    "  bulla ca ocsp --for 4f3a91 --out staple.der --hours 48\n";

ca::ResponderOptions options_of(const CaOcspFlags& flags) {
  const bool to_file = !flags.certificate.empty();
  const unsigned hours = flags.hours ? flags.hours : to_file ? 168 : 24;
  // One answer is no reason to appoint somebody.
  return {.key = flags.by_ca || to_file ? ca::ResponderKey::ca : ca::ResponderKey::delegate,
          .delegate_days = flags.responder_days,
          .validity = std::chrono::hours(hours)};
}

Result<ca::Responder> unlock_responder(const CaOcspFlags& flags, const ca::Authority& authority) {
  return with_ca_passphrase(authority.certificate(), flags.ca_passphrase_file,
                            [&](std::string_view passphrase) {
                              return ca::Responder::unlock(authority, options_of(flags), passphrase);
                            });
}

// ---- to a file --------------------------------------------------------------------------------------------

/// A file's first certificate; or what the records know by this name or number.
Result<CertificatePtr> certificate_meant(const CaOcspFlags& flags, const ca::Authority& authority) {
  std::error_code ignored;
  if (std::filesystem::exists(flags.certificate, ignored)) {
    BULLA_TRY(const std::vector<uint8_t> text, read_file(flags.certificate));
    auto chain = Certificate::from_pem_or_der(text);
    if (!chain) return in_file(flags.certificate, chain.error());
    return chain->front();
  }
  BULLA_TRY(const ca::Record record, authority.find(flags.certificate));
  return record.certificate;
}

std::string default_out(const CaOcspFlags& flags) {
  std::error_code ignored;
  if (!std::filesystem::exists(flags.certificate, ignored))
    return pki::file_stem(flags.certificate) + ".ocsp";
  return std::filesystem::path(flags.certificate).replace_extension(".ocsp").string();
}

/// An older answer may be replaced, and nothing else: it would be lost.
Result<void> check_replaceable(const std::string& path) {
  std::error_code ignored;
  if (path == "-" || !std::filesystem::exists(path, ignored)) return {};
  const auto content = read_file(path);
  if (content && OcspResponse::from_der(*content)) return {};
  return Error{ErrorCode::file_exists, printable(path) + " holds something else than an OCSP response",
               "name another file: --out FILE"};
}

std::string_view word_of(RevocationStatus status) {
  switch (status) {
    case RevocationStatus::good: return "good";
    case RevocationStatus::revoked: return "revoked";
    case RevocationStatus::unknown: break;
  }
  return "unknown";
}

void print_written(const CaOcspFlags& flags, const Certificate& certificate, const OcspStatus& said,
                   const std::string& out) {
  const std::string until = said.next_update ? asn1::format_time(*said.next_update) : "no end";
  if (flags.json) {
    print_line("{" + json_field("file", out) + ',' + json_field("serial", certificate.serial()) + ',' +
               json_field("status", word_of(said.status)) + ',' +
               json_field("this_update", asn1::format_time(said.this_update)) + ',' +
               json_field("next_update", until) + '}');
    return;
  }
  print_line("  response      " + out + "  (" + printable(certificate.subject()) + " is " +
             std::string(word_of(said.status)) + ", until " + until + ')');
  print_line("Next:");
  print_line("  openssl ocsp -respin " + shell_word(out) + " -noverify -resp_text");
  std::error_code ignored;
  if (std::filesystem::exists(flags.certificate, ignored))
    print_line("  bulla serve --text 'It works' --cert " + shell_word(flags.certificate) +
               " --key KEY.pem --ocsp " + shell_word(out));
}

ExitStatus write_answer(const CaOcspFlags& flags, const ca::Authority& authority) {
  const std::string out = flags.out.empty() ? default_out(flags) : flags.out;
  if (out == "-" && flags.json)
    return report_usage({ErrorCode::bad_argument, "standard output is for the response, or for JSON",
                         "name a file for the response: --out FILE"});
  if (const auto free = check_replaceable(out); !free) return report_usage(free.error());
  const auto certificate = certificate_meant(flags, authority);
  if (!certificate) return report_ca(certificate.error());
  const auto request = OcspRequest::create(**certificate, authority.certificate());
  if (!request) return report_ca(request.error());
  auto responder = unlock_responder(flags, authority);
  if (!responder) return report_ca(responder.error());
  const ca::OcspReply reply = responder->answer(request->der());
  if (reply.trouble) return report_ca(*reply.trouble);
  const auto response = OcspResponse::from_der(reply.der);
  if (!response) return report_ca(response.error());
  const auto said = (*response)->verify(**certificate, authority.certificate(), now());
  if (!said || said->status == RevocationStatus::unknown)
    return report_ca({ErrorCode::ca_certificate_unknown,
                      printable((*certificate)->subject()) + ", serial number " + (*certificate)->serial()});
  const auto written = out == "-" ? write_out(reply.der) : write_file(out, reply.der);
  if (!written) return report_usage(written.error());
  if (out != "-") print_written(flags, **certificate, *said, out);
  return ExitStatus::done;
}

// ---- over HTTP --------------------------------------------------------------------------------------------

/// The path of the address that certificates have of the responder.
std::string path_of(const ca::RevocationUrls& urls) {
  const auto url = http::Url::parse(urls.ocsp);
  return url ? url->path : "/";
}

void say_where(const CaOcspFlags& flags, const ca::Authority& authority, const ca::Responder& responder,
               const std::string& url, const ca::RevocationUrls& urls) {
  say("Answering OCSP requests for " + printable(authority.certificate().subject()) + " at " + url);
  const std::string words = folder_words(flags.folder);
  const std::string folder = authority.folder() + (authority.is_local() ? "/ca.pem" : "/intermediate.pem");
  std::string story;
  story += account_line("signed by", flags.by_ca
                                         ? "the CA's own key"
                                         : "a responder that it appointed, serial number " +
                                               responder.signer().serial() + "; its key is only in memory");
  story += account_line("answers", "good for " + std::to_string(flags.hours ? flags.hours : 24) + " hours");
  story += account_line("addressed by", urls.ocsp.empty()
                                            ? "nobody: `bulla ca issue" + words + " NAME --ocsp-url " + url +
                                                  "` puts the address into a certificate"
                                            : "certificates, as " + printable(urls.ocsp));
  story += account_line("try", "openssl ocsp -url " + url + " -issuer " + shell_word(folder) + " -CAfile " +
                                   shell_word(authority.root_path()) + " -cert CERT.pem");
  say(story + "Ctrl-C stops it.");
}

ExitStatus serve(const CaOcspFlags& flags, const ca::Authority& authority) {
  const auto where = Endpoint::parse(flags.listen);
  if (!where) return report_usage(where.error());
  const auto urls = authority.revocation_urls();
  if (!urls) return report_ca(urls.error());
  auto responder = unlock_responder(flags, authority);
  if (!responder) return report_ca(responder.error());
  const auto signals = StopSignals::watch();
  if (!signals) return report(signals.error());
  const OcspSite site{.responder = *responder, .path = path_of(*urls), .on_trouble = [](const Error& error) {
                        say("bulla: no answer: " + printable(error.message()));
                      }};
  const bool json = flags.json;
  auto server = PlainServer::open(
      *where, [&site](const http::Request& request) { return answer_ocsp(site, request); },
      {.limits = ocsp_request_limits(), .access_log = [json](const http::AccessEntry& entry) {
         print_line(json ? http::access_log_json(entry) : http::access_log_line(entry));
       }});
  if (!server) return report(server.error());
  const std::string url = "http://" + Endpoint{reachable_host(*where), server->port()}.to_string() + '/';
  say_where(flags, authority, *responder, url, *urls);
  if (const auto served = server->run(signals->descriptor()); !served) return report(served.error());
  say("Stopped after " + std::to_string(server->requests()) + " requests.");
  return ExitStatus::done;
}

ExitStatus run_ca_ocsp(const CaOcspFlags& flags) {
  if (flags.certificate.empty() && !flags.out.empty())
    return report_usage({ErrorCode::bad_argument, "--out is for one answer, and it is not said which",
                         "say which certificate it is about: --for CERT"});
  const auto authority = open_ca(flags.folder);
  if (!authority) return report_ca(authority.error());
  return flags.certificate.empty() ? serve(flags, *authority) : write_answer(flags, *authority);
}

}  // namespace

void add_ca_ocsp_command(CLI::App& ca, ExitStatus& status) {
  auto flags = std::make_shared<CaOcspFlags>();
  CLI::App* verb = ca.add_subcommand("ocsp", "Answer whoever asks whether a certificate was revoked");
  auto* listen =
      verb->add_option("--listen", flags->listen, "Address and port; no address: all of this machine")
          ->option_text("ADDR:PORT [localhost:2560]");
  verb->add_option("--for", flags->certificate,
                   "One answer, to a file: a certificate's file, or its serial number or name")
      ->option_text("CERT")
      ->excludes(listen);
  verb->add_option("--out", flags->out, "Its file, DER; - for standard output (default: CERT with .ocsp)")
      ->option_text("FILE");
  verb->add_option("--hours", flags->hours, "For how long an answer is good")
      ->check(CLI::Range(1u, 2400u))
      ->option_text("N [24, in a file 168]");
  auto* by_ca = verb->add_flag("--by-ca", flags->by_ca, "Sign with the CA's own key, and appoint nobody");
  verb->add_option("--responder-days", flags->responder_days,
                   "How long the certificate of an appointed responder lasts")
      ->check(CLI::Range(1u, 365u))
      ->option_text("N [7]")
      ->excludes(by_ca);
  add_ca_passphrase_flag(*verb, flags->ca_passphrase_file);
  add_ca_folder_flag(*verb, flags->folder);
  verb->add_flag("--json", flags->json, "Access log as JSON, one object a line; with --for one object");
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_ca_ocsp(*flags); });
}

}  // namespace bulla::cli
