// The downgrade sentinel, RFC 9846 §4.2.3: a server that knows TLS 1.3 but negotiates 1.2 says so in its
// random.
#pragma once

#include "tls/context.h"

namespace bulla::tls {

/// For a ServerHello of TLS 1.2: writes the sentinel into the last eight bytes if this server also
/// speaks 1.3.
void add_downgrade_sentinel(HelloRandom& server_random, const CommonOptions& options) noexcept;
/// For a client: whether a ServerHello of TLS 1.2 carries a sentinel although we offered 1.3.
bool has_downgrade_sentinel(Bytes server_random, const CommonOptions& options) noexcept;

}  // namespace bulla::tls
