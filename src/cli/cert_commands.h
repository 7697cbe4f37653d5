// bulla cert: keys, certificates, requests.
#pragma once

#include "cli/exit_status.h"

namespace CLI {
class App;
}

namespace bulla::cli {

/// Adds `cert` with its verbs.
void add_cert_commands(CLI::App& program, ExitStatus& status);

void add_cert_new_command(CLI::App& cert, ExitStatus& status);
void add_cert_csr_command(CLI::App& cert, ExitStatus& status);
void add_cert_sign_command(CLI::App& cert, ExitStatus& status);
void add_cert_show_command(CLI::App& cert, ExitStatus& status);
void add_cert_verify_command(CLI::App& cert, ExitStatus& status);
void add_cert_convert_command(CLI::App& cert, ExitStatus& status);
void add_cert_bundle_command(CLI::App& cert, ExitStatus& status);
void add_cert_check_command(CLI::App& cert, ExitStatus& status);

}  // namespace bulla::cli
