#include "cli/ca_commands.h"

#include <CLI/CLI.hpp>

namespace bulla::cli {
namespace {

constexpr const char* examples =
    "Every certificate is recorded before its file is written. The CA of `bulla serve` and `bulla demo` is "
    "used where\n"
    "there is no other; `bulla cert sign` signs without records.\n"
    "\n"
    "Examples:\n"
    "  bulla ca init --name Example                     a root and an intermediate, once\n"
    "  bulla ca issue www.example.com                   key and certificate of a server\n"
    "  bulla ca issue 'Ada Lovelace' ada@example.com --template client\n"
    "  bulla ca sign www.example.com.csr                a certificate for somebody's own key\n"
    "  bulla ca list --expiring 14\n"
    "  bulla ca revoke 4f3a91 --reason key-compromise\n"
    "  bulla ca crl                                     the list of what was revoked\n"
    "  bulla ca ocsp                                    the same over HTTP, for each certificate\n"
    "  bulla ca trust install                           what it would take to be trusted on this machine\n";

}  // namespace

void add_ca_commands(CLI::App& program, ExitStatus& status) {
  CLI::App* ca = program.add_subcommand("ca", "A CA of your own that records what it issues");
  ca->require_subcommand(1);
  ca->footer(examples);
  add_ca_init_command(*ca, status);
  add_ca_issue_command(*ca, status);
  add_ca_sign_command(*ca, status);
  add_ca_renew_command(*ca, status);
  add_ca_list_command(*ca, status);
  add_ca_show_command(*ca, status);
  add_ca_revoke_command(*ca, status);
  add_ca_crl_command(*ca, status);
  add_ca_ocsp_command(*ca, status);
  add_ca_trust_commands(*ca, status);
  for (CLI::App* verb : ca->get_subcommands([](const CLI::App*) { return true; })) verb->group("Verbs");
}

}  // namespace bulla::cli
