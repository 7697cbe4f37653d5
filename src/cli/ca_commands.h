// bulla ca: a CA that keeps records.
#pragma once

#include "cli/exit_status.h"

namespace CLI {
class App;
}

namespace bulla::cli {

/// Adds `ca` with its verbs init, issue, sign, renew, list, show, revoke, crl, ocsp and trust.
void add_ca_commands(CLI::App& program, ExitStatus& status);

void add_ca_init_command(CLI::App& ca, ExitStatus& status);
void add_ca_issue_command(CLI::App& ca, ExitStatus& status);
void add_ca_sign_command(CLI::App& ca, ExitStatus& status);
void add_ca_renew_command(CLI::App& ca, ExitStatus& status);
void add_ca_list_command(CLI::App& ca, ExitStatus& status);
void add_ca_show_command(CLI::App& ca, ExitStatus& status);
void add_ca_revoke_command(CLI::App& ca, ExitStatus& status);
void add_ca_crl_command(CLI::App& ca, ExitStatus& status);
void add_ca_ocsp_command(CLI::App& ca, ExitStatus& status);
void add_ca_trust_commands(CLI::App& ca, ExitStatus& status);

}  // namespace bulla::cli
