#include "cli/cert_commands.h"

#include <CLI/CLI.hpp>

namespace bulla::cli {
namespace {

constexpr const char* examples =
    "Examples:\n"
    "  bulla cert new localhost 127.0.0.1 ::1           key and self-signed certificate\n"
    "  bulla cert new --ca 'Example root CA'            a CA of your own\n"
    "  bulla cert csr www.example.com                   key and request, for a CA elsewhere\n"
    "  bulla cert sign www.example.com.csr --ca-cert ca.pem --ca-key ca-key.pem\n"
    "  bulla cert show example.com:443                  what a server shows, and whether it verifies\n"
    "  bulla cert verify example.com:443                why it verifies or does not, check by check\n";

}  // namespace

void add_cert_commands(CLI::App& program, ExitStatus& status) {
  CLI::App* cert = program.add_subcommand("cert", "Make, sign and look at certificates");
  cert->require_subcommand(1);
  cert->footer(examples);
  add_cert_new_command(*cert, status);
  add_cert_csr_command(*cert, status);
  add_cert_sign_command(*cert, status);
  add_cert_show_command(*cert, status);
  add_cert_verify_command(*cert, status);
  add_cert_convert_command(*cert, status);
  add_cert_bundle_command(*cert, status);
  add_cert_check_command(*cert, status);
  for (CLI::App* verb : cert->get_subcommands([](const CLI::App*) { return true; })) verb->group("Verbs");
}

}  // namespace bulla::cli
