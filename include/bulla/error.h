// Errors that explain: what happened, whose fault it is, where the rule stands, what to do next.
#pragma once

#include <bulla/tls_types.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace bulla {

/// Whose fault an error is: the first thing that a person wants to know.
enum class Fault : uint8_t {
  peer_sent_garbage,    ///< bytes that no implementation should send
  peer_broke_protocol,  ///< well-formed, but against the rules
  peer_incompatible,    ///< legal, but nothing in common with us
  certificate,          ///< a certificate, key or chain was not acceptable
  transport,            ///< the network, the file system, time ran out
  api_misuse,           ///< the calling program asked for something that makes no sense
  internal,             ///< our own bug or an exhausted resource
};

/// One value for each row of errors.def.
enum class ErrorCode : uint16_t {
#define BULLA_ERROR(name, fault, alert, section, sentence, remedy) name,
#include <bulla/errors.def>
#undef BULLA_ERROR
};

/// The fixed part of an error: a row of errors.def. The texts are static.
struct ErrorRow {
  std::string_view name;      ///< the code as a word: "certificate_expired"
  Fault fault;                ///< who has to act
  AlertDescription alert;     ///< what the peer is told; close_notify means: no fatal alert is sent
  std::string_view section;   ///< "RFC 9846 §4.2.3"; empty where no RFC rules it
  std::string_view sentence;  ///< what happened, for a person
  std::string_view remedy;    ///< what to do next
};

/// The row of a code; static.
const ErrorRow& row_of(ErrorCode code) noexcept;
/// All rows in the order of errors.def, which is that of ErrorCode; `count` receives how many. Static.
const ErrorRow* all_error_rows(size_t& count) noexcept;
/// "the peer broke the protocol" and so on.
std::string_view describe(Fault fault) noexcept;

/// An error with its evidence. Copyable, printable, never holds a secret.
struct Error {
  ErrorCode code;  ///< which row of errors.def
  /// The evidence: which certificate, which name, which value, expected and found. May be empty.
  std::string detail = {};
  /// A better next step than the row's, when the evidence allows one (a command to type). May be empty.
  std::string remedy = {};
  /// The alert the peer sent, where code is peer_sent_alert; or one chosen by an application's verifier.
  std::optional<AlertDescription> alert = {};

  /// What errors.def says of `code`: fault, section, sentence, remedy.
  const ErrorRow& row() const noexcept { return row_of(code); }
  /// The alert that the peer is told: `alert` where an application's verifier set it, else the row's.
  /// close_notify: none.
  AlertDescription alert_to_send() const noexcept;
  /// What to do next: `remedy`, or else the row's. As long as this object is.
  std::string_view next_step() const noexcept;
  /// One line: sentence, evidence.
  std::string message() const;
  /// Several lines without a final line feed: sentence and evidence, then code, fault, section, and what to
  /// do next.
  std::string explain() const;
  /// The same as a JSON object on one line: error, fault, section, message, detail, remedy, all of them
  /// strings.
  std::string to_json() const;
};

/// What Result::value() throws for callers who like exceptions.
class BadResult : public std::runtime_error {
 public:
  /// what() is error.explain().
  explicit BadResult(Error error);
  /// The error as a value; lives as long as the exception.
  const Error& error() const noexcept { return error_; }

 private:
  Error error_;
};

/// `text` as the inside of a JSON string: quotes, backslashes and control characters escaped, and whatever is
/// not UTF-8 replaced.
std::string json_escaped(std::string_view text);
/// `text` safe for a terminal or a log line: control characters and non-UTF-8 as \xNN.
std::string printable(std::string_view text);

}  // namespace bulla
