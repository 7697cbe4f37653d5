// The verifier of the shim: real path building to -trust-cert, and what the flags want on top.
#pragma once

#include "bogo/flags.h"
#include "bogo/observer.h"

#include <bulla/certificate.h>

namespace bulla::bogo {

/// How far the shim's clock is ahead of the real one (-resumption-delay); the runner's certificates live for
/// two hours only, so chains are checked at the real time.
using ClockOffset = Milliseconds;

/// `observer` must live as long as the verifier. Error: what the root file is lacking.
Result<VerifierPtr> make_verifier(const Flags& flags, ClockOffset offset, Observer& observer);

}  // namespace bulla::bogo
