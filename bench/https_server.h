// What an idle connection of the whole HTTPS server costs.
#pragma once

#include <string>

namespace bulla::bench {

/// Bytes of heap that one idle keep-alive connection of net::HttpsServer holds after a request: TLS, HTTP,
/// socket and all. The clients live in a process of their own. Negative where that could not be made.
double https_idle_bytes(const std::string& data_dir, const std::string& identity);

}  // namespace bulla::bench
