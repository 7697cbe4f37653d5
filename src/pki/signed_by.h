// Whether one certificate signed another.
#pragma once

#include <bulla/certificate.h>

namespace bulla::pki {

/// `ca` has the name of the issuer, and its key made the signature. Nothing is said of dates and constraints.
bool is_signed_by(const Certificate& certificate, const Certificate& ca, const Provider& provider);

}  // namespace bulla::pki
