// From flags to the library's configs.
#pragma once

#include "bogo/flags.h"
#include "bogo/observer.h"
#include "bogo/session_memory.h"
#include "bogo/verifier.h"

#include <bulla/connection.h>

namespace bulla::bogo {

/// A connection ready to start, and the services that answer its operations.
struct Prepared {
  Connection connection;
  const Services* services;  ///< of the config, which the connection keeps alive
};

/// Error: a flag's value that the library does not support (bad_config, key_unsupported …).
Result<Prepared> prepare(const Flags& flags, ClockOffset offset, const Memory& memory,
                         const std::shared_ptr<Observer>& observer);

/// What a configured server or client is missing to be tested at all is not a failure of the library.
bool means_not_implemented(ErrorCode code) noexcept;

}  // namespace bulla::bogo
