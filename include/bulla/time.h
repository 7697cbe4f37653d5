// Time as the engine sees it: always an argument, never read from a clock inside the library's core.
#pragma once

#include <chrono>

namespace bulla {

/// Milliseconds since 1970-01-01T00:00:00Z (UTC, as std::chrono::system_clock counts).
using Time = std::chrono::sys_time<std::chrono::milliseconds>;
using Milliseconds = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;

}  // namespace bulla
