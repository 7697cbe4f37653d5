#include "cli/ca_commands.h"
#include "cli/cert_commands.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "cli/usage.h"

#include <CLI/CLI.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>
#include <string>
#include <vector>

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
    "  bulla cert new localhost                    a key and a self-signed certificate\n"
    "  bulla ca issue www.example.com              a key and a certificate of your own CA, recorded\n";

/// A caller may have closed standard input, output or error. Whatever is opened next would get that number:
/// a socket would be read as standard input, or receive in clear what is meant for standard output. An input
/// that is not there has ended; an output that is not there refuses to be written (opened for reading only).
void occupy_standard_descriptors() {
  for (int number = STDIN_FILENO; number <= STDERR_FILENO; ++number)
    while (::fcntl(number, F_GETFD) < 0 && ::open("/dev/null", O_RDONLY) >= 0) {
    }
}

/// The program's arguments; `bulla help VERB` is `bulla VERB --help`, as people are used to.
std::vector<std::string> words_of(int argc, char** argv) {
  std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
  if (words.empty() || words.front() != "help") return words;
  words.erase(words.begin());
  words.emplace_back("--help");
  return words;
}

}  // namespace

int run_program(int argc, char** argv) {
  occupy_standard_descriptors();
  // A peer or a pipe that goes away is an error of a write, not the end of the program.
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App program(about, "bulla");
  use_help_format(program);
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
  add_zoo_commands(program, status);
  add_ca_commands(program, status);
  for (CLI::App* verb : program.get_subcommands([](const CLI::App*) { return true; })) verb->group("Verbs");
  make_options_strict(program);
  try {
    std::vector<std::string> words = words_of(argc, argv);
    std::reverse(words.begin(), words.end());  // as the parser wants them
    program.parse(std::move(words));
  } catch (const CLI::Success& help_or_version) {
    return program.exit(help_or_version);
  } catch (const CLI::ParseError& error) {
    return static_cast<int>(report_arguments(program, error));
  } catch (const std::exception& error) {
    say(in_red("bulla: ") + std::string("this should not happen: ") + error.what());
    return static_cast<int>(ExitStatus::failed);
  }
  if (status == ExitStatus::done && output_failed())
    status = report({ErrorCode::file_not_writable, "standard output"});
  return static_cast<int>(status);
}

}  // namespace bulla::cli
