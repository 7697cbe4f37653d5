// What a full handshake costs a server that many connect to at once.
#pragma once

#include <bulla/https_server.h>

#include <string>

namespace bulla::bench {

/// Microseconds of CPU time, the system's included, that one full TLS 1.3 handshake (X25519) costs the
/// process of a net::HttpsServer with one event loop. The clients live in a process of their own: 64 of them
/// say hello at once, finish, hang up, and begin again. Negative where that could not be done.
double loaded_handshake_microseconds(const std::string& data_dir, const std::string& identity,
                                     net::Batching batching);

}  // namespace bulla::bench
