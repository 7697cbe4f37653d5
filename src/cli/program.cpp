#include "cli/cert_commands.h"
#include "cli/commands.h"
#include "cli/terminal.h"

#include <CLI/CLI.hpp>

#include <csignal>
#include <exception>

namespace bulla::cli {
namespace {

constexpr const char* about =
    "TLS 1.3 and 1.2, HTTPS and certificates, from the command line.\n"
    "`bulla VERB --help` shows a verb's options and examples.";

constexpr const char* examples =
    "Exit status: 0 done, 1 the network or the peer failed, 2 usage, 3 a certificate was not accepted.\n"
    "\n"
    "Examples:\n"
    "  bulla demo                                  a whole HTTPS round trip on this machine, explained\n"
    "  bulla serve public                          serve a folder at https://localhost:8443/\n"
    "  bulla get -v https://example.com/           fetch a page and follow the handshake\n"
    "  bulla listen localhost:4433                 a TLS end for standard input and output\n"
    "  bulla connect localhost:4433 --insecure     and the other one\n"
    "  bulla cert new localhost                    a key and a self-signed certificate\n";

}  // namespace

int run_program(int argc, char** argv) {
  // A peer or a pipe that goes away is an error of a write, not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App program(about, "bulla");
  program.require_subcommand(1);
  program.set_version_flag("--version", "bulla " BULLA_VERSION, "Print the version");
  program.footer(examples);
  ExitStatus status = ExitStatus::done;
  add_demo_command(program, status);
  add_serve_command(program, status);
  add_get_command(program, status);
  add_connect_command(program, status);
  add_listen_command(program, status);
  add_cert_commands(program, status);
  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help and version are no errors.
    return program.exit(error) == 0 ? 0 : static_cast<int>(ExitStatus::usage);
  } catch (const std::exception& error) {
    say(in_red("bulla: ") + std::string("this should not happen: ") + error.what());
    return static_cast<int>(ExitStatus::failed);
  }
  return static_cast<int>(status);
}

}  // namespace bulla::cli
