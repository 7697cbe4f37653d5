// Pkcs12::open with other bounds: fuzzing wants cheap files only.
#pragma once

#include "pki/means.h"
#include "x509/private_key.h"

#include <bulla/pkcs12.h>

namespace bulla::pki {

/// `limits.pbkdf2_iterations` bounds all derivations of the file together.
Result<Pkcs12> open_pkcs12(Bytes file, std::string_view passphrase, const Pkcs12Choice& choice,
                           const Means& means, const x509::KeyFileLimits& limits);

}  // namespace bulla::pki
