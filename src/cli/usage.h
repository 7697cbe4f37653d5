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

/// Says what is wrong with the arguments, what may have been meant, and where the help is.
ExitStatus report_arguments(const CLI::App& program, const CLI::ParseError& error);

/// The one of `known` that `word` was probably meant to be; empty where none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& known);

}  // namespace bulla::cli
