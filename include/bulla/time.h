// Time as the engine sees it: always an argument, never read from a clock inside the library's core.
#pragma once

#include <chrono>

namespace bulla {

/// Milliseconds since 1970-01-01T00:00:00Z (UTC, as std::chrono::system_clock counts).
using Time = std::chrono::sys_time<std::chrono::milliseconds>;
/// How long something takes or may take; what zero means stands at each use.
using Milliseconds = std::chrono::milliseconds;
/// The same where seconds are fine enough: lifetimes, rotation.
using Seconds = std::chrono::seconds;

}  // namespace bulla
