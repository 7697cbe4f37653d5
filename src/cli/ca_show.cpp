// bulla ca show: one record, or the CA itself.
#include "asn1/time.h"
#include "cli/account.h"
#include "cli/ca_commands.h"
#include "cli/ca_files.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>

#include <memory>

namespace bulla::cli {
namespace {

struct CaShowFlags {
  std::string what;
  bool pem = false;
  bool json = false;
  std::string folder;
};

constexpr const char* examples =
    "Examples:\n"
    "  bulla ca show                                   the CA's own certificates\n"
    "  bulla ca show www.example.com                   the newest with this name\n"
    "  bulla ca show 4f3a91 --pem > www.example.com.pem\n";

/// What a server sends with it: the intermediate, where it is from the present one.
std::vector<CertificatePtr> chain_of(const ca::Authority& authority, const ca::Record& record) {
  std::vector<CertificatePtr> out = {record.certificate};
  if (authority.chain().size() > 1 && record.made_for != ca::Template::ca &&
      equal_vartime(record.certificate->issuer_der(), authority.certificate().subject_der()))
    out.push_back(authority.chain().front());
  return out;
}

ExitStatus print_pem(const ca::Authority& authority, const ca::Record& record) {
  const auto written = write_out(as_bytes(pki::to_pem(chain_of(authority, record))));
  return written ? ExitStatus::done : report(written.error());
}

void print_record(const ca::Record& record) {
  std::string text = pki::describe(*record.certificate, now());
  text.pop_back();
  print_line(text);
  print_line("  State:        " + std::string(name_of(record.state(now()))));
  print_line("  Made:         " + asn1::format_time(record.recorded_at) + " (" +
             std::string(name_of(record.origin)) + ", for " + std::string(name_of(record.made_for)) + ')');
  if (!record.predecessor.empty()) print_line("  Renews:       " + record.predecessor);
  if (!record.successor.empty()) print_line("  Renewed by:   " + record.successor);
  if (record.revocation)
    print_line("  Revoked:      " + asn1::format_time(record.revocation->at) + " (" +
               std::string(name_of(record.revocation->reason)) + ')');
}

ExitStatus show_ca(const CaShowFlags& flags, const ca::Authority& authority) {
  if (flags.pem) {
    const auto written = write_out(as_bytes(pki::to_pem(authority.chain())));
    return written ? ExitStatus::done : report(written.error());
  }
  if (flags.json) {
    print_line("{" + json_field("folder", authority.folder()) + ',' +
               json_field("root_file", authority.root_path()) +
               ",\"root\":" + pki::describe_json(authority.root(), now()) +
               ",\"issuing\":" + pki::describe_json(authority.certificate(), now()) + '}');
    return ExitStatus::done;
  }
  print_line("The CA in " + printable(authority.folder()) + "; others are to trust " +
             printable(authority.root_path()));
  for (const CertificatePtr& one : authority.chain()) {
    std::string text = pki::describe(*one, now());
    text.pop_back();
    print_line(text);
  }
  return ExitStatus::done;
}

ExitStatus run_ca_show(const CaShowFlags& flags) {
  const auto authority = open_ca(flags.folder);
  if (!authority) return report_ca(authority.error());
  if (flags.what.empty()) return show_ca(flags, *authority);
  const auto record = authority->find(flags.what);
  if (!record) return report_ca(record.error());
  if (flags.pem) return print_pem(*authority, *record);
  if (flags.json)
    print_line(record_json(*record));
  else
    print_record(*record);
  return ExitStatus::done;
}

}  // namespace

void add_ca_show_command(CLI::App& ca, ExitStatus& status) {
  auto flags = std::make_shared<CaShowFlags>();
  CLI::App* verb =
      ca.add_subcommand("show", "Describe a certificate and what became of it, or the CA itself");
  verb->add_option("what", flags->what, "A serial number, its beginning, or a name: then the newest one")
      ->option_text("SERIAL|NAME");
  auto* pem = verb->add_flag("--pem", flags->pem, "The certificate as a file has it, with the intermediate");
  verb->add_flag("--json", flags->json, "One JSON object on one line")->excludes(pem);
  add_ca_folder_flag(*verb, flags->folder);
  verb->footer(examples);
  verb->callback([flags, &status] { status = run_ca_show(*flags); });
}

}  // namespace bulla::cli
