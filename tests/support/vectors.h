// Test data that lives outside the tree (wycheproof, NIST, ...). Its folder is named by the environment
// variable BULLA_VECTORS, or lies at ../shared/vectors beside the source root. Without it, tests skip and
// name the missing set.
#pragma once

#include <bulla/bytes.h>

#include <boost/json/value.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bulla::test {

/// The folder, if it exists.
std::optional<std::filesystem::path> vectors_dir();

/// The content of a file below vectors_dir(): `relative`, or `relative` + ".gz" unpacked. Nothing if absent.
std::optional<std::string> read_text(std::string_view relative);
/// The same, parsed as JSON; a file that is there but is no JSON fails the running test.
std::optional<boost::json::value> load_json(std::string_view relative);

/// Hexadecimal of either case; white space is skipped. Anything else fails the running test.
std::vector<uint8_t> from_hex(std::string_view hex);

/// A run of `key = value` (or `key: value`) lines between blank lines, as NIST, BoringSSL and OpenSSL write
/// them.
struct Block {
  std::string section;                                        ///< the last [line] without '='
  std::vector<std::pair<std::string, std::string>> settings;  ///< the [key = value] lines that hold here
  std::vector<std::pair<std::string, std::string>> values;

  bool has(std::string_view key) const;
  /// The value of the first such line; empty if there is none.
  std::string_view text(std::string_view key) const;
  /// The value as bytes: hexadecimal, or a text in double quotes.
  std::vector<uint8_t> bytes(std::string_view key) const;
  /// The value as a big-endian number: an odd count of digits gets a zero in front.
  std::vector<uint8_t> number(std::string_view key) const;
  std::string_view setting(std::string_view key) const;
};
/// The blocks of a text; lines that start with # are comments.
std::vector<Block> parse_blocks(std::string_view text);

/// Prints how many cases of a set ran: "[ vectors  ] wycheproof/x.json: 66 cases".
void report_cases(std::string_view set, size_t cases);

}  // namespace bulla::test

/// Skips the running test when `optional` (the answer of read_text or load_json) is empty, naming the missing
/// set.
#define BULLA_NEED_VECTORS(optional, set) \
  if (!(optional)) GTEST_SKIP() << "missing test data: " << (set) << " (set BULLA_VECTORS to its folder)"
