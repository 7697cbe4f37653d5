// bulla ca list: what the CA issued.
#include "asn1/time.h"
#include "cli/account.h"
#include "cli/ca_commands.h"
#include "cli/ca_files.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace bulla::cli {
namespace {

struct CaListFlags {
  std::optional<unsigned> expiring;
  bool revoked = false;
  bool json = false;
  std::string folder;
};

constexpr const char* examples =
    "--expiring leaves out what was revoked, has expired, or was renewed.\n"
    "\n"
    "Examples:\n"
    "  bulla ca list\n"
    "  bulla ca list --expiring 14\n"
    "  bulla ca list --revoked --json\n";

std::string padded(std::string text, size_t width) {
  if (text.size() < width) text.resize(width, ' ');
  return text;
}

/// Names first: they are what people know a certificate by.
std::string label_of(const Certificate& certificate) {
  std::string out;
  for (const std::string& name : certificate.names()) out += (out.empty() ? "" : ", ") + printable(name);
  return out.empty() ? printable(certificate.subject()) : out;
}

std::string line_of(const ca::Record& record) {
  const ca::State state = record.state(now());
  std::string note;
  if (record.revocation) note = "  (" + std::string(name_of(record.revocation->reason)) + ')';
  if (!record.successor.empty() && state != ca::State::revoked) note = "  (renewed)";
  return record.serial() + "  " + padded(std::string(name_of(state)), 13) + "  " +
         asn1::format_time(record.certificate->not_after()).substr(0, 10) + "  " +
         padded(std::string(name_of(record.made_for)), 6) + "  " + label_of(*record.certificate) + note;
}

ExitStatus run_ca_list(const CaListFlags& flags) {
  const auto authority = open_ca(flags.folder);
  if (!authority) return report_ca(authority.error());
  ca::Filter filter = {.revoked = flags.revoked, .now = now()};
  if (flags.expiring) filter.ending_until = now() + std::chrono::days(*flags.expiring);
  const auto records = authority->records(filter);
  if (!records) return report_ca(records.error());
  if (flags.json) {
    std::string out = "{" + json_field("folder", authority->folder()) + ",\"certificates\":[";
    for (size_t i = 0; i < records->size(); ++i) out += (i ? "," : "") + record_json((*records)[i]);
    print_line(out + "]}");
    return ExitStatus::done;
  }
  if (records->empty()) {
    say(flags.expiring || flags.revoked ? "bulla: no certificate is like that"
                                        : "bulla: nothing was issued yet");
    return ExitStatus::done;
  }
  print_line(padded("SERIAL", 32) + "  " + padded("STATE", 13) + "  " + padded("UNTIL", 10) + "  " +
             padded("FOR", 6) + "  NAMES");
  for (const ca::Record& record : *records) print_line(line_of(record));
  return ExitStatus::done;
}

}  // namespace

void add_ca_list_command(CLI::App& ca, ExitStatus& status) {
  auto flags = std::make_shared<CaListFlags>();
  CLI::App* verb = ca.add_subcommand("list", "List the certificates that the CA issued");
  auto* expiring = verb->add_option("--expiring", flags->expiring,
                                    "Only those that end within so many days and are not renewed")
                       ->check(CLI::Range(0u, 36500u))
                       ->option_text("DAYS");
  verb->add_flag("--revoked", flags->revoked, "Only those that were revoked")->excludes(expiring);
  verb->add_flag("--json", flags->json, "One JSON object on one line");
  add_ca_folder_flag(*verb, flags->folder);
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_ca_list(*flags); });
}

}  // namespace bulla::cli
