// How the program explains itself: the form of --help, and what is said of arguments that make no sense.
#pragma once

#include "cli/exit_status.h"

#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class ParseError;
}  // namespace CLI

namespace bulla::cli {

/// The form of --help for this program and the verbs that are added to it from now on.
void use_help_format(CLI::App& program);

/// Two rules for the options of the program and its verbs, to be called when all are there:
/// - Each takes one value each time that it is given. CLI11's default lets one that may be repeated take all
///   words behind it: the folder of `serve --name NAME DIR` would become a name, and another would be served.
/// - No value is empty, but for --text and --data: with a variable that is not set, `--client-ca "$CA"` would
///   serve everybody, and `--passphrase-file "$FILE"` would write a key in the clear.
void make_options_strict(CLI::App& program);

/// Says what is wrong with the arguments, what may have been meant, and where the help is.
ExitStatus report_arguments(const CLI::App& program, const CLI::ParseError& error);

/// The one of `known` that `word` was probably meant to be; empty where none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace bulla::cli
