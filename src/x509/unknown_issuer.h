// What to say where nobody has a certificate of an issuer.
#pragma once

#include "x509/checks.h"

namespace bulla::x509 {

/// The failure of the last certificate of a path: likely cause and remedy.
Error unknown_issuer(const Certificate& last, Position position, const VerifyRequest& request);

}  // namespace bulla::x509
