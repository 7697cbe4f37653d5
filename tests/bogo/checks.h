// What the flags expect of a connection, and what the reference shim checks without being asked. A test that
// only saw "it worked" would pass without them for many wrong reasons.
#pragma once

#include "bogo/flags.h"
#include "bogo/observer.h"

#include <bulla/connection.h>

namespace bulla::bogo {

/// What belongs to one connection besides its facts.
struct Seen {
  const Observer& observer;
  bool first;             ///< of the test's connections
  unsigned new_sessions;  ///< that the client got (all of the connection)
  unsigned cached;        ///< sessions that the server put in its cache
};

/// Right after the handshake. The message of the first check that fails.
std::optional<std::string> check_handshake(const Flags& flags, const ConnectionInfo& info, const Seen& seen);
/// After the connection has been used.
std::optional<std::string> check_end(const Flags& flags, const ConnectionInfo& info, const Seen& seen);

}  // namespace bulla::bogo
