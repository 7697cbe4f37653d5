// Standard output and standard error: whole lines in one write each, colour on a terminal only.
#pragma once

#include <bulla/result.h>

#include <bulla/bytes.h>

#include <string>
#include <string_view>

namespace bulla::cli {

/// Writes all of it. Error file_not_writable, naming `path`.
Result<void> write_all(int descriptor, Bytes bytes, std::string_view path);
/// All of `bytes` to standard output.
Result<void> write_out(Bytes bytes);

/// Lines for a person: `text` and a line end to standard error. Safe in several threads.
void say(std::string_view text);
/// A line of the program's product: `text` and a line end to standard output. Whether it went wrong is kept
/// for output_failed(). Safe in several threads.
void print_line(std::string_view text);
/// Whether a line could not be printed: a full disk, say. A reader that went away had enough, and is no
/// error.
bool output_failed() noexcept;

/// Whether a person looks at standard error.
bool stderr_is_terminal() noexcept;
/// Whether what is printed goes to a terminal, which would obey control characters in it.
bool stdout_is_terminal() noexcept;
/// Whether what is printed may be coloured: on a terminal that has colours, unless NO_COLOR is set.
bool stdout_has_colour() noexcept;
/// For standard error; as it is where that is no terminal or NO_COLOR is set.
std::string in_red(std::string_view text);
std::string in_green(std::string_view text);

/// Says in red that the peer may be anybody: what --insecure costs.
void warn_insecure();

}  // namespace bulla::cli
