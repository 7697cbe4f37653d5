// bulla ca crl: the list of what was revoked, numbered and signed.
#include "asn1/time.h"
#include "cli/account.h"
#include "cli/ca_commands.h"
#include "cli/ca_files.h"
#include "cli/terminal.h"
#include "os/shell_word.h"

#include <bulla/ca_status.h>
#include <bulla/revocation_authority.h>

#include <CLI/CLI.hpp>

#include <filesystem>
#include <memory>

namespace bulla::cli {
namespace {

struct CaCrlFlags {
  std::string out;
  unsigned days = 0;
  bool root = false;
  bool pem = false;
  bool json = false;
  std::string folder, ca_passphrase_file;
};

constexpr const char* examples =
    "Each list has a number of its own, which is recorded before the list is signed. The file is replaced "
    "whole; it lies\n"
    "where certificates say that it does: `ca init --crl-url`, `ca issue --crl-url`. Make a new one in time, "
    "and after each\n"
    "revocation.\n"
    "\n"
    "Examples:\n"
    "  bulla ca crl                                     ca.crl, for 7 days\n"
    "  bulla ca crl --out /var/www/ca.crl --days 3\n"
    "  bulla ca crl --root --days 180                   the root's own list: of the intermediate\n"
    "  bulla ca crl --pem --out - | openssl crl -noout -text\n";

unsigned days_of(const CaCrlFlags& flags) {
  if (flags.days) return flags.days;
  return flags.root ? 180 : 7;  // the root's key is seldom at hand
}

/// An older list may be replaced, and nothing else: it would be lost.
Result<void> check_replaceable(const std::string& path) {
  std::error_code ignored;
  if (path == "-" || !std::filesystem::exists(path, ignored)) return {};
  const auto content = read_file(path, size_t{64} << 20);
  if (content && RevocationList::from_pem_or_der(*content)) return {};
  return Error{ErrorCode::file_exists, printable(path) + " holds something else than a revocation list",
               "name another file: --out FILE"};
}

Result<RevocationListPtr> make_list(const CaCrlFlags& flags, const ca::ListSigner& signer,
                                    const std::string& out) {
  const ca::ListOrder order = {.days = days_of(flags)};
  if (out != "-") return signer.publish(out, flags.pem ? ca::ListForm::pem : ca::ListForm::der, order);
  BULLA_TRY(RevocationListPtr list, signer.make(order));
  BULLA_TRY(flags.pem ? write_out(as_bytes(pki::to_pem(*list))) : write_out(list->der()));
  return list;
}

std::string decimal(const std::string& number) {
  return std::to_string(std::stoull(number, nullptr, 16));
}

void print_made(const CaCrlFlags& flags, const ca::Authority& authority, const RevocationList& list,
                const std::string& out) {
  const std::string number = decimal(list.number().value_or("0"));
  const std::string until = asn1::format_time(list.next_update().value_or(Time{}));
  if (flags.json) {
    print_line("{" + json_field("file", out) + ',' + json_field("issuer", list.issuer()) + ",\"number\":" +
               number + ',' + json_field("this_update", asn1::format_time(list.this_update())) + ',' +
               json_field("next_update", until) + ",\"revoked\":" + std::to_string(list.size()) + '}');
    return;
  }
  print_line("  list          " + out + "  (number " + number + ", " + std::to_string(list.size()) +
             " revoked, until " + until + ')');
  print_line("  signed by     " + printable(list.issuer()));
  const auto urls = authority.revocation_urls();
  if (!flags.root && urls && !urls->crl.empty())
    print_line("  belongs at    " + printable(urls->crl) + ", where certificates say that it is");
  print_line("Next:");
  print_line("  bulla cert show " + shell_word(out));
  if (!flags.root && urls && urls->crl.empty())
    print_line("  bulla ca issue" + folder_words(flags.folder) +
               " www.example.com --crl-url http://ca.example.com/ca.crl");
}

ExitStatus run_ca_crl(const CaCrlFlags& flags) {
  const std::string out = !flags.out.empty() ? flags.out : flags.root ? "root.crl" : "ca.crl";
  if (out == "-" && flags.json)
    return report_usage({ErrorCode::bad_argument, "standard output is for the list, or for JSON",
                         "name a file for the list: --out FILE"});
  if (const auto free = check_replaceable(out); !free) return report_usage(free.error());
  const auto authority = open_ca(flags.folder);
  if (!authority) return report_ca(authority.error());
  const ca::WhoseList whose = flags.root ? ca::WhoseList::root : ca::WhoseList::issuing;
  const Certificate& ca = flags.root ? authority->root() : authority->certificate();
  const auto signer = with_ca_passphrase(ca, flags.ca_passphrase_file, [&](std::string_view passphrase) {
    return ca::ListSigner::unlock(*authority, whose, passphrase);
  });
  if (!signer) return report_ca(signer.error());
  const auto list = make_list(flags, *signer, out);
  if (!list) return report_ca(list.error());
  if (out != "-") print_made(flags, *authority, **list, out);
  return ExitStatus::done;
}

}  // namespace

void add_ca_crl_command(CLI::App& ca, ExitStatus& status) {
  auto flags = std::make_shared<CaCrlFlags>();
  CLI::App* verb = ca.add_subcommand("crl", "Write the list of revoked certificates");
  verb->add_option("--out", flags->out, "The list's file, replaced whole; - for standard output")
      ->option_text("FILE [ca.crl, or root.crl]");
  verb->add_option("--days", flags->days, "Until the next list, at the latest")
      ->check(CLI::Range(1u, 3650u))
      ->option_text("N [7, the root's 180]");
  verb->add_flag("--pem", flags->pem, "PEM instead of DER, which is what lies at an address");
  verb->add_flag("--root", flags->root, "The root's own list, which speaks of the intermediate");
  add_ca_passphrase_flag(*verb, flags->ca_passphrase_file);
  add_ca_folder_flag(*verb, flags->folder);
  verb->add_flag("--json", flags->json, "One JSON object on one line");
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_ca_crl(*flags); });
}

}  // namespace bulla::cli
