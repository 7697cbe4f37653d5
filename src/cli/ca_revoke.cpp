// bulla ca revoke: a certificate that is not to be accepted any more.
#include "cli/ca_commands.h"
#include "cli/ca_files.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace bulla::cli {
namespace {

struct CaRevokeFlags {
  std::string serial;
  std::string reason = "unspecified";
  bool json = false;
  std::string folder;
};

constexpr const char* examples =
    "No key is needed for it. What is revoked stays revoked.\n"
    "Reasons: unspecified, key-compromise, ca-compromise, affiliation-changed, superseded, "
    "cessation-of-operation,\n"
    "privilege-withdrawn.\n"
    "\n"
    "Examples:\n"
    "  bulla ca revoke 4f3a91 --reason key-compromise\n"
    "  bulla ca revoke 4F:3A:91:0C:5E:77:1B:02:4F:3A:91:0C:5E:77:1B:02\n";

ExitStatus run_ca_revoke(const CaRevokeFlags& flags) {
  const auto reason = ca::parse_reason(flags.reason);
  if (!reason) return report_usage(reason.error());
  auto authority = open_ca(flags.folder);
  if (!authority) return report_ca(authority.error());
  const auto record = authority->revoke(flags.serial, *reason);
  if (!record) {
    Error error = record.error();
    // People try the name; several certificates may have it, so the number is theirs to choose.
    if (error.code == ErrorCode::ca_certificate_unknown && error.remedy.empty())
      if (const auto named = authority->find(flags.serial))
        error.remedy = "say which one by its serial number: `bulla ca revoke" + folder_words(flags.folder) +
                       ' ' + named->serial() + "` revokes the newest with this name";
    return report_ca(error);
  }
  if (flags.json) {
    print_line(record_json(*record));
    return ExitStatus::done;
  }
  print_line("  revoked       " + printable(record->certificate->subject()) + "  (" +
             std::string(name_of(record->revocation->reason)) + ')');
  print_line("  serial        " + record->serial());
  print_line("Next:");
  print_line("  bulla ca crl" + folder_words(flags.folder));
  print_line("  bulla ca list" + folder_words(flags.folder) + " --revoked");
  return ExitStatus::done;
}

}  // namespace

void add_ca_revoke_command(CLI::App& ca, ExitStatus& status) {
  auto flags = std::make_shared<CaRevokeFlags>();
  CLI::App* verb = ca.add_subcommand("revoke", "Revoke a certificate");
  verb->add_option("serial", flags->serial, "Its serial number, or the first 6 digits or more")
      ->required()
      ->option_text("SERIAL");
  verb->add_option("--reason", flags->reason, "Why, as a CRL will say it")
      ->option_text("REASON [unspecified]");
  verb->add_flag("--json", flags->json, "The record as one JSON object on one line");
  add_ca_folder_flag(*verb, flags->folder);
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_ca_revoke(*flags); });
}

}  // namespace bulla::cli
