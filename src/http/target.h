// The target of a request line in its four forms (RFC 9112 §3.2).
#pragma once

#include <bulla/http.h>

namespace bulla::http {

/// Fills path, raw_path, query and, where the target has it, host from method and target. Error:
/// http_bad_target.
Result<void> split_target(Request& request);

}  // namespace bulla::http
