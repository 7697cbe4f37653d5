// What the program ends with. Stable: scripts depend on it.
#pragma once

#include <bulla/error.h>

namespace bulla::cli {

enum class ExitStatus : int {
  done = 0,          ///< also for an HTTP status of 400 and more, unless --fail was given
  failed = 1,        ///< the network, the peer or the system
  usage = 2,         ///< arguments, or files named by them, that cannot work
  certificate = 3,   ///< a certificate was not accepted: the peer's by us, or ours by the peer
  expires_soon = 4,  ///< `cert check`: nothing else is wrong
};

/// The status for an error that came up while the verb was at work.
ExitStatus status_of(const Error& error) noexcept;
/// Prints the whole explanation on standard error and returns status_of(error).
ExitStatus report(const Error& error);
/// The same for an error in what the user gave: always ExitStatus::usage.
ExitStatus report_usage(const Error& error);

}  // namespace bulla::cli
