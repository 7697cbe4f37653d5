// The verbs of the program, one file each. Each function adds its verb to the program; when the user chose
// that verb, `status` receives what it ended with.
#pragma once

#include "cli/exit_status.h"

namespace CLI {
class App;
}

namespace bulla::cli {

void add_demo_command(CLI::App& program, ExitStatus& status);
void add_serve_command(CLI::App& program, ExitStatus& status);
void add_get_command(CLI::App& program, ExitStatus& status);
void add_connect_command(CLI::App& program, ExitStatus& status);
void add_listen_command(CLI::App& program, ExitStatus& status);
void add_zoo_commands(CLI::App& program, ExitStatus& status);

/// The whole program: parses the arguments, runs the verb, returns the exit status.
int run_program(int argc, char** argv);

}  // namespace bulla::cli
